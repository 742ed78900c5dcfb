"""What the theme pages show: addresses and words around what the queries give."""

from dataclasses import dataclass
from datetime import date

from flask import url_for

from qa_app.domain.caseload import PlanType
from qa_app.domain.references import finding_ref, review_ref
from qa_app.queries.themes.findings import FindingRow
from qa_app.queries.themes.pages import (
    Having,
    Rate,
    RateRow,
    ThemeFindings,
    ThemeList,
    ThemePage,
    ThemeReviews,
)
from qa_app.queries.themes.tree import ThemeNode
from qa_app.web.shared.action_lines import ActionLine
from qa_app.web.shared.template_filters import counted, month
from qa_app.web.themes.slices import AskedSlice, SliceChoices, slice_choices, slice_words

Crumbs = list[dict[str, str]]

HAVING_WORDS = {
    Having.ALL: "Reviews asked about this theme",
    Having.WEAKNESS: "Reviews with a weakness in this theme",
    Having.STRENGTH: "Reviews with a strength in this theme",
    Having.UNASKED: "Reviews with a finding on this theme that were not asked about it",
}


@dataclass(frozen=True)
class ThemeLink:
    """A theme to go to."""

    title: str
    href: str


@dataclass(frozen=True)
class ThemeListLine:
    """One theme in the list."""

    title: str
    href: str
    depth: int
    is_safety_critical: bool
    rate: Rate
    weakness_href: str
    strength_href: str
    findings_href: str
    n_findings: int
    n_actions: int


@dataclass(frozen=True)
class ThemeListView:
    """The list of themes."""

    slice_words: str
    slice: AskedSlice
    choices: SliceChoices
    clear_href: str
    rows: tuple[ThemeListLine, ...]
    shows_actions: bool


@dataclass(frozen=True)
class SliceLine:
    """The rate of one slice; each figure leads to the reviews behind it."""

    label: str
    href: str
    rate: Rate
    weakness_href: str
    strength_href: str


@dataclass(frozen=True)
class FindingLine:
    """One finding behind a figure."""

    ref: str
    href: str
    kind: str
    severity: str
    words: str
    review_ref: str
    review_href: str
    team: str
    plan_type: str
    month: date


@dataclass(frozen=True)
class ThemeView:
    """The page of one theme."""

    title: str
    definition: str
    is_safety_critical: bool
    crumbs: Crumbs
    children: tuple[ThemeLink, ...]
    slice_words: str
    slice: AskedSlice
    choices: SliceChoices
    clear_href: str
    total: Rate
    weakness_href: str
    strength_href: str
    by_area: tuple[SliceLine, ...]
    by_team: tuple[SliceLine, ...]
    by_plan_type: tuple[SliceLine, ...]
    by_month: tuple[SliceLine, ...]
    n_unasked: int
    unasked_href: str
    n_findings: int
    findings: tuple[FindingLine, ...]
    all_findings_href: str
    actions: list[ActionLine]
    shows_actions: bool


@dataclass(frozen=True)
class ReviewLine:
    """One review behind a figure."""

    ref: str
    href: str
    month: date
    plan_type: str
    team: str
    grade: str | None
    findings: tuple[FindingLine, ...]


@dataclass(frozen=True)
class ThemeReviewsView:
    """The reviews behind one figure."""

    heading: str
    theme_title: str
    caption: str
    crumbs: Crumbs
    rows: tuple[ReviewLine, ...]
    number: int
    n_pages: int


@dataclass(frozen=True)
class ThemeFindingsView:
    """Every finding behind a theme's figures."""

    theme_title: str
    caption: str
    crumbs: Crumbs
    findings: tuple[FindingLine, ...]


def theme_findings_view(found: ThemeFindings, asked: AskedSlice, words: str) -> ThemeFindingsView:
    """Every finding behind a theme's figures in a slice."""
    n_shown = len(found.findings)
    shown = "" if n_shown == found.n_findings else f"; the {n_shown:,} that matter most are listed"
    return ThemeFindingsView(
        found.theme.title,
        f"{counted(found.n_findings, 'finding')}, {words}{shown}",
        [*crumbs_to((), found.theme, asked), {"text": "Findings"}],
        tuple(finding_line(one) for one in found.findings),
    )


def theme_list_view(found: ThemeList, asked: AskedSlice, *, shows_actions: bool) -> ThemeListView:
    """The list of themes in a slice."""
    choices = slice_choices(found.options)
    rows = tuple(
        ThemeListLine(
            row.theme.title,
            url_for("themes.show", theme_id=row.theme.theme_id, **asked.as_query()),
            row.depth,
            row.theme.is_safety_critical,
            row.rate,
            reviews_href(row.theme.theme_id, asked, Having.WEAKNESS),
            reviews_href(row.theme.theme_id, asked, Having.STRENGTH),
            url_for("themes.findings", theme_id=row.theme.theme_id, **asked.as_query()),
            row.n_findings,
            row.n_actions,
        )
        for row in found.rows
    )
    return ThemeListView(
        slice_words(asked, choices), asked, choices, url_for("themes.index"), rows, shows_actions
    )


def theme_view(
    page: ThemePage, asked: AskedSlice, actions: list[ActionLine], *, shows_actions: bool
) -> ThemeView:
    """The page of one theme in a slice."""
    theme_id = page.theme.theme_id
    choices = slice_choices(page.options)
    return ThemeView(
        title=page.theme.title,
        definition=page.theme.definition,
        is_safety_critical=page.theme.is_safety_critical,
        crumbs=crumbs_to(page.above, page.theme, asked, is_last=True),
        children=tuple(
            ThemeLink(one.title, url_for("themes.show", theme_id=one.theme_id, **asked.as_query()))
            for one in page.children
        ),
        slice_words=slice_words(asked, choices),
        slice=asked,
        choices=choices,
        clear_href=url_for("themes.show", theme_id=theme_id),
        total=page.total,
        weakness_href=reviews_href(theme_id, asked, Having.WEAKNESS),
        strength_href=reviews_href(theme_id, asked, Having.STRENGTH),
        by_area=_lines(theme_id, asked, page.by_area, "area"),
        by_team=_lines(theme_id, asked, page.by_team, "team"),
        by_plan_type=_lines(theme_id, asked, page.by_plan_type, "plan_type"),
        by_month=_lines(theme_id, asked, page.by_month, "month"),
        n_unasked=page.n_unasked,
        unasked_href=reviews_href(theme_id, asked, Having.UNASKED),
        n_findings=page.n_findings,
        findings=tuple(finding_line(one) for one in page.findings),
        all_findings_href=(
            url_for("themes.findings", theme_id=theme_id, **asked.as_query())
            if page.n_findings > len(page.findings)
            else ""
        ),
        actions=actions,
        shows_actions=shows_actions,
    )


def theme_reviews_view(
    found: ThemeReviews, asked: AskedSlice, having: Having, words: str
) -> ThemeReviewsView:
    """The reviews behind one figure."""
    return ThemeReviewsView(
        heading=HAVING_WORDS[having],
        theme_title=found.theme.title,
        caption=f"{counted(found.n_reviews, 'review')}, {words}",
        crumbs=[*crumbs_to((), found.theme, asked), {"text": HAVING_WORDS[having]}],
        rows=tuple(
            ReviewLine(
                review_ref(row.review_id),
                url_for("reviews.show", review_id=row.review_id),
                row.month,
                row.plan_type.label,
                row.team,
                row.grade.value if row.grade else None,
                tuple(finding_line(one) for one in row.findings),
            )
            for row in found.rows
        ),
        number=found.number,
        n_pages=found.n_pages,
    )


def crumbs_to(
    above: tuple[ThemeNode, ...], theme: ThemeNode, asked: AskedSlice, *, is_last: bool = False
) -> Crumbs:
    """The way from the list of themes down to one."""
    crumbs = [{"text": "Themes", "href": url_for("themes.index", **asked.as_query())}]
    for one in (*above, theme):
        href = url_for("themes.show", theme_id=one.theme_id, **asked.as_query())
        crumbs.append({"text": one.title, "href": href})
    if is_last:
        crumbs[-1] = {"text": theme.title}
    return crumbs


def finding_line(row: FindingRow) -> FindingLine:
    """One finding in a list."""
    anchor = f"question-{row.question_key}" if row.question_key else None
    return FindingLine(
        finding_ref(row.finding_id),
        url_for("findings.show", finding_id=row.finding_id),
        row.kind.value,
        row.severity.value,
        row.words,
        review_ref(row.review_id),
        url_for("reviews.show", review_id=row.review_id, question=row.question_key, _anchor=anchor),
        row.team,
        PlanType(row.plan_type).label,
        row.month,
    )


def reviews_href(theme_id: int, asked: AskedSlice, having: Having, **changes: str) -> str:
    """The address of the reviews behind a figure."""
    return url_for("themes.reviews", theme_id=theme_id, having=having.value, **asked.as_query(**changes))


def _lines(theme_id: int, asked: AskedSlice, rows: tuple[RateRow, ...], by: str) -> tuple[SliceLine, ...]:
    lines = []
    for row in rows:
        changes = {"from": row.key, "to": row.key} if by == "month" else {by: row.key}
        lines.append(
            SliceLine(
                month(row.label) if by == "month" else row.label,
                url_for("themes.show", theme_id=theme_id, **asked.as_query(**changes)),
                row.rate,
                reviews_href(theme_id, asked, Having.WEAKNESS, **changes),
                reviews_href(theme_id, asked, Having.STRENGTH, **changes),
            )
        )
    return tuple(lines)
