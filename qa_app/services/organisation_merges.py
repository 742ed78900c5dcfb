"""Two names of a team or worker made one, and taken apart again: everything recorded follows, nothing is deleted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Table, func, select, update

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.alike_names import name_key
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.domain.house_words import NameKind, NameVerdict
from qa_app.domain.supervision import line_of
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.caseload import NameDoubtRow
from qa_app.models.immutability import NEVER_CHANGED, NEVER_UPDATED
from qa_app.models.organisation import NameMerge, Practitioner, Team
from qa_app.models.tables import metadata
from qa_app.services import history

AT_ONCE = 500
LONGEST_REASON = 1000
_TAKEN_OVER = {
    NameKind.TEAM: ("service_area_id", "manager_user_id"),
    NameKind.WORKER: ("user_id", "supervisor_id"),
}
_SUBJECT = {NameKind.TEAM: "team", NameKind.WORKER: "practitioner"}
Row = Team | Practitioner


@dataclass(frozen=True)
class MergePreview:
    """What making two names one would move. `moves`: rows by table, in the words of `TABLE_WORDS`.

    `together`: practitioners of both teams with one name, who become one as well: name and name to stay.
    """

    kind: NameKind
    from_id: int
    from_name: str
    into_id: int
    into_name: str
    moves: tuple[tuple[str, int], ...]
    together: tuple[tuple[str, str], ...]


TABLE_WORDS = {
    "case_record.team_id": "cases in the lists",
    "case_record.practitioner_id": "cases in the lists",
    "cohort_case.team_id": "cases drawn for review",
    "finding.team_id": "findings",
    "role_grant.team_id": "roles given over the team",
    "practitioner.team_id": "practitioners",
    "practitioner.supervisor_id": "people supervised",
    "case_flag.practitioner_id": "flags on cases",
}


def preview_merge(viewer: Viewer, kind: NameKind, from_id: int, into_id: int) -> MergePreview:
    """What would move if one name became another; nothing changes.

    Errors: as for merging.
    """
    _require_whole(viewer)
    gone, stays = _pair(kind, from_id, into_id)
    moves: dict[str, int] = {}
    for table, column in _references(kind):
        n = db.session.scalar(select(func.count()).where(column == from_id)) or 0
        words = TABLE_WORDS.get(f"{table.name}.{column.name}", f"rows of {table.name.replace('_', ' ')}")
        if n:
            moves[words] = moves.get(words, 0) + n
    together = _namesakes(from_id, into_id) if kind is NameKind.TEAM else []
    return MergePreview(
        kind,
        from_id,
        gone.name,
        into_id,
        stays.name,
        tuple(moves.items()),
        tuple((one.name, f"{other.name}, {stays.name}") for one, other in together),
    )


def merge_names(
    viewer: Viewer, kind: NameKind, from_id: int, into_id: int, reason: str, *, at: datetime
) -> NameMerge:
    """Make one name another spelling of a second one: what was recorded under it follows, and can be given back.

    The next upload reads the name so. Errors: NotAllowed; NotFound for a row that is not there; Invalid without a
    reason, for one name twice, for two who are two users, and for supervision that would go round; Conflict for a
    name that was merged before.
    """
    _require_whole(viewer)
    why = reason.strip()
    if not why:
        raise Invalid("reason", "Reason: say how you know that the two are one.")
    if len(why) > LONGEST_REASON:
        raise Invalid("reason", f"Reason: shorten it to {LONGEST_REASON} characters.")
    _pair(kind, from_id, into_id)
    return _merge(viewer, kind, from_id, into_id, why, None, at)


def take_apart(viewer: Viewer, merge_id: int, *, at: datetime) -> NameMerge:
    """Undo a merge: what followed the name goes back to it, except what somebody has changed since.

    Errors: NotAllowed; NotFound; Conflict for one undone before, a part of the merge of two teams, or a name that
    was merged on.
    """
    _require_whole(viewer)
    merge = db.session.get(NameMerge, merge_id)
    if merge is None:
        raise NotFound
    if merge.undone_at is not None:
        raise Conflict("These two were taken apart already.")
    if merge.part_of_id is not None:
        raise Conflict("This came with the merge of two teams. Take the teams apart instead.")
    stays = _row(merge.kind, merge.into_id)
    if stays.merged_into_id is not None:
        raise Conflict(f"{stays.name} was merged into another name since. Take that apart first.")
    parts = db.session.scalars(
        select(NameMerge)
        .where(NameMerge.part_of_id == merge.id, NameMerge.undone_at.is_(None))
        .order_by(NameMerge.id.desc())
    ).all()
    for part in parts:
        if _row(part.kind, part.into_id).merged_into_id is not None:
            name = _row(part.kind, part.into_id).name
            raise Conflict(f"{name} was merged into another name since. Take that apart first.")
    _give_back(merge, at, viewer)
    for part in parts:
        _give_back(part, at, viewer)
    history.record(
        viewer,
        f"{_SUBJECT[merge.kind]}.taken_apart",
        _SUBJECT[merge.kind],
        merge.from_id,
        at=at,
        before={"merged_into_id": merge.into_id},
        after={"merge_id": merge.id},
    )
    return merge


def decide_doubt(
    viewer: Viewer, kind: NameKind, name: str, other: str, verdict: NameVerdict, *, at: datetime
) -> NameDoubtRow:
    """Say of two names that look alike what they are. The next upload, and the list of doubts, go by it.

    Errors: NotAllowed, NotFound.
    """
    _require_whole(viewer)
    doubt = _doubt(kind, name, other)
    before = doubt.verdict
    if verdict is not before or doubt.decided_at is None:
        doubt.verdict, doubt.decided_at, doubt.decided_by_id = verdict, at, viewer.user_id
        db.session.flush()
        history.record(
            viewer,
            "name_doubt.decided",
            "name_doubt",
            doubt.id,
            at=at,
            before={"verdict": before.value},
            after={"verdict": verdict.value},
        )
    return doubt


def _merge(
    viewer: Viewer, kind: NameKind, from_id: int, into_id: int, why: str, part_of: int | None, at: datetime
) -> NameMerge:
    gone, stays = _pair(kind, from_id, into_id)
    merge = NameMerge(
        kind=kind,
        from_id=from_id,
        into_id=into_id,
        reason=why,
        moved={},
        settled={},
        part_of_id=part_of,
        merged_at=at,
        merged_by_id=viewer.user_id,
    )
    db.session.add(merge)
    db.session.flush()
    if kind is NameKind.TEAM:
        for one, other in _namesakes(from_id, into_id):
            _merge(viewer, NameKind.WORKER, one.id, other.id, why, merge.id, at)
    merge.settled = _settle(kind, gone, stays)
    merge.moved = _repoint(kind, from_id, into_id)
    gone.merged_into_id = into_id
    db.session.flush()
    if part_of is None and name_key(gone.name) != name_key(stays.name):
        decide_doubt(viewer, kind, gone.name, stays.name, NameVerdict.SAME, at=at)
    history.record(
        viewer,
        f"{_SUBJECT[kind]}.merged",
        _SUBJECT[kind],
        from_id,
        at=at,
        after={
            "merged_into_id": into_id,
            "reason": why,
            "moved": {name: len(ids) for name, ids in merge.moved.items()},
        },
    )
    return merge


def _settle(kind: NameKind, gone: Row, stays: Row) -> dict[str, Any]:
    """Let the name that stays take over what it lacks; gives before and after of every column, for both."""
    before = [{name: getattr(row, name) for name in _TAKEN_OVER[kind]} for row in (gone, stays)]
    if isinstance(gone, Practitioner) and isinstance(stays, Practitioner):
        _settle_people(gone, stays)
    else:
        for name in _TAKEN_OVER[kind]:
            if getattr(stays, name) is None:
                setattr(stays, name, getattr(gone, name))
    after = [{name: getattr(row, name) for name in _TAKEN_OVER[kind]} for row in (gone, stays)]
    return {
        side: {name: [was[name], now[name]] for name in was if was[name] != now[name]}
        for side, was, now in zip(("from", "into"), before, after, strict=True)
    }


def _settle_people(gone: Practitioner, stays: Practitioner) -> None:
    if gone.user_id is not None and stays.user_id is not None:
        names = [db.session.get_one(User, user_id).name for user_id in (gone.user_id, stays.user_id)]
        raise Invalid(
            "into",
            f"The two are matched with two users, {names[0]} and {names[1]}. Take one match away first if they "
            "are one person.",
        )
    above = dict(
        db.session.execute(
            select(Practitioner.id, Practitioner.supervisor_id).where(Practitioner.merged_into_id.is_(None))
        ).all()
    )
    supervisor = stays.supervisor_id if stays.supervisor_id not in (None, gone.id) else gone.supervisor_id
    supervisor = None if supervisor == stays.id else supervisor
    joined = {
        person: (stays.id if over == gone.id else over) for person, over in above.items() if person != gone.id
    }
    joined[stays.id] = supervisor
    if supervisor is not None and stays.id in line_of(joined, supervisor):
        raise Invalid(
            "into",
            "One of the two supervises the other through somebody else, so as one person they would supervise "
            "themselves. Change the lines of supervision first.",
        )
    if gone.user_id is not None:
        user_id, gone.user_id = gone.user_id, None
        db.session.flush()
        stays.user_id = user_id
    stays.supervisor_id = supervisor
    db.session.flush()


def _repoint(kind: NameKind, from_id: int, into_id: int) -> dict[str, list[int]]:
    """Point every row at the name that stays; gives the ids of those that moved, by table and column."""
    moved: dict[str, list[int]] = {}
    for table, column in _references(kind):
        statement = select(table.c.id).where(column == from_id)
        if table.name == "practitioner":
            statement = statement.where(table.c.merged_into_id.is_(None))
        if table.name == _SUBJECT[kind]:
            statement = statement.where(table.c.id != into_id)  # nobody becomes their own supervisor
        ids = list(db.session.scalars(statement.order_by(table.c.id)))
        for some in _batches(ids):
            db.session.execute(update(table).where(table.c.id.in_(some)).values({column.name: into_id}))
        if ids:
            moved[f"{table.name}.{column.name}"] = ids
    db.session.expire_all()
    return moved


def _give_back(merge: NameMerge, at: datetime, viewer: Viewer) -> None:
    for name, ids in merge.moved.items():
        table_name, column_name = name.split(".")
        table = metadata.tables[table_name]
        column = table.c[column_name]
        for some in _batches(ids):
            db.session.execute(
                update(table)
                .where(table.c.id.in_(some), column == merge.into_id)
                .values({column_name: merge.from_id})
            )
    db.session.expire_all()
    gone, stays = _row(merge.kind, merge.from_id), _row(merge.kind, merge.into_id)
    # What stays gives up first: two rows may never hold the same user at once.
    for side, row in (("into", stays), ("from", gone)):
        for name, (was, became) in merge.settled.get(side, {}).items():
            if getattr(row, name) == became and _still_there(merge.kind, name, was, row):
                setattr(row, name, was)
        db.session.flush()
    gone.merged_into_id = None
    merge.undone_at, merge.undone_by_id = at, viewer.user_id
    if merge.part_of_id is None and name_key(gone.name) != name_key(stays.name):
        decide_doubt(viewer, merge.kind, gone.name, stays.name, NameVerdict.DIFFERENT, at=at)
    db.session.flush()


def _still_there(kind: NameKind, name: str, was: Any, row: Row) -> bool:
    """Whether a value may go back to a row: a user who was matched with somebody else since stays there."""
    if kind is NameKind.TEAM or name != "user_id" or was is None:
        return True
    taken = select(Practitioner.id).where(Practitioner.user_id == was, Practitioner.id != row.id)
    return db.session.scalar(taken) is None


def _namesakes(from_id: int, into_id: int) -> list[tuple[Practitioner, Practitioner]]:
    """Practitioners of one team who have a namesake in the other: the two with the one to stay."""
    people = db.session.scalars(
        select(Practitioner).where(Practitioner.team_id.in_((from_id, into_id))).order_by(Practitioner.id)
    ).all()
    there: dict[str, Practitioner] = {}
    for person in people:
        if person.team_id == into_id:
            there.setdefault(name_key(person.name), _final(person))
    found = []
    for person in people:
        other = there.get(name_key(person.name))
        if person.team_id == from_id and person.merged_into_id is None and other not in (None, person):
            assert other is not None
            found.append((person, other))
    return found


def _final(person: Practitioner) -> Practitioner:
    while person.merged_into_id is not None:
        person = db.session.get_one(Practitioner, person.merged_into_id)
    return person


def _references(kind: NameKind) -> Iterator[tuple[Table, Column[Any]]]:
    """Every column of every table that points at a team or a practitioner, except what says that it was merged."""
    target = f"{_SUBJECT[kind]}.id"
    for name, table in sorted(metadata.tables.items()):
        if name in NEVER_CHANGED or name in NEVER_UPDATED:
            continue
        for column in table.columns:
            points = any(key.target_fullname == target for key in column.foreign_keys)
            if points and column.name != "merged_into_id":
                yield table, column


def _batches(ids: list[int]) -> Iterable[list[int]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def _pair(kind: NameKind, from_id: int, into_id: int) -> tuple[Row, Row]:
    gone, stays = _row(kind, from_id), _row(kind, into_id)
    if from_id == into_id:
        raise Invalid("into", "Choose another name: this is the same one.")
    for row in (gone, stays):
        if row.merged_into_id is not None:
            raise Conflict(
                f"{row.name} is another spelling of {_row(kind, row.merged_into_id).name} already. "
                "Choose that one, or take the two apart first."
            )
    return gone, stays


def _row(kind: NameKind, row_id: int) -> Row:
    row: Row | None = (
        db.session.get(Team, row_id) if kind is NameKind.TEAM else db.session.get(Practitioner, row_id)
    )
    if row is None:
        raise NotFound
    return row


def _doubt(kind: NameKind, name: str, other: str) -> NameDoubtRow:
    rows = db.session.scalars(select(NameDoubtRow).where(NameDoubtRow.kind == kind)).all()
    for row in rows:
        if (row.name, row.other) == (name, other):
            return row
    turned = next((row for row in rows if (row.name, row.other) == (other, name)), None)
    if turned is not None:
        turned.name, turned.other = name, other
        return turned
    row = NameDoubtRow(kind=kind, name=name, other=other, n_rows=0, verdict=NameVerdict.OPEN)
    db.session.add(row)
    db.session.flush()
    return row


def _require_whole(viewer: Viewer) -> None:
    viewer.require(Permission.MANAGE_ORGANISATION)
    if not viewer.reach(Permission.MANAGE_ORGANISATION).whole_service:
        raise NotFound
