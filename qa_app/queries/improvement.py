"""The improvement plan as it stood at any date: its actions, its counts, and its exceptions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.errors import NotFound
from qa_app.domain.plan_records import Rating, leads_in_one_line
from qa_app.domain.plan_tally import PlanLine, PlanTally, in_plan_order, report_exceptions, tally_plan
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.improvement import (
    ActionLead,
    ActionUpdate,
    FindingLink,
    Plan,
    PlanAction,
    PlanImport,
    PlanPriority,
    PlanUpload,
    ThemeLink,
)
from qa_app.queries.improvement_sheets import ExceptionSheet, ImportRow, LeadName, PlanRow, PlanSheet
from qa_app.queries.scope import updates_in_force
from qa_app.queries.scope_plan import actions_within


@dataclass(frozen=True)
class WaitingUpload:
    """A plan document that was sent and not yet decided on."""

    upload_id: int
    file_name: str
    content: bytes
    as_at: date
    plan_id: int | None
    plan_title: str | None


def list_plans(viewer: Viewer) -> tuple[PlanRow, ...]:
    """The improvement plans with an action within reach, the one brought up to date last first."""
    viewer.require(Permission.SEE_PLAN)
    return _plans(viewer, Permission.SEE_PLAN)


def is_any_plan(viewer: Viewer) -> bool:
    """Whether a plan has been imported of which the viewer sees something."""
    return bool(_plans(viewer, _sight(viewer)))


def choose_plan(viewer: Viewer, plan_id: int | None) -> int:
    """The plan asked for, or the one imported last.

    Errors: NotFound when there is none.
    """
    rows = _plans(viewer, _sight(viewer), plan_id)
    if not rows:
        raise NotFound(
            "There is no such improvement plan. The improvement team imports one from its document."
        )
    return rows[0].plan_id


def get_plan_sheet(viewer: Viewer, plan_id: int, as_at: date | None = None) -> PlanSheet:
    """A plan at a date, as far as the viewer reaches; without a date, at that of its newest update.

    Errors: NotFound, also for a plan none of whose actions is within reach.
    """
    viewer.require(Permission.SEE_PLAN)
    row = _plan_row(viewer, Permission.SEE_PLAN, plan_id)
    day = as_at or row.as_at
    lines = _lines(viewer, Permission.SEE_PLAN, plan_id, day)
    reach = viewer.plan_reach(Permission.SEE_PLAN)
    return PlanSheet(
        plan_id=plan_id,
        title=row.title,
        as_at=day,
        newest_as_at=row.as_at,
        tally=tally_plan(lines, day),
        lines=lines,
        n_links=_n_links(plan_id) if reach.whole_plan else {},
        imports=_imports(plan_id) if reach.whole_plan else (),
        is_whole=reach.whole_plan,
        leads=_leads(plan_id, {line.action_id for line in lines}),
        may_import=viewer.may(Permission.MANAGE_PLAN),
        may_see_report=viewer.may(Permission.SEE_EXCEPTION_REPORT),
    )


def get_exception_sheet(viewer: Viewer, plan_id: int, as_at: date | None = None) -> ExceptionSheet:
    """The exception report of a plan at a date. Errors: NotFound."""
    viewer.require(Permission.SEE_EXCEPTION_REPORT)
    row = _plan_row(viewer, Permission.SEE_EXCEPTION_REPORT, plan_id)
    day = as_at or row.as_at
    lines = _lines(viewer, Permission.SEE_EXCEPTION_REPORT, plan_id, day)
    return ExceptionSheet(
        plan_id=plan_id,
        title=row.title,
        newest_as_at=row.as_at,
        first_as_at=_first_as_at(plan_id),
        report=report_exceptions(lines, day),
        may_see_plan=viewer.may(Permission.SEE_PLAN),
    )


def get_plan_tally(viewer: Viewer, plan_id: int, as_at: date) -> PlanTally:
    """The counts of a plan at a date, over the actions within reach. Errors: NotFound."""
    permission = _sight(viewer)
    _plan_row(viewer, permission, plan_id)
    return tally_plan(_lines(viewer, permission, plan_id, as_at), as_at)


def get_upload(viewer: Viewer, upload_id: int) -> WaitingUpload:
    """A document waiting for a decision. Errors: NotFound once it was decided on or forgotten."""
    viewer.require(Permission.MANAGE_PLAN)
    found = db.session.execute(
        select(PlanUpload, Plan.title)
        .outerjoin(Plan, Plan.id == PlanUpload.plan_id)
        .where(PlanUpload.id == upload_id)
    ).one_or_none()
    if found is None:
        raise NotFound("This document is no longer waiting: it was kept or forgotten. Send it again.")
    upload, title = found
    return WaitingUpload(upload.id, upload.file_name, upload.content, upload.as_at, upload.plan_id, title)


def _sight(viewer: Viewer) -> Permission:
    """The permission by which somebody sees something of the plan: the report's, or that of the plan itself."""
    if viewer.may(Permission.SEE_EXCEPTION_REPORT):
        return Permission.SEE_EXCEPTION_REPORT
    viewer.require(Permission.SEE_PLAN)
    return Permission.SEE_PLAN


def _plans(viewer: Viewer, permission: Permission, plan_id: int | None = None) -> tuple[PlanRow, ...]:
    within = (PlanAction.plan_id == Plan.id, actions_within(viewer, permission))
    n_actions = select(func.count(PlanAction.id)).where(*within).correlate(Plan).scalar_subquery()
    newest = (
        select(func.max(ActionUpdate.effective_on))
        .join(PlanAction, PlanAction.id == ActionUpdate.action_id)
        .where(PlanAction.plan_id == Plan.id)
        .correlate(Plan)
        .scalar_subquery()
    )
    statement = (
        select(Plan.id, Plan.title, n_actions, func.max(PlanImport.as_at), newest)
        .join(PlanImport, PlanImport.plan_id == Plan.id)
        .group_by(Plan.id, Plan.title)
        .order_by(func.max(PlanImport.id).desc())
    )
    if plan_id is not None:
        statement = statement.where(Plan.id == plan_id)
    if not viewer.plan_reach(permission).whole_plan:
        statement = statement.where(select(PlanAction.id).where(*within).correlate(Plan).exists())
    return tuple(
        PlanRow(number, title, n, max(imported_as_at, updated_on or imported_as_at))
        for number, title, n, imported_as_at, updated_on in db.session.execute(statement)
    )


def _plan_row(viewer: Viewer, permission: Permission, plan_id: int) -> PlanRow:
    rows = _plans(viewer, permission, plan_id)
    if not rows:
        raise NotFound("There is no such improvement plan.")
    return rows[0]


def _first_as_at(plan_id: int) -> date | None:
    return db.session.scalar(select(func.min(PlanImport.as_at)).where(PlanImport.plan_id == plan_id))


def _lines(viewer: Viewer, permission: Permission, plan_id: int, as_at: date) -> tuple[PlanLine, ...]:
    in_force = updates_in_force(as_at)
    rows = db.session.execute(
        select(
            PlanAction,
            PlanPriority.number,
            PlanPriority.title,
            in_force.c.status_text,
            in_force.c.declared_rating,
        )
        .join(PlanPriority, PlanPriority.id == PlanAction.priority_id)
        .outerjoin(in_force, in_force.c.action_id == PlanAction.id)
        .where(PlanAction.plan_id == plan_id, actions_within(viewer, permission))
    )
    return tuple(in_plan_order(_line(*row) for row in rows))


def _line(
    action: PlanAction, priority: str, title: str, status_text: str | None, rating: Rating | None
) -> PlanLine:
    return PlanLine(
        ref=action.ref,
        ref_as_written=action.ref_as_written,
        priority=priority,
        priority_title=title or None,
        text=action.words,
        lead=leads_in_one_line(action.strategic_lead, action.operational_lead),
        agencies=action.agencies,
        timescale_as_written=action.timescale_as_written,
        timescale_kind=action.timescale_kind,
        window_ends_on=action.window_ends_on,
        status_text=status_text or "",
        rating=rating,
        action_id=action.id,
    )


def _n_links(plan_id: int) -> Mapping[int, int]:
    n_links: dict[int, int] = {}
    for link in (FindingLink, ThemeLink):
        rows = db.session.execute(
            select(link.action_id, func.count())
            .join(PlanAction, PlanAction.id == link.action_id)
            .where(PlanAction.plan_id == plan_id, link.removed_at.is_(None))
            .group_by(link.action_id)
        )
        for action_id, n in rows:
            n_links[action_id] = n_links.get(action_id, 0) + n
    return n_links


def _leads(plan_id: int, action_ids: Collection[int | None]) -> Mapping[int, tuple[LeadName, ...]]:
    rows = db.session.execute(
        select(ActionLead.action_id, ActionLead.user_id, User.name, ActionLead.kind)
        .join(PlanAction, PlanAction.id == ActionLead.action_id)
        .join(User, User.id == ActionLead.user_id)
        .where(PlanAction.plan_id == plan_id, ActionLead.removed_at.is_(None))
        .order_by(ActionLead.kind.desc(), User.name, ActionLead.id)
    )
    leads: dict[int, tuple[LeadName, ...]] = {}
    for action_id, user_id, name, kind in rows:
        if action_id in action_ids:
            leads[action_id] = (*leads.get(action_id, ()), LeadName(user_id, name, kind))
    return leads


def _imports(plan_id: int) -> tuple[ImportRow, ...]:
    rows = db.session.execute(
        select(PlanImport, User.name)
        .outerjoin(User, User.id == PlanImport.imported_by_id)
        .where(PlanImport.plan_id == plan_id)
        .order_by(PlanImport.as_at.desc(), PlanImport.id.desc())
    )
    return tuple(
        ImportRow(
            file_name=stored.file_name,
            as_at=stored.as_at,
            imported_at=stored.imported_at,
            imported_by=name,
            n_new=int(stored.summary.get("n_new", 0)),
            n_updated=int(stored.summary.get("n_updated", 0)),
        )
        for stored, name in rows
    )
