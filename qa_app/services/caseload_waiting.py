"""Uploads that wait until their sender has seen what was read: kept for a day, stored on their word, or thrown away."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.caseload import CaseloadExtract
from qa_app.domain.caseload_comparison import ListChange
from qa_app.domain.errors import Invalid, NotAllowed, NotFound
from qa_app.extensions import db
from qa_app.models.caseload import CaseloadImport
from qa_app.models.waiting_uploads import WaitingUpload
from qa_app.queries.caseload_comparison import falls_against_last
from qa_app.services.caseload import refuse_repeated, store_extract

KEPT_FOR = timedelta(hours=24)


def keep_waiting(viewer: Viewer, as_at: date, sha256: str, reading: bytes, *, at: datetime) -> WaitingUpload:
    """Keep what was read until its sender has looked at it. The same files sent again take the place of the first.

    `reading` is the packed extract; the files themselves are not kept.

    Errors: NotAllowed, also for whoever is no user; Conflict when the same files were stored before for this day.
    """
    viewer.require(Permission.IMPORT_CASELOAD)
    if viewer.user_id is None:
        raise NotAllowed("An upload waits for the person who sent it. Sign in to send the lists.")
    refuse_repeated(viewer, as_at, sha256)
    purge_waiting(db.session(), at=at)
    db.session.execute(
        delete(WaitingUpload).where(
            WaitingUpload.uploaded_by_id == viewer.user_id, WaitingUpload.file_sha256 == sha256
        )
    )
    waiting = WaitingUpload(
        as_at=as_at,
        file_sha256=sha256,
        uploaded_by_id=viewer.user_id,
        uploaded_at=at,
        expires_at=at + KEPT_FOR,
        reading=reading,
    )
    db.session.add(waiting)
    db.session.flush()
    return waiting


def store_waiting(
    viewer: Viewer, waiting_id: int, extract: CaseloadExtract, *, accepts_falls: bool, at: datetime
) -> CaseloadImport:
    """Store what waited, on the word of its sender. `extract` is what was packed in it.

    Errors: NotAllowed; NotFound for somebody else's upload or one that was thrown away; Conflict when it was stored
    before; Invalid when a list fell by a fifth and nobody said that this is right.
    """
    waiting = _own(viewer, waiting_id, at)
    fallen = refuse_falls(viewer, extract, accepts_falls=accepts_falls)
    stored = store_extract(
        viewer,
        extract,
        waiting.file_sha256,
        accepted_falls=[change.number for change in fallen],
        at=at,
    )
    db.session.delete(waiting)
    return stored


def discard_waiting(viewer: Viewer, waiting_id: int, *, at: datetime) -> None:
    """Throw away what waited; nothing of it was stored.

    Errors: NotAllowed; NotFound as for storing.
    """
    db.session.delete(_own(viewer, waiting_id, at))


def refuse_falls(viewer: Viewer, extract: CaseloadExtract, *, accepts_falls: bool) -> tuple[ListChange, ...]:
    """Go on only if no list fell by a fifth since the last import, or somebody says that it is right; gives the falls.

    Errors: Invalid, which names every list that fell.
    """
    fallen = falls_against_last(viewer, extract.as_at, extract.counts.rows_by_list)
    if fallen and not accepts_falls:
        raise Invalid("accepts_falls", falls_in_words(fallen))
    return fallen


def falls_in_words(fallen: Sequence[ListChange]) -> str:
    """The lists that fell, in one sentence with what to do."""
    lists = "; ".join(
        f"List {one.number} had {one.n_before:,} rows and has {one.n_now:,} now" for one in fallen
    )
    return f"Less than at the last import by a fifth or more: {lists}. Check the export, or say that this is right."


def purge_waiting(session: Session, *, at: datetime) -> None:
    """Throw away every upload that nobody stored in time."""
    session.execute(delete(WaitingUpload).where(WaitingUpload.expires_at <= at))


def _own(viewer: Viewer, waiting_id: int, at: datetime) -> WaitingUpload:
    viewer.require(Permission.IMPORT_CASELOAD)
    found = db.session.scalar(
        select(WaitingUpload)
        .where(
            WaitingUpload.id == waiting_id,
            WaitingUpload.uploaded_by_id == viewer.user_id,
            WaitingUpload.expires_at > at,
        )
        .with_for_update()
    )
    if found is None:
        raise NotFound
    return found
