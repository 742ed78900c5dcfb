"""One case of a cohort with what was done about it, and what waits for somebody's decision."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import aliased

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.cohorts import CaseChange, CaseSource, CohortState, ReviewState
from qa_app.domain.errors import NotFound
from qa_app.domain.references import review_ref
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.caseload import Child
from qa_app.models.cohorts import Cohort, CohortCase, CohortCaseChange
from qa_app.models.improvement import PlanAction
from qa_app.models.organisation import Practitioner, Team
from qa_app.models.reviews import Review
from qa_app.queries.scope import cohort_cases_within
from qa_app.queries.scope_plan import actions_within


@dataclass(frozen=True)
class ChangeLine:
    """Something done or asked about a case. `decided_by` is empty while it waits."""

    change_id: int
    change: CaseChange
    reason: str
    due_on: date | None
    made_at: datetime
    made_by: str
    decided_at: datetime | None
    decided_by: str
    is_approved: bool | None
    decision_reason: str


@dataclass(frozen=True)
class CasePage:
    """One case of a cohort. `due_on` is the day in force."""

    cohort_id: int
    cohort: str
    state: CohortState
    case_id: int
    child_ref: str
    plan_type: str
    team: str | None
    source: CaseSource
    reason: str
    due_on: date
    cohort_due_on: date
    set_aside_at: datetime | None
    review_id: int | None
    review_state: ReviewState | None
    reviewer: str
    changes: tuple[ChangeLine, ...]

    @property
    def review_ref(self) -> str:
        """The review's reference, R1042; empty before allocation."""
        return review_ref(self.review_id) if self.review_id is not None else ""

    @property
    def may_be_replaced(self) -> bool:
        """Whether a reserve may take its place: nothing is written in its review yet."""
        return self.is_open and self.review_state in (None, ReviewState.NOT_STARTED)

    @property
    def is_open(self) -> bool:
        """Whether anything may still be done about it."""
        open_review = self.review_state is not ReviewState.SUBMITTED
        return self.set_aside_at is None and self.state is not CohortState.CLOSED and open_review


@dataclass(frozen=True)
class RequestLine:
    """What somebody asks about a review, for whoever may decide."""

    change_id: int
    change: CaseChange
    cohort: str
    review_ref: str
    reviewer: str
    asked_by: str
    asked_at: datetime
    reason: str
    now_due_on: date
    due_on: date | None


@dataclass(frozen=True)
class DeliveringCohort:
    """A cohort that delivers or evidences an action of the plan. `is_open` to the viewer: its board can be read."""

    cohort_id: int
    title: str
    state: CohortState
    due_on: date
    n_cases: int
    n_submitted: int
    is_open: bool


def list_cohorts_of_action(viewer: Viewer, action_id: int) -> tuple[DeliveringCohort, ...]:
    """The cohorts planned to deliver an action, with how many of their reviews are submitted, n of N.

    The whole cohort is counted, whatever the viewer's teams: the action is delivered or it is not.
    Errors: NotAllowed.
    """
    viewer.require(Permission.SEE_PLAN)
    submitted = func.count(Review.id).filter(Review.state == ReviewState.SUBMITTED)
    rows = db.session.execute(
        select(Cohort.id, Cohort.title, Cohort.state, Cohort.due_on, func.count(CohortCase.id), submitted)
        .join(PlanAction, PlanAction.id == Cohort.plan_action_id)
        .outerjoin(CohortCase, and_(CohortCase.cohort_id == Cohort.id, CohortCase.set_aside_at.is_(None)))
        .outerjoin(Review, Review.cohort_case_id == CohortCase.id)
        .where(PlanAction.id == action_id, actions_within(viewer, Permission.SEE_PLAN))
        .group_by(Cohort.id)
        .order_by(Cohort.month, Cohort.id)
    )
    may_open = viewer.may(Permission.SEE_COHORTS) and viewer.reach(Permission.SEE_COHORTS).whole_service
    return tuple(DeliveringCohort(*row, may_open) for row in rows)


def get_case_page(viewer: Viewer, cohort_id: int, case_id: int) -> CasePage:
    """One case of a cohort, for whoever runs it. Errors: NotAllowed, NotFound."""
    viewer.require(Permission.MANAGE_COHORTS)
    return _page(
        and_(
            CohortCase.id == case_id,
            CohortCase.cohort_id == cohort_id,
            cohort_cases_within(viewer, Permission.MANAGE_COHORTS),
        )
    )


def get_own_case_page(viewer: Viewer, review_id: int) -> CasePage:
    """The case of one's own review, to ask for more time or an exemption. Errors: NotAllowed, NotFound."""
    viewer.require(Permission.COMPLETE_REVIEWS)
    own = Review.reviewer_id == viewer.user_id if viewer.user_id is not None else false()
    return _page(and_(Review.id == review_id, own))


def list_requests(viewer: Viewer) -> tuple[RequestLine, ...]:
    """What waits for this viewer's decision, oldest first; never what they asked themselves or review."""
    asker, reviewer = aliased(User), aliased(User)
    rows = db.session.execute(
        select(
            CohortCaseChange.id,
            CohortCaseChange.change,
            Cohort.title,
            Review.id.label("review_id"),
            reviewer.name.label("reviewer"),
            asker.name.label("asker"),
            CohortCaseChange.made_at,
            CohortCaseChange.reason,
            func.coalesce(CohortCase.due_on, Cohort.due_on).label("now_due_on"),
            CohortCaseChange.due_on,
        )
        .join(CohortCase, CohortCase.id == CohortCaseChange.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .outerjoin(Review, Review.cohort_case_id == CohortCase.id)
        .outerjoin(reviewer, reviewer.id == Review.reviewer_id)
        .outerjoin(asker, asker.id == CohortCaseChange.made_by_id)
        .where(CohortCaseChange.decided_at.is_(None), Cohort.state != CohortState.CLOSED, _decides(viewer))
        .order_by(CohortCaseChange.made_at, CohortCaseChange.id)
    )
    return tuple(
        RequestLine(
            change_id=row.id,
            change=row.change,
            cohort=row.title,
            review_ref=review_ref(row.review_id) if row.review_id is not None else "",
            reviewer=row.reviewer or "",
            asked_by=row.asker or "The system",
            asked_at=row.made_at,
            reason=row.reason,
            now_due_on=row.now_due_on,
            due_on=row.due_on,
        )
        for row in rows
    )


def _decides(viewer: Viewer) -> ColumnElement[bool]:
    """What a viewer may decide: more time for those they manage or as a QA lead, exemptions with the permission."""
    if viewer.user_id is None:
        return false()
    extends = CohortCaseChange.change == CaseChange.EXTENDED
    may: list[ColumnElement[bool]] = [and_(extends, Review.reviewer_id.in_(_managed_by(viewer.user_id)))]
    if viewer.may(Permission.MANAGE_COHORTS) and viewer.reach(Permission.MANAGE_COHORTS).whole_service:
        may.append(extends)
    if viewer.may(Permission.APPROVE_EXEMPTIONS):
        may.append(CohortCaseChange.change == CaseChange.EXEMPTED)
    not_own = and_(
        func.coalesce(CohortCaseChange.made_by_id, 0) != viewer.user_id,
        func.coalesce(Review.reviewer_id, 0) != viewer.user_id,
    )
    return and_(not_own, or_(*may))


def _managed_by(user_id: int) -> Select[int | None]:
    """Users whose line manager somebody is: by supervision, else as the manager of their team."""
    supervisor = aliased(Practitioner)
    return (
        select(Practitioner.user_id)
        .outerjoin(supervisor, supervisor.id == Practitioner.supervisor_id)
        .outerjoin(Team, Team.id == Practitioner.team_id)
        .where(
            Practitioner.user_id.is_not(None),
            or_(
                supervisor.user_id == user_id,
                and_(supervisor.user_id.is_(None), Team.manager_user_id == user_id),
            ),
        )
    )


def _page(which: ColumnElement[bool]) -> CasePage:
    row = db.session.execute(
        select(
            Cohort.id.label("cohort_id"),
            Cohort.title,
            Cohort.state,
            Cohort.due_on.label("cohort_due_on"),
            CohortCase,
            Child.ref,
            Team.name.label("team"),
            Review.id.label("review_id"),
            Review.state.label("review_state"),
            User.name.label("reviewer"),
        )
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .join(Child, Child.id == CohortCase.child_id)
        .outerjoin(Team, Team.id == CohortCase.team_id)
        .outerjoin(Review, Review.cohort_case_id == CohortCase.id)
        .outerjoin(User, User.id == Review.reviewer_id)
        .where(which)
    ).one_or_none()
    if row is None:
        raise NotFound()
    case: CohortCase = row.CohortCase
    return CasePage(
        cohort_id=row.cohort_id,
        cohort=row.title,
        state=row.state,
        case_id=case.id,
        child_ref=row.ref,
        plan_type=case.plan_type.label,
        team=row.team,
        source=case.source,
        reason=case.reason,
        due_on=case.due_on or row.cohort_due_on,
        cohort_due_on=row.cohort_due_on,
        set_aside_at=case.set_aside_at,
        review_id=row.review_id,
        review_state=row.review_state,
        reviewer=row.reviewer or "",
        changes=_changes(case.id),
    )


def _changes(case_id: int) -> tuple[ChangeLine, ...]:
    maker, decider = aliased(User), aliased(User)
    rows = db.session.execute(
        select(CohortCaseChange, maker.name.label("maker"), decider.name.label("decider"))
        .outerjoin(maker, maker.id == CohortCaseChange.made_by_id)
        .outerjoin(decider, decider.id == CohortCaseChange.decided_by_id)
        .where(CohortCaseChange.cohort_case_id == case_id)
        .order_by(CohortCaseChange.id.desc())
    )
    return tuple(
        ChangeLine(
            change_id=change.id,
            change=change.change,
            reason=change.reason,
            due_on=change.due_on,
            made_at=change.made_at,
            made_by=maker_name or "The system",
            decided_at=change.decided_at,
            decided_by=decider_name or ("" if change.decided_at is None else "The system"),
            is_approved=change.is_approved,
            decision_reason=change.decision_reason,
        )
        for change, maker_name, decider_name in rows
    )
