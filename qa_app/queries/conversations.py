"""Whether reviewers talked with the practitioner and heard from the family: n of N, by month, team and plan type."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.answer_conversations import (
    WHY_CODE,
    Conversation,
    FamilyFeedback,
    PractitionerConversation,
)
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohorts import OUT_OF_BASE, ReviewState
from qa_app.extensions import db
from qa_app.models.audit_forms import AuditFormVersionQuestion
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.organisation import Team
from qa_app.models.reviews import AnswerRow, Review
from qa_app.queries.scope import reviews_within


@dataclass(frozen=True)
class Share:
    """How many of how many."""

    name: str
    n: int
    total: int


@dataclass(frozen=True)
class ConversationRate:
    """One of the two conversations: the share that took place, cut three ways, and why others did not.

    The base: submitted reviews of cohorts drawn at random or as a census, within reach, whose form asks it and that
    could judge it. `reasons`: of those without one, how often each reason was given.
    """

    title: str
    whole: Share
    by_month: tuple[Share, ...]
    by_team: tuple[Share, ...]
    by_plan_type: tuple[Share, ...]
    reasons: tuple[Share, ...]


@dataclass(frozen=True)
class _Row:
    kind: str
    month: date
    team: str
    plan_type: PlanType
    held: str | None
    why: str | None
    n: int


def get_conversation_rates(
    viewer: Viewer, first: date | None = None, last: date | None = None
) -> tuple[ConversationRate, ...]:
    """Both rates between two months of cohorts; one statement. Errors: NotAllowed."""
    viewer.require(Permission.SEE_THEMES)
    rows = _rows(viewer, first, last)
    return tuple(_rate(kind, [row for row in rows if row.kind == kind.name]) for kind in _KINDS)


_KINDS: tuple[type[Conversation], ...] = (PractitionerConversation, FamilyFeedback)


def _rows(viewer: Viewer, first: date | None, last: date | None) -> list[_Row]:
    asked = AuditFormVersionQuestion
    held = func.coalesce(
        *(AnswerRow.value[kind.leading].as_string() for kind in _KINDS)  # each answer has one of the two
    )
    columns = (
        asked.answer_type,
        Cohort.month,
        Team.name,
        CohortCase.plan_type,
        held,
        AnswerRow.value[WHY_CODE].as_string(),
    )
    limits = [
        Review.state == ReviewState.SUBMITTED,
        Cohort.counts_in_rates.is_(True),
        asked.answer_type.in_([kind.name for kind in _KINDS]),
        AnswerRow.outcome.is_not(None),
        AnswerRow.outcome.not_in(OUT_OF_BASE),
        reviews_within(viewer, Permission.SEE_THEMES),
    ]
    if first is not None:
        limits.append(Cohort.month >= first)
    if last is not None:
        limits.append(Cohort.month <= last)
    each = (
        select(*(column.label(f"c{place}") for place, column in enumerate(columns)))
        .select_from(Review)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .outerjoin(Team, Team.id == CohortCase.team_id)
        .join(AnswerRow, AnswerRow.review_id == Review.id)
        .join(
            asked,
            and_(asked.version_id == Review.form_version_id, asked.question_key == AnswerRow.question_key),
        )
        .where(*limits)
        .subquery("each")
    )
    found = db.session.execute(select(*each.c, func.count()).group_by(*each.c))
    return [_Row(row[0], row[1], row[2] or "No team", row[3], row[4], row[5], row[6]) for row in found]


def _rate(kind: type[Conversation], rows: list[_Row]) -> ConversationRate:
    without = [row for row in rows if row.held != "yes"]
    reasons = next(part.choices for part in kind.parts if part.key == WHY_CODE)
    given = Counter[str | None]()
    for row in without:
        given[row.why] += row.n
    n_without = sum(given.values())
    told = [Share(choice.label, given[choice.key], n_without) for choice in reasons if given[choice.key]]
    n_untold = n_without - sum(one.n for one in told)
    if n_untold:
        told.append(Share("No reason chosen", n_untold, n_without))
    return ConversationRate(
        kind.title,
        _share("All", rows),
        _cut(rows, lambda row: (row.month.isoformat(), f"{row.month:%B %Y}")),
        _cut(rows, lambda row: (row.team, row.team)),
        _cut(rows, lambda row: (f"{list(PlanType).index(row.plan_type):02d}", row.plan_type.label)),
        tuple(sorted(told, key=lambda one: -one.n)),
    )


def _cut(rows: list[_Row], by: Callable[[_Row], tuple[str, str]]) -> tuple[Share, ...]:
    names = sorted({by(row) for row in rows})
    return tuple(_share(name, [row for row in rows if by(row) == (order, name)]) for order, name in names)


def _share(name: str, rows: list[_Row]) -> Share:
    return Share(name, sum(row.n for row in rows if row.held == "yes"), sum(row.n for row in rows))
