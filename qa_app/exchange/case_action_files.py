"""The register of actions for children as a file, safe to open in a spreadsheet."""

import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from qa_app.exchange.fault_list import inert

HEADINGS = (
    "Action",
    "What has to be done",
    "Priority",
    "Stage",
    "Due on",
    "How it lies to its day",
    "Case",
    "Plan type",
    "Team",
    "Who does it",
    "Review",
    "Raised on",
    "Done on",
    "Did it help?",
    "Last said",
    "Said on",
)
_DAYS = (4, 11, 12, 15)
_WIDE = (1, 14)

Row = Sequence[str | date | None]


def case_action_csv(rows: Iterable[Row]) -> bytes:
    """The rows as CSV in UTF-8 with its mark, days as 2026-11-24."""
    import csv

    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    for row in rows:
        writer.writerow([cell.isoformat() if isinstance(cell, date) else inert(cell or "") for cell in row])
    return text.getvalue().encode("utf-8-sig")


def case_action_workbook(rows: Iterable[Row], asked: str) -> bytes:
    """The rows as a workbook with days as days; over them the words for what was asked."""
    import xlsxwriter

    packed = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(packed, options) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        day = book.add_format({"num_format": "d mmm yyyy", "valign": "top", "align": "left"})
        sheet = book.add_worksheet("Actions for children")
        sheet.write_string(0, 0, asked)
        for column, heading in enumerate(HEADINGS):
            sheet.write_string(2, column, heading, bold)
            sheet.set_column(column, column, 50 if column in _WIDE else 16)
        number = 2
        for number, row in enumerate(rows, 3):
            _write(sheet, number, row, wrapped, day)
        sheet.freeze_panes(3, 1)
        sheet.autofilter(2, 0, number, len(HEADINGS) - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(2)
    return packed.getvalue()


def _write(sheet: Any, number: int, row: Row, wrapped: Any, day: Any) -> None:
    for column, cell in enumerate(row):
        if isinstance(cell, date):
            sheet.write_datetime(number, column, cell, day)
        elif cell:
            sheet.write_string(number, column, cell, wrapped)
