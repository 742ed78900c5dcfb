"""What follows a submitted review: going back, being handed in again, replies, supervision."""

from dataclasses import dataclass

from flask import url_for

from qa_app.domain.access import Permission, Viewer
from qa_app.queries.reviews import ReviewSheet
from qa_app.queries.reviews_replies import ReplyLine, list_replies


@dataclass(frozen=True)
class AfterPart:
    """The links and replies under a review to read; an empty link is not for the viewer."""

    return_href: str
    reopen_href: str
    submissions_href: str
    reply_href: str
    replies: tuple[ReplyLine, ...]


def after_part(viewer: Viewer, sheet: ReviewSheet) -> AfterPart:
    """What the viewer may do with a submitted review, and what was replied to it."""
    review_id = sheet.review_id
    may_return = viewer.may(Permission.RETURN_REVIEWS) and not sheet.is_own_practice and not sheet.is_stopped
    is_released = sheet.release.released_at is not None
    reads_all = viewer.may(Permission.SEE_REVIEWS) and not sheet.is_own_practice
    return AfterPart(
        url_for("review_returns.choose", review_id=review_id) if may_return and not is_released else "",
        url_for("review_returns.ask_reopen", review_id=review_id) if may_return else "",
        url_for("review_returns.submissions", review_id=review_id) if reads_all else "",
        url_for("review_replies.new", review_id=review_id) if sheet.is_own_practice else "",
        list_replies(viewer, review_id),
    )
