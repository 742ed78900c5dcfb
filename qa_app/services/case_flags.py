"""Raising and ending flags on a child's case by hand, and the kinds of flag that the council uses."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select, update

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.case_flags import (
    LONGEST_LABEL,
    LONGEST_REASON,
    LONGEST_VALUE,
    FlagKind,
    FlagValue,
    kind_named,
    new_key,
    subject_of,
)
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.extensions import db
from qa_app.models.caseload import CaseFlag, CaseFlagKind, Child
from qa_app.models.organisation import Practitioner
from qa_app.queries.case_flags import get_kind, list_kinds
from qa_app.services import history

EARLIEST = date(1990, 1, 1)


def raise_flag(
    viewer: Viewer,
    child_id: int,
    kind_key: str,
    starts_on: date,
    reason: str,
    *,
    at: datetime,
    value: str = "",
    practitioner_id: int | None = None,
) -> CaseFlag:
    """Raise a flag on one child from a day on. Of a kind that is one at a time, the one before it ends.

    Errors: NotAllowed, NotFound; Invalid for a kind not in use, a missing reason, group or person, and a day that
    cannot be meant; Conflict when the same flag holds already.
    """
    _require_whole(viewer)
    if db.session.get(Child, child_id) is None:
        raise NotFound
    kind = next((one for one in list_kinds(viewer) if one.key == kind_key and one.is_in_use), None)
    if kind is None:
        raise Invalid("kind", "Flag: choose one of the kinds that are in use.")
    value, practitioner_id = _what_it_says(kind, value, practitioner_id)
    why = _reason(reason, "reason", "Reason: say why, so that others know what it rests on.")
    if not starts_on >= EARLIEST:
        raise Invalid("starts_on", "From: this day is too long ago. Check the year.")
    subject = subject_of(kind.value_kind, value, practitioner_id)
    for other in _running(child_id, kind_key, starts_on):
        if subject_of(kind.value_kind, other.value, other.practitioner_id) == subject:
            raise Conflict(
                f"{kind.label} holds for this child already, since {other.starts_on:%d/%m/%Y}. "
                "End that one first if it begins anew."
            )
        if kind.one_at_a_time:
            _end(viewer, other, max(starts_on, other.starts_on), "Another one followed.", at)
    flag = CaseFlag(
        child_id=child_id,
        kind=kind_key,
        value=value,
        practitioner_id=practitioner_id,
        reason=why,
        starts_on=starts_on,
        raised_at=at,
        raised_by_id=viewer.user_id,
    )
    db.session.add(flag)
    db.session.flush()
    history.record(viewer, "case_flag.raised", "case_flag", flag.id, at=at, after=_flag_words(flag))
    return flag


def end_flag(viewer: Viewer, flag_id: int, ends_on: date, reason: str, *, at: datetime) -> CaseFlag:
    """End a flag: from that day on it no longer holds. It stays on the child's page.

    Errors: NotAllowed, NotFound; Invalid without a reason or for a day before its start; Conflict when it has ended.
    """
    _require_whole(viewer)
    flag = db.session.get(CaseFlag, flag_id)
    if flag is None:
        raise NotFound
    if flag.ends_on is not None and flag.ends_on <= ends_on:
        raise Conflict(f"This flag ended on {flag.ends_on:%d/%m/%Y} already.")
    if ends_on < flag.starts_on:
        raise Invalid("ends_on", f"It began on {flag.starts_on:%d/%m/%Y}: give that day or a later one.")
    why = _reason(reason, "end_reason", "Reason: say why it ends, so that others know what it rests on.")
    _end(viewer, flag, ends_on, why, at)
    return flag


def add_kind(
    viewer: Viewer, label: str, value_kind: FlagValue, excludes: bool, *, at: datetime
) -> CaseFlagKind:
    """Add a kind of flag of the council's own.

    Errors: NotAllowed; NotFound beyond the whole service; Invalid for a label that is missing, too long or taken.
    """
    _require_whole(viewer)
    kinds = list_kinds(viewer)
    words = _free_label(label, kinds)
    row = CaseFlagKind(
        key=new_key(words, (kind.key for kind in kinds)),
        label=words,
        value_kind=value_kind,
        excludes=excludes,
        spellings=[],
        added_at=at,
        added_by_id=viewer.user_id,
    )
    db.session.add(row)
    db.session.flush()
    history.record(viewer, "case_flag_kind.added", "case_flag_kind", row.id, at=at, after=_kind_words(row))
    return row


def change_kind(
    viewer: Viewer, key: str, label: str, excludes: bool, is_in_use: bool, *, at: datetime
) -> CaseFlagKind:
    """Say how a kind is called, whether it leaves a child out of a draw, and whether it is used.

    What it says beside being there (nothing, a group, a person) stays as it is: flags rest on it.
    Errors: as for adding one; NotFound for a kind that is not there.
    """
    _require_whole(viewer)
    kind = get_kind(viewer, key)
    words = _free_label(label, [one for one in list_kinds(viewer) if one.key != key])
    row = _row_of(viewer, kind, at)
    before = _kind_words(row)
    row.label, row.excludes, row.is_in_use = words, excludes, is_in_use
    if _kind_words(row) != before:
        history.record(
            viewer,
            "case_flag_kind.changed",
            "case_flag_kind",
            row.id,
            at=at,
            before=before,
            after=_kind_words(row),
        )
    return row


def remember_spelling(viewer: Viewer, key: str, words: str, *, at: datetime) -> None:
    """Read other words of a sheet as this kind from now on.

    Errors: NotAllowed, NotFound.
    """
    _require_whole(viewer)
    kind = get_kind(viewer, key)
    if kind_named(words, [kind]) is None:
        row = _row_of(viewer, kind, at)
        row.spellings = [*row.spellings, words]
        db.session.flush()


def name_officer(viewer: Viewer, name: str, practitioner_id: int, *, at: datetime) -> int:
    """Say which practitioner a name on flags is; gives how many flags that named nobody known now name them.

    Errors: NotAllowed; NotFound also for a practitioner that is not there.
    """
    _require_whole(viewer)
    person = db.session.get(Practitioner, practitioner_id)
    if person is None or person.merged_into_id is not None:
        raise NotFound
    keys = [kind.key for kind in list_kinds(viewer) if kind.value_kind is FlagValue.PRACTITIONER]
    wanted = (
        CaseFlag.kind.in_(keys),
        CaseFlag.practitioner_id.is_(None),
        func.lower(CaseFlag.value) == name.lower(),
    )
    ids = list(db.session.scalars(select(CaseFlag.id).where(*wanted)))
    if ids:
        db.session.execute(update(CaseFlag).where(*wanted).values(practitioner_id=practitioner_id))
        history.record(
            viewer,
            "case_flag.officer_named",
            "practitioner",
            practitioner_id,
            at=at,
            after={"name": name, "flags": ids},
        )
    return len(ids)


def _running(child_id: int, kind_key: str, starts_on: date) -> list[CaseFlag]:
    """Flags of the child and kind that hold on the day, or would begin after it."""
    return list(
        db.session.scalars(
            select(CaseFlag)
            .where(
                CaseFlag.child_id == child_id,
                CaseFlag.kind == kind_key,
                or_(CaseFlag.ends_on.is_(None), CaseFlag.ends_on > starts_on),
            )
            .order_by(CaseFlag.id)
        )
    )


def _end(viewer: Viewer, flag: CaseFlag, ends_on: date, why: str, at: datetime) -> None:
    before = _flag_words(flag)
    flag.ends_on, flag.end_reason = ends_on, why
    flag.ended_at, flag.ended_by_id = at, viewer.user_id
    history.record(
        viewer, "case_flag.ended", "case_flag", flag.id, at=at, before=before, after=_flag_words(flag)
    )


def _what_it_says(kind: FlagKind, value: str, practitioner_id: int | None) -> tuple[str, int | None]:
    words = " ".join(value.split())
    if kind.value_kind is FlagValue.NOTHING:
        return "", None
    if kind.value_kind is FlagValue.PRACTITIONER:
        person = db.session.get(Practitioner, practitioner_id) if practitioner_id is not None else None
        if person is None or person.merged_into_id is not None:
            raise Invalid("practitioner", f"{kind.label}: choose the person from the list.")
        return person.name, person.id
    if not words or len(words) > LONGEST_VALUE:
        raise Invalid(
            "value", f"{kind.label}: give the group's name or number, {LONGEST_VALUE} characters at most."
        )
    return words, None


def _reason(reason: str, field: str, missing: str) -> str:
    words = reason.strip()
    if not words:
        raise Invalid(field, missing)
    if len(words) > LONGEST_REASON:
        raise Invalid(field, f"Reason: shorten it to {LONGEST_REASON} characters.")
    return words


def _free_label(label: str, kinds: list[FlagKind] | tuple[FlagKind, ...]) -> str:
    words = " ".join(label.split())
    if not words:
        raise Invalid("label", "Name: say how the flag is called.")
    if len(words) > LONGEST_LABEL:
        raise Invalid("label", f"Name: shorten it to {LONGEST_LABEL} characters.")
    taken = kind_named(words, kinds)
    if taken is not None:
        raise Invalid(
            "label", f"Name: {taken.label} is called so or means this already. Choose another name."
        )
    return words


def _row_of(viewer: Viewer, kind: FlagKind, at: datetime) -> CaseFlagKind:
    """The council's row of a kind, made when it first says something about one that came with the system."""
    row = db.session.scalar(select(CaseFlagKind).where(CaseFlagKind.key == kind.key))
    if row is None:
        row = CaseFlagKind(
            key=kind.key,
            label=kind.label,
            value_kind=kind.value_kind,
            excludes=kind.excludes,
            is_in_use=kind.is_in_use,
            spellings=[],
            added_at=at,
            added_by_id=viewer.user_id,
        )
        db.session.add(row)
        db.session.flush()
    return row


def _require_whole(viewer: Viewer) -> None:
    viewer.require(Permission.IMPORT_CASELOAD)
    if not viewer.reach(Permission.IMPORT_CASELOAD).whole_service:
        raise NotFound


def _flag_words(flag: CaseFlag) -> dict[str, Any]:
    return {
        "child_id": flag.child_id,
        "kind": flag.kind,
        "value": flag.value,
        "practitioner_id": flag.practitioner_id,
        "starts_on": flag.starts_on.isoformat(),
        "ends_on": flag.ends_on.isoformat() if flag.ends_on else None,
        "reason": flag.reason,
        "end_reason": flag.end_reason,
    }


def _kind_words(row: CaseFlagKind) -> dict[str, Any]:
    return {"label": row.label, "excludes": row.excludes, "is_in_use": row.is_in_use}
