"""The case of a review, as what is raised from it copies it: so that a later move changes no figure."""

from dataclasses import dataclass

from sqlalchemy import func, select

from qa_app.domain.access import Permission, Role, ScopeKind, Viewer
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohorts import ReviewState
from qa_app.domain.errors import NotFound
from qa_app.extensions import db
from qa_app.models.accounts import RoleGrant, User
from qa_app.models.audit_forms import AuditFormVersionQuestion
from qa_app.models.cohorts import CohortCase, CohortForm
from qa_app.models.organisation import ServiceArea, Team
from qa_app.models.reviews import Review
from qa_app.queries.scope import reviews_within


@dataclass(frozen=True)
class ReviewedCase:
    """A review with its case as drawn, and the form version that it is shown in."""

    review_id: int
    reviewer_id: int
    is_submitted: bool
    plan_type: PlanType
    team_id: int | None
    service_area_id: int | None
    version_id: int | None


def get_reviewed_case(viewer: Viewer, review_id: int) -> ReviewedCase:
    """The case of a review from which the viewer may raise something. Errors: NotFound out of reach."""
    # Before the first saved answer a review has no version of its own: the cohort's pinned one is what is shown.
    pinned = (
        select(CohortForm.form_version_id)
        .where(CohortForm.cohort_id == CohortCase.cohort_id, CohortForm.plan_type == CohortCase.plan_type)
        .scalar_subquery()
    )
    found = db.session.execute(
        select(
            Review.id,
            Review.reviewer_id,
            Review.state,
            CohortCase.plan_type,
            CohortCase.team_id,
            Team.service_area_id,
            func.coalesce(Review.form_version_id, pinned).label("version_id"),
        )
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .outerjoin(Team, Team.id == CohortCase.team_id)
        .where(Review.id == review_id, reviews_within(viewer, Permission.RAISE_FINDINGS))
    ).one_or_none()
    if found is None:
        raise NotFound
    return ReviewedCase(
        found.id, found.reviewer_id, found.state is ReviewState.SUBMITTED, found.plan_type, found.team_id,
        found.service_area_id, found.version_id,
    )  # fmt: skip


def section_of(version_id: int | None, question_key: str) -> str:
    """The section of a question in a form version. Errors: NotFound for a question that it does not ask."""
    section_key = db.session.scalar(
        select(AuditFormVersionQuestion.section_key).where(
            AuditFormVersionQuestion.version_id == version_id,
            AuditFormVersionQuestion.question_key == question_key,
        )
    )
    if section_key is None:
        raise NotFound("This review's form does not ask that question. Go back to the review and try again.")
    return section_key


def managers_of(team_id: int | None) -> tuple[int, ...]:
    """Who manages a team: named as its manager, or holding that role over it. Accounts in use only."""
    if team_id is None:
        return ()
    named = select(Team.manager_user_id).where(Team.id == team_id)
    by_role = select(RoleGrant.user_id).where(
        RoleGrant.role == Role.TEAM_MANAGER, RoleGrant.team_id == team_id, RoleGrant.suspended_at.is_(None)
    )
    return _active(User.id.in_(named) | User.id.in_(by_role))


def heads_of(service_area_id: int | None) -> tuple[int, ...]:
    """Who heads a service area: named as its head, or holding that role over it or the whole service."""
    whole = RoleGrant.scope == ScopeKind.WHOLE_SERVICE
    by_role = select(RoleGrant.user_id).where(
        RoleGrant.role == Role.HEAD_OF_SERVICE,
        whole | (RoleGrant.service_area_id == service_area_id) if service_area_id is not None else whole,
        RoleGrant.suspended_at.is_(None),
    )
    named = select(ServiceArea.head_user_id).where(ServiceArea.id == service_area_id)
    return _active(User.id.in_(by_role) | User.id.in_(named))


def holders_of(role: Role) -> tuple[int, ...]:
    """Everybody who holds a role. Accounts in use only."""
    held = select(RoleGrant.user_id).where(RoleGrant.role == role, RoleGrant.suspended_at.is_(None))
    return _active(User.id.in_(held))


def _active(condition: object) -> tuple[int, ...]:
    return tuple(db.session.scalars(select(User.id).where(User.is_active, condition).order_by(User.id)))  # type: ignore[arg-type]
