"""What a newer copy of a plan changes."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.plan_changes import KnownAction, compare_plan
from qa_app.domain.plan_records import PlanActionRecord, PlanDocument, Rating
from qa_app.domain.timescales import read_timescale


def record(ref: str, status: str = "In progress A", rating: Rating | None = Rating.AMBER) -> PlanActionRecord:
    """An action of the newer copy."""
    return PlanActionRecord(
        ref=ref,
        ref_as_written=ref,
        priority="1",
        text=f"Action {ref}",
        timescale=read_timescale("Sep-16"),
        status_text=status,
        declared_rating=rating,
    )


def known(ref: str) -> KnownAction:
    """The same action as the plan holds it."""
    return KnownAction(7, ref, f"Action  {ref}", "Sep-16", "In progress A", Rating.AMBER)


def document(*records: PlanActionRecord) -> PlanDocument:
    """A newer copy of the plan."""
    return PlanDocument("Plan", date(2016, 12, 31), records, {})


def test_the_same_copy_changes_nothing() -> None:
    changes = compare_plan([known("1.1")], document(record("1.1")))
    assert (changes.new, changes.updated, changes.reworded, changes.retimed, changes.left_out) == ((),) * 5


def test_each_difference_is_told_apart() -> None:
    completed = record("1.2", "Completed G", Rating.GREEN)
    reworded = replace(record("1.3"), text="Another action")
    retimed = replace(record("1.4"), timescale=read_timescale("Dec-16"))
    told_more = replace(record("1.5"), progress="The panel met.")
    refs = ("1.2", "1.3", "1.4", "1.5", "1.9")
    newer = document(completed, reworded, retimed, told_more, record("2.1"))
    changes = compare_plan([known(ref) for ref in refs], newer)
    assert [one.ref for one in changes.new] == ["2.1"]
    assert [one.record.ref for one in changes.updated] == ["1.2", "1.5"]
    assert [one.record.ref for one in changes.reworded] == ["1.3"]
    assert [one.record.ref for one in changes.retimed] == ["1.4"]
    assert [one.ref for one in changes.left_out] == ["1.9"]


refs_of_plans = st.lists(st.sampled_from(["1.1", "1.2", "2.1", "3.1"]), unique=True)


@given(refs_of_plans, refs_of_plans)
def test_every_action_is_in_one_place(held: list[str], sent: list[str]) -> None:
    changes = compare_plan([known(ref) for ref in held], document(*(record(ref) for ref in sent)))
    assert len(changes.new) + len(changes.in_both) == len(sent)
    assert len(changes.left_out) + len(changes.in_both) == len(held)
