"""The sheet of case flags to fill in, as a workbook: one row a flag, filled with those in force."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

COLUMNS = ("Child ID", "Flag", "Date", "End date", "Sibling group", "Officer", "Reason")
_WIDTHS = (16, 36, 12, 12, 16, 26, 50)


@dataclass(frozen=True)
class FlagRow:
    """One flag as a row of the sheet."""

    child_ref: str
    kind: str
    starts_on: date
    ends_on: date | None
    group: str
    officer: str
    reason: str


def flags_workbook(rows: Iterable[FlagRow], kinds: Sequence[tuple[str, str]]) -> bytes:
    """A workbook with one tab to fill in and one that explains. `kinds`: labels, and what each needs beside."""
    import xlsxwriter

    kept = io.BytesIO()
    with xlsxwriter.Workbook(
        kept, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet("Flags")
        for place, (words, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True)):
            sheet.set_column(place, place, width, day if place in (2, 3) else text)
            sheet.write_string(0, place, words, bold)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=1):
            words_by_place = {0: row.child_ref, 1: row.kind, 4: row.group, 5: row.officer, 6: row.reason}
            for place, words in words_by_place.items():
                if words:
                    sheet.write_string(number, place, words, text)
            sheet.write_datetime(number, 2, row.starts_on, day)
            if row.ends_on is not None:
                sheet.write_datetime(number, 3, row.ends_on, day)
        if kinds:
            sheet.data_validation(1, 1, 5000, 1, {"validate": "list", "source": "=Kinds!$A$2:$A$" + str(len(kinds) + 1), "error_type": "warning", "error_title": "A kind of your own?", "error_message": "It is not on the tab Kinds. You may keep it: you are asked about it when the sheet is read."})  # fmt: skip  # noqa: E501
        notes = book.add_worksheet("Kinds")
        notes.set_column(0, 0, 40)
        notes.set_column(1, 1, 60)
        notes.write_string(0, 0, "Kinds you can use", bold)
        notes.write_string(0, 1, "What it needs", bold)
        for number, (label, needs) in enumerate(kinds, start=1):
            notes.write_string(number, 0, label)
            notes.write_string(number, 1, needs)
    return kept.getvalue()
