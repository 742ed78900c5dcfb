"""Dates as people write them in plans: found in free text, each with the span of days that it covers."""

import calendar
import re
from dataclasses import dataclass
from datetime import date

from qa_app.domain.dates import as_written as day_in_words

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")(?![a-z])\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?:(?:19|20)\d\d|'?\d\d)"
_END = r"(?!\d|st\b|nd\b|rd\b|th\b)"

_NO_MONTH_NEXT = rf"(?! *{_MONTH})"  # "1 Sep - 30 Nov 2016": thirty is a day, not a year

# Tried in this order at each place in the text; the first that fits is taken.
_FORMS = {
    "iso": r"(?<!\d)(?P<iso_y>(?:19|20)\d\d)-(?P<iso_m>\d\d)(?:-(?P<iso_d>\d\d))?(?!\d)",
    "numeric": (
        r"(?<!\d)(?P<num_d>\d{1,2})(?P<sep>[./-])(?P<num_m>\d{1,2})(?P=sep)" rf"(?P<num_y>{_YEAR}){_END}"
    ),
    "month_slash_year": r"(?<!\d)(?P<msy_m>\d{1,2})[/.](?P<msy_y>(?:19|20)\d\d)(?!\d)",
    "quarter": (
        r"\bq(?:uarter)? ?(?P<q>[1-4]) *(?:of )?,? *"
        r"(?P<q_y>(?:20)?\d\d) ?[/-] ?(?P<q_y2>(?:20)?\d\d)(?!\d)"
    ),
    "day_month_year": (
        rf"(?<!\d)(?P<dmy_d>{_DAY})(?: of)?[ .-]*(?P<dmy_m>{_MONTH})"
        rf"[ ,.-]*(?P<dmy_y>{_YEAR}){_END}{_NO_MONTH_NEXT}"
    ),
    "month_day_year": rf"\b(?P<mdy_m>{_MONTH}) *(?P<mdy_d>{_DAY}),? +(?P<mdy_y>(?:19|20)\d\d)(?!\d)",
    "month_year": rf"\b(?P<my_m>{_MONTH})[ ,./-]*(?P<my_y>{_YEAR}){_END}{_NO_MONTH_NEXT}",
    "no_year": rf"\b(?:(?P<open_d>{_DAY}) *)?(?P<open_m>{_MONTH})",
}
_WRITTEN_DATE = re.compile("|".join(f"(?P<{name}>{form})" for name, form in _FORMS.items()))
_JOINS_A_RANGE = re.compile(r"\s*(?:-|/|&|,|to|and|until|till|through|or)?\s*")
_RUNS_ON = re.compile(r"\s*(?:-|to|until)\s*")

FIRST_SENSIBLE_YEAR = 1990
LAST_SENSIBLE_YEAR = 2060


@dataclass(frozen=True)
class WrittenDate:
    """A day, a month or a quarter as somebody wrote it, and where in the text it stood."""

    starts_on: date
    ends_on: date
    is_one_day: bool
    begin: int
    end: int
    doubt: str | None = None


@dataclass(frozen=True)
class _MonthWithoutYear:
    month: int
    day: int | None
    begin: int
    end: int


def last_day_of_month(year: int, month: int) -> date:
    """The last day of a month: what a month means when it is a deadline."""
    return date(year, month, calendar.monthrange(year, month)[1])


def find_dates(text: str) -> list[WrittenDate]:
    """Every date in a lower-case text, in order; a month without a year takes it from the date it leads to.

    Source: day before month, as in the United Kingdom; a two-digit year is of this century.
    """
    found: list[WrittenDate | _MonthWithoutYear] = []
    for match in _WRITTEN_DATE.finditer(text):
        token = _read(match)
        if token is not None:
            found.append(token)
    return _with_years(text, found)


def _with_years(text: str, found: list[WrittenDate | _MonthWithoutYear]) -> list[WrittenDate]:
    dated: list[WrittenDate] = []
    following: WrittenDate | None = None
    follows_at = 0
    for before, token in reversed(list(zip([None, *found], found, strict=False))):
        if isinstance(token, WrittenDate):
            following, follows_at = token, token.begin
            dated.append(token)
        elif following is not None and _JOINS_A_RANGE.fullmatch(text[token.end : follows_at]):
            year = following.ends_on.year - (1 if token.month > following.ends_on.month else 0)
            start = _day(year, token.month, token.day or 1)
            if start is not None:
                is_one_day = token.day is not None
                end = start if is_one_day else last_day_of_month(year, token.month)
                dated.append(WrittenDate(start, end, is_one_day, token.begin, token.end))
                follows_at = token.begin
        elif isinstance(before, WrittenDate) and _RUNS_ON.fullmatch(text[before.end : token.begin]):
            year = before.ends_on.year + (1 if token.month < before.ends_on.month else 0)
            end = last_day_of_month(year, token.month)
            doubt = f"the last month has no year: read as {day_in_words(end)}"
            dated.append(WrittenDate(end.replace(day=1), end, False, token.begin, token.end, doubt=doubt))
    return dated[::-1]


def _read(match: re.Match[str]) -> WrittenDate | _MonthWithoutYear | None:
    part = match.groupdict()
    span = match.span()
    kind = next(name for name in _FORMS if part[name] is not None)
    if kind == "no_year":
        day = int(re.sub(r"\D", "", part["open_d"])) if part["open_d"] else None
        return _MonthWithoutYear(_month(part["open_m"]), day, *span)
    if kind == "iso":
        if part["iso_d"] is None:
            return _whole_month(int(part["iso_y"]), int(part["iso_m"]), span)
        return _one_day(int(part["iso_y"]), int(part["iso_m"]), int(part["iso_d"]), span)
    if kind == "numeric":
        return _one_day(_year(part["num_y"]), int(part["num_m"]), int(part["num_d"]), span)
    if kind == "month_slash_year":
        return _whole_month(int(part["msy_y"]), int(part["msy_m"]), span)
    if kind == "quarter":
        return _financial_quarter(int(part["q"]), _year(part["q_y"]), _year(part["q_y2"]), span)
    if kind == "month_year":
        return _whole_month(_year(part["my_y"]), _month(part["my_m"]), span)
    prefix = "dmy" if kind == "day_month_year" else "mdy"
    day_number = int(re.sub(r"\D", "", part[f"{prefix}_d"]))
    return _one_day(_year(part[f"{prefix}_y"]), _month(part[f"{prefix}_m"]), day_number, span)


def _one_day(year: int, month: int, day: int, span: tuple[int, int]) -> WrittenDate | None:
    as_written = _day(year, month, day)
    if as_written is not None:
        return WrittenDate(as_written, as_written, True, *span)
    month_first = _day(year, day, month)
    if month_first is None:
        return None
    doubt = f"the month stands before the day: read as {day_in_words(month_first)}"
    return WrittenDate(month_first, month_first, True, *span, doubt=doubt)


def _whole_month(year: int, month: int, span: tuple[int, int]) -> WrittenDate | None:
    start = _day(year, month, 1)
    return None if start is None else WrittenDate(start, last_day_of_month(year, month), False, *span)


def _financial_quarter(quarter: int, year: int, next_year: int, span: tuple[int, int]) -> WrittenDate | None:
    """Quarter 1 of a council's year 2016/17 is April to June 2016; quarter 4 is January to March 2017."""
    if next_year != year + 1:
        return None
    first_month = (quarter * 3) % 12 + 1
    falls_in = next_year if quarter == 4 else year
    start = _day(falls_in, first_month, 1)
    if start is None:
        return None
    return WrittenDate(start, last_day_of_month(falls_in, first_month + 2), False, *span)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month(name: str) -> int:
    return _MONTHS[name.rstrip(".")]


def _year(digits: str) -> int:
    number = int(digits.lstrip("'"))
    return number if number >= 100 else 2000 + number
