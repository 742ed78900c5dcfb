"""Read an improvement plan from a council's workbook or CSV: every action, and every doubt about it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import PurePath

from qa_app.domain.plan_records import PlanActionRecord, PlanDocument, PlanMapping
from qa_app.domain.plan_rules import (
    declared_rating,
    parts_of,
    priority_of_ref,
    priority_title,
    unique_refs,
)
from qa_app.domain.timescales import Timescale, read_timescale
from qa_app.exchange.plans.headings import (
    Columns,
    field_of,
    match_columns,
    plain_heading,
)
from qa_app.exchange.plans.refusals import ROWS_SEARCHED, missing_columns, no_actions, no_headings
from qa_app.exchange.plans.tables import Cell, Sheet, cell_text, days_shown, read_sheets
from qa_app.exchange.uploads import UploadedFile

LONGEST_REF = 32
LONGEST_PRIORITY = 40
"""Units: characters. What is longer is no number of an action or priority, and is shortened."""
_URGENCIES = {"high", "medium", "low", "h", "m", "l", "urgent"}
_DATE_LIKE_REF = re.compile(r"(\d{1,2})/(\d{1,2})/(?:20)?(\d\d)")


@dataclass
class _Reading:
    """What has been gathered from the document so far."""

    actions: list[PlanActionRecord] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    n_rows_read: int = 0
    n_rows_skipped: int = 0
    under_priority: str = ""


def read_plan(file: UploadedFile, as_at: date, mapping: PlanMapping | None = None) -> PlanDocument:
    """Read a whole plan, or refuse it whole; columns are matched by heading, never by position.

    Errors: `Invalid("file", ...)` when the file cannot be opened, has no row of headings, lacks a needed
    column or holds no action: what, in which tab and row, and what to do.
    """
    mapping = mapping or PlanMapping()
    sheets = read_sheets(file, _n_fields)
    tables = [
        (sheet, columns) for sheet in sheets if not sheet.is_hidden and (columns := _table(sheet, mapping))
    ]
    if not tables:
        raise no_headings(file, sheets)
    whole = [(sheet, columns) for sheet, columns in tables if not columns.missing(mapping)]
    if not whole:
        sheet, columns = max(tables, key=lambda table: len(table[1].positions))
        raise missing_columns(file, sheet, columns, mapping)
    reading = _Reading()
    for sheet, columns in whole:
        _read_table(file, sheet, columns, mapping, reading)
    if not reading.actions:
        sheet, columns = whole[0]
        raise no_actions(file, sheet, columns)
    reading.doubts.extend(_doubts_about_tabs(sheets, whole))
    return PlanDocument(
        title=_title(file.name),
        as_at=as_at,
        actions=tuple(_finished(reading)),
        columns=_merged(columns.headings_by_field() for _, columns in whole),
        columns_not_used=tuple(dict.fromkeys(name for _, columns in whole for name in columns.not_used)),
        n_rows_read=reading.n_rows_read,
        n_rows_skipped=reading.n_rows_skipped,
        doubts=tuple(reading.doubts),
    )


def _title(file_name: str) -> str:
    """A plan is called as its file is: "improvement_plan_q2_2016.csv" is Improvement plan Q2 2016."""
    words = " ".join(PurePath(file_name).stem.replace("_", " ").split())
    words = re.sub(r"\bq([1-4])\b", r"Q\1", words) or "improvement plan"
    return words[:1].upper() + words[1:]


def _n_fields(row: Sequence[object]) -> int:
    return len({name for cell in row if (name := field_of(plain_heading(cell)))})


def _table(sheet: Sheet, mapping: PlanMapping) -> Columns | None:
    """The row of headings: the one that names most of our fields, and at least two."""
    candidates = [match_columns(at, row, mapping) for at, row in enumerate(sheet.rows[:ROWS_SEARCHED])]
    best = max(candidates, key=lambda columns: len(columns.positions), default=None)
    return best if best is not None and len(best.positions) >= 2 else None


def _read_table(
    file: UploadedFile, sheet: Sheet, columns: Columns, mapping: PlanMapping, reading: _Reading
) -> None:
    for row in sheet.rows[: columns.heading_row]:
        _read_title(row, reading)
    columns = _without_urgency(sheet, columns, reading)
    timescales = _timescales(file, sheet, columns)
    for at in range(columns.heading_row + 1, len(sheet.rows)):
        row = sheet.rows[at]
        if not any(cell_text(cell) for cell in row):
            continue
        reading.n_rows_read += 1
        record = _read_row(sheet, columns, at, timescales.get(at), mapping, reading)
        if record is None:
            reading.n_rows_skipped += 1
        else:
            reading.actions.append(record)


def _read_row(
    sheet: Sheet,
    columns: Columns,
    at: int,
    timescale: Timescale | None,
    mapping: PlanMapping,
    reading: _Reading,
) -> PlanActionRecord | None:
    row = sheet.rows[at]
    if _is_heading_again(row, columns) or _read_title(row, reading):
        return None
    text = _joined(row, columns, "text")
    written_ref = _cell(row, columns, "ref")
    filled = [cell_text(cell) for cell in row if cell_text(cell)]
    if not text or (len(filled) == 1 and not cell_text(written_ref)):
        place = sheet.place(at + 1)
        reading.doubts.append(
            f"{place[0].upper()}{place[1:]}: left out, as it holds no action (it begins “{filled[0][:60]}”)."
        )
        return None
    ref_as_written, ref, ref_doubts = _ref(written_ref)
    status_text = " ".join(_joined(row, columns, "status").split())
    rating, rating_doubt = declared_rating(status_text, mapping.ratings)
    priority, title, priority_doubts = _priority(row, columns, ref, reading)
    timescale = timescale or read_timescale("")
    doubts = [*ref_doubts, *priority_doubts, *timescale.doubts, *([rating_doubt] if rating_doubt else [])]
    if not status_text and "status" in columns.positions:
        doubts.append("The status is blank: the action has no rating.")
    strategic, operational = _leads(row, columns)
    return PlanActionRecord(
        ref=ref,
        ref_as_written=ref_as_written,
        priority=priority,
        priority_title=title,
        text=text,
        parts=parts_of(text),
        recommendation=_joined(row, columns, "recommendation") or None,
        strategic_lead=strategic,
        operational_lead=operational,
        agencies=_joined(row, columns, "agencies") or None,
        timescale=timescale,
        success_measure=_joined(row, columns, "success_measure") or None,
        status_text=status_text,
        declared_rating=rating,
        progress=_joined(row, columns, "progress") or None,
        evidence=_joined(row, columns, "evidence") or None,
        doubts=tuple(doubts),
        sheet=sheet.name,
        row=at + 1,
    )


def _read_title(row: Sequence[Cell], reading: _Reading) -> bool:
    """Take up a row that only says "Priority 4 - Safeguarding": it names the priority of the rows below."""
    texts = {text for cell in row if (text := cell_text(cell))}
    titled = priority_title(texts.pop()) if len(texts) == 1 else None
    if titled is None:
        return False
    reading.under_priority, title = titled
    if title:
        reading.titles[reading.under_priority] = title
    return True


def _is_heading_again(row: Sequence[Cell], columns: Columns) -> bool:
    positions = [at for taken in columns.positions.values() for at in taken]
    same = sum(
        at < len(row) and plain_heading(row[at]) == plain_heading(columns.headings[at]) for at in positions
    )
    return same >= max(2, len(positions) // 2)


def _without_urgency(sheet: Sheet, columns: Columns, reading: _Reading) -> Columns:
    """A "Priority" column that says high, medium, low is an urgency, not the plan's priority."""
    if "priority" not in columns.positions:
        return columns
    values = {
        _joined(row, columns, "priority").lower()
        for row in sheet.rows[columns.heading_row + 1 :]
        if not _is_heading_again(row, columns)
    } - {""}
    if not values or not values <= _URGENCIES:
        return columns
    heading = columns.headings[columns.positions["priority"][0]]
    reading.doubts.append(
        f"The column “{heading}” says how urgent an action is: the plan's priorities are taken from the "
        "actions' numbers."
    )
    rest = {name: at for name, at in columns.positions.items() if name != "priority"}
    return replace(columns, positions=rest, not_used=(*columns.not_used, heading))


def _timescales(file: UploadedFile, sheet: Sheet, columns: Columns) -> dict[int, Timescale]:
    """Timescale of each row; for date cells the workbook is asked whether they show a day."""
    positions = columns.positions.get("timescale", ())
    if not positions:
        return {}
    cells: dict[int, Cell] = {}
    dated: list[tuple[int, int]] = []
    where: dict[int, int] = {}
    for at in range(columns.heading_row + 1, len(sheet.rows)):
        row = sheet.rows[at]
        for column in positions:
            if column < len(row) and cell_text(row[column]):
                cells[at], where[at] = row[column], column
                if isinstance(row[column], datetime | date):
                    dated.append((at, column))
                break
    shown = days_shown(file, sheet, dated)
    return {at: read_timescale(cell, shows_day=shown.get((at, where[at]))) for at, cell in cells.items()}


def _ref(cell: Cell) -> tuple[str, str, list[str]]:
    """The reference as written, as used, and doubts: workbooks turn 2.1.2 into a date and 1.10 into 1.1."""
    written = " ".join(cell_text(cell).split())
    if not written:
        return "", "", ["The action has no number: one was made for it."]
    if len(written) > LONGEST_REF:
        short = written[:LONGEST_REF].strip()
        return written, short, [f"The number is {len(written)} characters long: shortened to {short}."]
    as_date = _DATE_LIKE_REF.fullmatch(written)
    if as_date:
        ref = ".".join(str(int(piece)) for piece in as_date.groups())
        return written, ref, [f"The number stands as the date {written}: read as {ref}."]
    if isinstance(cell, float) and not cell.is_integer():
        return (
            written,
            written,
            ["The number is a decimal in the workbook: 1.10 and 1.1 look the same there."],
        )
    return written, written.rstrip(".") or written, []


def _priority(
    row: Sequence[Cell], columns: Columns, ref: str, reading: _Reading
) -> tuple[str, str | None, list[str]]:
    written = " ".join(_joined(row, columns, "priority").split())
    titled = priority_title(written)
    if titled is not None:
        priority, title = titled
        if title:
            reading.titles.setdefault(priority, title)
    elif written:
        priority = written
    else:
        priority = reading.under_priority or priority_of_ref(ref)
    from_ref = priority_of_ref(ref)
    doubts = []
    if len(priority) > LONGEST_PRIORITY:
        reading.titles.setdefault(priority[:LONGEST_PRIORITY], priority)
        priority = priority[:LONGEST_PRIORITY]
    if priority.isdigit() and "." in ref and from_ref and int(priority) != int(from_ref):
        doubts.append(f"The number {ref} stands under priority {priority}.")
    if not priority:
        doubts.append("The action stands under no priority.")
    return priority, reading.titles.get(priority), doubts


def _leads(row: Sequence[Cell], columns: Columns) -> tuple[str | None, str | None]:
    """Strategic and operational lead; a single column of leads names the strategic one."""
    strategic = _joined(row, columns, "strategic_lead")
    operational = _joined(row, columns, "operational_lead")
    lead = _joined(row, columns, "lead")
    if "strategic_lead" in columns.positions:
        operational = "; ".join(name for name in (operational, lead) if name)
    else:
        strategic = lead
    return strategic or None, operational or None


def _finished(reading: _Reading) -> list[PlanActionRecord]:
    """The actions with references made unique and the titles of their priorities."""
    refs: list[str] = []
    n_unnumbered = 0
    for action in reading.actions:
        if not action.ref:
            n_unnumbered += 1
        refs.append(action.ref or f"unnumbered {n_unnumbered}")
    finished = []
    for action, ref, unique in zip(reading.actions, refs, unique_refs(refs), strict=True):
        doubts = action.doubts
        if unique != ref:
            doubts = (f"The number {ref} stands more than once: this one is called {unique}.", *doubts)
        title = action.priority_title or reading.titles.get(action.priority)
        finished.append(replace(action, ref=unique, priority_title=title, doubts=doubts))
    return finished


def _cell(row: Sequence[Cell], columns: Columns, name: str) -> Cell:
    for at in columns.positions.get(name, ()):
        if at < len(row) and cell_text(row[at]):
            return row[at]
    return None


def _joined(row: Sequence[Cell], columns: Columns, name: str) -> str:
    """All that a row says under the headings of one field, one line each; the colour stands last."""
    texts = [cell_text(row[at]) for at in columns.positions.get(name, ()) if at < len(row)]
    texts = [text for text in texts if text]
    if name == "status":
        texts.sort(key=lambda text: len(text) == 1)
    return "\n".join(dict.fromkeys(texts))


def _merged(many: Iterable[Mapping[str, tuple[str, ...]]]) -> Mapping[str, tuple[str, ...]]:
    merged: dict[str, tuple[str, ...]] = {}
    for one in many:
        for name, headings in one.items():
            merged[name] = tuple(dict.fromkeys((*merged.get(name, ()), *headings)))
    return merged


def _doubts_about_tabs(sheets: Sequence[Sheet], whole: Sequence[tuple[Sheet, Columns]]) -> list[str]:
    read = {sheet.name for sheet, _ in whole}
    hidden = [f"“{sheet.name}”" for sheet in sheets if sheet.is_hidden]
    other = [
        f"“{sheet.name}”" for sheet in sheets if not sheet.is_hidden and sheet.name not in read and sheet.rows
    ]
    doubts = []
    if hidden:
        doubts.append(f"Hidden tabs are not read: {', '.join(hidden)}.")
    if other:
        doubts.append(f"Tabs without the columns of a plan are not read: {', '.join(other)}.")
    return doubts
