"""Reads a sheet of case flags: child, flag, date, and what else it says, by heading."""

from dataclasses import dataclass
from datetime import date

from qa_app.domain.case_flags import LONGEST_LABEL, LONGEST_REASON, LONGEST_VALUE, ReadFlag
from qa_app.domain.errors import Invalid
from qa_app.domain.sheets import SheetFault
from qa_app.exchange.small_sheets import Table, TableRow, day_of, read_tables, text_of
from qa_app.exchange.uploads import UploadedFile

LONGEST_REF = 80
HEADINGS = {
    "child": (
        "child id", "child ref", "child reference", "child unique id", "unique child id", "child's id",
        "case number", "case id", "case ref", "case reference", "person id", "system id", "client id",
        "lcs id", "mosaic id", "eclipse id", "id", "reference", "ref",
    ),
    "flag": ("kind", "kind of flag", "flag type", "type", "flag name", "alert", "marker", "category"),
    "start": (
        "date", "start date", "from", "since", "flag date", "date from", "starts", "starts on", "start",
        "date started", "date opened", "opened", "opened on", "date of flag",
    ),
    "end": ("end date", "to", "until", "date to", "ends", "ends on", "end", "date ended", "closed on", "date closed"),
    "value": (
        "group", "sibling group", "sibling group id", "family group", "family id", "detail", "details", "says",
    ),
    "officer": (
        "reviewing officer", "iro", "iro name", "independent reviewing officer", "conference chair", "chair",
        "cp chair", "chair name", "officer", "officer name", "name of officer", "person",
    ),
    "reason": ("why", "note", "notes", "comment", "comments", "reason for flag"),
}  # fmt: skip


@dataclass(frozen=True)
class FlagSheet:
    """What a sheet of flags says, what could not be taken, and headings that were not read."""

    flags: tuple[ReadFlag, ...]
    faults: tuple[SheetFault, ...]
    unused: tuple[str, ...]
    n_rows: int


def read_flags(file: UploadedFile, kind: str = "") -> FlagSheet:
    """Every flag of a sheet. `kind` is the flag of a sheet that has no column for it, such as open complaints.

    Errors: Invalid for a file that is no spreadsheet or CSV, and for one without the columns that are needed.
    """
    tables = [table for table in read_tables(file, HEADINGS) if not table.is_hidden]
    usable = [table for table in tables if "child" in table.fields and ("flag" in table.fields or kind)]
    if not usable:
        raise Invalid("file", _what_is_missing(file, tables))
    flags: list[ReadFlag] = []
    faults: list[SheetFault] = []
    for table in usable:
        for row in table.rows:
            flag = _flag(table, row, kind, faults)
            if flag is not None:
                flags.append(flag)
    for table in tables:
        if table not in usable and table.rows:
            faults.append(SheetFault(tab=table.tab, row=None, column=None, what=_LEFT_TAB))
    unused = tuple(dict.fromkeys(words for table in usable for words in table.unused))
    return FlagSheet(tuple(flags), tuple(faults), unused, sum(len(table.rows) for table in usable))


_LEFT_TAB = "This tab was left out: it has no columns for the child and the flag."


def _what_is_missing(file: UploadedFile, tables: list[Table]) -> str:
    best = max(tables, key=lambda table: len(table.fields), default=None)
    if best is None:
        return f"{file.name} holds no rows. Fill in the template and send that."
    if "child" not in best.fields:
        return (
            f"{file.name} has no column for the child. Name one column “Child ID”, as in the template, and send "
            "it again."
        )
    return (
        f"{file.name} has no column that says which flag it is. Name one column “Flag”, as in the template; or "
        "choose the flag beside the file if all its rows are of one kind."
    )


def _flag(table: Table, row: TableRow, kind: str, faults: list[SheetFault]) -> ReadFlag | None:
    """One row as a flag, or none with the reasons among the faults."""
    noted = len(faults)

    def fault(field: str, what: str) -> None:
        faults.append(SheetFault(tab=table.tab, row=row.number, column=table.letters.get(field), what=what))

    child = text_of(row.cells.get("child"))
    words = text_of(row.cells.get("flag")) or kind
    officer = text_of(row.cells.get("officer"))
    value = officer or text_of(row.cells.get("value"))
    reason = text_of(row.cells.get("reason"))
    if not child:
        fault("child", "There is no child's reference, so the row was left out.")
    elif len(child) > LONGEST_REF:
        fault("child", f"A child's reference has at most {LONGEST_REF} characters. The row was left out.")
    if not words:
        fault("flag", "It does not say which flag it is, so the row was left out.")
    elif len(words) > LONGEST_LABEL:
        fault("flag", f"The name of a flag has at most {LONGEST_LABEL} characters. The row was left out.")
    if len(value) > LONGEST_VALUE:
        fault(
            "officer" if officer else "value",
            f"This may have {LONGEST_VALUE} characters at most. The row was left out.",
        )
    if len(reason) > LONGEST_REASON:
        fault("reason", f"The reason is longer than {LONGEST_REASON} characters. The row was left out.")
    days: dict[str, date | None] = {}
    for name in ("start", "end"):
        try:
            days[name] = day_of(row.cells.get(name))
        except ValueError:
            said = text_of(row.cells.get(name))[:40]
            fault(name, f"“{said}” is no date. Write it like 30/10/2026. The row was left out.")
    start, end = days.get("start"), days.get("end")
    if start and end and end < start:
        fault("end", "It ends before it starts. The row was left out.")
    if len(faults) > noted:
        return None
    return ReadFlag(
        tab=table.tab, row=row.number, child_ref=child, kind=words, value=value, starts_on=start, ends_on=end,
        reason=reason,
    )  # fmt: skip
