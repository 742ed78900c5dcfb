"""The reviews given to somebody: what is to do, and what is handed in."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.answers import UNGRADED, Answer, Judgement, ReviewContent
from qa_app.domain.audit_forms.kinds import OVERALL
from qa_app.domain.audit_forms.versions import published_form
from qa_app.domain.cohorts import ReviewState
from qa_app.domain.completion import completion_of
from qa_app.domain.grades import Grade
from qa_app.domain.references import review_ref
from qa_app.extensions import db
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.caseload import Child
from qa_app.models.cohorts import Cohort, CohortCase, CohortForm
from qa_app.models.organisation import Team
from qa_app.models.reviews import AnswerRow, Review, SectionJudgement


@dataclass(frozen=True)
class ReviewLine:
    """One review in a list of one's own."""

    review_id: int
    ref: str
    case_ref: str
    plan_type: str
    team: str
    form: str
    cohort: str
    due_on: date
    n_answered: int
    n_required: int
    state: ReviewState
    submitted_at: datetime | None
    grade: Grade | None


@dataclass(frozen=True)
class MyReviews:
    """The reviews allocated to somebody: those to do by due date, those submitted with the latest first."""

    to_do: tuple[ReviewLine, ...]
    done: tuple[ReviewLine, ...]


def list_my_reviews(viewer: Viewer) -> MyReviews:
    """The viewer's own reviews, in three statements however many there are."""
    viewer.require(Permission.COMPLETE_REVIEWS)
    pinned = func.coalesce(Review.form_version_id, CohortForm.form_version_id)
    rows = db.session.execute(
        select(
            Review,
            Child.ref.label("case_ref"),
            CohortCase.plan_type,
            Team.name.label("team"),
            Cohort.title.label("cohort"),
            func.coalesce(CohortCase.due_on, Cohort.due_on).label("due_on"),
            AuditFormVersion.id.label("version_id"),
            AuditFormVersion.content_sha256,
        )
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .join(Child, Child.id == CohortCase.child_id)
        .outerjoin(Team, Team.id == CohortCase.team_id)
        .outerjoin(
            CohortForm,
            (CohortForm.cohort_id == Cohort.id) & (CohortForm.plan_type == CohortCase.plan_type),
        )
        .outerjoin(AuditFormVersion, AuditFormVersion.id == pinned)
        .where(
            Review.reviewer_id == viewer.user_id,
            or_(
                Review.state == ReviewState.SUBMITTED,
                and_(CohortCase.set_aside_at.is_(None), Cohort.closed_at.is_(None)),
            ),
        )
        .order_by(func.coalesce(CohortCase.due_on, Cohort.due_on), Review.id)
    ).all()
    contents = _contents_of_started(viewer)
    lines = [_line(row, contents.get(row.Review.id, ReviewContent())) for row in rows]
    done = [line for line in lines if line.state is ReviewState.SUBMITTED]
    return MyReviews(
        tuple(line for line in lines if line.state is not ReviewState.SUBMITTED),
        tuple(sorted(done, key=lambda line: (line.submitted_at, line.review_id), reverse=True)),
    )


def _contents_of_started(viewer: Viewer) -> dict[int, ReviewContent]:
    """What has been given in the viewer's reviews that are under way."""
    started = (Review.reviewer_id == viewer.user_id) & (Review.state == ReviewState.IN_PROGRESS)
    answers: dict[int, dict[str, Answer]] = {}
    for answer in db.session.scalars(
        select(AnswerRow).join(Review, Review.id == AnswerRow.review_id).where(started)
    ):
        given = Answer(answer.state, answer.value, answer.reason, answer.as_typed, answer.fault)
        answers.setdefault(answer.review_id, {})[answer.question_key] = given
    judgements: dict[int, dict[str, Judgement]] = {}
    for one in db.session.scalars(
        select(SectionJudgement).join(Review, Review.id == SectionJudgement.review_id).where(started)
    ):
        judged = Judgement(one.state, one.grade, one.rationale)
        judgements.setdefault(one.review_id, {})[one.section_key] = judged
    return {
        review_id: ReviewContent(
            answers.get(review_id, {}),
            judgements.get(review_id, {}),
            judgements.get(review_id, {}).get(OVERALL, UNGRADED),
        )
        for review_id in {*answers, *judgements}
    }


def _line(row: Any, content: ReviewContent) -> ReviewLine:
    review: Review = row.Review
    n_answered = n_required = 0
    title = "No form is pinned for this plan type"
    if row.version_id is not None:
        form = published_form(row.content_sha256, lambda: _content(row.version_id))
        title = form.title
        if review.state is not ReviewState.SUBMITTED:
            done = completion_of(form, content)
            n_answered, n_required = done.n_answered, done.n_required
    return ReviewLine(
        review.id,
        review_ref(review.id),
        row.case_ref,
        row.plan_type.label,
        row.team or "",
        title,
        row.cohort,
        row.due_on,
        n_answered,
        n_required,
        review.state,
        review.submitted_at,
        review.overall_grade,
    )


def _content(version_id: int) -> str:
    return db.session.scalars(select(AuditFormVersion.content).where(AuditFormVersion.id == version_id)).one()
