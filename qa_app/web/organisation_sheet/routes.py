"""The organisation as a sheet: downloaded filled in, sent back, looked at, and only then kept."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import FileField

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.errors import Conflict, Invalid
from qa_app.domain.sheets import SheetKind
from qa_app.exchange.organisation_sheet import organisation_workbook, read_organisation
from qa_app.exchange.uploads import UploadedFile
from qa_app.extensions import db
from qa_app.services import organisation_sheets, sheets
from qa_app.web.shared.access import current_viewer, record_view, requires
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.template_filters import counted
from qa_app.web.shared.transactions import commits
from qa_app.web.shared.typed import plain

blueprint = Blueprint("organisation_sheet", __name__, url_prefix="/organisation/sheet")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ANSWERS = ("area-", "team-", "person-")


class SheetForm(BaseForm):
    """A sheet of the organisation."""

    file = FileField("File")


@blueprint.get("")
@requires(Permission.MANAGE_ORGANISATION)
def upload() -> ResponseReturnValue:
    """The form for a sheet of the organisation."""
    sheets.require_whole(current_viewer(), SheetKind.ORGANISATION)
    return render_template("organisation_sheet/upload.html", form=SheetForm(formdata=None))


@blueprint.post("")
@requires(Permission.MANAGE_ORGANISATION)
@commits
def take_upload() -> ResponseReturnValue:
    """Read a sheet and hold it, so that somebody can look before anything is kept."""
    viewer = current_viewer()
    form = SheetForm()
    sent = form.file.data if form.validate_on_submit() else None
    if not sent:
        form.file.errors = ["File: choose the sheet to send"]
        return render_template("organisation_sheet/upload.html", form=form), 422
    file = UploadedFile(sent.filename or "file", sent.read())
    # Reading takes its time: the write lock that came with asking who is signed in is given back meanwhile.
    db.session.rollback()
    try:
        sheet = read_organisation(file)
    except Invalid as refused:
        form.file.errors = [refused.message]
        return render_template("organisation_sheet/upload.html", form=form), 422
    content = {
        "rows": organisation_sheets.SHEET_ROWS.dump_python(sheet.rows, mode="json"),
        "faults": organisation_sheets.FAULTS.dump_python(sheet.faults, mode="json"),
        "unused": list(sheet.unused),
    }
    kept = sheets.keep_sheet(viewer, SheetKind.ORGANISATION, file.name, file.sha256, content, at=clock.now())
    return redirect(url_for("organisation_sheet.preview", sheet_id=kept.id))


@blueprint.get("/<int:sheet_id>")
@requires(Permission.MANAGE_ORGANISATION)
def preview(sheet_id: int) -> ResponseReturnValue:
    """What a sheet would change, before anything is kept."""
    viewer = current_viewer()
    sheet = sheets.get_sheet(viewer, SheetKind.ORGANISATION, sheet_id, at=clock.now())
    plan, lines, fingerprint = organisation_sheets.preview_organisation(
        viewer,
        organisation_sheets.SHEET_ROWS.validate_python(sheet.content["rows"]),
        sheet.content.get("said", {}),
    )
    faults = [*organisation_sheets.FAULTS.validate_python(sheet.content["faults"]), *plan.faults]
    return render_template(
        "organisation_sheet/preview.html",
        plan=plan,
        lines=lines,
        sheet=sheet,
        faults=faults,
        fingerprint=fingerprint,
    )


@blueprint.post("/<int:sheet_id>/answers")
@requires(Permission.MANAGE_ORGANISATION)
@commits
def answer(sheet_id: int) -> ResponseReturnValue:
    """Keep what was said about the doubts of a sheet, and look again."""
    said = {name: plain(value) or "" for name, value in request.form.items() if name.startswith(ANSWERS)}
    sheets.answer_sheet(current_viewer(), SheetKind.ORGANISATION, sheet_id, said, at=clock.now())
    return redirect(url_for("organisation_sheet.preview", sheet_id=sheet_id))


@blueprint.post("/<int:sheet_id>/store")
@requires(Permission.MANAGE_ORGANISATION)
@commits
def store(sheet_id: int) -> ResponseReturnValue:
    """Carry out what a sheet changes."""
    viewer = current_viewer()
    sheet = sheets.get_sheet(viewer, SheetKind.ORGANISATION, sheet_id, at=clock.now())
    try:
        _, lines = organisation_sheets.store_organisation(
            viewer,
            organisation_sheets.SHEET_ROWS.validate_python(sheet.content["rows"]),
            sheet.content.get("said", {}),
            sheet.file_sha256,
            at=clock.now(),
            seen=request.form.get("seen", ""),
        )
    except (Conflict, Invalid) as refused:
        db.session.rollback()
        flash(f"Nothing was stored. {refused.message}", "error")
        return redirect(url_for("organisation_sheet.preview", sheet_id=sheet_id))
    sheets.drop_sheet(viewer, SheetKind.ORGANISATION, sheet_id, at=clock.now())
    flash(f"Stored: {counted(len(lines), 'change')}.", "success")
    return redirect(url_for("organisation.index"))


@blueprint.post("/<int:sheet_id>/leave")
@requires(Permission.MANAGE_ORGANISATION)
@commits
def leave(sheet_id: int) -> ResponseReturnValue:
    """Let go of a sheet that waits."""
    sheets.drop_sheet(current_viewer(), SheetKind.ORGANISATION, sheet_id, at=clock.now())
    flash("The sheet was left; nothing was kept of it.", "note")
    return redirect(url_for("organisation.index"))


@blueprint.get("/organisation.xlsx")
@requires(Permission.MANAGE_ORGANISATION)
def template() -> ResponseReturnValue:
    """The organisation as it is known, as a workbook to fill in."""
    content = organisation_workbook(organisation_sheets.get_structure(current_viewer()))
    record_view("organisation", 0, what="export")
    return Response(
        content,
        mimetype=XLSX,
        headers={"Content-Disposition": "attachment; filename=organisation.xlsx"},
    )
