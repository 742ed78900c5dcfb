"""Reports for boards in preparation: the cover, the safeguarding statement, and the issue."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.boards import canonical_sha256
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.queries import boards as board_queries
from qa_app.queries.boards import DraftSheet
from qa_app.services import boards_reports
from qa_app.web.report_drafts.forms import CoverForm, StatementForm
from qa_app.web.shared.access import current_viewer, requires
from qa_app.web.shared.form_errors import form_errors
from qa_app.web.shared.report_pages import figures_view
from qa_app.web.shared.template_filters import day
from qa_app.web.shared.transactions import commits
from qa_app.web.shared.typed import chosen

blueprint = Blueprint("report_drafts", __name__, url_prefix="/boards/drafts")

STEPS = (Permission.ISSUE_REPORTS, Permission.STATE_SAFEGUARDING)


@blueprint.get("/new")
@requires(Permission.ISSUE_REPORTS)
def new() -> ResponseReturnValue:
    """The cover of another report; of a correction, when one is asked for."""
    corrects_id = chosen(request.args.get("corrects"))
    form = CoverForm(formdata=None, data=_first_cover(corrects_id))
    return _new_page(form, corrects_id)


@blueprint.post("/new")
@requires(Permission.ISSUE_REPORTS)
@commits
def prepare() -> ResponseReturnValue:
    """Begin a report for a board."""
    viewer = current_viewer()
    form = CoverForm()
    corrects_id = chosen(request.form.get("corrects"))
    try:
        _require_day(form)
        draft = boards_reports.prepare_report(
            viewer,
            form.cover(),
            corrects_id=corrects_id,
            correction_reason=form.correction_reason.data or "",
            today=clock.today(),
            at=clock.now(),
        )
    except Invalid as refused:
        form._fields[refused.field].errors = [refused.message]
        return _new_page(form, corrects_id), 422
    flash("The report is prepared. It is issued once the safeguarding statement is made.", "success")
    return redirect(url_for("report_drafts.show", draft_id=draft.id), 303)


@blueprint.get("/<int:draft_id>")
@requires(*STEPS)
def show(draft_id: int) -> ResponseReturnValue:
    """A report in preparation: what it will say, the statement, and the issue."""
    return _draft_page(_sheet(draft_id), StatementForm(formdata=None))


@blueprint.get("/<int:draft_id>/cover")
@requires(Permission.ISSUE_REPORTS)
def cover(draft_id: int) -> ResponseReturnValue:
    """The cover of a report in preparation, to change it."""
    sheet = _sheet(draft_id)
    return _cover_page(sheet, CoverForm(formdata=None, data=_cover_of(sheet)))


@blueprint.post("/<int:draft_id>/cover")
@requires(Permission.ISSUE_REPORTS)
@commits
def change_cover(draft_id: int) -> ResponseReturnValue:
    """Change the cover of a report in preparation."""
    viewer = current_viewer()
    sheet = _sheet(draft_id)
    form = CoverForm()
    try:
        _require_day(form)
        boards_reports.change_cover(
            viewer,
            draft_id,
            form.cover(),
            form.correction_reason.data or "",
            today=clock.today(),
            at=clock.now(),
        )
    except Invalid as refused:
        form._fields[refused.field].errors = [refused.message]
        return _cover_page(sheet, form), 422
    flash("The cover is changed.", "success")
    return redirect(url_for("report_drafts.show", draft_id=draft_id), 303)


@blueprint.post("/<int:draft_id>/statement")
@requires(Permission.STATE_SAFEGUARDING)
@commits
def state(draft_id: int) -> ResponseReturnValue:
    """Make the safeguarding statement."""
    viewer = current_viewer()
    sheet = _sheet(draft_id)
    form = StatementForm()
    try:
        boards_reports.make_statement(
            viewer, draft_id, form.statement.data or "", form.figures.data or "", at=clock.now()
        )
    except Invalid as refused:
        form.statement.errors = [refused.message]
        return _draft_page(sheet, form), 422
    flash("Your statement is kept. The report can be issued.", "success")
    return redirect(url_for("report_drafts.show", draft_id=draft_id), 303)


@blueprint.post("/<int:draft_id>/issue")
@requires(Permission.ISSUE_REPORTS)
@commits
def issue(draft_id: int) -> ResponseReturnValue:
    """Issue a report to its board, for good."""
    sheet = _sheet(draft_id)
    try:
        issued = boards_reports.issue_report(current_viewer(), draft_id, at=clock.now())
    except Conflict as refused:
        if not sheet.is_open:
            raise
        return _draft_page(sheet, StatementForm(formdata=None), refused.message), refused.status
    flash("The report is issued. Nothing changes it any more.", "success")
    return redirect(url_for("boards.report", report_id=issued.id), 303)


@blueprint.post("/<int:draft_id>/drop")
@requires(Permission.ISSUE_REPORTS)
@commits
def drop(draft_id: int) -> ResponseReturnValue:
    """Leave a report unissued."""
    boards_reports.drop_draft(current_viewer(), draft_id, at=clock.now())
    flash("The report was dropped. Nobody received it.", "success")
    return redirect(url_for("boards.index"), 303)


def _sheet(draft_id: int) -> DraftSheet:
    return board_queries.get_draft(current_viewer(), draft_id)


def _require_day(form: CoverForm) -> None:
    if not form.as_at.validate(form):
        raise Invalid("as_at", str(form.as_at.errors[0]))


def _first_cover(corrects_id: int | None) -> dict[str, Any]:
    viewer = current_viewer()
    if corrects_id is not None:
        corrected = board_queries.get_report(viewer, corrects_id)
        header = corrected.data["header"]
        return {
            "board": str(corrected.line.board_id),
            "plan": str(corrected.plan_id or ""),
            "as_at": corrected.line.as_at,
            "marking": corrected.line.marking.value,
            "title": corrected.line.title,
            "lead_officer": header["lead_officer"],
            "contact_officer": header["contact_officer"],
            "purpose": header["purpose"],
            "recommendations": header["recommendations"],
            "officer": str(corrected.statement_by_id),
            "officer_post": corrected.data["statement"]["post"],
        }
    plans = board_queries.list_plan_choices(viewer)
    return {
        "board": request.args.get("board", ""),
        "plan": str(plans[0][0]) if plans else "",
        "as_at": clock.today(),
        "title": f"Improvement plan: exception report as at {day(clock.today())}",
        "purpose": "To report the actions of the improvement plan that were due and have not progressed.",
        "recommendations": "The board is asked to note and comment on the report.",
    }


def _cover_of(sheet: DraftSheet) -> dict[str, Any]:
    return {
        "board": str(sheet.board_id),
        "plan": str(sheet.plan_id),
        "as_at": sheet.as_at,
        "marking": sheet.marking.value,
        "title": sheet.title,
        "lead_officer": sheet.lead_officer,
        "contact_officer": sheet.contact_officer,
        "purpose": sheet.purpose,
        "recommendations": sheet.recommendations,
        "officer": str(sheet.officer_id),
        "officer_post": sheet.officer_post,
        "correction_reason": sheet.correction_reason or "",
    }


def _offer_choices(form: CoverForm) -> None:
    viewer = current_viewer()
    boards = [line for line in board_queries.list_boards(viewer) if line.closed_at is None]
    form.board.choices = {"": "Choose a board"} | {str(line.board_id): line.name for line in boards}
    form.plan.choices = {"": "Choose a plan"} | {
        str(number): title for number, title in board_queries.list_plan_choices(viewer)
    }
    form.officer.choices = {"": "Choose an officer"} | {
        str(number): name for number, name in board_queries.list_officers(viewer)
    }


def _new_page(form: CoverForm, corrects_id: int | None) -> str:
    _offer_choices(form)
    return render_template("report_drafts/cover.html", form=form, sheet=None, corrects_id=corrects_id)


def _cover_page(sheet: DraftSheet, form: CoverForm) -> str:
    if not sheet.is_open:
        raise NotFound("This report is no longer in preparation.")
    _offer_choices(form)
    return render_template("report_drafts/cover.html", form=form, sheet=sheet, corrects_id=sheet.corrects_id)


def _draft_page(sheet: DraftSheet, form: StatementForm, fault: str = "") -> str:
    figures = boards_reports.figures_of(current_viewer(), sheet.plan_id, sheet.as_at)
    sha256 = canonical_sha256(figures)
    if form.statement.data is None and sheet.statement:
        form.statement.data = sheet.statement
    form.figures.data = sha256
    return render_template(
        "report_drafts/show.html",
        sheet=sheet,
        page=figures_view(figures),
        form=form,
        fault=fault,
        is_stale=sheet.statement is not None and sheet.figures_sha256 != sha256,
        errors=form_errors(form),
    )
