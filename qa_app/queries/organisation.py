"""The council's structure as the pages show it: service areas, their teams, who works there, and what is missing."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select, true
from sqlalchemy.orm import aliased

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.cohorts import ReviewState
from qa_app.domain.errors import NotFound
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.caseload import CaseloadImport, CaseRecord
from qa_app.models.cohorts import CohortCase
from qa_app.models.organisation import Practitioner, ServiceArea, Team
from qa_app.models.reviews import Review
from qa_app.queries.scope import teams_within

GAPS_NAMED = 6
"""So many of what is missing are named with a link each; the rest is counted."""


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
    """One team with what is known about it. `n_children`: those with it in the newest lists."""

    team_id: int
    name: str
    area: str
    service_area_id: int | None
    manager: str
    manager_user_id: int | None
    head: str
    n_practitioners: int
    n_children: int = 0
    n_reviews: int = 0
    is_hidden: bool = False
    merged_into_id: int | None = None


@dataclass(frozen=True)
class MemberLine:
    """One practitioner in the chart."""

    practitioner_id: int
    name: str
    team_id: int | None
    supervisor: str
    user: str
    n_children: int


@dataclass(frozen=True)
class AreaChart:
    """One service area in the chart, or the teams that belong to none (then without a number)."""

    area_id: int | None
    name: str
    head: str
    teams: tuple[TeamLine, ...]
    n_practitioners: int
    n_children: int


@dataclass(frozen=True)
class Gap:
    """Something that is missing: in words, how many, and the first few by kind of page, number and name."""

    key: str
    words: str
    n: int
    items: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True)
class OrganisationPage:
    """The structure of the part of the service that the viewer reaches, as a chart with its gaps."""

    areas: tuple[AreaLine, ...]
    teams: tuple[TeamLine, ...]
    chart: tuple[AreaChart, ...]
    members: dict[int | None, tuple[MemberLine, ...]]
    hidden: tuple[TeamLine, ...]
    gaps: tuple[Gap, ...]
    lists_as_at: date | None
    n_teams: int
    n_teams_placed: int
    n_teams_managed: int
    n_practitioners: int
    n_practitioners_matched: int
    may_change: bool


@dataclass(frozen=True)
class Choices:
    """What may be chosen on the pages that change the structure: id and words."""

    users: tuple[tuple[int, str], ...]
    areas: tuple[tuple[int, str], ...]
    teams: tuple[tuple[int, str], ...]


def get_organisation_page(viewer: Viewer) -> OrganisationPage:
    """Service areas, teams and practitioners that the viewer reaches, teams without a service area first.

    Errors: NotAllowed.
    """
    viewer.require(Permission.SEE_ORGANISATION)
    may_change = viewer.may(Permission.MANAGE_ORGANISATION)
    is_whole = viewer.reach(Permission.SEE_ORGANISATION).whole_service
    newest = _newest_import()
    everything = _teams(viewer, newest.id if newest else None)
    teams = tuple(team for team in everything if not team.is_hidden)
    people = _members(viewer, newest.id if newest else None)
    members: dict[int | None, list[MemberLine]] = defaultdict(list)
    for one in people:
        members[one.team_id].append(one)
    areas = _areas(teams, is_whole)
    return OrganisationPage(
        areas,
        teams,
        _chart(areas, teams),
        {team_id: tuple(some) for team_id, some in members.items()},
        tuple(team for team in everything if team.is_hidden) if may_change else (),
        _gaps(areas, everything, people) if may_change and is_whole else (),
        newest.as_at if newest else None,
        len(teams),
        sum(team.service_area_id is not None for team in teams),
        sum(team.manager_user_id is not None for team in teams),
        len(people),
        sum(bool(one.user) for one in people),
        may_change,
    )


def get_team(viewer: Viewer, team_id: int) -> TeamLine:
    """One team that the viewer may change; a name that was merged into another one says into which.

    Errors: NotAllowed, NotFound.
    """
    viewer.require(Permission.MANAGE_ORGANISATION)
    newest = _newest_import()
    found = next(
        (
            team
            for team in _teams(viewer, newest.id if newest else None, merged=True)
            if team.team_id == team_id
        ),
        None,
    )
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
        .where(
            teams_within(viewer, Permission.MANAGE_ORGANISATION),
            Team.merged_into_id.is_(None),
            Team.hidden_at.is_(None),
        )
        .order_by(func.lower(Team.name))
    )
    return Choices(
        tuple((user_id, f"{name} ({email})") for user_id, name, email in users),
        tuple((area_id, name) for area_id, name in areas),
        tuple((team_id, name) for team_id, name in teams),
    )


def _newest_import() -> CaseloadImport | None:
    return db.session.scalar(
        select(CaseloadImport).order_by(CaseloadImport.as_at.desc(), CaseloadImport.id.desc()).limit(1)
    )


def _teams(viewer: Viewer, import_id: int | None, *, merged: bool = False) -> tuple[TeamLine, ...]:
    manager, head = aliased(User), aliased(User)
    people = (
        select(Practitioner.team_id, func.count().label("n"))
        .where(Practitioner.merged_into_id.is_(None), Practitioner.hidden_at.is_(None))
        .group_by(Practitioner.team_id)
        .subquery()
    )
    children = (
        select(CaseRecord.team_id, func.count().label("n"))
        .where(CaseRecord.caseload_import_id == import_id, CaseRecord.plan_type.is_not(None))
        .group_by(CaseRecord.team_id)
        .subquery()
    )
    reviews = (
        select(CohortCase.team_id, func.count().label("n"))
        .join(Review, Review.cohort_case_id == CohortCase.id)
        .where(Review.state == ReviewState.SUBMITTED)
        .group_by(CohortCase.team_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Team, ServiceArea.name, manager.name, head.name, people.c.n, children.c.n, reviews.c.n)
        .outerjoin(ServiceArea, ServiceArea.id == Team.service_area_id)
        .outerjoin(manager, manager.id == Team.manager_user_id)
        .outerjoin(head, head.id == ServiceArea.head_user_id)
        .outerjoin(people, people.c.team_id == Team.id)
        .outerjoin(children, children.c.team_id == Team.id)
        .outerjoin(reviews, reviews.c.team_id == Team.id)
        .where(
            teams_within(viewer, Permission.SEE_ORGANISATION),
            true() if merged else Team.merged_into_id.is_(None),
        )
        .order_by(Team.service_area_id.is_not(None), func.lower(ServiceArea.name), func.lower(Team.name))
    )
    # Only who keeps the structure is told how many reviews there are: a manager's begin with their release.
    tells_reviews = viewer.may(Permission.MANAGE_ORGANISATION)
    return tuple(
        TeamLine(
            team.id,
            team.name,
            area or "",
            team.service_area_id,
            manager_name or "",
            team.manager_user_id,
            head_name or "",
            n_people or 0,
            n_children or 0,
            (n_reviews or 0) if tells_reviews else 0,
            team.hidden_at is not None,
            team.merged_into_id,
        )
        for team, area, manager_name, head_name, n_people, n_children, n_reviews in rows
    )


def _areas(teams: tuple[TeamLine, ...], is_whole: bool) -> tuple[AreaLine, ...]:
    """All service areas, or those of the teams reached."""
    n_teams = (
        select(Team.service_area_id, func.count().label("n"))
        .where(Team.merged_into_id.is_(None), Team.hidden_at.is_(None))
        .group_by(Team.service_area_id)
        .subquery()
    )
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


def _members(viewer: Viewer, import_id: int | None) -> list[MemberLine]:
    """Practitioners in use that the viewer reaches, by name."""
    is_whole = viewer.reach(Permission.SEE_ORGANISATION).whole_service
    supervisor = aliased(Practitioner)
    children = (
        select(CaseRecord.practitioner_id, func.count().label("n"))
        .where(CaseRecord.caseload_import_id == import_id, CaseRecord.plan_type.is_not(None))
        .group_by(CaseRecord.practitioner_id)
        .subquery()
    )
    rows = db.session.execute(
        select(
            Practitioner.id, Practitioner.name, Practitioner.team_id, supervisor.name, User.name, children.c.n
        )
        .outerjoin(Team, Team.id == Practitioner.team_id)
        .outerjoin(supervisor, supervisor.id == Practitioner.supervisor_id)
        .outerjoin(User, User.id == Practitioner.user_id)
        .outerjoin(children, children.c.practitioner_id == Practitioner.id)
        .where(
            true() if is_whole else teams_within(viewer, Permission.SEE_ORGANISATION),
            Practitioner.merged_into_id.is_(None),
            or_(Practitioner.hidden_at.is_(None), children.c.n > 0),
        )
        .order_by(func.lower(Practitioner.name), Practitioner.id)
    )
    return [
        MemberLine(number, name, team_id, above or "", user or "", n or 0)
        for number, name, team_id, above, user, n in rows
    ]


def _chart(areas: tuple[AreaLine, ...], teams: tuple[TeamLine, ...]) -> tuple[AreaChart, ...]:
    by_area: dict[int | None, list[TeamLine]] = defaultdict(list)
    for team in teams:
        by_area[team.service_area_id].append(team)
    places: list[tuple[int | None, str, str]] = [(area.area_id, area.name, area.head) for area in areas]
    if by_area[None]:
        places.insert(0, (None, "Teams without a service area", ""))
    return tuple(
        AreaChart(
            area_id,
            name,
            head,
            tuple(by_area[area_id]),
            sum(team.n_practitioners for team in by_area[area_id]),
            sum(team.n_children for team in by_area[area_id]),
        )
        for area_id, name, head in places
    )


def _gaps(
    areas: tuple[AreaLine, ...], teams: tuple[TeamLine, ...], people: list[MemberLine]
) -> tuple[Gap, ...]:
    """What is missing, most telling first; nothing for what is whole."""
    used = [team for team in teams if not team.is_hidden]
    with_children = [one for one in people if one.n_children]
    n_at_work = Counter(one.team_id for one in with_children)
    found = (
        ("area", "without a service area", [_team(one) for one in used if one.service_area_id is None]),
        ("manager", "without a manager", [_team(one) for one in used if one.manager_user_id is None]),
        (
            "head",
            "without a head of service",
            [("area", one.area_id, one.name) for one in areas if one.head_user_id is None],
        ),
        (
            "account",
            "with children and no account of their own",
            [("practitioner", one.practitioner_id, one.name) for one in with_children if not one.user],
        ),
        (
            "team",
            "with children and in no team",
            [("practitioner", one.practitioner_id, one.name) for one in with_children if one.team_id is None],
        ),
        (
            "hidden",
            "hidden, though the newest lists name them",
            [_team(one) for one in teams if one.is_hidden and (one.n_children or n_at_work[one.team_id])],
        ),
    )
    return tuple(
        Gap(key, words, len(items), tuple(items[:GAPS_NAMED])) for key, words, items in found if items
    )


def _team(team: TeamLine) -> tuple[str, int, str]:
    return "team", team.team_id, team.name
