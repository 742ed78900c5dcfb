"""Counting a plan at a date: nothing is counted twice, nothing is lost."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.plan_records import Rating
from qa_app.domain.plan_tally import (
    PUBLISHED_WINDOW_ENDED,
    PlanLine,
    RatingCounts,
    report_exceptions,
    tally_plan,
)
from qa_app.domain.timescales import TimescaleKind

AS_AT = date(2016, 9, 30)


def line(ref: str, ends_on: date | None = AS_AT, rating: Rating | None = Rating.AMBER) -> PlanLine:
    """One action of the plan, due at the end of September 2016 unless said otherwise."""
    return PlanLine(
        ref=ref,
        ref_as_written=ref,
        priority=ref.split(".")[0],
        priority_title=None,
        text=f"Action {ref}",
        lead="DCS",
        agencies=None,
        timescale_as_written="" if ends_on is None else f"{ends_on:%b-%y}",
        timescale_kind=TimescaleKind.BLANK if ends_on is None else TimescaleKind.DATED,
        window_ends_on=ends_on,
        status_text="",
        rating=rating,
    )


def test_every_standing_is_counted_in_its_place() -> None:
    lines = [
        line("10.1", rating=Rating.RED),
        line("2.1", rating=Rating.GREEN),
        line("2.2", ends_on=date(2016, 10, 1), rating=Rating.GREEN),
        line("2.3", ends_on=date(2016, 10, 1), rating=Rating.RED),
        line("2.4", ends_on=None, rating=Rating.RED),
        line("2.5", rating=None),
    ]
    tally = tally_plan(lines, AS_AT)
    assert tally.base == PUBLISHED_WINDOW_ENDED
    total = tally.total
    assert (total.actions, total.due, total.not_due, total.completed_early, total.ongoing) == (6, 3, 2, 1, 1)
    assert total.due_ratings == RatingCounts(green=1, red=1, unrated=1)
    assert [one.priority for one in tally.priorities] == ["2", "10"]

    report = report_exceptions(lines, AS_AT)
    assert (report.red, report.due) == (1, 3)
    assert [(one.priority, one.red, one.due) for one in report.priorities] == [("2", 0, 2), ("10", 1, 1)]
    assert [one.ref for one in report.red_actions] == ["10.1"]
    assert [one.ref for one in report.not_due] == ["2.3"]
    assert [one.ref for one in report.completed_early] == ["2.2"]
    assert [one.ref for one in report.outside_base] == ["2.4"]
    assert [one.ref for one in report.due_unrated] == ["2.5"]


def test_an_empty_plan_counts_nothing() -> None:
    tally = tally_plan([], AS_AT)
    assert tally.total.actions == 0
    assert tally.priorities == ()
    assert report_exceptions([], AS_AT).due == 0


lines_of_plans = st.lists(
    st.builds(
        line,
        ref=st.sampled_from(["1.1", "1.2", "2.1", "9.1", "10.1"]),
        ends_on=st.none() | st.dates(min_value=date(2016, 1, 1), max_value=date(2017, 12, 31)),
        rating=st.none() | st.sampled_from(Rating),
    ),
    max_size=40,
)


@given(lines_of_plans, st.dates(min_value=date(2016, 1, 1), max_value=date(2017, 12, 31)))
def test_the_parts_sum_to_the_whole(lines: list[PlanLine], as_at: date) -> None:
    tally = tally_plan(lines, as_at)
    total = tally.total
    assert total.actions == len(lines) == total.due + total.not_due + total.ongoing
    assert total.completed_early <= total.not_due
    assert total.ratings.n_actions == total.actions
    assert total.due_ratings.n_actions == total.due
    for name in ("actions", "due", "not_due", "completed_early", "ongoing"):
        assert sum(getattr(one.tally, name) for one in tally.priorities) == getattr(total, name)

    report = report_exceptions(lines, as_at)
    assert (report.due, report.red) == (total.due, total.due_ratings.red)
    assert sum(one.due for one in report.priorities) == report.due
    assert sum(one.red for one in report.priorities) == report.red == len(report.red_actions)
    assert len(report.completed_early) == total.completed_early
    assert len(report.outside_base) == total.ongoing


@given(lines_of_plans, st.dates(min_value=date(2016, 1, 1), max_value=date(2017, 6, 30)))
def test_what_is_due_stays_due(lines: list[PlanLine], as_at: date) -> None:
    later = date(as_at.year + 1, 1, 1)
    assert tally_plan(lines, as_at).total.due <= tally_plan(lines, later).total.due
