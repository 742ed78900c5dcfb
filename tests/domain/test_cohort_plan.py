"""A plan and the draw it makes: exclusions never broken, quotas met whenever they can be, the same record again."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_app.domain.case_facts import CaseFacts
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohort_plan import (
    CohortRules,
    FilterRule,
    NamedExclusion,
    draw_from,
    frame_of,
    look_back_words,
    preview,
)
from qa_app.domain.cohorts import CohortKind
from qa_app.domain.errors import Invalid
from qa_app.domain.sampling import SelectionRecord
from qa_app.domain.strata import StratumColumn

AS_AT = date(2026, 11, 1)
MONTH = date(2026, 11, 1)
PLANS = (PlanType.LOOKED_AFTER, PlanType.CHILD_PROTECTION, PlanType.CHILD_IN_NEED)


def rules(size: int | None = 5, **more: object) -> CohortRules:
    return CohortRules.model_validate(
        {"kind": CohortKind.MONTHLY_AUDIT, "month": MONTH, "size": size, **more}
    )


@st.composite
def councils(draw_value: st.DrawFn) -> list[CaseFacts]:
    n = draw_value(st.integers(1, 25))
    return [
        CaseFacts(
            f"C{i:03}",
            draw_value(st.sampled_from(PLANS)),
            team=draw_value(st.sampled_from(["North", "South", None])),
            started_on=AS_AT - timedelta(days=draw_value(st.integers(0, 60))),
            flags=draw_value(st.sampled_from([frozenset(), frozenset({"complaint_open"})])),
            sibling_group=draw_value(st.sampled_from([None, None, "a", "b"])),
        )
        for i in range(n)
    ]


@settings(max_examples=150, deadline=None)
@given(councils(), st.data(), st.integers(1, 12))
def test_no_exclusion_is_ever_broken_and_the_record_draws_the_same_again(
    cases: list[CaseFacts], data: st.DataObject, size: int
) -> None:
    refs = [case.child_ref for case in cases]
    reviewed = set(data.draw(st.lists(st.sampled_from(refs), max_size=8)))
    named = data.draw(st.lists(st.sampled_from(refs), max_size=3, unique=True))
    asked = rules(
        size,
        columns=(data.draw(st.sampled_from([StratumColumn.PLAN_TYPE, StratumColumn.TEAM])),),
        open_under_weeks=4,
        flags={"complaint_open": "Flagged: complaint open"},
        named=tuple(NamedExclusion(child_ref=ref, reason="Court on the day") for ref in named),
    )
    frame = frame_of(cases, reviewed, asked, AS_AT)
    record = draw_from(frame, asked, data.draw(st.text("ab12", min_size=1, max_size=6)))
    by_ref = {case.child_ref: case for case in cases}
    drawn = [by_ref[case.child_ref] for case in record.drawn]
    assert not {case.child_ref for case in drawn} & (reviewed | set(named))
    assert all("complaint_open" not in case.flags for case in drawn)
    assert all((AS_AT - case.started_on).days >= 28 for case in drawn if case.started_on)
    families = Counter(case.sibling_group for case in drawn if case.sibling_group)
    assert max(families.values(), default=0) <= 1
    assert SelectionRecord.from_json(record.to_json()).draw_again() == record
    seen = preview(frame, asked)
    assert len(drawn) == seen.quotas.n_places
    assert seen.quotas.n_places == size or seen.quotas.shortfalls
    # Nobody who could still come in is left out while a place is empty.
    if len(drawn) < size:
        assert not any(record.reserves(stratum.key) for stratum in frame.strata)


def test_a_census_takes_everybody_left_and_says_so() -> None:
    cases = [CaseFacts(f"C{i}", PlanType.CHILD_IN_NEED, sibling_group="one") for i in range(4)]
    asked = rules(None)
    frame = frame_of(cases, {"C2"}, asked, AS_AT)
    record = draw_from(frame, asked, "")
    assert [case.child_ref for case in record.drawn] == ["C0", "C1", "C3"]
    assert record.drawn[0].reason.endswith(
        "everybody who meets the rules is reviewed (3 of 4 after exclusions)."
    )
    assert record.reproduces()
    assert record.method_in_words.startswith("Everybody")
    assert "Census" in " ".join(frame.words)


def test_a_re_audit_takes_children_reviewed_lately() -> None:
    cases = [CaseFacts("C1", PlanType.CHILD_IN_NEED)]
    assert not draw_from(frame_of(cases, {"C1"}, rules(1), AS_AT), rules(1), "s").drawn
    again = rules(1, kind=CohortKind.RE_AUDIT, look_back_months=0)
    assert draw_from(frame_of(cases, {"C1"}, again, AS_AT), again, "s").drawn


def test_the_rules_in_words_and_the_reasons_they_give() -> None:
    asked = rules(
        10,
        plan_types=(PlanType.LOOKED_AFTER,),
        filters=(FilterRule(key="section_20_long"),),
        open_under_weeks=4,
        flags={"complaint_open": "Flagged: complaint open"},
    )
    frame = frame_of([CaseFacts("C1", PlanType.LOOKED_AFTER)], [], asked, AS_AT)
    assert frame.words == (
        "Children on the lists as at 1 November 2026.",
        "Only: Looked after child.",
        "Looked after under Section 20 (legal status V2) that began before 1 November 2025 (12 months).",
        "10 cases, shared among strata by plan type.",
        "Graded review submitted in a cohort from November 2025 to November 2026: not drawn.",
        "Open for less than 4 weeks: not drawn.",
        "Flagged: complaint open: not drawn.",
        "Siblings of a drawn child: not drawn.",
    )
    assert look_back_words(asked) in frame.words[4]
    assert CohortRules.from_json(asked.model_dump_json()) == asked


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"size": 0}, "size"),
        ({"size": 2001}, "size"),
        ({"look_back_months": 61}, "look_back_months"),
        ({"open_under_weeks": -1}, "open_under_weeks"),
        ({"size": None, "quotas": {"child_in_need": 2}}, "quotas"),
        ({"quotas": {"looked_after": 2}}, "quotas"),
        ({"columns": ()}, "columns"),
        ({"filters": (FilterRule(key="nothing"),)}, "filters"),
        ({"named": (NamedExclusion(child_ref="C9", reason="Mistyped"),)}, "named"),
    ],
)
def test_a_plan_that_cannot_be_meant_is_refused(change: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        frame_of([CaseFacts("C1", PlanType.CHILD_IN_NEED)], [], rules(**{"size": 3, **change}), AS_AT)
    assert refused.value.field == field


def test_a_text_that_holds_no_rules_is_refused() -> None:
    with pytest.raises(Invalid, match="size"):
        CohortRules.from_json('{"kind": "monthly_audit", "month": "2026-11-01"}')


@pytest.mark.parametrize("n_draws", [2000])
def test_over_many_draws_every_chance_is_as_the_rules_say(n_draws: int) -> None:
    # 3 of 10 looked after and 3 of 30 in need, fixed by hand; two more excluded are never drawn.
    cases = [CaseFacts(f"L{i}", PlanType.LOOKED_AFTER) for i in range(10)]
    cases += [CaseFacts(f"N{i}", PlanType.CHILD_IN_NEED) for i in range(32)]
    asked = rules(6, quotas={"looked_after": 3, "child_in_need": 3})
    frame = frame_of(cases, {"N0", "N1"}, asked, AS_AT)
    times = Counter(case.child_ref for n in range(n_draws) for case in draw_from(frame, asked, f"d{n}").drawn)
    assert "N0" not in times
    assert "N1" not in times
    for case in cases[:10]:
        assert abs(times[case.child_ref] - 600) < 4.5 * (2000 * 0.3 * 0.7) ** 0.5
    for case in cases[12:]:
        assert abs(times[case.child_ref] - 200) < 4.5 * (2000 * 0.1 * 0.9) ** 0.5
