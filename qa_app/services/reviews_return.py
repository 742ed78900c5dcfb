"""A submitted review goes back: returned with reasons, or reopened with one. What was submitted is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select, update

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.audit_forms.kinds import OVERALL
from qa_app.domain.audit_forms.versions import published_form
from qa_app.domain.case_actions import check_words
from qa_app.domain.cohorts import ReviewState
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.domain.notices import NoticeKind
from qa_app.domain.references import review_ref
from qa_app.domain.review_returns import LONGEST_REASON, ReturnKind
from qa_app.extensions import db
from qa_app.models.audit_form_proposals import ReviewScore
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.review_returns import ReviewReturn, ReviewReturnPoint
from qa_app.models.reviews import AnswerRow, Review
from qa_app.queries.reviews_return import list_reports_holding
from qa_app.queries.scope import reviews_within
from qa_app.services import history
from qa_app.services.notices import tell


@dataclass(frozen=True)
class ReturnReasons:
    """Why a review is returned: reasons by question key, and by section key for grades (`overall`: the whole file)."""

    questions: Mapping[str, str] = field(default_factory=dict)
    grades: Mapping[str, str] = field(default_factory=dict)
    words: str = ""


def return_review(viewer: Viewer, review_id: int, reasons: ReturnReasons, *, at: datetime) -> ReviewReturn:
    """Give a submitted review back to its reviewer, with a reason for each question or grade concerned.

    What was submitted stays as its snapshot; until it is handed in again it counts in no figure.
    Errors: NotAllowed; NotFound out of reach; Invalid without any reason or for a question it does not ask;
    Conflict when it is not submitted, is released, or its cohort is closed.
    """
    review = _load(viewer, review_id)
    if review.released_at is not None:
        raise Conflict(
            f"{review_ref(review_id)} is released: those who worked with the child may have read it. Reopen it instead."
        )
    form = _form_of(review)
    points = _points(form, reasons)
    if not points:
        raise Invalid(
            "reasons", "Give a reason at one question or grade at least: the reviewer needs to know where."
        )
    words = check_words("words", reasons.words, "", LONGEST_REASON) if reasons.words.strip() else ""
    made = _send_back(viewer, review, ReturnKind.RETURNED, words, at)
    for section, question, reason in points:
        db.session.add(
            ReviewReturnPoint(
                review_return_id=made.id, section_key=section, question_key=question, reason=reason
            )
        )
    asked = {question or f"grade of {section}": reason for section, question, reason in points}
    history.record(
        viewer, "review_returned", "review", review_id, at=at, after={"words": words, "reasons": asked}
    )
    _tell_reviewer(viewer, review, "was returned to you: see the reasons at its questions.", at)
    db.session.flush()
    return made


def reopen_review(viewer: Viewer, review_id: int, reason: str, *, at: datetime) -> ReviewReturn:
    """Open a submitted review again so that its reviewer can correct it; a released one has to be released anew.

    Errors: NotAllowed; NotFound out of reach; Invalid without a reason; Conflict when it is not submitted, its
    cohort is closed, or a report that was issued holds it.
    """
    review = _load(viewer, review_id)
    words = check_words(
        "reason", reason, "Say why it is opened again: the reason stays with it.", LONGEST_REASON
    )
    reports = list_reports_holding(viewer, review_id)
    if reports:
        named = ", ".join(f"BR{number}" for number in reports)
        raise Conflict(
            f"{review_ref(review_id)} stands in a report that was issued ({named}), so it stays as it is. Say what is "
            "wrong in a correction of the report."
        )
    made = _send_back(viewer, review, ReturnKind.REOPENED, words, at)
    history.record(viewer, "review_reopened", "review", review_id, at=at, after={"reason": words})
    _tell_reviewer(viewer, review, "was opened again for you: see why on its first page.", at)
    db.session.flush()
    return made


def let_point_stand(viewer: Viewer, point_id: int, words: str, *, at: datetime) -> int:
    """Say why a returned question stays as it is; gives its review.

    Errors: NotAllowed; NotFound for another's review; Invalid without words; Conflict once it is handed in again.
    """
    viewer.require(Permission.COMPLETE_REVIEWS)
    row = db.session.execute(
        select(ReviewReturnPoint, ReviewReturn)
        .join(ReviewReturn, ReviewReturn.id == ReviewReturnPoint.review_return_id)
        .join(Review, Review.id == ReviewReturn.review_id)
        .where(ReviewReturnPoint.id == point_id, Review.reviewer_id == viewer.user_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    point, returned = row.ReviewReturnPoint, row.ReviewReturn
    if returned.resubmitted_at is not None:
        raise Conflict(f"{review_ref(returned.review_id)} is handed in again already.")
    point.reply = check_words("words", words, "Say why it stands as it is.", LONGEST_REASON)
    point.replied_at = at
    history.record(
        viewer, "review_point_stands", "review", returned.review_id, at=at,
        after={"question": point.question_key or f"grade of {point.section_key}", "words": point.reply},
    )  # fmt: skip
    db.session.flush()
    review_id: int = returned.review_id
    return review_id


def close_return(review_id: int, *, at: datetime) -> None:
    """With the submission of a review the return it answers is closed."""
    db.session.execute(
        update(ReviewReturn)
        .where(ReviewReturn.review_id == review_id, ReviewReturn.resubmitted_at.is_(None))
        .values(resubmitted_at=at)
    )


def _load(viewer: Viewer, review_id: int) -> Review:
    viewer.require(Permission.RETURN_REVIEWS)
    row = db.session.execute(
        select(Review, Cohort.closed_at)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .where(Review.id == review_id, reviews_within(viewer, Permission.RETURN_REVIEWS))
        .with_for_update(of=Review)
    ).one_or_none()
    if row is None:
        raise NotFound()
    if row.closed_at is not None:
        raise Conflict(
            f"The cohort of {review_ref(review_id)} is closed, so it could not be handed in again. It stays as it is."
        )
    review: Review = row.Review
    return review


def _form_of(review: Review) -> AuditForm:
    version = db.session.get_one(AuditFormVersion, review.form_version_id)
    return published_form(version.content_sha256, lambda: version.content)


def _points(form: AuditForm, reasons: ReturnReasons) -> list[tuple[str, str | None, str]]:
    """Section, question and reason of each point, in the order of the form."""
    unknown = [key for key in reasons.questions if key not in form.questions]
    graded = {section.key for section in form.sections if section.graded} | (
        {OVERALL} if form.overall.graded else set()
    )
    unknown += [key for key in reasons.grades if key not in graded]
    if unknown:
        raise NotFound("This review asks no such question.")
    found: list[tuple[str, str | None, str]] = []
    for section in form.sections:
        for question in section.questions:
            if reasons.questions.get(question.key, "").strip():
                found.append((section.key, question.key, _reason(reasons.questions[question.key])))
        if reasons.grades.get(section.key, "").strip():
            found.append((section.key, None, _reason(reasons.grades[section.key])))
    if reasons.grades.get(OVERALL, "").strip():
        found.append((OVERALL, None, _reason(reasons.grades[OVERALL])))
    return found


def _reason(words: str) -> str:
    return check_words("reasons", words, "Give the reason.", LONGEST_REASON)


def _send_back(viewer: Viewer, review: Review, kind: ReturnKind, words: str, at: datetime) -> ReviewReturn:
    review.state, review.submitted_at, review.overall_grade = ReviewState.IN_PROGRESS, None, None
    review.released_at = review.released_by_id = None
    review.release_held_at = review.release_held_by_id = None
    review.release_held_reason = ""
    # Questions never answered got a row at submission, only for the figures: they are unanswered again.
    db.session.execute(delete(AnswerRow).where(AnswerRow.review_id == review.id, AnswerRow.revision == 0))
    db.session.execute(update(AnswerRow).where(AnswerRow.review_id == review.id).values(outcome=None))
    db.session.execute(delete(ReviewScore).where(ReviewScore.review_id == review.id))
    made = ReviewReturn(
        review_id=review.id, kind=kind, words=words, returned_at=at, returned_by_id=viewer.user_id
    )
    db.session.add(made)
    db.session.flush()
    return made


def _tell_reviewer(viewer: Viewer, review: Review, what: str, at: datetime) -> None:
    if review.reviewer_id != viewer.user_id:
        tell(
            viewer, review.reviewer_id, NoticeKind.REVIEW, f"{review_ref(review.id)} {what}",
            f"/reviews/{review.id}", about=("review", review.id), at=at,
        )  # fmt: skip
