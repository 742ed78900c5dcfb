"""Cohorts as people see them: the list, and the board of one."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select, true

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.caseload import PlanType
from qa_app.domain.child_ties import OWN_WORK_KINDS
from qa_app.domain.cohorts import (
    MEETING_KINDS,
    CaseChange,
    CaseSource,
    CohortKind,
    CohortState,
    ReviewState,
)
from qa_app.domain.errors import NotFound
from qa_app.domain.references import review_ref
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.caseload import CaseloadImport, Child
from qa_app.models.cohorts import Cohort, CohortCase, CohortCaseChange, CohortForm, Selection
from qa_app.models.organisation import ServiceArea, Team
from qa_app.models.reviews import Review
from qa_app.queries.scope import cohort_cases_within, readable_reviews, reviewer_is_tied


@dataclass(frozen=True)
class CohortLine:
    """One cohort with how far its reviews have come; the numbers count the cases that the viewer may see."""

    cohort_id: int
    title: str
    month: date
    due_on: date
    state: CohortState
    n_cases: int
    n_allocated: int
    n_submitted: int
    kind: CohortKind


@dataclass(frozen=True)
class CohortsPage:
    """The list of cohorts. `n_uploads` says whether there is anything to draw from."""

    cohorts: tuple[CohortLine, ...]
    may_manage: bool
    n_uploads: int


@dataclass(frozen=True)
class BoardCase:
    """One case of a cohort: which, why, with whom and how far."""

    case_id: int
    child_ref: str
    plan_type: PlanType
    team: str | None
    service: str | None
    reason: str
    auditor_id: int | None
    auditor: str | None
    review_id: int | None
    state: ReviewState | None
    submitted_at: datetime | None
    is_late: bool
    due_on: date
    is_extended: bool
    source: CaseSource
    set_aside_at: datetime | None
    set_aside_as: CaseChange | None
    """Replaced or exempted; None for a case that counts."""
    n_waiting: int
    """Requests about it that wait for a decision."""
    may_open: bool = False
    """Whether the viewer may read its review now."""
    is_tied: bool = False
    """Whether its reviewer has come too near to the child since it was given out, and is to hand it on."""

    @property
    def review_ref(self) -> str:
        """The review's reference, R1042; empty before allocation."""
        return review_ref(self.review_id) if self.review_id is not None else ""

    @property
    def state_key(self) -> str:
        """The state as a tag names it."""
        if self.state is None:
            return "not_allocated"
        return "overdue" if self.is_late else self.state.value


@dataclass(frozen=True)
class BoardTally:
    """How far the cases of one auditor, team or plan type have come."""

    name: str
    n_cases: int
    n_allocated: int
    n_in_progress: int
    n_submitted: int
    n_late: int
    n_extended: int = 0
    n_exempted: int = 0
    """Cases exempted from review; they are not among `n_cases`."""


@dataclass(frozen=True)
class PinnedForm:
    """The form version that a cohort uses for a plan type."""

    plan_type: PlanType
    title: str
    number: int


@dataclass(frozen=True)
class CohortBoard:
    """Everything on the board of one cohort."""

    cohort_id: int
    kind: CohortKind
    title: str
    month: date
    due_on: date
    state: CohortState
    size: int
    as_at: date
    seed: str | None
    """None where cases come by referral."""
    cases: tuple[BoardCase, ...]
    set_aside: tuple[BoardCase, ...]
    total: BoardTally
    by_auditor: tuple[BoardTally, ...]
    by_team: tuple[BoardTally, ...]
    by_service: tuple[BoardTally, ...]
    by_plan_type: tuple[BoardTally, ...]
    forms: tuple[PinnedForm, ...]
    may_manage: bool
    sees_everything: bool
    """Whether the viewer reaches the whole service."""
    sees_selection: bool
    closed_at: datetime | None
    closing_note: str

    @property
    def takes_meetings(self) -> bool:
        """Whether its cases come one from each meeting of a panel."""
        return self.seed is None and self.kind in MEETING_KINDS


def get_cohorts_page(viewer: Viewer) -> CohortsPage:
    """Every cohort that holds a case the viewer may see, newest first."""
    viewer.require(Permission.SEE_COHORTS)
    submitted = func.sum(case((Review.state == ReviewState.SUBMITTED, 1), else_=0))
    reach = viewer.reach(Permission.SEE_COHORTS)
    seen = and_(
        CohortCase.cohort_id == Cohort.id,
        CohortCase.set_aside_at.is_(None),
        cohort_cases_within(viewer, Permission.SEE_COHORTS),
    )
    n_cases = func.count(CohortCase.id)
    rows = db.session.execute(
        select(
            Cohort.id,
            Cohort.title,
            Cohort.month,
            Cohort.due_on,
            Cohort.state,
            n_cases,
            func.count(Review.id),
            submitted,
            Cohort.kind,
        )
        .select_from(Cohort)
        .outerjoin(CohortCase, seen)
        .outerjoin(Review, Review.cohort_case_id == CohortCase.id)
        .group_by(Cohort.id)
        .having(true() if reach.whole_service else n_cases > 0)
        .order_by(Cohort.month.desc(), Cohort.id.desc())
    )
    return CohortsPage(
        cohorts=tuple(CohortLine(*row) for row in rows),
        may_manage=viewer.may(Permission.MANAGE_COHORTS),
        n_uploads=db.session.scalar(select(func.count()).select_from(CaseloadImport)) or 0,
    )


def get_board(viewer: Viewer, cohort_id: int, *, today: date) -> CohortBoard:
    """The board of a cohort: each case with its auditor and state, and the tallies.

    Errors: NotFound when there is no such cohort or it holds no case that the viewer may see.
    """
    viewer.require(Permission.SEE_COHORTS)
    cohort, as_at, seed = _load_cohort(cohort_id)
    everything = _load_cases(viewer, cohort, today)
    sees_all = viewer.reach(Permission.SEE_COHORTS).whole_service
    if not everything and not (sees_all and seed is None):
        raise NotFound()
    cases = tuple(each for each in everything if each.set_aside_at is None)
    forms = db.session.execute(
        select(CohortForm.plan_type, AuditFormVersion)
        .join(AuditFormVersion, AuditFormVersion.id == CohortForm.form_version_id)
        .where(CohortForm.cohort_id == cohort_id)
    ).all()
    return CohortBoard(
        cohort_id=cohort.id,
        kind=cohort.kind,
        title=cohort.title,
        month=cohort.month,
        due_on=cohort.due_on,
        state=cohort.state,
        size=cohort.size,
        as_at=as_at,
        seed=seed,
        cases=cases,
        set_aside=tuple(each for each in everything if each.set_aside_at is not None),
        total=_tally("All cases", everything),
        by_auditor=_tallies(everything, lambda each: (each.auditor or "Not allocated", each.auditor_id or 0)),
        by_team=_tallies(everything, lambda each: (each.team or "No team in the lists", 0)),
        by_service=_tallies(everything, lambda each: (each.service or "No service area", 0)),
        by_plan_type=_tallies(
            everything, lambda each: (each.plan_type.label, each.plan_type.rank), by_number=True
        ),
        forms=tuple(
            PinnedForm(plan, version.form.title, version.number)
            for plan, version in sorted(forms, key=lambda row: row[0].rank)
        ),
        may_manage=viewer.may(Permission.MANAGE_COHORTS),
        sees_everything=sees_all,
        sees_selection=sees_all and seed is not None,
        closed_at=cohort.closed_at,
        closing_note=cohort.closing_note,
    )


def get_board_case(viewer: Viewer, cohort_id: int, case_id: int, *, today: date) -> BoardCase:
    """One case of a cohort, for changing its auditor. Errors: NotFound."""
    viewer.require(Permission.MANAGE_COHORTS)
    cohort, _, _ = _load_cohort(cohort_id)
    found = _load_cases(viewer, cohort, today, CohortCase.id == case_id)
    if not found:
        raise NotFound()
    return found[0]


def _load_cohort(cohort_id: int) -> tuple[Cohort, date, str | None]:
    row = db.session.execute(
        select(Cohort, CaseloadImport.as_at, Selection.seed)
        .join(CaseloadImport, CaseloadImport.id == Cohort.caseload_import_id)
        .outerjoin(Selection, Selection.cohort_id == Cohort.id)
        .where(Cohort.id == cohort_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    return row[0], row[1], row[2]


def _load_cases(
    viewer: Viewer, cohort: Cohort, today: date, which: ColumnElement[bool] | None = None
) -> tuple[BoardCase, ...]:
    waiting = (
        select(func.count())
        .where(CohortCaseChange.cohort_case_id == CohortCase.id, CohortCaseChange.decided_at.is_(None))
        .correlate(CohortCase)
        .scalar_subquery()
    )
    became = (
        select(CohortCaseChange.change)
        .where(
            CohortCaseChange.cohort_case_id == CohortCase.id,
            CohortCaseChange.is_approved.is_(True),
            CohortCaseChange.change.in_((CaseChange.REPLACED, CaseChange.EXEMPTED)),
        )
        .order_by(CohortCaseChange.id.desc())
        .limit(1)
        .correlate(CohortCase)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            CohortCase.id,
            Child.ref,
            CohortCase.plan_type,
            Team.name.label("team"),
            ServiceArea.name.label("service"),
            CohortCase.reason,
            User.id.label("auditor_id"),
            User.name.label("auditor"),
            Review.id.label("review_id"),
            Review.state,
            Review.submitted_at,
            CohortCase.due_on,
            CohortCase.source,
            CohortCase.set_aside_at,
            became.label("set_aside_as"),
            waiting.label("n_waiting"),
            readable_reviews(viewer).label("may_open"),
            reviewer_is_tied(cohort.id).label("is_tied"),
        )
        .join(Child, Child.id == CohortCase.child_id)
        .outerjoin(Team, Team.id == CohortCase.team_id)
        .outerjoin(ServiceArea, ServiceArea.id == Team.service_area_id)
        .outerjoin(Review, Review.cohort_case_id == CohortCase.id)
        .outerjoin(User, User.id == Review.reviewer_id)
        .where(CohortCase.cohort_id == cohort.id, cohort_cases_within(viewer, Permission.SEE_COHORTS))
        .where(which if which is not None else true())
        .order_by(CohortCase.position)
    )
    return tuple(_board_case(row, cohort, today) for row in rows)


def _board_case(row: Any, cohort: Cohort, today: date) -> BoardCase:
    due_on = row.due_on or cohort.due_on
    return BoardCase(
        case_id=row.id,
        child_ref=row.ref,
        plan_type=row.plan_type,
        team=row.team,
        service=row.service,
        reason=row.reason,
        auditor_id=row.auditor_id,
        auditor=row.auditor,
        review_id=row.review_id,
        state=row.state,
        submitted_at=row.submitted_at,
        is_late=row.set_aside_at is None and row.state is not ReviewState.SUBMITTED and today > due_on,
        due_on=due_on,
        is_extended=due_on > cohort.due_on,
        source=row.source,
        set_aside_at=row.set_aside_at,
        set_aside_as=row.set_aside_as if row.set_aside_at is not None else None,
        n_waiting=row.n_waiting,
        may_open=bool(row.may_open),
        is_tied=bool(row.is_tied)
        and row.state is not ReviewState.SUBMITTED
        and cohort.kind not in OWN_WORK_KINDS,
    )


def _tally(name: str, cases: Iterable[BoardCase]) -> BoardTally:
    everything = list(cases)
    listed = [each for each in everything if each.set_aside_at is None]
    states = Counter(each.state for each in listed)
    return BoardTally(
        name=name,
        n_cases=len(listed),
        n_allocated=len(listed) - states[None],
        n_in_progress=states[ReviewState.IN_PROGRESS],
        n_submitted=states[ReviewState.SUBMITTED],
        n_late=sum(each.is_late for each in listed),
        n_extended=sum(each.is_extended for each in listed),
        n_exempted=sum(each.set_aside_as is CaseChange.EXEMPTED for each in everything),
    )


def _tallies(
    cases: Iterable[BoardCase], group_of: Callable[[BoardCase], tuple[str, int]], *, by_number: bool = False
) -> tuple[BoardTally, ...]:
    """Tallies in order of name, or of number; two people of one name stay apart by their number."""
    grouped: dict[tuple[str, int], list[BoardCase]] = {}
    for each in cases:
        if each.set_aside_at is None or each.set_aside_as is CaseChange.EXEMPTED:
            grouped.setdefault(group_of(each), []).append(each)
    ordered = sorted(grouped, key=lambda group: (group[1] if by_number else 0, *group))
    return tuple(_tally(group[0], grouped[group]) for group in ordered)
