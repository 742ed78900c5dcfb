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
    false,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.answers import UNGRADED, Answer, AnswerState, Judgement, ReviewContent
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.audit_forms.kinds import OVERALL
from qa_app.domain.audit_forms.versions import published_form
from qa_app.domain.caseload import PlanType
from qa_app.domain.child_ties import OWN_WORK_KINDS, ChildTie
from qa_app.domain.cohorts import ReviewState
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
from qa_app.queries.scope import own_practice_within, readable_reviews, tie_of_viewer


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
class ReviewRelease:
    """Whether those who worked with the child may read a review yet, and why it is held back if it is."""

    released_at: datetime | None = None
    released_by: str | None = None
    held_at: datetime | None = None
    held_reason: str = ""


NOT_RELEASED = ReviewRelease()


@dataclass(frozen=True)
class ReviewSheet:
    """One review as its reviewer works on it. `form_version_id` is the one pinned, by the review or its cohort.

    `is_own_practice`: it is released, and judges the viewer's own practice or that of somebody they supervise.
    `barred_by`: how the viewer is tied to the child, if that keeps them from handing the review in.
    """

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
    release: ReviewRelease = NOT_RELEASED
    is_own_practice: bool = False
    barred_by: ChildTie | None = None
    is_stopped: bool = False
    """The case was set aside, or its cohort is closed: it can no longer be handed in."""
    facts: tuple[tuple[str, str], ...] = ()
    findings: tuple[SheetFinding, ...] = field(default=())
    cohort_number: int = 0
    """The version that its cohort pins now: greater than `form_number` when the cohort moved and this review not."""

    @property
    def ref(self) -> str:
        """The review's reference: R1042."""
        return review_ref(self.review_id)


def get_review_sheet(viewer: Viewer, review_id: int) -> ReviewSheet:
    """A review with its answers, known facts and findings. Errors: NotFound outside the viewer's reach."""
    sheet, case_record_id = _load(viewer, review_id, readable_reviews(viewer))
    return replace(sheet, facts=_facts(case_record_id, sheet.plan_type), findings=_findings(review_id))


def get_own_sheet(viewer: Viewer, review_id: int, *, with_tie: bool = False) -> ReviewSheet:
    """A review for writing in it, in one statement: its reviewer's alone, locked until the transaction ends.

    `with_tie`: also how the viewer is tied to the child, which handing in asks for and each save need not wait for.
    Errors: NotAllowed; NotFound for everybody else.
    """
    viewer.require(Permission.COMPLETE_REVIEWS)
    mine = Review.reviewer_id == viewer.user_id
    return _load(viewer, review_id, mine, for_saving=True, with_tie=with_tie)[0]


def _load(
    viewer: Viewer,
    review_id: int,
    within: ColumnElement[bool],
    *,
    for_saving: bool = False,
    with_tie: bool = True,
) -> tuple[ReviewSheet, int]:
    given = _given(review_id)
    statement = _sheet_statement(viewer, given, with_tie=with_tie).where(Review.id == review_id, within)
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
        cohort_number=first.cohort_number or 0,
        release=ReviewRelease(
            review.released_at, first.released_by, review.release_held_at, review.release_held_reason
        ),
        is_own_practice=bool(first.is_own_practice),
        is_stopped=review.state is not ReviewState.SUBMITTED
        and (first.set_aside_at is not None or first.closed_at is not None),
        barred_by=ChildTie(first.tie) if first.tie and first.cohort_kind not in OWN_WORK_KINDS else None,
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


def _sheet_statement(viewer: Viewer, given: Subquery, *, with_tie: bool) -> Select[*tuple[Any, ...]]:
    releaser = aliased(User)
    pinned = func.coalesce(Review.form_version_id, CohortForm.form_version_id)
    of_cohort = aliased(AuditFormVersion)
    return (
        select(
            Review,
            of_cohort.number.label("cohort_number"),
            AuditFormVersion.id.label("version_id"),
            AuditFormVersion.number,
            AuditFormVersion.content_sha256,
            Cohort.title.label("cohort_title"),
            func.coalesce(CohortCase.due_on, Cohort.due_on).label("due_on"),
            CohortCase.plan_type,
            CohortCase.case_record_id,
            CohortCase.set_aside_at,
            Cohort.closed_at,
            User.name.label("reviewer"),
            Cohort.kind.label("cohort_kind"),
            releaser.name.label("released_by"),
            (tie_of_viewer(viewer) if with_tie else cast(null(), String(40))).label("tie"),
            (own_practice_within(viewer) if with_tie else false()).label("is_own_practice"),
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
        .outerjoin(
            of_cohort,
            (of_cohort.id == CohortForm.form_version_id) & (of_cohort.form_id == AuditFormVersion.form_id),
        )
        .outerjoin(releaser, releaser.id == Review.released_by_id)
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
