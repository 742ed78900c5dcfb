"""Boards, and the reports issued to them."""

import json

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.errors import Invalid
from qa_app.queries import boards as board_queries
from qa_app.services import boards as board_services
from qa_app.web.boards.forms import BoardForm
from qa_app.web.shared.access import current_viewer, record_view, requires
from qa_app.web.shared.report_pages import report_view
from qa_app.web.shared.transactions import commits
from qa_app.web.shared.typed import chosen

blueprint = Blueprint("boards", __name__, url_prefix="/boards")


@blueprint.get("")
@requires(Permission.SEE_ISSUED_REPORTS, Permission.MANAGE_BOARDS)
def index() -> ResponseReturnValue:
    """Reports issued, those in preparation, and the boards, as far as each is the viewer's business."""
    viewer = current_viewer()
    may_read = viewer.may(Permission.SEE_ISSUED_REPORTS)
    board_id = chosen(request.args.get("board"))
    return render_template(
        "boards/index.html",
        may_read=may_read,
        may_manage=viewer.may(Permission.MANAGE_BOARDS),
        may_issue=viewer.may(Permission.ISSUE_REPORTS),
        reports=board_queries.list_reports(viewer, board_id) if may_read else (),
        board_choices=board_queries.list_report_boards(viewer) if may_read else (),
        board_id=board_id,
        drafts=board_queries.list_drafts(viewer),
        boards=board_queries.list_boards(viewer) if viewer.may(Permission.MANAGE_BOARDS) else (),
        only_boards=not viewer.board_reach(Permission.SEE_ISSUED_REPORTS).whole,
    )


@blueprint.get("/new")
@requires(Permission.MANAGE_BOARDS)
def new() -> ResponseReturnValue:
    """The form for another board."""
    return render_template("boards/board.html", board=None, form=BoardForm(formdata=None))


@blueprint.post("/new")
@requires(Permission.MANAGE_BOARDS)
@commits
def add() -> ResponseReturnValue:
    """Set up a board."""
    form = BoardForm()
    try:
        board = board_services.add_board(
            current_viewer(), form.name.data or "", form.purpose.data or "", at=clock.now()
        )
    except Invalid as refused:
        form._fields[refused.field].errors = [refused.message]
        return render_template("boards/board.html", board=None, form=form), 422
    flash(f"{board.name} is set up. Give somebody the role Board member over it.", "success")
    return redirect(url_for("boards.index"), 303)


@blueprint.get("/<int:board_id>")
@requires(Permission.MANAGE_BOARDS)
def board(board_id: int) -> ResponseReturnValue:
    """One board: its name, purpose and members."""
    line = board_queries.get_board(current_viewer(), board_id)
    form = BoardForm(formdata=None, data={"name": line.name, "purpose": line.purpose})
    return render_template("boards/board.html", board=line, form=form)


@blueprint.post("/<int:board_id>")
@requires(Permission.MANAGE_BOARDS)
@commits
def change(board_id: int) -> ResponseReturnValue:
    """Change a board's name or purpose."""
    viewer = current_viewer()
    form = BoardForm()
    try:
        board_services.change_board(
            viewer, board_id, form.name.data or "", form.purpose.data or "", at=clock.now()
        )
    except Invalid as refused:
        form._fields[refused.field].errors = [refused.message]
        line = board_queries.get_board(viewer, board_id)
        return render_template("boards/board.html", board=line, form=form), 422
    flash("The board is changed.", "success")
    return redirect(url_for("boards.board", board_id=board_id), 303)


@blueprint.post("/<int:board_id>/close")
@requires(Permission.MANAGE_BOARDS)
@commits
def close(board_id: int) -> ResponseReturnValue:
    """Issue no more reports to a board."""
    board_services.close_board(current_viewer(), board_id, at=clock.now())
    flash("The board is closed. What it received stays readable to its members.", "success")
    return redirect(url_for("boards.board", board_id=board_id), 303)


@blueprint.post("/<int:board_id>/reopen")
@requires(Permission.MANAGE_BOARDS)
@commits
def reopen(board_id: int) -> ResponseReturnValue:
    """Let a board receive reports again."""
    board_services.reopen_board(current_viewer(), board_id, at=clock.now())
    flash("The board receives reports again.", "success")
    return redirect(url_for("boards.board", board_id=board_id), 303)


@blueprint.get("/reports/<int:report_id>")
@requires(Permission.SEE_ISSUED_REPORTS)
def report(report_id: int) -> ResponseReturnValue:
    """An issued report, as it was issued."""
    sheet = board_queries.get_report(current_viewer(), report_id)
    record_view("issued_report", report_id)
    return render_template("boards/report.html", sheet=sheet, line=sheet.line, page=report_view(sheet.data))


@blueprint.get("/reports/<int:report_id>/data")
@requires(Permission.SEE_ISSUED_REPORTS)
def report_data(report_id: int) -> ResponseReturnValue:
    """The data of an issued report, over which its hash was taken: anybody who has it can check it."""
    sheet = board_queries.get_report(current_viewer(), report_id)
    record_view("issued_report", report_id, what="export")
    words = json.dumps(sheet.data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    name = f"report-{sheet.line.ref}.json"
    return Response(
        words, mimetype="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
