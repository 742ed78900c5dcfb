"""From files to tabs: the cells of every tab, and what the spreadsheet hides or marks beside them."""

import csv
import datetime
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from qa_app.domain.errors import Invalid
from qa_app.exchange.annex_a.marks import MAX_ROWS, Marks, check_opendocument, marks_by_tab, too_far_out
from qa_app.exchange.uploads import FileKind, UploadedFile, check_file

Cell = str | float | bool | datetime.date | datetime.datetime | datetime.time | datetime.timedelta


@dataclass(frozen=True)
class Tab:
    """One tab of a workbook, or one CSV file, as it was sent. Rows and columns count from 0.

    `is_text`: every cell came as words, as in a CSV file, so that a date in words is no fault there.
    `merged` holds first row, first column, last row, last column.
    """

    name: str
    rows: Sequence[Sequence[Cell]]
    is_text: bool = False
    is_hidden: bool = False
    merged: tuple[tuple[int, int, int, int], ...] = ()
    marks: Marks = field(default_factory=Marks)


def read_tabs(files: Sequence[UploadedFile]) -> list[Tab]:
    """Every tab of every file.

    Errors: `Invalid` for a file that is not a spreadsheet or CSV, is protected, damaged or too big.
    """
    if not files:
        raise Invalid("file", "No file was chosen. Choose the workbook, or all the CSV files together.")
    tabs: list[Tab] = []
    for file in files:
        kind = check_file(file)
        tabs.extend([_csv_tab(file)] if kind is FileKind.CSV else _workbook_tabs(file, kind))
    return tabs


def _workbook_tabs(file: UploadedFile, kind: FileKind) -> list[Tab]:
    import python_calamine

    try:
        marks = marks_by_tab(file.name, file.content) if kind is FileKind.XLSX else {}
        if kind is FileKind.ODS:
            check_opendocument(file.name, file.content)
        workbook = python_calamine.load_workbook(io.BytesIO(file.content))
        tabs = []
        for entry in workbook.sheets_metadata:
            if entry.typ is not python_calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_name(entry.name)
            if sheet.total_height > MAX_ROWS:
                raise too_far_out(file.name, entry.name)
            tabs.append(
                Tab(
                    entry.name,
                    sheet.to_python(skip_empty_area=False),
                    is_hidden=entry.visible is not python_calamine.SheetVisibleEnum.Visible,
                    merged=tuple((a, b, c, d) for (a, b), (c, d) in sheet.merged_cell_ranges or ()),
                    marks=marks.get(entry.name, Marks()),
                )
            )
    except python_calamine.PasswordError as error:
        raise Invalid(
            "file",
            f"{file.name} is protected with a password, so it cannot be read. "
            "Open it, save a copy without a password, and send the copy.",
        ) from error
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError, KeyError) as error:
        raise Invalid(
            "file",
            f"{file.name} is damaged and cannot be read as a workbook. "
            "Open it, save it again as .xlsx, and send that.",
        ) from error
    return tabs


def _csv_tab(file: UploadedFile) -> Tab:
    text = _decoded(file)
    first = next((line for line in text[:20_000].splitlines() if line.strip()), "")
    delimiter = max(",;\t|", key=first.count)
    rows: list[list[Cell]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(list(row))
            if len(rows) > MAX_ROWS:
                raise Invalid(
                    "file",
                    f"{file.name} has more than {MAX_ROWS:,} rows, the most that can be read. "
                    "Check that it is one of the child-level lists.",
                )
    except csv.Error as error:
        raise Invalid(
            "file",
            f"{file.name} cannot be read as CSV near row {len(rows) + 1}: a quotation mark or a line end is "
            "out of place. Export the list again.",
        ) from error
    return Tab(PurePath(file.name).stem, rows, is_text=True)


def _decoded(file: UploadedFile) -> str:
    content = file.content
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\x00" in content[:2048]:
        is_little = content[1:2048:2].count(0) > content[0:2048:2].count(0)
        encodings = ["utf-16-le" if is_little else "utf-16-be"]
    else:
        encodings = ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(
        "file",
        f"{file.name} holds characters that cannot be read. Export it again as CSV (UTF-8) and send that.",
    )
