"""A plan's file as tables of cells: workbooks and CSV, in whatever encoding Excel wrote."""

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from qa_app.domain.errors import Invalid
from qa_app.exchange.uploads import FileKind, UploadedFile, check_file

Cell = object
MAX_ROWS = 20_000
MAX_CELL_CHARACTERS = 100_000
_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Sheet:
    """One tab of a workbook, or a whole CSV file (then without a name)."""

    name: str | None
    rows: tuple[tuple[Cell, ...], ...]
    is_hidden: bool = False

    def place(self, row: int) -> str:
        """Where a row is, in words; rows count from 1, as on the screen."""
        return f"row {row}" if self.name is None else f"tab “{self.name}”, row {row}"


def read_sheets(file: UploadedFile, width_of_table: Callable[[Sequence[str]], int]) -> list[Sheet]:
    """All tables of a file, as they lie on the sheet.

    `width_of_table` says how many headings of a plan a row of texts holds: it picks the CSV's delimiter.
    Errors: `Invalid("file", ...)` for a file that is not what it says, is protected, damaged or too long.
    """
    kind = check_file(file)
    sheets = [_read_csv(file, width_of_table)] if kind is FileKind.CSV else _read_workbook(file)
    for sheet in sheets:
        if len(sheet.rows) > MAX_ROWS:
            where = f", tab “{sheet.name}”" if sheet.name else ""
            raise Invalid(
                "file",
                f"{file.name}{where} has {len(sheet.rows):,} rows; a plan has at most {MAX_ROWS:,}. "
                "Remove the rows that are not part of the plan and send it again.",
            )
    return sheets


def _read_csv(file: UploadedFile, width_of_table: Callable[[Sequence[str]], int]) -> Sheet:
    text = _decoded(file)
    attempts = [_rows_with(text, delimiter) for delimiter in _DELIMITERS]
    if all(rows is None for rows in attempts):
        raise Invalid(
            "file",
            f"{file.name} cannot be read as CSV: a quotation mark is opened and never closed, or a cell is "
            f"longer than {MAX_CELL_CHARACTERS:,} characters. Save it again as CSV and send that.",
        )
    readable = [rows for rows in attempts if rows is not None]
    best = max(readable, key=lambda rows: max((width_of_table(row) for row in rows[:60]), default=0))
    return Sheet(None, tuple(tuple(row) for row in best))


def _rows_with(text: str, delimiter: str) -> list[list[str]] | None:
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False))
    except csv.Error:
        return None
    return None if any(len(cell) > MAX_CELL_CHARACTERS for row in rows for cell in row) else rows


def _decoded(file: UploadedFile) -> str:
    content = file.content
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\x00" in content[:200]:
        encodings = ["utf-16-le"] if content[1:200:2].count(0) >= content[0:200:2].count(0) else ["utf-16-be"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return content.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    if encodings[-1] == "cp1252":
        # A handful of bytes have no meaning in cp1252; Latin-1 keeps them as invisible characters.
        return content.decode("latin-1").replace("\x00", "")
    raise Invalid(
        "file", f"{file.name} is damaged: its text breaks off. Save it again as CSV UTF-8 and send that."
    )


def _read_workbook(file: UploadedFile) -> list[Sheet]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(file.content))
        return [
            Sheet(
                about.name,
                tuple(
                    tuple(row)
                    for row in workbook.get_sheet_by_name(about.name).to_python(
                        skip_empty_area=False, nrows=MAX_ROWS + 1
                    )
                ),
                is_hidden=about.visible != SheetVisibleEnum.Visible,
            )
            for about in workbook.sheets_metadata
            if about.typ == SheetTypeEnum.WorkSheet
        ]
    except Exception as error:  # the reader's own errors share no base class
        raise Invalid(
            "file",
            f"{file.name} is damaged and cannot be opened as a workbook. Open it in Excel, save it again "
            "and send that.",
        ) from error


def days_shown(
    file: UploadedFile, sheet: Sheet, cells: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], bool]:
    """For date cells (row and column counted from 0): whether the cell's format shows a day, or a month only.

    Known for .xlsx alone; other kinds of file give nothing.
    """
    if not cells or sheet.name is None or file.kind is not FileKind.XLSX:
        return {}
    import openpyxl

    wanted = set(cells)
    last_row, last_column = max(row for row, _ in wanted), max(column for _, column in wanted)
    shown: dict[tuple[int, int], bool] = {}
    try:
        workbook = openpyxl.load_workbook(io.BytesIO(file.content), read_only=True, data_only=True)
        tab = workbook[sheet.name]
        for row_at, row in enumerate(tab.iter_rows(max_row=last_row + 1, max_col=last_column + 1)):
            for at, cell in enumerate(row):
                if (row_at, at) in wanted:
                    shown[row_at, at] = _format_shows_day(str(cell.number_format or ""))
        workbook.close()
    except Exception:  # what the second reader cannot open stays a doubt, it does not refuse the plan
        return {}
    return shown


def _format_shows_day(number_format: str) -> bool:
    """Whether a number format such as "mmm-yy" or "dd/mm/yyyy" shows a day, its texts and locale apart."""
    return "d" in re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", number_format.lower())


def cell_text(cell: Cell) -> str:
    """A cell as a person sees it, as near as can be told: 2 and not 2.0; 30/09/2016 and not a day count."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime | date):
        return f"{cell:%d/%m/%Y}"
    return str(cell).replace("\u00a0", " ").replace("\r\n", "\n").replace("\r", "\n").strip()
