"""Actions for children as lists and counts show them."""

from dataclasses import dataclass
from datetime import date, datetime

from qa_app.domain.case_actions import Ageing, Impact, Priority, Stage
from qa_app.domain.caseload import PlanType
from qa_app.domain.references import case_action_ref, review_ref
from qa_app.domain.working_days import day_in_london


@dataclass(frozen=True)
class CaseActionLine:
    """One action of the register. `review_id` leads to the review only where the viewer may open it."""

    action_id: int
    words: str
    priority: Priority
    stage: Stage
    child_ref: str
    review_id: int
    may_open_review: bool
    plan_type: PlanType
    team: str | None
    owner_id: int | None
    owner: str | None
    raised_by_id: int
    raised_at: datetime
    due_at: datetime
    done_at: datetime | None
    impact: Impact | None
    impact_due_on: date | None
    n_sent_back: int
    is_told: bool
    said: str
    said_at: datetime | None
    ageing: Ageing
    may_report: bool

    @property
    def ref(self) -> str:
        """Its reference, C31."""
        return case_action_ref(self.action_id)

    @property
    def review_ref(self) -> str:
        """The reference of its review, R1042."""
        return review_ref(self.review_id)

    @property
    def is_late(self) -> bool:
        """Whether it is open and its day has passed."""
        late = (Ageing.JUST_LATE, Ageing.LATE, Ageing.VERY_LATE)
        return self.stage is Stage.OPEN and self.ageing in late

    @property
    def due_on(self) -> date:
        """The day on which it is due, in London."""
        return day_in_london(self.due_at)


@dataclass(frozen=True)
class RegisterTally:
    """The counts of the register over everything that the filters leave, whatever is listed.

    Withdrawn actions, and those of reviews not yet submitted, count nowhere. `n_due`: those whose day has passed or
    that are done; `n_on_time` of them were done by their day.
    """

    n_all: int
    n_open: int
    n_late: int
    n_done: int
    n_due: int
    n_on_time: int
    n_to_verify: int
    n_verified: int
    n_to_check: int
    n_helped: int
    n_partly: int
    n_not: int
    n_too_soon: int
    by_ageing: dict[Ageing, int]

    @property
    def n_checked(self) -> int:
        """How many were looked at with an answer: yes, partly or no."""
        return self.n_helped + self.n_partly + self.n_not


COUNTED = (
    "n_all",
    "n_open",
    "n_late",
    "n_done",
    "n_due",
    "n_on_time",
    "n_to_verify",
    "n_verified",
    "n_to_check",
    "n_helped",
    "n_partly",
    "n_not",
    "n_too_soon",
)
