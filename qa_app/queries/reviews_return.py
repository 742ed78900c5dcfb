"""Submitted reviews that went back: what is to be looked at again, and what changed between submissions."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.audit_forms.kinds import OVERALL
from qa_app.domain.audit_forms.versions import published_form
from qa_app.domain.errors import NotFound
from qa_app.domain.review_changes import ReviewChange, changes_between
from qa_app.domain.review_returns import OpenReturn, ReturnKind, ReturnPoint
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.boards import IssuedReport, IssuedReportReview
from qa_app.models.cohorts import CohortCase
from qa_app.models.review_returns import ReviewReturn, ReviewReturnPoint
from qa_app.models.reviews import AnswerRow, Review, ReviewSnapshot, SectionJudgement
from qa_app.queries.scope import reviews_within


@dataclass(frozen=True)
class Submission:
    """One time a review was handed in, what changed since the time before, and why it had gone back."""

    number: int
    taken_at: datetime
    changes: tuple[ReviewChange, ...]
    kind: ReturnKind | None
    words: str
    returned_at: datetime | None
    returned_by: str


def get_open_return(viewer: Viewer, review_id: int) -> OpenReturn | None:
    """The return that a review's reviewer works on; nothing for anybody else, or when there is none."""
    if viewer.user_id is None or not viewer.may(Permission.COMPLETE_REVIEWS):
        return None
    row = db.session.execute(
        select(ReviewReturn, User.name)
        .join(Review, Review.id == ReviewReturn.review_id)
        .outerjoin(User, User.id == ReviewReturn.returned_by_id)
        .where(
            ReviewReturn.review_id == review_id,
            ReviewReturn.resubmitted_at.is_(None),
            Review.reviewer_id == viewer.user_id,
        )
        .order_by(ReviewReturn.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    one: ReviewReturn = row.ReviewReturn
    return OpenReturn(
        one.id,
        one.kind,
        one.words,
        one.returned_at,
        row.name or "The system",
        _points(one.id, one.returned_at, review_id),
    )


def list_submissions(viewer: Viewer, review_id: int) -> tuple[Submission, ...]:
    """Every time a review was handed in, the latest first, with what changed: for its reviewer and its readers.

    Errors: NotFound out of reach, and for those who read it as their own practice: they have the review as it is.
    """
    viewer.require(Permission.SEE_REVIEWS)
    row = db.session.execute(
        select(AuditFormVersion.content_sha256, AuditFormVersion.content)
        .select_from(Review)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .outerjoin(AuditFormVersion, AuditFormVersion.id == Review.form_version_id)
        .where(Review.id == review_id, reviews_within(viewer, Permission.SEE_REVIEWS))
    ).one_or_none()
    if row is None:
        raise NotFound()
    if row.content is None:
        return ()
    form: AuditForm = published_form(row.content_sha256, lambda: row.content)
    titles = {section.key: section.title for section in form.sections}
    taken = db.session.scalars(
        select(ReviewSnapshot).where(ReviewSnapshot.review_id == review_id).order_by(ReviewSnapshot.number)
    ).all()
    returns = db.session.execute(
        select(ReviewReturn, User.name)
        .outerjoin(User, User.id == ReviewReturn.returned_by_id)
        .where(ReviewReturn.review_id == review_id)
        .order_by(ReviewReturn.id)
    ).all()
    found = []
    for place, snapshot in enumerate(taken):
        before = json.loads(taken[place - 1].content) if place else {}
        changes = changes_between(before, json.loads(snapshot.content), titles) if place else ()
        why = next((one for one in returns if one.ReviewReturn.resubmitted_at == snapshot.taken_at), None)
        found.append(
            Submission(
                snapshot.number,
                snapshot.taken_at,
                changes,
                why.ReviewReturn.kind if why else None,
                why.ReviewReturn.words if why else "",
                why.ReviewReturn.returned_at if why else None,
                (why.name or "The system") if why else "",
            )
        )
    return tuple(reversed(found))


def list_reports_holding(viewer: Viewer, review_id: int) -> tuple[int, ...]:
    """The issued reports whose figures hold a review. For those who may return reviews."""
    if not viewer.may(Permission.RETURN_REVIEWS):
        return ()
    return tuple(
        db.session.scalars(
            select(IssuedReportReview.report_id)
            .join(IssuedReport, IssuedReport.id == IssuedReportReview.report_id)
            .where(IssuedReportReview.review_id == review_id)
            .order_by(IssuedReportReview.report_id)
        )
    )


def _points(return_id: int, since: datetime, review_id: int) -> tuple[ReturnPoint, ...]:
    answered = dict(
        db.session.execute(
            select(AnswerRow.question_key, AnswerRow.saved_at).where(AnswerRow.review_id == review_id)
        ).all()
    )
    judged = dict(
        db.session.execute(
            select(SectionJudgement.section_key, SectionJudgement.saved_at).where(
                SectionJudgement.review_id == review_id
            )
        ).all()
    )
    rows = db.session.scalars(
        select(ReviewReturnPoint)
        .where(ReviewReturnPoint.review_return_id == return_id)
        .order_by(ReviewReturnPoint.id)
    )
    found = []
    for row in rows:
        saved_at = answered.get(row.question_key) if row.question_key else judged.get(row.section_key)
        is_changed = saved_at is not None and saved_at > since
        found.append(
            ReturnPoint(
                row.id, row.question_key, row.section_key or OVERALL, row.reason, row.reply, is_changed
            )
        )
    return tuple(found)


@dataclass(frozen=True)
class PointPage:
    """One returned point with its question, for its reviewer."""

    point_id: int
    review_id: int
    question_key: str | None
    question: str
    reason: str


def get_return_point(viewer: Viewer, point_id: int) -> PointPage:
    """One returned point of one's own review. Errors: NotAllowed; NotFound for another's, or once it is handed in."""
    viewer.require(Permission.COMPLETE_REVIEWS)
    row = db.session.execute(
        select(ReviewReturnPoint, Review.id, AuditFormVersion.content_sha256, AuditFormVersion.content)
        .join(ReviewReturn, ReviewReturn.id == ReviewReturnPoint.review_return_id)
        .join(Review, Review.id == ReviewReturn.review_id)
        .join(AuditFormVersion, AuditFormVersion.id == Review.form_version_id)
        .where(
            ReviewReturnPoint.id == point_id,
            ReviewReturn.resubmitted_at.is_(None),
            Review.reviewer_id == viewer.user_id,
        )
    ).one_or_none()
    if row is None:
        raise NotFound()
    point: ReviewReturnPoint = row.ReviewReturnPoint
    form: AuditForm = published_form(row.content_sha256, lambda: row.content)
    asked = form.questions.get(point.question_key or "")
    section = form.section_by_key.get(point.section_key)
    title = asked.text if asked else f"Grade of: {section.title if section else 'the whole file'}"
    return PointPage(point.id, row.id, point.question_key, title, point.reason)
