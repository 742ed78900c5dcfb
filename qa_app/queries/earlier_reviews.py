"""The review before: what was judged of the same child last time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.grades import Grade
from qa_app.domain.references import review_ref
from qa_app.extensions import db
from qa_app.models.audit_forms import AuditFormRow, AuditFormVersion
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.reviews import Review
from qa_app.queries.scope import readable_reviews


@dataclass(frozen=True)
class EarlierReview:
    """The child's last submitted review before another. `may_open`: whether the viewer may read all of it."""

    review_id: int
    form: str
    cohort: str
    submitted_at: datetime
    grade: Grade | None
    may_open: bool

    @property
    def ref(self) -> str:
        """Its reference, R1042."""
        return review_ref(self.review_id)


def get_earlier_review(viewer: Viewer, review_id: int) -> EarlierReview | None:
    """The last review of the same child that was submitted before this one was: for its reviewer, and its readers.

    Whoever reviews a child knows the grade of the review before; others know it where they may read that review.
    Nothing where there is none.
    """
    this, this_case = aliased(Review), aliased(CohortCase)
    may_open = readable_reviews(viewer)
    is_reviewer = this.reviewer_id == viewer.user_id if viewer.may(Permission.COMPLETE_REVIEWS) else may_open
    row = db.session.execute(
        select(
            Review.id,
            Review.submitted_at,
            Review.overall_grade,
            Cohort.title,
            AuditFormRow.title.label("form"),
            may_open.label("may_open"),
        )
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .join(AuditFormVersion, AuditFormVersion.id == Review.form_version_id)
        .join(AuditFormRow, AuditFormRow.id == AuditFormVersion.form_id)
        .join(this_case, this_case.child_id == CohortCase.child_id)
        .join(this, this.cohort_case_id == this_case.id)
        .where(
            this.id == review_id,
            Review.id != this.id,
            Review.submitted_at.is_not(None),
            or_(this.submitted_at.is_(None), Review.submitted_at < this.submitted_at),
            or_(is_reviewer, may_open),
        )
        .order_by(Review.submitted_at.desc(), Review.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return EarlierReview(row.id, row.form, row.title, row.submitted_at, row.overall_grade, bool(row.may_open))
