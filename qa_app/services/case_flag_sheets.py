"""A sheet of flags: read, looked at, and only then kept."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import TypeAdapter
from sqlalchemy import insert, select

from qa_app.domain.access import Viewer
from qa_app.domain.alike_names import name_key
from qa_app.domain.case_flag_changes import FlagChanges, changes_of
from qa_app.domain.case_flag_sheets import KnownPerson, Resolution, resolve
from qa_app.domain.case_flags import FlagKind, FlagToKeep, FlagValue, KnownFlag, ReadFlag, words_key
from qa_app.domain.errors import Conflict
from qa_app.domain.sheets import SheetFault, SheetKind
from qa_app.extensions import db
from qa_app.models.caseload import CaseFlag, CaseFlagUpload, Child
from qa_app.models.organisation import Practitioner, Team
from qa_app.queries.case_flags import list_kinds
from qa_app.services import history
from qa_app.services.case_flags import add_kind, name_officer, remember_spelling
from qa_app.services.organisation import add_practitioner
from qa_app.services.sheets import require_whole

AT_ONCE = 500
READ_FLAGS = TypeAdapter(tuple[ReadFlag, ...])
FAULTS = TypeAdapter(tuple[SheetFault, ...])


@dataclass(frozen=True)
class FlagPreview:
    """What a sheet would change. `fingerprint` is the same as long as it would change the same."""

    as_at: date
    replaces: bool
    kinds: tuple[FlagKind, ...]
    resolution: Resolution
    changes: FlagChanges
    names: Mapping[int, str]
    fingerprint: str


def preview_flags(
    viewer: Viewer, flags: tuple[ReadFlag, ...], as_at: date, replaces: bool, said: Mapping[str, str]
) -> FlagPreview:
    """What the flags of a sheet would change, given what was `said` about its doubts; nothing is kept.

    Errors: NotAllowed, NotFound.
    """
    require_whole(viewer, SheetKind.CASE_FLAGS)
    kinds = list_kinds(viewer)
    children = {ref: number for ref, number in db.session.execute(select(Child.ref, Child.id))}  # noqa: C416
    people = _people()
    resolution = resolve(flags, children, kinds, people, said)
    known = _known(kinds, resolution.told_people, {number: ref for ref, number in children.items()})
    in_sheet = {row.kind.key for row in resolution.rows}
    changes = changes_of(resolution.rows, known, as_at, replaces=replaces, kinds=in_sheet)
    names = {person.practitioner_id: person.name for person in people}
    return FlagPreview(
        as_at,
        replaces,
        tuple(kind for kind in kinds if kind.key in in_sheet),
        resolution,
        changes,
        names,
        _fingerprint(changes),
    )


def store_flags(
    viewer: Viewer,
    flags: tuple[ReadFlag, ...],
    as_at: date,
    replaces: bool,
    said: Mapping[str, str],
    sha256: str,
    *,
    at: datetime,
    n_faults: int = 0,
    seen: str | None = None,
) -> tuple[CaseFlagUpload, FlagPreview]:
    """Keep what a sheet changes. `seen`: the fingerprint of what was looked at.

    Errors: NotAllowed, NotFound; Conflict when it would now change something else, and for an older sheet that
    would replace what a newer one said.
    """
    looked_at = preview_flags(viewer, flags, as_at, replaces, said)
    if seen is not None and seen != looked_at.fingerprint:
        raise Conflict(
            "Something changed since you looked: another upload, or a flag raised by hand. Look again before "
            "you store it."
        )
    _refuse_older(looked_at)
    _take_in(viewer, looked_at, flags, at)
    final = preview_flags(viewer, flags, as_at, replaces, said)
    changes = final.changes
    resolution = final.resolution
    upload = CaseFlagUpload(
        as_at=as_at,
        file_sha256=sha256,
        replaces=replaces,
        kinds=[kind.label for kind in final.kinds],
        n_new=len(changes.new),
        n_ended=len(changes.ended),
        n_unchanged=len(changes.unchanged),
        n_left_out=n_faults + len(changes.left_out) + len(resolution.left_out) + len(resolution.unknown),
        uploaded_at=at,
        uploaded_by_id=viewer.user_id,
    )
    db.session.add(upload)
    db.session.flush()
    _write(viewer, changes, upload, at)
    history.record(
        viewer,
        "case_flags.uploaded",
        "case_flag_upload",
        upload.id,
        at=at,
        after={
            "as_at": as_at.isoformat(),
            "replaces": replaces,
            "kinds": upload.kinds,
            "n_new": upload.n_new,
            "n_ended": upload.n_ended,
            "n_unchanged": upload.n_unchanged,
            "ended": [one.flag.flag_id for one in changes.ended],
            "dated": [one.flag.flag_id for one in changes.dated],
        },
    )
    return upload, final


def _refuse_older(preview: FlagPreview) -> None:
    if not preview.replaces:
        return
    labels = {kind.label for kind in preview.kinds}
    newer = db.session.scalars(
        select(CaseFlagUpload)
        .where(CaseFlagUpload.as_at > preview.as_at)
        .order_by(CaseFlagUpload.as_at.desc())
    )
    for upload in newer:
        both = labels & set(map(str, upload.kinds))
        if both:
            raise Conflict(
                f"A sheet as at {upload.as_at:%d/%m/%Y} was stored for {', '.join(sorted(both))}, and this one is "
                "older: it would end flags that are right today. Add its flags instead of replacing."
            )


def _take_in(viewer: Viewer, preview: FlagPreview, flags: tuple[ReadFlag, ...], at: datetime) -> None:
    """Keep the kinds and the people that the sheet brings, and what was said about its words and names."""
    resolution = preview.resolution
    for label in resolution.new_kinds:
        add_kind(viewer, label, FlagValue.NOTHING, False, at=at)
    written = {words_key(flag.kind): flag.kind for flag in flags}
    for words, key in resolution.told_kinds.items():
        remember_spelling(viewer, key, written[words], at=at)
    for name in resolution.new_people:
        person = add_practitioner(viewer, name, None, at=at)
        name_officer(viewer, name, person.id, at=at)
    names = {name_key(flag.value): flag.value for flag in flags if flag.value}
    for key, practitioner_id in resolution.told_people.items():
        name_officer(viewer, names[key], practitioner_id, at=at)


def _people() -> list[KnownPerson]:
    """Everybody whom a flag may name. A name that was merged stands for the one it was merged into."""
    rows = db.session.execute(
        select(Practitioner.id, Practitioner.name, Team.name, Practitioner.merged_into_id)
        .outerjoin(Team, Team.id == Practitioner.team_id)
        .order_by(Practitioner.id)
    ).all()
    into = {number: merged for number, _, _, merged in rows}
    teams = {number: team or "" for number, _, team, _ in rows}
    found: dict[tuple[str, int], KnownPerson] = {}
    for number, name, _, _ in rows:
        last = number
        while (following := into.get(last)) is not None:
            last = following
        found.setdefault((name_key(name), last), KnownPerson(last, name, teams[last]))
    return list(found.values())


def _known(
    kinds: tuple[FlagKind, ...], told_people: Mapping[str, int], refs: Mapping[int, str]
) -> list[KnownFlag]:
    """Every stored flag, with people named as they would be once the sheet is kept."""
    by_key = {kind.key: kind for kind in kinds}
    rows = db.session.execute(
        select(
            CaseFlag.id,
            CaseFlag.child_id,
            CaseFlag.kind,
            CaseFlag.value,
            CaseFlag.practitioner_id,
            CaseFlag.starts_on,
            CaseFlag.ends_on,
        ).order_by(CaseFlag.id)
    )
    return [
        KnownFlag(
            number,
            child_id,
            refs[child_id],
            by_key[kind],
            value,
            practitioner_id or told_people.get(name_key(value)),
            starts_on,
            ends_on,
        )
        for number, child_id, kind, value, practitioner_id, starts_on, ends_on in rows
        if kind in by_key
    ]


def _write(viewer: Viewer, changes: FlagChanges, upload: CaseFlagUpload, at: datetime) -> None:
    rows = [_row(flag, upload, at) for flag in changes.new]
    for start in range(0, len(rows), AT_ONCE):
        db.session.execute(insert(CaseFlag), rows[start : start + AT_ONCE])
    touched = _loaded(
        [end.flag.flag_id for end in changes.ended] + [one.flag.flag_id for one in changes.dated]
    )
    for end in changes.ended:
        flag = touched[end.flag.flag_id]
        flag.ends_on, flag.end_reason = end.ends_on, end.reason
        flag.ended_at, flag.ended_by_id = at, viewer.user_id
    for dated in changes.dated:
        flag = touched[dated.flag.flag_id]
        flag.starts_on, flag.ends_on = dated.starts_on, dated.ends_on
    db.session.flush()


def _loaded(ids: list[int]) -> dict[int, CaseFlag]:
    """Stored flags by number, many at once."""
    found: dict[int, CaseFlag] = {}
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        found |= {flag.id: flag for flag in db.session.scalars(select(CaseFlag).where(CaseFlag.id.in_(some)))}
    return found


def _row(flag: FlagToKeep, upload: CaseFlagUpload, at: datetime) -> dict[str, object]:
    day = f"{upload.as_at.day} {upload.as_at:%B %Y}"
    return {
        "child_id": flag.child_id,
        "kind": flag.kind.key,
        "value": flag.value,
        "practitioner_id": flag.practitioner_id,
        "reason": flag.reason or f"In the sheet as at {day}.",
        "starts_on": flag.starts_on or min(upload.as_at, flag.ends_on or upload.as_at),
        "ends_on": flag.ends_on,
        "raised_at": at,
        "raised_by_id": upload.uploaded_by_id,
        "upload_id": upload.id,
    }


def _fingerprint(changes: FlagChanges) -> str:
    said = [
        sorted((flag.child_id, flag.kind.key, flag.subject, str(flag.starts_on)) for flag in changes.new),
        sorted((end.flag.flag_id, str(end.ends_on)) for end in changes.ended),
        sorted((one.flag.flag_id, str(one.starts_on), str(one.ends_on)) for one in changes.dated),
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest()
