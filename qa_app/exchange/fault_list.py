"""The faults of an upload as a file for the performance team, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from qa_app.domain.caseload import ImportFault
from qa_app.domain.caseload_asks import asks_of
from qa_app.domain.caseload_faults import FAULT_WORDS, group_faults

HEADINGS = ("List", "Tab", "Row", "Column", "Field", "What", "As sent", "Understood as", "What we did")
MOST_PLACES = 200_000
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def fault_csv(faults: Iterable[ImportFault]) -> bytes:
    """The faults as CSV in UTF-8 with its mark, which Excel opens as it is. Personal values are withheld."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    writer.writerows(_lines(faults))
    return text.getvalue().encode("utf-8-sig")


def fault_workbook(faults: Iterable[ImportFault], as_at: date) -> bytes:
    """The faults as a workbook: what to mend, then every place. Personal values are withheld."""
    import xlsxwriter

    noted = [fault.as_withheld() for fault in faults]
    groups = group_faults(noted)
    packed = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(packed, options) as workbook:
        bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
        asks = workbook.add_worksheet("To mend")
        asks.write_string(0, 0, f"Child-level lists as at {as_at.day} {as_at:%B %Y}: please mend", bold)
        _write(asks, 2, ("Please", "Lists", "Times"), bold)
        for row, ask in enumerate(asks_of(groups), 3):
            _write(
                asks, row, (ask.words, ", ".join(map(str, ask.lists)) or "The file", ask.n_faults), wrapped
            )
        asks.set_column(0, 0, 90)
        kinds = workbook.add_worksheet("Kinds")
        _write(kinds, 0, ("What", "What we did", "Lists", "Times"), bold)
        for row, group in enumerate(groups, 1):
            lists = ", ".join(map(str, group.lists)) or "The file"
            _write(kinds, row, (group.words, group.done.label, lists, group.n_faults), wrapped)
        kinds.set_column(0, 1, 60)
        places = workbook.add_worksheet("Places")
        _write(places, 0, HEADINGS, bold)
        for row, line in enumerate(_lines(noted), 1):
            if row > MOST_PLACES:
                _write(places, row, ("More places than a sheet holds: the CSV file has them all.",), None)
                break
            _write(places, row, line, None)
        places.freeze_panes(1, 0)
        places.autofilter(0, 0, 0, len(HEADINGS) - 1)
        places.set_column(5, 8, 40)
    return packed.getvalue()


def _write(sheet: Any, row: int, cells: Iterable[str | int], look: Any) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, int):
            sheet.write_number(row, column, cell, look)
        elif cell:
            sheet.write_string(row, column, cell, look)


def _lines(faults: Iterable[ImportFault]) -> Iterator[tuple[str | int, ...]]:
    """A line for each place of each fault."""
    for fault in faults:
        kept = fault.as_withheld()
        what = FAULT_WORDS.get(kept.kind, kept.kind.replace("_", " "))
        field = inert((kept.field or "").replace("_", " "))
        tab, sent, understood = inert(kept.tab), inert(kept.sent or ""), inert(kept.understood or "")
        number = "" if kept.list_number is None else kept.list_number
        for row in kept.rows or ("",):
            yield number, tab, row, kept.column or "", field, what, sent, understood, kept.done.label


def inert(words: str) -> str:
    """Words that no spreadsheet takes for a formula: an apostrophe is put before those that it might."""
    return f"'{words}" if words.lstrip(" \u00a0").startswith(_FORMULA_STARTS) else words
