"""How often themes come up: the statements behind every figure of a theme, scope applied in each.

N counts submitted reviews, of cohorts drawn at random or as a census, whose form version asks a question that
carries the theme (or one below it), unless every such question was answered *not applicable* or *cannot judge*
or was not asked. n counts those of them with a standing finding that carries the theme.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import CTE, ColumnElement, and_, case, exists, func, or_, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.audit_forms.kinds import FindingKind
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohorts import OUT_OF_BASE, ReviewState
from qa_app.extensions import db
from qa_app.models.audit_forms import AuditFormVersionQuestion, AuditFormVersionQuestionTheme
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.findings import Finding, FindingTheme
from qa_app.models.organisation import ServiceArea, Team
from qa_app.models.reviews import AnswerRow, Review
from qa_app.models.themes import Theme
from qa_app.queries.scope import reviews_within

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ThemeSlice:
    """Which reviews are looked at: months of cohorts from first to last, and where in the service.

    Units: first and last are the first days of months. None leaves a limit open. Team or area 0: none recorded.
    """

    first: date | None = None
    last: date | None = None
    area_id: int | None = None
    team_id: int | None = None
    plan_type: PlanType | None = None


@dataclass(frozen=True)
class ThemeCount:
    """One theme's reviews: those asked about it, and those of them with a weakness and with a strength."""

    theme_id: int
    n_reviews: int
    n_weakness: int
    n_strength: int


def below() -> CTE:
    """Each theme with every theme it counts for: itself, those above it, and those it was merged into."""
    top = select(Theme.id.label("theme_id"), Theme.id.label("counts_for_id")).cte("below", recursive=True)
    child = select(Theme.id, top.c.counts_for_id).join(
        top, or_(Theme.parent_id == top.c.theme_id, Theme.merged_into_id == top.c.theme_id)
    )
    return top.union(child)


def in_slice(viewer: Viewer, chosen: ThemeSlice) -> ColumnElement[bool]:
    """Submitted reviews that count in rates, reached by the viewer, in the slice.

    The statement joins Review, CohortCase and Cohort, and Team as an outer join.
    """
    limits = [
        Review.state == ReviewState.SUBMITTED,
        Cohort.counts_in_rates.is_(True),
        reviews_within(viewer, Permission.SEE_THEMES),
    ]
    if chosen.first is not None:
        limits.append(Cohort.month >= chosen.first)
    if chosen.last is not None:
        limits.append(Cohort.month <= chosen.last)
    if chosen.area_id is not None:
        limits.append(
            Team.service_area_id == chosen.area_id if chosen.area_id else Team.service_area_id.is_(None)
        )
    if chosen.team_id is not None:
        limits.append(
            CohortCase.team_id == chosen.team_id if chosen.team_id else CohortCase.team_id.is_(None)
        )
    if chosen.plan_type is not None:
        limits.append(CohortCase.plan_type == chosen.plan_type)
    return and_(*limits)


def asked_about(theme_ids: Collection[int]) -> ColumnElement[bool]:
    """Whether the review was asked about one of the themes, by a question that stayed in the base."""
    return exists(
        select(AnswerRow.id)
        .join(
            AuditFormVersionQuestion,
            and_(
                AuditFormVersionQuestion.version_id == Review.form_version_id,
                AuditFormVersionQuestion.question_key == AnswerRow.question_key,
            ),
        )
        .join(
            AuditFormVersionQuestionTheme,
            AuditFormVersionQuestionTheme.version_question_id == AuditFormVersionQuestion.id,
        )
        .where(
            AnswerRow.review_id == Review.id,
            AnswerRow.outcome.is_not(None),
            AnswerRow.outcome.not_in(OUT_OF_BASE),
            AuditFormVersionQuestionTheme.theme_id.in_(sorted(theme_ids)),
        )
        .correlate(Review)
    )


def has_finding(theme_ids: Collection[int], kind: FindingKind | None = None) -> ColumnElement[bool]:
    """Whether the review has a standing finding that carries one of the themes."""
    statement = (
        select(Finding.id)
        .join(FindingTheme, FindingTheme.finding_id == Finding.id)
        .where(
            Finding.review_id == Review.id,
            Finding.withdrawn_at.is_(None),
            FindingTheme.theme_id.in_(sorted(theme_ids)),
        )
        .correlate(Review)
    )
    return exists(statement.where(Finding.kind == kind) if kind is not None else statement)


def theme_cells(viewer: Viewer, theme_ids: Collection[int], chosen: ThemeSlice) -> "pd.DataFrame":
    """Counts of a theme, given with those below it, by team, plan type and month: small enough to shape in memory.

    Columns: area_id, area, team_id, team, plan_type, month (YYYY-MM), n_reviews, n_weakness, n_strength.
    """
    import pandas as pd

    base = (
        select(
            Team.service_area_id.label("area_id"),
            ServiceArea.name.label("area"),
            CohortCase.team_id.label("team_id"),
            Team.name.label("team"),
            CohortCase.plan_type.label("plan_type"),
            Cohort.month.label("month"),
            case((has_finding(theme_ids, FindingKind.WEAKNESS), 1), else_=0).label("weak"),
            case((has_finding(theme_ids, FindingKind.STRENGTH), 1), else_=0).label("strong"),
        )
        .select_from(Review)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .outerjoin(Team, Team.id == CohortCase.team_id)
        .outerjoin(ServiceArea, ServiceArea.id == Team.service_area_id)
        .where(in_slice(viewer, chosen), asked_about(theme_ids))
        .subquery("base")
    )
    keys = [base.c[name] for name in ("area_id", "area", "team_id", "team", "plan_type", "month")]
    rows = db.session.execute(
        select(*keys, func.count(), func.sum(base.c.weak), func.sum(base.c.strong)).group_by(*keys)
    ).all()
    columns = [
        "area_id", "area", "team_id", "team", "plan_type", "month", "n_reviews", "n_weakness", "n_strength"
    ]  # fmt: skip
    cells = [
        (
            area_id or 0,
            area or "",
            team_id or 0,
            team or "",
            PlanType(plan_type).value,
            f"{month:%Y-%m}",
            *counts,
        )
        for area_id, area, team_id, team, plan_type, month, *counts in rows
    ]
    return pd.DataFrame(cells, columns=columns)


def count_themes(viewer: Viewer, chosen: ThemeSlice) -> dict[int, ThemeCount]:
    """Every theme's counts in one statement, by theme id. A theme nobody was asked about is left out."""
    reach = below()
    asked = (
        select(Review.id.label("review_id"), reach.c.counts_for_id)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .outerjoin(Team, Team.id == CohortCase.team_id)
        .join(AnswerRow, AnswerRow.review_id == Review.id)
        .join(
            AuditFormVersionQuestion,
            and_(
                AuditFormVersionQuestion.version_id == Review.form_version_id,
                AuditFormVersionQuestion.question_key == AnswerRow.question_key,
            ),
        )
        .join(
            AuditFormVersionQuestionTheme,
            AuditFormVersionQuestionTheme.version_question_id == AuditFormVersionQuestion.id,
        )
        .join(reach, reach.c.theme_id == AuditFormVersionQuestionTheme.theme_id)
        .where(
            in_slice(viewer, chosen), AnswerRow.outcome.is_not(None), AnswerRow.outcome.not_in(OUT_OF_BASE)
        )
        .distinct()
        .cte("asked")
    )
    found = (
        select(
            Finding.review_id.label("review_id"),
            reach.c.counts_for_id,
            func.max(case((Finding.kind == FindingKind.WEAKNESS, 1), else_=0)).label("weak"),
            func.max(case((Finding.kind == FindingKind.STRENGTH, 1), else_=0)).label("strong"),
        )
        .join(FindingTheme, FindingTheme.finding_id == Finding.id)
        .join(reach, reach.c.theme_id == FindingTheme.theme_id)
        .where(Finding.withdrawn_at.is_(None))
        .group_by(Finding.review_id, reach.c.counts_for_id)
        .cte("found")
    )
    same = and_(found.c.review_id == asked.c.review_id, found.c.counts_for_id == asked.c.counts_for_id)
    statement = (
        select(
            asked.c.counts_for_id,
            func.count(),
            func.coalesce(func.sum(found.c.weak), 0),
            func.coalesce(func.sum(found.c.strong), 0),
        )
        .select_from(asked.outerjoin(found, same))
        .group_by(asked.c.counts_for_id)
    )
    return {
        row[0]: ThemeCount(row[0], row[1], int(row[2]), int(row[3])) for row in db.session.execute(statement)
    }
