"""From files to tabs: the cells of every tab, and what the spreadsheet hides or marks beside them."""

import csv
import datetime
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from qa_app.domain.errors import Invalid
from qa_app.exchange.uploads import FileKind, UploadedFile, check_file

Cell = str | float | bool | datetime.date | datetime.datetime | datetime.time | datetime.timedelta

MAX_ROWS = 300_000
# One column of a spreadsheet, from letters; the widest list has 34 columns.
_HIDDEN_COLUMNS = re.compile(rb"<col\b[^>]*>")
_HIDDEN_ROWS = re.compile(rb'<row\b[^>]*\bhidden="(?:1|true)"[^>]*>')
_ROW_NUMBER = re.compile(rb'\br="(\d+)"')
_ERROR_CELL = re.compile(
    rb'<c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]+\d+)"[^>]*>(?:<f[^>]*>[^<]*</f>)?<v>([^<]*)</v>'
)
_REFERENCE = re.compile(r"([A-Z]+)(\d+)")


@dataclass(frozen=True)
class Tab:
    """One tab of a workbook, or one CSV file, as it was sent. Rows and columns count from 0.

    `is_text`: every cell came as words, as in a CSV file, so that a date in words is no fault there.
    `merged` holds first row, first column, last row, last column; `errors` the error words of single cells.
    """

    name: str
    rows: Sequence[Sequence[Cell]]
    is_text: bool = False
    is_hidden: bool = False
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    errors: dict[tuple[int, int], str] = field(default_factory=dict)


def column_letters(index: int) -> str:
    """The letters of a column that counts from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


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
        workbook = python_calamine.load_workbook(io.BytesIO(file.content))
        marks = _xlsx_marks(file.content) if kind is FileKind.XLSX else {}
        tabs = []
        for entry in workbook.sheets_metadata:
            if entry.typ is not python_calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_name(entry.name)
            if sheet.total_height > MAX_ROWS:
                raise Invalid(
                    "file",
                    f"{file.name}, tab '{entry.name}' has {sheet.total_height:,} rows; the most that can be read is "
                    f"{MAX_ROWS:,}. Delete the empty rows below the list and send it again.",
                )
            merged = tuple((a, b, c, d) for (a, b), (c, d) in sheet.merged_cell_ranges or ())
            mark = marks.get(entry.name, _Marks())
            tabs.append(
                Tab(
                    entry.name,
                    sheet.to_python(skip_empty_area=False),
                    is_hidden=entry.visible is not python_calamine.SheetVisibleEnum.Visible,
                    merged=merged,
                    hidden_rows=mark.hidden_rows,
                    hidden_columns=mark.hidden_columns,
                    errors=mark.errors,
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


@dataclass(frozen=True)
class _Marks:
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    errors: dict[tuple[int, int], str] = field(default_factory=dict)


def _xlsx_marks(content: bytes) -> dict[str, _Marks]:
    """What the fast reader leaves out: hidden rows and columns, and cells that hold an error, by tab."""
    marks: dict[str, _Marks] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        names = set(packed.namelist())
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
            return marks
        targets = {
            _attribute(entry, "Id"): _attribute(entry, "Target")
            for entry in re.findall(
                r"<(?:\w+:)?Relationship\b[^>]*>", _text(packed, "xl/_rels/workbook.xml.rels")
            )
        }
        for entry in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", _text(packed, "xl/workbook.xml")):
            target = targets.get(_attribute(entry, "r:id"), "")
            part = target.lstrip("/") if target.startswith(("/", "xl/")) else f"xl/{target}"
            if part in names:
                marks[_unescape(_attribute(entry, "name"))] = _sheet_marks(packed.read(part))
    return marks


def _sheet_marks(xml: bytes) -> _Marks:
    columns: set[int] = set()
    for found in _HIDDEN_COLUMNS.findall(xml[: xml.find(b"<sheetData")]):
        entry = found.decode("utf-8", "replace")
        if _attribute(entry, "hidden") in ("1", "true"):
            columns.update(range(int(_attribute(entry, "min")) - 1, min(int(_attribute(entry, "max")), 200)))
    rows = {
        int(number.group(1)) - 1
        for found in _HIDDEN_ROWS.finditer(xml)
        if (number := _ROW_NUMBER.search(found.group(0)))
    }
    errors = {_position(cell.decode()): words.decode() for cell, words in _ERROR_CELL.findall(xml)}
    return _Marks(frozenset(rows), frozenset(columns), errors)


def _position(reference: str) -> tuple[int, int]:
    letters, row = _REFERENCE.fullmatch(reference).groups()  # type: ignore[union-attr]
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(row) - 1, column - 1


def _text(packed: zipfile.ZipFile, part: str) -> str:
    return packed.read(part).decode("utf-8", "replace")


def _attribute(entry: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', entry) or re.search(rf"\s{name}='([^']*)'", entry)
    return found.group(1) if found else ""


def _unescape(words: str) -> str:
    import html

    return html.unescape(words)


def _csv_tab(file: UploadedFile) -> Tab:
    text = _decoded(file)
    sample = text[:20_000]
    first = next((line for line in sample.splitlines() if line.strip()), "")
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
            f"{file.name} cannot be read as CSV near row {len(rows) + 1}: a quotation mark or a line end is out of "
            "place. Export the list again.",
        ) from error
    return Tab(PurePath(file.name).stem, rows, is_text=True)


def _decoded(file: UploadedFile) -> str:
    content = file.content
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\x00" in content[:2048]:
        little = content[1:2048:2].count(0) > content[0:2048:2].count(0)
        encodings = ["utf-16-le" if little else "utf-16-be"]
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
