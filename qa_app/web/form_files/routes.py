"""Forms as files: out as a workbook, YAML or JSON, in again as a draft, and the reviews on a form as a table."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.exchange.audit_form_readers import FORMATS, ReadForm, read_any_form, write_any_form
from qa_app.exchange.form_export_files import export_csv, export_workbook
from qa_app.exchange.uploads import UploadedFile
from qa_app.queries.audit_form_publishing import compare_versions, get_publishing, theme_keys
from qa_app.queries.form_exports import get_form_export
from qa_app.services.audit_form_intake import take_in_form
from qa_app.web.form_files.forms import FormFileForm
from qa_app.web.shared.access import current_viewer, record_view, requires
from qa_app.web.shared.template_filters import counted
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("form_files", __name__, url_prefix="/forms")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {
    "xlsx": XLSX,
    "yaml": "application/yaml; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
}
LARGEST_KEPT = 10_000_000
"""Units: bytes. A longer file is not read to its end: no form is as long."""


@blueprint.get("/<form_key>/versions/<int:number>/file.<file_format>")
@requires(Permission.SEE_FORMS, Permission.MANAGE_FORMS, Permission.APPROVE_FORMS)
def version_file(form_key: str, number: int, file_format: str) -> ResponseReturnValue:
    """A published version as a file."""
    found = compare_versions(current_viewer(), form_key, number, number).later
    return _form_file(found.form, file_format, f"{form_key}-version-{number}", str(number))


@blueprint.get("/drafts/<int:draft_id>/file.<file_format>")
@requires(Permission.MANAGE_FORMS)
def draft_file(draft_id: int, file_format: str) -> ResponseReturnValue:
    """A draft as a file, once nothing is wrong with it."""
    seen = get_publishing(current_viewer(), draft_id)
    if seen.form is None:
        raise Conflict(
            "Something in this draft has to be put right before it can go out as a file. Check it first."
        )
    return _form_file(seen.form, file_format, f"{seen.form_key}-draft", "draft")


@blueprint.get("/workbooks")
@requires(Permission.MANAGE_FORMS)
def workbook() -> ResponseReturnValue:
    """Where a form's file comes in."""
    return render_template("form_files/workbook.html", form=FormFileForm(formdata=None), read=None)


@blueprint.post("/workbooks")
@requires(Permission.MANAGE_FORMS)
@commits
def take_workbook() -> ResponseReturnValue:
    """Read a form's file; if nothing is wrong with it, it becomes a draft."""
    form = FormFileForm()
    viewer = current_viewer()
    try:
        file = _sent_file(form)
    except Invalid as error:
        form.file.errors = [*form.file.errors, error.message]
        return render_template("form_files/workbook.html", form=form, read=None), 422
    read = read_any_form(file, theme_keys(viewer))
    if read.form is None:
        return _faults_page(form, read), 422
    taken = take_in_form(viewer, read.form, file.name, at=clock.now())
    if taken.was_open:
        flash("The file took the place of what the open draft held. Undo brings that back.", "success")
    else:
        flash("The file is a draft now. Nothing is published yet.", "success")
    if read.not_taken:
        return render_template("form_files/taken.html", read=read, draft_id=taken.draft_id)
    return redirect(url_for("form_publishing.check", draft_id=taken.draft_id))


@blueprint.get("/<form_key>/reviews.<file_format>")
@requires(Permission.SEE_REVIEWS)
def reviews_file(form_key: str, file_format: str) -> ResponseReturnValue:
    """Every submitted review on a form that the viewer reaches, with a column for every key ever used."""
    if file_format not in ("csv", "xlsx"):
        raise NotFound
    found = get_form_export(current_viewer(), form_key)
    record_view("audit_form", found.form_id, what="export")
    if file_format == "csv":
        content = export_csv(found.columns, found.rows)
    else:
        content = export_workbook(found.columns, found.rows, f"Reviews: {found.title}")
    return _file(content, file_format, f"reviews-{form_key}")


def _form_file(form: AuditForm, file_format: str, name: str, version: str) -> Response:
    if file_format not in FORMATS:
        raise NotFound
    return _file(write_any_form(form, file_format, version), file_format, name)


def _file(content: bytes, file_format: str, name: str) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = TYPES[file_format]
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{file_format}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _sent_file(form: FormFileForm) -> UploadedFile:
    sent = form.file.data
    if not sent or not getattr(sent, "filename", ""):
        raise Invalid("file", "Choose the form's file.")
    try:
        return UploadedFile(sent.filename, sent.read(LARGEST_KEPT))
    finally:
        sent.close()


def _faults_page(form: FormFileForm, read: ReadForm) -> str:
    things = counted(len(read.faults), "thing")
    said = f"{read.file} was not taken, and nothing was stored: {things} to put right in it."
    errors = [{"text": said, "href": "#faults"}]
    return render_template("form_files/workbook.html", form=form, read=read, errors=errors)
