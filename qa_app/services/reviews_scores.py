"""Scores of compliance items, stored with the review when it is handed in."""

from datetime import datetime

from sqlalchemy import delete, insert, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.answers import Answer, AnswerState, ReviewContent
from qa_app.domain.audit_forms.asked import Asked
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.audit_forms.scores import scores_of
from qa_app.domain.audit_forms.versions import published_form
from qa_app.domain.cohorts import AnswerOutcome, ReviewState
from qa_app.extensions import db
from qa_app.models.audit_form_proposals import ReviewScore
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.reviews import AnswerRow, Review
from qa_app.services import history


def store_scores(review_id: int, form: AuditForm, content: ReviewContent, shown: Asked) -> None:
    """Keep the scores of a review that is being handed in, by the version that it is pinned to."""
    db.session.execute(delete(ReviewScore).where(ReviewScore.review_id == review_id))
    rows = [
        {
            "review_id": review_id,
            "section_key": section,
            "n_counted": score.n_counted,
            "n_met": score.n_met,
            "n_partly": score.n_partly,
        }
        for section, score in scores_of(form, content, shown).items()
    ]
    if rows:
        db.session.execute(insert(ReviewScore), rows)


def score_earlier_reviews(viewer: Viewer, *, at: datetime) -> int:
    """Store the scores of reviews that were handed in before scores were kept; gives how many were scored.

    What was asked is taken from the outcomes that were settled at submission, not worked out again.
    """
    viewer.require(Permission.MANAGE_FORMS)
    scored = select(ReviewScore.review_id).where(ReviewScore.review_id == Review.id).exists()
    rows = db.session.execute(
        select(Review.id, AuditFormVersion.content_sha256, AuditFormVersion.content)
        .join(AuditFormVersion, AuditFormVersion.id == Review.form_version_id)
        .where(Review.state == ReviewState.SUBMITTED, ~scored)
        .order_by(Review.id)
    ).all()
    for review_id, sha256, content in rows:
        form = published_form(sha256, lambda content=content: content)  # type: ignore[misc]
        answers: dict[str, Answer] = {}
        asked: set[str] = set()
        for row in db.session.execute(
            select(AnswerRow.question_key, AnswerRow.state, AnswerRow.value, AnswerRow.outcome).where(
                AnswerRow.review_id == review_id
            )
        ):
            answers[row.question_key] = Answer(AnswerState(row.state), row.value)
            if row.outcome is not AnswerOutcome.NOT_ASKED:
                asked.add(row.question_key)
        sections = frozenset(form.section_of[key].key for key in asked if key in form.questions)
        store_scores(review_id, form, ReviewContent(answers), Asked(sections, frozenset(asked)))
    if rows:
        history.record(viewer, "earlier_reviews_scored", "audit_form", 0, at=at, after={"reviews": len(rows)})
    return len(rows)
