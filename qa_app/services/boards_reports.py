"""Reports for boards: prepared, stated upon by a named officer, and issued for good."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from qa_app.domain.access import ROLE_PERMISSIONS, Permission, Role, Viewer
from qa_app.domain.board_reports import exception_figures, moment_words, whole_report
from qa_app.domain.boards import Marking, ReportKind, canonical_sha256, checked_statement, one_line
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.domain.references import report_ref
from qa_app.extensions import db
from qa_app.models.accounts import RoleGrant, User
from qa_app.models.boards import Board, IssuedReport, ReportDraft
from qa_app.queries.improvement import get_exception_sheet
from qa_app.queries.scope_plan import drafts_within, reports_within
from qa_app.services import history
from qa_app.services.boards import board_of
from qa_app.services.history_seal import chain_head

LONGEST_LINE, LONGEST_REASON, LONGEST_BOX = 200, 1000, 6000
"""Units: characters."""


@dataclass(frozen=True)
class Cover:
    """What stands on the cover of a report: for whom, of which day, how marked, and who answers for it."""

    board_id: int | None
    plan_id: int | None
    as_at: date | None
    marking: Marking | None
    title: str
    purpose: str
    recommendations: str
    lead_officer: str
    contact_officer: str
    officer_id: int | None
    officer_post: str


def prepare_report(
    viewer: Viewer,
    cover: Cover,
    *,
    corrects_id: int | None = None,
    correction_reason: str = "",
    today: date,
    at: datetime,
) -> ReportDraft:
    """Begin an exception report for a board, or the correction of one that was issued.

    Errors: NotAllowed; NotFound; Invalid at a field; Conflict where the report was corrected already.
    """
    user_id = _person(viewer)
    draft = ReportDraft(kind=ReportKind.EXCEPTION, prepared_at=at, prepared_by_id=user_id)
    if corrects_id is not None:
        corrected = _issued(viewer, corrects_id)
        if cover.board_id != corrected.board_id:
            raise Invalid("board", "A correction goes to the board that received the report.")
        _refuse_second_correction(corrects_id)
        draft.corrects_id = corrects_id
        draft.correction_reason = one_line(
            correction_reason, "correction_reason", "what is corrected, and why", LONGEST_REASON
        )
    _put_cover(viewer, draft, cover, today)
    db.session.add(draft)
    db.session.flush()
    said = {"title": draft.title, "board_id": draft.board_id, "as_at": draft.as_at.isoformat()}
    history.record(viewer, "report.prepared", "report_draft", draft.id, at=at, after=said)
    return draft


def change_cover(
    viewer: Viewer, draft_id: int, cover: Cover, correction_reason: str = "", *, today: date, at: datetime
) -> None:
    """Change what stands on the cover of a report in preparation. A statement on other figures falls away.

    Errors: NotAllowed; NotFound; Invalid; Conflict once it was issued.
    """
    _person(viewer)
    draft = _open_draft(viewer, draft_id)
    before = (draft.plan_id, draft.as_at, draft.officer_id)
    if draft.corrects_id is not None:
        if cover.board_id != draft.board_id:
            raise Invalid("board", "A correction goes to the board that received the report.")
        draft.correction_reason = one_line(
            correction_reason, "correction_reason", "what is corrected, and why", LONGEST_REASON
        )
    _put_cover(viewer, draft, cover, today)
    if before != (draft.plan_id, draft.as_at, draft.officer_id):
        draft.statement = draft.statement_at = draft.figures_sha256 = None
    history.record(viewer, "report.changed", "report_draft", draft_id, at=at, after={"title": draft.title})
    db.session.flush()


def make_statement(viewer: Viewer, draft_id: int, words: str, figures_sha256: str, *, at: datetime) -> None:
    """The named officer says what the figures mean for the safety of children. Only they can; the words are theirs.

    `figures_sha256`: the figures that they had before them.
    Errors: NotAllowed; NotFound; Invalid; Conflict when the figures have changed meanwhile.
    """
    viewer.require(Permission.STATE_SAFEGUARDING)
    draft = _open_draft(viewer, draft_id)
    if draft.officer_id != viewer.user_id:
        raise NotAllowed("The statement is asked of somebody else. Change the officer on the cover first.")
    kept = checked_statement(words)
    figures = canonical_sha256(figures_of(viewer, draft.plan_id, draft.as_at))
    if figures != figures_sha256:
        raise Conflict(
            "The figures have changed since this page was shown. Look at them again, then make the statement."
        )
    draft.statement, draft.statement_at, draft.figures_sha256 = kept, at, figures
    history.record(
        viewer, "report.statement_made", "report_draft", draft_id, at=at, after={"figures_sha256": figures}
    )
    db.session.flush()


def drop_draft(viewer: Viewer, draft_id: int, *, at: datetime) -> None:
    """Leave a report unissued. Twice is harmless. Errors: NotAllowed; NotFound; Conflict once it was issued."""
    _person(viewer)
    draft = _draft(viewer, draft_id)
    if draft.issued_report_id is not None:
        raise Conflict("This report was issued. What was issued stays; correct it by another issue.")
    if draft.dropped_at is None:
        draft.dropped_at = at
        history.record(viewer, "report.dropped", "report_draft", draft_id, at=at)
        db.session.flush()


def issue_report(viewer: Viewer, draft_id: int, *, at: datetime) -> IssuedReport:
    """Issue a report to its board: from now on nothing that happens changes a figure or a word of it.

    Errors: NotAllowed; NotFound; Conflict without a statement on these very figures, for a closed board, or twice.
    """
    user_id = _person(viewer)
    draft = _open_draft(viewer, draft_id)
    board = board_of(draft.board_id)
    if board.closed_at is not None:
        raise Conflict(
            "This board is closed and receives no more reports. Choose another board on the cover."
        )
    if draft.statement is None or draft.statement_at is None:
        raise Conflict(
            "A report is issued with a named officer's safeguarding statement. It is not made yet."
        )
    figures = figures_of(viewer, draft.plan_id, draft.as_at)
    if canonical_sha256(figures) != draft.figures_sha256:
        raise Conflict(
            "The plan has changed since the safeguarding statement was made. Ask the officer to look at the "
            "figures again and to make it anew."
        )
    data, head = _frozen(viewer, draft, board, figures, at)
    issued = IssuedReport(
        board_id=board.id,
        kind=draft.kind,
        title=draft.title,
        as_at=draft.as_at,
        marking=draft.marking,
        plan_id=draft.plan_id,
        data=data,
        sha256=canonical_sha256(data),
        history_head=head,
        issued_at=at,
        issued_by_id=user_id,
        statement_by_id=draft.officer_id,
        corrects_id=draft.corrects_id,
        correction_reason=draft.correction_reason,
    )
    try:
        with db.session.begin_nested():
            db.session.add(issued)
    except IntegrityError as error:
        raise Conflict("This report was corrected already. Correct the newest issue instead.") from error
    draft.issued_report_id = issued.id
    said = {"title": issued.title, "board_id": board.id, "sha256": issued.sha256, "history_head": head}
    history.record(viewer, "report.issued", "issued_report", issued.id, at=at, after=said)
    db.session.flush()
    return issued


def figures_of(viewer: Viewer, plan_id: int, as_at: date) -> dict[str, Any]:
    """The figures of an exception report as they are at this moment. Errors: NotFound."""
    sheet = get_exception_sheet(viewer, plan_id, as_at)
    return {"plan": sheet.title, **exception_figures(sheet.report)}


def _frozen(
    viewer: Viewer, draft: ReportDraft, board: Board, figures: dict[str, Any], at: datetime
) -> tuple[dict[str, Any], str]:
    """Everything the report says, and the seal over the history at this moment."""
    officer = db.session.get_one(User, draft.officer_id)
    seq, hashed = chain_head(db.session())
    head = f"{seq}:{hashed}"
    corrected = db.session.get(IssuedReport, draft.corrects_id) if draft.corrects_id else None
    data = whole_report(
        header={
            "kind": draft.kind.label,
            "title": draft.title,
            "board": board.name,
            "marking": draft.marking.label,
            "as_at": draft.as_at.isoformat(),
            "plan": figures["plan"],
            "lead_officer": draft.lead_officer,
            "contact_officer": draft.contact_officer,
            "purpose": draft.purpose,
            "recommendations": draft.recommendations,
        },
        figures=figures,
        statement={
            "words": draft.statement or "",
            "by": officer.name,
            "post": draft.officer_post,
            "at": moment_words(draft.statement_at or at),
        },
        issue={
            "by": viewer.name,
            "at": moment_words(at),
            "history_head": head,
            "corrects": report_ref(corrected.id) if corrected else None,
            "corrects_sha256": corrected.sha256 if corrected else None,
            "correction_reason": draft.correction_reason,
        },
    )
    return data, head


def _put_cover(viewer: Viewer, draft: ReportDraft, cover: Cover, today: date) -> None:
    if cover.board_id is None or board_of(cover.board_id).closed_at is not None:
        raise Invalid("board", "Choose the board that receives the report.")
    if cover.plan_id is None:
        raise Invalid("plan", "Choose the plan.")
    if cover.as_at is None:
        raise Invalid("as_at", "Enter the day at which the report looks.")
    if cover.as_at > today:
        raise Invalid("as_at", "This day lies in the future. A report says how things stood.")
    if cover.marking is None:
        raise Invalid("marking", "Choose whether the report is public or restricted.")
    get_exception_sheet(viewer, cover.plan_id, cover.as_at)
    draft.board_id, draft.plan_id, draft.as_at = cover.board_id, cover.plan_id, cover.as_at
    draft.marking = cover.marking
    draft.title = one_line(cover.title, "title", "the title", LONGEST_LINE)
    draft.lead_officer = one_line(cover.lead_officer, "lead_officer", "the lead officer", LONGEST_LINE)
    draft.contact_officer = one_line(
        cover.contact_officer, "contact_officer", "the contact officer", LONGEST_LINE, needed=False
    )
    draft.purpose = _box(cover.purpose, "purpose")
    draft.recommendations = _box(cover.recommendations, "recommendations")
    draft.officer_id = _officer(cover.officer_id)
    draft.officer_post = one_line(cover.officer_post, "officer_post", "the officer's post", LONGEST_LINE)


def _box(typed: str, field: str) -> str:
    words = "\n".join(" ".join(line.split()) for line in typed.replace("\x00", "").strip().splitlines())
    if len(words) > LONGEST_BOX:
        raise Invalid(field, f"Keep this to {LONGEST_BOX} characters; it has {len(words)}.")
    return words


def _officer(user_id: int | None) -> int:
    stating = [role for role in Role if Permission.STATE_SAFEGUARDING in ROLE_PERMISSIONS[role]]
    found = db.session.scalar(
        select(User.id)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(User.id == user_id, User.is_active, RoleGrant.role.in_(stating))
        .limit(1)
    )
    if found is None:
        raise Invalid("officer", "Choose the officer who makes the safeguarding statement.")
    return found


def _refuse_second_correction(report_id: int) -> None:
    if db.session.scalar(select(IssuedReport.id).where(IssuedReport.corrects_id == report_id)) is not None:
        raise Conflict("This report was corrected already. Correct the newest issue instead.")


def _issued(viewer: Viewer, report_id: int) -> IssuedReport:
    report = db.session.scalar(
        select(IssuedReport).where(
            IssuedReport.id == report_id, reports_within(viewer, Permission.SEE_ISSUED_REPORTS)
        )
    )
    if report is None:
        raise NotFound("There is no such report that you can read.")
    return report


def _draft(viewer: Viewer, draft_id: int) -> ReportDraft:
    draft = db.session.scalar(
        select(ReportDraft).where(ReportDraft.id == draft_id, drafts_within(viewer)).with_for_update()
    )
    if draft is None:
        raise NotFound("There is no such report in preparation.")
    return draft


def _open_draft(viewer: Viewer, draft_id: int) -> ReportDraft:
    draft = _draft(viewer, draft_id)
    if draft.issued_report_id is not None:
        raise Conflict("This report was issued. What was issued stays; correct it by another issue.")
    if draft.dropped_at is not None:
        raise Conflict("This report was dropped. Prepare another one.")
    return draft


def _person(viewer: Viewer) -> int:
    viewer.require(Permission.ISSUE_REPORTS)
    if viewer.user_id is None:
        raise NotAllowed("A report is issued by a person: sign in first.")
    return viewer.user_id
