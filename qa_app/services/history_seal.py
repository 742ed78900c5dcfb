"""The seal over the history: a chain of hashes that shows any entry altered, taken out or put in."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from qa_app.models.history import HistoryDetail, HistoryEntry, HistoryErasure, HistorySeal
from qa_app.services.history import digest_of

FIRST = "0" * 64
ADVISORY_LOCK = 7_302_016
"""The lock by which only one sealer at a time extends the chain on PostgreSQL."""


@dataclass(frozen=True)
class HistoryCheck:
    """What a walk over the whole chain found. `faults` is empty when nothing was altered."""

    entries: int
    sealed: int
    unsealed: int
    oldest_unsealed_seconds: int
    erased: int
    head: str
    faults: list[str] = field(default_factory=list)


def seal_history(session: Session, *, most: int = 5000) -> int:
    """Extend the chain over the entries that are not sealed yet; gives how many were sealed.

    Run in a short transaction of its own. On PostgreSQL a second sealer finds the lock taken and does nothing; on
    SQLite the write lock is enough.
    """
    if session.get_bind().dialect.name == "postgresql":
        got = session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        if not got:
            return 0
    last = session.execute(
        select(HistorySeal.seq, HistorySeal.hash).order_by(HistorySeal.seq.desc()).limit(1)
    ).first()
    seq, head = (last[0], last[1]) if last else (0, FIRST)
    waiting = session.scalars(
        select(HistoryEntry)
        .outerjoin(HistorySeal, HistorySeal.entry_id == HistoryEntry.id)
        .where(HistorySeal.entry_id.is_(None))
        .order_by(HistoryEntry.id)
        .limit(most)
    ).all()
    for entry in waiting:
        seq += 1
        head = link_hash(head, seq, entry)
        session.add(HistorySeal(seq=seq, entry_id=entry.id, hash=head))
    session.flush()
    return len(waiting)


def link_hash(before: str, seq: int, entry: HistoryEntry) -> str:
    """The hash of one link: over the link before it and everything that the entry says."""
    said = [
        before,
        seq,
        entry.id,
        entry.at.isoformat(),
        entry.actor_id,
        entry.action,
        entry.subject_kind,
        entry.subject_id,
        entry.salt,
        entry.digest,
    ]
    return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode()).hexdigest()


def check_history(session: Session, *, at: datetime) -> HistoryCheck:
    """Walk the whole chain: is every entry as it was sealed, and are its words as they were?"""
    faults: list[str] = []
    erased = set(session.scalars(select(HistoryErasure.entry_id)))
    head, expected_seq, n_sealed = FIRST, 0, 0
    rows = session.execute(
        select(HistorySeal, HistoryEntry)
        .outerjoin(HistoryEntry, HistoryEntry.id == HistorySeal.entry_id)
        .order_by(HistorySeal.seq)
    )
    for seal, entry in rows:
        expected_seq += 1
        n_sealed += 1
        if seal.seq != expected_seq:
            faults.append(f"Seal {expected_seq} is missing: the chain goes on with {seal.seq}.")
            expected_seq = seal.seq
        if entry is None:
            faults.append(f"Entry {seal.entry_id}, sealed as {seal.seq}, is gone.")
        elif link_hash(head, seal.seq, entry) != seal.hash:
            faults.append(f"Entry {entry.id}, sealed as {seal.seq}, is not as it was sealed.")
        head = seal.hash
    details = session.execute(
        select(HistoryEntry, HistoryDetail).outerjoin(
            HistoryDetail, HistoryDetail.entry_id == HistoryEntry.id
        )
    )
    n_entries = 0
    for entry, detail in details:
        n_entries += 1
        if detail is None:
            if entry.id not in erased:
                faults.append(f"The words of entry {entry.id} are gone without an order to erase them.")
        elif digest_of(entry.salt, {"before": detail.before, "after": detail.after}) != entry.digest:
            faults.append(f"The words of entry {entry.id} are not as they were recorded.")
    oldest = session.scalar(
        select(func.min(HistoryEntry.at))
        .outerjoin(HistorySeal, HistorySeal.entry_id == HistoryEntry.id)
        .where(HistorySeal.entry_id.is_(None))
    )
    return HistoryCheck(
        entries=n_entries,
        sealed=n_sealed,
        unsealed=n_entries - n_sealed,
        oldest_unsealed_seconds=max(0, int((at - oldest).total_seconds())) if oldest else 0,
        erased=len(erased),
        head=head if n_sealed else "",
        faults=faults,
    )
