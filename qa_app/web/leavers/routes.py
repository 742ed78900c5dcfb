"""People who leave: who, when, what they leave open, and who takes it over."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.errors import Conflict, Invalid
from qa_app.domain.leavers import is_over
from qa_app.queries.leavers import LeavingPage, WorkItem, get_leaving_page, list_leavers, list_people_who_stay
from qa_app.services.leavers import HandOverOutcome, cancel_leaving, change_last_day, hand_over, mark_leaving
from qa_app.web.leavers.forms import HandOverForm, LastDayForm, LeavingForm
from qa_app.web.shared.access import current_viewer, requires
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.template_filters import counted, day
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("leavers", __name__, url_prefix="/leavers")
CHOOSE = ("", "Choose a person")
NOBODY = ("0", "Nobody for now (not for reviews)")


@blueprint.get("")
@requires(Permission.MANAGE_LEAVERS)
def index() -> ResponseReturnValue:
    """Everybody who leaves or has left, with what is still open."""
    return render_template("leavers/index.html", lines=list_leavers(current_viewer()), today=clock.today())


@blueprint.get("/new")
@requires(Permission.MANAGE_LEAVERS)
def new() -> ResponseReturnValue:
    """Say that somebody leaves."""
    form = _leaving_form()
    asked = request.args.get("user", "")
    if asked.isdecimal():
        form.user_id.data = int(asked[:9])
    return render_template("leavers/new.html", form=form)


@blueprint.post("/new")
@requires(Permission.MANAGE_LEAVERS)
@commits
def mark() -> ResponseReturnValue:
    """Keep that somebody leaves."""
    form = _leaving_form()
    if form.validate():
        try:
            leaving = mark_leaving(
                current_viewer(),
                form.user_id.data,
                _day(form.last_day.data),
                form.reason.data or "",
                today=clock.today(),
                at=clock.now(),
            )
        except Invalid as refusal:
            _place(form, refusal.field, refusal.message)
        except Conflict as refusal:
            _place(form, "user_id", refusal.message)
        else:
            done = "The account is closed." if leaving.closed_at else "The account closes after the last day."
            flash(f"{done} Now hand over what is open.", "success")
            return redirect(url_for("leavers.show", leaving_id=leaving.id))
    return render_template("leavers/new.html", form=form), 422


@blueprint.get("/<int:leaving_id>")
@requires(Permission.MANAGE_LEAVERS)
def show(leaving_id: int) -> ResponseReturnValue:
    """One person who leaves: open work, and what was handed over."""
    page = get_leaving_page(current_viewer(), leaving_id)
    return _page(page, _hand_over_form(page), LastDayForm(data={"last_day": page.last_day}, formdata=None))


@blueprint.post("/<int:leaving_id>/hand-over")
@requires(Permission.MANAGE_LEAVERS)
@commits
def give(leaving_id: int) -> ResponseReturnValue:
    """Hand over the work chosen, or all of it."""
    viewer = current_viewer()
    page = get_leaving_page(viewer, leaving_id)
    form = _hand_over_form(page)
    if form.validate():
        keys = None if request.form.get("which") == "all" else request.form.getlist("work")
        try:
            if form.to.data is None:
                raise Invalid("to", "Choose who takes over.")
            outcome = hand_over(
                viewer,
                leaving_id,
                keys,
                form.to.data or None,
                form.reason.data or "",
                today=clock.today(),
                at=clock.now(),
            )
        except Invalid as refusal:
            if refusal.field == "work":
                form.form_errors = [refusal.message]
            else:
                _place(form, refusal.field, refusal.message)
        else:
            _tell(outcome)
            return redirect(url_for("leavers.show", leaving_id=leaving_id))
    return _page(page, form, LastDayForm(data={"last_day": page.last_day}, formdata=None)), 422


@blueprint.post("/<int:leaving_id>/last-day")
@requires(Permission.MANAGE_LEAVERS)
@commits
def move(leaving_id: int) -> ResponseReturnValue:
    """Change the last day."""
    viewer = current_viewer()
    form = LastDayForm()
    if form.validate():
        try:
            change_last_day(viewer, leaving_id, _day(form.last_day.data), today=clock.today(), at=clock.now())
        except Invalid as refusal:
            _place(form, refusal.field, refusal.message)
        else:
            flash(f"The last day is {day(form.last_day.data)}.", "success")
            return redirect(url_for("leavers.show", leaving_id=leaving_id))
    page = get_leaving_page(viewer, leaving_id)
    return _page(page, _hand_over_form(page, is_sent=False), form), 422


@blueprint.post("/<int:leaving_id>/stay")
@requires(Permission.MANAGE_LEAVERS)
@commits
def stay(leaving_id: int) -> ResponseReturnValue:
    """They stay after all."""
    cancel_leaving(current_viewer(), leaving_id, at=clock.now())
    flash("They stay. What was handed over stays where it went.", "success")
    return redirect(url_for("leavers.index"))


def _page(page: LeavingPage, form: HandOverForm, day_form: LastDayForm) -> str:
    groups: dict[str, list[WorkItem]] = {}
    for item in page.work:
        groups.setdefault(item.kind.label, []).append(item)
    return render_template(
        "leavers/show.html",
        heading=page.name,
        page=page,
        groups=groups,
        form=form,
        day_form=day_form,
        today=clock.today(),
        is_over=is_over(page.last_day, clock.today()),
        chosen=set(request.form.getlist("work")),
    )


def _leaving_form() -> LeavingForm:
    form = LeavingForm()
    form.user_id.choices = [CHOOSE, *list_people_who_stay(current_viewer())]
    return form


def _hand_over_form(page: LeavingPage, *, is_sent: bool = True) -> HandOverForm:
    form = HandOverForm() if is_sent else HandOverForm(formdata=None)
    others = [choice for choice in page.successors if choice[0] != page.user_id]
    form.to.choices = [CHOOSE, *others, NOBODY]
    return form


def _tell(outcome: HandOverOutcome) -> None:
    if outcome.n_done:
        flash(f"{counted(outcome.n_done, 'piece')} of work handed over.", "success")
    for one in outcome.refused[:20]:
        flash(f"{one.words} was not handed over. {one.why}", "warning")
    if len(outcome.refused) > 20:
        flash(f"And {len(outcome.refused) - 20} more could not be handed over.", "warning")


def _place(form: BaseForm, field: str, message: str) -> None:
    if field in form:
        form[field].errors = [message]
    else:
        form.form_errors = [message]


def _day(chosen: date | None) -> date:
    assert chosen is not None, "the form has been validated"
    return chosen
