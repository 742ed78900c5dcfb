"""The findings that carry a theme: those behind its figures, in the viewer's reach."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, case, exists, func, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.audit_forms.kinds import FindingKind
from qa_app.domain.caseload import PlanType
from qa_app.domain.findings import Severity
from qa_app.extensions import db
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.findings import Finding, FindingTheme
from qa_app.models.organisation import Team
from qa_app.models.reviews import Review
from qa_app.queries.scope import findings_within
from qa_app.queries.themes.counts import ThemeSlice, below, in_slice


@dataclass(frozen=True)
class FindingRow:
    """One finding behind a figure."""

    finding_id: int
    review_id: int
    kind: FindingKind
    severity: Severity
    words: str
    question_key: str | None
    team: str
    plan_type: PlanType
    month: date


def _carrying(viewer: Viewer, theme_ids: Collection[int]) -> ColumnElement[bool]:
    carries = select(FindingTheme.finding_id).where(
        FindingTheme.finding_id == Finding.id, FindingTheme.theme_id.in_(sorted(theme_ids))
    )
    return and_(exists(carries), findings_within(viewer, Permission.SEE_THEMES))


def list_findings(
    viewer: Viewer, theme_ids: Collection[int], condition: ColumnElement[bool], limit: int | None = None
) -> tuple[FindingRow, ...]:
    """Findings that carry one of the themes and fit the condition, what matters most first."""
    rank = case({severity.value: severity.rank for severity in Severity}, value=Finding.severity)
    statement = (
        select(
            Finding.id,
            Finding.review_id,
            Finding.kind,
            Finding.severity,
            Finding.words,
            Finding.question_key,
            Team.name,
            Finding.plan_type,
            Cohort.month,
        )
        .join(Review, Review.id == Finding.review_id)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .outerjoin(Team, Team.id == CohortCase.team_id)
        .where(_carrying(viewer, theme_ids), condition)
        .order_by(rank, Cohort.month.desc(), Finding.id)
        .limit(limit)
    )
    return tuple(
        FindingRow(
            row.id,
            row.review_id,
            row.kind,
            row.severity,
            row.words,
            row.question_key,
            row.name or "No team recorded",
            row.plan_type,
            row.month,
        )
        for row in db.session.execute(statement)
    )


def count_findings(viewer: Viewer, theme_ids: Collection[int], condition: ColumnElement[bool]) -> int:
    """How many findings carry one of the themes and fit the condition."""
    statement = (
        select(func.count(Finding.id))
        .join(Review, Review.id == Finding.review_id)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .outerjoin(Team, Team.id == CohortCase.team_id)
        .where(_carrying(viewer, theme_ids), condition)
    )
    return db.session.scalar(statement) or 0


def count_findings_by_theme(viewer: Viewer, chosen: ThemeSlice) -> dict[int, int]:
    """How many findings of the slice count for each theme, by theme id."""
    reach = below()
    statement = (
        select(reach.c.counts_for_id, func.count(Finding.id.distinct()))
        .select_from(Finding)
        .join(FindingTheme, FindingTheme.finding_id == Finding.id)
        .join(reach, reach.c.theme_id == FindingTheme.theme_id)
        .join(Review, Review.id == Finding.review_id)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .outerjoin(Team, Team.id == CohortCase.team_id)
        .where(in_slice(viewer, chosen), findings_within(viewer, Permission.SEE_THEMES))
        .group_by(reach.c.counts_for_id)
    )
    return {theme_id: n for theme_id, n in db.session.execute(statement)}  # noqa: C416
