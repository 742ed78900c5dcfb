"""Clocks of actions and concerns: elapsed hours never stop, working days skip weekends and bank holidays."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_app.adapters.bank_holidays import england_holidays
from qa_app.domain.case_action_filters import Asked, Show, ageing_bounds, read_asked
from qa_app.domain.case_actions import Ageing, Priority, Timing, ageing_of
from qa_app.domain.safeguarding_concerns import Clock, ClockState, ConcernKind, ConcernTiming, hours_words
from qa_app.domain.working_days import day_in_london

LONDON = ZoneInfo("Europe/London")
MOMENTS = st.datetimes(
    datetime(2024, 1, 1),  # noqa: DTZ001
    datetime(2027, 6, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def london(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LONDON)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("priority", "raised", "due"),
    [
        # Elapsed hours run through the night of a Saturday into a bank holiday.
        (Priority.CRITICAL, london(2026, 12, 26, 22, 15), london(2026, 12, 27, 22, 15)),
        # The clocks go forward on 29 March 2026: 24 elapsed hours end an hour later by the clock on the wall.
        (Priority.CRITICAL, london(2026, 3, 28, 12, 0), london(2026, 3, 29, 13, 0)),
        # And back on 25 October 2026.
        (Priority.CRITICAL, london(2026, 10, 24, 12, 0), london(2026, 10, 25, 11, 0)),
        # Five working days over Christmas 2026: 25 December, the substitute day on 28 December and 1 January are none.
        (Priority.HIGH, london(2026, 12, 23, 9, 0), london(2027, 1, 5, 0, 0)),
        # Over Easter 2026: Good Friday 3 April and Easter Monday 6 April.
        (Priority.HIGH, london(2026, 4, 1, 23, 59), london(2026, 4, 11, 0, 0)),
    ],
)
def test_the_clock_of_each_priority(priority: Priority, raised: datetime, due: datetime) -> None:
    found = Timing().due_at(priority, raised.astimezone(UTC), england_holidays())
    # The end of a day is its last moment.
    assert timedelta(0) <= due - found <= timedelta(seconds=1)


@settings(max_examples=200)
@given(raised=MOMENTS, n=st.integers(1, 40))
def test_working_days_are_counted_as_by_hand(raised: datetime, n: int) -> None:
    due = Timing(standard_days=n).due_at(Priority.STANDARD, raised, england_holidays())
    first, last = day_in_london(raised), day_in_london(due)
    between = [first + timedelta(days=step) for step in range(1, (last - first).days + 1)]
    working = [day for day in between if day.weekday() < 5 and day not in england_holidays()]
    assert len(working) == n
    assert working[-1] == last
    assert due.astimezone(LONDON).hour == 23


@settings(max_examples=100)
@given(raised=MOMENTS, hours=st.integers(1, 72))
def test_hours_of_a_concern_run_through_everything(raised: datetime, hours: int) -> None:
    timing = ConcernTiming(acknowledge_hours=hours, safe_hours=hours + 1)
    due = timing.acknowledge_due(ConcernKind.SAFEGUARDING, raised)
    assert (due - raised).total_seconds() == hours * 3600
    assert timing.safe_due(ConcernKind.SAFEGUARDING, raised) == raised + timedelta(hours=hours + 1)
    assert timing.safe_due(ConcernKind.STEP_UP, raised) is None
    running = Clock(due, None, raised)
    assert running.state(due) is ClockState.RUNNING
    assert running.state(due + timedelta(microseconds=1)) is ClockState.OVERDUE
    assert Clock(due, due, raised).state(due) is ClockState.MET
    assert Clock(due, due + timedelta(seconds=1), raised).state(due) is ClockState.MET_LATE


def test_a_clock_in_words() -> None:
    raised = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    clock = Clock(raised + timedelta(hours=4), None, raised)
    assert clock.in_words(raised + timedelta(hours=1, minutes=30)) == "2 h 30 min left"
    assert clock.in_words(raised + timedelta(hours=6)) == "Overdue by 2 h"
    assert hours_words(timedelta(days=5)) == "5 days"
    assert hours_words(timedelta(seconds=59)) == "0 min"


@settings(max_examples=200)
@given(at=MOMENTS, apart=st.integers(-60 * 86400, 60 * 86400))
def test_every_due_moment_lies_in_one_band_the_same_in_words_and_in_bounds(at: datetime, apart: int) -> None:
    due = at + timedelta(seconds=apart)
    inside = [
        band
        for band, (after, until) in ageing_bounds(at).items()
        if (after is None or due > after) and (until is None or due <= until)
    ]
    assert inside == [ageing_of(due, at)]


def test_the_bands_by_hand() -> None:
    at = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)

    def due(day: date) -> datetime:
        return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)

    bands = {
        date(2026, 11, 24): Ageing.THIS_WEEK,
        date(2026, 12, 1): Ageing.THIS_WEEK,
        date(2026, 12, 2): Ageing.LATER,
        date(2026, 11, 23): Ageing.JUST_LATE,
        date(2026, 11, 17): Ageing.JUST_LATE,
        date(2026, 11, 16): Ageing.LATE,
        date(2026, 10, 27): Ageing.LATE,
        date(2026, 10, 26): Ageing.VERY_LATE,
    }
    assert {day: ageing_of(due(day), at) for day in bands} == bands


@given(
    asked=st.builds(
        Asked,
        show=st.sampled_from(list(Show)),
        ageing=st.sampled_from([None, *Ageing]),
        priority=st.sampled_from([None, *Priority]),
        mine=st.booleans(),
        team_id=st.one_of(st.none(), st.integers(1, 2**31 - 1)),
        theme_id=st.one_of(st.none(), st.integers(1, 2**31 - 1)),
    )
)
def test_filters_survive_the_address(asked: Asked) -> None:
    assert read_asked(asked.in_address) == asked


def test_filters_that_are_not_understood_are_none() -> None:
    assert read_asked({"show": "x", "ageing": "9", "team": "-1", "area": "٣", "page": "9" * 30}) == Asked()
