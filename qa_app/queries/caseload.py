"""The uploads of the caseload, and what was read from one."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.caseload import CaseloadCounts, Handling, ImportFault, ListReading
from qa_app.domain.caseload_faults import FAULT_WORDS
from qa_app.domain.caseload_reading import WhatWasRead, what_was_read
from qa_app.domain.errors import NotFound
from qa_app.exchange.annex_a.spec import list_specs
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.caseload import CaseloadImport, CaseRecord, ImportFaultRow

FAULTS_ON_A_PAGE = 100
_LEAVE_ALONE = (Handling.NORMALISE, Handling.IGNORE, Handling.KEEP_AS_TEXT, Handling.DROP)


@dataclass(frozen=True)
class ImportLine:
    """One upload in the list of uploads."""

    import_id: int
    as_at: date
    uploaded_at: datetime
    uploaded_by: str
    n_current_children: int
    n_with_care_leavers: int
    n_teams: int
    n_workers: int
    n_to_look_at: int


@dataclass(frozen=True)
class ImportsPage:
    """All uploads, newest day first."""

    imports: tuple[ImportLine, ...]
    may_upload: bool


@dataclass(frozen=True)
class ImportPage:
    """What was read from one upload. `may_tell`: the viewer may say what is meant by what was not understood."""

    import_id: int
    as_at: date
    uploaded_at: datetime
    uploaded_by: str
    file_hash: str
    read: WhatWasRead
    may_tell: bool


@dataclass(frozen=True)
class FaultsPage:
    """The faults of one kind in one upload, a page of them."""

    import_id: int
    as_at: date
    words: str
    done: Handling
    n_faults: int
    faults: tuple[ImportFault, ...]
    page: int
    n_pages: int


def get_imports_page(viewer: Viewer) -> ImportsPage:
    """All uploads of the caseload.

    Errors: NotAllowed; NotFound where the permission does not reach over the whole service.
    """
    _require_whole(viewer)
    to_look_at = (
        select(ImportFaultRow.caseload_import_id, func.sum(ImportFaultRow.n_times).label("n"))
        .where(ImportFaultRow.done.not_in(_LEAVE_ALONE))
        .group_by(ImportFaultRow.caseload_import_id)
        .subquery()
    )
    rows = db.session.execute(
        select(CaseloadImport, User.name, to_look_at.c.n)
        .outerjoin(User, User.id == CaseloadImport.imported_by_id)
        .outerjoin(to_look_at, to_look_at.c.caseload_import_id == CaseloadImport.id)
        .order_by(CaseloadImport.as_at.desc(), CaseloadImport.id.desc())
    )
    return ImportsPage(
        tuple(
            ImportLine(
                one.id,
                one.as_at,
                one.imported_at,
                name or "",
                one.counts["current_children_list6"],
                one.counts["current_children_including_care_leavers"],
                one.counts["teams"],
                one.counts["workers"],
                n or 0,
            )
            for one, name, n in rows
        ),
        viewer.may(Permission.IMPORT_CASELOAD),
    )


def get_import_page(viewer: Viewer, import_id: int) -> ImportPage:
    """What was read from one upload.

    Errors: NotAllowed, NotFound.
    """
    one, name = _import(viewer, import_id)
    rows = db.session.execute(
        select(CaseRecord.plan_type, func.count())
        .where(CaseRecord.caseload_import_id == import_id, CaseRecord.plan_type.is_not(None))
        .group_by(CaseRecord.plan_type)
    )
    return ImportPage(
        one.id,
        one.as_at,
        one.imported_at,
        name,
        one.file_sha256,
        what_was_read(
            _counts(one.counts),
            {
                entry["number"]: ListReading(
                    entry["tab"], entry["rows_read"], entry["usable"], entry["rejected"], entry["ignored"]
                )
                for entry in one.lists
            },
            {number: spec.name for number, spec in list_specs().items()},
            {plan: n for plan, n in rows if plan is not None},
            _faults_of(import_id),
        ),
        viewer.may(Permission.IMPORT_CASELOAD),
    )


def get_faults_page(viewer: Viewer, import_id: int, kind: str, done: str, page: int = 1) -> FaultsPage:
    """The faults of one kind, handled one way, in the order of the lists.

    Errors: NotAllowed; NotFound also for a kind that this upload does not have.
    """
    one, _ = _import(viewer, import_id)
    if kind not in FAULT_WORDS or done not in list(Handling):
        raise NotFound
    wanted = (
        ImportFaultRow.caseload_import_id == import_id,
        ImportFaultRow.kind == kind,
        ImportFaultRow.done == Handling(done),
    )
    n_lines, n_faults = db.session.execute(
        select(func.count(), func.sum(ImportFaultRow.n_times)).where(*wanted)
    ).one()
    if not n_lines:
        raise NotFound
    n_pages = -(-n_lines // FAULTS_ON_A_PAGE)
    page = min(max(page, 1), n_pages)
    rows = db.session.scalars(
        select(ImportFaultRow)
        .where(*wanted)
        .order_by(ImportFaultRow.id)
        .limit(FAULTS_ON_A_PAGE)
        .offset((page - 1) * FAULTS_ON_A_PAGE)
    )
    faults = tuple(_fault(row) for row in rows)
    return FaultsPage(one.id, one.as_at, FAULT_WORDS[kind], Handling(done), n_faults, faults, page, n_pages)


def get_fault_list(viewer: Viewer, import_id: int) -> tuple[date, tuple[ImportFault, ...]]:
    """The as-at day and every fault of one upload, in the order of the lists.

    Errors: NotAllowed, NotFound.
    """
    one, _ = _import(viewer, import_id)
    return one.as_at, _faults_of(import_id)


def _require_whole(viewer: Viewer) -> None:
    """An upload is of the whole service: whoever reaches a part of it only sees none."""
    viewer.require(Permission.SEE_CASELOAD)
    if not viewer.reach(Permission.SEE_CASELOAD).whole_service:
        raise NotFound


def _import(viewer: Viewer, import_id: int) -> tuple[CaseloadImport, str]:
    _require_whole(viewer)
    found = db.session.execute(
        select(CaseloadImport, User.name)
        .outerjoin(User, User.id == CaseloadImport.imported_by_id)
        .where(CaseloadImport.id == import_id)
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1] or ""


def _counts(stored: dict[str, Any]) -> CaseloadCounts:
    numbers = {int(number): n for number, n in stored["rows_by_list"].items()}
    return CaseloadCounts(**{**stored, "rows_by_list": numbers})


def _faults_of(import_id: int) -> tuple[ImportFault, ...]:
    rows = db.session.scalars(
        select(ImportFaultRow)
        .where(ImportFaultRow.caseload_import_id == import_id)
        .order_by(ImportFaultRow.id)
    )
    return tuple(_fault(row) for row in rows)


def _fault(row: ImportFaultRow) -> ImportFault:
    return ImportFault(
        row.kind,
        row.done,
        row.tab,
        row.list_number,
        row.row,
        row.column,
        row.field,
        row.sent,
        row.understood,
        more_rows=tuple(row.more_rows),
    )
