"""What auditors can take on: reviews a month, and leave."""

from datetime import datetime

from qa_app.domain.access import Viewer
from qa_app.domain.capacity import Leave, check_capacity, check_leave
from qa_app.domain.cohort_rules import require_whole_service
from qa_app.domain.errors import NotFound
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.cohorts import AuditorCapacity, AuditorLeave
from qa_app.services import history


def set_capacity(viewer: Viewer, user_id: int, n_reviews: int | None, *, at: datetime) -> None:
    """Say how many reviews a month somebody can take on; none takes the number away.

    Errors: NotAllowed, NotFound, Invalid for a number that cannot be meant.
    """
    _require_person(viewer, user_id)
    check_capacity(n_reviews)
    row = db.session.get(AuditorCapacity, user_id)
    before = row.n_reviews if row is not None else None
    if before == n_reviews:
        return
    if row is not None and n_reviews is None:
        db.session.delete(row)
    elif row is not None and n_reviews is not None:
        row.n_reviews = n_reviews
    elif n_reviews is not None:
        db.session.add(AuditorCapacity(user_id=user_id, n_reviews=n_reviews))
    history.record(
        viewer, "changed what somebody can take on", "user", user_id, at=at,
        before={"reviews_a_month": before}, after={"reviews_a_month": n_reviews},
    )  # fmt: skip
    db.session.flush()


def add_leave(viewer: Viewer, user_id: int, leave: Leave, *, at: datetime) -> AuditorLeave:
    """Note days on which somebody reviews nothing. Errors: NotAllowed, NotFound, Invalid."""
    _require_person(viewer, user_id)
    check_leave(leave)
    row = AuditorLeave(
        user_id=user_id,
        starts_on=leave.starts_on,
        ends_on=leave.ends_on,
        added_at=at,
        added_by_id=viewer.user_id,
    )
    db.session.add(row)
    history.record(
        viewer, "noted leave", "user", user_id, at=at,
        after={"from": leave.starts_on.isoformat(), "to": leave.ends_on.isoformat()},
    )  # fmt: skip
    db.session.flush()
    return row


def drop_leave(viewer: Viewer, leave_id: int, *, at: datetime) -> None:
    """Take noted leave away. Errors: NotAllowed, NotFound."""
    require_whole_service(viewer)
    row = db.session.get(AuditorLeave, leave_id)
    if row is None:
        raise NotFound()
    history.record(
        viewer, "took noted leave away", "user", row.user_id, at=at,
        before={"from": row.starts_on.isoformat(), "to": row.ends_on.isoformat()},
    )  # fmt: skip
    db.session.delete(row)
    db.session.flush()


def _require_person(viewer: Viewer, user_id: int) -> None:
    require_whole_service(viewer)
    if db.session.get(User, user_id) is None:
        raise NotFound()
