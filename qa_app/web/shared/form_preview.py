"""A form as an auditor would see it, drawn with the fields of the real review page, with a note on every rule."""

from collections.abc import Iterator
from dataclasses import dataclass

from qa_app.domain.answers import BLANK, UNGRADED
from qa_app.domain.audit_forms.condition_tree import condition_words
from qa_app.domain.audit_forms.draft_checks import STAND_IN_KEY
from qa_app.domain.audit_forms.drafts import FormData
from qa_app.domain.audit_forms.form import AuditForm, Question, Section
from qa_app.domain.audit_forms.kinds import Subject
from qa_app.web.shared.answer_parts import JudgementPart, QuestionPart, judgement_part, question_part

SUBJECT_WORDS: dict[Subject, str] = {
    Subject.CHILD: "A child",
    Subject.FAMILY: "A family",
    Subject.SUPERVISION_PAIR: "A practitioner and their supervisor",
    Subject.DECISION: "A decision",
    Subject.AGENCY_RETURN: "What one agency sends in",
}
"""What one review on a form looks at, in words."""


@dataclass(frozen=True)
class PreviewQuestion:
    """One question as it would look; `notes` say when it is asked and what its answer offers."""

    part: QuestionPart
    notes: tuple[str, ...]
    is_hidden: bool


@dataclass(frozen=True)
class PreviewSection:
    """One section as it would look."""

    key: str
    title: str
    guidance: str
    notes: tuple[str, ...]
    is_hidden: bool
    questions: tuple[PreviewQuestion, ...]
    judgement: JudgementPart | None


@dataclass(frozen=True)
class FormPreview:
    """A whole form as it would look, or the part of it that somebody is working on."""

    sections: tuple[PreviewSection, ...]
    judgement: JudgementPart | None
    limits: tuple[str, ...]


def ending_of(form: AuditForm) -> FormPreview:
    """What stands at the end of a form: the limits and the overall judgement."""
    overall = judgement_part(form, None, UNGRADED, name="grade-overall") if form.overall.graded else None
    return FormPreview((), overall, tuple(_limit_words(form, form.to_data())))


def preview_of(form: AuditForm, *, section: str = "", question: str = "") -> FormPreview:
    """The whole form, or one section of it, or one question alone. Hidden parts are shown as hidden."""
    data = form.to_data()
    if question:
        found = form.questions.get(question)
        holder = form.section_of.get(question)
        if found is None or holder is None:
            return FormPreview((), None, ())
        alone = PreviewSection(holder.key, "", "", (), holder.retired, (_question(data, found),), None)
        return FormPreview((alone,), None, ())
    chosen = [one for one in form.sections if one.key != STAND_IN_KEY and section in ("", one.key)]
    sections = tuple(_section(form, data, one) for one in chosen)
    if section:
        return FormPreview(sections, None, ())
    ending = ending_of(form)
    return FormPreview(sections, ending.judgement, ending.limits)


def _section(form: AuditForm, data: FormData, section: Section) -> PreviewSection:
    when = condition_words(data, section.show_when)
    return PreviewSection(
        section.key,
        section.title,
        section.guidance,
        (f"Shown only when {when}.",) if when else (),
        section.retired,
        tuple(_question(data, one) for one in section.questions if one.key != STAND_IN_KEY),
        judgement_part(form, section, UNGRADED, name=f"grade-{section.key}"),
    )


def _question(data: FormData, question: Question) -> PreviewQuestion:
    notes = []
    when = condition_words(data, question.show_when)
    if when:
        notes.append(f"Asked only when {when}.")
    if question.finding is not None:
        offered = condition_words(data, question.finding.when, itself=question.key)
        notes.append(f"Offers a {question.finding.kind.value} when {offered}.")
    return PreviewQuestion(question_part(question, BLANK), tuple(notes), question.retired)


def _limit_words(form: AuditForm, data: FormData) -> Iterator[str]:
    for limit in form.limits:
        when = condition_words(data, limit.when)
        yield f"No higher than {limit.ceiling.label.lower()} when {when}: {limit.because}"
