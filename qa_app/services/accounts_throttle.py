"""Counts what is tried at the door, before its outcome is known, in transactions of their own.

Behind three kinds of keys: an account (for a browser from which its owner has signed in, and apart from that for all
other browsers together, so that strangers can't shut out the owner), and a network address.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from qa_app.domain.sign_in import (
    ACCOUNT_WINDOW,
    SignInRules,
    Tally,
    ThrottleKind,
    count_attempt,
    is_blocked,
)
from qa_app.models.accounts import SignInThrottle


@dataclass(frozen=True, order=True)
class ThrottleKey:
    """One count that an attempt adds to. `mark`: 64 characters that stand for what is counted."""

    kind: ThrottleKind
    mark: str


def take_attempt(
    session: Session,
    keys: Sequence[ThrottleKey],
    rules: SignInRules,
    *,
    user_id: int | None,
    at: datetime,
) -> datetime | None:
    """Count one attempt under every key and let it pass, or count nothing and say until when nothing passes.

    Run in a transaction of its own and before the check itself: of a thousand attempts at once, no more pass than
    the rules allow.
    """
    keys = sorted(set(keys))
    rows = [_locked_row(session, key, at) for key in keys]
    blocked = [row.blocked_until for row in rows if is_blocked(_tally(row), at) and row.blocked_until]
    if blocked:
        return max(blocked)
    for row in rows:
        _store(row, count_attempt(_tally(row), row.kind, rules, at))
        if row.kind is not ThrottleKind.ADDRESS:
            row.user_id = user_id
    return None


def blocked_until(session: Session, keys: Sequence[ThrottleKey], *, at: datetime) -> datetime | None:
    """Until when nothing passes under these keys; read only, so that a flood of refused attempts writes nothing."""
    return session.scalar(
        select(SignInThrottle.blocked_until)
        .where(
            or_(*(_is(key) for key in keys)),
            SignInThrottle.blocked_until > at,
        )
        .order_by(SignInThrottle.blocked_until.desc())
        .limit(1)
    )


def forgive(session: Session, keys: Sequence[ThrottleKey]) -> None:
    """An attempt was right: its account starts from nothing again, and its network address has one attempt back."""
    for key in sorted(set(keys)):
        if key.kind is not ThrottleKind.ADDRESS:
            session.execute(delete(SignInThrottle).where(_is(key)))
            continue
        row = session.scalar(select(SignInThrottle).where(_is(key)).with_for_update())
        if row is not None and row.n_attempts > 0:
            row.n_attempts -= 1


def forget_attempts(session: Session, user_id: int) -> None:
    """Open an account that wrong attempts had locked, for every browser."""
    session.execute(delete(SignInThrottle).where(SignInThrottle.user_id == user_id))


def purge_attempts(session: Session, *, at: datetime) -> None:
    """Remove counts that no longer matter."""
    session.execute(
        delete(SignInThrottle).where(
            SignInThrottle.window_started_at < at - 2 * ACCOUNT_WINDOW,
            or_(
                SignInThrottle.blocked_until.is_(None),
                SignInThrottle.blocked_until < at - timedelta(minutes=1),
            ),
        )
    )


def _is(key: ThrottleKey) -> Any:
    return (SignInThrottle.kind == key.kind) & (SignInThrottle.key_sha256 == key.mark)


def _make_row(session: Session, key: ThrottleKey, at: datetime) -> None:
    # Two first attempts at once: one makes the row, the other finds it.
    kind = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(
        kind.insert(SignInThrottle)
        .values(kind=key.kind, key_sha256=key.mark, n_attempts=0, window_started_at=at, n_blocks=0)
        .on_conflict_do_nothing()
    )


def _locked_row(session: Session, key: ThrottleKey, at: datetime) -> SignInThrottle:
    while True:
        _make_row(session, key, at)
        row = session.scalar(
            select(SignInThrottle).where(_is(key)).with_for_update().execution_options(populate_existing=True)
        )
        if row is not None:  # or a right attempt has just forgiven the earlier ones, and the row is made anew
            return row


def _tally(row: SignInThrottle) -> Tally:
    return Tally(row.n_attempts, row.window_started_at, row.blocked_until, row.n_blocks)


def _store(row: SignInThrottle, tally: Tally) -> None:
    row.n_attempts, row.n_blocks = tally.n_attempts, tally.n_blocks
    row.window_started_at, row.blocked_until = tally.window_started_at, tally.blocked_until
