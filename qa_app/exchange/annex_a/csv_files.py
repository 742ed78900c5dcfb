"""A list as CSV, in any encoding and with any separator that spreadsheets write."""

import csv
import io
import re
from collections import Counter

from qa_app.domain.errors import Invalid
from qa_app.exchange.annex_a.marks import MAX_ROWS
from qa_app.exchange.uploads import UploadedFile

SEPARATORS = ",;\t|"
_LOOKED_AT = 20_000
_LINES_LOOKED_AT = 30
# Far more than any list has: what lies further right in a broken file is left out.
MOST_COLUMNS = 300
_SEPARATOR_LINE = re.compile(r"\ufeff?\s*\"?sep=(.)\"?[\r\n]+", re.IGNORECASE)
# Excel's own code pages: Windows, Macintosh, MS-DOS. Which one it was is told by the letters that come out.
_CODE_PAGES = ("cp1252", "mac_roman", "cp850")
_LIKELY_LETTERS = dict.fromkeys("éèêëáàâäãåíìîïóòôöõøúùûüçñýÿæœß’‘“”–—£€•\u00a0", 4) | dict.fromkeys(
    "ÉÈÊËÁÀÂÄÍÌÎÏÓÒÔÖÚÙÛÜÇÑ…", 1
)


def read_csv_rows(file: UploadedFile) -> list[list[str]]:
    """Every row of a CSV file, all of one length.

    Errors: `Invalid` for characters, quotation marks or line ends that cannot be read, and for too many rows.
    """
    text = _decoded(file)
    told = _SEPARATOR_LINE.match(text)
    separator = told.group(1) if told else _separator(text)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(
            io.StringIO(text[told.end() :] if told else text, newline=""), delimiter=separator
        ):
            rows.append(row)
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
    width = min(max(map(len, rows), default=0), MOST_COLUMNS)
    return [row if len(row) == width else (row + [""] * (width - len(row)))[:width] for row in rows]


def _separator(text: str) -> str:
    """The separator that some line near the top holds most often: the line of the headings."""
    lines = [line for line in text[:_LOOKED_AT].splitlines() if line.strip()][:_LINES_LOOKED_AT]
    counted = {one: max((line.count(one) for line in lines), default=0) for one in SEPARATORS}
    return max(SEPARATORS, key=lambda one: counted[one])


def _decoded(file: UploadedFile) -> str:
    content = file.content
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _utf_16(file, "utf-16")
    if b"\x00" in content[:2048]:
        is_little = content[1:2048:2].count(0) > content[0:2048:2].count(0)
        return _utf_16(file, "utf-16-le" if is_little else "utf-16-be")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _by_code_page(content)


def _utf_16(file: UploadedFile, encoding: str) -> str:
    try:
        return file.content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Invalid(
            "file",
            f"{file.name} holds characters that cannot be read. Export it again as CSV (UTF-8) and send that.",
        ) from error


def _by_code_page(content: bytes) -> str:
    """The reading with the most letters that English councils write. Windows where nothing speaks against it."""
    read = {page: content.decode(page, "replace") for page in _CODE_PAGES}
    likely = {
        page: sum(_LIKELY_LETTERS.get(letter, 0) * n for letter, n in Counter(text).items())
        for page, text in read.items()
    }
    return read[max(_CODE_PAGES, key=lambda page: likely[page])]
