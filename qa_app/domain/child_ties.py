"""Who is too near to a child's case to judge it: worker, supervisor, team manager, reviewing officer or chair.

Somebody tied to a case neither audits nor moderates it, and sees nothing of its review before it is released.
"""

from datetime import date, timedelta
from enum import StrEnum

from qa_app.domain.cohorts import CohortKind

LOOK_BACK_DAYS = 365
"""Uploads this long before the one a case was drawn from still tie the people they name. Units: days."""

REVIEWING_OFFICER_FLAG = "reviewing_officer"
"""The kind of case flag that names a child's reviewing officer or conference chair."""

OWN_WORK_KINDS = frozenset({CohortKind.MANAGER_REVIEW})
"""Rounds in which people look at their own cases by design; they are no independent audits."""


class ChildTie(StrEnum):
    """How somebody is tied to a child's case."""

    WORKER = "worker"
    SUPERVISOR = "supervisor"
    TEAM_MANAGER = "team_manager"
    REVIEWING_OFFICER = "reviewing_officer"

    @property
    def in_words(self) -> str:
        """The tie as the end of a sentence about the person."""
        return {
            ChildTie.WORKER: "is the child's worker, or was in the last twelve months",
            ChildTie.SUPERVISOR: "supervises the child's worker",
            ChildTie.TEAM_MANAGER: "manages the case's team, or one that had it in the last twelve months",
            ChildTie.REVIEWING_OFFICER: "is the child's reviewing officer or conference chair, "
            "or was in the last twelve months",
        }[self]


def counts_from(as_at: date) -> date:
    """The first day whose uploads and flags tie people to a case drawn from the caseload of a day."""
    return as_at - timedelta(days=LOOK_BACK_DAYS)


def strongest(ties: set[ChildTie]) -> ChildTie | None:
    """The tie to name first when there are several: the nearer to the child."""
    return next((tie for tie in ChildTie if tie in ties), None)
