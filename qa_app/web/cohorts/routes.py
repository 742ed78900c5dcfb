"""Cohorts: planned and previewed, drawn, allocated, and followed until every review is in."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from wtforms import SelectChoice

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.cohorts import CohortKind
from qa_app.domain.errors import Conflict, Invalid
from qa_app.domain.references import review_ref
from qa_app.domain.sampling import DrawPreview
from qa_app.queries import cohorts, cohorts_auditors, cohorts_population
from qa_app.services import cohorts as cohort_service
from qa_app.services import cohorts_allocation
from qa_app.web.cohorts.forms import AllocationForm, CohortForm, ReallocationForm, cohort_form
from qa_app.web.shared.access import current_viewer, record_view, requires
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("cohorts", __name__, url_prefix="/cohorts")


@blueprint.get("/")
@requires(Permission.SEE_COHORTS)
def index() -> ResponseReturnValue:
    """All cohorts with how far their reviews have come."""
    return render_template("cohorts/index.html", page=cohorts.get_cohorts_page(current_viewer()))


@blueprint.get("/new")
@requires(Permission.MANAGE_COHORTS)
def new() -> ResponseReturnValue:
    """Plan a monthly audit; with the questions answered, a preview of what it would be drawn from."""
    form = _cohort_form(request.args or None, is_preview=True)
    preview = None
    if request.args and form.validate():
        try:
            preview = _preview(form)
        except Invalid as refusal:
            _place(form, refusal)
    return _plan_page(form, preview), 422 if form.errors else 200


@blueprint.post("/new")
@requires(Permission.MANAGE_COHORTS)
@commits
def make() -> ResponseReturnValue:
    """Draw the cohort that was previewed."""
    form = _cohort_form(request.form, is_preview=False)
    if form.validate():
        try:
            cohort = cohort_service.make_monthly_audit(current_viewer(), form.plan(), at=clock.now())
        except Invalid as refusal:
            _place(form, refusal)
        else:
            flash("The cohort is drawn. Next, give its cases to auditors.", "success")
            return redirect(url_for("cohorts.show", cohort_id=cohort.id))
    return _plan_page(form, None), 422


@blueprint.get("/<int:cohort_id>")
@requires(Permission.SEE_COHORTS)
def show(cohort_id: int) -> ResponseReturnValue:
    """The board of a cohort."""
    board = cohorts.get_board(current_viewer(), cohort_id, today=clock.today())
    record_view("cohort", cohort_id)
    return render_template("cohorts/show.html", page=board)


@blueprint.get("/<int:cohort_id>/selection")
@requires(Permission.SEE_COHORTS)
def selection(cohort_id: int) -> ResponseReturnValue:
    """How the cases were drawn, to read and to print."""
    page = cohorts.get_selection_page(current_viewer(), cohort_id)
    record_view("cohort", cohort_id)
    return render_template("cohorts/selection.html", page=page)


@blueprint.get("/<int:cohort_id>/selection-record")
@requires(Permission.SEE_COHORTS)
def selection_record(cohort_id: int) -> ResponseReturnValue:
    """The selection record as a file, from which the draw can be made again elsewhere."""
    text = cohorts.get_record_text(current_viewer(), cohort_id)
    record_view("cohort", cohort_id, what="export")
    name = f"selection-record-{cohort_id}.json"
    return Response(
        text,
        mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@blueprint.get("/<int:cohort_id>/allocation")
@requires(Permission.MANAGE_COHORTS)
def allocation(cohort_id: int) -> ResponseReturnValue:
    """Choose who takes part before the cases are given out."""
    form = _allocation_form()
    form.auditors.data = [int(choice.value) for choice in form.auditors.choices]
    return _allocation_page(cohort_id, form)


@blueprint.post("/<int:cohort_id>/allocation")
@requires(Permission.MANAGE_COHORTS)
@commits
def allocate(cohort_id: int) -> ResponseReturnValue:
    """Give every case without an auditor to one, evenly and without conflict."""
    form = _allocation_form()
    if form.validate():
        try:
            given = cohorts_allocation.allocate_cohort(
                current_viewer(), cohort_id, form.auditors.data or [], at=clock.now()
            )
        except Invalid as refusal:
            form.auditors.errors = [refusal.message]
        else:
            flash(f"{len(given.auditor_by_case)} cases have an auditor. {given.note}".strip(), "success")
            if given.unallocated:
                why = " ".join(sorted({each.reason for each in given.unallocated}))
                flash(f"{len(given.unallocated)} cases could not be given to anybody. {why}", "warning")
            return redirect(url_for("cohorts.show", cohort_id=cohort_id))
    return _allocation_page(cohort_id, form), 422


@blueprint.get("/<int:cohort_id>/cases/<int:case_id>/auditor")
@requires(Permission.MANAGE_COHORTS)
def auditor(cohort_id: int, case_id: int) -> ResponseReturnValue:
    """Choose the auditor of one case by hand."""
    return _auditor_page(cohort_id, case_id, _reallocation_form())


@blueprint.post("/<int:cohort_id>/cases/<int:case_id>/auditor")
@requires(Permission.MANAGE_COHORTS)
@commits
def reallocate(cohort_id: int, case_id: int) -> ResponseReturnValue:
    """Give one case to the auditor chosen by hand, if nothing stands against it."""
    form = _reallocation_form()
    if form.validate():
        try:
            review = cohorts_allocation.reallocate_case(
                current_viewer(),
                cohort_id,
                case_id,
                form.auditor_id.data,
                form.reason.data or "",
                at=clock.now(),
            )
        except Invalid as refusal:
            form.reason.errors = [refusal.message]
        except Conflict as refusal:
            form.auditor_id.errors = [refusal.message]
        else:
            flash(f"{review_ref(review.id)} has its auditor.", "success")
            return redirect(url_for("cohorts.show", cohort_id=cohort_id))
    return _auditor_page(cohort_id, case_id, form), 422


def _cohort_form(formdata: MultiDict[str, str] | None, *, is_preview: bool) -> CohortForm:
    viewer = current_viewer()
    return cohort_form(
        clock.today(),
        cohorts_population.list_import_choices(viewer),
        cohorts_population.list_form_choices(viewer, CohortKind.MONTHLY_AUDIT),
        cohorts_population.count_cases_by_month(viewer),
        formdata,
        is_preview=is_preview,
    )


def _preview(form: CohortForm) -> DrawPreview:
    plan = form.plan()
    cohort_service.check_plan(plan)
    return cohorts_population.get_draw_preview(
        current_viewer(), plan.caseload_import_id, plan.month, plan.size, plan.fixed
    )


def _plan_page(form: CohortForm, preview: DrawPreview | None) -> str:
    if preview is None:
        return render_template("cohorts/new.html", form=form, preview=None)
    month = form.plan().month
    n_already = cohorts_population.count_cases_by_month(current_viewer()).get(month, 0)
    return render_template(
        "cohorts/new.html",
        form=form,
        preview=preview,
        answered=list(request.args.items(multi=True)),
        month=month,
        n_already=n_already,
    )


def _place(form: CohortForm, refusal: Invalid) -> None:
    """Put a refusal at the field that it speaks of; a plan type stands for its quota."""
    for name in (refusal.field, f"quota_{refusal.field}", "size"):
        if name in form:
            form[name].errors = [*form[name].errors, refusal.message]
            return


def _allocation_form() -> AllocationForm:
    form = AllocationForm()
    people = cohorts_auditors.list_auditors(current_viewer())
    form.auditors.choices = [SelectChoice(str(each.user_id), each.name) for each in people]
    return form


def _allocation_page(cohort_id: int, form: AllocationForm) -> str:
    viewer = current_viewer()
    hints = {
        str(each.user_id): f"Not given cases of: {', '.join(each.team_names)}"
        for each in cohorts_auditors.list_auditors(viewer)
        if each.team_names
    }
    board = cohorts.get_board(viewer, cohort_id, today=clock.today())
    return render_template("cohorts/allocation.html", form=form, page=board, hints=hints)


def _reallocation_form() -> ReallocationForm:
    form = ReallocationForm()
    people = cohorts_auditors.list_auditors(current_viewer())
    form.auditor_id.choices = [SelectChoice(str(each.user_id), each.name) for each in people]
    return form


def _auditor_page(cohort_id: int, case_id: int, form: ReallocationForm) -> str:
    case = cohorts.get_board_case(current_viewer(), cohort_id, case_id, today=clock.today())
    if not form.is_submitted():
        form.auditor_id.data = case.auditor_id
    return render_template("cohorts/auditor.html", form=form, case=case, cohort_id=cohort_id)
