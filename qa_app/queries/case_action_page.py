"""One action for a child: what was said of it on the way, and what the viewer may do about it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select

from qa_app.domain.access import Permission, Role, Viewer
from qa_app.domain.case_actions import Stage, ageing_of, stage_of
from qa_app.domain.errors import NotFound
from qa_app.domain.working_days import day_in_london
from qa_app.extensions import db
from qa_app.models.accounts import RoleGrant, User
from qa_app.models.case_actions import CaseAction, CaseActionUpdate
from qa_app.models.caseload import Child
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.organisation import Practitioner, Team
from qa_app.models.reviews import Review
from qa_app.queries.scope import readable_reviews, reviews_within
from qa_app.queries.scope_case_work import case_actions_within


@dataclass(frozen=True)
class UpdateLine:
    """A line on how an action is going."""

    words: str
    written_at: datetime
    written_by: str


@dataclass(frozen=True)
class CaseActionPage:
    """One action, whole. `owners`: who may be named, number and name."""

    action: CaseAction
    stage: Stage
    is_late: bool
    child_ref: str
    plan_type: str
    team: str | None
    cohort: str
    may_open_review: bool
    owner: str | None
    raised_by: str
    done_by: str | None
    verified_by: str | None
    impact_by: str | None
    updates: tuple[UpdateLine, ...]
    owners: tuple[tuple[int, str], ...]
    may_report: bool
    may_update: bool
    may_judge: bool
    may_name_owner: bool
    may_withdraw: bool

    @property
    def due_on(self) -> date:
        """The day on which it is due, in London."""
        return day_in_london(self.action.due_at)


@dataclass(frozen=True)
class CaseActionContext:
    """What somebody sees who is about to raise an action from a review."""

    review_id: int
    child_ref: str
    team: str | None
    manager: str | None
    owners: tuple[tuple[int, str], ...]
    is_submitted: bool


def get_case_action(viewer: Viewer, case_action_id: int, *, at: datetime) -> CaseActionPage:
    """One action with all that was said of it. Errors: NotAllowed, NotFound out of reach."""
    viewer.require(Permission.SEE_CASE_ACTIONS)
    row = db.session.execute(
        select(
            CaseAction,
            Child.ref,
            CohortCase.plan_type,
            Team.name.label("team"),
            Cohort.title,
            or_(readable_reviews(viewer), Review.reviewer_id == viewer.user_id).label("may_open"),
        )
        .join(Review, Review.id == CaseAction.review_id)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .join(Child, Child.id == CohortCase.child_id)
        .outerjoin(Team, Team.id == CaseAction.team_id)
        .where(CaseAction.id == case_action_id, case_actions_within(viewer))
    ).one_or_none()
    if row is None:
        raise NotFound()
    action: CaseAction = row.CaseAction
    names = _names(
        action.owner_id, action.raised_by_id, action.done_by_id, action.verified_by_id, action.impact_by_id
    )
    updates = db.session.execute(
        select(CaseActionUpdate.words, CaseActionUpdate.written_at, User.name)
        .outerjoin(User, User.id == CaseActionUpdate.written_by_id)
        .where(CaseActionUpdate.case_action_id == case_action_id)
        .order_by(CaseActionUpdate.id.desc())
    )
    stage = stage_of(
        withdrawn_at=action.withdrawn_at,
        done_at=action.done_at,
        verified_at=action.verified_at,
        impact=action.impact,
    )
    return CaseActionPage(
        action=action,
        stage=stage,
        is_late=stage is Stage.OPEN and ageing_of(action.due_at, at).value.endswith("late"),
        child_ref=row.ref,
        plan_type=row.plan_type.label,
        team=row.team,
        cohort=row.title,
        may_open_review=bool(row.may_open),
        owner=names.get(action.owner_id),
        raised_by=names.get(action.raised_by_id, ""),
        done_by=names.get(action.done_by_id),
        verified_by=names.get(action.verified_by_id),
        impact_by=names.get(action.impact_by_id),
        updates=tuple(UpdateLine(each.words, each.written_at, each.name or "The system") for each in updates),
        owners=_owners(action.team_id),
        **_may(viewer, action, stage),
    )


def get_case_action_context(viewer: Viewer, review_id: int) -> CaseActionContext:
    """Whom an action of this review could be given to. Errors: NotAllowed, NotFound out of reach."""
    viewer.require(Permission.RAISE_FINDINGS)
    row = db.session.execute(
        select(
            Child.ref,
            CohortCase.team_id,
            Team.name.label("team"),
            User.name.label("manager"),
            Review.submitted_at,
        )
        .select_from(Review)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Child, Child.id == CohortCase.child_id)
        .outerjoin(Team, Team.id == CohortCase.team_id)
        .outerjoin(User, User.id == Team.manager_user_id)
        .where(Review.id == review_id, reviews_within(viewer, Permission.RAISE_FINDINGS))
    ).one_or_none()
    if row is None:
        raise NotFound()
    return CaseActionContext(
        review_id, row.ref, row.team, row.manager, _owners(row.team_id), row.submitted_at is not None
    )


def _may(viewer: Viewer, action: CaseAction, stage: Stage) -> dict[str, bool]:
    """What the viewer may do about an action, under the names of the page's fields."""
    reach = viewer.reach(Permission.MANAGE_CASE_ACTIONS)
    manages = reach.whole_service or (action.team_id is not None and action.team_id in reach.team_ids)
    raised_it = action.raised_by_id == viewer.user_id
    is_open = stage is Stage.OPEN
    has_a_hand = manages or action.owner_id == viewer.user_id
    is_second = viewer.user_id not in (action.owner_id, action.done_by_id)
    return {
        "may_report": is_open and has_a_hand,
        "may_update": is_open and (has_a_hand or raised_it),
        "may_judge": stage in (Stage.DONE, Stage.VERIFIED) and is_second and (manages or raised_it),
        "may_name_owner": is_open and (manages or raised_it),
        "may_withdraw": is_open and (reach.whole_service or (raised_it and action.told_at is None)),
    }


def _owners(team_id: int | None) -> tuple[tuple[int, str], ...]:
    if team_id is None:
        return ()
    worker = select(Practitioner.user_id).where(
        Practitioner.team_id == team_id, Practitioner.hidden_at.is_(None)
    )
    named = select(Team.manager_user_id).where(Team.id == team_id)
    by_role = select(RoleGrant.user_id).where(
        RoleGrant.role == Role.TEAM_MANAGER, RoleGrant.team_id == team_id, RoleGrant.suspended_at.is_(None)
    )
    rows = db.session.execute(
        select(User.id, User.name)
        .where(User.is_active, or_(User.id.in_(worker), User.id.in_(named), User.id.in_(by_role)))
        .order_by(User.name, User.id)
    )
    return tuple((row.id, row.name) for row in rows)


def _names(*user_ids: int | None) -> dict[int | None, str]:
    asked = {each for each in user_ids if each is not None}
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(asked)))
    return {row.id: row.name for row in rows}
