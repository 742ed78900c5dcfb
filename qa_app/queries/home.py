"""The first page: what waits for this person, by what their roles let them do."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import case, func, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohorts import ReviewState
from qa_app.domain.findings import Severity
from qa_app.extensions import db
from qa_app.models.accounts import RoleGrant, User
from qa_app.models.caseload import CaseloadImport
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.findings import Finding
from qa_app.models.improvement import PlanAction
from qa_app.models.leavers import Leaving
from qa_app.models.reviews import Review
from qa_app.queries.scope import (
    cohort_cases_within,
    findings_within,
    own_practice_within,
    reviews_within,
)
from qa_app.queries.scope_plan import actions_within

MOST_REVIEWS = 6
MOST_COHORTS = 3
RECENT_DAYS = 90


@dataclass(frozen=True)
class OwnReview:
    """A review of one's own that is still to be handed in."""

    review_id: int
    cohort: str
    plan_type: PlanType
    state: ReviewState
    due_on: date


@dataclass(frozen=True)
class CohortProgress:
    """How far a cohort is, counting the cases within reach. Units: cases."""

    cohort_id: int
    title: str
    due_on: date
    n_cases: int
    n_allocated: int
    n_submitted: int


@dataclass(frozen=True)
class HomePage:
    """What the first page shows. A part that is no business of the viewer's is None or empty."""

    own_reviews: tuple[OwnReview, ...] = ()
    n_own_open: int = 0
    n_own_overdue: int = 0
    cohorts: tuple[CohortProgress, ...] = ()
    has_caseload: bool | None = None
    caseload_as_at: date | None = None
    n_recent_findings: int | None = None
    n_recent_safety_critical: int | None = None
    n_plan_actions: int | None = None
    n_practice_reviews: int | None = None
    practice_released_at: datetime | None = None
    n_to_release: int | None = None
    n_held_back: int | None = None
    n_leaving: int | None = None
    n_accounts: int | None = None
    n_accounts_without_role: int | None = None


def get_home_page(viewer: Viewer, *, today: date, at: datetime) -> HomePage:
    """What waits for the viewer. One statement for each part the viewer's roles open."""
    parts: dict[str, object] = {}
    if viewer.may(Permission.COMPLETE_REVIEWS):
        parts |= own_reviews(viewer, today)
    if viewer.may(Permission.SEE_COHORTS):
        parts["cohorts"] = cohort_progress(viewer)
    if viewer.may(Permission.SEE_CASELOAD):
        as_at = db.session.scalar(select(func.max(CaseloadImport.as_at)))
        parts |= {"has_caseload": as_at is not None, "caseload_as_at": as_at}
    reach = viewer.reach(Permission.SEE_FINDINGS)
    if reach.whole_service or reach.team_ids:
        parts |= recent_findings(viewer, at - timedelta(days=RECENT_DAYS))
    if viewer.may(Permission.SEE_PLAN) or viewer.may(Permission.SEE_EXCEPTION_REPORT):
        sight = Permission.SEE_PLAN if viewer.may(Permission.SEE_PLAN) else Permission.SEE_EXCEPTION_REPORT
        within = actions_within(viewer, sight)
        parts["n_plan_actions"] = db.session.scalar(select(func.count(PlanAction.id)).where(within)) or 0
    if viewer.may(Permission.SEE_OWN_PRACTICE):
        parts |= own_practice_counts(viewer)
    if viewer.may(Permission.RELEASE_REVIEWS):
        parts |= release_counts(viewer)
    if viewer.may(Permission.MANAGE_LEAVERS):
        leaving = (Leaving.cancelled_at.is_(None), Leaving.closed_at.is_(None))
        parts["n_leaving"] = db.session.scalar(select(func.count(Leaving.id)).where(*leaving)) or 0
    if viewer.may(Permission.MANAGE_USERS):
        parts |= account_counts()
    return HomePage(**parts)  # type: ignore[arg-type]


def own_practice_counts(viewer: Viewer) -> dict[str, object]:
    """How many reviews of one's own practice are released, and when the newest was."""
    n, newest = db.session.execute(
        select(func.count(Review.id), func.max(Review.released_at)).where(own_practice_within(viewer))
    ).one()
    return {"n_practice_reviews": n, "practice_released_at": newest}


def release_counts(viewer: Viewer) -> dict[str, object]:
    """How many submitted reviews wait for their release, and how many are held back."""
    n, n_held = db.session.execute(
        select(func.count(Review.id), func.count(Review.release_held_at))
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .where(
            Review.state == ReviewState.SUBMITTED,
            Review.released_at.is_(None),
            reviews_within(viewer, Permission.RELEASE_REVIEWS),
        )
    ).one()
    return {"n_to_release": n - n_held, "n_held_back": n_held}


def own_reviews(viewer: Viewer, today: date) -> dict[str, object]:
    """One's own open reviews, the first due first, with how many there are and how many are late."""
    due_on = func.coalesce(CohortCase.due_on, Cohort.due_on)
    rows = db.session.execute(
        select(Review.id, Cohort.title, CohortCase.plan_type, Review.state, due_on.label("due_on"))
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .where(
            Review.reviewer_id == viewer.user_id,
            Review.state != ReviewState.SUBMITTED,
            CohortCase.set_aside_at.is_(None),
            Cohort.closed_at.is_(None),
        )
        .order_by(due_on, Review.id)
    ).all()
    return {
        "own_reviews": tuple(OwnReview(*row) for row in rows[:MOST_REVIEWS]),
        "n_own_open": len(rows),
        "n_own_overdue": sum(row.due_on < today for row in rows),
    }


def cohort_progress(viewer: Viewer) -> tuple[CohortProgress, ...]:
    """The latest cohorts that have cases within reach."""
    submitted = case((Review.state == ReviewState.SUBMITTED, 1))
    rows = db.session.execute(
        select(
            Cohort.id,
            Cohort.title,
            Cohort.due_on,
            func.count(CohortCase.id),
            func.count(Review.id),
            func.count(submitted),
        )
        .join(CohortCase, CohortCase.cohort_id == Cohort.id)
        .outerjoin(Review, Review.cohort_case_id == CohortCase.id)
        .where(cohort_cases_within(viewer, Permission.SEE_COHORTS), CohortCase.set_aside_at.is_(None))
        .group_by(Cohort.id, Cohort.title, Cohort.due_on, Cohort.month)
        .order_by(Cohort.month.desc(), Cohort.id.desc())
        .limit(MOST_COHORTS)
    )
    return tuple(CohortProgress(*row) for row in rows)


def recent_findings(viewer: Viewer, since: datetime) -> dict[str, object]:
    """How many findings within reach were raised lately, and how many of them bear on safety."""
    critical = case((Finding.severity == Severity.SAFETY_CRITICAL, 1))
    n, n_critical = db.session.execute(
        select(func.count(Finding.id), func.count(critical))
        .join(Review, Review.id == Finding.review_id)
        .where(findings_within(viewer, Permission.SEE_FINDINGS), Finding.raised_at >= since)
    ).one()
    return {"n_recent_findings": n, "n_recent_safety_critical": n_critical}


def account_counts() -> dict[str, object]:
    """How many people may sign in, and how many of them have no role yet."""
    has_role = select(RoleGrant.id).where(RoleGrant.user_id == User.id).exists()
    n, n_with_role = db.session.execute(
        select(func.count(User.id), func.count(case((has_role, 1)))).where(User.is_active)
    ).one()
    return {"n_accounts": n, "n_accounts_without_role": n - n_with_role}
