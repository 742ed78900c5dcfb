"""An improvement plan as read from a document: the words as written beside what was understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from qa_app.domain.timescales import Timescale


class Rating(StrEnum):
    """The colour that a plan declares for an action; what a colour means is the plan's own key."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    WHITE = "white"

    @property
    def label(self) -> str:
        """The colour in words."""
        return self.value.capitalize()


@dataclass(frozen=True)
class ActionPart:
    """One lettered part of an action: a), b), c) ..."""

    letter: str
    text: str


@dataclass(frozen=True)
class PlanActionRecord:
    """One action of a plan, from one row of its document."""

    ref: str
    ref_as_written: str
    priority: str
    text: str
    timescale: Timescale
    priority_title: str | None = None
    parts: tuple[ActionPart, ...] = ()
    recommendation: str | None = None
    strategic_lead: str | None = None
    operational_lead: str | None = None
    agencies: str | None = None
    success_measure: str | None = None
    status_text: str = ""
    declared_rating: Rating | None = None
    progress: str | None = None
    evidence: str | None = None
    doubts: tuple[str, ...] = ()
    sheet: str | None = None
    row: int = 0

    @property
    def lead(self) -> str | None:
        """Everybody who leads the action, as one line."""
        return leads_in_one_line(self.strategic_lead, self.operational_lead)


def leads_in_one_line(strategic: str | None, operational: str | None) -> str | None:
    """The strategic and the operational lead as one line, each once; nothing when nobody is named."""
    named = [lead for lead in (strategic, operational) if lead]
    return "; ".join(dict.fromkeys(named)) or None


@dataclass(frozen=True)
class PlanMapping:
    """What a person says about a document that its headings and words do not say by themselves.

    `columns`: our field to the document's heading, or to None when the document has no such column.
    `ratings`: status words (lower case) to the colour they stand for in this document.
    """

    columns: Mapping[str, str | None] = field(default_factory=dict)
    ratings: Mapping[str, Rating] = field(default_factory=dict)


@dataclass(frozen=True)
class PlanDocument:
    """A whole plan as read: its actions in the order of the document, and every doubt about it."""

    title: str
    as_at: date
    actions: tuple[PlanActionRecord, ...]
    columns: Mapping[str, tuple[str, ...]]
    columns_not_used: tuple[str, ...] = ()
    n_rows_read: int = 0
    n_rows_skipped: int = 0
    doubts: tuple[str, ...] = ()
