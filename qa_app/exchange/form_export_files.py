"""A form's reviews as CSV or workbook: the keys in the first row, the words in the second, nothing that runs."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from qa_app.domain.answer_types import ExportValue
from qa_app.domain.export_columns import Column
from qa_app.exchange.fault_list import inert

Row = Mapping[str, ExportValue]
LONGEST_CELL = 32_000
"""Units: characters. What a cell of a workbook holds."""


def export_csv(columns: Sequence[Column], rows: Iterable[Row]) -> bytes:
    """The rows as CSV in UTF-8 with its mark. The first row holds keys, which stay; the second the newest words."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([column.key for column in columns])
    writer.writerow([inert(column.heading) for column in columns])
    for row in rows:
        writer.writerow([_csv_cell(row.get(column.key)) for column in columns])
    return text.getvalue().encode("utf-8-sig")


def export_workbook(columns: Sequence[Column], rows: Sequence[Row], title: str) -> bytes:
    """The rows as an .xlsx file, with the same two rows of headings."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as workbook:
        workbook.set_properties({"title": title})
        keys = workbook.add_format({"font_color": "#55676b"})
        words = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        sheet = workbook.add_worksheet("reviews")
        for at, column in enumerate(columns):
            sheet.set_column(at, at, 14 if at < 14 else 24)
            sheet.write_string(0, at, column.key, keys)
            sheet.write_string(1, at, column.heading, words)
        sheet.freeze_panes(2, 1)
        for n, row in enumerate(rows, 2):
            for at, column in enumerate(columns):
                value = row.get(column.key)
                if isinstance(value, int | float) and not isinstance(value, bool):
                    sheet.write_number(n, at, value)
                elif value:
                    sheet.write_string(n, at, str(value)[:LONGEST_CELL])
        sheet.autofilter(1, 0, len(rows) + 1, max(0, len(columns) - 1))
    return out.getvalue()


def _csv_cell(value: ExportValue) -> str | int | float:
    if value is None:
        return ""
    return value if isinstance(value, int | float) else inert(value)
