"""What somebody was told."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.notices import NoticeKind
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.notices import Notice

MOST = 100


@dataclass(frozen=True)
class NoticeLine:
    """One thing that somebody was told. `by` is empty when the system told it."""

    notice_id: int
    words: str
    path: str
    raised_at: datetime
    by: str
    seen_at: datetime | None


@dataclass(frozen=True)
class ChaseTally:
    """How often the reviewers of a cohort were reminded, and when last."""

    n: int
    last_at: datetime | None


def list_notices(viewer: Viewer, *, unseen_only: bool = False) -> tuple[NoticeLine, ...]:
    """One's own notices, newest first."""
    if viewer.user_id is None:
        return ()
    statement = (
        select(
            Notice.id,
            Notice.words,
            Notice.path,
            Notice.raised_at,
            func.coalesce(User.name, ""),
            Notice.seen_at,
        )
        .outerjoin(User, User.id == Notice.raised_by_id)
        .where(Notice.user_id == viewer.user_id)
        .order_by(Notice.id.desc())
        .limit(MOST)
    )
    if unseen_only:
        statement = statement.where(Notice.seen_at.is_(None))
    return tuple(NoticeLine(*row) for row in db.session.execute(statement))


def get_chases(viewer: Viewer, cohort_id: int) -> ChaseTally:
    """How often the reviewers of a cohort were reminded. Errors: NotAllowed."""
    viewer.require(Permission.MANAGE_COHORTS)
    row = db.session.execute(
        select(func.count(), func.max(Notice.raised_at)).where(
            Notice.kind == NoticeKind.CHASE,
            Notice.subject_kind == "cohort",
            Notice.subject_id == cohort_id,
        )
    ).one()
    return ChaseTally(row[0], row[1])
