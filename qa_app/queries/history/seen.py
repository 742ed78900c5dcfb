"""Who looked at what, who took an export, who signed in, who was refused: the access log, searched."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.keyset import Place
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.history import AccessEntry
from qa_app.queries.history.names import titles_of
from qa_app.queries.history.search import Asked, require_whole

ON_A_PAGE = 50
NOBODY_KNOWN = "Nobody signed in"
WHAT_WORDS = {
    "view": "looked at",
    "export": "took a file of",
    "refused": "was refused",
    "not found": "asked for what is not there for them",
    "signed in": "signed in",
    "renewed": "went on under a fresh sign-in",
    "signed out": "signed out",
    "sign-in refused": "sign-in refused",
}
"""What the log keeps, in words."""


@dataclass(frozen=True)
class SeenEntry:
    """One line of the access log."""

    entry_id: int
    at: datetime
    who: str
    what: str
    words: str
    kind: str
    subject_id: int | None
    record: str
    page: str


@dataclass(frozen=True)
class SeenPage:
    """One page of the access log, newest first."""

    entries: tuple[SeenEntry, ...]
    older: Place | None


def find_views(
    viewer: Viewer, asked: Asked, *, before: Place | None = None, most: int = ON_A_PAGE
) -> SeenPage:
    """Lines of the access log, newest first; `asked.action` is one of `WHAT_WORDS`.

    Errors: NotAllowed for anybody whose role does not reach the whole service.
    """
    require_whole(viewer, Permission.SEE_ACCESS_LOG)
    rows = db.session.execute(views_statement(asked, before, most + 1)).all()
    shown = rows[:most]
    titles = titles_of((row.subject_kind, row.subject_id) for row in shown if row.subject_id is not None)
    last = shown[-1] if len(rows) > most else None
    return SeenPage(
        tuple(
            SeenEntry(
                row.id,
                row.at,
                row.name or NOBODY_KNOWN,
                row.what,
                WHAT_WORDS.get(row.what, row.what),
                row.subject_kind,
                row.subject_id,
                titles.get((row.subject_kind, row.subject_id), ""),
                row.endpoint,
            )
            for row in shown
        ),
        Place(last.at, last.id) if last else None,
    )


def views_statement(asked: Asked, before: Place | None, most: int) -> Select[*tuple[Any, ...]]:
    """The statement behind the access log."""
    statement = (
        select(
            AccessEntry.id,
            AccessEntry.at,
            User.name,
            AccessEntry.what,
            AccessEntry.subject_kind,
            AccessEntry.subject_id,
            AccessEntry.endpoint,
        )
        .outerjoin(User, User.id == AccessEntry.user_id)
        .order_by(AccessEntry.at.desc(), AccessEntry.id.desc())
        .limit(most)
    )
    if asked.user_id is not None:
        statement = statement.where(AccessEntry.user_id == asked.user_id)
    if asked.by_system:
        statement = statement.where(AccessEntry.user_id.is_(None))
    if asked.action:
        statement = statement.where(AccessEntry.what == asked.action)
    if asked.kind:
        statement = statement.where(AccessEntry.subject_kind == asked.kind)
    if asked.subject_id is not None:
        statement = statement.where(AccessEntry.subject_id == asked.subject_id)
    if asked.since is not None:
        statement = statement.where(AccessEntry.at >= asked.since)
    if asked.until is not None:
        statement = statement.where(AccessEntry.at < asked.until)
    if before is not None:
        statement = statement.where(
            AccessEntry.at <= before.at,
            or_(
                AccessEntry.at < before.at,
                and_(AccessEntry.at == before.at, AccessEntry.id < before.number),
            ),
        )
    return statement
