"""What the section pages of a review show: plain parts that the templates lay out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flask import url_for

from qa_app.domain.answers import Answer, AnswerState, Judgement
from qa_app.domain.audit_forms.asked import Asked, asked
from qa_app.domain.audit_forms.form import Question, Section
from qa_app.domain.audit_forms.kinds import OVERALL, FindingKind
from qa_app.domain.cohorts import ReviewState
from qa_app.domain.completion import Completion, SectionProgress, completion_of
from qa_app.domain.limits import Limits, limits_of
from qa_app.queries.reviews import NEVER_SAVED, ReviewSheet, SheetFinding
from qa_app.web.reviews.looks import FilterLink, Look, filter_links, n_shown
from qa_app.web.shared.answer_parts import (
    AnswerLinks,
    Conflict,
    FindingLine,
    JudgementPart,
    QuestionPart,
    Returned,
    judgement_part,
    question_part,
)
from qa_app.web.shared.template_filters import time_of_day


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
    newer_version: int | None
    """The newer version that the cohort pins, and this review could move to by choice; nothing while there is none."""
    move_href: str
    filters: tuple[FilterLink, ...]
    is_filtered: bool
    returned_words: str
    """What is asked of the whole review, where it came back."""
    n_unsettled: int


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


NO_LOOK = Look()


def section_entries(
    sheet: ReviewSheet, shown: Shown, current: str, look: Look = NO_LOOK
) -> tuple[SectionEntry, ...]:
    """The list of sections beside the questions, with what a filter leaves; sections not asked are there and hidden."""
    done = {one.section: one for one in shown.completion.sections}
    titles = [(section.key, section.title) for section in sheet.form.sections]
    if sheet.form.overall.graded:
        titles.append((OVERALL, "Overall judgement"))
    return tuple(
        SectionEntry(
            key,
            title,
            look.address(sheet.review_id, key, look.only),
            _entry_words(sheet, done.get(key), shown, look),
            key in done and done[key].is_complete,
            key == current,
            key not in done,
        )
        for key, title in titles
    )


def _entry_words(sheet: ReviewSheet, done: SectionProgress | None, shown: Shown, look: Look) -> str:
    if done is None:
        return "Not asked"
    if look.only is not None:
        return f"{n_shown(sheet, done.section, shown.asked.questions, look)} here"
    return progress_words(done)


def section_page(
    sheet: ReviewSheet, key: str, conflicts: Mapping[str, Conflict] | None = None, look: Look = NO_LOOK
) -> SectionPage:
    """The page of one section, or of the overall judgement. Errors: KeyError for a section the form lacks."""
    shown = shown_of(sheet)
    clashes = conflicts or {}
    entries = section_entries(sheet, shown, key, look)
    is_overall = key == OVERALL and sheet.form.overall.graded
    section = None if is_overall else sheet.form.section_by_key[key]
    questions = () if section is None else _question_parts(sheet, section, shown, clashes, look)
    next_href, next_words = _next(sheet, entries, key)
    is_begun = sheet.state is ReviewState.IN_PROGRESS
    has_newer = is_begun and sheet.cohort_number > sheet.form_number
    return SectionPage(
        ref=sheet.ref,
        heading=section.title if section else "Overall judgement",
        caption=f"{sheet.ref} · {sheet.form.title} · {sheet.cohort_title}",
        action=url_for("reviews.save_section", review_id=sheet.review_id, section=key),
        guidance=section.guidance if section else "",
        entries=entries,
        facts=sheet.facts,
        questions=questions,
        judgement=_judgement_part(sheet, section, shown.limits, clashes.get(key), look.of_section(key)),
        is_overall=is_overall,
        ceilings=ceiling_words(shown.limits),
        saved_words=f"Saved at {time_of_day(sheet.saved_at)}" if sheet.saved_at else "Nothing saved yet",
        next_href=next_href,
        next_words=next_words,
        check_href=url_for("reviews.check", review_id=sheet.review_id),
        finding_href=url_for("findings.new", review_id=sheet.review_id),
        file_findings=tuple(finding_line(one) for one in sheet.findings if one.question is None),
        section_grades=judgement_lines(sheet, shown) if is_overall else (),
        newer_version=sheet.cohort_number if has_newer else None,
        move_href=url_for("form_publishing.review_move", review_id=sheet.review_id),
        filters=filter_links(sheet, shown.asked.questions, look, key),
        is_filtered=look.only is not None,
        returned_words=look.returned.words if look.returned else "",
        n_unsettled=len(look.returned.unsettled) if look.returned else 0,
    )


def _next(sheet: ReviewSheet, entries: Sequence[SectionEntry], key: str) -> tuple[str, str]:
    seen = False
    for entry in entries:
        if seen and not entry.is_hidden:
            return entry.href, "Save and continue"
        seen = seen or entry.key == key
    return url_for("reviews.check", review_id=sheet.review_id), "Check and submit"


def _question_parts(
    sheet: ReviewSheet, section: Section, shown: Shown, clashes: Mapping[str, Conflict], look: Look
) -> tuple[QuestionPart, ...]:
    return tuple(
        question_part(
            question,
            sheet.content.answer(question.key),
            revision=sheet.answers_saved.get(question.key, NEVER_SAVED).revision,
            links=_links(sheet, question),
            is_hidden=question.key not in shown.asked.questions,
            findings=tuple(finding_line(one) for one in sheet.findings if one.question == question.key),
            conflict=clashes.get(question.key),
            returned=look.of_question(question.key),
        )
        for question in section.questions
        if not question.retired and (look.shows(sheet, question) or question.key in clashes)
    )


def _links(sheet: ReviewSheet, question: Question) -> AnswerLinks:
    kind = question.finding.kind if question.finding else FindingKind.WEAKNESS
    review_id, key = sheet.review_id, question.key
    return AnswerLinks(
        save=url_for("reviews.save_answer", review_id=review_id, question=key),
        finding=url_for("findings.new", review_id=review_id, question=key),
        offer=url_for("findings.new", review_id=review_id, question=key, kind=kind.value),
        case_action=url_for("case_actions.new", review_id=review_id, question=key),
        concern=url_for("safeguarding_concerns.new", review_id=review_id, question=key),
    )


def finding_line(finding: SheetFinding) -> FindingLine:
    """A finding as a line with its link."""
    return FindingLine(
        finding.ref, url_for("findings.show", finding_id=finding.finding_id), finding.kind, finding.words
    )


def _judgement_part(
    sheet: ReviewSheet,
    section: Section | None,
    limits: Limits,
    conflict: Conflict | None,
    returned: Returned | None,
) -> JudgementPart | None:
    key = section.key if section else OVERALL
    part = judgement_part(
        sheet.form,
        section,
        sheet.content.judgement(key) if section else sheet.content.overall,
        revision=sheet.judgements_saved.get(key, NEVER_SAVED).revision,
        save_href=url_for("reviews.save_judgement", review_id=sheet.review_id, section=key),
        departure_reason=sheet.content.departure_reason,
        departs=limits.departs,
        conflict=conflict,
    )
    return replace(part, returned=returned) if part else None


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
