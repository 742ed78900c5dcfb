"""One case as the rules of a draw see it: what the lists say of the child, and what the council has flagged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from qa_app.domain.caseload import CaseStatus, PlanType
from qa_app.domain.grades import Grade

LAST_VISIT_FACTS: Mapping[PlanType, str] = {
    PlanType.LOOKED_AFTER: "cla_last_visit",
    PlanType.CHILD_PROTECTION: "cp_last_visit",
    PlanType.CHILD_IN_NEED: "last_seen",
    PlanType.OPEN_ASSESSMENT: "last_seen",
    PlanType.CARE_LEAVER: "cl_last_contact",
}
"""The column of the lists that says when a child of each plan type was last visited or seen."""


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A child of one upload of the caseload, under a reference.

    `facts` are the kept columns of Lists 6 to 9 by field name, dates as YYYY-MM-DD and codes without their
    letter. `flags` are the kinds of flag in force on the day of the draw. `sibling_group` is the council's own
    name for the family, where it has told one.
    """

    child_ref: str
    plan_type: PlanType | None = None
    case_status: CaseStatus | None = None
    age: int | None = None
    is_unborn: bool = False
    gender: str | None = None
    ethnicity: str | None = None
    disability: str | None = None
    need: str | None = None
    team: str | None = None
    service_area: str | None = None
    started_on: date | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    sibling_group: str | None = None
    last_grade: Grade | None = None
    """The overall grade of the last independent review handed in, if there was one."""
    last_reviewed_on: date | None = None

    def day(self, name: str) -> date | None:
        """A fact that is a date; none where it is missing or is kept as text because it could not be read."""
        try:
            return date.fromisoformat(self.facts.get(name, ""))
        except ValueError:
            return None

    def number(self, name: str) -> int | None:
        """A fact that is a whole number; none where it is missing or is no number."""
        written = self.facts.get(name, "").strip()
        return int(written) if written.isascii() and written.isdigit() and len(written) <= 6 else None

    def has_code(self, name: str, *codes: str) -> bool:
        """Whether a coded fact holds one of these national codes.

        The lists write a code before a colon ("V2: Single period under S20"); some councils send it alone.
        """
        return self.facts.get(name, "").split(":", 1)[0].strip().upper() in codes

    def says(self, name: str, words: str) -> bool:
        """Whether a fact reads so, in capitals or not."""
        return self.facts.get(name, "").strip().casefold() == words.casefold()

    @property
    def reviewed_as(self) -> PlanType:
        """The plan type on whose form the case is reviewed: its own, or the one that ended."""
        if self.plan_type is not None:
            return self.plan_type
        if "cla_start" in self.facts:
            return PlanType.LOOKED_AFTER
        return PlanType.CHILD_PROTECTION if "cp_start" in self.facts else PlanType.CHILD_IN_NEED

    @property
    def is_looked_after_now(self) -> bool:
        """Whether List 8 holds the child and no day on which care ceased."""
        return self.day("cla_start") is not None and "cla_end" not in self.facts

    @property
    def is_on_plan_now(self) -> bool:
        """Whether List 7 holds the child and no day on which the plan ended."""
        return self.day("cp_start") is not None and "cp_end" not in self.facts

    @property
    def last_visited_on(self) -> date | None:
        """When the child was last visited or seen, by the list of the child's plan type."""
        return self.day(LAST_VISIT_FACTS[self.plan_type]) if self.plan_type else None


def months_earlier(day: date, n_months: int) -> date:
    """The same day so many months before, or the last of that month where it has no such day."""
    year, index = divmod(day.year * 12 + day.month - 1 - n_months, 12)
    for last in (day.day, 30, 29, 28):
        if last <= day.day:
            try:
                return date(year, index + 1, last)
            except ValueError:
                continue
    raise AssertionError("every month has a 28th")


def weeks_earlier(day: date, n_weeks: int) -> date:
    """The day so many weeks before."""
    return day - timedelta(weeks=n_weeks)
