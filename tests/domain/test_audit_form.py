"""Forms as data: what is asked, what is missing, which limits apply, and what makes a version."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa_app.domain.answer_catalogue import ANSWER_TYPES
from qa_app.domain.answers import Answer, AnswerState, Judgement, ReviewContent
from qa_app.domain.audit_forms.asked import asked, offered_finding
from qa_app.domain.audit_forms.checks import check_form, check_measures
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.audit_forms.versions import canonical_json, content_hash, form_from_json
from qa_app.domain.completion import completion_of
from qa_app.domain.grades import Grade, is_better, lowest
from qa_app.domain.limits import limits_of
from tests.form_strategies import forms

FORM = AuditForm.from_data(
    {
        "form": "visits",
        "title": "Visits",
        "cohort_kinds": ["monthly_audit"],
        "subject": "child",
        "sections": [
            {
                "section": "voice",
                "title": "Voice",
                "graded": True,
                "questions": [
                    {
                        "question": "seen_alone",
                        "text": "Was the child seen alone?",
                        "type": "yes_partly_no",
                        "required": True,
                        "not_applicable": {"reason": "required"},
                        "cannot_judge": {"allowed": False},
                        "finding": {"when": {"is_one_of": ["no", "partly"]}, "as": "weakness"},
                    },
                    {
                        "question": "why_not",
                        "text": "Why not?",
                        "type": "long_text",
                        "required": True,
                        "show_when": {"question": "seen_alone", "is_one_of": ["no", "partly"]},
                    },
                    {
                        "question": "n_visits",
                        "text": "How many visits?",
                        "type": "number",
                        "show_when": {"not": {"question": "why_not", "answered": True}},
                    },
                ],
            },
            {
                "section": "depth",
                "title": "A closer look",
                "show_when": {"section": "voice", "at_most": "requires_improvement"},
                "questions": [
                    {
                        "question": "what_changed",
                        "text": "What changed?",
                        "type": "short_text",
                        "required": True,
                    }
                ],
            },
        ],
        "limits": [
            {
                "ceiling": "requires_improvement",
                "when": {"section": "voice", "grade": "inadequate"},
                "because": "Unheard.",
            },
            {"ceiling": "inadequate", "when": {"question": "seen_alone", "is": "no"}, "because": "Unseen."},
        ],
    }
)


def answered(value):
    return Answer(AnswerState.ANSWERED, value)


def graded(grade, rationale="Because."):
    return Judgement(AnswerState.ANSWERED, Grade(grade), rationale)


def test_a_question_is_asked_when_its_condition_holds():
    assert asked(FORM, ReviewContent()).questions == {"seen_alone", "n_visits"}
    no = ReviewContent({"seen_alone": answered("no"), "why_not": answered("Away.")})
    assert asked(FORM, no).questions == {"seen_alone", "why_not"}


def test_a_hidden_answer_counts_for_nothing():
    content = ReviewContent({"seen_alone": answered("yes"), "why_not": answered("Away.")})
    assert "n_visits" in asked(FORM, content).questions


def test_a_section_is_asked_when_another_grade_is_low_enough():
    for grade, shown in (("good", False), ("requires_improvement", True), ("inadequate", True)):
        content = ReviewContent(judgements={"voice": graded(grade)})
        assert ("what_changed" in asked(FORM, content).questions) is shown


def test_not_applicable_matches_no_comparison():
    content = ReviewContent({"seen_alone": Answer(AnswerState.NOT_APPLICABLE, reason="Unborn.")})
    assert "why_not" not in asked(FORM, content).questions


def test_completion_counts_required_questions_and_the_grade():
    empty = completion_of(FORM, ReviewContent())
    assert [(one.section, one.n_answered, one.n_required) for one in empty.sections] == [
        ("voice", 0, 2),
        ("overall", 0, 1),
    ]
    assert [(gap.section, gap.question) for gap in empty.gaps] == [
        ("voice", "seen_alone"),
        ("voice", None),
        ("voice", None),
        ("overall", None),
        ("overall", None),
    ]
    full = ReviewContent({"seen_alone": answered("yes")}, {"voice": graded("good")}, graded("good"))
    assert completion_of(FORM, full).is_complete


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(AnswerState.NOT_APPLICABLE), "Was the child seen alone: say why it is not applicable."),
        (
            Answer(AnswerState.CANNOT_JUDGE),
            "Was the child seen alone: cannot judge is not offered here; give an answer.",
        ),
        (Answer(AnswerState.UNREADABLE, fault="Choose one."), "Was the child seen alone: Choose one."),
    ],
)
def test_an_excuse_or_an_unreadable_answer_is_a_gap_in_words(answer, words):
    gaps = completion_of(FORM, ReviewContent({"seen_alone": answer})).gaps
    assert words in [gap.words for gap in gaps]


def test_limits_explain_themselves_and_the_lowest_rules():
    content = ReviewContent({"seen_alone": answered("no")}, {"voice": graded("inadequate")}, graded("good"))
    limits = limits_of(FORM, content)
    assert [(one.grade.value, one.because) for one in limits.ceilings] == [
        ("requires_improvement", "Unheard."),
        ("inadequate", "Unseen."),
    ]
    assert limits.lowest is Grade.INADEQUATE
    assert limits.departs


def test_going_above_a_limit_needs_a_reason():
    answers = {"seen_alone": answered("no"), "why_not": answered("Away.")}
    content = ReviewContent(answers, {"voice": graded("good")}, graded("good"))
    assert [gap.words for gap in completion_of(FORM, content).gaps] == [
        "Say why the overall grade stands above the limit that applies."
    ]
    told = ReviewContent(answers, {"voice": graded("good")}, graded("good"), "Seen since.")
    assert completion_of(FORM, told).is_complete


def test_an_answer_offers_a_finding_and_makes_none():
    question = FORM.questions["seen_alone"]
    assert offered_finding(question, answered("partly")).kind.value == "weakness"
    assert offered_finding(question, answered("yes")) is None
    assert offered_finding(question, Answer(AnswerState.NOT_APPLICABLE)) is None


def test_grades_stand_in_order():
    assert is_better(Grade.OUTSTANDING, Grade.GOOD)
    assert not is_better(Grade.GOOD, Grade.GOOD)
    assert lowest([Grade.GOOD, Grade.INADEQUATE, Grade.OUTSTANDING]) is Grade.INADEQUATE
    assert lowest([]) is None


def test_a_measure_keeps_one_answer_type_across_forms():
    def form(key, kind):
        question = {"question": "a", "text": "A?", "type": kind, "measure": "seen"}
        return AuditForm.from_data(
            {
                "form": key,
                "title": "T",
                "cohort_kinds": ["thematic"],
                "subject": "child",
                "sections": [{"section": "s", "title": "S", "questions": [question]}],
            }
        )

    assert check_measures([form("one", "yes_no"), form("two", "yes_no")]) == ()
    [(where, fault)] = check_measures([form("one", "yes_no"), form("two", "number")])
    assert where == "two"
    assert "yes_no in form 'one'" in fault.what


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60, deadline=None)
@given(forms(), st.data())
def test_a_generated_form_is_sound_and_its_version_comes_back_the_same(form, data):
    assert check_form(form) == ()
    again = form_from_json(canonical_json(form))
    assert again == form
    assert content_hash(again) == content_hash(form)

    answers = {}
    for question in form.questions.values():
        kind = ANSWER_TYPES[question.type]
        keys = [option.key for option in kind.options(question.choices)]
        if (
            keys
            and not kind.parts
            and question.type not in ("scale_0_10", "choices")
            and data.draw(st.booleans())
        ):
            answers[question.key] = answered(data.draw(st.sampled_from(keys)))
    content = ReviewContent(answers)
    shown = asked(form, content)
    completion = completion_of(form, content)
    assert all(gap.question is None or gap.question in shown.questions for gap in completion.gaps)
    assert all(0 <= one.n_answered <= one.n_required for one in completion.sections)
