"""When a plan action is due: the words of the plan beside what they mean."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from qa_app.domain.dates import as_written as day_in_words
from qa_app.domain.plan_dates import (
    FIRST_SENSIBLE_YEAR,
    LAST_SENSIBLE_YEAR,
    WrittenDate,
    find_dates,
    last_day_of_month,
)


class TimescaleKind(StrEnum):
    """What sort of promise a timescale is; only one that ends can be due."""

    DATED = "dated"
    ONGOING = "ongoing"
    IN_PLACE = "in_place"
    RECURRING = "recurring"
    REVIEW_ONLY = "review_only"
    BLANK = "blank"
    UNREADABLE = "unreadable"

    @property
    def label(self) -> str:
        """The kind in words."""
        return _LABELS[self]


_LABELS = {
    TimescaleKind.DATED: "Dated",
    TimescaleKind.ONGOING: "Ongoing",
    TimescaleKind.IN_PLACE: "In place",
    TimescaleKind.RECURRING: "Recurring",
    TimescaleKind.REVIEW_ONLY: "Review date only",
    TimescaleKind.BLANK: "No timescale",
    TimescaleKind.UNREADABLE: "Timescale not understood",
}


@dataclass(frozen=True)
class Timescale:
    """A timescale as written and as understood; `review_on` is a date of its own and never a due date."""

    as_written: str
    kind: TimescaleKind
    window_starts_on: date | None = None
    window_ends_on: date | None = None
    recurs: str | None = None
    review_on: date | None = None
    doubts: tuple[str, ...] = ()


_DASHES = re.compile("[‐‑‒–—−]")
_BLANKS = {"", "-", "n/a", "na", "none", "tbc", "tba", "tbd", "to be confirmed", "to be agreed", "?"}
_RECURRENCES: tuple[tuple[str, str], ...] = (
    (r"\bdaily\b", "daily"),
    (r"\bfortnightly\b|\bevery (?:2|two) weeks\b|\bevery fortnight\b", "fortnightly"),
    (r"\b(?:6|six|bi|two|2)[\s-]*weekly\b", "every few weeks"),
    (r"\bweekly\b|\bevery week\b|\beach week\b", "weekly"),
    (
        r"\bbi-?annual(?:ly)?\b|\b(?:six|6)[\s-]*monthly\b|\bhalf[\s-]*yearly\b|\btwice (?:a|per) year\b"
        r"|\bevery (?:six|6) months\b",
        "six-monthly",
    ),
    (r"\bbi-?monthly\b|\b(?:two|2)[\s-]*monthly\b|\bevery (?:two|2) months\b", "every two months"),
    (
        r"\bquarterly\b|\bevery (?:three|3) months\b|\b(?:three|3)[\s-]*monthly\b|\beach quarter\b",
        "quarterly",
    ),
    (r"\bmonthly\b|\bevery month\b|\beach month\b", "monthly"),
    (r"\btermly\b|\beach term\b|\bevery term\b", "termly"),
    (r"\bannual(?:ly)?\b|\byearly\b|\bevery year\b|\beach year\b", "annual"),
)
_REVIEW = re.compile(r"\breview(?:ed|s|ing)?\b|\bre-?visit")
_STARTS = re.compile(r"\b(?:from|since|start(?:s|ing|ed)?|commenc(?:e|es|ed|ing)|beginning|after)\b")
_ENDS = re.compile(r"\b(?:by|until|till|to|end|ends|ending|complete|completion|before)\b")
_ONWARDS = re.compile(r"\s*(?:onwards?\b|\+|then\b|and then\b|and ongoing\b|& ongoing\b)")
_ONGOING = re.compile(r"\bon-?\s?going\b|\bcontinu(?:ous|ously|ing|al|ally|es)\b|\bonwards?\b|\bthroughout\b")
_IN_PLACE = re.compile(r"\b(?:already )?in place\b|\b(?:complete|completed|achieved|done)\b")
_REDATED = re.compile(r"\b(?:revised|extended|moved|slipped|was|originally|new date)\b")
_CLAUSE_ENDS = re.compile(r"[;.()\n]")


def read_timescale(value: object, *, shows_day: bool | None = None) -> Timescale:
    """Read one timescale cell: words, a real date, or nothing.

    Source: a month means its last day; a year stands at the end of a window ("Sep - Mar 17" starts in 2016).
    A date cell made by Excel from "Sep-16" is the first of the month: `shows_day` tells whether the cell
    shows a day (true), only month and year (false), or nobody knows (None).
    Errors: none; what cannot be read is kept as written, with a doubt that says so.
    """
    if value is None:
        return Timescale("", TimescaleKind.BLANK)
    if isinstance(value, datetime):
        return _from_date_cell(value.date(), shows_day)
    if isinstance(value, date):
        return _from_date_cell(value, shows_day)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _from_number(float(value))
    return _from_words(str(value))


def _from_date_cell(day: date, shows_day: bool | None) -> Timescale:
    month = Timescale(
        as_written=f"{day:%b-%y}",
        kind=TimescaleKind.DATED,
        window_starts_on=day.replace(day=1),
        window_ends_on=last_day_of_month(day.year, day.month),
    )
    if shows_day is False:
        return month
    exact = Timescale(as_written=f"{day:%d/%m/%Y}", kind=TimescaleKind.DATED, window_ends_on=day)
    if shows_day is None and day.day == 1:
        doubt = (
            f"The cell holds the date {day_in_words(day)}. A spreadsheet makes this of a month written like "
            f"“{day:%b-%y}”, so it is read as the whole month. If the first of the month is meant, "
            "write the date as text."
        )
        return replace(month, as_written=exact.as_written, doubts=(doubt,))
    if abs(day.year % 100 - day.day) <= 1:
        doubt = (
            f"The cell holds the date {day_in_words(day)}. A spreadsheet can make this of "
            f"“{day:%b}-{day.day}”, meaning the month; it is read as that day."
        )
        return replace(exact, doubts=(doubt,))
    return exact


def _from_number(number: float) -> Timescale:
    shown = f"{number:g}"
    first_serial, last_serial = 33000, 58500  # 1990 to 2060 in the day count of spreadsheets
    if not first_serial <= number <= last_serial:
        doubt = f"“{shown}” is a number, not a timescale. Write a month and a year, for example Sep-16."
        return Timescale(shown, TimescaleKind.UNREADABLE, doubts=(doubt,))
    day = date(1899, 12, 30) + timedelta(days=int(number))
    read = _from_date_cell(day, None)
    doubt = f"“{shown}” is a bare number: read as the day count of a spreadsheet, {day_in_words(day)}."
    return replace(read, as_written=shown, doubts=(doubt, *read.doubts))


def _from_words(written: str) -> Timescale:
    as_written = " ".join(written.replace("\u00a0", " ").split())
    text = _DASHES.sub("-", written.replace("\u00a0", " ").replace("’", "'").lower())
    text = re.sub(r"[ \t]+", " ", text).strip()
    if text.rstrip(".") in _BLANKS:
        doubts = (f"“{as_written}” gives no timescale.",) if text not in ("", "-") else ()
        return Timescale(as_written, TimescaleKind.BLANK, doubts=doubts)
    reviews, starts, others = _sorted_by_role(text, find_dates(text))
    review_on = reviews[-1].ends_on if reviews else None
    recurs = _recurrence(text)
    doubts_of_dates = [_sentence(found.doubt) for found in (*reviews, *starts, *others) if found.doubt]
    start, end, doubts_of_window = _window(text, starts, others, recurs is not None)
    kind = _kind(text, end, start, review_on, recurs)
    doubts_of_kind = _doubts_of_kind(text, as_written, kind, end)
    if kind is TimescaleKind.ONGOING and start is not None:
        doubts_of_kind.append(
            f"This starts in {start:%B %Y} and has no end: the action is counted outside the base."
        )
    all_doubts = (*doubts_of_dates, *doubts_of_window, *doubts_of_kind)
    return Timescale(as_written, kind, start, end, recurs, review_on, all_doubts)


def _sorted_by_role(
    text: str, dates: list[WrittenDate]
) -> tuple[list[WrittenDate], list[WrittenDate], list[WrittenDate]]:
    """Review dates, dates on which something starts, and the rest: told apart by the words before them."""
    reviews: list[WrittenDate] = []
    starts: list[WrittenDate] = []
    others: list[WrittenDate] = []
    read_up_to = 0
    for found in dates:
        lead_in = text[read_up_to : found.begin]
        read_up_to = found.end
        clause = _CLAUSE_ENDS.split(lead_in)
        # "(review March 2016)" opens a bracket before the word; a closed clause says nothing about this date.
        words = clause[-1] if clause[-1].strip() or len(clause) == 1 else clause[-2]
        is_last = found is dates[-1]
        if _REVIEW.search(words):
            reviews.append(found)
        elif (_STARTS.search(words) and not _ENDS.search(words)) or (
            is_last and _ONWARDS.match(text, found.end)
        ):
            starts.append(found)
        else:
            others.append(found)
    return reviews, starts, others


def _window(
    text: str, starts: list[WrittenDate], others: list[WrittenDate], recurs: bool
) -> tuple[date | None, date | None, list[str]]:
    doubts: list[str] = []
    if recurs and others and not starts and len(others) == 1 and not _ENDS.search(text):
        return others[0].starts_on, None, doubts  # "Oct 2014 Quarterly": the first of a series
    start = min((found.starts_on for found in starts), default=None)
    if not others:
        return start, None, doubts
    end = max(found.ends_on for found in others)
    if others[-1].ends_on != end:
        doubts.append(f"The dates do not run forward: the window is taken to end on {day_in_words(end)}.")
    elif len(others) + len(starts) > 2:
        doubts.append(
            f"There are several dates: the window is taken to end on the last, {day_in_words(end)}."
        )
    if start is None:
        first = others[0] if others[-1].ends_on == end else min(others, key=lambda found: found.starts_on)
        opens_window = len(others) > 1 or not (first.is_one_day or _ENDS.search(text[: first.begin]))
        start = first.starts_on if opens_window else None
    elif start > end:
        doubts.append("The start lies after the end: only the end is taken.")
        start = None
    return start, end, doubts


def _kind(
    text: str, end: date | None, start: date | None, review_on: date | None, recurs: str | None
) -> TimescaleKind:
    if recurs is not None:
        return TimescaleKind.RECURRING
    if end is not None:
        return TimescaleKind.DATED
    if _IN_PLACE.search(text):
        return TimescaleKind.IN_PLACE
    if _ONGOING.search(text) or start is not None:
        return TimescaleKind.ONGOING
    return TimescaleKind.REVIEW_ONLY if review_on is not None else TimescaleKind.UNREADABLE


def _doubts_of_kind(text: str, as_written: str, kind: TimescaleKind, end: date | None) -> list[str]:
    doubts: list[str] = []
    if kind is TimescaleKind.UNREADABLE:
        doubts.append(
            f"“{as_written}” gives no date that can be read. Write a month and a year, for example Sep-16, "
            "or the word Ongoing."
        )
    elif kind is TimescaleKind.REVIEW_ONLY:
        doubts.append("This is a review date and no due date: the action is counted outside the base.")
    elif kind is TimescaleKind.RECURRING and end is None:
        doubts.append("This recurs and has no end: the action is counted outside the base.")
    if end is not None and kind is TimescaleKind.DATED and (_ONGOING.search(text) or _IN_PLACE.search(text)):
        doubts.append(f"This gives words and a date: counted as due by {day_in_words(end)}.")
    if end is not None and _REDATED.search(text):
        doubts.append(f"This may be a changed date: {day_in_words(end)} is counted as the published one.")
    if end is not None and not FIRST_SENSIBLE_YEAR <= end.year <= LAST_SENSIBLE_YEAR:
        doubts.append(f"The year {end.year} is unlikely.")
    return doubts


def _recurrence(text: str) -> str | None:
    for pattern, name in _RECURRENCES:
        if re.search(pattern, text):
            return name
    return None


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:] + "."
