"""Cohorts: planned and previewed, drawn, allocated, and followed until every review is in."""

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectChoice

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.allocation import Allocation
from qa_app.domain.errors import Conflict, Invalid
from qa_app.domain.references import review_ref
from qa_app.queries import cohorts, cohorts_auditors, cohorts_selection, notices
from qa_app.services import cohorts_allocation
from qa_app.web.cohorts import planning
from qa_app.web.cohorts.forms import AllocationForm, ReallocationForm
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
    """Plan a cohort of a kind: nothing is drawn before it has been previewed."""
    return planning.show_plan(planning.kind_asked())


@blueprint.post("/new")
@requires(Permission.MANAGE_COHORTS)
@commits
def make() -> ResponseReturnValue:
    """Preview a plan, or draw the cohort that was previewed."""
    return planning.take_plan(planning.kind_asked())


@blueprint.get("/<int:cohort_id>")
@requires(Permission.SEE_COHORTS)
def show(cohort_id: int) -> ResponseReturnValue:
    """The board of a cohort."""
    board = cohorts.get_board(current_viewer(), cohort_id, today=clock.today())
    record_view("cohort", cohort_id)
    chases = notices.get_chases(current_viewer(), cohort_id) if board.may_manage else None
    return render_template("cohorts/show.html", page=board, chases=chases)


@blueprint.get("/<int:cohort_id>/selection")
@requires(Permission.SEE_COHORTS)
def selection(cohort_id: int) -> ResponseReturnValue:
    """How the cases were drawn, to read and to print."""
    page = cohorts_selection.get_selection_page(current_viewer(), cohort_id)
    record_view("cohort", cohort_id)
    return render_template("cohorts/selection.html", page=page)


@blueprint.get("/<int:cohort_id>/selection-record")
@requires(Permission.SEE_COHORTS)
def selection_record(cohort_id: int) -> ResponseReturnValue:
    """The selection record as a file, from which the draw can be made again elsewhere."""
    text = cohorts_selection.get_record_text(current_viewer(), cohort_id)
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
    people = cohorts_auditors.list_auditors(current_viewer())
    form.auditors.data = [each.user_id for each in people if each.is_auditor]
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
            _say_unallocated(given)
            return redirect(url_for("cohorts.show", cohort_id=cohort_id))
    return _allocation_page(cohort_id, form), 422


@blueprint.post("/<int:cohort_id>/allocation-to-managers")
@requires(Permission.MANAGE_COHORTS)
@commits
def allocate_to_managers(cohort_id: int) -> ResponseReturnValue:
    """Give every case of a managers' own review to the line manager of its worker."""
    given = cohorts_allocation.allocate_to_managers(current_viewer(), cohort_id, at=clock.now())
    flash(f"{len(given.auditor_by_case)} cases have their manager as reviewer.", "success")
    _say_unallocated(given)
    return redirect(url_for("cohorts.show", cohort_id=cohort_id))


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
                despite_tie=bool(form.despite_tie.data),
                hand_over=bool(form.hand_over.data),
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


def _say_unallocated(given: Allocation) -> None:
    if given.unallocated:
        why = " ".join(sorted({each.reason for each in given.unallocated}))
        n = len(given.unallocated)
        cases = "1 case" if n == 1 else f"{n} cases"
        flash(f"{cases} could not be given to anybody. {why}", "warning")


def _allocation_form() -> AllocationForm:
    form = AllocationForm()
    people = cohorts_auditors.list_auditors(current_viewer())
    form.auditors.choices = [SelectChoice(str(each.user_id), each.label) for each in people]
    return form


def _allocation_page(cohort_id: int, form: AllocationForm) -> str:
    viewer = current_viewer()
    board = cohorts.get_board(viewer, cohort_id, today=clock.today())
    rooms = {
        line.user_id: line.room_between(clock.today(), max(clock.today(), board.due_on))
        for line in cohorts_auditors.list_capacity(viewer, clock.today())
    }
    hints = {}
    for each in cohorts_auditors.list_auditors(viewer):
        said = [f"Not given cases of: {', '.join(each.team_names)}."] if each.team_names else []
        if rooms.get(each.user_id) is not None:
            said.append(f"Can take on {rooms[each.user_id]} until then.")
        hints[str(each.user_id)] = " ".join(said)
    hints = {key: words for key, words in hints.items() if words}
    return render_template("cohorts/allocation.html", form=form, page=board, hints=hints)


def _reallocation_form() -> ReallocationForm:
    form = ReallocationForm()
    people = cohorts_auditors.list_auditors(current_viewer())
    form.auditor_id.choices = [SelectChoice(str(each.user_id), each.label) for each in people]
    return form


def _auditor_page(cohort_id: int, case_id: int, form: ReallocationForm) -> str:
    case = cohorts.get_board_case(current_viewer(), cohort_id, case_id, today=clock.today())
    if not form.is_submitted():
        form.auditor_id.data = case.auditor_id
    least_bad = cohorts_allocation.find_least_bad(current_viewer(), cohort_id, case_id)
    names = {each.user_id: each.name for each in cohorts_auditors.list_auditors(current_viewer())}
    offer = (names[least_bad[0]], least_bad[1]) if least_bad is not None else None
    return render_template("cohorts/auditor.html", form=form, case=case, cohort_id=cohort_id, offer=offer)
