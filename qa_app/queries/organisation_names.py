"""Names in doubt: two that may be one, officers on flags whom nobody matched, and what was merged."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.alike_names import name_key, pairs_of_people, pairs_of_teams, people_like, teams_like
from qa_app.domain.case_flags import SHIPPED_KINDS, FlagValue
from qa_app.domain.errors import NotFound
from qa_app.domain.house_words import NameKind, NameVerdict
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.caseload import CaseFlag, CaseFlagKind, CaseloadImport, CaseRecord, NameDoubtRow
from qa_app.models.cohorts import CohortCase
from qa_app.models.organisation import NameMerge, Practitioner, ServiceArea, Team
from qa_app.queries.scope import flags_in_force

SHOWN = 100


@dataclass(frozen=True)
class NamedRow:
    """A team or practitioner, with its place and how much rests on it."""

    row_id: int
    name: str
    place: str
    n_children: int
    n_drawn: int

    @property
    def label(self) -> str:
        """The name with its place, to tell two of one name apart."""
        return f"{self.name} ({self.place})" if self.place else self.name


@dataclass(frozen=True)
class NamePair:
    """Two names that may be one: the rarer, the commoner, and why that is asked."""

    kind: NameKind
    rare: NamedRow
    common: NamedRow
    why: str


@dataclass(frozen=True)
class OfficerLine:
    """A name on flags that is no practitioner's for certain, with those who may be meant."""

    number: int
    name: str
    n_flags: int
    candidates: tuple[NamedRow, ...]


@dataclass(frozen=True)
class DecidedLine:
    """Two names of which a person said what they are, without anything to merge."""

    doubt_id: int
    kind: NameKind
    name: str
    other: str
    verdict: NameVerdict
    decided_at: datetime | None
    decided_by: str


@dataclass(frozen=True)
class MergeLine:
    """One merge, in force or undone."""

    merge_id: int
    kind: NameKind
    from_id: int
    from_name: str
    into_id: int
    into_name: str
    reason: str
    n_moved: int
    merged_at: datetime
    merged_by: str
    undone_at: datetime | None
    undone_by: str
    is_part: bool


@dataclass(frozen=True)
class NamesPage:
    """Everything about names that waits for somebody, and what was said before."""

    pairs: tuple[NamePair, ...]
    n_pairs: int
    officers: tuple[OfficerLine, ...]
    people: tuple[tuple[int, str], ...]
    decided: tuple[DecidedLine, ...]
    merges: tuple[MergeLine, ...]


def get_names_page(viewer: Viewer, on: date) -> NamesPage:
    """Names in doubt of the whole organisation, those with most children first.

    Errors: NotAllowed; NotFound where the permission does not reach over the whole service.
    """
    _require_whole(viewer)
    teams, workers = _rows(NameKind.TEAM), _rows(NameKind.WORKER)
    doubts = _doubts()
    pairs = [
        *_pairs(NameKind.TEAM, teams, doubts),
        *_pairs(NameKind.WORKER, workers, doubts),
    ]
    pairs.sort(key=lambda pair: (-pair.common.n_children - pair.rare.n_children, pair.rare.label))
    return NamesPage(
        tuple(pairs[:SHOWN]),
        len(pairs),
        _officers(workers, on),
        tuple((one.row_id, one.label) for one in workers),
        tuple(line for line in doubts if line.verdict is NameVerdict.DIFFERENT),
        _merges(),
    )


def count_names_in_doubt(viewer: Viewer, on: date) -> int:
    """How many names wait for somebody to say what they are.

    Errors: as for the page.
    """
    page = get_names_page(viewer, on)
    return page.n_pairs + len(page.officers)


def list_merge_choices(viewer: Viewer, kind: NameKind, row_id: int) -> tuple[NamedRow, tuple[NamedRow, ...]]:
    """The name to merge, and every other one in use that it may become; those alike come first.

    Errors: NotAllowed; NotFound also for a name that was merged already.
    """
    _require_whole(viewer)
    rows = _rows(kind)
    own = next((one for one in rows if one.row_id == row_id), None)
    if own is None:
        raise NotFound("This name was merged already, or is not there. Open the page of names to see it.")
    others = [one for one in rows if one.row_id != row_id]
    if kind is NameKind.WORKER:
        alike = set(people_like(own.name, [one.name for one in others]))
    else:
        alike = set(teams_like(own.name, [one.name for one in others]))
    near = [one for one in others if one.name in alike or name_key(one.name) == name_key(own.name)]
    return own, (*near, *(one for one in others if one not in near))


def _pairs(kind: NameKind, rows: list[NamedRow], doubts: list[DecidedLine]) -> Iterable[NamePair]:
    by_name: dict[str, list[NamedRow]] = defaultdict(list)
    for row in rows:
        by_name[row.name].append(row)
    said = {
        frozenset({one.name, one.other})
        for one in doubts
        if one.kind is kind and one.verdict is NameVerdict.DIFFERENT
    }
    asked = {
        (one.name, one.other): "Told by an upload"
        for one in doubts
        if one.kind is kind and one.verdict is not NameVerdict.DIFFERENT
    }
    find = pairs_of_teams if kind is NameKind.TEAM else pairs_of_people
    wanted = {frozenset(pair): why for pair, why in asked.items()}
    for pair in find(list(by_name)):
        wanted.setdefault(frozenset(pair), "The names look alike")
    by_key: dict[str, list[str]] = defaultdict(list)
    for name in by_name:
        by_key[name_key(name)].append(name)
    for names in by_key.values():
        for place, one in enumerate(names):
            for other in names[place + 1 :]:
                wanted.setdefault(frozenset({one, other}), "They differ in capitals or spaces only")
    for both, why in wanted.items():
        if both in said or len(both) != 2 or not all(by_name.get(name) for name in both):
            continue
        left, right = (by_name[name][0] for name in sorted(both))
        yield _pair(kind, left, right, why)
    for same in by_name.values():
        for place, first in enumerate(same):
            for second in same[place + 1 :]:
                if frozenset({first.label, second.label}) not in said:
                    yield _pair(kind, first, second, "One name in two teams")


def _pair(kind: NameKind, one: NamedRow, other: NamedRow, why: str) -> NamePair:
    rare, common = sorted((one, other), key=lambda row: (row.n_children, row.n_drawn, -row.row_id))
    return NamePair(kind, rare, common, why)


def _rows(kind: NameKind) -> list[NamedRow]:
    """Every team or practitioner that is not another one's spelling, by name."""
    newest = (
        select(CaseloadImport.id)
        .order_by(CaseloadImport.as_at.desc(), CaseloadImport.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    column = CaseRecord.team_id if kind is NameKind.TEAM else CaseRecord.practitioner_id
    children = (
        select(column.label("row_id"), func.count().label("n"))
        .where(CaseRecord.caseload_import_id == newest, CaseRecord.plan_type.is_not(None))
        .group_by(column)
        .subquery()
    )
    drawn = (
        select(column.label("row_id"), func.count().label("n"))
        .join(CohortCase, CohortCase.case_record_id == CaseRecord.id)
        .group_by(column)
        .subquery()
    )
    if kind is NameKind.TEAM:
        statement = select(Team.id, Team.name, ServiceArea.name, children.c.n, drawn.c.n).outerjoin(
            ServiceArea, ServiceArea.id == Team.service_area_id
        )
        table: type[Team] | type[Practitioner] = Team
    else:
        statement = select(Practitioner.id, Practitioner.name, Team.name, children.c.n, drawn.c.n).outerjoin(
            Team, Team.id == Practitioner.team_id
        )
        table = Practitioner
    rows = db.session.execute(
        statement.outerjoin(children, children.c.row_id == table.id)
        .outerjoin(drawn, drawn.c.row_id == table.id)
        .where(table.merged_into_id.is_(None))
        .order_by(func.lower(table.name), table.id)
    )
    return [NamedRow(number, name, place or "", n or 0, m or 0) for number, name, place, n, m in rows]


def _officers(workers: list[NamedRow], on: date) -> tuple[OfficerLine, ...]:
    rows = db.session.execute(
        select(func.min(CaseFlag.value), func.count())
        .where(CaseFlag.practitioner_id.is_(None), CaseFlag.value != "", flags_in_force(on))
        .where(CaseFlag.kind.in_(_person_kinds()))
        .group_by(func.lower(CaseFlag.value))
        .order_by(func.lower(CaseFlag.value))
    )
    lines = []
    for number, (name, n) in enumerate(rows, start=1):
        alike = set(people_like(name, [one.name for one in workers]))
        near = tuple(one for one in workers if one.name in alike or name_key(one.name) == name_key(name))
        lines.append(OfficerLine(number, name, n, near))
    return tuple(lines)


def _person_kinds() -> list[str]:
    """The kinds of flag that name a person."""
    own = select(CaseFlagKind.key).where(CaseFlagKind.value_kind == FlagValue.PRACTITIONER)
    shipped = [kind.key for kind in SHIPPED_KINDS if kind.value_kind is FlagValue.PRACTITIONER]
    return [*shipped, *db.session.scalars(own)]


def _doubts() -> list[DecidedLine]:
    rows = db.session.execute(
        select(NameDoubtRow, User.name)
        .outerjoin(User, User.id == NameDoubtRow.decided_by_id)
        .order_by(NameDoubtRow.kind, NameDoubtRow.name, NameDoubtRow.id)
    )
    return [
        DecidedLine(row.id, row.kind, row.name, row.other, row.verdict, row.decided_at, name or "")
        for row, name in rows
    ]


def _merges() -> tuple[MergeLine, ...]:
    """Every merge, newest first; those that were undone stay to be read."""
    merger, undoer = aliased(User), aliased(User)
    rows = db.session.execute(
        select(NameMerge, merger.name, undoer.name)
        .outerjoin(merger, merger.id == NameMerge.merged_by_id)
        .outerjoin(undoer, undoer.id == NameMerge.undone_by_id)
        .order_by(NameMerge.undone_at.is_not(None), NameMerge.id.desc())
        .limit(200)
    ).all()
    names: dict[NameKind, dict[int, str]] = {}
    for kind, table in ((NameKind.TEAM, Team), (NameKind.WORKER, Practitioner)):
        ids = {
            number for merge, _, _ in rows if merge.kind is kind for number in (merge.from_id, merge.into_id)
        }
        names[kind] = dict(db.session.execute(select(table.id, table.name).where(table.id.in_(ids))).all())
    return tuple(
        MergeLine(
            merge.id,
            merge.kind,
            merge.from_id,
            names[merge.kind].get(merge.from_id, ""),
            merge.into_id,
            names[merge.kind].get(merge.into_id, ""),
            merge.reason,
            sum(len(ids) for ids in merge.moved.values()),
            merge.merged_at,
            merged_by or "",
            merge.undone_at,
            undone_by or "",
            merge.part_of_id is not None,
        )
        for merge, merged_by, undone_by in rows
    )


def _require_whole(viewer: Viewer) -> None:
    viewer.require(Permission.MANAGE_ORGANISATION)
    if not viewer.reach(Permission.MANAGE_ORGANISATION).whole_service:
        raise NotFound
