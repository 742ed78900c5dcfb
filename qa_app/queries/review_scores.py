"""The compliance score that was stored with a review when it was handed in."""

from sqlalchemy import select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.audit_forms.kinds import OVERALL
from qa_app.domain.audit_forms.scores import Score
from qa_app.extensions import db
from qa_app.models.audit_form_proposals import ReviewScore
from qa_app.models.cohorts import CohortCase
from qa_app.models.reviews import Review
from qa_app.queries.scope import reviews_within


def get_review_score(viewer: Viewer, review_id: int) -> Score | None:
    """The score of a whole review; nothing where its form has no compliance items, or out of the viewer's reach."""
    row = db.session.execute(
        select(ReviewScore.n_counted, ReviewScore.n_met, ReviewScore.n_partly)
        .join(Review, Review.id == ReviewScore.review_id)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .where(
            ReviewScore.review_id == review_id,
            ReviewScore.section_key == OVERALL,
            reviews_within(viewer, Permission.SEE_REVIEWS),
        )
    ).first()
    return Score(row.n_counted, row.n_met, row.n_partly) if row is not None else None
