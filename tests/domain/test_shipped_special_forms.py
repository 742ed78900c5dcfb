"""The shipped forms beside the case forms: permanence, missing, reviews, police protection, joint and live work."""

from pathlib import Path

import pytest

from qa_app.domain.answers import Answer, AnswerState, ReviewContent
from qa_app.domain.audit_forms.asked import asked
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.audit_forms.kinds import FindingKind, Subject
from qa_app.domain.cohorts import CohortKind
from qa_app.exchange.audit_form_files import read_form, read_form_path, write_form
from qa_app.exchange.theme_files import read_theme_path

FOLDER = Path(__file__).parents[2] / "audit_templates"
WHOLE_FILE = (
    "permanence-adoption",
    "missing-return-interviews",
    "looked-after-review",
    "police-protection",
    "neglect-exploitation-agency-return",
    "neglect-exploitation-panel",
)
TRIPLE_LOCK = "triple-lock-decision"
DIP_SAMPLE = "dip-sample-strategy-discussions"
ALL = (*WHOLE_FILE, TRIPLE_LOCK, DIP_SAMPLE)
CONCERNS_A_CHILD = tuple(key for key in ALL if key not in (DIP_SAMPLE, "neglect-exploitation-agency-return"))
OPEN = ("long_text", "practitioner_conversation")


def form_of(key: str) -> AuditForm:
    form = read_form_path(FOLDER / f"{key}.yaml").form
    assert form is not None
    return form


def answering(**values: str) -> ReviewContent:
    """A review in which these questions are answered so."""
    return ReviewContent({key: Answer(AnswerState.ANSWERED, value) for key, value in values.items()})


@pytest.mark.parametrize("key", WHOLE_FILE)
def test_each_grade_is_described(key: str) -> None:
    form = form_of(key)
    assert form.is_graded
    assert 30 <= len(form.questions) <= 45
    graded = [section for section in form.sections if section.graded]
    assert len(graded) >= 3
    for section in graded:
        words = section.descriptors.model_dump().values()
        assert len(set(words)) == 4
        assert all(len(one) > 60 for one in words)
    assert all(len(limit.because) > 30 for limit in form.limits)
    assert {limit.when.question: limit.ceiling for limit in form.limits}["child_safe_now"] == "inadequate"


@pytest.mark.parametrize("key", ALL)
def test_questions_can_be_answered_counted_and_traced(key: str) -> None:
    form = form_of(key)
    assert all(section.guidance for section in form.sections)
    for question in form.questions.values():
        assert question.guidance, question.key
        if question.type not in OPEN:
            assert question.measure, question.key
            assert question.themes or question.type == "practitioner_conversation", question.key


@pytest.mark.parametrize("key", ALL)
def test_a_weak_answer_offers_a_weakness(key: str) -> None:
    for question in form_of(key).questions.values():
        if question.type in ("yes_partly_no", "timescale"):
            assert question.finding is not None, question.key
            assert question.finding.kind is FindingKind.WEAKNESS


@pytest.mark.parametrize("key", CONCERNS_A_CHILD)
def test_every_form_about_a_child_asks_for_the_threshold_in_the_same_words(key: str) -> None:
    question, usual = form_of(key).questions["threshold"], form_of("child-in-need").questions["threshold"]
    assert (question.text, question.measure) == (usual.text, usual.measure)
    assert question.choices == usual.choices


@pytest.mark.parametrize("key", ALL)
def test_a_special_form_is_never_the_usual_form_of_a_plan_type(key: str) -> None:
    assert form_of(key).plan_types == ()


@pytest.mark.parametrize("key", ALL)
def test_a_special_form_reads_back_the_same(key: str) -> None:
    themes = read_theme_path(FOLDER / "themes.yaml").taxonomy
    assert themes is not None
    again = read_form(write_form(form_of(key)).encode(), "again.yaml", themes.keys)
    assert (again.faults, again.form) == ((), form_of(key))


@pytest.mark.parametrize("key", ["neglect-exploitation-agency-return", "neglect-exploitation-panel"])
def test_return_and_panel_serve_neglect_and_exploitation_alike(key: str) -> None:
    form = form_of(key)
    shown = {
        focus: set(asked(form, answering(focus=focus)).questions)
        for focus in ("neglect", "exploitation", "both")
    }
    assert "neglect_recognised" in shown["neglect"] - shown["exploitation"]
    assert "disruption" in shown["exploitation"] - shown["neglect"]
    assert shown["both"] == shown["neglect"] | shown["exploitation"]


def test_what_the_panel_agrees_can_be_set_beside_the_returns() -> None:
    returned, agreed = (
        {one.measure for one in form_of(f"neglect-exploitation-{part}").questions.values() if one.measure}
        for part in ("agency-return", "panel")
    )
    assert len(returned & agreed) >= 12
    assert form_of("neglect-exploitation-agency-return").subject is Subject.AGENCY_RETURN
    assert form_of("neglect-exploitation-panel").subject is Subject.CHILD


def test_a_triple_lock_verdict_stands_in_place_of_a_grade() -> None:
    form = form_of(TRIPLE_LOCK)
    verdict = form.questions["verdict"]
    assert (form.subject, form.cohort_kinds) == (Subject.DECISION, (CohortKind.TRIPLE_LOCK,))
    assert not form.is_graded
    assert [choice.key for choice in verdict.choices] == [
        "endorse", "endorse_with_conditions", "challenge", "immediate_concern"
    ]  # fmt: skip
    assert verdict.required
    assert not verdict.not_applicable.allowed


@pytest.mark.parametrize(
    ("verdict", "asks"),
    [
        ("endorse", set()),
        ("endorse_with_conditions", {"conditions", "answer_by"}),
        ("challenge", {"should_decide", "answer_by", "urgency"}),
        ("immediate_concern", {"immediate_steps", "answer_by", "urgency"}),
    ],
)
def test_each_verdict_asks_for_what_the_manager_needs(verdict: str, asks: set[str]) -> None:
    follow_ups = {"conditions", "should_decide", "immediate_steps", "answer_by", "urgency"}
    assert set(asked(form_of(TRIPLE_LOCK), answering(verdict=verdict)).questions) & follow_ups == asks


def test_a_dip_sample_is_one_page_of_closed_questions_without_a_grade() -> None:
    form = form_of(DIP_SAMPLE)
    assert not form.is_graded
    assert len(form.sections) == 1
    assert 3 <= len(form.questions) <= 8
    assert {one.type for one in form.questions.values()} <= {"yes_no", "yes_partly_no", "timescale"}
    assert all(one.required for one in form.questions.values())
