"""Sheets of a few columns that a council fills in itself: tables found by their headings, cells as words or days."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from qa_app.domain.dates import read_date
from qa_app.domain.errors import Invalid
from qa_app.exchange.annex_a.tabs import Cell, read_tabs
from qa_app.exchange.uploads import UploadedFile

MAX_ROWS = 50_000
ROWS_SEARCHED = 25
"""A title and some notes may stand over the headings."""
_EPOCH = date(1899, 12, 30)
_SERIALS = range(20_000, 80_000)
"""The day numbers of a spreadsheet that are days of our time."""

Headings = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class TableRow:
    """One row with something in it: its number on the screen, and its cells by field."""

    number: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class Table:
    """A table found on a tab. `letters`: the column of each field; `unused`: headings that say nothing here."""

    tab: str
    letters: Mapping[str, str]
    rows: tuple[TableRow, ...]
    unused: tuple[str, ...]
    is_hidden: bool = False

    @property
    def fields(self) -> frozenset[str]:
        """The fields for which there is a column."""
        return frozenset(self.letters)


def read_tables(file: UploadedFile, headings: Headings) -> list[Table]:
    """Every tab of a file with its headings, wherever they stand and in whatever order; empty tabs are left out.

    A tab without any known heading has no fields: its headings are its first row.
    Errors: Invalid for a file that is no spreadsheet or CSV, is protected, damaged or too long.
    """
    known = {heading_key(word): name for name, words in headings.items() for word in (name, *words)}
    tables = []
    for tab in read_tabs([file]):
        if len(tab.rows) > MAX_ROWS:
            raise Invalid(
                "file",
                f"{file.name} has more than {MAX_ROWS:,} rows, the most that can be read here. "
                "Remove the rows that are not needed and send it again.",
            )
        if any(text_of(cell) for row in tab.rows for cell in row):
            tables.append(_table("" if tab.is_text else tab.name, tab.rows, known, tab.is_hidden))
    return tables


def _table(tab: str, rows: Sequence[Sequence[Cell]], known: Mapping[str, str], is_hidden: bool) -> Table:
    top = range(min(ROWS_SEARCHED, len(rows)))
    first = next((place for place in top if any(text_of(cell) for cell in rows[place])), 0)
    best = max(top, key=lambda place: (len(_fields(rows[place], known)), -place), default=0)
    places = _fields(rows[best], known)
    if not places:
        best = first
    headings = [(place, text_of(cell)) for place, cell in enumerate(rows[best])]
    unused = tuple(words for place, words in headings if words and place not in places.values())
    found = []
    for number, row in enumerate(rows[best + 1 :], start=best + 2):
        cells = {name: row[place] for name, place in places.items() if place < len(row)}
        if any(text_of(cell) for cell in cells.values()):
            found.append(TableRow(number, cells))
    letters = {name: column_letter(place) for name, place in places.items()}
    return Table(tab, letters, tuple(found), unused, is_hidden)


def _fields(row: Iterable[Cell], known: Mapping[str, str]) -> dict[str, int]:
    """The place of each field that a row names. Where two columns have one meaning, the first counts."""
    found: dict[str, int] = {}
    for place, cell in enumerate(row):
        name = known.get(heading_key(text_of(cell)))
        if name is not None:
            found.setdefault(name, place)
    return found


def heading_key(words: str) -> str:
    """What two ways to write a heading share: letters and digits in one case."""
    plain = unicodedata.normalize("NFKC", words).casefold().replace("&", "and")
    return re.sub(r"[\W_]+", "", plain)


def column_letter(place: int) -> str:
    """The letter over a column, counted from 0."""
    letters, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def text_of(cell: Cell | None) -> str:
    """A cell as words on one line: whole numbers without a point, no characters that cannot be seen."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    words = unicodedata.normalize("NFC", str(cell))
    if not words.isprintable():
        words = "".join(
            " " if letter in "\t\r\n" or letter.isspace() else letter
            for letter in words
            if letter in "\t\r\n" or letter.isspace() or unicodedata.category(letter)[0] != "C"
        )
    return " ".join(words.split())


def day_of(cell: Cell | None) -> date | None:
    """The day in a cell, or none where it is blank.

    Errors: ValueError for words that are no day.
    """
    if isinstance(cell, datetime):
        return _sensible(cell.date())
    if isinstance(cell, date):
        return _sensible(cell)
    words = text_of(cell)
    if not words:
        return None
    if isinstance(cell, float | int) and not isinstance(cell, bool) and int(cell) in _SERIALS:
        return _EPOCH + timedelta(days=int(cell))
    if words.isascii() and words.isdigit() and len(words) == 5 and int(words) in _SERIALS:
        return _EPOCH + timedelta(days=int(words))
    words = re.sub(r"[T ]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*([ap]m)?Z?$", "", words, flags=re.IGNORECASE)
    words = re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", words, flags=re.IGNORECASE)
    found = read_date(words)
    if found is None:
        raise ValueError(words)
    return _sensible(found)


def _sensible(day: date) -> date:
    if not 1950 <= day.year <= 2100:
        raise ValueError(day.isoformat())
    return day
