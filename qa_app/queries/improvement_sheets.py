"""An improvement plan and its actions as their readers see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from qa_app.domain.plan_people import LeadKind
from qa_app.domain.plan_records import ActionPart, Rating
from qa_app.domain.plan_tally import ExceptionReport, PlanLine, PlanTally, Standing
from qa_app.domain.timescales import Timescale


@dataclass(frozen=True)
class PlanRow:
    """One plan in the list of plans; `as_at` is the date of its newest update."""

    plan_id: int
    title: str
    n_actions: int
    as_at: date


@dataclass(frozen=True)
class ImportRow:
    """One document from which a plan was made or brought up to date."""

    file_name: str
    as_at: date
    imported_at: datetime
    imported_by: str | None
    n_new: int
    n_updated: int


@dataclass(frozen=True)
class LeadName:
    """Somebody who leads an action."""

    user_id: int
    name: str
    kind: LeadKind


@dataclass(frozen=True)
class PlanSheet:
    """A plan at a date: its counts, its actions in order, who leads each, and how many links each has.

    Unless `is_whole`, only the actions within the viewer's reach, and the counts of these.
    """

    plan_id: int
    title: str
    as_at: date
    newest_as_at: date
    tally: PlanTally
    lines: tuple[PlanLine, ...]
    n_links: Mapping[int, int]
    leads: Mapping[int, tuple[LeadName, ...]]
    is_whole: bool
    imports: tuple[ImportRow, ...]
    may_import: bool
    may_see_report: bool


@dataclass(frozen=True)
class ExceptionSheet:
    """The exception report of a plan at a date."""

    plan_id: int
    title: str
    newest_as_at: date
    first_as_at: date | None
    report: ExceptionReport
    may_see_plan: bool


@dataclass(frozen=True)
class StoryEntry:
    """One dated step in the story of an action: when it held, when it was written down, and by whom."""

    effective_on: date
    recorded_at: datetime
    recorded_by: str | None
    rating: Rating | None
    status_text: str
    progress: str | None
    source: str


@dataclass(frozen=True)
class LinkedFinding:
    """A finding that an action answers, with the answer in the review on which it rests."""

    link_id: int
    finding_id: int
    ref: str
    kind: str
    severity: str
    words: str
    review_id: int
    review_ref: str
    section_key: str | None
    question_key: str | None
    question_text: str | None
    answer_words: str | None
    reason: str
    linked_by: str | None
    linked_at: datetime


@dataclass(frozen=True)
class LinkedTheme:
    """A theme that an action answers."""

    link_id: int
    theme_id: int
    theme_key: str
    title: str
    definition: str
    n_findings: int
    reason: str
    linked_by: str | None
    linked_at: datetime


@dataclass(frozen=True)
class ThemeChoice:
    """A theme that can be linked."""

    theme_id: int
    title: str


@dataclass(frozen=True)
class LeadRow:
    """Somebody who leads an action, and since when; `written` are the plan's words taken to mean them.

    `may_update`: whether a role of theirs lets them see the action and say how it stands.
    """

    lead_id: int
    user_id: int
    name: str
    kind: LeadKind
    written: str
    assigned_at: datetime
    may_update: bool


@dataclass(frozen=True)
class AgencyRow:
    """An agency that an action involves."""

    link_id: int
    name: str
    written: str


@dataclass(frozen=True)
class ActionSheet:
    """One action of the plan: its words, how it stands, its story, and what it answers.

    `n_findings_unseen` counts linked findings that lie outside what the viewer may see.
    """

    action_id: int
    code: str
    plan_id: int
    plan_title: str
    ref: str
    ref_as_written: str
    priority: str
    priority_title: str | None
    text: str
    parts: tuple[ActionPart, ...]
    recommendation: str | None
    strategic_lead: str | None
    operational_lead: str | None
    agencies: str | None
    success_measure: str | None
    evidence: str | None
    timescale: Timescale
    doubts: tuple[str, ...]
    as_at: date
    standing: Standing
    rating: Rating | None
    status_text: str
    story: tuple[StoryEntry, ...]
    findings: tuple[LinkedFinding, ...]
    themes: tuple[LinkedTheme, ...]
    n_findings_unseen: int
    may_link: bool
    theme_choices: tuple[ThemeChoice, ...]
    leads: tuple[LeadRow, ...]
    agency_rows: tuple[AgencyRow, ...]
    may_update: bool
    shows_links: bool
    """Whether what the action answers is shown: a partner agency is shown nothing that rests on reviews of children."""
