"""Sign-ins that are long over, cleared away; with them steps never finished, and attempts that count no more."""

from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import CursorResult, delete, or_
from sqlalchemy.orm import Session

from qa_app.models.accounts import SignInStep, UserSession
from qa_app.services.accounts_throttle import purge_attempts

KEPT_DAYS = 30


def purge_sessions(session: Session, *, at: datetime) -> int:
    """Remove sign-ins that ended, or were last used, more than 30 days ago; gives how many."""
    before = at - timedelta(days=KEPT_DAYS)
    session.execute(delete(SignInStep).where(SignInStep.created_at < at - timedelta(days=1)))
    purge_attempts(session, at=at)
    result = session.execute(
        delete(UserSession).where(or_(UserSession.ended_at < before, UserSession.last_seen_at < before))
    )
    return cast(CursorResult[tuple[()]], result).rowcount
