"""Who leads the actions of the plan, which agencies they involve, and what the leads say of them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.errors import Invalid, NotFound
from qa_app.domain.plan_people import WordsKind
from qa_app.queries.improvement import choose_plan, is_any_plan
from qa_app.queries.plan_people import get_action_people, get_action_to_update, get_people_page
from qa_app.services import improvement_agencies, improvement_leads
from qa_app.services.improvement_updates import Said, update_action
from qa_app.web.action_leads.forms import (
    NEW_AGENCY,
    AgencyForm,
    LeadForm,
    UpdateForm,
    WordsForm,
    number_of,
)
from qa_app.web.shared.access import current_viewer, requires
from qa_app.web.shared.form_errors import form_errors
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("action_leads", __name__, url_prefix="/plan")


@blueprint.get("/people")
@requires(Permission.MANAGE_PLAN)
def people() -> ResponseReturnValue:
    """The leads and agencies as the plan writes them, and whom they are taken to mean; of the newest plan."""
    if not is_any_plan(current_viewer()):
        return render_template("improvement/none.html", may_import=True, is_whole=True)
    asked = request.args.get("plan", "").strip()
    plan_id = choose_plan(current_viewer(), _plan_number(asked) if asked else None)
    return redirect(url_for("action_leads.of_plan", plan_id=plan_id))


@blueprint.get("/<int:plan_id>/people")
@requires(Permission.MANAGE_PLAN)
def of_plan(plan_id: int) -> ResponseReturnValue:
    """The leads and agencies as one plan writes them."""
    return _people_page(plan_id)


@blueprint.post("/<int:plan_id>/people/lead")
@requires(Permission.MANAGE_PLAN)
@commits
def match_lead(plan_id: int) -> ResponseReturnValue:
    """Say whom a written lead means: they lead every action so written."""
    form = WordsForm()
    words = form.words.data or ""
    try:
        user_id = number_of(form.user.data, "user", f"Choose who is meant by “{words[:80]}”.")
        n_new = improvement_leads.assign_written_lead(
            current_viewer(), plan_id, words, user_id, at=clock.now()
        )
    except Invalid as refused:
        return _people_page(plan_id, refused.message), 422
    flash(_so_many(n_new, "leads"), "success")
    return redirect(url_for("action_leads.of_plan", plan_id=plan_id, _anchor="leads"), 303)


@blueprint.post("/<int:plan_id>/people/agency")
@requires(Permission.MANAGE_PLAN)
@commits
def match_agency(plan_id: int) -> ResponseReturnValue:
    """Say which agency written words mean: it is named for every action so written."""
    viewer = current_viewer()
    form = WordsForm()
    words = form.words.data or ""
    try:
        if form.agency.data == NEW_AGENCY:
            agency_id = improvement_agencies.add_agency(viewer, words, at=clock.now()).id
        else:
            agency_id = number_of(form.agency.data, "agency", f"Choose what “{words[:80]}” means.")
        n_new = improvement_agencies.name_written_agency(viewer, plan_id, words, agency_id, at=clock.now())
    except Invalid as refused:
        return _people_page(plan_id, refused.message), 422
    flash(_so_many(n_new, "agencies"), "success")
    return redirect(url_for("action_leads.of_plan", plan_id=plan_id, _anchor="agencies"), 303)


@blueprint.post("/<int:plan_id>/people/aside")
@requires(Permission.MANAGE_PLAN)
@commits
def set_aside(plan_id: int) -> ResponseReturnValue:
    """Say that words name nobody here, or no agency outside: they ask for no decision any more."""
    form = WordsForm()
    try:
        kind = _words_kind(form)
        improvement_leads.set_words_aside(
            current_viewer(), plan_id, kind, form.words.data or "", at=clock.now()
        )
    except Invalid as refused:
        return _people_page(plan_id, refused.message), 422
    flash("These words are set aside.", "success")
    return redirect(url_for("action_leads.of_plan", plan_id=plan_id, _anchor=_anchor(kind)), 303)


@blueprint.post("/<int:plan_id>/people/back")
@requires(Permission.MANAGE_PLAN)
@commits
def bring_back(plan_id: int) -> ResponseReturnValue:
    """Ask again about words that were set aside."""
    form = WordsForm()
    try:
        kind = _words_kind(form)
    except Invalid as refused:
        return _people_page(plan_id, refused.message), 422
    improvement_leads.require_plan(plan_id)
    improvement_leads.bring_back(current_viewer(), plan_id, kind, form.words.data or "")
    flash("These words ask for a decision again.", "success")
    return redirect(url_for("action_leads.of_plan", plan_id=plan_id, _anchor=_anchor(kind)), 303)


@blueprint.get("/actions/<int:action_id>/people")
@requires(Permission.MANAGE_PLAN)
def of_action(action_id: int) -> ResponseReturnValue:
    """Who leads one action, and which agencies it involves."""
    return _action_page(action_id, LeadForm(formdata=None), AgencyForm(formdata=None))


@blueprint.post("/actions/<int:action_id>/leads")
@requires(Permission.MANAGE_PLAN)
@commits
def add_lead(action_id: int) -> ResponseReturnValue:
    """Let somebody lead an action."""
    form = LeadForm()
    try:
        user_id = number_of(form.user.data, "user", "Choose who leads the action.")
        kind = form.kind_chosen()
        improvement_leads.assign_lead(current_viewer(), action_id, user_id, kind, at=clock.now())
    except Invalid as refused:
        (form.kind if refused.field == "kind" else form.user).errors = [refused.message]
        return _action_page(action_id, form, AgencyForm(formdata=None)), 422
    flash("They lead this action now.", "success")
    return redirect(url_for("action_leads.of_action", action_id=action_id), 303)


@blueprint.post("/actions/<int:action_id>/leads/<int:lead_id>/remove")
@requires(Permission.MANAGE_PLAN)
@commits
def remove_lead(action_id: int, lead_id: int) -> ResponseReturnValue:
    """Let somebody lead an action no longer."""
    improvement_leads.remove_lead(current_viewer(), action_id, lead_id, at=clock.now())
    flash("They no longer lead this action.", "success")
    return redirect(url_for("action_leads.of_action", action_id=action_id), 303)


@blueprint.post("/actions/<int:action_id>/agencies")
@requires(Permission.MANAGE_PLAN)
@commits
def add_agency(action_id: int) -> ResponseReturnValue:
    """Name an agency that an action involves."""
    viewer = current_viewer()
    form = AgencyForm()
    try:
        if form.agency.data == NEW_AGENCY:
            agency_id = improvement_agencies.add_agency(viewer, form.new_name.data or "", at=clock.now()).id
        else:
            agency_id = number_of(form.agency.data, "agency", "Choose the agency, or name a new one.")
        improvement_agencies.name_agency(viewer, action_id, agency_id, at=clock.now())
    except Invalid as refused:
        field = form.new_name if form.agency.data == NEW_AGENCY else form.agency
        field.errors = [refused.message]
        return _action_page(action_id, LeadForm(formdata=None), form), 422
    flash("The agency is named. Its people see this action.", "success")
    return redirect(url_for("action_leads.of_action", action_id=action_id), 303)


@blueprint.post("/actions/<int:action_id>/agencies/<int:link_id>/remove")
@requires(Permission.MANAGE_PLAN)
@commits
def remove_agency(action_id: int, link_id: int) -> ResponseReturnValue:
    """Name an agency for an action no longer."""
    improvement_agencies.remove_agency(current_viewer(), action_id, link_id, at=clock.now())
    flash("The agency is no longer named for this action.", "success")
    return redirect(url_for("action_leads.of_action", action_id=action_id), 303)


@blueprint.get("/actions/<int:action_id>/update")
@requires(Permission.UPDATE_ACTIONS)
def update(action_id: int) -> ResponseReturnValue:
    """The form for saying how an action stands, with what was said last."""
    action = get_action_to_update(current_viewer(), action_id)
    form = UpdateForm(
        formdata=None,
        data={
            "effective_on": clock.today(),
            "rating": action.rating.value if action.rating else None,
            "status_text": action.status_text,
            "progress": action.progress,
        },
    )
    return render_template("action_leads/update.html", action=action, form=form)


@blueprint.post("/actions/<int:action_id>/update")
@requires(Permission.UPDATE_ACTIONS)
@commits
def send_update(action_id: int) -> ResponseReturnValue:
    """Say how an action stands."""
    viewer = current_viewer()
    action = get_action_to_update(viewer, action_id)
    form = UpdateForm()
    try:
        if not form.effective_on.validate(form):
            raise Invalid("effective_on", str(form.effective_on.errors[0]))
        said = Said(
            form.effective_on.data,
            form.rating_chosen(),
            form.status_text.data or "",
            form.progress.data or "",
        )
        update_action(viewer, action_id, said, today=clock.today(), at=clock.now())
    except Invalid as refused:
        form._fields[refused.field].errors = [refused.message]
        return render_template("action_leads/update.html", action=action, form=form), 422
    flash("What you said is kept.", "success")
    return redirect(url_for("improvement.action", action_id=action_id), 303)


def _people_page(plan_id: int, fault: str = "") -> str:
    return render_template(
        "action_leads/people.html", page=get_people_page(current_viewer(), plan_id), fault=fault
    )


def _action_page(action_id: int, lead_form: LeadForm, agency_form: AgencyForm) -> str:
    page = get_action_people(current_viewer(), action_id)
    lead_form.user.choices = {"": "Choose somebody"} | {str(number): name for number, name in page.users}
    agency_form.agency.choices = (
        {"": "Choose an agency"}
        | {str(number): name for number, name in page.known_agencies}
        | {NEW_AGENCY: "A new one, named below"}
    )
    return render_template(
        "action_leads/action.html",
        page=page,
        lead_form=lead_form,
        agency_form=agency_form,
        errors=[*form_errors(lead_form), *form_errors(agency_form)],
    )


def _words_kind(form: WordsForm) -> WordsKind:
    if form.kind.data not in set(WordsKind):
        raise Invalid("kind", "Say whether the words name a lead or an agency: use the buttons of the page.")
    return WordsKind(form.kind.data)


def _anchor(kind: WordsKind) -> str:
    return "leads" if kind is WordsKind.LEAD else "agencies"


def _so_many(n_new: int, what: str) -> str:
    return f"Kept: {n_new} new {what} of actions." if n_new else "Nothing changed: it was so already."


def _plan_number(asked: str) -> int:
    try:
        return number_of(asked, "plan", "")
    except Invalid as error:
        raise NotFound("There is no such improvement plan.") from error
