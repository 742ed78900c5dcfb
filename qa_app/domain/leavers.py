"""People who leave: what kinds of work they leave open, and when their account closes."""

from datetime import date
from enum import StrEnum


class WorkKind(StrEnum):
    """A kind of work that somebody must take over. Stored by value."""

    REVIEW = "review"
    TEAM = "team"
    SERVICE_AREA = "service_area"
    SUPERVISION = "supervision"
    REVIEWING = "reviewing"
    PLAN_ACTION = "plan_action"
    CASE_ACTION = "case_action"

    @property
    def label(self) -> str:
        """The kind as a heading."""
        return {
            WorkKind.REVIEW: "Reviews not handed in",
            WorkKind.TEAM: "Teams managed",
            WorkKind.SERVICE_AREA: "Service areas headed",
            WorkKind.SUPERVISION: "People supervised",
            WorkKind.REVIEWING: "Children as reviewing officer or conference chair",
            WorkKind.PLAN_ACTION: "Actions of the plan led",
            WorkKind.CASE_ACTION: "Actions for children to do",
        }[self]

    @property
    def one(self) -> str:
        """One piece of work of the kind, as people call it."""
        return {
            WorkKind.REVIEW: "Review",
            WorkKind.TEAM: "Team",
            WorkKind.SERVICE_AREA: "Service area",
            WorkKind.SUPERVISION: "Supervision",
            WorkKind.REVIEWING: "Reviewing officer or chair",
            WorkKind.PLAN_ACTION: "Action of the plan",
            WorkKind.CASE_ACTION: "Action for a child",
        }[self]

    @property
    def may_rest(self) -> bool:
        """Whether the work may be left with nobody for now: a review always has a reviewer."""
        return self is not WorkKind.REVIEW


LONGEST_REASON = 400
MOST_DAYS_AHEAD, MOST_DAYS_BACK = 730, 365
"""How far from today a last day may lie. Units: days."""


def is_over(last_day: date, today: date) -> bool:
    """Whether somebody's last day is behind them: they can sign in on the day itself and no longer after it."""
    return today > last_day
