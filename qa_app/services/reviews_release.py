"""Letting those who worked with a child read the review: by hand, by itself after some days, or not yet."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from qa_app.domain.access import SYSTEM, Permission, Viewer
from qa_app.domain.cohorts import ReviewState
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.domain.references import review_ref
from qa_app.domain.releases import LONGEST_REASON, submitted_before
from qa_app.extensions import db
from qa_app.models.cohorts import CohortCase
from qa_app.models.reviews import Review
from qa_app.queries.scope import reviews_within
from qa_app.services import history

MOST_AT_ONCE = 500


def release_reviews(viewer: Viewer, review_ids: Collection[int], *, at: datetime) -> int:
    """Release submitted reviews, held back or not; gives how many were not released before.

    Errors: NotAllowed; Invalid when none is chosen; NotFound when one is out of reach, not submitted, or of a
    child to whom the viewer is tied: somebody else releases it, or it releases itself.
    """
    if not review_ids:
        raise Invalid("reviews", "Choose at least one review to release.")
    if len(review_ids) > MOST_AT_ONCE:
        raise Invalid("reviews", f"Release at most {MOST_AT_ONCE} reviews at once.")
    reviews = [one for one in _submitted(viewer, review_ids) if one.released_at is None]
    for review in reviews:
        _release(viewer, review, at, by_itself=False)
    db.session.flush()
    return len(reviews)


def release_due_reviews(days: int, *, at: datetime) -> int:
    """Release every review whose days are over and that is not held back; gives how many.

    Units: days after submission, 0 for never.
    """
    before = submitted_before(at, days)
    if before is None:
        return 0
    due = db.session.scalars(
        select(Review)
        .where(
            Review.state == ReviewState.SUBMITTED,
            Review.submitted_at <= before,
            Review.released_at.is_(None),
            Review.release_held_at.is_(None),
        )
        .order_by(Review.id)
        .with_for_update()
    ).all()
    for review in due:
        _release(SYSTEM, review, at, by_itself=True)
    db.session.flush()
    return len(due)


def hold_back_release(viewer: Viewer, review_id: int, reason: str, *, at: datetime) -> None:
    """Keep a submitted review from releasing itself, and say why.

    Errors: NotAllowed, NotFound; Invalid without a reason; Conflict when it is released already.
    """
    words = " ".join(reason.split())
    if not words or len(words) > LONGEST_REASON:
        raise Invalid("reason", f"Say why it is held back, in 1 to {LONGEST_REASON} characters.")
    (review,) = _submitted(viewer, {review_id})
    if review.released_at is not None:
        raise Conflict(
            f"{review_ref(review_id)} is released already: those who worked with the child may have read it."
        )
    before = {"held_back": review.release_held_at is not None, "reason": review.release_held_reason}
    review.release_held_at = review.release_held_at or at
    review.release_held_by_id = viewer.user_id
    review.release_held_reason = words
    history.record(
        viewer,
        "held back the release",
        "review",
        review_id,
        at=at,
        before=before,
        after={"held_back": True, "reason": words},
    )
    db.session.flush()


def let_release_go(viewer: Viewer, review_id: int, *, at: datetime) -> None:
    """Hold a review back no longer: it is released by hand or by itself again. Doing it twice is harmless.

    Errors: NotAllowed, NotFound.
    """
    (review,) = _submitted(viewer, {review_id})
    if review.release_held_at is None:
        return
    before = {"held_back": True, "reason": review.release_held_reason}
    _clear_hold(review)
    history.record(
        viewer,
        "let the release go on",
        "review",
        review_id,
        at=at,
        before=before,
        after={"held_back": False},
    )
    db.session.flush()


def _submitted(viewer: Viewer, review_ids: Collection[int]) -> Sequence[Review]:
    viewer.require(Permission.RELEASE_REVIEWS)
    found = db.session.scalars(
        select(Review)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .where(
            Review.id.in_(sorted(set(review_ids))),
            Review.state == ReviewState.SUBMITTED,
            reviews_within(viewer, Permission.RELEASE_REVIEWS),
        )
        .order_by(Review.id)
        .with_for_update(of=Review)
    ).all()
    if len(found) < len(set(review_ids)):
        raise NotFound(
            "A review is not submitted, or is not yours to release. Go back to the list and choose again."
        )
    return found


def _release(viewer: Viewer, review: Review, at: datetime, *, by_itself: bool) -> None:
    before = {"held_back": True, "reason": review.release_held_reason} if review.release_held_at else {}
    _clear_hold(review)
    review.released_at = at
    review.released_by_id = viewer.user_id
    history.record(
        viewer,
        "released a review",
        "review",
        review.id,
        at=at,
        before=before,
        after={"released": True, "by_itself": by_itself},
    )


def _clear_hold(review: Review) -> None:
    review.release_held_at = None
    review.release_held_by_id = None
    review.release_held_reason = ""
