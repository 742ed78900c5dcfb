"""Pages of the caseload: the uploads, a new one, and what was read from one."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.caseload import CaseloadExtract
from qa_app.domain.errors import Conflict, Invalid
from qa_app.domain.house_words import HouseWords
from qa_app.exchange.annex_a.reader import read_caseload
from qa_app.exchange.fault_list import fault_csv
from qa_app.exchange.uploads import UploadedFile, sha256_of
from qa_app.extensions import db
from qa_app.queries.caseload import (
    get_fault_list,
    get_faults_page,
    get_import_page,
    get_imports_page,
)
from qa_app.queries.house_words import (
    UnknownCode,
    codes_to_choose,
    columns_of,
    get_house_words,
    get_house_words_page,
    get_unknown_code,
)
from qa_app.services import house_words
from qa_app.services.caseload import store_extract
from qa_app.web.caseload.forms import SpellingForm, UploadForm
from qa_app.web.shared.access import current_viewer, record_view, requires
from qa_app.web.shared.template_filters import counted
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("caseload", __name__, url_prefix="/caseload")


@blueprint.get("")
@requires(Permission.SEE_CASELOAD)
def index() -> ResponseReturnValue:
    """All uploads."""
    return render_template("caseload/index.html", page=get_imports_page(current_viewer()))


@blueprint.get("/imports/new")
@requires(Permission.IMPORT_CASELOAD)
def upload() -> ResponseReturnValue:
    """The form for a new upload."""
    return render_template("caseload/upload.html", form=UploadForm())


@blueprint.post("/imports/new")
@requires(Permission.IMPORT_CASELOAD)
@commits
def take_upload() -> ResponseReturnValue:
    """Read the files that were sent, and keep what they say."""
    viewer = current_viewer()
    form = UploadForm()
    if not form.validate_on_submit():
        return render_template("caseload/upload.html", form=form), 422
    told = get_house_words(viewer)
    # Reading takes a second: the write lock that came with asking who is signed in is given back meanwhile.
    db.session.rollback()
    try:
        extract, sha256 = _read(form, told)
        stored = store_extract(viewer, extract, sha256, at=clock.now())
    except (Conflict, Invalid) as refused:
        field = form.as_at if isinstance(refused, Invalid) and refused.field == "as_at" else form.files
        field.errors = [refused.message]
        return render_template("caseload/upload.html", form=form), refused.status
    n_open = sum(case.plan_type is not None for case in extract.cases)
    n_faults = len(extract.faults)
    flash(
        f"The lists were read: {counted(n_open, 'open case')} to draw from. "
        + (f"{counted(n_faults, 'fault')} noted: see below." if n_faults else "No faults."),
        "success",
    )
    return redirect(url_for("caseload.show", import_id=stored.id))


@blueprint.get("/imports/<int:import_id>")
@requires(Permission.SEE_CASELOAD)
def show(import_id: int) -> ResponseReturnValue:
    """What was read from one upload."""
    return render_template("caseload/show.html", page=get_import_page(current_viewer(), import_id))


@blueprint.get("/imports/<int:import_id>/faults/<kind>/<done>")
@requires(Permission.SEE_CASELOAD)
def faults(import_id: int, kind: str, done: str) -> ResponseReturnValue:
    """Every place of one kind of fault, with what was sent there."""
    number = request.args.get("page", 1, int)
    page = get_faults_page(current_viewer(), import_id, kind, done, number)
    record_view("caseload_import", import_id)
    return render_template("caseload/faults.html", page=page)


@blueprint.get("/imports/<int:import_id>/faults.csv")
@requires(Permission.SEE_CASELOAD)
def fault_list(import_id: int) -> ResponseReturnValue:
    """Every fault of one upload as a file for the performance team."""
    as_at, faults = get_fault_list(current_viewer(), import_id)
    record_view("caseload_import", import_id, what="export")
    name = f"caseload-faults-{as_at.isoformat()}.csv"
    return Response(
        fault_csv(faults),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


@blueprint.get("/words")
@requires(Permission.IMPORT_CASELOAD)
def words() -> ResponseReturnValue:
    """Spellings and names of our own: what waits to be told, and what was."""
    return render_template("caseload/words.html", page=get_house_words_page(current_viewer()))


@blueprint.get("/words/codes/<int:fault_id>")
@requires(Permission.IMPORT_CASELOAD)
def spelling(fault_id: int) -> ResponseReturnValue:
    """The form to say what a spelling means."""
    code = get_unknown_code(current_viewer(), fault_id)
    return _spelling_page(code, _spelling_form(code))


@blueprint.post("/words/codes/<int:fault_id>")
@requires(Permission.IMPORT_CASELOAD)
@commits
def add_spelling(fault_id: int) -> ResponseReturnValue:
    """Say what a spelling means."""
    viewer = current_viewer()
    code = get_unknown_code(viewer, fault_id)
    form = _spelling_form(code)
    if not form.validate_on_submit():
        return _spelling_page(code, form), 422
    try:
        house_words.add_spelling(viewer, code.code_set, code.words, form.code.data, at=clock.now())
    except (Conflict, Invalid) as refused:
        form.code.errors = [refused.message]
        return _spelling_page(code, form), refused.status
    flash(f"{code.words} is read as {form.code.data} from the next upload on.", "success")
    return redirect(url_for("caseload.words"))


@blueprint.post("/words/spellings/<int:spelling_id>/forget")
@requires(Permission.IMPORT_CASELOAD)
@commits
def forget_spelling(spelling_id: int) -> ResponseReturnValue:
    """Take a spelling away."""
    gone = house_words.forget_spelling(current_viewer(), spelling_id, at=clock.now())
    flash(f"{gone} is no longer read in a way of its own, from the next upload on.", "success")
    return redirect(url_for("caseload.words"))


@blueprint.post("/words/names/<int:doubt_id>")
@requires(Permission.IMPORT_CASELOAD)
@commits
def decide_name(doubt_id: int) -> ResponseReturnValue:
    """Say whether two names that look alike are one."""
    doubt = house_words.decide_name(
        current_viewer(), doubt_id, request.form.get("verdict", ""), at=clock.now()
    )
    flash(
        f"{doubt.name} and {doubt.other}: {doubt.verdict.label.lower()}, from the next upload on.", "success"
    )
    return redirect(url_for("caseload.words"))


def _spelling_form(code: UnknownCode) -> SpellingForm:
    form = SpellingForm()
    form.code.choices = [("", "Choose a value"), *((one, one) for one in codes_to_choose(code.code_set))]
    return form


def _spelling_page(code: UnknownCode, form: SpellingForm) -> str:
    return render_template("caseload/spelling.html", code=code, form=form, columns=columns_of(code.code_set))


def _read(form: UploadForm, told: HouseWords) -> tuple[CaseloadExtract, str]:
    as_at = form.as_at.data
    if as_at is None or as_at > clock.today():
        raise Invalid("as_at", "The as-at day lies in the future. Enter the day the lists were taken.")
    files = [UploadedFile(sent.filename or "file", sent.read()) for sent in form.files.data or [] if sent]
    return read_caseload(files, as_at, told), sha256_of(files)
