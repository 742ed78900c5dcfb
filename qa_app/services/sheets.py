"""Sheets that were read and wait to be looked at: kept for their uploader, for a day."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.errors import NotFound
from qa_app.domain.sheets import SheetKind
from qa_app.extensions import db
from qa_app.models.sheets import WaitingSheet

KEPT_FOR = timedelta(hours=24)
LONGEST_FILE_NAME = 200
PERMISSIONS = {
    SheetKind.ORGANISATION: Permission.MANAGE_ORGANISATION,
    SheetKind.CASE_FLAGS: Permission.IMPORT_CASELOAD,
}


def keep_sheet(
    viewer: Viewer,
    kind: SheetKind,
    file_name: str,
    sha256: str,
    content: dict[str, Any],
    *,
    at: datetime,
    as_at: date | None = None,
    replaces: bool = False,
) -> WaitingSheet:
    """Hold what was read from a sheet until its uploader has looked. Those nobody came back to go away.

    Errors: NotAllowed; NotFound where the permission does not reach over the whole service.
    """
    require_whole(viewer, kind)
    db.session.execute(delete(WaitingSheet).where(WaitingSheet.uploaded_at < at - KEPT_FOR))
    sheet = WaitingSheet(
        kind=kind,
        file_name="".join(letter for letter in file_name if letter.isprintable())[-LONGEST_FILE_NAME:]
        or "file",
        file_sha256=sha256,
        as_at=as_at,
        replaces=replaces,
        content=content,
        uploaded_at=at,
        uploaded_by_id=viewer.user_id,
    )
    db.session.add(sheet)
    db.session.flush()
    return sheet


def get_sheet(viewer: Viewer, kind: SheetKind, sheet_id: int, *, at: datetime) -> WaitingSheet:
    """A sheet that waits, for whoever sent it.

    Errors: NotAllowed; NotFound also for somebody else's sheet and one that has been stored, left or is too old.
    """
    require_whole(viewer, kind)
    sheet = db.session.scalar(
        select(WaitingSheet).where(
            WaitingSheet.id == sheet_id,
            WaitingSheet.kind == kind,
            WaitingSheet.uploaded_by_id == viewer.user_id,
            WaitingSheet.uploaded_at >= at - KEPT_FOR,
        )
    )
    if sheet is None:
        raise NotFound("This sheet is no longer waiting: it was stored, left or is a day old. Send it again.")
    return sheet


def answer_sheet(
    viewer: Viewer, kind: SheetKind, sheet_id: int, said: dict[str, str], *, at: datetime
) -> WaitingSheet:
    """Keep what the uploader said about the doubts of a sheet; the sheet itself is not stored yet.

    Errors: NotAllowed, NotFound.
    """
    sheet = get_sheet(viewer, kind, sheet_id, at=at)
    sheet.content = {**sheet.content, "said": {**sheet.content.get("said", {}), **said}}
    return sheet


def drop_sheet(viewer: Viewer, kind: SheetKind, sheet_id: int, *, at: datetime) -> None:
    """Let go of a sheet that waits.

    Errors: NotAllowed, NotFound.
    """
    db.session.delete(get_sheet(viewer, kind, sheet_id, at=at))


def require_whole(viewer: Viewer, kind: SheetKind) -> None:
    """Go on only for somebody whose permission reaches over the whole service, as such a sheet does.

    Errors: NotAllowed, NotFound.
    """
    viewer.require(PERMISSIONS[kind])
    if not viewer.reach(PERMISSIONS[kind]).whole_service:
        raise NotFound
