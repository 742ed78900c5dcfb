"""Who can be given cases, and what stands against each of them: ties to a child, ties to a team."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from qa_app.domain.access import ROLE_PERMISSIONS, Permission, Role, ScopeKind, Viewer
from qa_app.domain.allocation import TeamTie
from qa_app.domain.capacity import Leave, capacity_between
from qa_app.domain.child_ties import OWN_WORK_KINDS, ChildTie, strongest
from qa_app.domain.cohorts import CohortState, ReviewState
from qa_app.domain.errors import NotFound
from qa_app.extensions import db
from qa_app.models.accounts import RoleGrant, User
from qa_app.models.caseload import CaseRecord
from qa_app.models.cohorts import AuditorCapacity, AuditorLeave, Cohort, CohortCase
from qa_app.models.organisation import Practitioner, ServiceArea, Team
from qa_app.models.reviews import Review
from qa_app.queries.scope import child_ties

_STRONGEST_LAST = (TeamTie.MEMBER, TeamTie.MANAGER, TeamTie.HEAD)
REVIEWING_ROLES = tuple(role for role in Role if Permission.COMPLETE_REVIEWS in ROLE_PERMISSIONS[role])


@dataclass(frozen=True)
class AuditorChoice:
    """Somebody who reviews, with the teams whose cases they must not be given.

    `is_auditor`: they hold the auditor's role; the others are given cases when somebody chooses them.
    """

    user_id: int
    name: str
    ties: dict[int, TeamTie]
    team_names: tuple[str, ...]
    roles: tuple[Role, ...] = (Role.AUDITOR,)

    @property
    def is_auditor(self) -> bool:
        """Whether they take part in an allocation unless somebody leaves them out."""
        return Role.AUDITOR in self.roles

    @property
    def label(self) -> str:
        """The name, with the role of those who are no auditors of the council."""
        return self.name if self.is_auditor else f"{self.name} ({self.roles[0].label.lower()})"


def list_auditors(viewer: Viewer) -> tuple[AuditorChoice, ...]:
    """Everybody active who reviews cases, auditors first, by name, with their ties to teams.

    A tie comes from the organisation (practitioner of a team, its manager, the head of its service area) or from
    a grant as team manager or head of service over it.
    """
    viewer.require(Permission.MANAGE_COHORTS)
    roles: dict[int, set[Role]] = defaultdict(set)
    people: dict[int, str] = {}
    for user_id, name, role in db.session.execute(
        select(User.id, User.name, RoleGrant.role)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(User.is_active, RoleGrant.role.in_(REVIEWING_ROLES), RoleGrant.suspended_at.is_(None))
        .order_by(User.name, User.id)
    ):
        people[user_id] = name
        roles[user_id].add(role)
    ties = ties_of_users(set(people))
    names = dict(db.session.execute(select(Team.id, Team.name)).all())
    choices = [
        AuditorChoice(
            user_id,
            name,
            ties.get(user_id, {}),
            tuple(sorted(names[team_id] for team_id in ties.get(user_id, {}))),
            tuple(role for role in REVIEWING_ROLES if role in roles[user_id]),
        )
        for user_id, name in people.items()
    ]
    return tuple(sorted(choices, key=lambda choice: not choice.is_auditor))


@dataclass(frozen=True)
class CapacityLine:
    """What one auditor can take on: reviews a month where somebody has said, leave to come, and what is open now."""

    user_id: int
    name: str
    n_reviews: int | None
    leave: tuple[tuple[int, Leave], ...]
    n_open: int

    def room_between(self, starts_on: date, ends_on: date) -> int | None:
        """The most reviews they can take on in a stretch of days, leave taken off; none where nobody has said."""
        return capacity_between(self.n_reviews, (leave for _, leave in self.leave), starts_on, ends_on)


def list_capacity(viewer: Viewer, today: date) -> tuple[CapacityLine, ...]:
    """Everybody who reviews, with what they can take on. Leave that is over is left out."""
    people = list_auditors(viewer)
    numbers = dict(db.session.execute(select(AuditorCapacity.user_id, AuditorCapacity.n_reviews)).all())
    leave: dict[int, list[tuple[int, Leave]]] = defaultdict(list)
    for row in db.session.scalars(
        select(AuditorLeave).where(AuditorLeave.ends_on >= today).order_by(AuditorLeave.starts_on)
    ):
        leave[row.user_id].append((row.id, Leave(row.starts_on, row.ends_on)))
    n_open = dict(
        db.session.execute(
            select(Review.reviewer_id, func.count())
            .join(CohortCase, CohortCase.id == Review.cohort_case_id)
            .join(Cohort, Cohort.id == CohortCase.cohort_id)
            .where(
                Review.state != ReviewState.SUBMITTED,
                CohortCase.set_aside_at.is_(None),
                Cohort.state != CohortState.CLOSED,
            )
            .group_by(Review.reviewer_id)
        ).all()
    )
    return tuple(
        CapacityLine(
            each.user_id,
            each.label,
            numbers.get(each.user_id),
            tuple(leave[each.user_id]),
            n_open.get(each.user_id, 0),
        )
        for each in people
    )


def line_managers_by_case(viewer: Viewer, cohort_id: int) -> dict[int, int]:
    """For each case, the user who manages its worker: the supervisor, else the manager of the case's team.

    Cases whose manager has no account are left out. Errors: NotAllowed.
    """
    viewer.require(Permission.MANAGE_COHORTS)
    worker, supervisor = aliased(Practitioner), aliased(Practitioner)
    rows = db.session.execute(
        select(CohortCase.id, func.coalesce(supervisor.user_id, Team.manager_user_id))
        .join(CaseRecord, CaseRecord.id == CohortCase.case_record_id)
        .outerjoin(worker, worker.id == CaseRecord.practitioner_id)
        .outerjoin(supervisor, supervisor.id == worker.supervisor_id)
        .outerjoin(Team, Team.id == CohortCase.team_id)
        .where(CohortCase.cohort_id == cohort_id, CohortCase.set_aside_at.is_(None))
    )
    return {case_id: manager for case_id, manager in rows if manager is not None}


def list_child_ties(viewer: Viewer, cohort_id: int) -> dict[int, dict[int, ChildTie]]:
    """For each case of a cohort, who is too near to the child to review it, by user, and how.

    Empty for a round in which people look at their own cases by design. Errors: NotAllowed.
    """
    viewer.require(Permission.MANAGE_COHORTS)
    kind = db.session.scalar(select(Cohort.kind).where(Cohort.id == cohort_id))
    return (
        {} if kind in OWN_WORK_KINDS else _ties_by_case(child_ties(cohort_id=cohort_id).subquery().select())
    )


def find_conflict(viewer: Viewer, case_id: int, user_id: int) -> str | None:
    """Why somebody may not review one drawn case, as the end of a sentence; None when nothing bars them.

    Errors: NotAllowed; NotFound for a case that is not there.
    """
    if not viewer.may(Permission.MANAGE_LEAVERS):
        viewer.require(Permission.MANAGE_COHORTS)
    case = db.session.execute(
        select(Cohort.kind, CohortCase.team_id)
        .join(CohortCase, CohortCase.cohort_id == Cohort.id)
        .where(CohortCase.id == case_id)
    ).one_or_none()
    if case is None:
        raise NotFound()
    if case.kind in OWN_WORK_KINDS:
        return None
    ties = _ties_by_case(child_ties(user_id=user_id, case_id=case_id).subquery().select())
    if case_id in ties:
        return ties[case_id][user_id].in_words
    team_tie = ties_of_users({user_id})[user_id].get(case.team_id)
    return team_tie.in_words if team_tie is not None else None


def _ties_by_case(statement: Select[int, int, str]) -> dict[int, dict[int, ChildTie]]:
    found: dict[int, dict[int, set[ChildTie]]] = defaultdict(lambda: defaultdict(set))
    for case_id, user_id, tie in db.session.execute(statement):
        found[case_id][user_id].add(ChildTie(tie))
    return {
        case_id: {user_id: nearest for user_id, ties in by_user.items() if (nearest := strongest(ties))}
        for case_id, by_user in found.items()
    }


def ties_of_users(user_ids: set[int]) -> dict[int, dict[int, TeamTie]]:
    """For each user, the teams they belong to, manage or head."""
    found: dict[int, dict[int, TeamTie]] = {user_id: {} for user_id in user_ids}
    statements = {
        TeamTie.MEMBER: (
            select(Practitioner.user_id, Practitioner.team_id).where(Practitioner.user_id.in_(user_ids)),
        ),
        TeamTie.MANAGER: (
            select(Team.manager_user_id, Team.id).where(Team.manager_user_id.in_(user_ids)),
            select(RoleGrant.user_id, RoleGrant.team_id).where(
                RoleGrant.user_id.in_(user_ids),
                RoleGrant.role == Role.TEAM_MANAGER,
                RoleGrant.scope == ScopeKind.TEAM,
            ),
        ),
        TeamTie.HEAD: (
            select(ServiceArea.head_user_id, Team.id)
            .join(Team, Team.service_area_id == ServiceArea.id)
            .where(ServiceArea.head_user_id.in_(user_ids)),
            select(RoleGrant.user_id, Team.id)
            .join(Team, Team.service_area_id == RoleGrant.service_area_id)
            .where(
                RoleGrant.user_id.in_(user_ids),
                RoleGrant.role == Role.HEAD_OF_SERVICE,
                RoleGrant.scope == ScopeKind.SERVICE_AREA,
            ),
        ),
    }
    for tie in _STRONGEST_LAST:
        for statement in statements[tie]:
            for user_id, team_id in db.session.execute(statement):
                if user_id is not None and team_id is not None:
                    found[user_id][team_id] = tie
    return found
