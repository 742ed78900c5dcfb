"""Who looked at what, who took an export, who was refused: rows of their own, beside the history of changes."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from qa_app.domain.access import Viewer
from qa_app.models.accounts import UserSession
from qa_app.models.history import AccessEntry

VIEWED, EXPORTED, DENIED, NOT_FOUND = "view", "export", "refused", "not found"
SIGNED_IN, RENEWED, SIGNED_OUT, SIGN_IN_REFUSED = "signed in", "renewed", "signed out", "sign-in refused"


def log_access(
    session: Session,
    viewer: Viewer | None,
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
            user_id=viewer.user_id if viewer is not None else None,
            what=what,
            endpoint=endpoint[:120],
            subject_kind=subject_kind,
            subject_id=subject_id,
        )
    )


def log_sign_in(session: Session, token_sha256: str, what: str, endpoint: str, *, at: datetime) -> None:
    """Keep that a sign-in began, by the account whose it is."""
    user_id = session.scalar(select(UserSession.user_id).where(UserSession.token_sha256 == token_sha256))
    session.add(AccessEntry(at=at, user_id=user_id, what=what, endpoint=endpoint[:120]))


def log_refused_account(session: Session, user_id: int | None, endpoint: str, *, at: datetime) -> None:
    """Keep that a sign-in was refused: to whose account, where there is one of that address."""
    session.add(AccessEntry(at=at, user_id=user_id, what=SIGN_IN_REFUSED, endpoint=endpoint[:120]))


def note_seen(session: Session, session_id: int, at: datetime) -> None:
    """Keep that a sign-in is still in use."""
    session.execute(update(UserSession).where(UserSession.id == session_id).values(last_seen_at=at))
