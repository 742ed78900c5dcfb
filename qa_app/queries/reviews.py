"""Reviews: the list of one's own, and one review with everything that its pages show."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Select,
    String,
    Subquery,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.answers import UNGRADED, Answer, AnswerState, Judgement, ReviewContent
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.audit_forms.kinds import OVERALL
from qa_app.domain.audit_forms.versions import published_form
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohorts import ReviewState
from qa_app.domain.completion import completion_of
from qa_app.domain.errors import NotFound
from qa_app.domain.grades import Grade
from qa_app.domain.known_facts import known_facts
from qa_app.domain.references import finding_ref, review_ref
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.caseload import CaseRecord, Child
from qa_app.models.cohorts import Cohort, CohortCase, CohortForm
from qa_app.models.findings import Finding
from qa_app.models.organisation import Team
from qa_app.models.reviews import AnswerRow, Review, SectionJudgement
from qa_app.queries.scope import reviews_within


@dataclass(frozen=True)
class SheetFinding:
    """A finding raised in this review: its reference, kind and words, and the question it hangs on."""

    finding_id: int
    ref: str
    kind: str
    words: str
    question: str | None


@dataclass(frozen=True)
class Saved:
    """How often something was saved (from 0), and the mark of the last save."""

    revision: int = 0
    save_id: str = ""


NEVER_SAVED = Saved()


@dataclass(frozen=True)
class ReviewSheet:
    """One review as its reviewer works on it. `form_version_id` is the one pinned, by the review or its cohort."""

    review_id: int
    form: AuditForm
    form_version_id: int
    form_number: int
    content: ReviewContent
    answers_saved: Mapping[str, Saved]
    judgements_saved: Mapping[str, Saved]
    cohort_title: str
    plan_type: PlanType
    reviewer: str
    reviewer_id: int
    due_on: date
    state: ReviewState
    saved_at: datetime | None
    submitted_at: datetime | None
    may_edit: bool
    facts: tuple[tuple[str, str], ...] = ()
    findings: tuple[SheetFinding, ...] = field(default=())

    @property
    def ref(self) -> str:
        """The review's reference: R1042."""
        return review_ref(self.review_id)


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


def get_review_sheet(viewer: Viewer, review_id: int) -> ReviewSheet:
    """A review with its answers, known facts and findings. Errors: NotFound outside the viewer's reach."""
    sheet, case_record_id = _load(viewer, review_id, reviews_within(viewer, Permission.SEE_REVIEWS))
    return replace(sheet, facts=_facts(case_record_id, sheet.plan_type), findings=_findings(review_id))


def get_own_sheet(viewer: Viewer, review_id: int) -> ReviewSheet:
    """A review for writing in it, in one statement: its reviewer's alone, locked until the transaction ends.

    Errors: NotFound for everybody else.
    """
    return _load(viewer, review_id, Review.reviewer_id == viewer.user_id, for_saving=True)[0]


def _load(
    viewer: Viewer, review_id: int, within: ColumnElement[bool], *, for_saving: bool = False
) -> tuple[ReviewSheet, int]:
    given = _given(review_id)
    statement = _sheet_statement(given).where(Review.id == review_id, within)
    if for_saving:
        statement = statement.with_for_update(of=Review)
    rows = db.session.execute(statement).all()
    if not rows:
        raise NotFound()
    first = rows[0]
    review: Review = first.Review
    form = published_form(first.content_sha256, lambda: _content(first.version_id))
    content, answers_saved, judgements_saved = _content_of(rows, review.departure_reason)
    saves = [row.given_saved_at for row in rows if row.part is not None]
    is_own = review.reviewer_id == viewer.user_id and viewer.may(Permission.COMPLETE_REVIEWS)
    sheet = ReviewSheet(
        review_id=review.id,
        form=form,
        form_version_id=first.version_id,
        form_number=first.number,
        content=content,
        answers_saved=answers_saved,
        judgements_saved=judgements_saved,
        cohort_title=first.cohort_title,
        plan_type=first.plan_type,
        reviewer=first.reviewer,
        reviewer_id=review.reviewer_id,
        due_on=first.due_on,
        state=review.state,
        saved_at=max(saves, default=None),
        submitted_at=review.submitted_at,
        may_edit=is_own and review.state is not ReviewState.SUBMITTED,
    )
    return sheet, first.case_record_id


def _given(review_id: int) -> Subquery:
    """Answers and judgements of one review, in one list."""
    answers = select(
        AnswerRow.review_id.label("review_id"),
        literal("answer").label("part"),
        AnswerRow.question_key.label("key"),
        cast(AnswerRow.state, String(40)).label("state"),
        AnswerRow.value.label("value"),
        AnswerRow.as_typed.label("as_typed"),
        AnswerRow.reason.label("words"),
        AnswerRow.fault.label("fault"),
        cast(null(), String(40)).label("grade"),
        AnswerRow.revision.label("revision"),
        AnswerRow.save_id.label("save_id"),
        AnswerRow.saved_at.label("given_saved_at"),
    ).where(AnswerRow.review_id == review_id)
    judgements = select(
        SectionJudgement.review_id,
        literal("judgement"),
        SectionJudgement.section_key,
        cast(SectionJudgement.state, String(40)),
        cast(null(), JSON),
        cast(null(), JSON),
        SectionJudgement.rationale,
        literal(""),
        cast(SectionJudgement.grade, String(40)),
        SectionJudgement.revision,
        SectionJudgement.save_id,
        SectionJudgement.saved_at,
    ).where(SectionJudgement.review_id == review_id)
    return union_all(answers, judgements).subquery("given")


def _sheet_statement(given: Subquery) -> Select[Any]:
    pinned = func.coalesce(Review.form_version_id, CohortForm.form_version_id)
    return (
        select(
            Review,
            AuditFormVersion.id.label("version_id"),
            AuditFormVersion.number,
            AuditFormVersion.content_sha256,
            Cohort.title.label("cohort_title"),
            Cohort.due_on,
            CohortCase.plan_type,
            CohortCase.case_record_id,
            User.name.label("reviewer"),
            *(column for column in given.c if column.name != "review_id"),
        )
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .join(User, User.id == Review.reviewer_id)
        .outerjoin(
            CohortForm,
            (CohortForm.cohort_id == Cohort.id) & (CohortForm.plan_type == CohortCase.plan_type),
        )
        .join(AuditFormVersion, AuditFormVersion.id == pinned)
        .outerjoin(given, given.c.review_id == Review.id)
    )


def _content(version_id: int) -> str:
    return db.session.scalars(select(AuditFormVersion.content).where(AuditFormVersion.id == version_id)).one()


def _content_of(rows: Any, departure_reason: str) -> tuple[ReviewContent, dict[str, Saved], dict[str, Saved]]:
    answers: dict[str, Answer] = {}
    judgements: dict[str, Judgement] = {}
    answers_saved: dict[str, Saved] = {}
    judgements_saved: dict[str, Saved] = {}
    for row in rows:
        if row.part == "answer":
            answers[row.key] = Answer(AnswerState(row.state), row.value, row.words, row.as_typed, row.fault)
            answers_saved[row.key] = Saved(row.revision, row.save_id)
        elif row.part == "judgement":
            grade = Grade(row.grade) if row.grade else None
            judgements[row.key] = Judgement(AnswerState(row.state), grade, row.words)
            judgements_saved[row.key] = Saved(row.revision, row.save_id)
    overall = judgements.pop(OVERALL, UNGRADED)
    return (
        ReviewContent(answers, judgements, overall, departure_reason),
        answers_saved,
        judgements_saved,
    )


def _facts(case_record_id: int, plan_type: PlanType) -> tuple[tuple[str, str], ...]:
    record, ref, team = db.session.execute(
        select(CaseRecord, Child.ref, Team.name)
        .join(Child, Child.id == CaseRecord.child_id)
        .outerjoin(Team, Team.id == CaseRecord.team_id)
        .where(CaseRecord.id == case_record_id)
    ).one()
    first = [("Child's reference", ref), ("Plan type", plan_type.label), ("Team", team or "")]
    told = [
        ("Age", "Unborn" if record.is_unborn else "" if record.age is None else str(record.age)),
        ("Gender", record.gender or ""),
        ("Ethnicity", record.ethnicity or ""),
        ("Disability", record.disability or ""),
        ("Need", record.need or ""),
    ]
    return tuple((name, value) for name, value in [*first, *told] if value) + known_facts(record.facts)


def _findings(review_id: int) -> tuple[SheetFinding, ...]:
    rows = db.session.scalars(
        select(Finding)
        .where(Finding.review_id == review_id, Finding.withdrawn_at.is_(None))
        .order_by(Finding.id)
    )
    return tuple(
        SheetFinding(row.id, finding_ref(row.id), row.kind.value, row.words, row.question_key) for row in rows
    )


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
            Cohort.due_on,
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
        .where(Review.reviewer_id == viewer.user_id)
        .order_by(Cohort.due_on, Review.id)
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
