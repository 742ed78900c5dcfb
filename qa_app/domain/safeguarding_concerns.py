"""A child who may not be safe now, and a child under the wrong threshold: what cannot wait for the end of a review."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LONGEST_WORDS = 1000


class ConcernKind(StrEnum):
    """What cannot wait. Stored by value."""

    SAFEGUARDING = "safeguarding"
    STEP_UP = "step_up"
    STEP_DOWN = "step_down"

    @property
    def label(self) -> str:
        """The kind as people say it."""
        return {
            ConcernKind.SAFEGUARDING: "Immediate safeguarding concern",
            ConcernKind.STEP_UP: "Wrong threshold: step up",
            ConcernKind.STEP_DOWN: "Wrong threshold: step down",
        }[self]

    @property
    def meaning(self) -> str:
        """One sentence that helps to choose."""
        return {
            ConcernKind.SAFEGUARDING: "A child may be at risk of harm now, or a step that keeps them safe was missed.",
            ConcernKind.STEP_UP: "The child needs more than they get: for example a conference, or court.",
            ConcernKind.STEP_DOWN: "The family is under more intervention than the child needs.",
        }[self]

    @property
    def is_about_threshold(self) -> bool:
        """Whether it asks for another threshold rather than for safety at once."""
        return self is not ConcernKind.SAFEGUARDING


class ClockState(StrEnum):
    """How one of a concern's clocks stands."""

    RUNNING = "running"
    OVERDUE = "overdue"
    MET = "met"
    MET_LATE = "met_late"


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of a concern: elapsed time, through nights, weekends and bank holidays."""

    due_at: datetime
    stopped_at: datetime | None
    started_at: datetime

    def state(self, at: datetime) -> ClockState:
        """How it stands at a moment."""
        if self.stopped_at is not None:
            return ClockState.MET if self.stopped_at <= self.due_at else ClockState.MET_LATE
        return ClockState.RUNNING if at <= self.due_at else ClockState.OVERDUE

    def in_words(self, at: datetime) -> str:
        """The clock as people read it."""
        state = self.state(at)
        if state is ClockState.MET:
            assert self.stopped_at is not None
            return f"Met after {hours_words(self.stopped_at - self.started_at)}"
        if state is ClockState.MET_LATE:
            assert self.stopped_at is not None
            return f"Met {hours_words(self.stopped_at - self.due_at)} late"
        if state is ClockState.OVERDUE:
            return f"Overdue by {hours_words(at - self.due_at)}"
        return f"{hours_words(self.due_at - at)} left"


@dataclass(frozen=True, slots=True)
class ConcernTiming:
    """The clocks of concerns. Units: elapsed hours."""

    acknowledge_hours: int = 4
    safe_hours: int = 24
    threshold_hours: int = 24

    def acknowledge_due(self, kind: ConcernKind, raised_at: datetime) -> datetime:
        """Until when the head of service, or for a threshold the team, has to acknowledge it."""
        hours = self.threshold_hours if kind.is_about_threshold else self.acknowledge_hours
        return raised_at + timedelta(hours=hours)

    def safe_due(self, kind: ConcernKind, raised_at: datetime) -> datetime | None:
        """Until when the child has to be safe; none where the question is the threshold."""
        return None if kind.is_about_threshold else raised_at + timedelta(hours=self.safe_hours)


def hours_words(span: timedelta) -> str:
    """A stretch of time in hours and minutes, whole days said as days beyond two."""
    minutes = max(0, int(span.total_seconds() // 60))
    days, hours = minutes // 1440, minutes // 60
    if days > 2:
        return f"{days} days"
    if hours:
        rest = f" {minutes % 60} min" if minutes % 60 else ""
        return f"{hours} h{rest}"
    return f"{minutes} min"
