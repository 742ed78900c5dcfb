"""Beside a review: what was judged of the child before, what is open from then, and what this review raised."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.case_action_lines import CaseActionLine
from qa_app.queries.case_actions import list_actions_of_review, list_open_actions_of_child
from qa_app.queries.earlier_reviews import EarlierReview, get_earlier_review
from qa_app.queries.reviews import ReviewSheet
from qa_app.queries.safeguarding_concerns import ConcernLine, list_concerns_of_review


@dataclass(frozen=True)
class CaseWork:
    """The work for the child of a review, with the links to raise more."""

    earlier: EarlierReview | None
    earlier_actions: tuple[CaseActionLine, ...]
    actions: tuple[CaseActionLine, ...]
    concerns: tuple[ConcernLine, ...]
    action_href: str
    concern_href: str
    now: datetime

    @property
    def is_empty(self) -> bool:
        """Whether nothing was raised from this review."""
        return not (self.actions or self.concerns)


def case_work(viewer: Viewer, sheet: ReviewSheet, at: datetime) -> CaseWork:
    """The work for the child of a review, as far as the viewer may see it."""
    is_reviewer = sheet.reviewer_id == viewer.user_id
    may_raise = is_reviewer and viewer.may(Permission.RAISE_FINDINGS)
    return CaseWork(
        earlier=get_earlier_review(viewer, sheet.review_id),
        earlier_actions=list_open_actions_of_child(viewer, sheet.review_id, at=at) if is_reviewer else (),
        actions=list_actions_of_review(viewer, sheet.review_id, at=at),
        concerns=list_concerns_of_review(viewer, sheet.review_id),
        action_href=url_for("case_actions.new", review_id=sheet.review_id) if may_raise else "",
        concern_href=url_for("safeguarding_concerns.new", review_id=sheet.review_id) if may_raise else "",
        now=at,
    )
