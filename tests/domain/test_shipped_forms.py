"""The shipped forms and themes: sound, complete enough for an audit, comparable with one another."""

import re
from pathlib import Path

import pytest

from qa_app.domain.audit_forms.form import AuditForm, Question
from qa_app.domain.audit_forms.kinds import FindingKind
from qa_app.domain.caseload import PlanType
from qa_app.domain.themes import Taxonomy
from qa_app.exchange.audit_form_files import FormFile, read_form, read_form_folder, write_form
from qa_app.exchange.theme_files import read_theme_path

FOLDER = Path(__file__).parents[2] / "audit_templates"
CASE_FORMS = ("assessment", "care-leaver", "child-in-need", "child-protection", "children-looked-after")
CLOSER_LOOKS = ("case-closure", "ceased-looked-after", "placed-at-home", "re-audit", "section-20-return-home")
ALL_FORMS = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml") if path.name != "themes.yaml"))
OPEN_TYPES = ("long_text", "short_text", "practitioner_conversation", "date", "number", "grade")


def taxonomy() -> Taxonomy:
    read = read_theme_path(FOLDER / "themes.yaml")
    assert read.faults == ()
    assert read.taxonomy is not None
    return read.taxonomy


def shipped() -> dict[str, FormFile]:
    return {read.file.removesuffix(".yaml"): read for read in read_form_folder(FOLDER, taxonomy().keys)}


def case_form(key: str) -> AuditForm:
    form = shipped()[key].form
    assert form is not None
    return form


def test_every_shipped_form_is_sound() -> None:
    faults = {name: read.faults for name, read in shipped().items() if read.faults}
    assert faults == {}
    assert set(CASE_FORMS) | set(CLOSER_LOOKS) <= set(shipped())


def test_each_form_lies_in_the_file_of_its_key() -> None:
    assert all(read.form is not None and read.form.key == name for name, read in shipped().items())


def test_every_plan_type_has_one_case_form() -> None:
    serving = [plan_type for key in CASE_FORMS for plan_type in case_form(key).plan_types]
    assert sorted(serving) == sorted(PlanType)


@pytest.mark.parametrize("key", CASE_FORMS)
def test_a_case_form_is_complete_enough_for_an_audit(key: str) -> None:
    form = case_form(key)
    assert 7 <= len(form.sections) <= 10
    assert 30 <= len(form.questions) <= 45
    assert all(section.guidance for section in form.sections)
    graded = [section for section in form.sections if section.graded]
    assert len(graded) >= 4
    for section in graded:
        words = set(section.descriptors.model_dump().values())
        assert len(words) == 4
        assert all(len(one) > 60 for one in words)
    types = {question.type for question in form.questions.values()}
    assert {"practitioner_conversation", "family_feedback", "timescale", "yes_partly_no"} <= types
    assert form.overall.graded
    assert form.judge_months <= form.look_back_months


@pytest.mark.parametrize("key", CLOSER_LOOKS)
def test_a_closer_look_at_a_case_is_complete_enough_for_an_audit(key: str) -> None:
    form = case_form(key)
    assert form.subject == "child"
    assert 5 <= len(form.sections) <= 10
    assert 25 <= len(form.questions) <= 45
    assert len([section for section in form.sections if section.graded]) >= 4
    types = {question.type for question in form.questions.values()}
    assert {"practitioner_conversation", "family_feedback", "yes_partly_no"} <= types
    assert {"child_safe_now", "threshold", "strengths"} <= set(form.questions)
    assert form.overall.graded
    assert len(form.limits) >= 3


@pytest.mark.parametrize("key", ALL_FORMS)
def test_every_form_explains_itself(key: str) -> None:
    form = case_form(key)
    assert [section.key for section in form.sections if not section.guidance] == []
    for section in form.sections:
        words = [one for one in section.descriptors.model_dump().values() if one]
        assert len(set(words)) == (4 if section.graded else 0), section.key
        assert all(len(one) > 60 for one in words)
    questions = form.questions.values()
    assert [one.key for one in questions if not one.guidance] == []
    closed = [one for one in questions if one.type not in OPEN_TYPES]
    assert [one.key for one in closed if not one.themes] == []
    assert [one.key for one in closed if not one.measure] == []


@pytest.mark.parametrize("key", CASE_FORMS)
def test_questions_carry_themes_measures_and_guidance(key: str) -> None:
    questions = list(case_form(key).questions.values())
    closed = [one for one in questions if one.type not in ("long_text", "practitioner_conversation")]
    assert [one.key for one in closed if not one.themes] == []
    assert [one.key for one in closed if not one.measure] == []
    assert [one.key for one in questions if not one.guidance] == []
    themes = {theme for one in questions for theme in one.themes}
    assert len(themes) >= 15


@pytest.mark.parametrize("key", ALL_FORMS)
def test_a_weak_answer_offers_a_weakness(key: str) -> None:
    form = case_form(key)
    leading_on = {one.show_when.question for one in form.questions.values() if one.show_when}
    for question in form.questions.values():
        plain_fact = question.type == "yes_no" and question.finding is None and question.key in leading_on
        if question.type in ("yes_partly_no", "timescale", "yes_no") and not plain_fact:
            assert question.finding is not None, question.key
            assert question.finding.kind is FindingKind.WEAKNESS


def test_supervision_looks_at_a_pair_and_an_observation_at_a_family() -> None:
    pair, family = case_form("supervision"), case_form("practice-observation")
    assert (pair.subject, family.subject) == ("supervision_pair", "family")
    for form in (pair, family):
        assert len([section for section in form.sections if section.graded]) >= 3
        assert 25 <= len(form.questions) <= 45
        assert "threshold" not in form.questions
        assert len(form.limits) >= 3
    assert pair.questions["no_child_worry"].guidance.startswith("If you answer no, do not wait")


@pytest.mark.parametrize("key", CASE_FORMS + CLOSER_LOOKS)
def test_a_child_who_is_not_safe_limits_the_grade(key: str) -> None:
    form = case_form(key)
    safe = form.questions["child_safe_now"]
    assert (safe.type, safe.required, safe.not_applicable.allowed) == ("yes_no", True, False)
    ceilings = {limit.when.question: limit.ceiling for limit in form.limits}
    assert ceilings["child_safe_now"] == "inadequate"
    assert all(len(limit.because) > 30 for limit in form.limits)


def test_the_threshold_question_is_the_same_on_every_case_form() -> None:
    asked = [case_form(key).questions["threshold"] for key in CASE_FORMS + CLOSER_LOOKS]

    def comparable(question: Question) -> tuple[object, ...]:
        return (
            question.text,
            question.type,
            question.measure,
            tuple((choice.key, choice.label) for choice in question.choices),
        )

    assert len({comparable(question) for question in asked}) == 1
    assert [choice.key for choice in asked[0].choices] == ["right", "step_up", "step_down"]
    assert asked[0].measure == "threshold"


def test_measures_let_trends_cross_forms() -> None:
    on = {key: {one.measure for one in case_form(key).questions.values()} - {None} for key in CASE_FORMS}
    shared = set.intersection(*on.values())
    assert {"threshold", "child_safe_now", "risk_analysed", "plan_smart"} <= shared
    assert len(shared) >= 12


def test_every_practice_theme_is_asked_about_somewhere() -> None:
    themes = taxonomy()
    asked = {theme for key in CASE_FORMS for one in case_form(key).questions.values() for theme in one.themes}
    leaves = {theme.key for theme in themes.themes if not themes.children_of(theme.key)}
    assert leaves - asked == set()


def test_the_taxonomy_is_small_enough_to_choose_from() -> None:
    themes = taxonomy().themes
    assert 25 <= len(themes) <= 40
    assert all(len(theme.definition) > 60 for theme in themes)
    assert 8 <= sum(theme.safety_critical for theme in themes) < len(themes) / 2


@pytest.mark.parametrize("key", ALL_FORMS)
def test_a_shipped_form_reads_back_the_same(key: str) -> None:
    form = case_form(key)
    again = read_form(write_form(form).encode(), "again.yaml", taxonomy().keys)
    assert again.faults == ()
    assert again.form == form


def test_shipped_words_are_tidy() -> None:
    for path in FOLDER.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\b(TODO|TBC|lorem|etc)\b", text), path.name
        assert not re.search(r"\b(\w+) \1\b", text.replace("that that", "")), path.name
