"""What the finding pages show: addresses and words around what the queries give."""

from dataclasses import dataclass

from flask import url_for

from qa_app.domain.audit_forms.kinds import FindingKind
from qa_app.domain.references import finding_ref, review_ref
from qa_app.queries.findings import AskedAbout, FindingContext, FindingPage
from qa_app.web.findings.forms import SEVERITY_HINTS, ThemeGroup, theme_groups
from qa_app.web.shared.template_filters import day, month

Facts = list[tuple[str, str]]
Crumbs = list[dict[str, str]]


@dataclass(frozen=True)
class FindingLine:
    """A finding in a list."""

    ref: str
    href: str
    kind: FindingKind
    words: str


@dataclass(frozen=True)
class NewFindingView:
    """The page on which a finding is raised."""

    review_ref: str
    back_href: str
    post_href: str
    about: str
    facts: Facts
    earlier: tuple[FindingLine, ...]
    has_question_themes: bool
    theme_groups: tuple[ThemeGroup, ...]
    severity_hints: dict[str, str]


@dataclass(frozen=True)
class ThemeLine:
    """A theme in a list."""

    title: str
    definition: str
    href: str


@dataclass(frozen=True)
class FindingView:
    """The page of one finding."""

    ref: str
    kind: FindingKind
    severity: str
    words: str
    crumbs: Crumbs
    answer_heading: str
    answer_facts: Facts
    answer_href: str
    review_facts: Facts
    review_ref: str
    review_href: str
    themes: tuple[ThemeLine, ...]
    withdraw_href: str


def new_finding_view(context: FindingContext, chosen: list[str]) -> NewFindingView:
    """The page on which a finding is raised, with the themes ticked that were chosen."""
    asked = context.asked
    key = asked.question_key if asked else None
    return NewFindingView(
        review_ref=review_ref(context.review_id),
        back_href=question_href(context.review_id, key),
        post_href=url_for("findings.create", review_id=context.review_id, question=key),
        about=asked.question if asked else "About the whole file",
        facts=[fact for fact in answer_facts(asked) if fact[0] != "Question"] if asked else [],
        earlier=tuple(
            FindingLine(
                finding_ref(one.finding_id),
                url_for("findings.show", finding_id=one.finding_id),
                one.kind,
                one.words,
            )
            for one in context.earlier
        ),
        has_question_themes=bool(asked and asked.themes),
        theme_groups=theme_groups(context.taxonomy, chosen),
        severity_hints=SEVERITY_HINTS,
    )


def finding_view(page: FindingPage, *, may_see_themes: bool) -> FindingView:
    """The page of one finding, with the way up to the answer and down to the themes."""
    ref = review_ref(page.review_id)
    review_href = url_for("reviews.show", review_id=page.review_id)
    key = page.asked.question_key if page.asked else None
    facts: Facts = [
        ("Cohort", page.cohort_title),
        ("Month", month(page.month)),
        ("Plan type", page.plan_type.label),
        ("Team", page.team or ""),
        ("Service area", page.service_area or ""),
        ("Submitted", day(page.submitted_at) if page.submitted_at else "Not submitted yet"),
        ("Raised by", page.raised_by),
        ("Raised on", day(page.raised_at)),
    ]
    return FindingView(
        ref=finding_ref(page.finding_id),
        kind=page.kind,
        severity=page.severity.value,
        words=page.words,
        crumbs=[
            {"text": f"Review {ref}", "href": review_href},
            {"text": f"Finding {finding_ref(page.finding_id)}"},
        ],
        answer_heading="The answer it comes from" if page.asked else "Where it comes from",
        answer_facts=[
            *(answer_facts(page.asked) if page.asked else [("About", "The whole file")]),
            *([("In the record", page.record_place)] if page.record_place else []),
        ],
        answer_href=question_href(page.review_id, key),
        review_facts=facts,
        review_ref=ref,
        review_href=review_href,
        themes=tuple(
            ThemeLine(
                theme.title,
                theme.definition,
                url_for("themes.show", theme_id=theme.theme_id) if may_see_themes else "",
            )
            for theme in page.themes
        ),
        withdraw_href=url_for("findings.withdraw", finding_id=page.finding_id) if page.may_withdraw else "",
    )


def answer_facts(asked: AskedAbout) -> Facts:
    """The question and its answer, as facts."""
    facts = [("Section", asked.section), ("Question", asked.question), ("Answer", asked.answer)]
    return [*facts, ("Reason", asked.reason)] if asked.reason else facts


def question_href(review_id: int, question_key: str | None) -> str:
    """The place of a question in its review."""
    anchor = f"question-{question_key}" if question_key else None
    return url_for("reviews.show", review_id=review_id, question=question_key, _anchor=anchor)
