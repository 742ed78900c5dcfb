"""What somebody can take on: what they said, less their leave."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.capacity import Leave, capacity_between, check_capacity, check_leave, working_days
from qa_app.domain.errors import Invalid

MONDAY, FRIDAY = date(2026, 11, 2), date(2026, 11, 6)


@pytest.mark.parametrize(
    ("n_reviews", "leave", "room"),
    [
        (5, [], 5),
        (5, [Leave(MONDAY, MONDAY)], 4),
        (4, [Leave(MONDAY, MONDAY)], 3),
        (4, [Leave(date(2026, 11, 7), date(2026, 11, 8))], 4),
        (4, [Leave(MONDAY, date(2026, 11, 4)), Leave(date(2026, 11, 3), FRIDAY)], 0),
        (None, [Leave(MONDAY, MONDAY)], None),
        (None, [Leave(date(2026, 10, 1), date(2026, 12, 1))], 0),
    ],
)
def test_leave_takes_its_share(n_reviews: int | None, leave: list[Leave], room: int | None) -> None:
    assert capacity_between(n_reviews, leave, MONDAY, FRIDAY) == room


days = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(
    st.integers(0, 50), st.lists(st.tuples(days, st.integers(0, 30)), max_size=4), days, st.integers(0, 60)
)
def test_leave_never_adds_and_more_of_it_never_helps(
    n_reviews: int, away: list[tuple[date, int]], starts_on: date, n_days: int
) -> None:
    leave = [Leave(first, first + timedelta(days=n)) for first, n in away]
    ends_on = starts_on + timedelta(days=n_days)
    room = capacity_between(n_reviews, leave, starts_on, ends_on)
    less = capacity_between(n_reviews, leave[:-1], starts_on, ends_on)
    assert room is not None
    assert less is not None
    assert 0 <= room <= less <= n_reviews


def test_working_days_leave_the_weekend_out() -> None:
    assert len(working_days(MONDAY, MONDAY + timedelta(days=13))) == 10
    assert not working_days(FRIDAY, MONDAY)


def test_what_cannot_be_meant_is_refused() -> None:
    with pytest.raises(Invalid):
        check_capacity(201)
    with pytest.raises(Invalid):
        check_leave(Leave(FRIDAY, MONDAY))
    with pytest.raises(Invalid):
        check_leave(Leave(MONDAY, MONDAY + timedelta(days=401)))
    check_capacity(None)
    check_leave(Leave(MONDAY, MONDAY))
