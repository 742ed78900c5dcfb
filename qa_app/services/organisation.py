"""The council's structure: what the lists name, and what the QA lead adds about it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.errors import Invalid, NotFound
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.organisation import Practitioner, ServiceArea, Team
from qa_app.queries.scope import teams_within
from qa_app.services import history

LONGEST_NAME = 120


def add_service_area(
    viewer: Viewer, name: str, head_user_id: int | None = None, *, at: datetime
) -> ServiceArea:
    """Add a service area and name its head of service.

    Errors: NotAllowed; Invalid for a name that is missing or taken, or a head who is no active user.
    """
    _require_whole(viewer)
    area = ServiceArea(name=_free_name(name), head_user_id=_active_user(head_user_id, "head"), created_at=at)
    db.session.add(area)
    db.session.flush()
    history.record(viewer, "service_area.added", "service_area", area.id, at=at, after=_area_words(area))
    return area


def change_service_area(
    viewer: Viewer, area_id: int, name: str, head_user_id: int | None, *, at: datetime
) -> ServiceArea:
    """Rename a service area, or name another head of service.

    Errors: NotAllowed, NotFound; Invalid as for adding one.
    """
    _require_whole(viewer)
    area = db.session.get(ServiceArea, area_id)
    if area is None:
        raise NotFound
    before = _area_words(area)
    area.name = _free_name(name, but=area.id)
    area.head_user_id = _active_user(head_user_id, "head")
    if _area_words(area) != before:
        history.record(
            viewer,
            "service_area.changed",
            "service_area",
            area.id,
            at=at,
            before=before,
            after=_area_words(area),
        )
    return area


def place_team(
    viewer: Viewer, team_id: int, service_area_id: int | None, manager_user_id: int | None, *, at: datetime
) -> Team:
    """Say to which service area a team belongs and who manages it.

    Errors: NotAllowed; NotFound for a team out of reach; Invalid for an area or a manager that is not there.
    """
    viewer.require(Permission.MANAGE_ORGANISATION)
    team = db.session.scalar(
        select(Team).where(Team.id == team_id, teams_within(viewer, Permission.MANAGE_ORGANISATION))
    )
    if team is None:
        raise NotFound
    if service_area_id is not None and db.session.get(ServiceArea, service_area_id) is None:
        raise Invalid("service_area", "This service area is no longer there. Choose another one.")
    before = _team_words(team)
    team.service_area_id = service_area_id
    team.manager_user_id = _active_user(manager_user_id, "manager")
    if _team_words(team) != before:
        history.record(viewer, "team.placed", "team", team.id, at=at, before=before, after=_team_words(team))
    return team


def match_practitioner(
    viewer: Viewer, practitioner_id: int, team_id: int | None, user_id: int | None, *, at: datetime
) -> Practitioner:
    """Say in which team a practitioner works and which user they are.

    Errors: NotAllowed; NotFound for a practitioner out of reach; Invalid for a team out of reach, a user who is
    not active, and a user who is another practitioner already.
    """
    viewer.require(Permission.MANAGE_ORGANISATION)
    person = _practitioner(viewer, practitioner_id)
    if team_id is not None and not db.session.scalar(
        select(Team.id).where(Team.id == team_id, teams_within(viewer, Permission.MANAGE_ORGANISATION))
    ):
        raise Invalid("team", "This team is not there. Choose another one.")
    taken = db.session.scalar(
        select(Practitioner.id).where(
            Practitioner.name == person.name, Practitioner.team_id == team_id, Practitioner.id != person.id
        )
    )
    if taken:
        raise Invalid("team", f"{person.name} is named in this team already. Match that one instead.")
    user_id = _active_user(user_id, "user")
    other = user_id and db.session.scalar(
        select(Practitioner.name).where(Practitioner.user_id == user_id, Practitioner.id != person.id)
    )
    if other:
        raise Invalid("user", f"This user is matched with {other} already. Take that match away first.")
    before = _practitioner_words(person)
    person.team_id, person.user_id = team_id, user_id
    if _practitioner_words(person) != before:
        history.record(
            viewer,
            "practitioner.matched",
            "practitioner",
            person.id,
            at=at,
            before=before,
            after=_practitioner_words(person),
        )
    return person


def name_teams(names: Sequence[str], *, at: datetime) -> dict[str, int]:
    """Team ids by name, for the teams that an upload names; teams seen for the first time are added."""
    known = {team.name: team.id for team in db.session.scalars(select(Team))}
    new = [Team(name=name, created_at=at) for name in names if name not in known]
    db.session.add_all(new)
    db.session.flush()
    return known | {team.name: team.id for team in new}


def name_practitioners(
    workers: Sequence[tuple[str, str | None]], team_ids: dict[str, int], *, moves: bool, at: datetime
) -> dict[str, int]:
    """Practitioner ids by name, for the workers that an upload names with the team of most of their cases.

    `moves`: the upload is the newest, so that a known worker who is seen in another team has moved there.
    """
    by_name: dict[str, list[Practitioner]] = {}
    for person in db.session.scalars(select(Practitioner).order_by(Practitioner.id)):
        by_name.setdefault(person.name, []).append(person)
    found: dict[str, Practitioner] = {}
    for name, team in workers:
        team_id = team_ids.get(team) if team else None
        same = by_name.get(name, [])
        seen = [one for one in same if one.team_id == team_id] or same
        if seen:
            person = seen[0]
            if moves and team_id is not None:
                person.team_id = team_id
        else:
            person = Practitioner(name=name, team_id=team_id, created_at=at)
            db.session.add(person)
        found[name] = person
    db.session.flush()
    return {name: person.id for name, person in found.items()}


def _require_whole(viewer: Viewer) -> None:
    viewer.require(Permission.MANAGE_ORGANISATION)
    if not viewer.reach(Permission.MANAGE_ORGANISATION).whole_service:
        raise NotFound


def _practitioner(viewer: Viewer, practitioner_id: int) -> Practitioner:
    person = db.session.get(Practitioner, practitioner_id)
    reach = viewer.reach(Permission.MANAGE_ORGANISATION)
    if person is None or not (reach.whole_service or person.team_id in reach.team_ids):
        raise NotFound
    return person


def _free_name(name: str, but: int | None = None) -> str:
    words = " ".join(name.split())
    if not words:
        raise Invalid("name", "Give the service area a name.")
    if len(words) > LONGEST_NAME:
        raise Invalid("name", f"Shorten the name to {LONGEST_NAME} characters.")
    taken = db.session.scalar(select(ServiceArea.id).where(func.lower(ServiceArea.name) == words.lower()))
    if taken is not None and taken != but:
        raise Invalid("name", f"There is a service area called {words} already. Choose another name.")
    return words


def _active_user(user_id: int | None, field: str) -> int | None:
    if user_id is None:
        return None
    user = db.session.get(User, user_id)
    if user is None or not user.is_active:
        raise Invalid(field, "This person is no longer a user here. Choose somebody else.")
    return user_id


def _area_words(area: ServiceArea) -> dict[str, object]:
    return {"name": area.name, "head_user_id": area.head_user_id}


def _team_words(team: Team) -> dict[str, object]:
    return {"service_area_id": team.service_area_id, "manager_user_id": team.manager_user_id}


def _practitioner_words(person: Practitioner) -> dict[str, object]:
    return {"team_id": person.team_id, "user_id": person.user_id}
