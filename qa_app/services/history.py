"""Who changed what: every change leaves an entry that nobody can alter."""

import hashlib
import hmac
import json
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.extensions import db
from qa_app.models.history import HistoryDetail, HistoryEntry, HistoryErasure

ENTRY_KIND, ERASED = "history_entry", "words_erased"
LONGEST_REASON = 400
_KEEP_ENTRY = insert(HistoryEntry.__table__).returning(HistoryEntry.__table__.c.id)  # type: ignore[arg-type]
_KEEP_DETAIL = insert(HistoryDetail.__table__)  # type: ignore[arg-type]


def record(
    viewer: Viewer,
    action: str,
    subject_kind: str,
    subject_id: int,
    *,
    at: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> int:
    """Keep that somebody changed something, in the change's own transaction.

    The words go to a detail of their own; the entry holds a salted digest of them, so that an erased detail can't
    be guessed from its digest and a kept one can't be altered unnoticed. Gives the entry's number.
    """
    detail = {"before": before or {}, "after": after or {}}
    salt = secrets.token_hex(16)
    db.session.flush()  # what was changed stands in the database before its entry, and fails before it
    # Two plain statements, not objects of the session: nothing in the program takes more time a write than this.
    entry_id: int | None = db.session.scalar(
        _KEEP_ENTRY,
        {
            "at": at,
            "actor_id": viewer.user_id,
            "action": action,
            "subject_kind": subject_kind,
            "subject_id": subject_id,
            "salt": salt,
            "digest": digest_of(salt, detail),
        },
    )
    assert entry_id is not None
    db.session.execute(_KEEP_DETAIL, {"entry_id": entry_id, **detail})
    return entry_id


def erase_words(viewer: Viewer, entry_id: int, reason: str, *, at: datetime) -> None:
    """Carry out an order to erase the words of one change; that there was a change, and this order, stays.

    Errors: NotFound; Invalid without a reason; Conflict when the words are gone already.
    """
    viewer.require(Permission.MANAGE_USERS)
    said = " ".join(reason.split())
    if not said or len(said) > LONGEST_REASON:
        raise Invalid("reason", f"Say who ordered this and why, in at most {LONGEST_REASON} letters.")
    if db.session.get(HistoryEntry, entry_id) is None:
        raise NotFound(f"The history has no entry {entry_id}.")
    if db.session.get(HistoryDetail, entry_id) is None:
        raise Conflict(f"The words of entry {entry_id} are erased already.")
    db.session.add(
        HistoryErasure(entry_id=entry_id, ordered_at=at, ordered_by_id=viewer.user_id, reason=said)
    )
    db.session.flush()
    db.session.execute(delete(HistoryDetail).where(HistoryDetail.entry_id == entry_id))
    record(viewer, ERASED, ENTRY_KIND, entry_id, at=at)


def digest_of(salt: str, detail: dict[str, Any]) -> str:
    """SHA-256 keyed by the salt over the detail as canonical JSON."""
    text = json.dumps(detail, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(bytes.fromhex(salt), text.encode(), hashlib.sha256).hexdigest()
