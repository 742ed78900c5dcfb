"""Working days of England, against what the government published and by hand."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_app.adapters.bank_holidays import england_holidays
from qa_app.domain.working_days import (
    add_working_days,
    bank_holidays_by_rule,
    day_in_london,
    end_of_day,
    is_working_day,
    working_days_between,
)

# Years with days of their own: royal events, and the early May day moved in 2020.
SPECIAL_YEARS = {2012, 2020, 2022, 2023}


@pytest.mark.parametrize("year", [year for year in range(2013, 2029) if year not in SPECIAL_YEARS])
def test_the_rule_gives_the_published_days(year: int) -> None:
    assert {day for day in england_holidays() if day.year == year} == set(bank_holidays_by_rule(year))


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        # By hand: Christmas 2026 is a Friday, so Boxing Day is kept on Monday the 28th.
        (date(2026, 12, 24), 1, date(2026, 12, 29)),
        (date(2026, 12, 24), 5, date(2027, 1, 5)),
        (date(2026, 11, 20), 5, date(2026, 11, 27)),
        (date(2026, 11, 21), 1, date(2026, 11, 23)),
        (date(2026, 4, 2), 1, date(2026, 4, 7)),
        (date(2026, 11, 24), 20, date(2026, 12, 22)),
        (date(2026, 11, 24), 0, date(2026, 11, 24)),
    ],
)
def test_working_days_by_hand(start: date, n: int, end: date) -> None:
    assert add_working_days(start, n, england_holidays()) == end


@settings(max_examples=60)
@given(st.dates(date(2013, 1, 1), date(2040, 12, 31)), st.integers(1, 60))
def test_the_way_there_and_back_is_the_same(start: date, n: int) -> None:
    holidays = england_holidays()
    end = add_working_days(start, n, holidays)
    assert is_working_day(end, holidays)
    assert working_days_between(start, end, holidays) == n
    assert working_days_between(end, start, holidays) == -n
    assert end - start >= timedelta(days=n)


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 1), date(2026, 12, 1)])
def test_a_day_ends_at_midnight_in_london_whatever_the_clocks_do(day: date) -> None:
    end = end_of_day(day)
    assert day_in_london(end) == day
    assert day_in_london(end + timedelta(seconds=1)) == day + timedelta(days=1)


def test_the_day_of_a_moment_is_that_of_london() -> None:
    assert day_in_london(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == date(2026, 7, 1)
    assert day_in_london(datetime(2026, 12, 30, 23, 30, tzinfo=UTC)) == date(2026, 12, 30)
