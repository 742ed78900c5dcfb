"""The improvement plan kept: documents looked at, imported, and brought up to date."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.dates import as_written
from qa_app.domain.errors import Conflict, NotFound
from qa_app.domain.plan_changes import ActionChange, KnownAction, PlanChanges, compare_plan
from qa_app.domain.plan_records import PlanActionRecord, PlanDocument, PlanMapping
from qa_app.domain.plan_rules import ref_order
from qa_app.extensions import db
from qa_app.models.improvement import (
    ActionUpdate,
    Plan,
    PlanAction,
    PlanImport,
    PlanPriority,
    PlanRecommendation,
    PlanUpload,
)
from qa_app.queries.scope import updates_in_force
from qa_app.services import history

LONGEST_TITLE = 200
LONGEST_FILE_NAME = 200
UPLOADS_KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True)
class ImportOutcome:
    """What became of a plan document."""

    plan_id: int
    import_id: int
    n_new: int
    n_updated: int
    n_left_out: int


def keep_upload(
    viewer: Viewer, file_name: str, content: bytes, as_at: date, plan_id: int | None, *, at: datetime
) -> PlanUpload:
    """Hold a document until somebody has looked at it; documents that nobody decided on go after a day."""
    viewer.require(Permission.MANAGE_PLAN)
    if plan_id is not None:
        _plan(plan_id)
    db.session.execute(delete(PlanUpload).where(PlanUpload.uploaded_at < at - UPLOADS_KEPT_FOR))
    upload = PlanUpload(
        file_name=_kept_name(file_name),
        content=content,
        as_at=as_at,
        plan_id=plan_id,
        uploaded_at=at,
        uploaded_by_id=viewer.user_id,
    )
    db.session.add(upload)
    db.session.flush()
    return upload


def drop_upload(viewer: Viewer, upload_id: int) -> None:
    """Forget a document that was looked at: it has been kept as a plan, or is not wanted."""
    viewer.require(Permission.MANAGE_PLAN)
    db.session.execute(delete(PlanUpload).where(PlanUpload.id == upload_id))


def plan_titled(viewer: Viewer, title: str) -> int | None:
    """The number of the plan with this title, whatever its capitals, if there is one."""
    viewer.require(Permission.MANAGE_PLAN)
    return db.session.scalar(select(Plan.id).where(func.lower(Plan.title) == _tidy(title).lower()))


def import_plan(
    viewer: Viewer,
    document: PlanDocument,
    *,
    file_name: str,
    sha256: str,
    plan_id: int | None,
    mapping: PlanMapping | None = None,
    at: datetime,
) -> ImportOutcome:
    """Keep a plan document: as a new plan, or as a dated update of the plan named.

    In an update, an action whose status changed gets a new dated entry; new actions are added; words and
    timescales stay as first published; actions that the document leaves out stay.
    Errors: NotAllowed; NotFound; Conflict for a document imported before, or a new plan under a title in use.
    """
    viewer.require(Permission.MANAGE_PLAN)
    refuse_repeated(viewer, document.as_at, sha256, plan_id)
    plan = _plan(plan_id) if plan_id is not None else _new_plan(viewer, document.title, at)
    changes = _changes(plan.id, document)
    stored = PlanImport(
        plan_id=plan.id,
        as_at=document.as_at,
        file_name=_kept_name(file_name),
        file_sha256=sha256,
        imported_at=at,
        imported_by_id=viewer.user_id,
        mapping=_mapping_kept(mapping),
        summary=_summary(document, changes),
    )
    db.session.add(stored)
    db.session.flush()
    _add_actions(viewer, plan.id, stored, changes.new, at)
    _add_updates(viewer, stored, changes.updated, at)
    history.record(
        viewer,
        "plan.imported",
        "plan",
        plan.id,
        at=at,
        after={"as_at": document.as_at.isoformat(), "file_sha256": sha256, **_counts(changes)},
    )
    db.session.flush()
    return ImportOutcome(plan.id, stored.id, len(changes.new), len(changes.updated), len(changes.left_out))


def refuse_repeated(viewer: Viewer, as_at: date, sha256: str, plan_id: int | None) -> None:
    """Go on only if this document was not imported before; into another plan, or for another day, is allowed.

    Errors: Conflict, which says when it was, and into which plan.
    """
    viewer.require(Permission.MANAGE_PLAN)
    statement = (
        select(PlanImport, Plan.title)
        .join(Plan, Plan.id == PlanImport.plan_id)
        .where(PlanImport.file_sha256 == sha256, PlanImport.as_at == as_at)
        .limit(1)
    )
    if plan_id is not None:
        statement = statement.where(PlanImport.plan_id == plan_id)
    before = db.session.execute(statement).first()
    if before is not None:
        stored, title = before
        raise Conflict(
            f"This file was imported on {as_written(stored.imported_at.date())} already, as at "
            f"{as_written(as_at)}, into the plan “{title}”, and nothing was stored again. "
            "Send a newer copy, or give the date to which its statuses belong."
        )


def preview_changes(viewer: Viewer, plan_id: int | None, document: PlanDocument) -> PlanChanges:
    """What an import of a document would change, before anything is kept."""
    viewer.require(Permission.MANAGE_PLAN)
    if plan_id is None:
        return compare_plan([], document)
    return _changes(_plan(plan_id).id, document)


def _plan(plan_id: int) -> Plan:
    plan = db.session.get(Plan, plan_id)
    if plan is None:
        raise NotFound("There is no such improvement plan.")
    return plan


def _kept_name(file_name: str) -> str:
    return file_name.replace("\x00", "")[-LONGEST_FILE_NAME:]


def _tidy(title: str) -> str:
    title = title.replace("\x00", "")
    return (title[:1].upper() + title[1:])[:LONGEST_TITLE].strip() or "Improvement plan"


def _new_plan(viewer: Viewer, title: str, at: datetime) -> Plan:
    title = _tidy(title)
    if db.session.scalar(select(Plan.id).where(func.lower(Plan.title) == title.lower())) is not None:
        raise Conflict(
            f"There is a plan called “{title}” already. Bring that one up to date, or rename the file to make "
            "another plan."
        )
    plan = Plan(title=title, created_at=at, created_by_id=viewer.user_id)
    db.session.add(plan)
    db.session.flush()
    return plan


def _changes(plan_id: int, document: PlanDocument) -> PlanChanges:
    in_force = updates_in_force(document.as_at)
    rows = db.session.execute(
        select(PlanAction, in_force.c.status_text, in_force.c.declared_rating, in_force.c.progress)
        .outerjoin(in_force, in_force.c.action_id == PlanAction.id)
        .where(PlanAction.plan_id == plan_id)
    )
    known = [
        KnownAction(
            action_id=action.id,
            ref=action.ref,
            text=action.words,
            timescale_as_written=action.timescale_as_written,
            status_text=status_text or "",
            rating=rating,
            progress=progress,
        )
        for action, status_text, rating, progress in rows
    ]
    return compare_plan(sorted(known, key=lambda action: ref_order(action.ref)), document)


def _add_actions(
    viewer: Viewer, plan_id: int, stored: PlanImport, records: tuple[PlanActionRecord, ...], at: datetime
) -> None:
    if not records:
        return
    priorities = _priorities(plan_id, records)
    recommendations = _recommendations(plan_id, records)
    first = (
        db.session.scalar(select(func.max(PlanAction.position)).where(PlanAction.plan_id == plan_id)) or 0
    ) + 1
    actions = [
        _action(plan_id, record, priorities, recommendations, position, at)
        for position, record in enumerate(records, first)
    ]
    db.session.add_all(actions)
    db.session.flush()
    db.session.add_all(
        _update(action.id, record, stored, viewer, at)
        for action, record in zip(actions, records, strict=True)
    )


def _action(
    plan_id: int,
    record: PlanActionRecord,
    priorities: Mapping[str, int],
    recommendations: Mapping[str, int],
    position: int,
    at: datetime,
) -> PlanAction:
    timescale = record.timescale
    return PlanAction(
        plan_id=plan_id,
        priority_id=priorities[record.priority],
        recommendation_id=recommendations.get(record.recommendation or ""),
        ref=record.ref,
        ref_as_written=record.ref_as_written,
        position=position,
        words=record.text,
        parts=[asdict(part) for part in record.parts],
        strategic_lead=record.strategic_lead,
        operational_lead=record.operational_lead,
        agencies=record.agencies,
        success_measure=record.success_measure,
        evidence=record.evidence,
        timescale_as_written=timescale.as_written,
        timescale_kind=timescale.kind,
        window_starts_on=timescale.window_starts_on,
        window_ends_on=timescale.window_ends_on,
        recurs=timescale.recurs,
        review_on=timescale.review_on,
        doubts=list(record.doubts),
        created_at=at,
    )


def _add_updates(viewer: Viewer, stored: PlanImport, changes: tuple[ActionChange, ...], at: datetime) -> None:
    for change in changes:
        known, record = change.known, change.record
        db.session.add(_update(known.action_id, record, stored, viewer, at))
        history.record(
            viewer,
            "action.updated",
            "plan_action",
            known.action_id,
            at=at,
            before={"status": known.status_text, "rating": known.rating.value if known.rating else ""},
            after={
                "status": record.status_text,
                "rating": record.declared_rating.value if record.declared_rating else "",
                "effective_on": stored.as_at.isoformat(),
            },
        )


def _update(
    action_id: int, record: PlanActionRecord, stored: PlanImport, viewer: Viewer, at: datetime
) -> ActionUpdate:
    return ActionUpdate(
        action_id=action_id,
        effective_on=stored.as_at,
        recorded_at=at,
        recorded_by_id=viewer.user_id,
        plan_import_id=stored.id,
        status_text=record.status_text,
        declared_rating=record.declared_rating,
        progress=record.progress,
    )


def _priorities(plan_id: int, records: tuple[PlanActionRecord, ...]) -> dict[str, int]:
    """Number -> id of every priority that the records stand under; titles learnt later are filled in."""
    known = {
        priority.number: priority
        for priority in db.session.scalars(select(PlanPriority).where(PlanPriority.plan_id == plan_id))
    }
    for record in records:
        priority = known.get(record.priority)
        if priority is None:
            priority = PlanPriority(
                plan_id=plan_id, number=record.priority, title="", position=len(known) + 1
            )
            db.session.add(priority)
            known[record.priority] = priority
        if record.priority_title and not priority.title:
            priority.title = record.priority_title
    db.session.flush()
    return {number: priority.id for number, priority in known.items()}


def _recommendations(plan_id: int, records: tuple[PlanActionRecord, ...]) -> dict[str, int]:
    known = {
        found.words: found
        for found in db.session.scalars(
            select(PlanRecommendation).where(PlanRecommendation.plan_id == plan_id)
        )
    }
    for record in records:
        if record.recommendation and record.recommendation not in known:
            made = PlanRecommendation(
                plan_id=plan_id, number=str(len(known) + 1), source="", words=record.recommendation
            )
            db.session.add(made)
            known[record.recommendation] = made
    db.session.flush()
    return {words: found.id for words, found in known.items()}


def _mapping_kept(mapping: PlanMapping | None) -> dict[str, Any]:
    if mapping is None:
        return {}
    return {
        "columns": dict(mapping.columns),
        "ratings": {words: rating.value for words, rating in mapping.ratings.items()},
    }


def _counts(changes: PlanChanges) -> dict[str, Any]:
    return {
        "n_new": len(changes.new),
        "n_updated": len(changes.updated),
        "n_left_out": len(changes.left_out),
    }


def _summary(document: PlanDocument, changes: PlanChanges) -> dict[str, Any]:
    return {
        **_counts(changes),
        "n_actions": len(document.actions),
        "n_rows_read": document.n_rows_read,
        "n_rows_skipped": document.n_rows_skipped,
        "doubts": list(document.doubts),
        "columns": {name: list(headings) for name, headings in document.columns.items()},
        "columns_not_used": list(document.columns_not_used),
    }
