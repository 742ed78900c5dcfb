"""What the section pages of a review show: plain parts that the templates lay out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from wtforms import Form, RadioField, SelectChoice, TextAreaField
from wtforms.fields.core import Field

from qa_app.domain.answers import Answer, AnswerState, Judgement
from qa_app.domain.audit_forms.asked import Asked, asked, offered_finding
from qa_app.domain.audit_forms.form import Descriptors, Question, Section
from qa_app.domain.audit_forms.kinds import OVERALL, FindingKind, Need
from qa_app.domain.completion import Completion, SectionProgress, completion_of
from qa_app.domain.grades import Grade
from qa_app.domain.limits import Limits, limits_of
from qa_app.queries.reviews import NEVER_SAVED, ReviewSheet, SheetFinding
from qa_app.web.reviews.answer_fields import EXCUSE, PICKED_TYPES, answer_form
from qa_app.web.shared.template_filters import time_of_day

LONG_LABEL = 28
SHORT_TYPES = frozenset({"number", "date"})


@dataclass(frozen=True)
class Conflict:
    """Two answers to the same question: the one saved meanwhile, and the one sent now."""

    theirs: str
    yours: str


@dataclass(frozen=True)
class SectionEntry:
    """One line of the list of sections."""

    key: str
    title: str
    href: str
    words: str
    is_complete: bool
    is_current: bool
    is_hidden: bool


@dataclass(frozen=True)
class FindingLine:
    """A finding shown under its question."""

    ref: str
    href: str
    kind: str
    words: str


@dataclass(frozen=True)
class QuestionPart:
    """One question with its fields, filled in."""

    key: str
    text: str
    guidance: str
    revision: int
    save_href: str
    is_hidden: bool
    is_required: bool
    is_inline: bool
    is_short: bool
    can_clear: bool
    rows: int
    value: Field | None
    parts: tuple[tuple[Field, str], ...]
    excuse: Field | None
    is_excused: bool
    reason: Field | None
    reason_label: str
    fault: str
    finding_href: str
    offer: bool
    offer_href: str
    offer_words: str
    findings: tuple[FindingLine, ...]
    conflict: Conflict | None


@dataclass(frozen=True)
class JudgementPart:
    """A grade with its rationale, for a section or the whole file."""

    key: str
    legend: str
    revision: int
    save_href: str
    grade: Field
    rationale: Field
    rationale_label: str
    descriptors: dict[str, str]
    departure: Field | None = None
    departs: bool = False
    fault: str = ""
    conflict: Conflict | None = None


@dataclass(frozen=True)
class SectionPage:
    """One section of a review, or the overall judgement."""

    ref: str
    heading: str
    caption: str
    action: str
    guidance: str
    entries: tuple[SectionEntry, ...]
    facts: tuple[tuple[str, str], ...]
    questions: tuple[QuestionPart, ...]
    judgement: JudgementPart | None
    is_overall: bool
    ceilings: tuple[str, ...]
    saved_words: str
    next_href: str
    next_words: str
    check_href: str
    finding_href: str
    file_findings: tuple[FindingLine, ...]
    section_grades: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Shown:
    """What a review asks, how far it has come, and its limits: worked out once for a request."""

    asked: Asked
    completion: Completion
    limits: Limits
    places: tuple[SectionProgress, ...] = field(default=())


def shown_of(sheet: ReviewSheet) -> Shown:
    """Work out what a review asks and still needs."""
    visible = asked(sheet.form, sheet.content)
    return Shown(
        visible, completion_of(sheet.form, sheet.content, visible), limits_of(sheet.form, sheet.content)
    )


def progress_words(progress: SectionProgress) -> str:
    """How far a section has come: `3 of 7`."""
    return f"{progress.n_answered} of {progress.n_required}" if progress.n_required else "Optional"


def ceiling_words(limits: Limits) -> tuple[str, ...]:
    """Each limit that applies, as a sentence."""
    return tuple(f"No higher than {one.grade.label.lower()}: {one.because}" for one in limits.ceilings)


def section_entries(sheet: ReviewSheet, shown: Shown, current: str) -> tuple[SectionEntry, ...]:
    """The list of sections beside the questions; sections not asked are there and hidden."""
    done = {one.section: one for one in shown.completion.sections}
    titles = [(section.key, section.title) for section in sheet.form.sections]
    if sheet.form.overall.graded:
        titles.append((OVERALL, "Overall judgement"))
    return tuple(
        SectionEntry(
            key,
            title,
            url_for("reviews.show_section", review_id=sheet.review_id, section=key),
            progress_words(done[key]) if key in done else "Not asked",
            key in done and done[key].is_complete,
            key == current,
            key not in done,
        )
        for key, title in titles
    )


def section_page(
    sheet: ReviewSheet, key: str, conflicts: Mapping[str, Conflict] | None = None
) -> SectionPage:
    """The page of one section, or of the overall judgement. Errors: KeyError for a section the form lacks."""
    shown = shown_of(sheet)
    clashes = conflicts or {}
    entries = section_entries(sheet, shown, key)
    is_overall = key == OVERALL and sheet.form.overall.graded
    section = None if is_overall else sheet.form.section_by_key[key]
    questions = () if section is None else _question_parts(sheet, section, shown, clashes)
    next_href, next_words = _next(sheet, entries, key)
    return SectionPage(
        ref=sheet.ref,
        heading=section.title if section else "Overall judgement",
        caption=f"{sheet.ref} · {sheet.form.title} · {sheet.cohort_title}",
        action=url_for("reviews.save_section", review_id=sheet.review_id, section=key),
        guidance=section.guidance if section else "",
        entries=entries,
        facts=sheet.facts,
        questions=questions,
        judgement=_judgement_part(sheet, section, shown.limits, clashes.get(key)),
        is_overall=is_overall,
        ceilings=ceiling_words(shown.limits),
        saved_words=f"Saved at {time_of_day(sheet.saved_at)}" if sheet.saved_at else "Nothing saved yet",
        next_href=next_href,
        next_words=next_words,
        check_href=url_for("reviews.check", review_id=sheet.review_id),
        finding_href=url_for("findings.new", review_id=sheet.review_id),
        file_findings=tuple(finding_line(one) for one in sheet.findings if one.question is None),
        section_grades=judgement_lines(sheet, shown) if is_overall else (),
    )


def _next(sheet: ReviewSheet, entries: Sequence[SectionEntry], key: str) -> tuple[str, str]:
    seen = False
    for entry in entries:
        if seen and not entry.is_hidden:
            return entry.href, "Save and continue"
        seen = seen or entry.key == key
    return url_for("reviews.check", review_id=sheet.review_id), "Check and submit"


def _question_parts(
    sheet: ReviewSheet, section: Section, shown: Shown, clashes: Mapping[str, Conflict]
) -> tuple[QuestionPart, ...]:
    return tuple(
        _question_part(sheet, question, question.key not in shown.asked.questions, clashes.get(question.key))
        for question in section.questions
        if not question.retired
    )


def _question_part(
    sheet: ReviewSheet, question: Question, is_hidden: bool, conflict: Conflict | None
) -> QuestionPart:
    answer = sheet.content.answer(question.key)
    form = answer_form(question, answer)
    parts = tuple((form[part.key], part.shown_when) for part in question.answer_type.parts)
    offer = offered_finding(question, answer)
    kind = question.finding.kind if question.finding else FindingKind.WEAKNESS
    labels = [option.label for option in question.options]
    return QuestionPart(
        key=question.key,
        text=question.text,
        guidance=question.guidance,
        revision=sheet.answers_saved.get(question.key, NEVER_SAVED).revision,
        save_href=url_for("reviews.save_answer", review_id=sheet.review_id, question=question.key),
        is_hidden=is_hidden,
        is_required=question.required,
        is_inline=question.type in PICKED_TYPES and all(len(label) <= LONG_LABEL for label in labels),
        is_short=question.type in SHORT_TYPES,
        can_clear=question.type in PICKED_TYPES,
        rows=4,
        value=None if parts else form["value"],
        parts=parts,
        excuse=_field(form, "excuse"),
        is_excused=answer.state in (AnswerState.NOT_APPLICABLE, AnswerState.CANNOT_JUDGE),
        reason=_field(form, "reason"),
        reason_label=_reason_label(question),
        fault=answer.fault,
        finding_href=url_for("findings.new", review_id=sheet.review_id, question=question.key),
        offer=offer is not None,
        offer_href=url_for("findings.new", review_id=sheet.review_id, question=question.key, kind=kind.value),
        offer_words=f"Raise this as a {kind.value}",
        findings=tuple(finding_line(one) for one in sheet.findings if one.question == question.key),
        conflict=conflict,
    )


def _field(form: Form, name: str) -> Field | None:
    return form._fields.get(name)


def _reason_label(question: Question) -> str:
    excuses = {"not applicable": question.not_applicable, "cannot judge": question.cannot_judge}
    needing = [
        words for words, excuse in excuses.items() if excuse.allowed and excuse.reason is Need.REQUIRED
    ]
    if not needing:
        return "Reason (optional)"
    return "Reason" if len(needing) == 2 else f"Reason (needed for {needing[0]})"


def finding_line(finding: SheetFinding) -> FindingLine:
    """A finding as a line with its link."""
    return FindingLine(
        finding.ref, url_for("findings.show", finding_id=finding.finding_id), finding.kind, finding.words
    )


def judgement_form(judgement: Judgement, departure_reason: str = "", legend: str = "Grade") -> Form:
    """The fields of a judgement, filled in. Cannot judge stands beside the grades."""
    choices = [SelectChoice(grade.value, grade.label) for grade in Grade]
    choices.append(SelectChoice(EXCUSE + AnswerState.CANNOT_JUDGE.value, "Cannot judge"))
    fields: dict[str, Any] = {
        "grade": RadioField(legend, choices=choices),
        "rationale": TextAreaField("Rationale"),
        "departure": TextAreaField("Why does the grade stand above the limit?"),
    }
    chosen = judgement.grade.value if judgement.grade else ""
    if judgement.state is AnswerState.CANNOT_JUDGE:
        chosen = EXCUSE + AnswerState.CANNOT_JUDGE.value
    given = {"grade": chosen, "rationale": judgement.rationale, "departure": departure_reason}
    return type("JudgementForm", (Form,), fields)(data=given, prefix="judgement-")


def _judgement_part(
    sheet: ReviewSheet, section: Section | None, limits: Limits, conflict: Conflict | None
) -> JudgementPart | None:
    if section is not None and not section.graded:
        return None
    key = section.key if section else OVERALL
    given = sheet.content.judgement(key) if section else sheet.content.overall
    form = judgement_form(given, sheet.content.departure_reason)
    descriptors = section.descriptors if section else Descriptors()
    needed = section is not None or sheet.form.overall.rationale is Need.REQUIRED
    return JudgementPart(
        key=key,
        legend=f"Grade for {section.title[:1].lower()}{section.title[1:]}" if section else "Overall grade",
        revision=sheet.judgements_saved.get(key, NEVER_SAVED).revision,
        save_href=url_for("reviews.save_judgement", review_id=sheet.review_id, section=key),
        grade=form["grade"],
        rationale=form["rationale"],
        rationale_label="Rationale" if needed else "Rationale (optional)",
        descriptors={grade.value: descriptors.of(grade) for grade in Grade if descriptors.of(grade)},
        departure=None if section else form["departure"],
        departs=limits.departs,
        conflict=conflict,
    )


def judgement_lines(
    sheet: ReviewSheet, shown: Shown, *, with_overall: bool = False
) -> tuple[tuple[str, str], ...]:
    """The grade of each section that is asked, in words, and the overall one if wanted."""
    lines = [
        (section.title, grade_given(sheet.content.judgement(section.key)))
        for section in sheet.form.sections
        if section.graded and section.key in shown.asked.sections
    ]
    if with_overall and sheet.form.overall.graded:
        lines.append(("Overall", grade_given(sheet.content.overall)))
    return tuple(lines)


def grade_given(judgement: Judgement) -> str:
    """The grade in words, or that there is none."""
    if judgement.grade is not None and judgement.state is AnswerState.ANSWERED:
        return judgement.grade.label
    return "Cannot judge" if judgement.state is AnswerState.CANNOT_JUDGE else "Not graded yet"


def judgement_words(judgement: Judgement) -> str:
    """A judgement in words, for showing two beside one another."""
    grade = judgement.grade.label if judgement.grade else judgement.state.label
    return f"{grade}. {judgement.rationale}".strip()


def answer_words(question: Question, answer: Answer) -> str:
    """An answer in words."""
    if answer.state is AnswerState.ANSWERED:
        return question.answer_type.display(answer.value, question.choices)
    if answer.state is AnswerState.UNREADABLE:
        return str(answer.as_typed)
    return f"{answer.state.label}. {answer.reason}".strip() if answer.reason else answer.state.label
