"""Boards, the reports issued to them, and those in preparation."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from qa_app.domain.access import ROLE_PERMISSIONS, Permission, Role, Viewer
from qa_app.domain.boards import Marking, ReportKind, canonical_sha256
from qa_app.domain.errors import NotFound
from qa_app.domain.references import report_ref
from qa_app.extensions import db
from qa_app.models.accounts import RoleGrant, User
from qa_app.models.boards import Board, IssuedReport, ReportDraft
from qa_app.models.improvement import Plan
from qa_app.queries.scope_plan import drafts_within, reports_within


@dataclass(frozen=True)
class BoardLine:
    """A board in the list of boards."""

    board_id: int
    name: str
    purpose: str
    closed_at: datetime | None
    n_reports: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class ReportLine:
    """An issued report in a list. `corrected_by_id`: the later issue that corrects it, if there is one."""

    report_id: int
    ref: str
    title: str
    kind: ReportKind
    board_id: int
    board: str
    as_at: date
    marking: Marking
    issued_at: datetime
    corrects_id: int | None
    corrected_by_id: int | None


@dataclass(frozen=True)
class ReportSheet:
    """An issued report, as frozen. `is_sound`: whether what is stored still has the hash it was issued with."""

    line: ReportLine
    data: dict[str, Any]
    sha256: str
    history_head: str
    is_sound: bool
    plan_id: int | None
    statement_by_id: int
    may_correct: bool


@dataclass(frozen=True)
class DraftLine:
    """A report in preparation, in a list."""

    draft_id: int
    title: str
    board: str
    as_at: date
    marking: Marking
    officer: str
    has_statement: bool
    is_mine_to_state: bool
    corrects_id: int | None


@dataclass(frozen=True)
class DraftSheet:
    """A report in preparation: its cover, its statement, and what the viewer may do with it."""

    draft_id: int
    board_id: int
    board: str
    kind: ReportKind
    plan_id: int
    as_at: date
    marking: Marking
    title: str
    purpose: str
    recommendations: str
    lead_officer: str
    contact_officer: str
    officer_id: int
    officer: str
    officer_post: str
    statement: str | None
    statement_at: datetime | None
    figures_sha256: str | None
    corrects_id: int | None
    correction_reason: str | None
    is_open: bool
    issued_report_id: int | None
    may_issue: bool
    may_state: bool


def list_boards(viewer: Viewer) -> tuple[BoardLine, ...]:
    """Every board with its members: for those who set boards up, or issue reports to them."""
    if not viewer.may(Permission.ISSUE_REPORTS):
        viewer.require(Permission.MANAGE_BOARDS)
    members: dict[int, list[str]] = {}
    for board_id, name in db.session.execute(
        select(RoleGrant.board_id, User.name)
        .join(User, User.id == RoleGrant.user_id)
        .where(RoleGrant.board_id.is_not(None), RoleGrant.suspended_at.is_(None), User.is_active)
        .order_by(User.name)
    ):
        members.setdefault(board_id or 0, []).append(name)
    n_reports = (
        select(func.count(IssuedReport.id))
        .where(IssuedReport.board_id == Board.id)
        .correlate(Board)
        .scalar_subquery()
    )
    rows = db.session.execute(select(Board, n_reports).order_by(Board.closed_at.is_not(None), Board.name))
    return tuple(
        BoardLine(board.id, board.name, board.purpose, board.closed_at, n, tuple(members.get(board.id, ())))
        for board, n in rows
    )


def get_board(viewer: Viewer, board_id: int) -> BoardLine:
    """One board. Errors: NotFound."""
    board = next((line for line in list_boards(viewer) if line.board_id == board_id), None)
    if board is None:
        raise NotFound("There is no such board.")
    return board


def list_reports(
    viewer: Viewer, board_id: int | None = None, most: int | None = None
) -> tuple[ReportLine, ...]:
    """The issued reports that the viewer may read, the newest first; of one board, if asked."""
    viewer.require(Permission.SEE_ISSUED_REPORTS)
    statement = _reports(viewer)
    if board_id is not None:
        statement = statement.where(IssuedReport.board_id == board_id)
    if most is not None:
        statement = statement.limit(most)
    return tuple(_line(*row) for row in db.session.execute(statement))


def list_report_boards(viewer: Viewer) -> tuple[tuple[int, str], ...]:
    """The boards of which the viewer may read a report: number and name."""
    viewer.require(Permission.SEE_ISSUED_REPORTS)
    rows = db.session.execute(
        select(Board.id, Board.name)
        .join(IssuedReport, IssuedReport.board_id == Board.id)
        .where(reports_within(viewer, Permission.SEE_ISSUED_REPORTS))
        .distinct()
        .order_by(Board.name)
    )
    return tuple((row.id, row.name) for row in rows)


def get_report(viewer: Viewer, report_id: int) -> ReportSheet:
    """An issued report as it was issued. Errors: NotFound."""
    viewer.require(Permission.SEE_ISSUED_REPORTS)
    found = db.session.execute(_reports(viewer).where(IssuedReport.id == report_id)).one_or_none()
    if found is None:
        raise NotFound("There is no such report that you can read.")
    line = _line(*found)
    report: IssuedReport = found[0]
    return ReportSheet(
        line=line,
        data=report.data,
        sha256=report.sha256,
        history_head=report.history_head,
        is_sound=canonical_sha256(report.data) == report.sha256,
        plan_id=report.plan_id,
        statement_by_id=report.statement_by_id,
        may_correct=viewer.may(Permission.ISSUE_REPORTS) and line.corrected_by_id is None,
    )


def list_drafts(viewer: Viewer) -> tuple[DraftLine, ...]:
    """The reports in preparation: all for those who issue, and for an officer those that ask for a statement."""
    if not (viewer.may(Permission.ISSUE_REPORTS) or viewer.may(Permission.STATE_SAFEGUARDING)):
        return ()
    rows = db.session.execute(
        select(ReportDraft, Board.name, User.name)
        .join(Board, Board.id == ReportDraft.board_id)
        .join(User, User.id == ReportDraft.officer_id)
        .where(
            drafts_within(viewer), ReportDraft.dropped_at.is_(None), ReportDraft.issued_report_id.is_(None)
        )
        .order_by(ReportDraft.prepared_at.desc(), ReportDraft.id.desc())
    )
    return tuple(
        DraftLine(
            draft_id=draft.id,
            title=draft.title,
            board=board,
            as_at=draft.as_at,
            marking=draft.marking,
            officer=officer,
            has_statement=draft.statement is not None,
            is_mine_to_state=draft.officer_id == viewer.user_id and draft.statement is None,
            corrects_id=draft.corrects_id,
        )
        for draft, board, officer in rows
    )


def get_draft(viewer: Viewer, draft_id: int) -> DraftSheet:
    """One report in preparation. Errors: NotFound."""
    found = db.session.execute(
        select(ReportDraft, Board.name, User.name)
        .join(Board, Board.id == ReportDraft.board_id)
        .join(User, User.id == ReportDraft.officer_id)
        .where(ReportDraft.id == draft_id, drafts_within(viewer))
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such report in preparation.")
    draft, board, officer = found
    is_open = draft.dropped_at is None and draft.issued_report_id is None
    return DraftSheet(
        draft_id=draft.id,
        board_id=draft.board_id,
        board=board,
        kind=draft.kind,
        plan_id=draft.plan_id,
        as_at=draft.as_at,
        marking=draft.marking,
        title=draft.title,
        purpose=draft.purpose,
        recommendations=draft.recommendations,
        lead_officer=draft.lead_officer,
        contact_officer=draft.contact_officer,
        officer_id=draft.officer_id,
        officer=officer,
        officer_post=draft.officer_post,
        statement=draft.statement,
        statement_at=draft.statement_at,
        figures_sha256=draft.figures_sha256,
        corrects_id=draft.corrects_id,
        correction_reason=draft.correction_reason,
        is_open=is_open,
        issued_report_id=draft.issued_report_id,
        may_issue=is_open and viewer.may(Permission.ISSUE_REPORTS),
        may_state=is_open
        and viewer.may(Permission.STATE_SAFEGUARDING)
        and draft.officer_id == viewer.user_id,
    )


def list_officers(viewer: Viewer) -> tuple[tuple[int, str], ...]:
    """Who can be asked for a safeguarding statement: number and name."""
    viewer.require(Permission.ISSUE_REPORTS)
    stating = [role for role in Role if Permission.STATE_SAFEGUARDING in ROLE_PERMISSIONS[role]]
    rows = db.session.execute(
        select(User.id, User.name)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(User.is_active, RoleGrant.suspended_at.is_(None), RoleGrant.role.in_(stating))
        .distinct()
        .order_by(User.name)
    )
    return tuple((row.id, row.name) for row in rows)


def list_plan_choices(viewer: Viewer) -> tuple[tuple[int, str], ...]:
    """The plans on which a report can be made: number and title, the newest first."""
    viewer.require(Permission.ISSUE_REPORTS)
    rows = db.session.execute(select(Plan.id, Plan.title).order_by(Plan.id.desc()))
    return tuple((row.id, row.title) for row in rows)


def _reports(viewer: Viewer) -> Select[IssuedReport, str, int | None]:
    later = aliased(IssuedReport)
    return (
        select(IssuedReport, Board.name, later.id)
        .join(Board, Board.id == IssuedReport.board_id)
        .outerjoin(later, later.corrects_id == IssuedReport.id)
        .where(reports_within(viewer, Permission.SEE_ISSUED_REPORTS))
        .order_by(IssuedReport.issued_at.desc(), IssuedReport.id.desc())
    )


def _line(report: IssuedReport, board: str, corrected_by_id: int | None) -> ReportLine:
    return ReportLine(
        report_id=report.id,
        ref=report_ref(report.id),
        title=report.title,
        kind=report.kind,
        board_id=report.board_id,
        board=board,
        as_at=report.as_at,
        marking=report.marking,
        issued_at=report.issued_at,
        corrects_id=report.corrects_id,
        corrected_by_id=corrected_by_id,
    )
