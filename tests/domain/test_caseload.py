"""The one plan type of a child, and what may be stored of a fault."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.caseload import (
    WITHHELD,
    CaseloadCase,
    CaseStatus,
    Handling,
    ImportFault,
    PlanType,
    cases_by_plan_type,
    plan_type_of,
)

STATUSES = [None, *CaseStatus]
EVERY_WAY = list(itertools.product(STATUSES, [False, True], [False, True], [False, True]))


def plan(
    status: CaseStatus | None, cp: bool = False, care: bool = False, leaver: bool = False
) -> PlanType | None:
    return plan_type_of(status, on_child_protection_plan=cp, is_looked_after=care, is_care_leaver=leaver)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (CaseStatus.LOOKED_AFTER, PlanType.LOOKED_AFTER),
        (CaseStatus.CHILD_PROTECTION, PlanType.CHILD_PROTECTION),
        (CaseStatus.CHILD_IN_NEED, PlanType.CHILD_IN_NEED),
        (CaseStatus.OPEN_ASSESSMENT, PlanType.OPEN_ASSESSMENT),
        (CaseStatus.CLOSED, None),
        (None, None),
    ],
)
def test_list_6_alone_decides_where_nothing_else_is_known(
    status: CaseStatus | None, expected: PlanType | None
) -> None:
    assert plan(status) is expected


def test_the_first_plan_type_that_holds_is_taken() -> None:
    assert plan(CaseStatus.CHILD_IN_NEED, cp=True) is PlanType.CHILD_PROTECTION
    assert plan(CaseStatus.CHILD_PROTECTION, cp=True, care=True) is PlanType.LOOKED_AFTER
    assert plan(CaseStatus.LOOKED_AFTER, care=True, leaver=True) is PlanType.LOOKED_AFTER
    assert plan(CaseStatus.OPEN_ASSESSMENT, leaver=True) is PlanType.OPEN_ASSESSMENT
    assert plan(None, leaver=True) is PlanType.CARE_LEAVER


@pytest.mark.parametrize(("status", "cp", "care", "leaver"), EVERY_WAY)
def test_closed_is_never_drawn_unless_a_care_leaver(
    status: CaseStatus | None, cp: bool, care: bool, leaver: bool
) -> None:
    found = plan(status, cp, care, leaver)
    if status is CaseStatus.CLOSED:
        assert found is (PlanType.CARE_LEAVER if leaver else None)
    else:
        # More that holds never gives a plan type that comes later.
        more = plan(status, True, care, leaver)
        assert more is not None
        assert found is None or more.rank <= found.rank


def test_ranks_follow_the_order_of_drawing() -> None:
    assert [one.rank for one in PlanType] == [1, 2, 3, 4, 5]
    assert len({one.label for one in PlanType}) == 5


@pytest.mark.parametrize("status", list(CaseStatus))
def test_a_status_is_known_by_the_words_of_the_lists(status: CaseStatus) -> None:
    assert CaseStatus.from_label(status.label) is status
    assert CaseStatus.from_label(status.label[3:]) is None


@given(sent=st.text(min_size=1), understood=st.none() | st.text(min_size=1))
def test_what_is_not_kept_is_withheld_from_a_stored_fault(sent: str, understood: str | None) -> None:
    fault = ImportFault(
        "date_as_text", Handling.NORMALISE, "List 3", 3, 169, "D", "dob", sent, understood, is_personal=True
    )
    stored = fault.as_withheld()
    assert stored.sent == WITHHELD
    assert stored.understood == (WITHHELD if understood else None)
    assert (stored.row, stored.column, stored.field, stored.done) == (169, "D", "dob", Handling.NORMALISE)
    open_fault = ImportFault("code_unknown", Handling.FLAG, "List 3", 3, 1, "B", "gender", sent)
    assert open_fault.as_withheld() is open_fault


@given(st.lists(st.none() | st.sampled_from(PlanType)))
def test_cases_by_plan_type_leave_out_only_those_without(plans: list[PlanType | None]) -> None:
    cases = [CaseloadCase(str(n), plan, None, (6,)) for n, plan in enumerate(plans)]
    counted = cases_by_plan_type(cases)
    assert list(counted) == list(PlanType)
    assert sum(counted.values()) == sum(plan is not None for plan in plans)
