"""The pages about a whole review: the check before submitting, and the review once it is handed in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import url_for

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.answers import AnswerState
from qa_app.domain.audit_forms.form import Section
from qa_app.domain.audit_forms.kinds import OVERALL, FindingKind
from qa_app.domain.audit_forms.scores import Score
from qa_app.domain.completion import Gap, SectionProgress
from qa_app.domain.releases import ReleaseState, release_stand
from qa_app.domain.review_returns import OpenReturn, gaps_of_return
from qa_app.queries.reviews import ReviewSheet, SheetFinding
from qa_app.web.reviews.page import (
    SectionEntry,
    Shown,
    answer_words,
    ceiling_words,
    finding_line,
    grade_given,
    judgement_lines,
    section_entries,
    shown_of,
)
from qa_app.web.shared.answer_parts import FindingLine
from qa_app.web.shared.template_filters import day, moment, share


@dataclass(frozen=True)
class GapLink:
    """One thing to do, and where it is done."""

    text: str
    href: str


@dataclass(frozen=True)
class GapGroup:
    """What one section still needs."""

    title: str
    gaps: tuple[GapLink, ...]


@dataclass(frozen=True)
class CheckPage:
    """What stands between a review and its submission."""

    entries: tuple[SectionEntry, ...]
    facts: tuple[tuple[str, str], ...]
    gap_groups: tuple[GapGroup, ...]
    judgements: tuple[tuple[str, str], ...]
    ceilings: tuple[str, ...]
    findings: tuple[FindingLine, ...]
    not_asked: tuple[str, ...]
    action: str

    @property
    def gaps(self) -> tuple[GapLink, ...]:
        """Every gap, in the order of the form."""
        return tuple(gap for group in self.gap_groups for gap in group.gaps)

    @property
    def errors(self) -> tuple["GapLink", ...]:
        """What the error summary says after a submission with gaps: one line, leading to the list."""
        n = len(self.gaps)
        words = f"{n} thing is" if n == 1 else f"{n} things are"
        return (GapLink(f"{words} still to do before you can submit", "#gaps"),) if n else ()


@dataclass(frozen=True)
class ReadAnswer:
    """One question and what was answered, with the findings that hang on it."""

    key: str
    text: str
    words: str
    findings: tuple[FindingLine, ...]


@dataclass(frozen=True)
class ReadSection:
    """One section of a review to read."""

    key: str
    title: str
    is_graded: bool
    grade: str
    grade_words: str
    rationale: str
    departure: str
    answers: tuple[ReadAnswer, ...]


@dataclass(frozen=True)
class ReleasePart:
    """How far a review is on its way to those who worked with the child, and what can be done about it."""

    state: ReleaseState
    words: str
    release_action: str
    hold_action: str
    let_go_action: str


@dataclass(frozen=True)
class ReadPage:
    """A whole review to read."""

    facts: tuple[tuple[str, str], ...]
    summary: tuple[tuple[str, str], ...]
    sections: tuple[ReadSection, ...]
    whole_file_findings: tuple[FindingLine, ...]
    ceilings: tuple[str, ...]
    review_id: int
    strengths: tuple[FindingLine, ...] = ()
    weaknesses: tuple[FindingLine, ...] = ()
    release: ReleasePart | None = None


def check_page(sheet: ReviewSheet, returned: OpenReturn | None = None) -> CheckPage:
    """The check before submitting: gaps as links, what came back and is not settled, the grades, the findings."""
    shown = shown_of(sheet)
    back = tuple(GapLink(gap.words, gap_href(sheet.review_id, gap)) for gap in gaps_of_return(returned))
    return CheckPage(
        entries=section_entries(sheet, shown, ""),
        facts=sheet.facts,
        gap_groups=(
            *([GapGroup("Returned to you", back)] if back else []),
            *(_gap_group(sheet, one) for one in shown.completion.sections if one.gaps),
        ),
        judgements=judgement_lines(sheet, shown, with_overall=True),
        ceilings=ceiling_words(shown.limits),
        findings=tuple(finding_line(one) for one in sheet.findings),
        not_asked=_not_asked(sheet, shown),
        action=url_for("reviews.submit", review_id=sheet.review_id),
    )


def _gap_group(sheet: ReviewSheet, progress: SectionProgress) -> GapGroup:
    return GapGroup(
        progress.title, tuple(GapLink(gap.words, gap_href(sheet.review_id, gap)) for gap in progress.gaps)
    )


def gap_href(review_id: int, gap: Gap) -> str:
    """The place on the section's page where a gap is closed."""
    mark = f"question-{gap.question}" if gap.question else f"judgement-{gap.section}"
    return url_for("reviews.show_section", review_id=review_id, section=gap.section, _anchor=mark)


def _not_asked(sheet: ReviewSheet, shown: Shown) -> tuple[str, ...]:
    return tuple(
        question.text
        for question in sheet.form.questions.values()
        if question.key not in shown.asked.questions
        and sheet.content.answer(question.key).state is not AnswerState.BLANK
    )


def read_page(sheet: ReviewSheet, viewer: Viewer, release_days: int, score: Score | None = None) -> ReadPage:
    """The review as handed in: only what was asked. For those whose practice it judges, strengths come first."""
    shown = shown_of(sheet)
    sees_findings = viewer.may(Permission.SEE_FINDINGS)
    lines = {one.finding_id: _line(one, sees_findings) for one in sheet.findings}
    sections = [
        _read_section(sheet, section, shown, lines)
        for section in sheet.form.sections
        if section.key in shown.asked.sections
    ]
    if sheet.form.overall.graded:
        sections.insert(0, _read_overall(sheet, shown))
    for_practice = sheet.findings if sheet.is_own_practice else ()
    return ReadPage(
        sheet.facts,
        (*_summary(sheet, release_days), *_score_words(score)),
        tuple(sections),
        tuple(lines[one.finding_id] for one in sheet.findings if one.question is None),
        ceiling_words(shown.limits),
        sheet.review_id,
        tuple(lines[one.finding_id] for one in for_practice if one.kind == FindingKind.STRENGTH),
        tuple(lines[one.finding_id] for one in for_practice if one.kind == FindingKind.WEAKNESS),
        _release_part(sheet, viewer, release_days),
    )


def _score_words(score: Score | None) -> tuple[tuple[str, str], ...]:
    """The compliance items by their counts; grades are judgements and stand beside them, never in them."""
    if score is None:
        return ()
    partly = f", {score.n_partly} more in part" if score.n_partly else ""
    return (("Compliance items met", f"{share(score.n_met, score.n_counted)}{partly}"),)


def _line(finding: SheetFinding, sees_findings: bool) -> FindingLine:
    line = finding_line(finding)
    return line if sees_findings else replace(line, href="")


def _summary(sheet: ReviewSheet, release_days: int) -> tuple[tuple[str, str], ...]:
    given: list[tuple[str, str]] = [
        ("Form", f"{sheet.form.title}, version {sheet.form_number}"),
        ("Cohort", sheet.cohort_title),
        ("Reviewer", sheet.reviewer),
        ("Due", day(sheet.due_on)),
        ("Submitted", moment(sheet.submitted_at) if sheet.submitted_at else "Not submitted yet"),
    ]
    if sheet.submitted_at is not None:
        given.append(("Release", _release_words(sheet, release_days)))
    return tuple(given)


def _release_words(sheet: ReviewSheet, release_days: int) -> str:
    assert sheet.submitted_at is not None
    told = sheet.release
    if told.released_at is not None:
        return f"Released {moment(told.released_at)} by {told.released_by or 'itself'}"
    stand = release_stand(sheet.submitted_at, told.released_at, told.held_at, release_days)
    if stand.state is ReleaseState.HELD:
        return f"Held back since {day(told.held_at)}: {told.held_reason}"
    if stand.by_itself_at is None:
        return "Not released yet"
    return f"Not released yet; releases itself on {day(stand.by_itself_at)}"


def _release_part(sheet: ReviewSheet, viewer: Viewer, release_days: int) -> ReleasePart | None:
    if (
        sheet.submitted_at is None
        or sheet.release.released_at is not None
        or not viewer.may(Permission.RELEASE_REVIEWS)
    ):
        return None
    stand = release_stand(sheet.submitted_at, None, sheet.release.held_at, release_days)
    return ReleasePart(
        stand.state,
        _release_words(sheet, release_days),
        url_for("releases.release"),
        url_for("releases.hold", review_id=sheet.review_id),
        url_for("releases.let_go", review_id=sheet.review_id),
    )


def _read_overall(sheet: ReviewSheet, shown: Shown) -> ReadSection:
    given = sheet.content.overall
    return ReadSection(
        OVERALL,
        "Overall judgement",
        True,
        given.grade.value if given.grade else "",
        grade_given(given),
        given.rationale,
        sheet.content.departure_reason if shown.limits.departs else "",
        (),
    )


def _read_section(
    sheet: ReviewSheet, section: Section, shown: Shown, lines: Mapping[int, FindingLine]
) -> ReadSection:
    given = sheet.content.judgement(section.key)
    answers = tuple(
        ReadAnswer(
            question.key,
            question.text,
            answer_words(question, sheet.content.answer(question.key)),
            tuple(lines[one.finding_id] for one in sheet.findings if one.question == question.key),
        )
        for question in section.questions
        if question.key in shown.asked.questions
    )
    return ReadSection(
        section.key,
        section.title,
        section.graded,
        given.grade.value if given.grade else "",
        grade_given(given),
        given.rationale,
        "",
        answers,
    )
