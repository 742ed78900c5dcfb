"""The theme list, one theme's page, and the reviews behind each of its figures."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, not_, select

from qa_app.analysis.trends import rates_by, rates_by_month, totals
from qa_app.domain.access import Permission, Viewer
from qa_app.domain.audit_forms.kinds import FindingKind
from qa_app.domain.caseload import PlanType
from qa_app.domain.errors import NotFound
from qa_app.domain.grades import Grade
from qa_app.extensions import db
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.findings import Finding
from qa_app.models.improvement import ThemeLink
from qa_app.models.organisation import ServiceArea, Team
from qa_app.models.reviews import Review
from qa_app.queries.scope import teams_within
from qa_app.queries.themes.counts import (
    ThemeSlice,
    asked_about,
    below,
    count_themes,
    has_finding,
    in_slice,
    theme_cells,
)
from qa_app.queries.themes.findings import FindingRow, count_findings, count_findings_by_theme, list_findings
from qa_app.queries.themes.tree import ThemeNode, ThemeTree, load_tree

N_FINDINGS_SHOWN = 50
N_REVIEWS_PER_PAGE = 50
MOST_FINDINGS = 1000


class Having(StrEnum):
    """Which of the reviews behind a figure: all of N, those of n, or those that no figure counts."""

    ALL = "all"
    WEAKNESS = "weakness"
    STRENGTH = "strength"
    UNASKED = "unasked"


@dataclass(frozen=True)
class Rate:
    """Reviews asked about a theme, and those of them with a weakness and with a strength."""

    n_reviews: int = 0
    n_weakness: int = 0
    n_strength: int = 0


@dataclass(frozen=True)
class RateRow:
    """The rate of one slice. `key`: team or service area number (0: none recorded), plan type, or month."""

    key: str
    label: str
    rate: Rate


@dataclass(frozen=True)
class SliceOptions:
    """What the viewer may slice by: service areas and teams within reach, by number and name."""

    areas: tuple[tuple[int, str], ...]
    teams: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class ThemeListRow:
    """One theme in the list."""

    theme: ThemeNode
    depth: int
    rate: Rate
    n_findings: int
    n_actions: int


@dataclass(frozen=True)
class ThemeList:
    """Every theme with its rate in the slice."""

    rows: tuple[ThemeListRow, ...]
    options: SliceOptions


@dataclass(frozen=True)
class ThemePage:
    """One theme in one slice: its rates, the findings behind them, and its place in the tree.

    `n_unasked`: reviews of the slice with a finding on the theme that were not asked about it.
    `findings`: the first of `n_findings`, what matters most first.
    """

    theme: ThemeNode
    above: tuple[ThemeNode, ...]
    children: tuple[ThemeNode, ...]
    total: Rate
    by_area: tuple[RateRow, ...]
    by_team: tuple[RateRow, ...]
    by_plan_type: tuple[RateRow, ...]
    by_month: tuple[RateRow, ...]
    n_unasked: int
    n_findings: int
    findings: tuple[FindingRow, ...]
    options: SliceOptions


@dataclass(frozen=True)
class ReviewRow:
    """One review behind a figure, with its findings on the theme."""

    review_id: int
    month: date
    plan_type: PlanType
    team: str
    grade: Grade | None
    findings: tuple[FindingRow, ...]


@dataclass(frozen=True)
class ThemeReviews:
    """A page of the reviews behind a figure. `n_reviews`: all of them."""

    theme: ThemeNode
    n_reviews: int
    number: int
    n_pages: int
    rows: tuple[ReviewRow, ...]


@dataclass(frozen=True)
class ThemeFindings:
    """The findings behind a theme's figures, what matters most first: the first of `n_findings`."""

    theme: ThemeNode
    n_findings: int
    findings: tuple[FindingRow, ...]


def get_theme_list(viewer: Viewer, chosen: ThemeSlice) -> ThemeList:
    """Every theme with how often it came up in the slice.

    Errors: NotAllowed.
    """
    viewer.require(Permission.SEE_THEMES)
    tree = load_tree()
    counts = count_themes(viewer, chosen)
    n_findings = count_findings_by_theme(viewer, chosen)
    n_actions = _actions_by_theme() if viewer.may(Permission.SEE_PLAN) else {}
    rows = []
    for node, depth in tree.walked():
        count = counts.get(node.theme_id)
        rate = Rate(count.n_reviews, count.n_weakness, count.n_strength) if count else Rate()
        rows.append(
            ThemeListRow(node, depth, rate, n_findings.get(node.theme_id, 0), n_actions.get(node.theme_id, 0))
        )
    return ThemeList(tuple(rows), slice_options(viewer))


def get_theme_page(viewer: Viewer, theme_id: int, chosen: ThemeSlice) -> ThemePage:
    """One theme in one slice.

    Errors: NotAllowed; NotFound for no such theme.
    """
    viewer.require(Permission.SEE_THEMES)
    tree, node = _theme(theme_id)
    theme_ids = tree.counted_with(theme_id)
    cells = theme_cells(viewer, theme_ids, chosen)
    n_reviews, n_weakness, n_strength = totals(cells)
    months = sorted(set(cells["month"]))
    first = f"{chosen.first:%Y-%m}" if chosen.first else (months[0] if months else "")
    last = f"{chosen.last:%Y-%m}" if chosen.last else (months[-1] if months else "")
    by_month = rates_by_month(cells, first, last) if first and last else cells[:0]
    in_it = in_slice(viewer, chosen)
    return ThemePage(
        theme=node,
        above=tree.above(theme_id),
        children=tree.children_of(theme_id),
        total=Rate(n_reviews, n_weakness, n_strength),
        by_area=tuple(
            RateRow(str(row.area_id), str(row.area) or "No service area recorded", _rate(row))
            for row in rates_by(cells, "area_id", "area").itertuples()
        ),
        by_team=tuple(
            RateRow(str(row.team_id), str(row.team) or "No team recorded", _rate(row))
            for row in rates_by(cells, "team_id", "team").itertuples()
        ),
        by_plan_type=tuple(
            RateRow(str(row.plan_type), PlanType(str(row.plan_type)).label, _rate(row))
            for row in rates_by(cells, "plan_type").itertuples()
        ),
        by_month=tuple(RateRow(str(row.month), str(row.month), _rate(row)) for row in by_month.itertuples()),
        n_unasked=_count_reviews(viewer, chosen, theme_ids, Having.UNASKED),
        n_findings=count_findings(viewer, theme_ids, in_it),
        findings=list_findings(viewer, theme_ids, in_it, limit=N_FINDINGS_SHOWN),
        options=slice_options(viewer),
    )


def list_theme_findings(viewer: Viewer, theme_id: int, chosen: ThemeSlice) -> ThemeFindings:
    """The findings behind a theme's figures in a slice, what matters most first.

    Errors: NotAllowed; NotFound for no such theme.
    """
    viewer.require(Permission.SEE_THEMES)
    tree, node = _theme(theme_id)
    theme_ids, in_it = tree.counted_with(theme_id), in_slice(viewer, chosen)
    found = list_findings(viewer, theme_ids, in_it, limit=MOST_FINDINGS)
    return ThemeFindings(node, count_findings(viewer, theme_ids, in_it), found)


def list_theme_reviews(
    viewer: Viewer, theme_id: int, chosen: ThemeSlice, having: Having, number: int = 1
) -> ThemeReviews:
    """The reviews behind one figure of a theme, the latest month first.

    Errors: NotAllowed; NotFound for no such theme.
    """
    viewer.require(Permission.SEE_THEMES)
    tree, node = _theme(theme_id)
    theme_ids = tree.counted_with(theme_id)
    n_reviews = _count_reviews(viewer, chosen, theme_ids, having)
    n_pages = max(1, -(-n_reviews // N_REVIEWS_PER_PAGE))
    number = min(max(1, number), n_pages)
    rows = db.session.execute(
        select(Review.id, Cohort.month, CohortCase.plan_type, Team.name, Review.overall_grade)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .outerjoin(Team, Team.id == CohortCase.team_id)
        .where(in_slice(viewer, chosen), _behind(theme_ids, having))
        .order_by(Cohort.month.desc(), Review.id)
        .limit(N_REVIEWS_PER_PAGE)
        .offset((number - 1) * N_REVIEWS_PER_PAGE)
    ).all()
    review_ids = [row.id for row in rows]
    carried = list_findings(viewer, theme_ids, Finding.review_id.in_(review_ids))
    found = tuple(
        ReviewRow(
            row.id,
            row.month,
            row.plan_type,
            row.name or "No team recorded",
            row.overall_grade,
            tuple(finding for finding in carried if finding.review_id == row.id),
        )
        for row in rows
    )
    return ThemeReviews(node, n_reviews, number, n_pages, found)


def slice_options(viewer: Viewer) -> SliceOptions:
    """The service areas and teams within the viewer's reach."""
    rows = db.session.execute(
        select(Team.id, Team.name, ServiceArea.id, ServiceArea.name)
        .outerjoin(ServiceArea, ServiceArea.id == Team.service_area_id)
        .where(teams_within(viewer, Permission.SEE_THEMES))
        .order_by(Team.name)
    ).all()
    areas = {area_id: area for _, _, area_id, area in rows if area_id is not None}
    return SliceOptions(
        tuple(sorted(areas.items(), key=lambda item: item[1])),
        tuple((team_id, team) for team_id, team, _, _ in rows),
    )


def _theme(theme_id: int) -> tuple[ThemeTree, ThemeNode]:
    tree = load_tree()
    node = tree.by_id.get(theme_id)
    if node is None:
        raise NotFound
    return tree, node


def _rate(row: object) -> Rate:
    return Rate(*(int(getattr(row, name)) for name in ("n_reviews", "n_weakness", "n_strength")))


def _behind(theme_ids: Collection[int], having: Having) -> ColumnElement[bool]:
    if having is Having.UNASKED:
        return and_(has_finding(theme_ids), not_(asked_about(theme_ids)))
    if having is Having.ALL:
        return asked_about(theme_ids)
    return and_(asked_about(theme_ids), has_finding(theme_ids, FindingKind(having.value)))


def _count_reviews(viewer: Viewer, chosen: ThemeSlice, theme_ids: Collection[int], having: Having) -> int:
    return (
        db.session.scalar(
            select(func.count(Review.id))
            .join(CohortCase, CohortCase.id == Review.cohort_case_id)
            .join(Cohort, Cohort.id == CohortCase.cohort_id)
            .outerjoin(Team, Team.id == CohortCase.team_id)
            .where(in_slice(viewer, chosen), _behind(theme_ids, having))
        )
        or 0
    )


def _actions_by_theme() -> dict[int, int]:
    """Plan actions linked to each theme or to one it counts with, each action once: as on the theme's page."""
    reach = below()
    statement = (
        select(reach.c.counts_for_id, func.count(ThemeLink.action_id.distinct()))
        .join(ThemeLink, ThemeLink.theme_id == reach.c.theme_id)
        .where(ThemeLink.removed_at.is_(None))
        .group_by(reach.c.counts_for_id)
    )
    return {theme_id: n for theme_id, n in db.session.execute(statement)}  # noqa: C416
