"""The seal over the history: a chain of hashes that shows any entry altered, taken out or put in.

Nobody who records a change waits for the chain: entries are written first, and a sealer extends the chain over them
a second or so later, in a short transaction of its own.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from qa_app.models.history import HistoryEntry, HistorySeal

FIRST = "0" * 64
ADVISORY_LOCK = 7_302_016
"""The lock by which only one sealer at a time extends the chain on PostgreSQL."""
LATE = 5_000
"""How many numbers behind the newest sealed entry are looked through each time for entries committed late.

On PostgreSQL a long transaction (an upload) holds its entries' numbers while others are sealed. Looking through all
entries each second would cost more with every year; a thorough pass now and then finds what is later than this.
"""
COLUMNS = (
    HistoryEntry.id,
    HistoryEntry.at,
    HistoryEntry.actor_id,
    HistoryEntry.action,
    HistoryEntry.subject_kind,
    HistoryEntry.subject_id,
    HistoryEntry.salt,
    HistoryEntry.digest,
)
"""What a link of the chain covers, in this order."""


def is_anything_unsealed(session: Session, *, thorough: bool = False) -> bool:
    """Whether an entry waits for its seal. Reads only, so that a sealer with nothing to do blocks nobody."""
    return bool(_waiting(session, 1, thorough))


def seal_history(session: Session, *, most: int = 1000, thorough: bool = False) -> int:
    """Extend the chain over the entries that are not sealed yet; gives how many were sealed.

    Run in a short transaction of its own. On PostgreSQL a second sealer finds the lock taken and does nothing; on
    SQLite the write lock is enough. `thorough` looks through all entries, not only the newest.
    """
    if session.get_bind().dialect.name == "postgresql":
        got = session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        if not got:
            return 0
    seq, head = chain_head(session)
    links = []
    for row in _waiting(session, most, thorough):
        seq += 1
        head = link_hash(head, seq, row)
        links.append({"seq": seq, "entry_id": row[0], "hash": head})
    if links:
        session.execute(insert(HistorySeal), links)
    return len(links)


def chain_head(session: Session) -> tuple[int, str]:
    """The newest link of the chain: its number and its hash; 0 and noughts when nothing is sealed yet."""
    last = session.execute(
        select(HistorySeal.seq, HistorySeal.hash).order_by(HistorySeal.seq.desc()).limit(1)
    ).first()
    return (last[0], last[1]) if last else (0, FIRST)


def link_hash(before: str, seq: int, said: Sequence[object]) -> str:
    """The hash of one link: over the link before it and everything that the entry says (`COLUMNS`)."""
    parts = [part.isoformat() if isinstance(part, datetime) else part for part in said]
    return hashlib.sha256(json.dumps([before, seq, *parts], separators=(",", ":")).encode()).hexdigest()


def _waiting(session: Session, most: int, thorough: bool) -> list[tuple[Any, ...]]:
    statement = (
        select(*COLUMNS)
        .outerjoin(HistorySeal, HistorySeal.entry_id == HistoryEntry.id)
        .where(HistorySeal.entry_id.is_(None))
        .order_by(HistoryEntry.id)
        .limit(most)
    )
    if not thorough:
        newest = session.scalar(select(func.max(HistorySeal.entry_id))) or 0
        # SQLite hands out numbers in the order of the commits: nothing there is ever late.
        late = 0 if session.get_bind().dialect.name == "sqlite" else LATE
        statement = statement.where(HistoryEntry.id > newest - late)
    return [tuple(row) for row in session.execute(statement)]
