"""What was reviewed in twelve months and what never was: by team, plan type, practitioner, age and ethnicity."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, case, func, literal, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.caseload import PlanType
from qa_app.domain.child_ties import OWN_WORK_KINDS
from qa_app.domain.cohorts import ReviewState
from qa_app.domain.strata import age_band
from qa_app.exchange.annex_a.spec import code_sets
from qa_app.extensions import db
from qa_app.models.caseload import CaseloadImport, CaseRecord
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.organisation import Practitioner, Team
from qa_app.models.reviews import Review
from qa_app.queries.scope import cohort_cases_within, teams_within

WINDOW_DAYS = 365
NOT_RECORDED = "Not recorded"
AGE_ORDER = {age_band(age, is_unborn=age < 0) or "": age + 2 for age in (-1, 0, 4, 9, 15, 17, 18)}


@dataclass(frozen=True)
class CoverageLine:
    """One part of the caseload: children there now, and how many of them had a review in the window."""

    name: str
    n_children: int
    n_reviewed: int


@dataclass(frozen=True)
class PractitionerLine:
    """A worker with open cases: how many, and the reviews of their practice in the window."""

    practitioner_id: int
    name: str
    team: str | None
    n_children: int
    n_reviews: int


@dataclass(frozen=True)
class CoveragePage:
    """The coverage of one day. `as_at` is the day of the lists that it is measured against; none without any."""

    as_at: date | None
    since: date
    total: CoverageLine
    parts: tuple[tuple[str, tuple[CoverageLine, ...]], ...]
    practitioners: tuple[PractitionerLine, ...]

    @property
    def n_never(self) -> int:
        """How many of the practitioners listed had no review in the window."""
        return sum(line.n_reviews == 0 for line in self.practitioners)


def get_coverage_page(viewer: Viewer, today: date) -> CoveragePage:
    """Which of the children on the newest lists had an independent review handed in within the last year.

    Managers' reviews of their own cases do not count. Errors: NotAllowed.
    """
    viewer.require(Permission.SEE_COHORTS)
    since = today - timedelta(days=WINDOW_DAYS)
    newest = db.session.execute(
        select(CaseloadImport.id, CaseloadImport.as_at).order_by(
            CaseloadImport.as_at.desc(), CaseloadImport.id.desc()
        )
    ).first()
    if newest is None:
        return CoveragePage(None, since, CoverageLine("All open cases", 0, 0), (), ())
    reviewed = _reviewed_children(since, today)
    here = (
        CaseRecord.caseload_import_id == newest.id,
        CaseRecord.plan_type.is_not(None),
        teams_within(viewer, Permission.SEE_COHORTS),
    )

    def lines(column: Any, words: Callable[[Any], str]) -> tuple[CoverageLine, ...]:
        counted: dict[str, list[int]] = {}
        for value, n_children, n_reviewed in db.session.execute(_counts(column, reviewed, here)):
            sums = counted.setdefault(words(value), [0, 0])
            sums[0] += n_children
            sums[1] += n_reviewed or 0
        ordered = sorted(counted, key=lambda name: (name == NOT_RECORDED, AGE_ORDER.get(name, 0), name))
        return tuple(CoverageLine(name, *counted[name]) for name in ordered)

    parts = (
        ("Team", lines(Team.name, _named)),
        ("Plan type", lines(CaseRecord.plan_type, lambda plan: PlanType(plan).label)),
        (
            "Age",
            lines(
                case((CaseRecord.is_unborn, literal(-1)), else_=CaseRecord.age),
                lambda age: age_band(age, is_unborn=age == -1) or NOT_RECORDED,
            ),
        ),
        ("Ethnicity", lines(CaseRecord.ethnicity, _ethnicity)),
    )
    teams = parts[0][1]
    total = CoverageLine(
        "All open cases", sum(line.n_children for line in teams), sum(line.n_reviewed for line in teams)
    )
    return CoveragePage(newest.as_at, since, total, parts, _practitioners(viewer, here, since, today))


def _counts(column: Any, reviewed: Subquery, here: tuple[ColumnElement[bool], ...]) -> Select[Any]:
    return (
        select(column, func.count(), func.count(reviewed.c.child_id))
        .select_from(CaseRecord)
        .outerjoin(Team, Team.id == CaseRecord.team_id)
        .outerjoin(reviewed, reviewed.c.child_id == CaseRecord.child_id)
        .where(*here)
        .group_by(column)
    )


def _in_window(since: date, today: date) -> tuple[ColumnElement[bool], ...]:
    first = datetime(since.year, since.month, since.day, tzinfo=UTC)
    after = datetime(today.year, today.month, today.day, tzinfo=UTC) + timedelta(days=1)
    return (
        Review.state == ReviewState.SUBMITTED,
        Review.submitted_at >= first,
        Review.submitted_at < after,
        Cohort.kind.not_in(OWN_WORK_KINDS),
    )


def _reviewed_children(since: date, today: date) -> Subquery:
    return (
        select(CohortCase.child_id)
        .distinct()
        .join(Review, Review.cohort_case_id == CohortCase.id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .where(*_in_window(since, today))
        .subquery("reviewed")
    )


def _practitioners(
    viewer: Viewer, here: tuple[ColumnElement[bool], ...], since: date, today: date
) -> tuple[PractitionerLine, ...]:
    """Workers with open cases now, least reviewed first."""
    reviews = (
        select(CaseRecord.practitioner_id, func.count().label("n"))
        .join(CohortCase, CohortCase.case_record_id == CaseRecord.id)
        .join(Review, Review.cohort_case_id == CohortCase.id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .where(*_in_window(since, today), cohort_cases_within(viewer, Permission.SEE_COHORTS))
        .group_by(CaseRecord.practitioner_id)
        .subquery("reviews")
    )
    rows = db.session.execute(
        select(
            Practitioner.id,
            Practitioner.name,
            Team.name.label("team"),
            func.count(CaseRecord.id),
            func.max(func.coalesce(reviews.c.n, 0)),
        )
        .join(CaseRecord, CaseRecord.practitioner_id == Practitioner.id)
        .outerjoin(Team, Team.id == CaseRecord.team_id)
        .outerjoin(reviews, reviews.c.practitioner_id == Practitioner.id)
        .where(*here)
        .group_by(Practitioner.id, Practitioner.name, Team.name)
        .order_by(
            func.max(func.coalesce(reviews.c.n, 0)), func.count(CaseRecord.id).desc(), Practitioner.name
        )
    )
    return tuple(PractitionerLine(*row) for row in rows)


def _ethnicity(value: str | None) -> str:
    return _meanings().get(value, value) if value else NOT_RECORDED


@cache
def _meanings() -> dict[str, str]:
    """What the codes of the lists mean, in words."""
    return {
        str(code.dfe or code.code): code.meaning
        for code in code_sets()["ethnicity"]
        if code.meaning is not None
    }


def _named(value: str | None) -> str:
    return value or NOT_RECORDED
