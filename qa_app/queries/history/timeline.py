"""The story of one record: who changed what, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.audit_forms.versions import published_form
from qa_app.domain.cohorts import ReviewState
from qa_app.domain.errors import NotFound
from qa_app.domain.history_reviews import save_lines, told_together
from qa_app.domain.history_words import (
    ChangeLine,
    Told,
    change_lines,
    did_words,
    numbered_keys,
)
from qa_app.domain.keyset import Place
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.history import HistoryDetail, HistoryEntry, HistoryErasure
from qa_app.models.reviews import Review
from qa_app.queries.history.names import THE_SYSTEM, names_of, titles_of
from qa_app.queries.history.subjects import may_open

ON_A_PAGE = 100
SAVED = "answers_saved"
LINKS = frozenset({"finding.linked", "finding.unlinked", "theme.linked", "theme.unlinked"})
"""Their reasons tell of reviews: whoever reads only their own part of the plan does not read them."""


@dataclass(frozen=True)
class Timeline:
    """One page of a record's story. `older` leads on to the page before it in time."""

    kind: str
    subject_id: int
    record: str
    entries: tuple[Told, ...]
    older: Place | None
    are_drafts_withheld: bool
    """Whether words typed before the record was handed in are kept from this reader."""


@dataclass(frozen=True)
class _Entry:
    entry_id: int
    at: datetime
    who: str
    action: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    is_erased: bool


def get_timeline(viewer: Viewer, kind: str, subject_id: int, *, before: Place | None = None) -> Timeline:
    """Who changed this record, and what they changed, for whoever may open it.

    What a reviewer typed and changed again on the way is for the reviewer, and for those who read the history: other
    readers see that it was saved. Errors: NotFound.
    """
    if not may_open(viewer, kind, subject_id):
        raise NotFound
    rows = _entries(kind, subject_id, before, ON_A_PAGE + 1)
    form, may_read_drafts = _review(viewer, subject_id) if kind == "review" else (None, True)
    may_read_links = viewer.plan_reach(Permission.SEE_PLAN).whole_plan or viewer.may(
        Permission.UPDATE_ACTIONS
    )
    names = names_of(
        pair
        for row in rows
        if row.action != SAVED
        for pair in numbered_keys(row.before or {}, row.after or {})
    )
    told = []
    for row in rows[:ON_A_PAGE]:
        is_kept = (row.action == SAVED and not may_read_drafts) or (
            kind == "plan_action" and row.action in LINKS and not may_read_links
        )
        words = "withheld" if is_kept else ("erased" if row.is_erased else "shown")
        lines = () if words != "shown" else _lines(row, names, form)
        told.append(Told(row.entry_id, row.at, row.at, row.who, did_words(row.action), lines, words))
    last = rows[ON_A_PAGE - 1] if len(rows) > ON_A_PAGE else None
    return Timeline(
        kind,
        subject_id,
        titles_of([(kind, subject_id)])[kind, subject_id],
        told_together(told, did_words(SAVED)),
        Place(last.at, last.entry_id) if last else None,
        not may_read_drafts,
    )


def _lines(row: _Entry, names: dict[tuple[str, int], str], form: AuditForm | None) -> tuple[ChangeLine, ...]:
    if row.action == SAVED:
        return save_lines(row.before or {}, row.after or {}, form)
    return change_lines(row.before or {}, row.after or {}, names)


def _review(viewer: Viewer, review_id: int) -> tuple[AuditForm | None, bool]:
    """The form of a review, and whether the viewer reads what was typed on the way."""
    row = db.session.execute(
        select(Review.reviewer_id, Review.state, AuditFormVersion.id, AuditFormVersion.content_sha256)
        .outerjoin(AuditFormVersion, AuditFormVersion.id == Review.form_version_id)
        .where(Review.id == review_id)
    ).one()
    form = published_form(row[3], lambda: _content(row[2])) if row[2] is not None else None
    is_own = row[0] == viewer.user_id
    reads_history = viewer.reach(Permission.SEE_HISTORY).whole_service and row[1] is ReviewState.SUBMITTED
    return form, is_own or reads_history


def _content(version_id: int) -> str:
    return db.session.scalars(select(AuditFormVersion.content).where(AuditFormVersion.id == version_id)).one()


def _entries(kind: str, subject_id: int, before: Place | None, most: int) -> list[_Entry]:
    statement = (
        select(
            HistoryEntry.id,
            HistoryEntry.at,
            User.name,
            HistoryEntry.action,
            HistoryDetail.before,
            HistoryDetail.after,
            HistoryErasure.entry_id,
        )
        .outerjoin(User, User.id == HistoryEntry.actor_id)
        .outerjoin(HistoryDetail, HistoryDetail.entry_id == HistoryEntry.id)
        .outerjoin(HistoryErasure, HistoryErasure.entry_id == HistoryEntry.id)
        .where(HistoryEntry.subject_kind == kind, HistoryEntry.subject_id == subject_id)
        .order_by(HistoryEntry.at.desc(), HistoryEntry.id.desc())
        .limit(most)
    )
    if before is not None:
        statement = statement.where(
            HistoryEntry.at <= before.at,
            or_(
                HistoryEntry.at < before.at,
                and_(HistoryEntry.at == before.at, HistoryEntry.id < before.number),
            ),
        )
    return [
        _Entry(row[0], row[1], row[2] or THE_SYSTEM, row[3], row[4], row[5], row[6] is not None)
        for row in db.session.execute(statement)
    ]
