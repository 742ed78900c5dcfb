"""The demonstration's rounds of review: drawn, allocated, filled in and handed in by their auditors."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from qa_app.demo.case_work import raise_actions
from qa_app.demo.lots import lot
from qa_app.demo.places import SAFEGUARDING, TEAMS, people
from qa_app.demo.sheets import Raised, Sheet, filled_in, findings_of
from qa_app.domain.access import Role, Viewer
from qa_app.domain.audit_forms.kinds import OVERALL, FindingKind
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohort_plan import CohortRules
from qa_app.domain.cohorts import CohortKind
from qa_app.domain.errors import Conflict
from qa_app.domain.findings import Severity, finding_draft
from qa_app.queries.cohorts import BoardCase, get_board
from qa_app.queries.cohorts_population import list_form_choices
from qa_app.queries.reviews import ReviewSheet, get_own_sheet
from qa_app.services.cohorts import CohortPlan, draw_cohort
from qa_app.services.cohorts_allocation import allocate_cohort
from qa_app.services.findings import raise_finding
from qa_app.services.reviews import SentAnswer, SentJudgement, save_parts
from qa_app.services.reviews_submission import submit_review

DAYS_TO_REVIEW = 20
SHARE_STARTED = 0.6
"""Of the reviews not handed in, the share that somebody has begun."""

ViewerOf = Callable[[str], Viewer]


@dataclass(frozen=True)
class Round:
    """One month's audit. `share_submitted`: about how many of its reviews are handed in by now."""

    month: date
    due_on: date
    caseload_day: date
    size: int
    share_submitted: float
    lift: float
    """How much better practice is than in the first month, on the scale of the reviews' quality."""


ROUNDS = (
    Round(date(2026, 9, 1), date(2026, 9, 30), date(2026, 8, 28), 40, 0.97, 0.0),
    Round(date(2026, 10, 1), date(2026, 10, 30), date(2026, 8, 28), 40, 0.95, 0.05),
    Round(date(2026, 11, 1), date(2026, 11, 30), date(2026, 10, 30), 53, 0.4, 0.1),
)


@dataclass
class Kept:
    """What the rounds left behind: counts, and the findings of handed-in reviews by theme."""

    n_reviews: int = 0
    n_submitted: int = 0
    n_findings: int = 0
    weaknesses: dict[str, list[int]] = field(default_factory=dict)
    begun: list[tuple[Viewer, int]] = field(default_factory=list)
    """Reviews that somebody works on, of children of one service area."""


def run_round(viewer_of: ViewerOf, import_id: int, round_: Round, kept: Kept) -> None:
    """Draw a month's cases, share them out, and let the auditors work."""
    lead = viewer_of("qa.lead")
    begun = datetime(round_.month.year, round_.month.month, 2, 9, 0, tzinfo=UTC)
    cohort = draw_cohort(lead, plan_of(lead, import_id, round_), at=begun)
    auditors = {viewer.user_id: viewer for viewer in auditors_of(viewer_of) if viewer.user_id is not None}
    allocate_cohort(lead, cohort.id, auditors, at=begun)
    for case in get_board(lead, cohort.id, today=round_.month).cases:
        if case.review_id is None or case.auditor_id is None:
            continue
        kept.n_reviews += 1
        review_case(auditors[case.auditor_id], case.review_id, case, round_, kept)


def plan_of(lead: Viewer, import_id: int, round_: Round) -> CohortPlan:
    """The plan of a round: the newest version of the form of each plan type, and a seed that anybody can read."""
    forms: dict[PlanType, int] = {}
    for form in list_form_choices(lead, CohortKind.MONTHLY_AUDIT):
        forms |= {plan_type: form.version_id for plan_type in form.plan_types if plan_type not in forms}
    rules = CohortRules(kind=CohortKind.MONTHLY_AUDIT, month=round_.month, size=round_.size)
    return CohortPlan(
        rules,
        due_on=round_.due_on,
        caseload_import_id=import_id,
        form_versions=forms,
        seed=f"demonstration-{round_.month:%Y-%m}",
    )


def auditors_of(viewer_of: ViewerOf) -> list[Viewer]:
    """Everybody who reviews."""
    return [viewer_of(person.address) for person in people() if person.role is Role.AUDITOR]


def review_case(auditor: Viewer, review_id: int, case: BoardCase, round_: Round, kept: Kept) -> None:
    """One review: filled in and handed in, begun, or not looked at yet."""
    ref = case.child_ref
    is_submitted = lot(ref, "submitted") < round_.share_submitted
    if not is_submitted and lot(ref, "started") >= SHARE_STARTED:
        return
    day = 3 + int(lot(ref, "day") * DAYS_TO_REVIEW)
    at = datetime(round_.month.year, round_.month.month, day, 11, 0, tzinfo=UTC)
    stands = get_own_sheet(auditor, review_id)
    quality = min(1.0, 0.15 + 0.7 * lot(ref, "quality") + round_.lift)
    sheet = filled_in(stands.form, ref, quality, at.date())
    save(auditor, stands, sheet, whole=is_submitted, at=at)
    if not is_submitted:
        if case.team in TEAMS[SAFEGUARDING]:
            kept.begun.append((auditor, review_id))
        return
    for raised in findings_of(stands.form, sheet, ref):
        keep_finding(auditor, review_id, raised, kept, at=at + timedelta(minutes=40))
    raise_actions(auditor, review_id, ref, at=at + timedelta(minutes=50))
    submission = submit_review(auditor, review_id, at=at + timedelta(hours=1))
    if submission.gaps:
        raise Conflict(f"A demonstration review has gaps: {[gap.words for gap in submission.gaps]}")
    kept.n_submitted += 1


def save(auditor: Viewer, stands: ReviewSheet, sheet: Sheet, *, whole: bool, at: datetime) -> None:
    """Save a whole review, or its first third."""
    questions = list(sheet.typed) if whole else list(sheet.typed)[: len(sheet.typed) // 3]
    answers = [SentAnswer(key, sheet.typed[key]) for key in questions]
    given = {**sheet.content.judgements, OVERALL: sheet.content.overall} if whole else {}
    judgements = [
        SentJudgement(section, judgement.grade, rationale=judgement.rationale)
        for section, judgement in given.items()
    ]
    save_parts(auditor, stands.review_id, answers, judgements, at=at)


def keep_finding(auditor: Viewer, review_id: int, raised: Raised, kept: Kept, *, at: datetime) -> None:
    """Raise one finding, and remember the weaknesses by theme."""
    severity = severity_of(raised, review_id)
    draft = finding_draft(raised.kind.value, severity.value, raised.words, list(raised.themes))
    finding_id = raise_finding(auditor, review_id, raised.question, draft, at=at)
    kept.n_findings += 1
    if raised.kind is FindingKind.WEAKNESS:
        for theme in raised.themes:
            kept.weaknesses.setdefault(theme, []).append(finding_id)


def severity_of(raised: Raised, review_id: int) -> Severity:
    """How much a finding matters: few are about safety."""
    height = lot(review_id, raised.question, "severity")
    if raised.kind is FindingKind.WEAKNESS and height < 0.04:
        return Severity.SAFETY_CRITICAL
    return Severity.SIGNIFICANT if height < 0.6 else Severity.MINOR
