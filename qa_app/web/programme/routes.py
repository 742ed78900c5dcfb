"""The programme of review work: the year, what was covered, what auditors can take on, and their leave."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.capacity import Leave
from qa_app.domain.cohort_rules import months_before, read_month
from qa_app.domain.errors import Invalid, NotFound
from qa_app.queries import cohorts_auditors
from qa_app.queries import coverage as coverage_queries
from qa_app.queries import programme as programme_queries
from qa_app.services import cohorts_capacity
from qa_app.services import programme as programme_service
from qa_app.web.programme.forms import CapacityForm, EntryForm, LeaveForm
from qa_app.web.shared.access import current_viewer, requires
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("programme", __name__, url_prefix="/programme")


@blueprint.get("/")
@requires(Permission.SEE_COHORTS)
def index() -> ResponseReturnValue:
    """The year's calendar: what is planned, what was drawn, and whether there are hands for it."""
    page = programme_queries.get_programme_page(current_viewer(), _first_month())
    return render_template("programme/index.html", page=page)


@blueprint.get("/new")
@requires(Permission.MANAGE_COHORTS)
def new() -> ResponseReturnValue:
    """Plan something in the year."""
    return render_template("programme/new.html", form=EntryForm())


@blueprint.post("/new")
@requires(Permission.MANAGE_COHORTS)
@commits
def add() -> ResponseReturnValue:
    """Put it into the programme."""
    form = EntryForm()
    if form.validate():
        try:
            entry = programme_service.add_entry(current_viewer(), form.planned(), at=clock.now())
        except Invalid as refusal:
            field = form[refusal.field]
            field.errors = [*field.errors, refusal.message]
        else:
            flash(f"{entry.title} is in the programme.", "success")
            return redirect(url_for("programme.index"))
    return render_template("programme/new.html", form=form), 422


@blueprint.post("/<int:entry_id>/drop")
@requires(Permission.MANAGE_COHORTS)
@commits
def drop(entry_id: int) -> ResponseReturnValue:
    """Take something out of the programme."""
    programme_service.drop_entry(current_viewer(), entry_id, at=clock.now())
    flash("It is taken out of the programme.", "success")
    return redirect(url_for("programme.index"))


@blueprint.get("/coverage")
@requires(Permission.SEE_COHORTS)
def coverage() -> ResponseReturnValue:
    """Which parts of the caseload were reviewed in twelve months, and which never."""
    page = coverage_queries.get_coverage_page(current_viewer(), clock.today())
    return render_template("programme/coverage.html", page=page)


@blueprint.get("/capacity")
@requires(Permission.MANAGE_COHORTS)
def capacity() -> ResponseReturnValue:
    """What each auditor can take on, what they have open, and who is away."""
    lines = cohorts_auditors.list_capacity(current_viewer(), clock.today())
    return render_template("programme/capacity.html", lines=lines)


@blueprint.get("/capacity/<int:user_id>")
@requires(Permission.MANAGE_COHORTS)
def auditor(user_id: int) -> ResponseReturnValue:
    """Change what one auditor can take on, and their leave."""
    line = _line(user_id)
    return _auditor_page(
        user_id, CapacityForm(prefix="room", n_reviews=line.n_reviews), LeaveForm(prefix="leave")
    )


@blueprint.post("/capacity/<int:user_id>")
@requires(Permission.MANAGE_COHORTS)
@commits
def set_capacity(user_id: int) -> ResponseReturnValue:
    """Say how many reviews a month somebody can take on."""
    form = CapacityForm(prefix="room")
    if form.validate():
        cohorts_capacity.set_capacity(current_viewer(), user_id, form.n_reviews.data, at=clock.now())
        flash("Kept. The next allocation goes by it.", "success")
        return redirect(url_for("programme.capacity"))
    return _auditor_page(user_id, form, LeaveForm(prefix="leave", formdata=None)), 422


@blueprint.post("/capacity/<int:user_id>/leave")
@requires(Permission.MANAGE_COHORTS)
@commits
def add_leave(user_id: int) -> ResponseReturnValue:
    """Note days on which somebody reviews nothing."""
    form = LeaveForm(prefix="leave")
    if form.validate():
        assert form.starts_on.data is not None
        assert form.ends_on.data is not None
        leave = Leave(form.starts_on.data, form.ends_on.data)
        try:
            cohorts_capacity.add_leave(current_viewer(), user_id, leave, at=clock.now())
        except Invalid as refusal:
            form.ends_on.errors = [refusal.message]
        else:
            flash("The leave is noted.", "success")
            return redirect(url_for("programme.auditor", user_id=user_id))
    line = _line(user_id)
    room = CapacityForm(prefix="room", formdata=None, n_reviews=line.n_reviews)
    return _auditor_page(user_id, room, form), 422


@blueprint.post("/capacity/<int:user_id>/leave/<int:leave_id>/drop")
@requires(Permission.MANAGE_COHORTS)
@commits
def drop_leave(user_id: int, leave_id: int) -> ResponseReturnValue:
    """Take noted leave away."""
    if leave_id not in {number for number, _ in _line(user_id).leave}:
        raise NotFound()
    cohorts_capacity.drop_leave(current_viewer(), leave_id, at=clock.now())
    flash("The leave is taken away.", "success")
    return redirect(url_for("programme.auditor", user_id=user_id))


def _first_month() -> date:
    """The first month asked for; two months back where none is, so that the present is in view."""
    asked = request.args.get("from", "")
    try:
        return read_month(asked) if asked else months_before(clock.today().replace(day=1), 2)
    except Invalid:
        raise NotFound() from None


def _line(user_id: int) -> cohorts_auditors.CapacityLine:
    lines = cohorts_auditors.list_capacity(current_viewer(), clock.today())
    found = next((line for line in lines if line.user_id == user_id), None)
    if found is None:
        raise NotFound()
    return found


def _auditor_page(user_id: int, room: CapacityForm, leave: LeaveForm) -> str:
    return render_template("programme/auditor.html", line=_line(user_id), room=room, leave=leave)
