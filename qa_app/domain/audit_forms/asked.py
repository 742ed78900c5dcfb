"""Which questions and sections a review asks, given what has been answered so far."""

from dataclasses import dataclass
from functools import partial

from qa_app.domain.answer_catalogue import ANSWER_TYPES
from qa_app.domain.answer_types import AnswerType
from qa_app.domain.answers import Answer, AnswerState, Judgement, ReviewContent
from qa_app.domain.audit_forms.form import AuditForm, FindingOffer, Question, Section
from qa_app.domain.conditions import Condition, Values, holds


@dataclass(frozen=True)
class Asked:
    """The sections and questions that a review asks; everything else on the form is *not asked*."""

    sections: frozenset[str]
    questions: frozenset[str]


class _Reading:
    """One pass over a form: each part is looked at once, after whatever its condition waits for."""

    def __init__(self, form: AuditForm, content: ReviewContent) -> None:
        self.form = form
        self.content = content
        self.known: dict[tuple[str, str], bool] = {}

    def section(self, section: Section) -> bool:
        return not section.retired and self._shown(("section", section.key), section.show_when)

    def question(self, question: Question) -> bool:
        if question.retired or not self.section(self.form.section_of[question.key]):
            return False
        return self._shown(("question", question.key), question.show_when)

    def _shown(self, node: tuple[str, str], condition: Condition | None) -> bool:
        if node not in self.known:
            # Checked forms hold no circle; should one get here all the same, its questions stay hidden.
            self.known[node] = False
            self.known[node] = condition is None or holds(condition, self.look)
        return self.known[node]

    def look(self, condition: Condition) -> tuple[AnswerType, Values]:
        if condition.section is not None:
            section = self.form.section_by_key[condition.section]
            given = self.content.judgement(section.key)
            return ANSWER_TYPES["grade"], _grade(given) if section.graded and self.section(section) else ()
        question = self.form.questions[str(condition.question)]
        answer = self.content.answer(question.key)
        return question.answer_type, compared(question, answer) if self.question(question) else ()


def compared(question: Question, answer: Answer) -> Values:
    """An answer as conditions see it: nothing unless it is answered."""
    return question.answer_type.compared(answer.value) if answer.state is AnswerState.ANSWERED else ()


def _grade(judgement: Judgement) -> Values:
    answered = judgement.state is AnswerState.ANSWERED and judgement.grade is not None
    return (judgement.grade.value,) if answered and judgement.grade else ()


def asked(form: AuditForm, content: ReviewContent) -> Asked:
    """What a review asks. A hidden answer is kept, and counts for nothing until asked again."""
    reading = _Reading(form, content)
    return Asked(
        frozenset(section.key for section in form.sections if reading.section(section)),
        frozenset(question.key for question in form.questions.values() if reading.question(question)),
    )


def is_true(form: AuditForm, content: ReviewContent, condition: Condition) -> bool:
    """Whether a condition holds of a review, as it stands."""
    return holds(condition, _Reading(form, content).look)


def offered_finding(question: Question, answer: Answer) -> FindingOffer | None:
    """The finding that an answer offers, if its question says so. Raising it is up to the reviewer."""
    offer = question.finding
    if offer is None or not holds(offer.when, partial(_look_at, question, answer)):
        return None
    return offer


def _look_at(question: Question, answer: Answer, _: Condition) -> tuple[AnswerType, Values]:
    return question.answer_type, compared(question, answer)
