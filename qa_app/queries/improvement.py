"""The improvement plan as it stood at any date: its actions, its counts, and its exceptions."""

from collections.abc import Mapping
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
    FindingLink,
    Plan,
    PlanAction,
    PlanImport,
    PlanPriority,
    PlanUpload,
    ThemeLink,
)
from qa_app.queries.improvement_sheets import ExceptionSheet, ImportRow, PlanRow, PlanSheet
from qa_app.queries.scope import updates_in_force


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
    """All improvement plans, the one brought up to date last first."""
    viewer.require(Permission.SEE_PLAN)
    return _plans()


def is_any_plan(viewer: Viewer) -> bool:
    """Whether a plan has been imported at all."""
    _require_sight(viewer)
    return db.session.scalar(select(PlanImport.id).limit(1)) is not None


def choose_plan(viewer: Viewer, plan_id: int | None) -> int:
    """The plan asked for, or the one imported last.

    Errors: NotFound when there is none.
    """
    _require_sight(viewer)
    if plan_id is None:
        plan_id = db.session.scalar(select(PlanImport.plan_id).order_by(PlanImport.id.desc()).limit(1))
    elif db.session.scalar(select(Plan.id).where(Plan.id == plan_id)) is None:
        plan_id = None
    if plan_id is None:
        raise NotFound(
            "There is no such improvement plan. The improvement team imports one from its document."
        )
    return plan_id


def get_plan_sheet(viewer: Viewer, plan_id: int, as_at: date | None = None) -> PlanSheet:
    """A whole plan at a date; without one, at the date of its newest document. Errors: NotFound."""
    viewer.require(Permission.SEE_PLAN)
    row = _plan_row(plan_id)
    day = as_at or row.as_at
    lines = _lines(plan_id, day)
    return PlanSheet(
        plan_id=plan_id,
        title=row.title,
        as_at=day,
        newest_as_at=row.as_at,
        tally=tally_plan(lines, day),
        lines=lines,
        n_links=_n_links(plan_id),
        imports=_imports(plan_id),
        may_import=viewer.may(Permission.MANAGE_PLAN),
        may_see_report=viewer.may(Permission.SEE_EXCEPTION_REPORT),
    )


def get_exception_sheet(viewer: Viewer, plan_id: int, as_at: date | None = None) -> ExceptionSheet:
    """The exception report of a plan at a date. Errors: NotFound."""
    viewer.require(Permission.SEE_EXCEPTION_REPORT)
    row = _plan_row(plan_id)
    day = as_at or row.as_at
    return ExceptionSheet(
        plan_id=plan_id,
        title=row.title,
        newest_as_at=row.as_at,
        first_as_at=_first_as_at(plan_id),
        report=report_exceptions(_lines(plan_id, day), day),
        may_see_plan=viewer.may(Permission.SEE_PLAN),
    )


def get_plan_tally(viewer: Viewer, plan_id: int, as_at: date) -> PlanTally:
    """The counts of a plan at a date. Errors: NotFound."""
    _require_sight(viewer)
    _plan_row(plan_id)
    return tally_plan(_lines(plan_id, as_at), as_at)


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


def _require_sight(viewer: Viewer) -> None:
    if not viewer.may(Permission.SEE_EXCEPTION_REPORT):
        viewer.require(Permission.SEE_PLAN)


def _plans(plan_id: int | None = None) -> tuple[PlanRow, ...]:
    n_actions = (
        select(func.count(PlanAction.id))
        .where(PlanAction.plan_id == Plan.id)
        .correlate(Plan)
        .scalar_subquery()
    )
    statement = (
        select(Plan.id, Plan.title, n_actions, func.max(PlanImport.as_at))
        .join(PlanImport, PlanImport.plan_id == Plan.id)
        .group_by(Plan.id, Plan.title)
        .order_by(func.max(PlanImport.id).desc())
    )
    if plan_id is not None:
        statement = statement.where(Plan.id == plan_id)
    return tuple(PlanRow(*row) for row in db.session.execute(statement))


def _plan_row(plan_id: int) -> PlanRow:
    rows = _plans(plan_id)
    if not rows:
        raise NotFound("There is no such improvement plan.")
    return rows[0]


def _first_as_at(plan_id: int) -> date | None:
    return db.session.scalar(select(func.min(PlanImport.as_at)).where(PlanImport.plan_id == plan_id))


def _lines(plan_id: int, as_at: date) -> tuple[PlanLine, ...]:
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
        .where(PlanAction.plan_id == plan_id)
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
