"""Working days of England: no weekends, no bank holidays. Whoever knows the bank holidays hands them in."""

from collections.abc import Container
from datetime import date, datetime, time, timedelta

from qa_app.clock import LONDON

SATURDAY = 5


def is_working_day(day: date, holidays: Container[date]) -> bool:
    """Whether people of a council are at work on a day."""
    return day.weekday() < SATURDAY and day not in holidays


def add_working_days(day: date, n: int, holidays: Container[date]) -> date:
    """The n-th working day after a day, which itself is not counted. Units: n from 0; 0 is the day itself."""
    while n > 0:
        day += timedelta(days=1)
        n -= is_working_day(day, holidays)
    return day


def working_days_between(start: date, end: date, holidays: Container[date]) -> int:
    """How many working days lie after one day and up to another, the other included; negative backwards."""
    if end < start:
        return -working_days_between(end, start, holidays)
    days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(is_working_day(day, holidays) for day in days)


def end_of_day(day: date) -> datetime:
    """The last second of a day as people in London see it, whatever the clocks do that night."""
    return datetime.combine(day, time(23, 59, 59), LONDON)


def day_in_london(moment: datetime) -> date:
    """The day that a moment falls on in London."""
    return moment.astimezone(LONDON).date()


def bank_holidays_by_rule(year: int) -> frozenset[date]:
    """The usual bank holidays of England in a year that nobody has published yet; special ones can't be foreseen.

    Source: Banking and Financial Dealings Act 1971, schedule 1, with its substitute days; New Year's Day and the
    first Monday in May by proclamation each year.
    """
    easter = _easter(year)
    days = {easter - timedelta(days=2), easter + timedelta(days=1), _first_monday(year, 5)}
    days |= {_last_monday(year, 5), _last_monday(year, 8), _moved(date(year, 1, 1), frozenset())}
    christmas = _moved(date(year, 12, 25), frozenset({date(year, 12, 26)}))
    boxing = _moved(date(year, 12, 26), frozenset({christmas}))
    return frozenset({*days, christmas, boxing})


def _moved(day: date, taken: Container[date]) -> date:
    """The day itself, or its substitute: the next day that is no weekend and not taken."""
    if day.weekday() < SATURDAY and day not in taken:
        return day
    while day.weekday() >= SATURDAY or day in taken:
        day += timedelta(days=1)
    return day


def _first_monday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=-first.weekday() % 7)


def _last_monday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=last.weekday())


def _easter(year: int) -> date:
    """Easter Sunday. Source: the anonymous Gregorian algorithm (Nature, 1876)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (b - (b + 8) // 25 + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)
