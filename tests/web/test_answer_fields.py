"""What a review page shows for an answer and what it sends back are the same answer."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa_app.domain.answer_catalogue import ANSWER_TYPES, read_answer
from qa_app.domain.answers import Answer, AnswerState
from qa_app.domain.audit_forms.form import Question
from qa_app.web.shared.answer_fields import ANSWER_FIELDS, answer_form, read_typed, typed_of

TYPED = {
    "grade": ["good", "fine"],
    "yes_no": ["yes", "perhaps"],
    "yes_partly_no": ["partly"],
    "timescale": ["met_late"],
    "choice": ["one"],
    "choices": [["one", "two"], ["two"]],
    "scale_0_10": ["0", "10", "11"],
    "number": ["2.5", "1,000", "several"],
    "date": ["3 11 2026", "soon"],
    "short_text": ["seen"],
    "long_text": ["first\nsecond"],
    "practitioner_conversation": [
        {"held": "yes", "held_on": "3 11 2026", "said": "words"},
        {"held": "yes", "held_on": "soon", "said": "words"},
    ],
    "family_feedback": [{"gathered": "yes", "heard_from": ["child", "parent"], "said": "words"}],
}


def question(kind):
    data = {"question": "q", "text": "What?", "type": kind}
    if ANSWER_TYPES[kind].needs_choices:
        data["choices"] = [{"choice": "one", "label": "One"}, {"choice": "two", "label": "Two"}]
    return Question.model_validate(data)


def test_every_answer_type_has_its_fields():
    assert set(ANSWER_FIELDS) == set(ANSWER_TYPES) == set(TYPED)


@pytest.mark.parametrize(("kind", "raw"), [(kind, raw) for kind, raws in TYPED.items() for raw in raws])
def test_an_answer_comes_back_from_the_page_unchanged(kind, raw):
    asked = question(kind)
    answer = read_answer(kind, raw, asked.options)
    sent = read_typed(asked.key, typed_of(asked, answer))
    again = read_answer(kind, sent.raw, asked.options)
    assert (again.state, again.value, again.fault) == (answer.state, answer.value, answer.fault)


@pytest.mark.parametrize("kind", sorted(ANSWER_TYPES))
@pytest.mark.parametrize("state", [AnswerState.NOT_APPLICABLE, AnswerState.CANNOT_JUDGE])
def test_an_excuse_comes_back_with_its_reason(kind, state):
    asked = question(kind)
    sent = read_typed(asked.key, typed_of(asked, Answer(state, reason="New to the service.")))
    assert (sent.excuse, sent.reason, sent.raw) == (state, "New to the service.", None)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=50)
@given(st.sampled_from(sorted(ANSWER_TYPES)))
def test_the_fields_show_what_stands(kind):
    asked = question(kind)
    for raw in TYPED[kind]:
        form = answer_form(asked, read_answer(kind, raw, asked.options))
        first = next(iter(form))
        assert first.data
        assert first.name.startswith("q-")
