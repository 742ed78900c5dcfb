"""What a fast workbook reader leaves out: hidden rows and columns, and cells that hold an error."""

import html
import io
import re
import zipfile
from dataclasses import dataclass, field, replace

from qa_app.domain.errors import Invalid
from qa_app.exchange.uploads import MEGABYTE

MAX_ROWS = 300_000
# A reader keeps every cell between the first and the last, so that two far corners can fill the machine.
MAX_CELLS = 8_000_000
# Cells in columns A to Z above row 100,000 are not looked at one by one: so many can't do harm.
LETTERS, UNSEEN_ROWS = 26, 99_999
LARGE_PART = 150 * 1024 * 1024
_COLUMNS = re.compile(rb"<(?:\w+:)?col\b[^>]*>")
_ROWS = re.compile(rb'<(?:\w+:)?row\b[^>]*\br="(\d+)"[^>]*>')
_HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_FILLED_CELL = re.compile(rb"""<(?:\w+:)?c\b[^>]*\br\s*=\s*["']([A-Za-z]+)(\d+)["'][^>]*(?<!/)>""")
_PLACELESS_CELL = re.compile(rb"""<(?:\w+:)?c\b(?![^>]*\br\s*=)[^>]*(?<!/)>""")
_FILLED_ROW = re.compile(rb"""<(?:\w+:)?row\b[^>]*\br\s*=\s*["'](\d+)["'][^>]*(?<!/)>""")
_ODS_ROW = re.compile(rb"<table:table-row\b([^>]*)(?<!/)>(.*?)</table:table-row>", re.DOTALL)
_ODS_CELL = re.compile(rb"<table:(?:covered-)?table-cell\b([^>]*)>")
_REPEATED = re.compile(rb'number-(?:rows|columns)-repeated="(\d+)"')
# Without an anchor in front: a scan for plain letters is many times quicker, and looks that follow are exact.
_FAR = re.compile(rb"""r="(?:(?=[A-Za-z]{2}|[A-Za-z]\d{6})([A-Za-z]+)(\d+)|(\d{6,}))"([^>]*)""")
_FAR_QUOTED = re.compile(_FAR.pattern.replace(b'"', b"'"))
_FAR_SPACED = re.compile(_FAR.pattern.replace(b'r="', rb"""\br\s*=\s*["']""").replace(b')"(', b""")["']("""))
_ERROR_CELL = re.compile(
    rb"""<(?:\w+:)?c\b(?=[^>]*\bt=["']e["'])[^>]*\br=["']([A-Z]+)(\d+)["']"""
    rb"[^>]*>(?:<f[^>]*>[^<]*</f>|<f[^>]*/>)?<v>([^<]*)</v>"
)


@dataclass(frozen=True)
class Marks:
    """The marks of one tab. Rows and columns count from 0."""

    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    has_comments: bool = False
    has_macros: bool = False


def marks_by_tab(name: str, content: bytes) -> dict[str, Marks]:
    """The marks of every tab of an .xlsx file.

    Errors: `Invalid` for a tab whose cells lie so far out that reading it would fill the machine.
    """
    found: dict[str, Marks] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = set(packed.namelist())
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= parts:
            return found
        relations = packed.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
        workbook = packed.read("xl/workbook.xml").decode("utf-8", "replace")
        targets = {
            _attribute(entry, "Id"): _attribute(entry, "Target")
            for entry in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", relations)
        }
        for entry in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", workbook):
            target = targets.get(_attribute(entry, "r:id"), "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if part in parts:
                tab = html.unescape(_attribute(entry, "name"))
                folder, _, sheet = part.rpartition("/")
                beside = f"{folder}/_rels/{sheet}.rels"
                found[tab] = replace(
                    _marks_of(name, tab, packed.read(part)),
                    has_comments=beside in parts and b"omments" in packed.read(beside),
                    has_macros="xl/vbaProject.bin" in parts,
                )
    return found


def check_parts(name: str, content: bytes) -> None:
    """Refuse an .xlsx file of which a part says less about its size than is in it, and a binary workbook (.xlsb).

    Errors: `Invalid`; `zipfile.BadZipFile` for a part that is not what the file's directory says.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
        if any(part.filename == "xl/workbook.bin" for part in parts):
            raise Invalid(
                "file",
                f"{name} is a binary workbook (.xlsb), which is not read here. Save it as .xlsx and send that.",
            )
        for part in parts:
            # Tabs are read whole for their marks; of all else the check of its sum tells whether its size is true.
            if part.filename.endswith((".xml", ".rels")) and "/worksheets/" not in part.filename:
                with packed.open(part) as stream:
                    while stream.read(MEGABYTE):
                        pass


def _marks_of(file_name: str, tab: str, xml: bytes) -> Marks:
    is_quoted_singly = xml.find(b"='") >= 0
    _check_reach(file_name, tab, xml, is_quoted_singly=is_quoted_singly)
    start = max(xml.find(b"<sheetData"), xml.find(b":sheetData"), 0)
    columns: set[int] = set()
    for found in _COLUMNS.findall(xml, 0, start):
        entry_text = found.decode("utf-8", "replace")
        if _HIDDEN.search(found):
            first, until = _attribute(entry_text, "min"), _attribute(entry_text, "max")
            if first.isdigit() and until.isdigit():
                columns.update(range(int(first) - 1, min(int(until), 1_000)))
    # A scan for each mark is many times quicker than a look at each cell.
    rows: set[int] = set()
    if xml.find(b"hidden=", start) >= 0:
        rows = {
            int(entry.group(1)) - 1 for entry in _ROWS.finditer(xml, start) if _HIDDEN.search(entry.group(0))
        }
    errors: dict[tuple[int, int], str] = {}
    if xml.find(b't="e"', start) >= 0 or (is_quoted_singly and xml.find(b"t='e'", start) >= 0):
        errors = {
            (int(row) - 1, column_index(letters.decode())): words.decode("utf-8", "replace")
            for letters, row, words in _ERROR_CELL.findall(xml, start)
        }
    return Marks(frozenset(rows), frozenset(columns), errors)


def _check_reach(file_name: str, tab: str, xml: bytes, *, is_quoted_singly: bool) -> None:
    """Refuse a tab whose filled cells lie so far apart that the block around them would fill the machine."""
    if len(xml) > LARGE_PART and xml.count(b"</") > MAX_CELLS:
        raise too_far_out(file_name, tab)
    far = _FAR.findall(xml)
    if is_quoted_singly:
        far += _FAR_QUOTED.findall(xml)
    if xml.find(b"r =") >= 0 or xml.find(b"r\n=") >= 0 or xml.find(b"= ") >= 0:
        far += _FAR_SPACED.findall(xml)
    widest, n_rows = LETTERS, UNSEEN_ROWS
    for letters, row, whole_row, end in far:
        if not end.rstrip().endswith(b"/"):
            widest = max(widest, column_index(letters.decode().upper()) + 1)
            n_rows = max(n_rows, int((row or whole_row)[:9]))
    if widest * n_rows > MAX_CELLS:
        # Far out in one direction at least: now each filled cell is looked at.
        n_rows = max((int(row[:9]) for _, row in _FILLED_CELL.findall(xml)), default=1)
        if _PLACELESS_CELL.search(xml):
            n_rows = max([n_rows, *(int(row[:9]) for row in _FILLED_ROW.findall(xml))])
        if n_rows > MAX_ROWS or widest * n_rows > MAX_CELLS:
            raise too_far_out(file_name, tab)


def check_opendocument(file_name: str, content: bytes) -> None:
    """Refuse an .ods file that repeats filled cells so often that reading it would fill the machine."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if "content.xml" not in packed.namelist():
            return
        xml = packed.read("content.xml")
    n_cells = 0
    for row, cells in _ODS_ROW.findall(xml):
        if b"value-type=" in cells:
            # Only what stands before the last filled cell is kept, and repeats of it count.
            end = cells.rfind(b"value-type=")
            width = sum(_times(cell.group(1)) for cell in _ODS_CELL.finditer(cells) if cell.start() <= end)
            n_cells += _times(row) * width
        if n_cells > MAX_CELLS:
            raise too_far_out(file_name, "content")


def _times(attributes: bytes) -> int:
    found = _REPEATED.search(attributes)
    return int(found.group(1)) if found else 1


def too_far_out(file_name: str, tab: str) -> Invalid:
    """The refusal of a tab that has more rows or columns than any list."""
    return Invalid(
        "file",
        f"{file_name}, tab '{tab}' has filled cells further out than any list reaches (past row "
        f"{MAX_ROWS:,}, or far to the right and far down). Copy the list into a new workbook and send that.",
    )


def column_letters(index: int) -> str:
    """The letters of a column that counts from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """The number of a column that counts from 0: A is 0, AA is 26."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def _attribute(entry: str, name: str) -> str:
    found = re.search(rf"""\s{name}=(?:"([^"]*)"|'([^']*)')""", entry)
    return (found.group(1) or found.group(2) or "") if found else ""
