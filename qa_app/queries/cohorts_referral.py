"""The cohorts that take referrals, and the cases referred to them from the teams that a viewer reaches."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.cohorts import REFERRAL_KINDS, CohortState, ReviewState
from qa_app.domain.errors import NotFound
from qa_app.extensions import db
from qa_app.models.caseload import Child
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.organisation import Team
from qa_app.models.reviews import Review
from qa_app.queries.scope import cohort_cases_within


@dataclass(frozen=True)
class ReferralCohort:
    """A cohort that takes referrals, until a day."""

    cohort_id: int
    title: str
    ends_on: date


@dataclass(frozen=True)
class ReferredCase:
    """A case referred, and how far its review is. A late one was not read before its event."""

    child_ref: str
    cohort: str
    team: str | None
    due_on: date
    reason: str
    state: ReviewState | None
    submitted_at: datetime | None
    is_late: bool

    @property
    def state_key(self) -> str:
        """The state as a tag names it."""
        if self.is_late:
            return "overdue"
        return self.state.value if self.state is not None else "not_allocated"


@dataclass(frozen=True)
class ReferralsPage:
    """What a manager sees of audits before an event."""

    cohorts: tuple[ReferralCohort, ...]
    cases: tuple[ReferredCase, ...]


def get_referrals_page(viewer: Viewer, today: date) -> ReferralsPage:
    """The open cohorts that take referrals, and the cases of one's own teams in them, next event first.

    Errors: NotAllowed.
    """
    viewer.require(Permission.REFER_CASES)
    cohorts = db.session.execute(
        select(Cohort.id, Cohort.title, Cohort.due_on)
        .where(Cohort.kind.in_(REFERRAL_KINDS), Cohort.state != CohortState.CLOSED, Cohort.due_on >= today)
        .order_by(Cohort.due_on, Cohort.id)
    )
    rows = db.session.execute(
        select(
            Child.ref,
            Cohort.title,
            Team.name.label("team"),
            CohortCase.due_on,
            Cohort.due_on.label("ends_on"),
            CohortCase.reason,
            Review.state,
            Review.submitted_at,
        )
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .join(Child, Child.id == CohortCase.child_id)
        .outerjoin(Team, Team.id == CohortCase.team_id)
        .outerjoin(Review, Review.cohort_case_id == CohortCase.id)
        .where(
            Cohort.kind.in_(REFERRAL_KINDS),
            Cohort.state != CohortState.CLOSED,
            CohortCase.set_aside_at.is_(None),
            cohort_cases_within(viewer, Permission.REFER_CASES),
        )
        .order_by(CohortCase.due_on, CohortCase.id)
    )
    return ReferralsPage(
        tuple(ReferralCohort(*row) for row in cohorts),
        tuple(
            ReferredCase(
                child_ref=row.ref,
                cohort=row.title,
                team=row.team,
                due_on=row.due_on or row.ends_on,
                reason=row.reason,
                state=row.state,
                submitted_at=row.submitted_at,
                is_late=row.state is not ReviewState.SUBMITTED and today > (row.due_on or row.ends_on),
            )
            for row in rows
        ),
    )


def get_referral_cohort(viewer: Viewer, cohort_id: int) -> ReferralCohort:
    """One open cohort that takes referrals. Errors: NotAllowed, NotFound."""
    viewer.require(Permission.REFER_CASES)
    row = db.session.execute(
        select(Cohort.id, Cohort.title, Cohort.due_on).where(
            Cohort.id == cohort_id, Cohort.kind.in_(REFERRAL_KINDS), Cohort.state != CohortState.CLOSED
        )
    ).one_or_none()
    if row is None:
        raise NotFound()
    return ReferralCohort(*row)
