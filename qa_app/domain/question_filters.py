"""Which questions of a review somebody wants to see: all, or those that still need a look."""

from enum import StrEnum

from qa_app.domain.answers import Answer, AnswerState, JsonValue
from qa_app.domain.audit_forms.asked import offered_finding
from qa_app.domain.audit_forms.form import Question
from qa_app.domain.audit_forms.kinds import FindingKind
from qa_app.domain.grades import Grade

BELOW_GOOD = frozenset({Grade.REQUIRES_IMPROVEMENT.value, Grade.INADEQUATE.value})
WRITTEN_TYPES = frozenset({"long_text", "short_text"})


class Only(StrEnum):
    """Which questions are shown."""

    UNANSWERED = "unanswered"
    BELOW_GOOD = "below_good"
    COMMENTED = "commented"
    RETURNED = "returned"

    @property
    def label(self) -> str:
        """The filter as people read it."""
        return {
            Only.UNANSWERED: "Unanswered",
            Only.BELOW_GOOD: "Below good",
            Only.COMMENTED: "With a comment",
            Only.RETURNED: "Returned",
        }[self]


def read_only(written: str) -> Only | None:
    """The filter of an address; what is not understood is none."""
    return Only(written) if written in set(Only) else None


def matches(only: Only | None, question: Question, answer: Answer, *, is_returned: bool = False) -> bool:
    """Whether a question is shown under a filter.

    *Below good*: a grade below good, or an answer that offers a weakness. *With a comment*: words of the reviewer's
    own, be it a text, a reason, or what somebody said.
    """
    if only is None:
        return True
    if only is Only.UNANSWERED:
        return answer.state in (AnswerState.BLANK, AnswerState.UNREADABLE)
    if only is Only.RETURNED:
        return is_returned
    if only is Only.COMMENTED:
        return bool(answer.reason.strip()) or _has_words(question, answer.value)
    offer = offered_finding(question, answer)
    is_weak = offer is not None and offer.kind is FindingKind.WEAKNESS
    return is_weak or (answer.counts and isinstance(answer.value, str) and answer.value in BELOW_GOOD)


def _has_words(question: Question, value: JsonValue) -> bool:
    if isinstance(value, dict):
        return any(isinstance(part, str) and " " in part.strip() for part in value.values())
    return question.type in WRITTEN_TYPES and isinstance(value, str) and bool(value.strip())
