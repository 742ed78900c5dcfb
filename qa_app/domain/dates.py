"""Dates as people in England type and read them."""

import re
from datetime import date

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
EARLIEST, LATEST = 1900, 2199
_PARTS = re.compile(r"[\s/.,-]+")


def read_date(text: str) -> date | None:
    """The date someone typed, day first or year first, or nothing when there is no such day.

    Two-figure years belong to this century: reviews look back months, not lifetimes.
    """
    parts = [part for part in _PARTS.split(text.strip()) if part]
    if len(parts) != 3:
        return None
    if len(parts[0]) == 4:
        parts.reverse()
    day, year = _whole(parts[0]), _whole(parts[2])
    month = _whole(parts[1]) or _month_named(parts[1])
    if day is None or month is None or year is None or len(parts[2]) not in (2, 4):
        return None
    if len(parts[2]) == 2:
        year += 2000
    if not EARLIEST <= year <= LATEST:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def as_written(day: date) -> str:
    """A date with its month in words: 3 November 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def _month_named(text: str) -> int | None:
    wanted = text.lower()
    if len(wanted) < 3:
        return None
    return next((n for n, name in enumerate(MONTHS, 1) if name.lower().startswith(wanted)), None)
