"""The cells of a workbook, after everything was refused that no form needs: bombs, formulas, endless sheets."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from qa_app.domain.errors import Invalid
from qa_app.exchange.uploads import FileKind, UploadedFile, check_file
from qa_app.exchange.xlsform.columns import column_letters

LARGEST = 2_000_000
LARGEST_UNPACKED = 12_000_000
"""Units: bytes."""
MOST_PARTS = 300
MOST_ROWS = 3_000
MOST_COLUMNS = 120
READ = ("survey", "choices", "settings", "qa_limits")
# No part of a pattern runs over the next tag or further than a tag is ever long: a hostile sheet is read in one pass.
_SHEET = re.compile(r"<(?:\w+:)?sheet\b[^<>]{0,1000}>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b[^<>]{0,1000}>")
_CELL = re.compile(
    rb'<(?:\w{1,9}:)?c\b[^<>]{0,120}?\br="([A-Z]{1,3}[0-9]{1,7})"[^<>]{0,120}>\s{0,9}<(?:\w{1,9}:)?f[\s>/]'
)
_ADDRESS = re.compile(rb'<(?:\w{1,9}:)?c\b[^<>]{0,120}?\br="([A-Z]{1,3})([0-9]{1,7})"')
_ROW = re.compile(rb'<(?:\w{1,9}:)?row\b[^<>]{0,200}?\br="([0-9]{1,9})"')


@dataclass(frozen=True)
class CellFault:
    """One thing wrong with a workbook: the cell (survey!C12; the sheet or nothing for the whole), and what."""

    cell: str
    what: str


@dataclass
class Sheet:
    """A sheet as rows of words by heading; `rows` begin with the second row of the sheet."""

    name: str
    headings: list[str]
    rows: list[list[str]]

    def cell(self, row: int, heading: str) -> str:
        """The address of a cell: row 0 is the first row under the headings."""
        if heading in self.headings:
            return f"{self.name}!{column_letters(self.headings.index(heading))}{row + 2}"
        return f"{self.name}!{row + 2}"

    def records(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Each filled row with its number, as words by heading."""
        for n, row in enumerate(self.rows):
            record = {name: word for name, word in zip(self.headings, row, strict=False) if name and word}
            if record:
                yield n, record


def read_sheets(file: UploadedFile) -> tuple[dict[str, Sheet], list[CellFault]]:
    """The sheets of a form's workbook by name, and the cells that hold formulas.

    Errors: Invalid("file", ...) for what is no workbook, is damaged, protected, or larger than a form ever is.
    """
    if len(file.content) > LARGEST:
        raise Invalid(
            "file",
            f"{file.name} is {len(file.content) / 1_000_000:.1f} MB. A form's workbook is never more than "
            f"{LARGEST // 1_000_000} MB: is it the right file?",
        )
    check_file(file, {FileKind.XLSX})
    with zipfile.ZipFile(io.BytesIO(file.content)) as packed:
        unpacked = sum(part.file_size for part in packed.infolist())
        if unpacked > LARGEST_UNPACKED or len(packed.infolist()) > MOST_PARTS:
            raise Invalid(
                "file",
                f"{file.name} would unpack to {unpacked // 1_000_000} MB, which no form needs. Copy the sheets into a "
                "new workbook and send that.",
            )
        try:
            faults = _scan(file.name, packed)
        except (zipfile.BadZipFile, OSError, NotImplementedError, EOFError, RuntimeError) as error:
            raise _damaged(file) from error
    return _cells(file), faults


def _scan(file_name: str, packed: zipfile.ZipFile) -> list[CellFault]:
    """Refuse what must not be opened at all, and find the formulas. Errors: Invalid."""
    parts = set(packed.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= parts:
        raise Invalid("file", f"{file_name} is not a workbook that Excel has saved. Save it again as .xlsx.")
    relations = packed.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    targets = {_attribute(one, "Id"): _attribute(one, "Target") for one in _RELATION.findall(relations)}
    faults = []
    for entry in _SHEET.findall(packed.read("xl/workbook.xml").decode("utf-8", "replace")):
        name = _attribute(entry, "name")
        target = targets.get(_attribute(entry, "r:id"), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if name not in READ or part not in parts:
            continue
        xml = packed.read(part)
        if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
            raise Invalid(
                "file", f"{file_name} holds definitions that no workbook needs. Save it again in Excel."
            )
        _refuse_endless(file_name, name, xml)
        for cell in _CELL.findall(xml):
            what = "there is a formula in this cell; forms are read as words, so put the words there instead"
            faults.append(CellFault(f"{name}!{cell.decode()}", what))
    return faults


def _refuse_endless(file_name: str, sheet: str, xml: bytes) -> None:
    last_row = max(
        [int(one) for one in _ROW.findall(xml)] + [int(row) for _, row in _ADDRESS.findall(xml)], default=0
    )
    widest = max((len(letters), letters) for letters in [b"A", *(one for one, _ in _ADDRESS.findall(xml))])
    limit = column_letters(MOST_COLUMNS - 1).encode()
    if last_row > MOST_ROWS or widest > (len(limit), limit):
        raise Invalid(
            "file",
            f"{file_name}: sheet '{sheet}' reaches further than row {MOST_ROWS:,} or column {limit.decode()}, which no "
            "form needs. Delete the empty rows and columns behind the form, or copy it into a new workbook.",
        )


def _cells(file: UploadedFile) -> dict[str, Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(file.content))
        sheets = {}
        for name in workbook.sheet_names:
            if name in READ:
                rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=MOST_ROWS + 1)
                words = [[cell_words(cell) for cell in row] for row in rows]
                headings = [heading.strip() for heading in words[0]] if words else []
                sheets[name] = Sheet(name, headings, words[1:])
        return sheets
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError, KeyError) as error:
        raise _damaged(file) from error


def cell_words(cell: object) -> str:
    """A cell as words: whole numbers without a point, true and false as yes and no."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def _damaged(file: UploadedFile) -> Invalid:
    return Invalid(
        "file", f"{file.name} is damaged and cannot be read. Open it, save it again as .xlsx, and send that."
    )


def _attribute(entry: str, name: str) -> str:
    found = re.search(rf"""\s{name}=(?:"([^"]*)"|'([^']*)')""", entry)
    return (found.group(1) or found.group(2) or "") if found else ""
