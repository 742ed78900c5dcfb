"""Uploads that wait until their sender has seen what was read."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.errors import NotFound
from qa_app.extensions import db
from qa_app.models.waiting_uploads import WaitingUpload


@dataclass(frozen=True)
class WaitingLine:
    """One upload of the viewer that waits."""

    waiting_id: int
    as_at: date
    uploaded_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Waiting:
    """One upload that waits, with what was read, packed."""

    line: WaitingLine
    file_sha256: str
    reading: bytes


def list_waiting(viewer: Viewer, at: datetime) -> tuple[WaitingLine, ...]:
    """The viewer's own uploads that wait, newest first.

    Errors: NotAllowed.
    """
    viewer.require(Permission.IMPORT_CASELOAD)
    rows = db.session.execute(
        select(WaitingUpload.id, WaitingUpload.as_at, WaitingUpload.uploaded_at, WaitingUpload.expires_at)
        .where(WaitingUpload.uploaded_by_id == viewer.user_id, WaitingUpload.expires_at > at)
        .order_by(WaitingUpload.uploaded_at.desc(), WaitingUpload.id.desc())
    )
    return tuple(WaitingLine(*row) for row in rows)


def get_waiting(viewer: Viewer, waiting_id: int, at: datetime) -> Waiting:
    """One upload that waits, for its sender alone.

    Errors: NotAllowed; NotFound for somebody else's, and for one that was stored or thrown away.
    """
    viewer.require(Permission.IMPORT_CASELOAD)
    one = db.session.scalar(
        select(WaitingUpload).where(
            WaitingUpload.id == waiting_id,
            WaitingUpload.uploaded_by_id == viewer.user_id,
            WaitingUpload.expires_at > at,
        )
    )
    if one is None:
        raise NotFound
    return Waiting(
        WaitingLine(one.id, one.as_at, one.uploaded_at, one.expires_at), one.file_sha256, one.reading
    )
