"""The council's structure: what the lists name, and what the QA lead adds about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import func, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.domain.house_words import NameKind
from qa_app.domain.supervision import line_of
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.caseload import CaseloadImport, CaseRecord
from qa_app.models.organisation import Practitioner, ServiceArea, Team
from qa_app.queries.scope import teams_within
from qa_app.services import history

Row = TypeVar("Row", Team, Practitioner)

LONGEST_NAME = 120
LONGEST_OF_LISTS = 160
"""The longest name of a team or worker, which the lists give."""


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
    area.head_user_id = _active_user(head_user_id, "head", area.head_user_id)
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
    if team.merged_into_id is not None:
        raise Conflict(f"{team.name} is another spelling of a team in use. Take the two apart first.")
    if service_area_id is not None and db.session.get(ServiceArea, service_area_id) is None:
        raise Invalid("service_area", "This service area is no longer there. Choose another one.")
    before = _team_words(team)
    team.service_area_id = service_area_id
    team.manager_user_id = _active_user(manager_user_id, "manager", team.manager_user_id)
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
    user_id = _active_user(user_id, "user", person.user_id)
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


def name_supervisor(
    viewer: Viewer, practitioner_id: int, supervisor_id: int | None, *, at: datetime
) -> Practitioner:
    """Say who supervises a practitioner; nobody means their team's manager.

    Errors: NotAllowed; NotFound for a practitioner out of reach; Invalid for a supervisor who is not there and for
    a line that would come round to where it began.
    """
    viewer.require(Permission.MANAGE_ORGANISATION)
    person = _practitioner(viewer, practitioner_id)
    if supervisor_id is not None:
        supervisor = db.session.get(Practitioner, supervisor_id)
        if supervisor is None or supervisor.merged_into_id is not None:
            raise Invalid("supervisor", "This supervisor is no longer there. Choose another one.")
        rows = db.session.execute(
            select(Practitioner.id, Practitioner.supervisor_id).where(Practitioner.supervisor_id.is_not(None))
        )
        line = line_of({number: above for number, above in rows}, supervisor_id)  # noqa: C416
        if person.id in line:
            raise Invalid(
                "supervisor",
                f"{supervisor.name} is supervised by {person.name}, directly or through others, so the line would "
                "come round to where it began. Choose somebody else, or change the other line first.",
            )
    before = person.supervisor_id
    if before != supervisor_id:
        person.supervisor_id = supervisor_id
        history.record(
            viewer,
            "practitioner.supervised",
            "practitioner",
            person.id,
            at=at,
            before={"supervisor_id": before},
            after={"supervisor_id": supervisor_id},
        )
    return person


def add_team(viewer: Viewer, name: str, *, at: datetime) -> Team:
    """Add a team that the lists have not named yet.

    Errors: NotAllowed, NotFound; Invalid for a name that is missing, too long or taken.
    """
    _require_whole(viewer)
    words = _name_of_lists(name, "team")
    if db.session.scalar(select(Team.id).where(func.lower(Team.name) == words.lower())) is not None:
        raise Invalid("name", f"There is a team called {words} already, perhaps one hidden or merged.")
    team = Team(name=words, created_at=at)
    db.session.add(team)
    db.session.flush()
    history.record(viewer, "team.added", "team", team.id, at=at, after={"name": words})
    return team


def add_practitioner(viewer: Viewer, name: str, team_id: int | None, *, at: datetime) -> Practitioner:
    """Add a practitioner whom the lists do not name, such as a reviewing officer.

    Errors: NotAllowed, NotFound; Invalid for a name that is missing, too long or stands in the team already.
    """
    _require_whole(viewer)
    words = _name_of_lists(name, "practitioner")
    team = db.session.get(Team, team_id) if team_id is not None else None
    if team_id is not None and (team is None or team.merged_into_id is not None):
        raise Invalid("team", "This team is not there. Choose another one.")
    same = select(Practitioner.id).where(
        func.lower(Practitioner.name) == words.lower(), Practitioner.team_id == team_id
    )
    if db.session.scalar(same.limit(1)) is not None:
        raise Invalid("name", f"{words} is named in this team already.")
    person = Practitioner(name=words, team_id=team_id, created_at=at)
    db.session.add(person)
    db.session.flush()
    history.record(
        viewer,
        "practitioner.added",
        "practitioner",
        person.id,
        at=at,
        after={"name": words, "team_id": team_id},
    )
    return person


def set_in_use(
    viewer: Viewer, kind: NameKind, row_id: int, in_use: bool, *, at: datetime
) -> Team | Practitioner:
    """Hide a team or practitioner who is no longer in use, or show them again. Nothing recorded about them changes.

    Errors: NotAllowed; NotFound; Conflict while children are with them in the newest lists, and for a merged name.
    """
    _require_whole(viewer)
    row: Team | Practitioner | None = (
        db.session.get(Team, row_id) if kind is NameKind.TEAM else db.session.get(Practitioner, row_id)
    )
    if row is None:
        raise NotFound
    if row.merged_into_id is not None:
        raise Conflict(f"{row.name} is another spelling of a name in use. Take the two apart first.")
    if not in_use and (n := _n_children_now(kind, row_id)):
        children = "1 child is" if n == 1 else f"{n:,} children are"
        raise Conflict(
            f"{children} with {row.name} in the newest lists. Wait for lists without them; or, if it is another "
            "spelling of a name, merge the two."
        )
    hidden_at = None if in_use else at
    if (row.hidden_at is None) != in_use:
        row.hidden_at = hidden_at
        subject = "team" if kind is NameKind.TEAM else "practitioner"
        action = f"{subject}.{'shown' if in_use else 'hidden'}"
        history.record(viewer, action, subject, row.id, at=at, after={"in_use": in_use})
    return row


def name_teams(names: Sequence[str], *, at: datetime) -> dict[str, int]:
    """Team ids by name, for the teams that an upload names; teams seen for the first time are added.

    A name that was merged into another one gives that one.
    """
    rows = {team.id: team for team in db.session.scalars(select(Team))}
    known = {team.name: _last(rows, team).id for team in rows.values()}
    new = [Team(name=name, created_at=at) for name in names if name not in known]
    db.session.add_all(new)
    db.session.flush()
    return known | {team.name: team.id for team in new}


def name_practitioners(
    workers: Sequence[tuple[str, str | None]], team_ids: dict[str, int], *, moves: bool, at: datetime
) -> dict[str, int]:
    """Practitioner ids by name, for the workers that an upload names with the team of most of their cases.

    `moves`: the upload is the newest, so that a known worker who is seen in another team has moved there. A name
    that was merged into another one gives that one.
    """
    rows = {
        person.id: person for person in db.session.scalars(select(Practitioner).order_by(Practitioner.id))
    }
    taken = {(person.name, person.team_id) for person in rows.values()}
    by_name: dict[str, list[Practitioner]] = {}
    for person in rows.values():
        by_name.setdefault(person.name, []).append(person)
    found: dict[str, Practitioner] = {}
    for name, team in workers:
        team_id = team_ids.get(team) if team else None
        same = by_name.get(name, [])
        seen = [one for one in same if one.team_id == team_id] or same
        if seen:
            person = _last(rows, seen[0])
            if moves and team_id is not None and (person.name, team_id) not in taken:
                person.team_id = team_id
                taken.add((person.name, team_id))
        else:
            person = Practitioner(name=name, team_id=team_id, created_at=at)
            db.session.add(person)
        found[name] = person
    db.session.flush()
    return {name: person.id for name, person in found.items()}


def _last(rows: dict[int, Row], row: Row) -> Row:
    while row.merged_into_id is not None:
        row = rows[row.merged_into_id]
    return row


def _n_children_now(kind: NameKind, row_id: int) -> int:
    """How many children of the newest lists are with a team or practitioner."""
    newest = (
        select(CaseloadImport.id)
        .order_by(CaseloadImport.as_at.desc(), CaseloadImport.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    column = CaseRecord.team_id if kind is NameKind.TEAM else CaseRecord.practitioner_id
    statement = select(func.count()).where(
        CaseRecord.caseload_import_id == newest, CaseRecord.plan_type.is_not(None), column == row_id
    )
    return db.session.scalar(statement) or 0


def _name_of_lists(name: str, what: str) -> str:
    words = " ".join(name.split())
    if not words:
        raise Invalid("name", f"Give the {what} a name.")
    if len(words) > LONGEST_OF_LISTS:
        raise Invalid("name", f"Shorten the name to {LONGEST_OF_LISTS} characters.")
    return words


def _require_whole(viewer: Viewer) -> None:
    viewer.require(Permission.MANAGE_ORGANISATION)
    if not viewer.reach(Permission.MANAGE_ORGANISATION).whole_service:
        raise NotFound


def _practitioner(viewer: Viewer, practitioner_id: int) -> Practitioner:
    person = db.session.get(Practitioner, practitioner_id)
    reach = viewer.reach(Permission.MANAGE_ORGANISATION)
    if person is None or not (reach.whole_service or person.team_id in reach.team_ids):
        raise NotFound
    if person.merged_into_id is not None:
        raise Conflict(f"{person.name} is another spelling of somebody's name. Take the two apart first.")
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


def _active_user(user_id: int | None, field: str, now: int | None = None) -> int | None:
    """A user who may be named; somebody who is named already stays, even after they left."""
    if user_id is None or user_id == now:
        return user_id
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
