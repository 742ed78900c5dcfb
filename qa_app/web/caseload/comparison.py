"""An import beside the one before: figures, the cases behind each of them, and all of them as a file."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from qa_app.domain.access import Permission
from qa_app.domain.caseload_comparison import CaseChange
from qa_app.domain.errors import NotFound
from qa_app.exchange.changed_cases import changed_cases_csv
from qa_app.queries.caseload_comparison import get_changed_cases, get_comparison_page
from qa_app.web.caseload.blueprint import blueprint
from qa_app.web.caseload.fault_files import file_response
from qa_app.web.shared.access import current_viewer, record_view, requires


@blueprint.get("/imports/<int:import_id>/comparison")
@requires(Permission.SEE_CASELOAD)
def comparison(import_id: int) -> ResponseReturnValue:
    """What changed since the import before, and the cases that changed in one way."""
    change = request.args.get("change", CaseChange.NEW.value)
    if change not in list(CaseChange):
        raise NotFound
    page = get_comparison_page(
        current_viewer(), import_id, CaseChange(change), request.args.get("page", 1, int)
    )
    record_view("caseload_import", import_id)
    return render_template("caseload/comparison.html", page=page, changes=list(CaseChange))


@blueprint.get("/imports/<int:import_id>/comparison.csv")
@requires(Permission.SEE_CASELOAD)
def changed_cases(import_id: int) -> ResponseReturnValue:
    """Every case that changed since the import before, as a file."""
    as_at, before, cases = get_changed_cases(current_viewer(), import_id)
    if before is None:
        raise NotFound
    record_view("caseload_import", import_id, what="export")
    name = f"caseload-changes-{before.isoformat()}-to-{as_at.isoformat()}.csv"
    return file_response(changed_cases_csv(cases), "text/csv", name)
