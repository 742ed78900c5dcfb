"""The whole history, searched: who, what, which record, when. As fast at a million entries as at a hundred."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.errors import NotAllowed
from qa_app.domain.history_words import (
    ChangeLine,
    change_lines,
    did_words,
    kind_words,
    numbered_keys,
)
from qa_app.domain.keyset import Place
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.history import HistoryDetail, HistoryEntry
from qa_app.queries.history.names import THE_SYSTEM, names_of, titles_of

ON_A_PAGE = 50


@dataclass(frozen=True)
class Asked:
    """What is searched for; what is not given narrows nothing. `since` and `until`: until is not included."""

    user_id: int | None = None
    by_system: bool = False
    action: str = ""
    kind: str = ""
    subject_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class FoundEntry:
    """One entry found. `changes` is empty where the words tell of a child: those are read on the record itself."""

    entry_id: int
    at: datetime
    who: str
    user_id: int | None
    did: str
    kind: str
    subject_id: int
    record: str
    changes: tuple[ChangeLine, ...]
    is_withheld: bool


@dataclass(frozen=True)
class FoundPage:
    """One page of what was found, newest first."""

    entries: tuple[FoundEntry, ...]
    older: Place | None


def find_entries(
    viewer: Viewer, asked: Asked, *, before: Place | None = None, most: int = ON_A_PAGE
) -> FoundPage:
    """Entries of the history, newest first. What was changed in a review or a finding is not told here.

    Errors: NotAllowed for anybody who reads the history of a part of the service only.
    """
    require_whole(viewer, Permission.SEE_HISTORY)
    rows = db.session.execute(search_statement(asked, before, most + 1)).all()
    shown = rows[:most]
    names = names_of(
        pair
        for row in shown
        if not kind_words(row.subject_kind).about_children
        for pair in numbered_keys(row.before or {}, row.after or {})
    )
    titles = titles_of((row.subject_kind, row.subject_id) for row in shown)
    last = shown[-1] if len(rows) > most else None
    return FoundPage(
        tuple(_found(row, names, titles) for row in shown), Place(last.at, last.id) if last else None
    )


def search_statement(asked: Asked, before: Place | None, most: int) -> Select[*tuple[Any, ...]]:
    """The statement behind the search: always from the newest on, along the index of what was asked for."""
    statement = (
        select(
            HistoryEntry.id,
            HistoryEntry.at,
            HistoryEntry.actor_id,
            User.name,
            HistoryEntry.action,
            HistoryEntry.subject_kind,
            HistoryEntry.subject_id,
            HistoryDetail.before,
            HistoryDetail.after,
        )
        .outerjoin(User, User.id == HistoryEntry.actor_id)
        .outerjoin(HistoryDetail, HistoryDetail.entry_id == HistoryEntry.id)
        .order_by(HistoryEntry.at.desc(), HistoryEntry.id.desc())
        .limit(most)
    )
    if asked.user_id is not None:
        statement = statement.where(HistoryEntry.actor_id == asked.user_id)
    if asked.by_system:
        statement = statement.where(HistoryEntry.actor_id.is_(None))
    if asked.action:
        statement = statement.where(HistoryEntry.action == asked.action)
    if asked.kind:
        statement = statement.where(HistoryEntry.subject_kind == asked.kind)
    if asked.subject_id is not None:
        statement = statement.where(HistoryEntry.subject_id == asked.subject_id)
    if asked.since is not None:
        statement = statement.where(HistoryEntry.at >= asked.since)
    if asked.until is not None:
        statement = statement.where(HistoryEntry.at < asked.until)
    if before is not None:
        statement = statement.where(
            HistoryEntry.at <= before.at,
            or_(
                HistoryEntry.at < before.at,
                and_(HistoryEntry.at == before.at, HistoryEntry.id < before.number),
            ),
        )
    return statement


def list_people(viewer: Viewer) -> Sequence[tuple[int, str]]:
    """Everybody who ever had an account, by name, for choosing whose changes or views to look for."""
    if not viewer.may(Permission.SEE_ACCESS_LOG):
        viewer.require(Permission.SEE_HISTORY)
    return [
        (row[0], row[1])
        for row in db.session.execute(select(User.id, User.name).order_by(User.name, User.id))
    ]


def list_actions(viewer: Viewer) -> Sequence[tuple[str, str]]:
    """Every action that stands in the history, in words."""
    viewer.require(Permission.SEE_HISTORY)
    actions = _distinct_actions()
    return sorted(((action, did_words(action)) for action in actions), key=lambda pair: pair[1])


def require_whole(viewer: Viewer, permission: Permission) -> None:
    """Go on only for somebody whose role reaches the whole service: entries name no team to narrow them by."""
    viewer.require(permission)
    if not viewer.reach(permission).whole_service:
        raise NotAllowed(
            "Your role reads only a part of the service, and this list is of all of it. Open a record to read its "
            "own history."
        )


def _distinct_actions() -> list[str]:
    # One step along the index for each action, instead of a walk over every entry.
    actions: list[str] = []
    last = ""
    while True:
        found = db.session.scalar(
            select(HistoryEntry.action)
            .where(HistoryEntry.action > last)
            .order_by(HistoryEntry.action)
            .limit(1)
        )
        if found is None:
            return actions
        actions.append(found)
        last = found


def _found(row: Any, names: dict[tuple[str, int], str], titles: dict[tuple[str, int], str]) -> FoundEntry:
    is_withheld = kind_words(row.subject_kind).about_children
    return FoundEntry(
        row.id,
        row.at,
        row.name or THE_SYSTEM,
        row.actor_id,
        did_words(row.action),
        row.subject_kind,
        row.subject_id,
        titles[row.subject_kind, row.subject_id],
        () if is_withheld else change_lines(row.before or {}, row.after or {}, names),
        is_withheld and row.after is not None,
    )
