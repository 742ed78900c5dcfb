"""Flags on children's cases: their kinds, those in force, and the flags of one child."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.case_flags import SHIPPED_KINDS, FlagKind, FlagValue
from qa_app.domain.errors import NotFound
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.caseload import (
    CaseFlag,
    CaseFlagKind,
    CaseFlagUpload,
    CaseloadImport,
    CaseRecord,
    Child,
)
from qa_app.models.organisation import Practitioner, Team
from qa_app.queries.scope import flags_in_force

FLAGS_ON_A_PAGE = 100


@dataclass(frozen=True)
class KindLine:
    """One kind of flag, and how many children are under it on the day."""

    kind: FlagKind
    n_children: int


@dataclass(frozen=True)
class UploadLine:
    """One sheet of flags that was stored."""

    upload_id: int
    as_at: date
    uploaded_at: datetime
    uploaded_by: str
    replaces: bool
    kinds: tuple[str, ...]
    n_new: int
    n_ended: int
    n_unchanged: int
    n_left_out: int


@dataclass(frozen=True)
class FlagsPage:
    """What is flagged on a day, kind by kind, and the sheets it came from."""

    on: date
    kinds: tuple[KindLine, ...]
    n_children: int
    n_known_children: int
    n_names_in_doubt: int
    uploads: tuple[UploadLine, ...]
    may_change: bool


@dataclass(frozen=True)
class FlagLine:
    """One flag on one child."""

    flag_id: int
    child_id: int
    child_ref: str
    kind: FlagKind
    says: str
    is_matched: bool
    starts_on: date
    ends_on: date | None
    reason: str
    end_reason: str
    raised_at: datetime | None
    raised_by: str
    ended_by: str
    upload_as_at: date | None
    is_in_force: bool


@dataclass(frozen=True)
class FlagList:
    """The flags of one kind that hold on a day, a page of them."""

    kind: FlagKind
    on: date
    flags: tuple[FlagLine, ...]
    n_flags: int
    page: int
    n_pages: int


@dataclass(frozen=True)
class ChildFlags:
    """The flags of one child, those in force first, and where the newest lists have the child."""

    child_id: int
    child_ref: str
    on: date
    seen_as_at: date | None
    plan_type: str
    team: str
    worker: str
    in_force: tuple[FlagLine, ...]
    others: tuple[FlagLine, ...]
    siblings: tuple[tuple[int, str], ...]
    may_change: bool


def list_kinds(viewer: Viewer) -> tuple[FlagKind, ...]:
    """Every kind of flag: those that come with the system as the council set them, then its own by label.

    Errors: NotAllowed; NotFound where the permission does not reach over the whole service.
    """
    _require_whole(viewer)
    rows = {row.key: row for row in db.session.scalars(select(CaseFlagKind).order_by(CaseFlagKind.id))}
    shipped = [
        replace(
            kind,
            label=row.label,
            excludes=row.excludes,
            is_in_use=row.is_in_use,
            spellings=(*kind.spellings, kind.label, *map(str, row.spellings)),
        )
        if (row := rows.get(kind.key))
        else kind
        for kind in SHIPPED_KINDS
    ]
    known = {kind.key for kind in SHIPPED_KINDS}
    own = [
        FlagKind(
            row.key,
            row.label,
            row.value_kind,
            row.excludes,
            row.is_in_use,
            False,
            tuple(map(str, row.spellings)),
        )
        for row in rows.values()
        if row.key not in known
    ]
    return (*shipped, *sorted(own, key=lambda kind: kind.label.casefold()))


def get_kind(viewer: Viewer, key: str) -> FlagKind:
    """One kind of flag.

    Errors: NotAllowed, NotFound.
    """
    kind = next((one for one in list_kinds(viewer) if one.key == key), None)
    if kind is None:
        raise NotFound
    return kind


def get_flags_page(viewer: Viewer, on: date) -> FlagsPage:
    """What is flagged on a day, and the sheets that were stored, newest first.

    Errors: NotAllowed, NotFound.
    """
    kinds = list_kinds(viewer)
    counted = db.session.execute(
        select(CaseFlag.kind, func.count(CaseFlag.child_id.distinct()))
        .where(flags_in_force(on))
        .group_by(CaseFlag.kind)
    )
    by_kind = {key: n for key, n in counted}  # noqa: C416
    n_children = select(func.count(CaseFlag.child_id.distinct())).where(flags_in_force(on)).scalar_subquery()
    n_known = select(func.count(Child.id)).scalar_subquery()
    n_doubt = (
        select(func.count(func.distinct(func.lower(CaseFlag.value))))
        .where(
            flags_in_force(on), CaseFlag.practitioner_id.is_(None), CaseFlag.kind.in_(_person_kinds(kinds))
        )
        .scalar_subquery()
    )
    totals = db.session.execute(select(n_children, n_known, n_doubt)).one()
    return FlagsPage(
        on,
        tuple(KindLine(kind, by_kind.get(kind.key, 0)) for kind in kinds),
        totals[0] or 0,
        totals[1] or 0,
        totals[2] or 0,
        _uploads(),
        viewer.may(Permission.IMPORT_CASELOAD),
    )


def get_flag_list(viewer: Viewer, key: str, on: date, page: int = 1) -> FlagList:
    """The flags of one kind that hold on a day, by the child's reference.

    Errors: NotAllowed; NotFound also for a kind that is not there.
    """
    kind = get_kind(viewer, key)
    wanted = (CaseFlag.kind == key, flags_in_force(on))
    n_flags = db.session.scalar(select(func.count()).select_from(CaseFlag).where(*wanted)) or 0
    n_pages = max(1, -(-n_flags // FLAGS_ON_A_PAGE))
    page = min(max(page, 1), n_pages)
    flags = _flags(
        [kind],
        on,
        _FLAGS.where(*wanted)
        .order_by(Child.ref, CaseFlag.id)
        .limit(FLAGS_ON_A_PAGE)
        .offset((page - 1) * FLAGS_ON_A_PAGE),
    )
    return FlagList(kind, on, flags, n_flags, page, n_pages)


def find_child(viewer: Viewer, ref: str) -> int:
    """The number of a child by the council's own reference.

    Errors: NotAllowed; NotFound for a reference that no upload holds.
    """
    _require_whole(viewer)
    wanted = " ".join(ref.split())
    child_id = db.session.scalar(select(Child.id).where(Child.ref == wanted)) or db.session.scalar(
        select(Child.id).where(func.lower(Child.ref) == wanted.lower())
    )
    if child_id is None:
        raise NotFound("No upload of the lists holds this reference. Check how the lists write it.")
    return child_id


def get_child_flags(viewer: Viewer, child_id: int, on: date) -> ChildFlags:
    """The flags of one child.

    Errors: NotAllowed, NotFound.
    """
    kinds = list_kinds(viewer)
    child = db.session.get(Child, child_id)
    if child is None:
        raise NotFound
    flags = _flags(
        kinds,
        on,
        _FLAGS.where(CaseFlag.child_id == child_id).order_by(CaseFlag.starts_on.desc(), CaseFlag.id.desc()),
    )
    seen = db.session.execute(
        select(CaseloadImport.as_at, CaseRecord.plan_type, Team.name, Practitioner.name)
        .join(CaseRecord, CaseRecord.caseload_import_id == CaseloadImport.id)
        .outerjoin(Team, Team.id == CaseRecord.team_id)
        .outerjoin(Practitioner, Practitioner.id == CaseRecord.practitioner_id)
        .where(CaseRecord.child_id == child_id)
        .order_by(CaseloadImport.as_at.desc(), CaseloadImport.id.desc())
        .limit(1)
    ).one_or_none()
    return ChildFlags(
        child_id,
        child.ref,
        on,
        seen[0] if seen else None,
        (seen[1].label if seen[1] else "Closed") if seen else "",
        (seen[2] or "") if seen else "",
        (seen[3] or "") if seen else "",
        tuple(flag for flag in flags if flag.is_in_force),
        tuple(flag for flag in flags if not flag.is_in_force),
        _siblings(child_id, on),
        viewer.may(Permission.IMPORT_CASELOAD),
    )


def list_people_choices(viewer: Viewer) -> tuple[tuple[int, str], ...]:
    """Practitioners whom a flag may name: number and name with the team.

    Errors: NotAllowed, NotFound.
    """
    _require_whole(viewer)
    rows = db.session.execute(
        select(Practitioner.id, Practitioner.name, Team.name)
        .outerjoin(Team, Team.id == Practitioner.team_id)
        .where(Practitioner.merged_into_id.is_(None), Practitioner.hidden_at.is_(None))
        .order_by(func.lower(Practitioner.name), Practitioner.id)
    )
    return tuple((number, f"{name}, {team}" if team else name) for number, name, team in rows)


def list_flag_rows(viewer: Viewer, on: date) -> tuple[tuple[str, str, date, date | None, str, str, str], ...]:
    """The flags that hold on a day as rows of a sheet: child, kind, start, end, group, officer, reason.

    Errors: NotAllowed, NotFound.
    """
    kinds = list_kinds(viewer)
    flags = _flags(
        kinds, on, _FLAGS.where(flags_in_force(on)).order_by(CaseFlag.kind, Child.ref, CaseFlag.id)
    )
    return tuple(
        (
            one.child_ref,
            one.kind.label,
            one.starts_on,
            one.ends_on,
            one.says if one.kind.value_kind is FlagValue.GROUP else "",
            one.says if one.kind.value_kind is FlagValue.PRACTITIONER else "",
            one.reason,
        )
        for one in flags
    )


_raiser, _ender = aliased(User), aliased(User)
_FLAGS = (
    select(CaseFlag, Child.ref, Practitioner.name, _raiser.name, _ender.name, CaseFlagUpload.as_at)
    .join(Child, Child.id == CaseFlag.child_id)
    .outerjoin(Practitioner, Practitioner.id == CaseFlag.practitioner_id)
    .outerjoin(_raiser, _raiser.id == CaseFlag.raised_by_id)
    .outerjoin(_ender, _ender.id == CaseFlag.ended_by_id)
    .outerjoin(CaseFlagUpload, CaseFlagUpload.id == CaseFlag.upload_id)
)


def _flags(
    kinds: tuple[FlagKind, ...] | list[FlagKind],
    on: date,
    statement: Select[CaseFlag, str, str, str, str, date],
) -> tuple[FlagLine, ...]:
    by_key = {kind.key: kind for kind in kinds}
    return tuple(
        FlagLine(
            flag.id,
            flag.child_id,
            ref,
            by_key.get(flag.kind) or FlagKind(flag.kind, flag.kind.replace("_", " "), is_shipped=False),
            person or flag.value,
            person is not None or not flag.value,
            flag.starts_on,
            flag.ends_on,
            flag.reason,
            flag.end_reason or "",
            flag.raised_at,
            raiser or "",
            ender or "",
            as_at,
            flag.starts_on <= on and (flag.ends_on is None or flag.ends_on > on),
        )
        for flag, ref, person, raiser, ender, as_at in db.session.execute(statement)
    )


def _siblings(child_id: int, on: date) -> tuple[tuple[int, str], ...]:
    """The other children of the groups that a child belongs to on a day: number and reference."""
    groups = select(func.lower(CaseFlag.value)).where(
        CaseFlag.child_id == child_id, CaseFlag.kind == "sibling_group", flags_in_force(on)
    )
    rows = db.session.execute(
        select(Child.id, Child.ref)
        .distinct()
        .join(CaseFlag, CaseFlag.child_id == Child.id)
        .where(
            CaseFlag.kind == "sibling_group",
            func.lower(CaseFlag.value).in_(groups),
            flags_in_force(on),
            Child.id != child_id,
        )
        .order_by(Child.ref)
    )
    return tuple((number, ref) for number, ref in rows)


def _uploads() -> tuple[UploadLine, ...]:
    rows = db.session.execute(
        select(CaseFlagUpload, User.name)
        .outerjoin(User, User.id == CaseFlagUpload.uploaded_by_id)
        .order_by(CaseFlagUpload.uploaded_at.desc(), CaseFlagUpload.id.desc())
        .limit(50)
    )
    return tuple(
        UploadLine(
            one.id,
            one.as_at,
            one.uploaded_at,
            name or "",
            one.replaces,
            tuple(map(str, one.kinds)),
            one.n_new,
            one.n_ended,
            one.n_unchanged,
            one.n_left_out,
        )
        for one, name in rows
    )


def _person_kinds(kinds: tuple[FlagKind, ...]) -> list[str]:
    return [kind.key for kind in kinds if kind.value_kind is FlagValue.PRACTITIONER]


def _require_whole(viewer: Viewer) -> None:
    """Flags are of the whole service, as the lists are."""
    viewer.require(Permission.SEE_CASELOAD)
    if not viewer.reach(Permission.SEE_CASELOAD).whole_service:
        raise NotFound
