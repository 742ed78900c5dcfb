"""Pages of the caseload: the uploads, a new one, and what was read from one."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.caseload_faults import rows_in_words
from qa_app.domain.errors import Conflict, Invalid
from qa_app.queries.caseload import (
    get_fault_list,
    get_faults_page,
    get_import_page,
    get_imports_page,
)
from qa_app.queries.caseload_waiting import list_waiting
from qa_app.queries.house_words import (
    UnknownCode,
    codes_to_choose,
    columns_of,
    get_house_words_page,
    get_unknown_code,
)
from qa_app.services import house_words
from qa_app.web.caseload import children, comparison, uploads
from qa_app.web.caseload.blueprint import blueprint
from qa_app.web.caseload.fault_files import fault_file
from qa_app.web.caseload.forms import SpellingForm
from qa_app.web.shared.access import current_viewer, record_view, requires
from qa_app.web.shared.transactions import commits

__all__ = ["blueprint", "children", "comparison", "uploads"]


@blueprint.get("")
@requires(Permission.SEE_CASELOAD)
def index() -> ResponseReturnValue:
    """All uploads."""
    viewer = current_viewer()
    page = get_imports_page(viewer)
    waiting = list_waiting(viewer, clock.now()) if page.may_upload else ()
    return render_template("caseload/index.html", page=page, waiting=waiting)


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
    return render_template("caseload/faults.html", page=page, rows_in_words=rows_in_words)


@blueprint.get("/imports/<int:import_id>/faults.<ending>")
@requires(Permission.SEE_CASELOAD)
def fault_list(import_id: int, ending: str) -> ResponseReturnValue:
    """Every fault of one upload as a file for the performance team."""
    as_at, faults = get_fault_list(current_viewer(), import_id)
    record_view("caseload_import", import_id, what="export")
    return fault_file(faults, as_at, ending)


@blueprint.get("/words")
@requires(Permission.IMPORT_CASELOAD)
def words() -> ResponseReturnValue:
    """Spellings of our own: what waits to be told, and what was."""
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


def _spelling_form(code: UnknownCode) -> SpellingForm:
    form = SpellingForm()
    form.code.choices = [("", "Choose a value"), *((one, one) for one in codes_to_choose(code.code_set))]
    return form


def _spelling_page(code: UnknownCode, form: SpellingForm) -> str:
    return render_template("caseload/spelling.html", code=code, form=form, columns=columns_of(code.code_set))
