"""Which questions a filter leaves, and what changed between two submissions."""

import pytest

from qa_app.domain.answers import Answer, AnswerState, JsonValue
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.question_filters import Only, matches, read_only
from qa_app.domain.review_changes import ReviewChange, changes_between
from tests.builders_reviews import SMALL_FORM

FORM = AuditForm.from_data(SMALL_FORM)


def given(value: JsonValue, reason: str = "", state: AnswerState = AnswerState.ANSWERED) -> Answer:
    return Answer(state, value, reason)


@pytest.mark.parametrize(
    ("question", "answer", "found"),
    [
        ("seen_alone", Answer(), {Only.UNANSWERED}),
        ("seen_alone", given("yes"), set()),
        ("seen_alone", given("no"), {Only.BELOW_GOOD}),
        ("seen_alone", given(None, "Adult by now.", AnswerState.NOT_APPLICABLE), {Only.COMMENTED}),
        ("seen_on", Answer(AnswerState.UNREADABLE, as_typed="last week"), {Only.UNANSWERED}),
        ("why_not", given("Away at school."), {Only.COMMENTED}),
        ("practitioner", given({"held": "yes", "said": "We know them well."}), {Only.COMMENTED}),
        ("practitioner", given({"held": "yes", "held_on": "2026-11-03"}), set()),
    ],
)
def test_what_each_filter_leaves(question: str, answer: Answer, found: set[Only]) -> None:
    asked = FORM.questions[question]
    assert {only for only in Only if matches(only, asked, answer)} == found
    assert matches(None, asked, answer)
    assert matches(Only.RETURNED, asked, answer, is_returned=True)


def test_a_filter_that_is_not_understood_is_none() -> None:
    assert read_only("below_good") is Only.BELOW_GOOD
    assert read_only("x") is None


def test_what_changed_between_two_submissions() -> None:
    before = {
        "answers": {
            "seen": {"question": "Seen?", "state": "answered", "words": "Yes", "reason": ""},
            "why": {"question": "Why?", "state": "answered", "words": "At school.", "reason": ""},
            "gone": {"question": "Gone?", "state": "answered", "words": "No", "reason": ""},
        },
        "judgements": {"voice": {"state": "answered", "grade": "good", "rationale": "Heard."}},
        "overall": {"state": "answered", "grade": "good", "rationale": "Good."},
    }
    now = {
        "answers": {
            "seen": {"question": "Seen?", "state": "not_applicable", "words": "", "reason": "Abroad."},
            "why": {"question": "Why?", "state": "answered", "words": "At school.", "reason": ""},
            "new": {"question": "New?", "state": "answered", "words": "Partly", "reason": ""},
        },
        "judgements": {
            "voice": {"state": "answered", "grade": "requires_improvement", "rationale": "Heard."}
        },
        "overall": {"state": "answered", "grade": "good", "rationale": "Good."},
        "departure_reason": "The file shows it.",
    }
    assert changes_between(before, now, {"voice": "Voice"}) == (
        ReviewChange("Seen?", "Yes", "Not applicable. Abroad"),
        ReviewChange("New?", "", "Partly"),
        ReviewChange("Voice: grade", "Good. Heard", "Requires improvement. Heard"),
        ReviewChange(
            "Overall judgement", "Good. Good", "Good. Good. Above the limit because: The file shows it"
        ),
        ReviewChange("Gone?", "No", ""),
    )
    assert changes_between(now, now, {}) == ()
