"""Practitioners as the pages show them: where they work, who supervises them, which user they are."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import aliased

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.errors import NotFound
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.caseload import CaseFlag, CaseloadImport, CaseRecord
from qa_app.models.organisation import NameMerge, Practitioner, Team
from qa_app.queries.scope import flags_in_force, teams_within

PRACTITIONERS_ON_A_PAGE = 100


@dataclass(frozen=True)
class PractitionerLine:
    """One practitioner. `n_children`: children with them in the newest lists."""

    practitioner_id: int
    name: str
    team: str
    team_id: int | None
    user: str
    user_id: int | None
    supervisor: str = ""
    supervisor_id: int | None = None
    n_children: int = 0
    is_hidden: bool = False


@dataclass(frozen=True)
class PractitionersPage:
    """Practitioners, a page of them. `matched`: known, unknown or empty for both; `shown`: hidden or those in use."""

    practitioners: tuple[PractitionerLine, ...]
    n_practitioners: int
    team_choices: tuple[tuple[int, str], ...]
    team_id: int | None
    matched: str
    name: str
    shown: str
    page: int
    n_pages: int
    may_change: bool


@dataclass(frozen=True)
class TeamOnDay:
    """With which team most of a practitioner's children were on the day of one upload."""

    as_at: date
    team: str
    n_children: int
    moved: bool


@dataclass(frozen=True)
class OtherSpelling:
    """A name that was merged into this one."""

    merge_id: int
    name: str
    reason: str
    merged_at: datetime
    merged_by: str


@dataclass(frozen=True)
class PractitionerPage:
    """One practitioner with their way through the teams, the people they supervise and other spellings."""

    line: PractitionerLine
    merged_into_id: int | None
    merged_into: str
    teams: tuple[TeamOnDay, ...]
    supervised: tuple[tuple[int, str], ...]
    spellings: tuple[OtherSpelling, ...]
    n_flags: int
    supervisor_choices: tuple[tuple[int, str], ...]


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
    return _line(row)


def get_practitioner_page(viewer: Viewer, practitioner_id: int, on: date) -> PractitionerPage:
    """One practitioner whom the viewer may change, with everything known about them.

    Errors: NotAllowed, NotFound.
    """
    line = get_practitioner(viewer, practitioner_id)
    person = db.session.get_one(Practitioner, practitioner_id)
    into = db.session.get(Practitioner, person.merged_into_id) if person.merged_into_id else None
    supervised = db.session.execute(
        select(Practitioner.id, Practitioner.name)
        .where(Practitioner.supervisor_id == practitioner_id, Practitioner.merged_into_id.is_(None))
        .order_by(func.lower(Practitioner.name), Practitioner.id)
    )
    n_flags = db.session.scalar(
        select(func.count())
        .select_from(CaseFlag)
        .where(CaseFlag.practitioner_id == practitioner_id, flags_in_force(on))
    )
    return PractitionerPage(
        line,
        person.merged_into_id,
        into.name if into else "",
        _teams_over_time(practitioner_id),
        tuple((number, name) for number, name in supervised),
        _spellings(practitioner_id),
        n_flags or 0,
        _supervisor_choices(viewer, practitioner_id),
    )


def get_practitioners_page(
    viewer: Viewer,
    team_id: int | None = None,
    matched: str = "",
    page: int = 1,
    *,
    name: str = "",
    shown: str = "",
) -> PractitionersPage:
    """Practitioners of the teams that the viewer reaches, by name.

    Errors: NotAllowed.
    """
    viewer.require(Permission.SEE_ORGANISATION)
    shown = shown if shown == "hidden" else ""
    is_hidden = Practitioner.hidden_at.is_not(None)
    statement = _practitioners(viewer, Permission.SEE_ORGANISATION).where(
        Practitioner.merged_into_id.is_(None), is_hidden if shown else ~is_hidden
    )
    teams = _team_choices(viewer)
    if team_id is not None:
        # A number that is no team of the viewer's finds nothing, however large it is.
        is_team = any(number == team_id for number, _ in teams)
        statement = statement.where(Practitioner.team_id == team_id if is_team else false())
    if matched == "known":
        statement = statement.where(Practitioner.user_id.is_not(None))
    elif matched == "unknown":
        statement = statement.where(Practitioner.user_id.is_(None))
    else:
        matched = ""
    name = " ".join(name.replace("\x00", " ").split())[:100]
    if name:
        statement = statement.where(func.lower(Practitioner.name).contains(name.lower(), autoescape=True))
    n_found = db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    n_pages = max(1, -(-n_found // PRACTITIONERS_ON_A_PAGE))
    page = min(max(page, 1), n_pages)
    rows = db.session.execute(
        statement.order_by(func.lower(Practitioner.name), Practitioner.id)
        .limit(PRACTITIONERS_ON_A_PAGE)
        .offset((page - 1) * PRACTITIONERS_ON_A_PAGE)
    )
    return PractitionersPage(
        tuple(_line(row) for row in rows),
        n_found,
        teams,
        team_id,
        matched,
        name,
        shown,
        page,
        n_pages,
        viewer.may(Permission.MANAGE_ORGANISATION),
    )


def _team_choices(viewer: Viewer) -> tuple[tuple[int, str], ...]:
    rows = db.session.execute(
        select(Team.id, Team.name)
        .where(
            teams_within(viewer, Permission.SEE_ORGANISATION),
            Team.merged_into_id.is_(None),
            Team.hidden_at.is_(None),
        )
        .order_by(func.lower(Team.name), Team.id)
    )
    return tuple((number, name) for number, name in rows)


def _supervisor_choices(viewer: Viewer, practitioner_id: int) -> tuple[tuple[int, str], ...]:
    """Everybody in use within reach but the practitioner: number and name with the team."""
    rows = db.session.execute(
        _practitioners(viewer, Permission.MANAGE_ORGANISATION)
        .where(
            Practitioner.id != practitioner_id,
            Practitioner.merged_into_id.is_(None),
            or_(
                Practitioner.hidden_at.is_(None),
                Practitioner.id.in_(
                    select(Practitioner.supervisor_id).where(Practitioner.id == practitioner_id)
                ),
            ),
        )
        .order_by(func.lower(Practitioner.name), Practitioner.id)
    )
    return tuple((row[0].id, f"{row[0].name}, {row[1]}" if row[1] else row[0].name) for row in rows)


def _teams_over_time(practitioner_id: int) -> tuple[TeamOnDay, ...]:
    """Upload by upload, oldest first told and newest first shown, the team of most of somebody's children."""
    rows = db.session.execute(
        select(CaseloadImport.as_at, CaseloadImport.id, Team.name, func.count(CaseRecord.id).label("n"))
        .join(CaseRecord, CaseRecord.caseload_import_id == CaseloadImport.id)
        .outerjoin(Team, Team.id == CaseRecord.team_id)
        .where(CaseRecord.practitioner_id == practitioner_id)
        .group_by(CaseloadImport.as_at, CaseloadImport.id, Team.name)
        .order_by(CaseloadImport.as_at, CaseloadImport.id, func.count(CaseRecord.id).desc(), Team.name)
    )
    found: list[TeamOnDay] = []
    last = None
    for as_at, import_id, team, n in rows:
        if import_id == last:
            continue
        last = import_id
        moved = bool(found) and found[-1].team != (team or "")
        found.append(TeamOnDay(as_at, team or "", n, moved))
    return tuple(reversed(found))


def _spellings(practitioner_id: int) -> tuple[OtherSpelling, ...]:
    rows = db.session.execute(
        select(NameMerge, Practitioner.name, User.name)
        .join(Practitioner, Practitioner.id == NameMerge.from_id)
        .outerjoin(User, User.id == NameMerge.merged_by_id)
        .where(
            NameMerge.kind == "worker", NameMerge.into_id == practitioner_id, NameMerge.undone_at.is_(None)
        )
        .order_by(NameMerge.id)
    )
    return tuple(
        OtherSpelling(merge.id, name, merge.reason, merge.merged_at, user or "") for merge, name, user in rows
    )


def _practitioners(viewer: Viewer, permission: Permission) -> Select[Practitioner, str, str, str, int]:
    is_whole = viewer.reach(permission).whole_service
    supervisor = aliased(Practitioner)
    return (
        select(Practitioner, Team.name, User.name, supervisor.name, _n_children())
        .outerjoin(Team, Team.id == Practitioner.team_id)
        .outerjoin(User, User.id == Practitioner.user_id)
        .outerjoin(supervisor, supervisor.id == Practitioner.supervisor_id)
        .where(true() if is_whole else teams_within(viewer, permission))
    )


def _n_children() -> ScalarSelect[int]:
    """Children with a practitioner in the newest lists."""
    return (
        select(func.count(CaseRecord.id))
        .where(_in_newest(), CaseRecord.practitioner_id == Practitioner.id)
        .correlate(Practitioner)
        .scalar_subquery()
    )


def _in_newest() -> ColumnElement[bool]:
    newest = (
        select(CaseloadImport.id)
        .order_by(CaseloadImport.as_at.desc(), CaseloadImport.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return and_(CaseRecord.caseload_import_id == newest, CaseRecord.plan_type.is_not(None))


def _line(row: Row[Practitioner, str, str, str, int]) -> PractitionerLine:
    person, team, user, supervisor, n_children = row
    return PractitionerLine(
        person.id,
        person.name,
        team or "",
        person.team_id,
        user or "",
        person.user_id,
        supervisor or "",
        person.supervisor_id,
        n_children or 0,
        person.hidden_at is not None,
    )
