"""The year's programme: month by month what is planned, what was drawn, and whether there are hands for it."""

from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from qa_app.domain.access import Permission, Role, Viewer
from qa_app.domain.capacity import Leave, capacity_between
from qa_app.domain.cohort_rules import month_label, months_before
from qa_app.domain.cohorts import CohortKind, CohortState, ProgrammeKind, ReviewState
from qa_app.extensions import db
from qa_app.models.accounts import RoleGrant, User
from qa_app.models.cohorts import AuditorCapacity, AuditorLeave, Cohort, CohortCase, ProgrammeEntry
from qa_app.models.reviews import Review
from qa_app.queries.scope import cohort_cases_within

MONTHS = 12


@dataclass(frozen=True)
class EntryLine:
    """Something planned."""

    entry_id: int
    kind: ProgrammeKind
    cohort_kind: CohortKind | None
    title: str
    starts_on: date
    ends_on: date
    n_cases: int


@dataclass(frozen=True)
class DrawnLine:
    """A cohort of the month: its cases, and how many are handed in."""

    cohort_id: int
    title: str
    kind: CohortKind
    state: CohortState
    n_cases: int
    n_submitted: int


@dataclass(frozen=True)
class ProgrammeMonth:
    """One month. `n_needed` are the reviews drawn and planned; planned cohorts already drawn are not counted twice.

    `n_capacity` is the sum over auditors of whom it is known; `n_unknown` says how many have not said.
    """

    month: date
    entries: tuple[EntryLine, ...]
    drawn: tuple[DrawnLine, ...]
    n_capacity: int
    n_unknown: int

    @property
    def label(self) -> str:
        """The month in words."""
        return month_label(self.month)

    @property
    def n_drawn(self) -> int:
        """Reviews of the cohorts drawn."""
        return sum(line.n_cases for line in self.drawn)

    @property
    def n_needed(self) -> int:
        """Reviews drawn and planned. A planned cohort counts until a cohort of its kind is drawn in the month."""
        kinds = {line.kind for line in self.drawn}
        return self.n_drawn + sum(line.n_cases for line in self.entries if line.cohort_kind not in kinds)

    @property
    def is_without_audits(self) -> bool:
        """Whether the month is kept free."""
        return any(line.kind is ProgrammeKind.NO_AUDITS for line in self.entries)

    @property
    def warning(self) -> str:
        """What does not fit, in words; empty when all does."""
        if self.is_without_audits and self.n_needed:
            return f"Kept without audits, and {self.n_needed} reviews stand in it."
        if not self.n_unknown and self.n_needed > self.n_capacity:
            return f"{self.n_needed} reviews, and auditors can take on {self.n_capacity}."
        return ""


@dataclass(frozen=True)
class ProgrammePage:
    """Twelve months from a first one."""

    first: date
    months: tuple[ProgrammeMonth, ...]
    may_manage: bool

    @property
    def earlier(self) -> date:
        """The first month of the year before."""
        return months_before(self.first, MONTHS)

    @property
    def later(self) -> date:
        """The first month of the year after."""
        return months_before(self.first, -MONTHS)


def get_programme_page(viewer: Viewer, first: date) -> ProgrammePage:
    """The programme of twelve months; cohorts count the cases that the viewer may see. Errors: NotAllowed."""
    viewer.require(Permission.SEE_COHORTS)
    months = [months_before(first, -n) for n in range(MONTHS)]
    after = months_before(first, -MONTHS)
    entries = _entries(first, after)
    drawn = _drawn(viewer, first, after)
    people = _people()
    return ProgrammePage(
        first,
        tuple(
            ProgrammeMonth(
                month,
                tuple(line for line in entries if line.starts_on <= _last(month) and line.ends_on >= month),
                tuple(drawn[month]),
                *_capacity(people, month),
            )
            for month in months
        ),
        viewer.may(Permission.MANAGE_COHORTS),
    )


def _entries(first: date, after: date) -> tuple[EntryLine, ...]:
    rows = db.session.scalars(
        select(ProgrammeEntry)
        .where(ProgrammeEntry.starts_on < after, ProgrammeEntry.ends_on >= first)
        .order_by(ProgrammeEntry.starts_on, ProgrammeEntry.id)
    )
    return tuple(
        EntryLine(row.id, row.kind, row.cohort_kind, row.title, row.starts_on, row.ends_on, row.n_cases)
        for row in rows
    )


def _drawn(viewer: Viewer, first: date, after: date) -> dict[date, list[DrawnLine]]:
    submitted = func.count(Review.id).filter(Review.state == ReviewState.SUBMITTED)
    rows = db.session.execute(
        select(
            Cohort.month,
            Cohort.id,
            Cohort.title,
            Cohort.kind,
            Cohort.state,
            func.count(CohortCase.id),
            submitted,
        )
        .join(CohortCase, CohortCase.cohort_id == Cohort.id)
        .outerjoin(Review, Review.cohort_case_id == CohortCase.id)
        .where(
            Cohort.month >= first,
            Cohort.month < after,
            CohortCase.set_aside_at.is_(None),
            cohort_cases_within(viewer, Permission.SEE_COHORTS),
        )
        .group_by(Cohort.id)
        .order_by(Cohort.month, Cohort.id)
    )
    drawn: dict[date, list[DrawnLine]] = defaultdict(list)
    for month, number, title, kind, state, n_cases, n_submitted in rows:
        drawn[month].append(DrawnLine(number, title, kind, state, n_cases, n_submitted))
    return drawn


def _people() -> list[tuple[int | None, tuple[Leave, ...]]]:
    """What each active auditor can take on, and their leave."""
    leave: dict[int, list[Leave]] = defaultdict(list)
    for row in db.session.scalars(select(AuditorLeave)):
        leave[row.user_id].append(Leave(row.starts_on, row.ends_on))
    rows = db.session.execute(
        select(User.id, AuditorCapacity.n_reviews)
        .outerjoin(AuditorCapacity, AuditorCapacity.user_id == User.id)
        .where(User.is_active, User.id.in_(select(RoleGrant.user_id).where(RoleGrant.role == Role.AUDITOR)))
    )
    return [(n_reviews, tuple(leave[user_id])) for user_id, n_reviews in rows]


def _capacity(people: list[tuple[int | None, tuple[Leave, ...]]], month: date) -> tuple[int, int]:
    rooms = [capacity_between(n_reviews, leave, month, _last(month)) for n_reviews, leave in people]
    return sum(room for room in rooms if room is not None), sum(room is None for room in rooms)


def _last(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])
