"""Sign-ins that are long over, cleared away."""

from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import CursorResult, delete, or_
from sqlalchemy.orm import Session

from qa_app.models.accounts import UserSession

KEPT_DAYS = 30


def purge_sessions(session: Session, *, at: datetime) -> int:
    """Remove sign-ins that ended, or were last used, more than 30 days ago; gives how many."""
    before = at - timedelta(days=KEPT_DAYS)
    result = session.execute(
        delete(UserSession).where(or_(UserSession.ended_at < before, UserSession.last_seen_at < before))
    )
    return cast(CursorResult[tuple[()]], result).rowcount
