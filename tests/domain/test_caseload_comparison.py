"""Two uploads side by side: every case is counted once in each figure, and a fall of a fifth is a fall."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.caseload import PlanType
from qa_app.domain.caseload_comparison import (
    CaseChange,
    CaseStanding,
    ListChange,
    alike_but_for_zeros,
    compare_cases,
    compare_lists,
    falls_in,
)

STANDINGS = st.dictionaries(
    st.sampled_from([str(n) for n in range(12)]),
    st.builds(
        CaseStanding,
        st.sampled_from(PlanType),
        st.sampled_from([None, "North", "South"]),
        st.sampled_from([None, "Worker One", "Worker Two"]),
    ),
)


@given(STANDINGS, STANDINGS)
def test_parts_sum_to_the_whole(before: dict[str, CaseStanding], now: dict[str, CaseStanding]) -> None:
    found = compare_cases(before, now)
    counts = found.counts()
    assert found.n_in_both + counts[CaseChange.NEW] == found.n_now == len(now)
    assert found.n_in_both + counts[CaseChange.LEFT] == found.n_before == len(before)
    for change in CaseChange:
        assert len(found.having(change)) == counts[change] <= found.base(change)
    assert [case.child_ref for case in found.changed] == sorted({case.child_ref for case in found.changed})
    back = compare_cases(now, before).counts()
    assert back[CaseChange.NEW] == counts[CaseChange.LEFT]
    for change in (CaseChange.PLAN_TYPE, CaseChange.TEAM, CaseChange.WORKER):
        assert back[change] == counts[change]


@given(STANDINGS)
def test_an_upload_beside_itself_has_no_change(standings: dict[str, CaseStanding]) -> None:
    assert compare_cases(standings, standings).changed == ()


@pytest.mark.parametrize(
    ("before", "now", "is_a_fall"),
    [
        (100, 80, True),
        (100, 81, False),
        (100, 0, True),
        (0, 0, False),
        (0, 5, False),
        (5, 4, True),
        (1, 1, False),
    ],
)
def test_a_fifth_less_is_a_fall(before: int, now: int, is_a_fall: bool) -> None:
    assert ListChange(6, before, now).is_a_fall is is_a_fall


def test_a_list_that_is_gone_is_a_fall_and_a_new_one_is_none() -> None:
    changes = compare_lists({6: 100, 7: 20}, {6: 100, 9: 30})
    assert [(one.number, one.difference) for one in changes] == [(6, 0), (7, -20), (9, 30)]
    assert [one.number for one in falls_in(changes)] == [7]


def test_references_that_lost_their_zeros_are_counted() -> None:
    assert alike_but_for_zeros(["00158", "0042", "7"], ["158", "42", "7", "99", "A1"]) == 2
    assert alike_but_for_zeros(["158"], ["00158"]) == 1
    assert alike_but_for_zeros(["00158", "158"], ["158"]) == 0
