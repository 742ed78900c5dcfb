"""A new upload: sent, read, looked at, and then stored or thrown away. Nothing is stored before it was looked at."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.caseload import CaseloadExtract, cases_by_plan_type
from qa_app.domain.caseload_reading import WhatWasRead, what_was_read
from qa_app.domain.errors import Conflict, Invalid
from qa_app.exchange.annex_a.reader import read_caseload
from qa_app.exchange.annex_a.spec import list_specs
from qa_app.exchange.caseload_packed import pack_extract, unpack_extract
from qa_app.exchange.uploads import UploadedFile, sha256_of
from qa_app.extensions import db
from qa_app.queries.caseload_comparison import compare_with_last, days_of_same_files
from qa_app.queries.caseload_waiting import Waiting, get_waiting
from qa_app.queries.house_words import get_house_words
from qa_app.services.caseload import refuse_repeated
from qa_app.services.caseload_waiting import discard_waiting, keep_waiting, store_waiting
from qa_app.web.caseload.blueprint import blueprint
from qa_app.web.caseload.fault_files import fault_file
from qa_app.web.caseload.forms import StoreForm, UploadForm
from qa_app.web.shared.access import current_viewer, record_view, requires
from qa_app.web.shared.template_filters import counted
from qa_app.web.shared.transactions import commits


@blueprint.get("/imports/new")
@requires(Permission.IMPORT_CASELOAD)
def upload() -> ResponseReturnValue:
    """The form for a new upload."""
    return render_template("caseload/upload.html", form=UploadForm())


@blueprint.post("/imports/new")
@requires(Permission.IMPORT_CASELOAD)
@commits
def take_upload() -> ResponseReturnValue:
    """Read the files that were sent, and keep what may be kept until it was looked at."""
    viewer = current_viewer()
    form = UploadForm()
    if not form.validate_on_submit():
        return render_template("caseload/upload.html", form=form), 422
    told = get_house_words(viewer)
    try:
        files = _files(form)
        as_at = form.as_at.data
        if as_at is None or as_at > clock.today():
            raise Invalid("as_at", "The as-at day lies in the future. Enter the day the lists were taken.")
        sha256 = sha256_of(files)
        refuse_repeated(viewer, as_at, sha256)
        # Reading takes a second or two: the write lock that came with asking who is signed in is given back meanwhile.
        db.session.rollback()
        reading = pack_extract(read_caseload(files, as_at, told))
        waiting = keep_waiting(viewer, as_at, sha256, reading, at=clock.now())
    except (Conflict, Invalid) as refused:
        field = form.as_at if isinstance(refused, Invalid) and refused.field == "as_at" else form.files
        field.errors = [refused.message]
        return render_template("caseload/upload.html", form=form), refused.status
    return redirect(url_for("caseload.waiting", upload_id=waiting.id), 303)


@blueprint.get("/uploads/<int:upload_id>")
@requires(Permission.IMPORT_CASELOAD)
def waiting(upload_id: int) -> ResponseReturnValue:
    """What was read from an upload that is not stored yet."""
    found = get_waiting(current_viewer(), upload_id, clock.now())
    return _waiting_page(found, unpack_extract(found.reading), StoreForm())


@blueprint.post("/uploads/<int:upload_id>/store")
@requires(Permission.IMPORT_CASELOAD)
@commits
def store(upload_id: int) -> ResponseReturnValue:
    """Store what was read."""
    viewer, at = current_viewer(), clock.now()
    found = get_waiting(viewer, upload_id, at)
    db.session.rollback()  # nobody else waits for the lock while the reading is unpacked
    extract = unpack_extract(found.reading)
    form = StoreForm()
    try:
        stored = store_waiting(
            viewer, upload_id, extract, accepts_falls=bool(form.accepts_falls.data), at=clock.now()
        )
    except Invalid as refused:
        form.accepts_falls.errors = [refused.message]
        return _waiting_page(found, extract, form), refused.status
    n_open = sum(cases_by_plan_type(extract.cases).values())
    flash(f"The lists are stored: {counted(n_open, 'open case')} to draw from.", "success")
    return redirect(url_for("caseload.show", import_id=stored.id), 303)


@blueprint.post("/uploads/<int:upload_id>/discard")
@requires(Permission.IMPORT_CASELOAD)
@commits
def discard(upload_id: int) -> ResponseReturnValue:
    """Throw away what was read."""
    discard_waiting(current_viewer(), upload_id, at=clock.now())
    flash("The upload was thrown away. Nothing of it was stored.", "success")
    return redirect(url_for("caseload.index"), 303)


@blueprint.get("/uploads/<int:upload_id>/faults.<ending>")
@requires(Permission.IMPORT_CASELOAD)
def waiting_fault_list(upload_id: int, ending: str) -> ResponseReturnValue:
    """Every fault of an upload that is not stored yet, as a file for the performance team."""
    found = get_waiting(current_viewer(), upload_id, clock.now())
    extract = unpack_extract(found.reading)
    record_view("waiting_upload", upload_id, what="export")
    return fault_file(extract.faults, extract.as_at, ending)


def _waiting_page(found: Waiting, extract: CaseloadExtract, form: StoreForm) -> str:
    viewer = current_viewer()
    before = compare_with_last(viewer, extract.as_at, extract.cases, extract.counts.rows_by_list)
    return render_template(
        "caseload/waiting.html",
        line=found.line,
        read=_read(extract),
        form=form,
        n_doubts=len(extract.doubts),
        doubts=extract.doubts[:20],
        before=before,
        fall_words=[
            f"List {one.number} had {one.n_before:,} rows and has {one.n_now:,}"
            for one in (before.falls if before is not None else ())
        ],
        same_files_on=days_of_same_files(viewer, found.file_sha256, extract.as_at),
    )


def _read(extract: CaseloadExtract) -> WhatWasRead:
    return what_was_read(
        extract.counts,
        extract.lists,
        {number: spec.name for number, spec in list_specs().items()},
        cases_by_plan_type(extract.cases),
        extract.faults,
    )


def _files(form: UploadForm) -> list[UploadedFile]:
    return [UploadedFile(sent.filename or "file", sent.read()) for sent in form.files.data or [] if sent]
