"""People who leave, the work they leave open, and to whom it went."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.child_ties import REVIEWING_OFFICER_FLAG
from qa_app.domain.cohorts import ReviewState
from qa_app.domain.errors import NotFound
from qa_app.domain.leavers import WorkKind
from qa_app.domain.references import action_ref, case_action_ref, review_ref
from qa_app.domain.working_days import day_in_london
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.audit_forms import AuditFormDraft, AuditFormDraftAuthor
from qa_app.models.boards import ReportDraft
from qa_app.models.case_actions import CaseAction
from qa_app.models.caseload import CaseFlag, CaseloadImport, CaseRecord, Child
from qa_app.models.cohorts import Cohort, CohortCase, CohortCaseChange
from qa_app.models.improvement import ActionLead, PlanAction
from qa_app.models.leavers import HandOver, Leaving
from qa_app.models.organisation import Practitioner, ServiceArea, Team
from qa_app.models.reviews import Review


@dataclass(frozen=True)
class LeavingLine:
    """Somebody who leaves, or has left. `n_open`: pieces of work that nobody has taken over yet."""

    leaving_id: int
    user_id: int
    name: str
    last_day: date
    marked_at: datetime
    closed_at: datetime | None
    n_open: int
    n_handed_over: int


@dataclass(frozen=True)
class WorkItem:
    """One piece of open work. `key` names it on a page: its kind and number."""

    kind: WorkKind
    subject_id: int
    words: str
    detail: str
    due_on: date | None = None

    @property
    def key(self) -> str:
        """Kind and number together: `review-12`."""
        return f"{self.kind.value}-{self.subject_id}"


@dataclass(frozen=True)
class HandedOver:
    """One piece of work that went on. `to`: nobody for now when it is empty."""

    kind: WorkKind
    words: str
    to: str | None
    reason: str
    at: datetime
    by: str


@dataclass(frozen=True)
class LeavingPage:
    """One person who leaves: what is open, what went to whom, and what stays as it is.

    `notes`: facts nobody hands over by hand, each with what becomes of it.
    """

    leaving_id: int
    user_id: int
    name: str
    last_day: date
    reason: str
    marked_at: datetime
    marked_by: str
    closed_at: datetime | None
    cancelled_at: datetime | None
    work: tuple[WorkItem, ...]
    handed_over: tuple[HandedOver, ...]
    notes: tuple[str, ...]
    successors: tuple[tuple[int, str], ...]

    @property
    def is_open(self) -> bool:
        """Whether they still are on their way out: neither gone nor staying after all."""
        return self.closed_at is None and self.cancelled_at is None


def list_leavers(viewer: Viewer) -> tuple[LeavingLine, ...]:
    """Everybody who leaves, the next to go first, then those who have left, the latest first.

    Errors: NotAllowed.
    """
    viewer.require(Permission.MANAGE_LEAVERS)
    n_handed = (
        select(func.count(HandOver.id))
        .where(HandOver.leaving_id == Leaving.id)
        .correlate(Leaving)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Leaving, User.name, n_handed)
        .join(User, User.id == Leaving.user_id)
        .where(Leaving.cancelled_at.is_(None))
        .order_by(Leaving.last_day, Leaving.id)
    ).all()
    lines = [
        LeavingLine(
            leaving.id,
            leaving.user_id,
            name,
            leaving.last_day,
            leaving.marked_at,
            leaving.closed_at,
            len(list_open_work(viewer, leaving.user_id)),
            n,
        )
        for leaving, name, n in rows
    ]
    to_go = [line for line in lines if line.closed_at is None]
    gone = [line for line in lines if line.closed_at is not None]
    return (*to_go, *reversed(gone))


def list_people_who_stay(viewer: Viewer) -> tuple[tuple[int, str], ...]:
    """Everybody with an open account who is not about to leave, by name: number and name.

    Errors: NotAllowed.
    """
    viewer.require(Permission.MANAGE_LEAVERS)
    leaves = (
        select(Leaving.id)
        .where(Leaving.user_id == User.id, Leaving.cancelled_at.is_(None), Leaving.closed_at.is_(None))
        .correlate(User)
        .exists()
    )
    rows = db.session.execute(
        select(User.id, User.name).where(User.is_active, ~leaves).order_by(User.name, User.id)
    )
    return tuple((user_id, name) for user_id, name in rows)


def get_leaving_page(viewer: Viewer, leaving_id: int) -> LeavingPage:
    """One person who leaves, with their open work.

    Errors: NotAllowed, NotFound.
    """
    viewer.require(Permission.MANAGE_LEAVERS)
    marker = aliased(User)
    row = db.session.execute(
        select(Leaving, User.name, marker.name)
        .join(User, User.id == Leaving.user_id)
        .outerjoin(marker, marker.id == Leaving.marked_by_id)
        .where(Leaving.id == leaving_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    leaving, name, marked_by = row
    return LeavingPage(
        leaving_id=leaving.id,
        user_id=leaving.user_id,
        name=name,
        last_day=leaving.last_day,
        reason=leaving.reason,
        marked_at=leaving.marked_at,
        marked_by=marked_by or "The system",
        closed_at=leaving.closed_at,
        cancelled_at=leaving.cancelled_at,
        work=list_open_work(viewer, leaving.user_id),
        handed_over=_handed_over(leaving.id),
        notes=tuple(_notes(leaving.user_id)),
        successors=list_people_who_stay(viewer),
    )


def list_open_work(viewer: Viewer, user_id: int) -> tuple[WorkItem, ...]:
    """Everything open that waits for one person, kind by kind; reviews and children by reference only.

    Errors: NotAllowed.
    """
    viewer.require(Permission.MANAGE_LEAVERS)
    return (
        *_reviews(user_id),
        *_teams(user_id),
        *_areas(user_id),
        *_supervised(user_id),
        *_chaired(user_id),
        *_led(user_id),
        *_to_do_for_children(user_id),
    )


def _reviews(user_id: int) -> Iterator[WorkItem]:
    rows = db.session.execute(
        select(Review.id, Review.state, Cohort.title, Cohort.due_on, CohortCase.plan_type)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .where(Review.reviewer_id == user_id, Review.state != ReviewState.SUBMITTED)
        .order_by(Cohort.due_on, Review.id)
    )
    for row in rows:
        words = f"{review_ref(row.id)}, {row.title}"
        yield WorkItem(
            WorkKind.REVIEW, row.id, words, f"{row.plan_type.label}. {row.state.label}.", row.due_on
        )


def _teams(user_id: int) -> Iterator[WorkItem]:
    n_workers = (
        select(func.count(Practitioner.id))
        .where(Practitioner.team_id == Team.id)
        .correlate(Team)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Team.id, Team.name, n_workers).where(Team.manager_user_id == user_id).order_by(Team.name)
    )
    for team_id, name, n in rows:
        yield WorkItem(WorkKind.TEAM, team_id, name, f"{n} practitioners" if n != 1 else "1 practitioner")


def _areas(user_id: int) -> Iterator[WorkItem]:
    n_teams = (
        select(func.count(Team.id))
        .where(Team.service_area_id == ServiceArea.id)
        .correlate(ServiceArea)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(ServiceArea.id, ServiceArea.name, n_teams)
        .where(ServiceArea.head_user_id == user_id)
        .order_by(ServiceArea.name)
    )
    for area_id, name, n in rows:
        yield WorkItem(WorkKind.SERVICE_AREA, area_id, name, f"{n} teams" if n != 1 else "1 team")


def _supervised(user_id: int) -> Iterator[WorkItem]:
    supervisor = aliased(Practitioner)
    rows = db.session.execute(
        select(Practitioner.id, Practitioner.name, Team.name)
        .join(supervisor, supervisor.id == Practitioner.supervisor_id)
        .outerjoin(Team, Team.id == Practitioner.team_id)
        .where(supervisor.user_id == user_id)
        .order_by(Practitioner.name, Practitioner.id)
    )
    for practitioner_id, name, team in rows:
        yield WorkItem(WorkKind.SUPERVISION, practitioner_id, name, team or "No team recorded")


def _chaired(user_id: int) -> Iterator[WorkItem]:
    rows = db.session.execute(
        select(CaseFlag.id, Child.ref, CaseFlag.starts_on)
        .join(Child, Child.id == CaseFlag.child_id)
        .join(Practitioner, Practitioner.id == CaseFlag.practitioner_id)
        .where(
            Practitioner.user_id == user_id,
            CaseFlag.kind == REVIEWING_OFFICER_FLAG,
            CaseFlag.ends_on.is_(None),
        )
        .order_by(Child.ref, CaseFlag.id)
    )
    for flag_id, ref, since in rows:
        yield WorkItem(WorkKind.REVIEWING, flag_id, f"Child {ref}", f"Since {since.day} {since:%B %Y}")


def _led(user_id: int) -> Iterator[WorkItem]:
    rows = db.session.execute(
        select(ActionLead.id, ActionLead.kind, PlanAction.id, PlanAction.ref, PlanAction.window_ends_on)
        .join(PlanAction, PlanAction.id == ActionLead.action_id)
        .where(ActionLead.user_id == user_id, ActionLead.removed_at.is_(None))
        .order_by(PlanAction.plan_id, PlanAction.position, ActionLead.id)
    )
    for lead_id, kind, action_id, ref, ends_on in rows:
        words = f"{action_ref(action_id)}, action {ref}"
        yield WorkItem(WorkKind.PLAN_ACTION, lead_id, words, kind.label, ends_on)


def _to_do_for_children(user_id: int) -> Iterator[WorkItem]:
    rows = db.session.execute(
        select(CaseAction.id, CaseAction.priority, CaseAction.due_at)
        .where(
            CaseAction.owner_id == user_id,
            CaseAction.done_at.is_(None),
            CaseAction.withdrawn_at.is_(None),
        )
        .order_by(CaseAction.due_at, CaseAction.id)
    )
    for action_id, priority, due_at in rows:
        yield WorkItem(
            WorkKind.CASE_ACTION, action_id, case_action_ref(action_id), priority.label, day_in_london(due_at)
        )


def _handed_over(leaving_id: int) -> tuple[HandedOver, ...]:
    to, by = aliased(User), aliased(User)
    rows = db.session.execute(
        select(HandOver, to.name, by.name)
        .outerjoin(to, to.id == HandOver.to_user_id)
        .outerjoin(by, by.id == HandOver.handed_over_by_id)
        .where(HandOver.leaving_id == leaving_id)
        .order_by(HandOver.handed_over_at.desc(), HandOver.id.desc())
    )
    return tuple(
        HandedOver(row.kind, row.words, to_name, row.reason, row.handed_over_at, by_name or "The system")
        for row, to_name, by_name in rows
    )


def _notes(user_id: int) -> Iterator[str]:
    newest = select(func.max(CaseloadImport.as_at)).scalar_subquery()
    n_children = db.session.scalar(
        select(func.count(CaseRecord.child_id.distinct()))
        .join(CaseloadImport, CaseloadImport.id == CaseRecord.caseload_import_id)
        .join(Practitioner, Practitioner.id == CaseRecord.practitioner_id)
        .where(
            Practitioner.user_id == user_id,
            CaseloadImport.as_at == newest,
            CaseRecord.plan_type.is_not(None),
        )
    )
    if n_children:
        whose = "1 child" if n_children == 1 else f"{n_children} children"
        yield (
            f"The newest caseload names them as the worker of {whose}. Who takes over is decided in the case "
            "system, and the next upload of the caseload shows it here."
        )
    reports = db.session.scalars(
        select(ReportDraft.title)
        .where(
            ReportDraft.officer_id == user_id,
            ReportDraft.statement.is_(None),
            ReportDraft.dropped_at.is_(None),
            ReportDraft.issued_report_id.is_(None),
        )
        .order_by(ReportDraft.title)
    ).all()
    if reports:
        yield (
            f"Reports in preparation wait for their safeguarding statement: {'; '.join(reports)}. Name another "
            "officer where the report is prepared."
        )
    n_asked = db.session.scalar(
        select(func.count(CohortCaseChange.id)).where(
            CohortCaseChange.made_by_id == user_id, CohortCaseChange.decided_at.is_(None)
        )
    )
    if n_asked:
        asked = (
            "1 request of theirs about a case waits" if n_asked == 1 else f"{n_asked} requests of theirs wait"
        )
        yield f"{asked} for a decision in its cohort. Whoever decides can do so without them."
    titles = db.session.scalars(
        select(AuditFormDraft.title)
        .join(AuditFormDraftAuthor, AuditFormDraftAuthor.draft_id == AuditFormDraft.id)
        .where(AuditFormDraftAuthor.user_id == user_id, AuditFormDraft.closed_at.is_(None))
        .order_by(AuditFormDraft.title)
    ).all()
    if titles:
        yield (
            f"They wrote in drafts of audit forms that are open: {'; '.join(titles)}. Whoever looks after the "
            "forms can go on with them or approve them; nothing has to be handed over."
        )
