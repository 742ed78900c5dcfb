"""Who looked at what, who took an export, who was refused: rows of their own, beside the history of changes."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from qa_app.domain.access import Viewer
from qa_app.models.accounts import UserSession
from qa_app.models.history import AccessEntry


def log_access(
    session: Session,
    viewer: Viewer,
    what: str,
    endpoint: str,
    subject_kind: str,
    subject_id: int | None,
    *,
    at: datetime,
) -> None:
    """Keep that somebody saw or took something, or was refused. `session`: a short transaction of its own."""
    session.add(
        AccessEntry(
            at=at,
            user_id=viewer.user_id,
            what=what,
            endpoint=endpoint,
            subject_kind=subject_kind,
            subject_id=subject_id,
        )
    )


def note_seen(session: Session, session_id: int, at: datetime) -> None:
    """Keep that a sign-in is still in use."""
    session.execute(update(UserSession).where(UserSession.id == session_id).values(last_seen_at=at))
