"""Pages of the structure: service areas, teams, practitioners."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.errors import Invalid
from qa_app.queries.organisation import (
    Choices,
    get_area,
    get_choices,
    get_organisation_page,
    get_practitioner,
    get_practitioners_page,
    get_team,
)
from qa_app.services.organisation import (
    add_service_area,
    change_service_area,
    match_practitioner,
    place_team,
)
from qa_app.web.organisation.forms import (
    NOBODY,
    NONE_YET,
    AreaForm,
    PractitionerForm,
    TeamForm,
    with_none,
)
from qa_app.web.shared.access import current_viewer, requires
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("organisation", __name__, url_prefix="/organisation")


@blueprint.get("")
@requires(Permission.SEE_ORGANISATION)
def index() -> ResponseReturnValue:
    """Service areas and teams."""
    return render_template("organisation/index.html", page=get_organisation_page(current_viewer()))


@blueprint.get("/service-areas/new")
@requires(Permission.MANAGE_ORGANISATION)
def new_area() -> ResponseReturnValue:
    """The form for a new service area."""
    return _change("Add a service area", _area_form(AreaForm(), get_choices(current_viewer())))


@blueprint.post("/service-areas/new")
@requires(Permission.MANAGE_ORGANISATION)
@commits
def add_area() -> ResponseReturnValue:
    """Add a service area."""
    viewer = current_viewer()
    form = _area_form(AreaForm(), get_choices(viewer))
    if form.validate_on_submit():
        try:
            area = add_service_area(viewer, form.name.data, form.head.data, at=clock.now())
        except Invalid as refused:
            _tell(form, refused)
        else:
            return _done(f"{area.name} was added.")
    return _change("Add a service area", form), 422


@blueprint.get("/service-areas/<int:area_id>")
@requires(Permission.MANAGE_ORGANISATION)
def area(area_id: int) -> ResponseReturnValue:
    """The form of one service area."""
    viewer = current_viewer()
    line = get_area(viewer, area_id)
    form = AreaForm(data={"name": line.name, "head": line.head_user_id})
    return _change(line.name, _area_form(form, get_choices(viewer)))


@blueprint.post("/service-areas/<int:area_id>")
@requires(Permission.MANAGE_ORGANISATION)
@commits
def change_area(area_id: int) -> ResponseReturnValue:
    """Change a service area."""
    viewer = current_viewer()
    line = get_area(viewer, area_id)
    form = _area_form(AreaForm(), get_choices(viewer))
    if form.validate_on_submit():
        try:
            change_service_area(viewer, area_id, form.name.data, form.head.data, at=clock.now())
        except Invalid as refused:
            _tell(form, refused)
        else:
            return _done(f"{form.name.data} was saved.")
    return _change(line.name, form), 422


@blueprint.get("/teams/<int:team_id>")
@requires(Permission.MANAGE_ORGANISATION)
def team(team_id: int) -> ResponseReturnValue:
    """The form of one team."""
    viewer = current_viewer()
    line = get_team(viewer, team_id)
    form = TeamForm(data={"service_area": line.service_area_id, "manager": line.manager_user_id})
    return _change(line.name, _team_form(form, get_choices(viewer)))


@blueprint.post("/teams/<int:team_id>")
@requires(Permission.MANAGE_ORGANISATION)
@commits
def change_team(team_id: int) -> ResponseReturnValue:
    """Say where a team belongs and who manages it."""
    viewer = current_viewer()
    line = get_team(viewer, team_id)
    form = _team_form(TeamForm(), get_choices(viewer))
    if form.validate_on_submit():
        try:
            place_team(viewer, team_id, form.service_area.data, form.manager.data, at=clock.now())
        except Invalid as refused:
            _tell(form, refused)
        else:
            return _done(f"{line.name} was saved.")
    return _change(line.name, form), 422


@blueprint.get("/practitioners")
@requires(Permission.SEE_ORGANISATION)
def practitioners() -> ResponseReturnValue:
    """Practitioners, filtered by team and by whether they are matched with a user."""
    page = get_practitioners_page(
        current_viewer(),
        request.args.get("team", None, int),
        request.args.get("user", ""),
        request.args.get("page", 1, int),
    )
    return render_template("organisation/practitioners.html", page=page)


@blueprint.get("/practitioners/<int:practitioner_id>")
@requires(Permission.MANAGE_ORGANISATION)
def practitioner(practitioner_id: int) -> ResponseReturnValue:
    """The form of one practitioner."""
    viewer = current_viewer()
    line = get_practitioner(viewer, practitioner_id)
    form = PractitionerForm(data={"team": line.team_id, "user": line.user_id})
    return _change(line.name, _practitioner_form(form, get_choices(viewer)), to="organisation.practitioners")


@blueprint.post("/practitioners/<int:practitioner_id>")
@requires(Permission.MANAGE_ORGANISATION)
@commits
def change_practitioner(practitioner_id: int) -> ResponseReturnValue:
    """Say in which team a practitioner works and which user they are."""
    viewer = current_viewer()
    line = get_practitioner(viewer, practitioner_id)
    form = _practitioner_form(PractitionerForm(), get_choices(viewer))
    if form.validate_on_submit():
        try:
            match_practitioner(viewer, practitioner_id, form.team.data, form.user.data, at=clock.now())
        except Invalid as refused:
            _tell(form, refused)
        else:
            return _done(f"{line.name} was saved.", to="organisation.practitioners")
    return _change(line.name, form, to="organisation.practitioners"), 422


def _area_form(form: AreaForm, choices: Choices) -> AreaForm:
    form.head.choices = with_none(NOBODY, choices.users)
    return form


def _team_form(form: TeamForm, choices: Choices) -> TeamForm:
    form.service_area.choices = with_none(NONE_YET, choices.areas)
    form.manager.choices = with_none(NOBODY, choices.users)
    return form


def _practitioner_form(form: PractitionerForm, choices: Choices) -> PractitionerForm:
    form.team.choices = with_none(("", "No team"), choices.teams)
    form.user.choices = with_none(("", "Not a user"), choices.users)
    return form


def _tell(form: BaseForm, refused: Invalid) -> None:
    form[refused.field].errors = [refused.message]


def _change(heading: str, form: BaseForm, to: str = "organisation.index") -> str:
    words = {"organisation.index": "the organisation", "organisation.practitioners": "the practitioners"}
    return render_template(
        "organisation/change.html",
        heading=heading,
        form=form,
        fields=[field for field in form if field.type != "CSRFTokenField"],
        back={"text": f"Back to {words[to]}", "href": url_for(to)},
    )


def _done(words: str, to: str = "organisation.index") -> ResponseReturnValue:
    flash(words, "success")
    return redirect(url_for(to))
