"""A sheet of the organisation: looked at, and only then carried out, change by change."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import select

from qa_app.domain.access import Viewer
from qa_app.domain.errors import Conflict
from qa_app.domain.house_words import NameKind
from qa_app.domain.organisation_sheet import plan_structure
from qa_app.domain.organisation_structure import (
    Account,
    Area,
    Person,
    SheetRow,
    Structure,
    StructurePlan,
    TeamPlace,
)
from qa_app.domain.sheets import SheetFault, SheetKind
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.organisation import Practitioner, ServiceArea, Team
from qa_app.services import history
from qa_app.services.organisation import (
    add_practitioner,
    add_service_area,
    add_team,
    change_service_area,
    match_practitioner,
    name_supervisor,
    place_team,
    set_in_use,
)
from qa_app.services.sheets import require_whole

SHEET_ROWS = TypeAdapter(tuple[SheetRow, ...])
FAULTS = TypeAdapter(tuple[SheetFault, ...])


@dataclass(frozen=True)
class ChangeLine:
    """One thing that a sheet changes, in words: whose, what, before and after. `is_new`: there was no such row."""

    what: str
    name: str
    field: str
    before: str
    after: str
    is_new: bool = False


def get_structure(viewer: Viewer) -> Structure:
    """The organisation as it is known: every area, team and practitioner that is not another one's spelling.

    Errors: NotAllowed; NotFound where the permission does not reach over the whole service.
    """
    require_whole(viewer, SheetKind.ORGANISATION)
    areas = {
        one.id: Area(one.id, one.name, one.head_user_id) for one in db.session.scalars(select(ServiceArea))
    }
    teams = {
        one.id: TeamPlace(one.id, one.name, one.service_area_id, one.manager_user_id, one.hidden_at is None)
        for one in db.session.scalars(select(Team).where(Team.merged_into_id.is_(None)))
    }
    people = {
        one.id: Person(one.id, one.name, one.team_id, one.supervisor_id, one.user_id, one.hidden_at is None)
        for one in db.session.scalars(select(Practitioner).where(Practitioner.merged_into_id.is_(None)))
    }
    accounts = {
        number: Account(number, name, email, is_active)
        for number, name, email, is_active in db.session.execute(
            select(User.id, User.name, User.email, User.is_active)
        )
    }
    return Structure(areas, teams, people, accounts)


def preview_organisation(
    viewer: Viewer, rows: Sequence[SheetRow], said: Mapping[str, str]
) -> tuple[StructurePlan, tuple[ChangeLine, ...], str]:
    """What a sheet would change, the changes in words, and a fingerprint of them; nothing is kept.

    Errors: NotAllowed, NotFound.
    """
    plan = plan_structure(rows, get_structure(viewer), said)
    lines = tuple(_lines(plan))
    return plan, lines, hashlib.sha256(repr(lines).encode()).hexdigest()


def store_organisation(
    viewer: Viewer,
    rows: Sequence[SheetRow],
    said: Mapping[str, str],
    sha256: str,
    *,
    at: datetime,
    seen: str | None = None,
) -> tuple[StructurePlan, tuple[ChangeLine, ...]]:
    """Carry out what a sheet changes, each change with its own entry in the history. `seen`: the fingerprint.

    Errors: NotAllowed, NotFound; Conflict when it would now change something else than what was looked at.
    """
    plan, lines, fingerprint = preview_organisation(viewer, rows, said)
    if seen is not None and seen != fingerprint:
        raise Conflict(
            "The organisation was changed since you looked. Look again before you store the sheet."
        )
    areas = _store_areas(viewer, plan, at)
    teams = _store_teams(viewer, plan, areas, at)
    _store_people(viewer, plan, teams, at)
    # Somebody of the organisation is the subject: a sheet has no row of its own.
    history.record(
        viewer,
        "organisation.imported",
        "organisation",
        0,
        at=at,
        after={"file_sha256": sha256, "n_changes": len(lines), "n_faults": len(plan.faults)},
    )
    return plan, lines


def _store_areas(viewer: Viewer, plan: StructurePlan, at: datetime) -> dict[int, int]:
    """Area numbers of the plan to those of the database."""
    numbers = {number: number for number in plan.before.areas}
    for area in plan.changed_areas:
        if area.area_id < 0:
            numbers[area.area_id] = add_service_area(viewer, area.name, area.head_id, at=at).id
        else:
            change_service_area(viewer, area.area_id, area.name, area.head_id, at=at)
    return numbers


def _store_teams(
    viewer: Viewer, plan: StructurePlan, areas: Mapping[int, int], at: datetime
) -> dict[int, int]:
    numbers = {number: number for number in plan.before.teams}
    for team in plan.changed_teams:
        if team.team_id < 0:
            numbers[team.team_id] = add_team(viewer, team.name, at=at).id
        row_id = numbers[team.team_id]
        area_id = areas[team.area_id] if team.area_id is not None else None
        place_team(viewer, row_id, area_id, team.manager_id, at=at)
        set_in_use(viewer, NameKind.TEAM, row_id, team.in_use, at=at)
    return numbers


def _store_people(viewer: Viewer, plan: StructurePlan, teams: Mapping[int, int], at: datetime) -> None:
    changed = plan.changed_people
    numbers = {number: number for number in plan.before.people}

    def team_of(person: Person) -> int | None:
        return teams[person.team_id] if person.team_id is not None else None

    for person in changed:
        before = plan.before.people.get(person.person_id)
        if before is None:
            numbers[person.person_id] = add_practitioner(viewer, person.name, team_of(person), at=at).id
        elif before.user_id is not None and before.user_id != person.user_id:
            # Two who change accounts with one another: both give theirs up first.
            match_practitioner(viewer, before.person_id, before.team_id, None, at=at)
    for person in changed:
        match_practitioner(viewer, numbers[person.person_id], team_of(person), person.user_id, at=at)
        set_in_use(viewer, NameKind.WORKER, numbers[person.person_id], person.in_use, at=at)
    # Every line is let go before any is drawn anew, so that none comes round on the way.
    moved = [
        one
        for one in changed
        if (was := plan.before.people.get(one.person_id)) is None or was.supervisor_id != one.supervisor_id
    ]
    for person in moved:
        name_supervisor(viewer, numbers[person.person_id], None, at=at)
    for person in moved:
        above = numbers[person.supervisor_id] if person.supervisor_id is not None else None
        if above is not None:
            name_supervisor(viewer, numbers[person.person_id], above, at=at)


def _lines(plan: StructurePlan) -> list[ChangeLine]:
    accounts, areas, teams, people = plan.before.accounts, plan.areas, plan.teams, plan.people

    def account(number: int | None) -> str:
        return accounts[number].name if number is not None else ""

    lines: list[ChangeLine] = []
    for area in plan.changed_areas:
        was = plan.before.areas.get(area.area_id)
        values = [("Head of service", account(was.head_id) if was else "", account(area.head_id))]
        lines += _compared("Service area", area.name, values, was is None)
    for team in plan.changed_teams:
        old = plan.before.teams.get(team.team_id)
        values = [
            (
                "Service area",
                areas[old.area_id].name if old and old.area_id is not None else "",
                areas[team.area_id].name if team.area_id is not None else "",
            ),
            ("Team manager", account(old.manager_id) if old else "", account(team.manager_id)),
            ("In use", _yes(old.in_use if old else True), _yes(team.in_use)),
        ]
        lines += _compared("Team", team.name, values, old is None)
    for person in plan.changed_people:
        one = plan.before.people.get(person.person_id)
        values = [
            (
                "Team",
                teams[one.team_id].name if one and one.team_id is not None else "",
                teams[person.team_id].name if person.team_id is not None else "",
            ),
            (
                "Supervisor",
                people[one.supervisor_id].name if one and one.supervisor_id is not None else "",
                people[person.supervisor_id].name if person.supervisor_id is not None else "",
            ),
            ("User", account(one.user_id) if one else "", account(person.user_id)),
            ("In use", _yes(one.in_use if one else True), _yes(person.in_use)),
        ]
        lines += _compared("Practitioner", person.name, values, one is None)
    return lines


def _compared(what: str, name: str, values: Sequence[tuple[str, str, str]], is_new: bool) -> list[ChangeLine]:
    lines = [
        ChangeLine(what, name, field, before, after, is_new)
        for field, before, after in values
        if before != after
    ]
    return lines or ([ChangeLine(what, name, "", "", "", True)] if is_new else [])


def _yes(in_use: bool) -> str:
    return "yes" if in_use else "no"
