"""Finding a list in a tab: its heading row, and which column holds which field, by heading, not by place."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise, zip_longest

from qa_app.exchange.annex_a.spec import Column, ListSpec, list_specs
from qa_app.exchange.annex_a.tabs import Cell

SEARCHED_ROWS = 40
FEWEST_HEADINGS = 3
# With so many of a list's headings in one row, no other row is looked at.
SURE_SHARE = 0.75
# No list has a quarter of these; what lies further right is not looked at closely.
MOST_COLUMNS = 150
LONGEST_HEADING = 300
# A misspelt heading is taken for the nearest one only when it is this near.
NEAR_ENOUGH = 0.9

_PERSONAL = re.compile(
    r"^(?:child(?:ren)?s?|young persons?|pupils?|persons?|client)?\s*(?:full|first|last|family|known as)?"
    r"\s*names?$|forename|surname|\bnhs\b|\bupn\b|national insurance|\baddress\b|\bpostcode\b|phone\b"
    r"|\bmobile\b|\bemail\b|\bmother|\bfather|\bparent.*name"
)


def key_of(heading: object) -> str:
    """A heading without case, spaces, punctuation and invisible characters: what two spellings share."""
    return _key(str(heading)[:LONGEST_HEADING])


@lru_cache(maxsize=10_000)
def _key(heading: str) -> str:
    words = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(letter for letter in words if letter.isalnum())


@cache
def fields_by_key(number: int) -> dict[str, str]:
    """The field that each spelling of a heading of one list means."""
    known: dict[str, str] = {}
    for column in list_specs()[number].columns:
        for spelling in (column.heading, *column.also):
            known.setdefault(key_of(spelling), column.field)
    return known


@dataclass(frozen=True)
class FoundColumn:
    """A column of a tab that holds a field of the list: its index and its heading as sent."""

    column: Column
    index: int
    sent: str
    is_exact: bool


@dataclass(frozen=True)
class OddColumn:
    """A column of a tab that no field of the list has. `is_personal`: it would name or place a child.

    `kind` is extra_column, duplicate_heading or column_without_heading.
    """

    kind: str
    index: int
    sent: str
    is_personal: bool = False
    same_as: FoundColumn | None = None


@dataclass(frozen=True)
class Layout:
    """Where a list lies in a tab: its heading row, from 0, and its columns."""

    heading_row: int
    columns: tuple[FoundColumn, ...]
    odd: tuple[OddColumn, ...]
    missing: tuple[Column, ...]

    def index_of(self, field: str) -> int | None:
        """The column of a field, or none when the tab has no such column."""
        return next((found.index for found in self.columns if found.column.field == field), None)


def find_layout(spec: ListSpec, rows: Sequence[Sequence[Cell]]) -> Layout | None:
    """The layout of a list in the rows of a tab, or none if no row looks like its headings.

    Headings may be broken over two rows; then both are the heading row and the lower one counts as it.
    """
    known = fields_by_key(spec.number)
    best_row, best = -1, 0
    for index, row in enumerate(rows[:SEARCHED_ROWS]):
        if (hits := _hits(row, known)) > best:
            best_row, best = index, hits
            if hits >= len(spec.columns) * SURE_SHARE:
                return _layout(spec, best_row, rows[best_row], rows)
    headings = list(rows[best_row]) if best else []
    for index, (upper, lower) in enumerate(pairwise(rows[:SEARCHED_ROWS]), 1):
        joined = [f"{one} {other}".strip() for one, other in zip_longest(upper, lower, fillvalue="")]
        if (hits := _hits(joined, known)) > best + 1:
            best_row, best, headings = index, hits, list(joined)
    if best < FEWEST_HEADINGS:
        return None
    return _layout(spec, best_row, headings, rows)


def _hits(row: Sequence[Cell], known: Mapping[str, str]) -> int:
    return len({known[key] for cell in row if isinstance(cell, str) and (key := key_of(cell)) in known})


def match_share(number: int, rows: Sequence[Sequence[Cell]]) -> float:
    """How much of a list's headings the best row of a tab holds, from 0 to 1."""
    columns = [column for column in list_specs()[number].columns if not column.since_2024]
    known = fields_by_key(number)
    wanted = {column.field for column in columns}
    best = 0
    for row in rows[:SEARCHED_ROWS]:
        held = {known[key] for cell in row if isinstance(cell, str) and (key := key_of(cell)) in known}
        best = max(best, len(held & wanted))
        if best >= len(columns) * SURE_SHARE:
            break
    return best / len(columns)


def nearest_heading(heading: str, sent: Iterable[str]) -> str | None:
    """The heading of a tab that is most like the one that was expected."""
    wanted = key_of(heading)
    by_key = {key_of(one): one for one in sent if key_of(one)}
    near = difflib.get_close_matches(wanted, by_key, n=1, cutoff=0.3)
    return " ".join(by_key[near[0]].split()) if near else None


def _is_used(rows: Sequence[Sequence[Cell]], heading_row: int, index: int) -> bool:
    """Whether a column holds anything below the headings."""
    return any(
        len(row) > index and row[index] != "" and str(row[index]).strip() for row in rows[heading_row + 1 :]
    )


def _layout(
    spec: ListSpec, row_index: int, headings: Sequence[Cell], rows: Sequence[Sequence[Cell]]
) -> Layout:
    known = fields_by_key(spec.number)
    by_field = {column.field: column for column in spec.columns}
    found: dict[str, FoundColumn] = {}
    odd: list[OddColumn] = []
    unknown: list[tuple[int, str]] = []
    for index in range(max(map(len, rows[row_index:]))):
        cell = headings[index] if index < len(headings) else ""
        sent = cell if isinstance(cell, str) else str(cell)
        key = key_of(sent)
        field = known.get(key)
        if not key:
            if index < MOST_COLUMNS and _is_used(rows, row_index, index):
                odd.append(OddColumn("column_without_heading", index, sent))
        elif field is None:
            unknown.append((index, sent))
        elif field in found:
            odd.append(OddColumn("duplicate_heading", index, sent, same_as=found[field]))
        else:
            found[field] = FoundColumn(by_field[field], index, sent, True)
    for index, sent in unknown[:MOST_COLUMNS]:
        near = _nearly(sent, [column for column in spec.columns if column.field not in found])
        if near is not None and not _is_personal(sent):
            found[near.field] = FoundColumn(near, index, sent, False)
        else:
            odd.append(OddColumn("extra_column", index, sent, _is_personal(sent)))
    missing = tuple(column for column in spec.columns if column.field not in found and not column.since_2024)
    return Layout(
        row_index,
        tuple(sorted(found.values(), key=lambda one: one.index)),
        tuple(sorted(odd, key=lambda one: one.index)),
        missing,
    )


def _nearly(sent: str, columns: Sequence[Column]) -> Column | None:
    """The column whose heading is almost this one. Long headings only: short ones are too alike."""
    keys = {key_of(spelling): column for column in columns for spelling in (column.heading, *column.also)}
    near = difflib.get_close_matches(key_of(sent), [key for key in keys if len(key) > 8], 1, NEAR_ENOUGH)
    return keys[near[0]] if near else None


def _is_personal(heading: str) -> bool:
    words = re.sub(r"[^a-z0-9]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading).casefold()).strip()
    return _PERSONAL.search(words) is not None
