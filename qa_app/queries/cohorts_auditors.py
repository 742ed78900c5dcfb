"""Who can be given cases, and the teams each of them is tied to."""

from dataclasses import dataclass

from sqlalchemy import select

from qa_app.domain.access import Permission, Role, ScopeKind, Viewer
from qa_app.domain.allocation import TeamTie
from qa_app.extensions import db
from qa_app.models.accounts import RoleGrant, User
from qa_app.models.organisation import Practitioner, ServiceArea, Team

_STRONGEST_LAST = (TeamTie.MEMBER, TeamTie.MANAGER, TeamTie.HEAD)


@dataclass(frozen=True)
class AuditorChoice:
    """An auditor with the teams whose cases they must not be given."""

    user_id: int
    name: str
    ties: dict[int, TeamTie]
    team_names: tuple[str, ...]


def list_auditors(viewer: Viewer) -> tuple[AuditorChoice, ...]:
    """Everybody active who holds the auditor role, by name, with their ties to teams.

    A tie comes from the organisation (practitioner of a team, its manager, the head of its service area) or from
    a grant as team manager or head of service over it.
    """
    viewer.require(Permission.MANAGE_COHORTS)
    people = db.session.execute(
        select(User.id, User.name)
        .where(User.is_active, User.id.in_(select(RoleGrant.user_id).where(RoleGrant.role == Role.AUDITOR)))
        .order_by(User.name, User.id)
    ).all()
    ties = ties_of_users({user_id for user_id, _ in people})
    names = dict(db.session.execute(select(Team.id, Team.name)).all())
    return tuple(
        AuditorChoice(
            user_id,
            name,
            ties.get(user_id, {}),
            tuple(sorted(names[team_id] for team_id in ties.get(user_id, {}))),
        )
        for user_id, name in people
    )


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
