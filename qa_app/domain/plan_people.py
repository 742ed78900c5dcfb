"""Who stands behind the words of a plan: the leads and agencies that it names, taken apart and proposed."""

import re
from collections.abc import Collection
from enum import StrEnum

LONGEST_WORDS = 300
"""Units: characters."""

_BETWEEN = re.compile(r"[\n\r;,/|]+|\s+and\s+(?=[A-Z])|\(|\)")
_NOBODY = frozenset({"", "n/a", "na", "none", "none given", "tbc", "tba", "-", "all", "various"})
_NOTHING = re.compile(r"\bn\s*/\s*a\b", re.IGNORECASE)


class LeadKind(StrEnum):
    """How somebody leads an action: answers for it, or sees to it."""

    STRATEGIC = "strategic"
    OPERATIONAL = "operational"

    @property
    def label(self) -> str:
        """The kind as people say it."""
        return f"{self.value.capitalize()} lead"


class WordsKind(StrEnum):
    """What words of a plan name."""

    LEAD = "lead"
    AGENCY = "agency"


def written_names(text: str | None) -> tuple[str, ...]:
    """The names in a cell of a plan, each once: "HOS QI / DCS" names two, "N/A" none.

    Words are parted at new lines, commas, semicolons, slashes, brackets, and at "and" before a capital. What isn't
    parted so ("DCS AD Housing") stays one name, and a person decides whom it means.
    """
    if not text:
        return ()
    pieces = (" ".join(piece.split()) for piece in _BETWEEN.split(_NOTHING.sub(" ", text)))
    names: dict[str, str] = {}
    for piece in pieces:
        name = piece.strip(" .:-–—*&")[:LONGEST_WORDS]
        if name.casefold() not in _NOBODY and any(mark.isalpha() for mark in name):
            names.setdefault(name.casefold(), name)
    return tuple(names.values())


def alike(words: str, names: Collection[tuple[int, str]]) -> int | None:
    """The one among numbered names that words may mean: it stands in them whole, or they stand in it.

    None when there is no such name, or more than one: then a person says.
    """
    asked = _plain(words)
    found = {
        number for number, name in names if _stands_in(_plain(name), asked) or _stands_in(asked, _plain(name))
    }
    exact = {number for number, name in names if _plain(name) == asked}
    if len(exact) == 1:
        return exact.pop()
    return found.pop() if len(found) == 1 else None


def _plain(words: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", words.casefold()))


def _stands_in(short: str, long: str) -> bool:
    return bool(short) and f" {short} " in f" {long} "
