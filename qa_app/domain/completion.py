"""How far a review has come: what each section still needs, and every gap before it can be submitted."""

from collections.abc import Iterator
from dataclasses import dataclass

from qa_app.domain.answers import Answer, AnswerState, Judgement, ReviewContent
from qa_app.domain.audit_forms.asked import Asked, asked
from qa_app.domain.audit_forms.form import AuditForm, Question, Section
from qa_app.domain.audit_forms.kinds import OVERALL, Need
from qa_app.domain.limits import limits_of


@dataclass(frozen=True)
class Gap:
    """One thing to do before submitting: where, and what. A gap without a question is about the grade."""

    section: str
    question: str | None
    words: str


@dataclass(frozen=True)
class SectionProgress:
    """How far one section has come. Required are its required questions, and its grade if it has one."""

    section: str
    title: str
    n_answered: int
    n_required: int
    gaps: tuple[Gap, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing in this section stands in the way of submitting."""
        return not self.gaps


@dataclass(frozen=True)
class Completion:
    """How far a review has come, section by section, the overall judgement last if the form has one."""

    sections: tuple[SectionProgress, ...]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Every gap, in the order of the form."""
        return tuple(gap for section in self.sections for gap in section.gaps)

    @property
    def n_answered(self) -> int:
        """How many required things are done."""
        return sum(section.n_answered for section in self.sections)

    @property
    def n_required(self) -> int:
        """How many things are required, given the answers so far."""
        return sum(section.n_required for section in self.sections)

    @property
    def is_complete(self) -> bool:
        """Whether the review can be submitted."""
        return not self.gaps


def completion_of(form: AuditForm, content: ReviewContent, shown: Asked | None = None) -> Completion:
    """How far a review has come. Questions that are not asked are neither required nor gaps."""
    shown = shown or asked(form, content)
    sections = [
        _section_progress(section, content, shown)
        for section in form.sections
        if section.key in shown.sections
    ]
    if form.overall.graded:
        sections.append(_overall_progress(form, content))
    return Completion(tuple(sections))


def _section_progress(section: Section, content: ReviewContent, shown: Asked) -> SectionProgress:
    gaps: list[Gap] = []
    n_required = n_answered = 0
    for question in section.questions:
        if question.key not in shown.questions:
            continue
        found = [
            Gap(section.key, question.key, words)
            for words in question_gaps(question, content.answer(question.key))
        ]
        gaps += found
        n_required += question.required
        n_answered += question.required and not found
    if section.graded:
        found = [Gap(section.key, None, words) for words in _grade_gaps(content.judgement(section.key), True)]
        gaps += found
        n_required += 1
        n_answered += not found
    return SectionProgress(section.key, section.title, n_answered, n_required, tuple(gaps))


def _overall_progress(form: AuditForm, content: ReviewContent) -> SectionProgress:
    needs_rationale = form.overall.rationale is Need.REQUIRED
    words = list(_grade_gaps(content.overall, needs_rationale))
    if limits_of(form, content).departs and not content.departure_reason.strip():
        words.append("Say why the overall grade stands above the limit that applies.")
    gaps = tuple(Gap(OVERALL, None, one) for one in words)
    return SectionProgress(OVERALL, "Overall judgement", int(not gaps), 1, gaps)


def _grade_gaps(judgement: Judgement, needs_rationale: bool) -> Iterator[str]:
    if judgement.state is AnswerState.BLANK:
        yield "Choose a grade."
    if needs_rationale and not judgement.rationale.strip():
        if judgement.state is AnswerState.CANNOT_JUDGE:
            yield "Say why this cannot be judged."
        else:
            yield "Give the rationale for the grade."


def question_gaps(question: Question, answer: Answer) -> Iterator[str]:
    """What one answer still lacks, in words that name the question."""
    named = question.text.rstrip("?.: ")
    if answer.state is AnswerState.BLANK:
        if question.required:
            yield f"Answer: {question.text}"
    elif answer.state is AnswerState.UNREADABLE:
        yield f"{named}: {answer.fault}"
    elif answer.state is AnswerState.ANSWERED:
        for words in question.answer_type.unfinished(answer.value):
            yield f"{named}: {words}."
    else:
        excuse = (
            question.not_applicable if answer.state is AnswerState.NOT_APPLICABLE else question.cannot_judge
        )
        if not excuse.allowed:
            yield f"{named}: {answer.state.label.lower()} is not offered here; give an answer."
        elif excuse.reason is Need.REQUIRED and not answer.reason.strip():
            yield f"{named}: say why it is {_excuse_words(answer.state)}."


def _excuse_words(state: AnswerState) -> str:
    return "not applicable" if state is AnswerState.NOT_APPLICABLE else "something you cannot judge"
