"""What is to be done for one child after a review: how soon, how far it is, and whether it helped."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from qa_app.domain.errors import Invalid
from qa_app.domain.working_days import add_working_days, day_in_london, end_of_day

LONGEST_WORDS = 1000
LONGEST_UPDATE = 400
"""Units: characters."""


class Priority(StrEnum):
    """How soon an action has to be done. Stored by value."""

    CRITICAL = "critical"
    HIGH = "high"
    STANDARD = "standard"

    @property
    def label(self) -> str:
        """The priority as people say it."""
        return self.value.capitalize()

    @property
    def rank(self) -> int:
        """0 for what is most urgent."""
        return list(Priority).index(self)


class Impact(StrEnum):
    """Whether an action that was done helped this child. Stored by value."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    TOO_SOON = "too_soon"

    @property
    def label(self) -> str:
        """The answer as people say it."""
        return {
            Impact.YES: "Yes",
            Impact.PARTLY: "Partly",
            Impact.NO: "No",
            Impact.TOO_SOON: "Too soon to tell",
        }[self]


class Stage(StrEnum):
    """How far an action is. Worked out from its days, never stored."""

    OPEN = "open"
    DONE = "done"
    VERIFIED = "verified"
    CHECKED = "checked"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The stage as people say it."""
        return {
            Stage.OPEN: "Open",
            Stage.DONE: "Done, not verified",
            Stage.VERIFIED: "Verified, impact not checked",
            Stage.CHECKED: "Impact checked",
            Stage.WITHDRAWN: "Withdrawn",
        }[self]


class Ageing(StrEnum):
    """How an open action lies to its day."""

    VERY_LATE = "very_late"
    LATE = "late"
    JUST_LATE = "just_late"
    THIS_WEEK = "this_week"
    LATER = "later"

    @property
    def label(self) -> str:
        """The band as people say it."""
        return {
            Ageing.VERY_LATE: "Over 28 days late",
            Ageing.LATE: "8 to 28 days late",
            Ageing.JUST_LATE: "Up to 7 days late",
            Ageing.THIS_WEEK: "Due within 7 days",
            Ageing.LATER: "Due later",
        }[self]


@dataclass(frozen=True, slots=True)
class Timing:
    """How soon each priority is due, and when its impact is looked at.

    Units: `critical_hours` elapsed hours, `high_days` and `standard_days` working days, `impact_days` days.
    """

    critical_hours: int = 24
    high_days: int = 5
    standard_days: int = 20
    impact_days: int = 28

    def due_at(self, priority: Priority, raised_at: datetime, holidays: Container[date]) -> datetime:
        """When an action is due: hours run through nights, weekends and holidays; days end at midnight in London."""
        if priority is Priority.CRITICAL:
            return raised_at + timedelta(hours=self.critical_hours)
        n = self.high_days if priority is Priority.HIGH else self.standard_days
        return end_of_day(add_working_days(day_in_london(raised_at), n, holidays))

    def in_words(self, priority: Priority) -> str:
        """How soon, in words."""
        return {
            Priority.CRITICAL: f"within {self.critical_hours} hours, nights and weekends included",
            Priority.HIGH: f"within {self.high_days} working days",
            Priority.STANDARD: f"within {self.standard_days} working days",
        }[priority]


def ageing_of(due_at: datetime, at: datetime) -> Ageing:
    """The band in which an open action lies at a moment. Days are those of London."""
    if at > due_at:
        late = (day_in_london(at) - day_in_london(due_at)).days
        return Ageing.JUST_LATE if late <= 7 else Ageing.LATE if late <= 28 else Ageing.VERY_LATE
    return Ageing.THIS_WEEK if (day_in_london(due_at) - day_in_london(at)).days <= 7 else Ageing.LATER


def stage_of(
    *,
    withdrawn_at: datetime | None,
    done_at: datetime | None,
    verified_at: datetime | None,
    impact: Impact | None,
) -> Stage:
    """How far an action is."""
    if withdrawn_at is not None:
        return Stage.WITHDRAWN
    if done_at is None:
        return Stage.OPEN
    if verified_at is None:
        return Stage.DONE
    return Stage.VERIFIED if impact in (None, Impact.TOO_SOON) else Stage.CHECKED


def check_words(field: str, words: str, missing: str, longest: int = LONGEST_WORDS) -> str:
    """Words as they are kept. Errors: Invalid for none, or too many."""
    tidy = "\n".join(line.rstrip() for line in words.replace("\r\n", "\n").split("\n")).strip()
    if not tidy:
        raise Invalid(field, missing)
    if len(tidy) > longest:
        raise Invalid(field, f"This is {len(tidy):,} characters long; the limit is {longest:,}.")
    return tidy


def read_priority(sent: str) -> Priority:
    """The priority that was chosen. Errors: Invalid."""
    if sent not in set(Priority):
        raise Invalid("priority", "Choose how soon it has to be done.")
    return Priority(sent)


def read_impact(sent: str) -> Impact:
    """The answer that was chosen. Errors: Invalid."""
    if sent not in set(Impact):
        raise Invalid("impact", "Say whether it helped this child.")
    return Impact(sent)
