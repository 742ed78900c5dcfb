"""One finding with what it comes from, and what a reviewer sees who is about to raise one."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.answers import AnswerState
from qa_app.domain.audit_forms.form import AuditForm, Question
from qa_app.domain.audit_forms.kinds import FindingKind
from qa_app.domain.audit_forms.versions import published_form
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohorts import ReviewState
from qa_app.domain.errors import NotFound
from qa_app.domain.findings import Severity
from qa_app.domain.grades import Grade
from qa_app.domain.themes import Taxonomy, ThemeDefinition
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.cohorts import Cohort, CohortCase, CohortForm
from qa_app.models.findings import Finding, FindingTheme
from qa_app.models.organisation import ServiceArea, Team
from qa_app.models.reviews import AnswerRow, Review
from qa_app.models.themes import Theme
from qa_app.queries.scope import findings_within, reviews_within


@dataclass(frozen=True)
class AskedAbout:
    """The question that a finding hangs on, and its answer in words. Without a question: the whole file."""

    question_key: str
    section: str
    question: str
    answer: str
    reason: str
    themes: tuple[str, ...]
    offered_kind: FindingKind | None


@dataclass(frozen=True)
class EarlierFinding:
    """A finding raised before at the same place."""

    finding_id: int
    kind: FindingKind
    words: str


@dataclass(frozen=True)
class FindingContext:
    """What somebody sees who is about to raise a finding."""

    review_id: int
    plan_type: PlanType
    asked: AskedAbout | None
    earlier: tuple[EarlierFinding, ...]
    taxonomy: Taxonomy


@dataclass(frozen=True)
class CarriedTheme:
    """A theme that a finding carries."""

    theme_id: int
    title: str
    definition: str


@dataclass(frozen=True)
class FindingPage:
    """One finding: its words, the answer it comes from, the review, and the themes it carries."""

    finding_id: int
    kind: FindingKind
    severity: Severity
    words: str
    record_place: str
    raised_at: datetime
    raised_by: str
    asked: AskedAbout | None
    themes: tuple[CarriedTheme, ...]
    review_id: int
    review_grade: Grade | None
    is_submitted: bool
    submitted_at: datetime | None
    cohort_title: str
    month: date
    plan_type: PlanType
    team: str | None
    service_area: str | None
    may_withdraw: bool


def get_finding_context(viewer: Viewer, review_id: int, question_key: str | None) -> FindingContext:
    """What a finding on this review, and on this question of it, would hang on.

    Errors: NotAllowed; NotFound for a review out of reach or a question that its form does not ask.
    """
    viewer.require(Permission.RAISE_FINDINGS)
    # Before the first saved answer a review has no version of its own: the cohort's pinned one is what is shown.
    pinned = (
        select(CohortForm.form_version_id)
        .where(CohortForm.cohort_id == CohortCase.cohort_id, CohortForm.plan_type == CohortCase.plan_type)
        .scalar_subquery()
    )
    found = db.session.execute(
        select(CohortCase.plan_type, AuditFormVersion.content_sha256, AuditFormVersion.content)
        .select_from(Review)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(AuditFormVersion, AuditFormVersion.id == func.coalesce(Review.form_version_id, pinned))
        .where(Review.id == review_id, reviews_within(viewer, Permission.RAISE_FINDINGS))
    ).one_or_none()
    if found is None:
        raise NotFound
    form = published_form(found.content_sha256, lambda: found.content)
    asked = _asked(form, review_id, question_key) if question_key else None
    same_place = Finding.question_key == question_key if question_key else Finding.question_key.is_(None)
    earlier = db.session.execute(
        select(Finding.id, Finding.kind, Finding.words)
        .join(Review, Review.id == Finding.review_id)
        .where(Finding.review_id == review_id, same_place, findings_within(viewer, Permission.RAISE_FINDINGS))
        .order_by(Finding.id)
    ).all()
    return FindingContext(
        review_id,
        found.plan_type,
        asked,
        tuple(EarlierFinding(row.id, row.kind, row.words) for row in earlier),
        _taxonomy(),
    )


def get_finding_page(viewer: Viewer, finding_id: int) -> FindingPage:
    """One finding with where it comes from and what it carries.

    Errors: NotAllowed; NotFound out of reach.
    """
    viewer.require(Permission.SEE_FINDINGS)
    found = db.session.execute(
        select(
            Finding,
            Review,
            Cohort.title,
            Cohort.month,
            Team.name,
            ServiceArea.name,
            User.name,
            AuditFormVersion.content_sha256,
            AuditFormVersion.content,
        )
        .join(Review, Review.id == Finding.review_id)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .join(User, User.id == Finding.raised_by_id)
        .outerjoin(Team, Team.id == Finding.team_id)
        .outerjoin(ServiceArea, ServiceArea.id == Finding.service_area_id)
        .outerjoin(AuditFormVersion, AuditFormVersion.id == Review.form_version_id)
        .where(Finding.id == finding_id, findings_within(viewer, Permission.SEE_FINDINGS))
    ).one_or_none()
    if found is None:
        raise NotFound
    finding, review, cohort_title, month, team, area, raised_by, sha256, content = found
    asked = None
    if finding.question_key and content:
        asked = _asked(published_form(sha256, lambda: content), review.id, finding.question_key)
    is_submitted = review.state is ReviewState.SUBMITTED
    is_own = viewer.user_id is not None and finding.raised_by_id == viewer.user_id
    return FindingPage(
        finding_id=finding.id,
        kind=finding.kind,
        severity=finding.severity,
        words=finding.words,
        record_place=finding.record_place,
        raised_at=finding.raised_at,
        raised_by=raised_by,
        asked=asked,
        themes=_carried(finding_id),
        review_id=review.id,
        review_grade=review.overall_grade if is_submitted else None,
        is_submitted=is_submitted,
        submitted_at=review.submitted_at,
        cohort_title=cohort_title,
        month=month,
        plan_type=finding.plan_type,
        team=team,
        service_area=area,
        may_withdraw=is_own and not is_submitted and viewer.may(Permission.RAISE_FINDINGS),
    )


def _carried(finding_id: int) -> tuple[CarriedTheme, ...]:
    rows = db.session.execute(
        select(Theme.id, Theme.title, Theme.definition)
        .join(FindingTheme, FindingTheme.theme_id == Theme.id)
        .where(FindingTheme.finding_id == finding_id)
        .order_by(Theme.position)
    )
    return tuple(CarriedTheme(row.id, row.title, row.definition) for row in rows)


def _asked(form: AuditForm, review_id: int, question_key: str) -> AskedAbout:
    question = form.questions.get(question_key)
    if question is None:
        raise NotFound("This review's form does not ask that question. Go back to the review and try again.")
    row = db.session.execute(
        select(AnswerRow.state, AnswerRow.value, AnswerRow.reason).where(
            AnswerRow.review_id == review_id, AnswerRow.question_key == question_key
        )
    ).one_or_none()
    state = row.state if row else AnswerState.BLANK
    return AskedAbout(
        question_key,
        form.section_of[question_key].title,
        question.text,
        _in_words(question, state, row.value if row else None),
        row.reason if row else "",
        question.themes,
        question.finding.kind if question.finding else None,
    )


def _in_words(question: Question, state: AnswerState, value: object) -> str:
    if state is not AnswerState.ANSWERED:
        return state.label
    return question.answer_type.display(value, question.choices)  # type: ignore[arg-type]


def _taxonomy() -> Taxonomy:
    rows = db.session.execute(
        select(Theme.id, Theme.key, Theme.title, Theme.definition, Theme.parent_id, Theme.is_safety_critical)
        .where(Theme.merged_into_id.is_(None))
        .order_by(Theme.position, Theme.id)
    ).all()
    key_of = {row.id: row.key for row in rows}
    return Taxonomy(
        tuple(
            ThemeDefinition(
                row.key, row.title, row.definition, key_of.get(row.parent_id), row.is_safety_critical
            )
            for row in rows
        )
    )
