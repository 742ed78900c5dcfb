"""Who changed what: every change leaves an entry that nobody can alter."""

import hashlib
import hmac
import json
import secrets
from datetime import datetime
from typing import Any

from qa_app.domain.access import Viewer
from qa_app.extensions import db
from qa_app.models.history import HistoryDetail, HistoryEntry


def record(
    viewer: Viewer,
    action: str,
    subject_kind: str,
    subject_id: int,
    *,
    at: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> HistoryEntry:
    """Keep that somebody changed something, in the change's own transaction.

    The words go to a detail of their own; the entry holds a salted digest of them, so that an erased detail can't
    be guessed from its digest and a kept one can't be altered unnoticed.
    """
    detail = {"before": before or {}, "after": after or {}}
    salt = secrets.token_hex(16)
    entry = HistoryEntry(
        at=at,
        actor_id=viewer.user_id,
        action=action,
        subject_kind=subject_kind,
        subject_id=subject_id,
        salt=salt,
        digest=digest_of(salt, detail),
    )
    db.session.add(entry)
    db.session.flush()
    db.session.add(HistoryDetail(entry_id=entry.id, **detail))
    return entry


def digest_of(salt: str, detail: dict[str, Any]) -> str:
    """SHA-256 keyed by the salt over the detail as canonical JSON."""
    text = json.dumps(detail, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(bytes.fromhex(salt), text.encode(), hashlib.sha256).hexdigest()
