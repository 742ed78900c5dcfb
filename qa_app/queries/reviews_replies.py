"""Replies to released reviews: those of one review, and the challenges that wait for an answer."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import aliased

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.audit_forms.versions import published_form
from qa_app.domain.errors import NotFound
from qa_app.domain.references import review_ref
from qa_app.domain.review_replies import ChallengeOutcome, ReplyKind
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.caseload import CaseRecord
from qa_app.models.cohorts import CohortCase
from qa_app.models.review_replies import ReviewReply
from qa_app.models.reviews import Review
from qa_app.queries.scope import own_practice_within, readable_reviews, reviews_within

MOST = 200


@dataclass(frozen=True)
class ReplyLine:
    """One reply. `question`: the words of the question it is about; empty for the whole review."""

    reply_id: int
    review_id: int
    kind: ReplyKind
    question: str
    words: str
    written_at: datetime
    written_by: str
    due_on: date | None
    outcome: ChallengeOutcome | None
    answer: str
    answered_at: datetime | None
    answered_by: str | None
    may_answer: bool

    @property
    def review_ref(self) -> str:
        """The reference of its review."""
        return review_ref(self.review_id)

    @property
    def waits(self) -> bool:
        """Whether it is a challenge without an answer."""
        return self.kind is ReplyKind.CHALLENGE and self.answered_at is None


def list_replies(viewer: Viewer, review_id: int) -> tuple[ReplyLine, ...]:
    """The replies to one review, oldest first, for everybody who may read it."""
    return _lines(viewer, and_(ReviewReply.review_id == review_id, readable_reviews(viewer)))


def list_waiting_challenges(viewer: Viewer) -> tuple[ReplyLine, ...]:
    """Challenges that wait for the viewer's answer, the first due first."""
    waiting = and_(ReviewReply.kind == ReplyKind.CHALLENGE, ReviewReply.answered_at.is_(None))
    lines = _lines(
        viewer, and_(waiting, _answerable(viewer), ReviewReply.written_by_id != (viewer.user_id or 0))
    )
    return tuple(sorted(lines, key=lambda line: (line.due_on or date.max, line.reply_id)))


def get_challenge(viewer: Viewer, reply_id: int) -> ReplyLine:
    """One challenge that the viewer may answer. Errors: NotFound."""
    found = _lines(
        viewer,
        and_(ReviewReply.id == reply_id, ReviewReply.kind == ReplyKind.CHALLENGE, _answerable(viewer)),
    )
    if not found:
        raise NotFound()
    return found[0]


def may_answer(viewer: Viewer, review_id: int) -> bool:
    """Whether the viewer answers challenges of a review: its reviewer, or who may return it."""
    statement = (
        select(Review.id)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .where(Review.id == review_id, _answerable(viewer))
    )
    return db.session.scalar(statement) is not None


def find_judged(viewer: Viewer, review_id: int, practitioner_id: int | None = None) -> Review | None:
    """A released review of the viewer's own practice or of those they answer for; of one practitioner, if named."""
    statement = (
        select(Review)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(CaseRecord, CaseRecord.id == CohortCase.case_record_id)
        .where(Review.id == review_id, own_practice_within(viewer))
    )
    if practitioner_id is not None:
        statement = statement.where(CaseRecord.practitioner_id == practitioner_id)
    return db.session.scalar(statement)


def _answerable(viewer: Viewer) -> ColumnElement[bool]:
    ways: list[ColumnElement[bool]] = []
    if viewer.user_id is not None and viewer.may(Permission.COMPLETE_REVIEWS):
        ways.append(Review.reviewer_id == viewer.user_id)
    if viewer.may(Permission.RETURN_REVIEWS):
        ways.append(reviews_within(viewer, Permission.RETURN_REVIEWS))
    return or_(*ways) if ways else false()


def _lines(viewer: Viewer, condition: ColumnElement[bool]) -> tuple[ReplyLine, ...]:
    writer, answerer = aliased(User), aliased(User)
    rows = db.session.execute(
        select(
            ReviewReply,
            writer.name.label("written_by"),
            answerer.name.label("answered_by"),
            AuditFormVersion.content_sha256,
            AuditFormVersion.content,
            _answerable(viewer).label("may_answer"),
        )
        .join(Review, Review.id == ReviewReply.review_id)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(AuditFormVersion, AuditFormVersion.id == Review.form_version_id)
        .join(writer, writer.id == ReviewReply.written_by_id)
        .outerjoin(answerer, answerer.id == ReviewReply.answered_by_id)
        .where(condition)
        .order_by(ReviewReply.id)
        .limit(MOST)
    )
    found = []
    for row in rows:
        one: ReviewReply = row.ReviewReply
        form = published_form(row.content_sha256, lambda content=row.content: content)  # type: ignore[misc]
        asked = form.questions.get(one.question_key or "")
        found.append(
            ReplyLine(
                one.id,
                one.review_id,
                one.kind,
                asked.text if asked else "",
                one.words,
                one.written_at,
                row.written_by,
                one.due_on,
                one.outcome,
                one.answer,
                one.answered_at,
                row.answered_by,
                bool(row.may_answer) and one.written_by_id != viewer.user_id,
            )
        )
    return tuple(found)
