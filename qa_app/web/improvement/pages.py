"""What the pages of the improvement plan show: plain parts that the templates lay out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from flask import url_for

from qa_app.domain.plan_records import ActionPart, Rating
from qa_app.domain.plan_tally import (
    ExceptionReport,
    PlanLine,
    PriorityExceptions,
    Standing,
    Tally,
)
from qa_app.queries.improvement_sheets import (
    ActionSheet,
    ExceptionSheet,
    ImportRow,
    LeadName,
    LeadRow,
    LinkedFinding,
    LinkedTheme,
    PlanSheet,
    StoryEntry,
)
from qa_app.web.shared.plan_words import Group, grouped, priority_words
from qa_app.web.shared.template_filters import day, moment

UNRATED = "unrated"
STANDING_WORDS = {
    Standing.DUE: "Due",
    Standing.NOT_DUE: "Not due yet",
    Standing.OUTSIDE_BASE: "Outside the base",
}
Crumbs = list[dict[str, str]]


@dataclass(frozen=True)
class Filters:
    """What somebody asked the plan page to show; an empty text is no filter."""

    priority: str = ""
    rating: str = ""
    standing: str = ""
    lead: str = ""

    def keeps(self, line: PlanLine, as_at: date) -> bool:
        """Whether a line is shown."""
        rating = line.rating.value if line.rating else UNRATED
        return (
            self.priority in ("", line.priority)
            and self.rating in ("", rating)
            and self.standing in ("", line.standing(as_at).value)
            and self.lead in ("", line.lead or "")
        )


@dataclass(frozen=True)
class PlanView:
    """The plan page."""

    plan_id: int
    title: str
    as_at: date
    total: Tally
    groups: list[Group]
    n_shown: int
    imports: Sequence[ImportRow]
    may_import: bool
    may_see_report: bool
    chosen: Filters
    priority_choices: list[tuple[str, str]]
    rating_choices: list[tuple[str, str]]
    standing_choices: list[tuple[str, str]]
    lead_choices: list[tuple[str, str]]
    plan_choices: list[tuple[int, str]]
    links: Mapping[int, int]
    leads: Mapping[int, tuple[LeadName, ...]]
    is_whole: bool
    fault: str = ""

    def href_of(self, standing: str, rating: str) -> str:
        """This page showing only actions of a standing and rating."""
        return url_for(
            "improvement.plan",
            plan=self.plan_id,
            as_at=self.as_at.isoformat(),
            standing=standing,
            rating=rating or None,
        )

    def is_early(self, line: PlanLine) -> bool:
        """Whether an action is green before it was due."""
        return line.is_completed_early(self.as_at)

    def standing_words(self, line: PlanLine) -> str:
        """Whether an action is due, in words."""
        standing = line.standing(self.as_at)
        if standing is Standing.OUTSIDE_BASE:
            return line.timescale_kind.label
        return STANDING_WORDS[standing]

    def n_links(self, line: PlanLine) -> int:
        """How many findings and themes an action answers."""
        return self.links.get(line.action_id or 0, 0)

    def lead_names(self, line: PlanLine) -> list[str]:
        """Who of those who sign in here leads an action, each once."""
        return list(dict.fromkeys(lead.name for lead in self.leads.get(line.action_id or 0, ())))


def plan_view(
    sheet: PlanSheet, filters: Filters, plans: Sequence[tuple[int, str]], fault: str = ""
) -> PlanView:
    """The plan page for a sheet, with only the lines that the filters keep."""
    shown = [line for line in sheet.lines if filters.keeps(line, sheet.as_at)]
    leads = sorted({line.lead for line in sheet.lines if line.lead})
    return PlanView(
        plan_id=sheet.plan_id,
        title=sheet.title,
        as_at=sheet.as_at,
        total=sheet.tally.total,
        groups=grouped(shown),
        n_shown=len(shown),
        imports=sheet.imports,
        may_import=sheet.may_import,
        may_see_report=sheet.may_see_report,
        chosen=filters,
        priority_choices=[
            (one.priority, priority_words(one.priority, one.title)) for one in sheet.tally.priorities
        ],
        rating_choices=[*((rating.value, rating.label) for rating in Rating), (UNRATED, "Not rated")],
        standing_choices=[(standing.value, words) for standing, words in STANDING_WORDS.items()],
        lead_choices=[(lead, lead) for lead in leads],
        plan_choices=list(plans) if len(plans) > 1 else [],
        links=sheet.n_links,
        leads=sheet.leads,
        is_whole=sheet.is_whole,
        fault=fault,
    )


@dataclass(frozen=True)
class ExceptionView:
    """The exception report on screen."""

    plan_id: int
    title: str
    report: ExceptionReport
    red_groups: list[Group]
    is_before_first_update: bool
    may_see_plan: bool
    crumbs: Crumbs
    fault: str = ""

    def priority_words(self, row: PriorityExceptions) -> str:
        """A priority as a heading."""
        return priority_words(row.priority, row.title)


def exception_view(sheet: ExceptionSheet, fault: str = "") -> ExceptionView:
    """The exception report for a sheet."""
    crumbs = []
    if sheet.may_see_plan:
        crumbs.append({"text": sheet.title, "href": url_for("improvement.plan", plan=sheet.plan_id)})
    return ExceptionView(
        plan_id=sheet.plan_id,
        title=sheet.title,
        report=sheet.report,
        red_groups=grouped(sheet.report.red_actions),
        is_before_first_update=sheet.first_as_at is not None and sheet.report.as_at < sheet.first_as_at,
        may_see_plan=sheet.may_see_plan,
        crumbs=crumbs,
        fault=fault,
    )


@dataclass(frozen=True)
class ThemeLine:
    """A theme that an action answers, with its address."""

    link_id: int
    title: str
    href: str
    n_findings: int
    reason: str
    linked_words: str


@dataclass(frozen=True)
class FindingLine:
    """A finding that an action answers, with its address and that of the answer in the review."""

    link_id: int
    ref: str
    href: str
    kind: str
    severity: str
    words: str
    review_ref: str
    answer_href: str
    question_text: str | None
    answer_words: str | None
    reason: str
    linked_words: str


@dataclass(frozen=True)
class ActionView:
    """The page of one action."""

    action_id: int
    code: str
    ref: str
    priority_words: str
    text: str
    lead_in: str
    parts: Sequence[ActionPart]
    rating: Rating | None
    as_at: date
    standing_words: str
    story: Sequence[StoryEntry]
    themes: list[ThemeLine]
    findings: list[FindingLine]
    n_findings_unseen: int
    may_link: bool
    leads: Sequence[LeadRow]
    agencies: Sequence[str]
    may_update: bool
    shows_links: bool
    facts: list[tuple[str, object]]
    doubts: Sequence[str]
    crumbs: Crumbs = field(default_factory=list)


def action_view(sheet: ActionSheet, *, may_see_themes: bool) -> ActionView:
    """The page of one action for a sheet. A theme is a link, with its findings counted, to who may open it."""
    first_part = sheet.text.find(f"{sheet.parts[0].letter})") if sheet.parts else -1
    return ActionView(
        action_id=sheet.action_id,
        code=sheet.code,
        ref=sheet.ref,
        priority_words=priority_words(sheet.priority, sheet.priority_title),
        text=sheet.text,
        lead_in=sheet.text[: max(first_part, 0)].rstrip(" (:") or "In parts:",
        parts=sheet.parts,
        rating=sheet.rating,
        as_at=sheet.as_at,
        standing_words=STANDING_WORDS[sheet.standing],
        story=sheet.story,
        themes=[_theme_line(theme, may_see_themes) for theme in sheet.themes],
        findings=[_finding_line(finding) for finding in sheet.findings],
        n_findings_unseen=sheet.n_findings_unseen,
        may_link=sheet.may_link,
        leads=sheet.leads,
        agencies=[agency.name for agency in sheet.agency_rows],
        may_update=sheet.may_update,
        shows_links=sheet.shows_links,
        facts=_facts(sheet),
        doubts=sheet.doubts,
        crumbs=[{"text": sheet.plan_title, "href": url_for("improvement.plan", plan=sheet.plan_id)}],
    )


def _facts(sheet: ActionSheet) -> list[tuple[str, object]]:
    timescale = sheet.timescale
    window = timescale.kind.label
    if timescale.window_ends_on and timescale.window_starts_on:
        window = f"{day(timescale.window_starts_on)} to {day(timescale.window_ends_on)}"
    elif timescale.window_ends_on:
        window = f"By {day(timescale.window_ends_on)}"
    elif timescale.window_starts_on:
        window = f"{timescale.kind.label}, from {day(timescale.window_starts_on)}"
    facts: list[tuple[str, object]] = [
        ("Reference here", sheet.code),
        ("Number in the plan", sheet.ref_as_written or sheet.ref),
        ("Timescale as written", timescale.as_written or "None given"),
        ("Published window", window),
        ("Strategic lead", sheet.strategic_lead or "None given"),
        ("Operational lead", sheet.operational_lead or "None given"),
        ("Agency involvement", sheet.agencies or "None given"),
        ("Status as written", sheet.status_text or "Blank"),
    ]
    more: list[tuple[str, object]] = [
        ("Recurs", timescale.recurs),
        ("Review on", day(timescale.review_on) if timescale.review_on else None),
        ("Recommendation", sheet.recommendation),
        ("Success measure", sheet.success_measure),
        ("Evidence named in the plan", sheet.evidence),
    ]
    return [*facts, *((name, value) for name, value in more if value)]


def _theme_line(theme: LinkedTheme, may_see: bool) -> ThemeLine:
    return ThemeLine(
        link_id=theme.link_id,
        title=theme.title,
        href=url_for("themes.show", theme_id=theme.theme_id) if may_see else "",
        n_findings=theme.n_findings,
        reason=theme.reason,
        linked_words=f"{moment(theme.linked_at)} by {theme.linked_by}",
    )


def _finding_line(finding: LinkedFinding) -> FindingLine:
    anchor = f"question-{finding.question_key}" if finding.question_key else None
    return FindingLine(
        link_id=finding.link_id,
        ref=finding.ref,
        href=url_for("findings.show", finding_id=finding.finding_id),
        kind=finding.kind,
        severity=finding.severity,
        words=finding.words,
        review_ref=finding.review_ref,
        answer_href=url_for("reviews.show", review_id=finding.review_id, _anchor=anchor),
        question_text=finding.question_text,
        answer_words=finding.answer_words,
        reason=finding.reason,
        linked_words=f"{moment(finding.linked_at)} by {finding.linked_by}",
    )
