"""The ready-made filters: whom each takes and whom it leaves, on the edge of its rule."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.case_facts import CaseFacts, months_earlier
from qa_app.domain.case_filters import FILTERS, ChosenFilter, cases_within, check_filters
from qa_app.domain.caseload import CaseStatus, PlanType
from qa_app.domain.errors import Invalid
from qa_app.domain.grades import Grade

AS_AT = date(2026, 11, 24)


def looked_after(**facts: str) -> CaseFacts:
    return CaseFacts("L1", PlanType.LOOKED_AFTER, facts={"cla_start": "2020-01-01", **facts})


def protected(**facts: str) -> CaseFacts:
    return CaseFacts("P1", PlanType.CHILD_PROTECTION, facts={"cp_start": "2026-01-01", **facts})


V2 = "V2: Single period under S20"
C2_HOME = {"legal_status": "C2: FCO", "placement_type": "P1: Placed with parents"}
EDGES: list[tuple[str, CaseFacts, bool]] = [
    ("section_20_long", looked_after(legal_status=V2, legal_status_start="2025-11-23"), True),
    ("section_20_long", looked_after(legal_status=V2, legal_status_start="2025-11-24"), False),
    ("section_20_long", looked_after(legal_status="V2", legal_status_start="2024-01-01"), True),
    ("section_20_long", looked_after(legal_status="V3: breaks", legal_status_start="2024-01-01"), False),
    (
        "section_20_long",
        looked_after(legal_status=V2, legal_status_start="2024-01-01", cla_end="2026-10-01"),
        False,
    ),
    ("care_proceedings", looked_after(legal_status="C1: ICO"), True),
    ("care_proceedings", looked_after(legal_status="C2: FCO"), False),
    ("pre_proceedings", CaseFacts("N1", PlanType.CHILD_IN_NEED, flags=frozenset({"pre_proceedings"})), True),
    ("pre_proceedings", CaseFacts("N1", PlanType.CHILD_IN_NEED), False),
    ("plan_long", protected(cp_start="2025-08-23"), True),
    ("plan_long", protected(cp_start="2025-08-24"), False),
    ("plan_long", protected(cp_start="2024-08-24", cp_end="2026-11-01"), False),
    ("plan_repeat", protected(cp_previous_plans="1"), True),
    ("plan_repeat", protected(cp_previous_plans="0"), False),
    ("plan_repeat", protected(cp_previous_plans="many"), False),
    ("home_on_full_order", looked_after(**C2_HOME), True),
    ("home_on_full_order", looked_after(legal_status="C2: FCO"), False),
    ("home_on_full_order", looked_after(legal_status="C1: ICO", placement_type="P1: x"), False),
    ("ceased", CaseFacts("E1", facts={"cla_end": "2026-05-24"}), True),
    ("ceased", CaseFacts("E1", facts={"cla_end": "2026-05-23"}), False),
    ("missing", looked_after(missing_12m="1"), True),
    ("missing", looked_after(missing_12m="0"), False),
    ("missing_no_interview", looked_after(missing_12m="2", rhi_accepted="No"), True),
    ("missing_no_interview", looked_after(missing_12m="2", rhi_accepted="Yes"), False),
    ("no_visit", protected(cp_last_visit="2026-10-12"), True),
    ("no_visit", protected(cp_last_visit="2026-10-13"), False),
    ("no_visit", protected(), True),
    ("placement_moves", looked_after(placements_12m="3"), True),
    ("no_permanence_plan", looked_after(), True),
    ("no_permanence_plan", looked_after(permanence_plan="Adoption"), False),
    ("need_long", CaseFacts("N1", PlanType.CHILD_IN_NEED, facts={"cin_start": "2026-02-23"}), True),
    ("need_long", CaseFacts("N1", PlanType.CHILD_IN_NEED, facts={"cin_start": "2026-02-24"}), False),
    ("assessment_long", CaseFacts("O1", PlanType.OPEN_ASSESSMENT, facts={"cin_start": "2026-09-21"}), True),
    ("assessment_long", CaseFacts("O1", PlanType.OPEN_ASSESSMENT, facts={"cin_start": "2026-09-22"}), False),
    ("protected_lately", protected(epo_or_police_6m="yes"), True),
    ("leaver_not_in_touch", CaseFacts("X", PlanType.CARE_LEAVER, facts={"cl_in_touch": "No"}), True),
    (
        "leaver_unsuitable_home",
        CaseFacts("X", PlanType.CARE_LEAVER, facts={"cl_suitability": "Unsuitable"}),
        True,
    ),
    (
        "leaver_unsuitable_home",
        CaseFacts("X", PlanType.CARE_LEAVER, facts={"cl_suitability": "Suitable"}),
        False,
    ),
    ("unborn", CaseFacts("U", PlanType.CHILD_PROTECTION, is_unborn=True), True),
    ("closed", CaseFacts("Z", case_status=CaseStatus.CLOSED, facts={"cin_closed": "2026-09-01"}), True),
    ("closed", CaseFacts("Z", case_status=CaseStatus.CLOSED, facts={"cin_closed": "2026-08-31"}), False),
    (
        "graded_inadequate",
        CaseFacts(
            "R", PlanType.CHILD_IN_NEED, last_grade=Grade.INADEQUATE, last_reviewed_on=date(2026, 5, 24)
        ),
        True,
    ),
    (
        "graded_inadequate",
        CaseFacts(
            "R", PlanType.CHILD_IN_NEED, last_grade=Grade.INADEQUATE, last_reviewed_on=date(2026, 5, 23)
        ),
        False,
    ),
    (
        "graded_inadequate",
        CaseFacts("R", PlanType.CHILD_IN_NEED, last_grade=Grade.GOOD, last_reviewed_on=date(2026, 11, 1)),
        False,
    ),
    (
        "graded_requires_improvement",
        CaseFacts("R", None, last_grade=Grade.REQUIRES_IMPROVEMENT, last_reviewed_on=date(2026, 11, 1)),
        False,
    ),
    (
        "graded_requires_improvement",
        CaseFacts(
            "R",
            PlanType.LOOKED_AFTER,
            last_grade=Grade.REQUIRES_IMPROVEMENT,
            last_reviewed_on=date(2026, 11, 1),
        ),
        True,
    ),
    ("closing", CaseFacts("N1", PlanType.CHILD_IN_NEED, flags=frozenset({"closing"})), True),
]


@pytest.mark.parametrize(("key", "case", "holds"), EDGES)
def test_whom_a_filter_takes(key: str, case: CaseFacts, holds: bool) -> None:
    assert bool(cases_within([case], [ChosenFilter(key)], AS_AT)) is holds


def test_returned_home_after_long_section_20_care() -> None:
    home = {"legal_status": V2, "cla_end_reason": "E4A: Returned home", "cla_end": "2026-09-01"}
    chosen = [ChosenFilter("ceased_section_20_home")]
    long_care = CaseFacts("E1", facts={**home, "cla_start": "2025-08-31"})
    a_year = CaseFacts("E2", facts={**home, "cla_start": "2025-09-01"})
    adopted = CaseFacts("E3", facts={**home, "cla_start": "2020-01-01", "cla_end_reason": "E11: Adopted"})
    assert cases_within([long_care, a_year, adopted], chosen, AS_AT) == (long_care,)


def test_filters_join_and_ended_cases_stay_out_unless_asked_for() -> None:
    both = looked_after(missing_12m="2", placements_12m="4")
    one = looked_after(missing_12m="2", placements_12m="1")
    ended = CaseFacts("E", facts={"missing_12m": "9", "placements_12m": "9"})
    chosen = [ChosenFilter("missing"), ChosenFilter("placement_moves")]
    assert cases_within([both, one, ended], chosen, AS_AT) == (both,)
    assert cases_within([both, ended], [], AS_AT) == (both,)


def test_the_number_can_be_set_and_is_in_the_words() -> None:
    case = looked_after(legal_status=V2, legal_status_start="2026-06-01")
    assert not cases_within([case], [ChosenFilter("section_20_long")], AS_AT)
    chosen = ChosenFilter("section_20_long", 3)
    assert cases_within([case], [chosen], AS_AT)
    assert chosen.in_words(AS_AT) == (
        "Looked after under Section 20 (legal status V2) that began before 24 August 2026 (3 months)."
    )


def test_every_filter_has_a_whole_sentence_and_every_filter_is_tried_here() -> None:
    for each in FILTERS.values():
        words = each.in_words(AS_AT)
        assert words.endswith(".")
        assert "{" not in words
        assert bool(each.unit) == bool(each.usual)
        assert "that day" not in each.in_general
        assert ("N " in each.in_general) == bool(each.unit)
    assert {key for key, _, _ in EDGES} | {"ceased_section_20_home"} == set(FILTERS)


@pytest.mark.parametrize(
    "chosen",
    [
        [ChosenFilter("left_handed")],
        [ChosenFilter("missing"), ChosenFilter("missing", 2)],
        [ChosenFilter("missing", -1)],
        [ChosenFilter("missing", 601)],
    ],
)
def test_filters_that_cannot_be_meant_are_refused(chosen: list[ChosenFilter]) -> None:
    with pytest.raises(Invalid):
        check_filters(chosen)


@given(
    st.dictionaries(
        st.sampled_from(["cla_start", "cla_end", "cp_start", "cin_start", "missing_12m", "legal_status"]),
        st.text(max_size=12),
    )
)
def test_whatever_the_lists_hold_no_filter_fails(facts: dict[str, str]) -> None:
    for plan in (None, *PlanType):
        for key in FILTERS:
            cases_within([CaseFacts("C", plan, facts=facts)], [ChosenFilter(key)], AS_AT)


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 400))
def test_months_earlier_stays_in_its_month(day: date, n: int) -> None:
    earlier = months_earlier(day, n)
    assert (day.year * 12 + day.month) - (earlier.year * 12 + earlier.month) == n
    assert earlier.day == day.day or earlier.day < day.day <= 31
