"""The answers to a measure as figures: shares with their n and N, or the spread of numbers. Grades stay grades."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from qa_app.domain.answer_types import Choices, Summary
from qa_app.domain.answers import JsonValue

NOT_ANSWERED = ""
"""The key of reviews in the base that left the question blank."""


@dataclass(frozen=True)
class Share:
    """How many of N reviews gave one answer."""

    key: str
    label: str
    n: int
    total: int


@dataclass(frozen=True)
class Spread:
    """Numbers that were given: how many, the middle one, the lowest and the highest."""

    n: int
    middle: float
    lowest: float
    highest: float


Given = Iterable[tuple[JsonValue, int]]


def shares_of(given: Given, n_base: int, options: Choices, summary: Summary) -> tuple[Share, ...]:
    """The share of each answer in the base, in the form's order; blanks last, when there are any.

    With several choices each is a share of its own, and they add up to more than the whole.
    """
    counts = {option.key: 0 for option in options}
    labels = {option.key: option.label for option in options}
    n_answered = 0
    for value, n in given:
        n_answered += n
        for key in _keys(value):
            counts[key] = counts.get(key, 0) + n
            labels.setdefault(key, key)
    if not options and summary in (Summary.WORDS, Summary.DATES):
        counts, labels = {"answered": n_answered}, {"answered": "Answered"}
    shares = [Share(key, labels[key], n, n_base) for key, n in counts.items()]
    if n_base > n_answered:
        shares.append(Share(NOT_ANSWERED, "Not answered", n_base - n_answered, n_base))
    return tuple(shares)


def spread_of(given: Given) -> Spread | None:
    """The spread of numbers; nothing when none was given."""
    numbers = [
        float(value)
        for value, n in given
        if isinstance(value, int | float) and not isinstance(value, bool)
        for _ in range(n)
    ]
    if not numbers:
        return None
    return Spread(len(numbers), float(median(numbers)), min(numbers), max(numbers))


def _keys(value: JsonValue) -> Sequence[str]:
    """What a value counts as: its key, each of several, or the leading part of a compound answer."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        leading = value.get("held") or value.get("gathered")
        return [leading] if isinstance(leading, str) else []
    return [] if value is None else [str(value)]
