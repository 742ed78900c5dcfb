"""Moving a started review to a newer version of its form: what would be lost, said before it is done."""

from collections.abc import Iterator
from dataclasses import dataclass

from qa_app.domain.answers import Answer, AnswerState, ReviewContent
from qa_app.domain.audit_forms.asked import asked
from qa_app.domain.audit_forms.form import AuditForm, Question
from qa_app.domain.audit_forms.kinds import OVERALL


@dataclass(frozen=True)
class Loss:
    """One thing that a review would lose: the answer or grade as it stands, and why.

    `is_cleared`: it has to be given again; otherwise it is kept in the draft and not asked any more.
    """

    key: str
    what: str
    stands: str
    why: str
    is_cleared: bool = False
    is_grade: bool = False


def losses(earlier: AuditForm, later: AuditForm, content: ReviewContent) -> tuple[Loss, ...]:
    """Everything that a review would lose by moving, in the order of its form."""
    return (*_answers_lost(earlier, later, content), *_grades_lost(earlier, later, content))


def new_questions(earlier: AuditForm, later: AuditForm, content: ReviewContent) -> tuple[str, ...]:
    """What the newer version asks of this review in addition, in its own words."""
    before, after = asked(earlier, content).questions, asked(later, content).questions
    return tuple(one.text for key, one in later.questions.items() if key in after and key not in before)


def _answers_lost(earlier: AuditForm, later: AuditForm, content: ReviewContent) -> Iterator[Loss]:
    before, after = asked(earlier, content).questions, asked(later, content).questions
    for key, question in earlier.questions.items():
        answer = content.answer(key)
        if answer.state is AnswerState.BLANK or key not in before:
            continue
        stands = _words(question, answer)
        now = later.questions.get(key)
        if now is None or now.retired or later.section_of[key].retired:
            yield Loss(key, question.text, stands, "The newer version does not ask this any more.")
        elif key not in after:
            yield Loss(key, question.text, stands, "The newer version asks this under other conditions only.")
        elif answer.state is AnswerState.ANSWERED and _is_gone(now, answer):
            yield Loss(key, question.text, stands, "This choice is no longer offered; answer it again.", True)
        elif answer.state is AnswerState.NOT_APPLICABLE and not now.not_applicable.allowed:
            yield Loss(
                key, question.text, stands, "Not applicable is no longer offered; answer it again.", True
            )
        elif answer.state is AnswerState.CANNOT_JUDGE and not now.cannot_judge.allowed:
            yield Loss(
                key, question.text, stands, "Cannot judge is no longer offered; answer it again.", True
            )


def _grades_lost(earlier: AuditForm, later: AuditForm, content: ReviewContent) -> Iterator[Loss]:
    for section in earlier.sections:
        judged = content.judgement(section.key)
        now = later.section_by_key.get(section.key)
        if section.graded and judged.state is not AnswerState.BLANK and (now is None or not now.graded):
            words = judged.grade.label if judged.grade else judged.state.label
            yield Loss(
                section.key,
                f"Grade of {section.title}",
                words,
                "The newer version does not grade it.",
                is_grade=True,
            )
    if earlier.overall.graded and not later.overall.graded and content.overall.state is not AnswerState.BLANK:
        words = content.overall.grade.label if content.overall.grade else content.overall.state.label
        yield Loss(OVERALL, "Overall grade", words, "The newer version has no overall grade.", is_grade=True)


def _is_gone(question: Question, answer: Answer) -> bool:
    disabled = {choice.key for choice in question.options if choice.disabled}
    given = answer.value if isinstance(answer.value, list) else [answer.value]
    return any(one in disabled for one in given if isinstance(one, str))


def _words(question: Question, answer: Answer) -> str:
    if answer.state is AnswerState.ANSWERED:
        return question.answer_type.display(answer.value, question.choices)
    return answer.state.label
