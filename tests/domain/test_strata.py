"""Dividing a population: each child in one stratum, nobody left out in silence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.case_facts import CaseFacts
from qa_app.domain.caseload import PlanType
from qa_app.domain.errors import Invalid
from qa_app.domain.strata import JOINT, StratumColumn, age_band, divide, stratum_label

C = StratumColumn


def test_one_column_and_two() -> None:
    cases = [
        CaseFacts("A", PlanType.LOOKED_AFTER, team="North", age=3),
        CaseFacts("B", PlanType.LOOKED_AFTER, team="South", age=16),
        CaseFacts("C", PlanType.CHILD_IN_NEED, team="North", age=3),
        CaseFacts("D", PlanType.CHILD_IN_NEED, age=None),
    ]
    by_team = divide(cases, (C.TEAM,), {"South": 1})
    assert [(each.key, each.label, each.fixed) for each in by_team.strata] == [
        ("North", "North", None),
        ("South", "South", 1),
        ("not_recorded", "Team not recorded", None),
    ]
    joint = divide(cases, (C.PLAN_TYPE, C.AGE_BAND), {})
    assert {each.label for each in joint.strata} == {
        "Looked after child, 1 to 4",
        "Looked after child, 16 and 17",
        "Child in need plan, 1 to 4",
        "Child in need plan, Age band not recorded",
    }
    assert joint.stratum_by_ref["A"] == "looked_after | 1 to 4"


@given(
    st.lists(
        st.builds(
            CaseFacts,
            st.uuids().map(str),
            st.one_of(st.none(), st.sampled_from(PlanType)),
            team=st.one_of(st.none(), st.text(max_size=8)),
            need=st.one_of(st.none(), st.sampled_from(["N1", "a | b"])),
            age=st.one_of(st.none(), st.integers(0, 30)),
        ),
        max_size=20,
    ),
    st.permutations(list(C)).map(lambda columns: tuple(columns[:2])),
)
def test_every_child_counts_once(cases: list[CaseFacts], columns: tuple[StratumColumn, ...]) -> None:
    divided = divide(cases, columns, {})
    assert set(divided.stratum_by_ref) == {case.child_ref for case in cases}
    assert set(divided.stratum_by_ref.values()) == {each.key for each in divided.strata}
    assert all(each.key.count(JOINT) == 1 and each.label.strip() for each in divided.strata)


@pytest.mark.parametrize(
    ("age", "is_unborn", "band"),
    [
        (0, False, "Under 1"),
        (1, False, "1 to 4"),
        (4, False, "1 to 4"),
        (5, False, "5 to 9"),
        (None, False, None),
        (15, False, "10 to 15"),
        (17, False, "16 and 17"),
        (18, False, "18 or over"),
        (None, True, "Unborn"),
    ],
)
def test_age_bands(age: int | None, is_unborn: bool, band: str | None) -> None:
    assert age_band(age, is_unborn=is_unborn) == band


@pytest.mark.parametrize(
    ("columns", "fixed"),
    [
        ((), {}),
        ((C.TEAM, C.TEAM), {}),
        ((C.TEAM, C.NEED, C.GENDER), {}),
        ((C.TEAM,), {"West": 2}),
        ((C.TEAM,), {"a | b": 2}),
    ],
)
def test_a_division_that_cannot_be_meant_is_refused(
    columns: tuple[StratumColumn, ...], fixed: dict[str, int]
) -> None:
    with pytest.raises(Invalid):
        divide([CaseFacts("A", team="North")], columns, fixed)


def test_every_column_has_words() -> None:
    assert all(column.label and stratum_label("not_recorded", (column,)) for column in C)
