"""From files to tabs: the cells of every tab, and what the spreadsheet hides or marks beside them."""

import datetime
import io
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from qa_app.domain.errors import Invalid
from qa_app.exchange.annex_a.csv_files import read_csv_rows
from qa_app.exchange.annex_a.marks import (
    MAX_CELLS,
    MAX_ROWS,
    Marks,
    check_opendocument,
    check_parts,
    marks_by_tab,
    too_far_out,
)
from qa_app.exchange.uploads import SPREADSHEETS, FileKind, UploadedFile, check_file

MOST_ZIPPED = 60
MOST_ZIPPED_BYTES = 150 * 1024 * 1024
# What reading a broken packed file may raise.
DAMAGED = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError, KeyError)

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
    """Every tab of every file; a zip file is opened and stands for what is in it.

    Errors: `Invalid` for a file that is not a spreadsheet or CSV, is protected, damaged or too big.
    """
    if not files:
        raise Invalid("file", "No file was chosen. Choose the workbook, or all the CSV files together.")
    tabs: list[Tab] = []
    for file in files:
        kind = check_file(file, SPREADSHEETS | {FileKind.ZIP})
        for inner in _unzipped(file) if kind is FileKind.ZIP else [file]:
            kind = check_file(inner)
            tabs.extend(
                [Tab(PurePath(inner.name).stem, read_csv_rows(inner), is_text=True)]
                if kind is FileKind.CSV
                else _workbook_tabs(inner, kind)
            )
    return tabs


def _unzipped(file: UploadedFile) -> list[UploadedFile]:
    """What a zip file holds, without the folders and the files that operating systems put beside."""
    try:
        with zipfile.ZipFile(io.BytesIO(file.content)) as packed:
            entries = [
                entry
                for entry in packed.infolist()
                if not entry.is_dir()
                and not entry.filename.startswith("__MACOSX/")
                and not PurePath(entry.filename).name.startswith((".", "~", "Thumbs.db", "desktop.ini"))
            ]
            if len(entries) > MOST_ZIPPED or sum(entry.file_size for entry in entries) > MOST_ZIPPED_BYTES:
                raise Invalid(
                    "file",
                    f"{file.name} holds more than the eleven lists ever need. Put only the lists in it, or send them "
                    "one beside the other.",
                )
            return [UploadedFile(entry.filename, packed.read(entry)) for entry in entries]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error) as error:
        raise Invalid(
            "file", f"{file.name} is damaged and cannot be opened. Send the files in it one beside the other."
        ) from error


def _workbook_tabs(file: UploadedFile, kind: FileKind) -> list[Tab]:
    import python_calamine

    try:
        if kind is FileKind.XLSX:
            check_parts(file.name, file.content)
        marks = marks_by_tab(file.name, file.content) if kind is FileKind.XLSX else {}
        if kind is FileKind.ODS:
            check_opendocument(file.name, file.content)
        workbook = python_calamine.load_workbook(io.BytesIO(file.content))
        tabs = []
        for entry in workbook.sheets_metadata:
            if entry.typ is not python_calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_name(entry.name)
            if sheet.total_height > MAX_ROWS or sheet.total_height * sheet.total_width > MAX_CELLS:
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
    except (*DAMAGED, python_calamine.CalamineError) as error:
        raise _damaged(file) from error
    except BaseException as error:
        # The reader's own library gives up on some broken files in a way that is no ordinary error.
        if type(error).__name__ == "PanicException":
            raise _damaged(file) from error
        raise
    return tabs


def _damaged(file: UploadedFile) -> Invalid:
    return Invalid(
        "file",
        f"{file.name} is damaged and cannot be read as a workbook. "
        "Open it, save it again as .xlsx, and send that.",
    )
