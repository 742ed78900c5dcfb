"""Pages of the structure: service areas, teams, practitioners."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.errors import Conflict, Invalid
from qa_app.domain.house_words import NameKind
from qa_app.queries.organisation import (
    Choices,
    get_area,
    get_choices,
    get_organisation_page,
    get_team,
)
from qa_app.queries.organisation_names import count_names_in_doubt
from qa_app.queries.organisation_people import (
    PractitionerPage,
    get_practitioner,
    get_practitioner_page,
    get_practitioners_page,
)
from qa_app.services.organisation import (
    add_practitioner,
    add_service_area,
    add_team,
    change_service_area,
    match_practitioner,
    name_supervisor,
    place_team,
    set_in_use,
)
from qa_app.web.organisation.forms import (
    NOBODY,
    NONE_YET,
    AreaForm,
    NewPractitionerForm,
    NewTeamForm,
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
    """Service areas, their teams and who works there, with what is missing on top."""
    viewer = current_viewer()
    page = get_organisation_page(viewer)
    n_names = 0
    if page.may_change and viewer.reach(Permission.MANAGE_ORGANISATION).whole_service:
        n_names = count_names_in_doubt(viewer, clock.today())
    return render_template("organisation/index.html", page=page, n_names=n_names)


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
    return _team_page(team_id, _team_form(form, get_choices(viewer)))


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
    return _team_page(team_id, form), 422


@blueprint.get("/teams/new")
@requires(Permission.MANAGE_ORGANISATION)
def new_team() -> ResponseReturnValue:
    """The form for a team that the lists have not named yet."""
    return _change("Add a team", NewTeamForm(formdata=None))


@blueprint.post("/teams/new")
@requires(Permission.MANAGE_ORGANISATION)
@commits
def make_team() -> ResponseReturnValue:
    """Add a team."""
    form = NewTeamForm()
    if form.validate_on_submit():
        try:
            team = add_team(current_viewer(), form.name.data, at=clock.now())
        except Invalid as refused:
            _tell(form, refused)
        else:
            flash(f"{team.name} was added. Say where it belongs.", "success")
            return redirect(url_for("organisation.team", team_id=team.id))
    return _change("Add a team", form), 422


@blueprint.post("/teams/<int:team_id>/use")
@requires(Permission.MANAGE_ORGANISATION)
@commits
def use_team(team_id: int) -> ResponseReturnValue:
    """Hide a team that is no longer in use, or show it again."""
    return _use(NameKind.TEAM, team_id, url_for("organisation.team", team_id=team_id))


@blueprint.get("/practitioners")
@requires(Permission.SEE_ORGANISATION)
def practitioners() -> ResponseReturnValue:
    """Practitioners, filtered by team and by whether they are matched with a user."""
    page = get_practitioners_page(
        current_viewer(),
        request.args.get("team", None, int),
        request.args.get("user", ""),
        request.args.get("page", 1, int),
        name=request.args.get("name", ""),
        shown=request.args.get("shown", ""),
    )
    return render_template("organisation/practitioners.html", page=page)


@blueprint.get("/practitioners/new")
@requires(Permission.MANAGE_ORGANISATION)
def new_practitioner() -> ResponseReturnValue:
    """The form for a practitioner whom the lists do not name."""
    form = NewPractitionerForm(formdata=None)
    form.team.choices = with_none(("", "No team"), get_choices(current_viewer()).teams)
    return _change("Add a practitioner", form, to="organisation.practitioners")


@blueprint.post("/practitioners/new")
@requires(Permission.MANAGE_ORGANISATION)
@commits
def make_practitioner() -> ResponseReturnValue:
    """Add a practitioner."""
    viewer = current_viewer()
    form = NewPractitionerForm()
    form.team.choices = with_none(("", "No team"), get_choices(viewer).teams)
    if form.validate_on_submit():
        try:
            person = add_practitioner(viewer, form.name.data, form.team.data, at=clock.now())
        except Invalid as refused:
            _tell(form, refused)
        else:
            flash(f"{person.name} was added.", "success")
            return redirect(url_for("organisation.practitioner", practitioner_id=person.id))
    return _change("Add a practitioner", form, to="organisation.practitioners"), 422


@blueprint.get("/practitioners/<int:practitioner_id>")
@requires(Permission.MANAGE_ORGANISATION)
def practitioner(practitioner_id: int) -> ResponseReturnValue:
    """One practitioner: their team, supervisor and account, and their way through the teams."""
    viewer = current_viewer()
    page = get_practitioner_page(viewer, practitioner_id, clock.today())
    line = page.line
    form = PractitionerForm(
        data={"team": line.team_id, "supervisor": line.supervisor_id, "user": line.user_id}
    )
    return _practitioner_page(page, _practitioner_form(form, page, get_choices(viewer)))


@blueprint.post("/practitioners/<int:practitioner_id>")
@requires(Permission.MANAGE_ORGANISATION)
@commits
def change_practitioner(practitioner_id: int) -> ResponseReturnValue:
    """Say in which team a practitioner works, who supervises them and which user they are."""
    viewer = current_viewer()
    page = get_practitioner_page(viewer, practitioner_id, clock.today())
    form = _practitioner_form(PractitionerForm(), page, get_choices(viewer))
    if form.validate_on_submit():
        try:
            at = clock.now()
            match_practitioner(viewer, practitioner_id, form.team.data, form.user.data, at=at)
            name_supervisor(viewer, practitioner_id, form.supervisor.data, at=at)
        except Invalid as refused:
            _tell(form, refused)
        else:
            return _done(f"{page.line.name} was saved.", to="organisation.practitioners")
    return _practitioner_page(page, form), 422


@blueprint.post("/practitioners/<int:practitioner_id>/use")
@requires(Permission.MANAGE_ORGANISATION)
@commits
def use_practitioner(practitioner_id: int) -> ResponseReturnValue:
    """Hide a practitioner who no longer works here, or show them again."""
    get_practitioner(current_viewer(), practitioner_id)
    to = url_for("organisation.practitioner", practitioner_id=practitioner_id)
    return _use(NameKind.WORKER, practitioner_id, to)


def _area_form(form: AreaForm, choices: Choices) -> AreaForm:
    form.head.choices = with_none(NOBODY, choices.users)
    return form


def _team_form(form: TeamForm, choices: Choices) -> TeamForm:
    form.service_area.choices = with_none(NONE_YET, choices.areas)
    form.manager.choices = with_none(NOBODY, choices.users)
    return form


def _practitioner_form(form: PractitionerForm, page: PractitionerPage, choices: Choices) -> PractitionerForm:
    form.team.choices = with_none(
        ("", "No team"), _with_present(choices.teams, page.line.team_id, page.line.team)
    )
    form.supervisor.choices = with_none(("", "The team's manager"), page.supervisor_choices)
    users = _with_present(choices.users, page.line.user_id, f"{page.line.user} (account closed)")
    form.user.choices = with_none(("", "Not a user"), users)
    return form


def _with_present(
    choices: tuple[tuple[int, str], ...], number: int | None, words: str
) -> tuple[tuple[int, str], ...]:
    """The choices with what is chosen now, though it could not be chosen anew."""
    if number is None or any(number == known for known, _ in choices):
        return choices
    return (*choices, (number, words))


def _team_page(team_id: int, form: TeamForm) -> str:
    line = get_team(current_viewer(), team_id)
    return render_template(
        "organisation/team.html", line=line, form=form, fields=[form.service_area, form.manager]
    )


def _practitioner_page(page: PractitionerPage, form: PractitionerForm) -> str:
    return render_template("organisation/practitioner.html", page=page, form=form)


def _use(kind: NameKind, row_id: int, to: str) -> ResponseReturnValue:
    """Hide or show, as the button says; a refusal is told on the page."""
    in_use = request.form.get("in_use") == "yes"
    try:
        row = set_in_use(current_viewer(), kind, row_id, in_use, at=clock.now())
    except Conflict as refused:
        flash(refused.message, "warning")
    else:
        flash(
            f"{row.name} is {'in use again' if in_use else 'hidden; nothing recorded was lost'}.", "success"
        )
    return redirect(to)


def _tell(form: BaseForm, refused: Invalid) -> None:
    name = refused.field if refused.field in form else next(iter(form)).name
    form[name].errors = [refused.message]


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
