"""The council's structure as the pages show it: service areas, teams, practitioners."""

from dataclasses import dataclass

from sqlalchemy import Select, false, func, select, true
from sqlalchemy.orm import aliased

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.errors import NotFound
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.organisation import Practitioner, ServiceArea, Team
from qa_app.queries.scope import teams_within

PRACTITIONERS_ON_A_PAGE = 100


@dataclass(frozen=True)
class AreaLine:
    """One service area."""

    area_id: int
    name: str
    head: str
    head_user_id: int | None
    n_teams: int


@dataclass(frozen=True)
class TeamLine:
    """One team with what is known about it."""

    team_id: int
    name: str
    area: str
    service_area_id: int | None
    manager: str
    manager_user_id: int | None
    head: str
    n_practitioners: int


@dataclass(frozen=True)
class OrganisationPage:
    """The structure of the part of the service that the viewer reaches."""

    areas: tuple[AreaLine, ...]
    teams: tuple[TeamLine, ...]
    n_teams: int
    n_teams_placed: int
    n_teams_managed: int
    n_practitioners: int
    n_practitioners_matched: int
    may_change: bool


@dataclass(frozen=True)
class PractitionerLine:
    """One practitioner."""

    practitioner_id: int
    name: str
    team: str
    team_id: int | None
    user: str
    user_id: int | None


@dataclass(frozen=True)
class PractitionersPage:
    """Practitioners, a page of them. `matched`: known, unknown or empty for both."""

    practitioners: tuple[PractitionerLine, ...]
    n_practitioners: int
    team_choices: tuple[tuple[int, str], ...]
    team_id: int | None
    matched: str
    page: int
    n_pages: int
    may_change: bool


@dataclass(frozen=True)
class Choices:
    """What may be chosen on the pages that change the structure: id and words."""

    users: tuple[tuple[int, str], ...]
    areas: tuple[tuple[int, str], ...]
    teams: tuple[tuple[int, str], ...]


def get_organisation_page(viewer: Viewer) -> OrganisationPage:
    """Service areas and teams that the viewer reaches, teams without a service area first.

    Errors: NotAllowed.
    """
    viewer.require(Permission.SEE_ORGANISATION)
    teams = _teams(viewer)
    is_whole = viewer.reach(Permission.SEE_ORGANISATION).whole_service
    n_people, n_matched = db.session.execute(
        select(func.count(Practitioner.id), func.count(Practitioner.user_id))
        .outerjoin(Team, Team.id == Practitioner.team_id)
        .where(true() if is_whole else teams_within(viewer, Permission.SEE_ORGANISATION))
    ).one()
    return OrganisationPage(
        _areas(teams, is_whole),
        teams,
        len(teams),
        sum(team.service_area_id is not None for team in teams),
        sum(team.manager_user_id is not None for team in teams),
        n_people,
        n_matched,
        viewer.may(Permission.MANAGE_ORGANISATION),
    )


def get_team(viewer: Viewer, team_id: int) -> TeamLine:
    """One team that the viewer may change.

    Errors: NotAllowed, NotFound.
    """
    viewer.require(Permission.MANAGE_ORGANISATION)
    found = next((team for team in _teams(viewer) if team.team_id == team_id), None)
    if found is None:
        raise NotFound
    return found


def get_area(viewer: Viewer, area_id: int) -> AreaLine:
    """One service area, for whoever may change the whole structure.

    Errors: NotAllowed, NotFound.
    """
    viewer.require(Permission.MANAGE_ORGANISATION)
    if not viewer.reach(Permission.MANAGE_ORGANISATION).whole_service:
        raise NotFound
    found = next((area for area in _areas((), True) if area.area_id == area_id), None)
    if found is None:
        raise NotFound
    return found


def get_practitioner(viewer: Viewer, practitioner_id: int) -> PractitionerLine:
    """One practitioner whom the viewer may change.

    Errors: NotAllowed, NotFound.
    """
    viewer.require(Permission.MANAGE_ORGANISATION)
    row = db.session.execute(
        _practitioners(viewer, Permission.MANAGE_ORGANISATION).where(Practitioner.id == practitioner_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return _line(row[0], row[1], row[2])


def get_practitioners_page(
    viewer: Viewer, team_id: int | None = None, matched: str = "", page: int = 1
) -> PractitionersPage:
    """Practitioners of the teams that the viewer reaches, by name.

    Errors: NotAllowed.
    """
    viewer.require(Permission.SEE_ORGANISATION)
    statement = _practitioners(viewer, Permission.SEE_ORGANISATION)
    teams = _teams(viewer)
    if team_id is not None:
        # A number that is no team of the viewer's finds nothing, however large it is.
        is_team = any(team.team_id == team_id for team in teams)
        statement = statement.where(Practitioner.team_id == team_id if is_team else false())
    if matched == "known":
        statement = statement.where(Practitioner.user_id.is_not(None))
    elif matched == "unknown":
        statement = statement.where(Practitioner.user_id.is_(None))
    else:
        matched = ""
    n_found = db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    n_pages = max(1, -(-n_found // PRACTITIONERS_ON_A_PAGE))
    page = min(max(page, 1), n_pages)
    rows = db.session.execute(
        statement.order_by(func.lower(Practitioner.name), Practitioner.id)
        .limit(PRACTITIONERS_ON_A_PAGE)
        .offset((page - 1) * PRACTITIONERS_ON_A_PAGE)
    )
    return PractitionersPage(
        tuple(_line(person, team, user) for person, team, user in rows),
        n_found,
        tuple((team.team_id, team.name) for team in teams),
        team_id,
        matched,
        page,
        n_pages,
        viewer.may(Permission.MANAGE_ORGANISATION),
    )


def get_choices(viewer: Viewer) -> Choices:
    """Users, service areas and teams to choose from, by name.

    Errors: NotAllowed.
    """
    viewer.require(Permission.MANAGE_ORGANISATION)
    users = db.session.execute(
        select(User.id, User.name, User.email).where(User.is_active).order_by(func.lower(User.name), User.id)
    )
    areas = db.session.execute(
        select(ServiceArea.id, ServiceArea.name).order_by(func.lower(ServiceArea.name))
    )
    teams = db.session.execute(
        select(Team.id, Team.name)
        .where(teams_within(viewer, Permission.MANAGE_ORGANISATION))
        .order_by(func.lower(Team.name))
    )
    return Choices(
        tuple((user_id, f"{name} ({email})") for user_id, name, email in users),
        tuple((area_id, name) for area_id, name in areas),
        tuple((team_id, name) for team_id, name in teams),
    )


def _teams(viewer: Viewer) -> tuple[TeamLine, ...]:
    manager, head = aliased(User), aliased(User)
    people = select(Practitioner.team_id, func.count().label("n")).group_by(Practitioner.team_id).subquery()
    rows = db.session.execute(
        select(Team, ServiceArea.name, manager.name, head.name, people.c.n)
        .outerjoin(ServiceArea, ServiceArea.id == Team.service_area_id)
        .outerjoin(manager, manager.id == Team.manager_user_id)
        .outerjoin(head, head.id == ServiceArea.head_user_id)
        .outerjoin(people, people.c.team_id == Team.id)
        .where(teams_within(viewer, Permission.SEE_ORGANISATION))
        .order_by(Team.service_area_id.is_not(None), func.lower(ServiceArea.name), func.lower(Team.name))
    )
    return tuple(
        TeamLine(
            team.id,
            team.name,
            area or "",
            team.service_area_id,
            manager_name or "",
            team.manager_user_id,
            head_name or "",
            n or 0,
        )
        for team, area, manager_name, head_name, n in rows
    )


def _areas(teams: tuple[TeamLine, ...], is_whole: bool) -> tuple[AreaLine, ...]:
    """All service areas, or those of the teams reached."""
    n_teams = select(Team.service_area_id, func.count().label("n")).group_by(Team.service_area_id).subquery()
    rows = db.session.execute(
        select(ServiceArea, User.name, n_teams.c.n)
        .outerjoin(User, User.id == ServiceArea.head_user_id)
        .outerjoin(n_teams, n_teams.c.service_area_id == ServiceArea.id)
        .order_by(func.lower(ServiceArea.name))
    )
    reached = {team.service_area_id for team in teams}
    return tuple(
        AreaLine(area.id, area.name, head or "", area.head_user_id, n or 0)
        for area, head, n in rows
        if is_whole or area.id in reached
    )


def _practitioners(viewer: Viewer, permission: Permission) -> Select[Practitioner, str, str]:
    is_whole = viewer.reach(permission).whole_service
    return (
        select(Practitioner, Team.name, User.name)
        .outerjoin(Team, Team.id == Practitioner.team_id)
        .outerjoin(User, User.id == Practitioner.user_id)
        .where(true() if is_whole else teams_within(viewer, permission))
    )


def _line(person: Practitioner, team: str | None, user: str | None) -> PractitionerLine:
    return PractitionerLine(person.id, person.name, team or "", person.team_id, user or "", person.user_id)
