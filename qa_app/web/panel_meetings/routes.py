"""One report from each panel meeting: the round, its meetings, and the lots of each."""

import secrets

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.cohorts import CohortKind
from qa_app.domain.errors import Conflict, Invalid
from qa_app.domain.panel_meetings import read_heard
from qa_app.queries import cohorts_population, panel_meetings
from qa_app.services import panel_meetings as meeting_service
from qa_app.services.cohorts_referral import ReferralRound, open_referral_cohort
from qa_app.services.panel_meetings import MeetingHeld
from qa_app.web.panel_meetings.forms import MeetingForm, PanelRoundForm, panel_round_form, plan_types_of
from qa_app.web.shared.access import current_viewer, record_view, requires
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("panel_meetings", __name__, url_prefix="/panel-meetings")


@blueprint.get("/new")
@requires(Permission.MANAGE_COHORTS)
def new() -> ResponseReturnValue:
    """Open a round that takes one report from each meeting."""
    return render_template("panel_meetings/new.html", form=_round_form())


@blueprint.post("/new")
@requires(Permission.MANAGE_COHORTS)
@commits
def open_round() -> ResponseReturnValue:
    """Open it."""
    form = _round_form()
    if form.validate():
        assert form.ends_on.data is not None
        forms = cohorts_population.list_form_choices(current_viewer(), CohortKind.DIP_SAMPLE)
        asked = ReferralRound(
            CohortKind.DIP_SAMPLE,
            form.title.data or "",
            clock.today().replace(day=1),
            form.ends_on.data,
            plan_types_of(forms, form.form_version.data),
            form.plan_action_id.data or None,
        )
        try:
            cohort = open_referral_cohort(current_viewer(), asked, at=clock.now())
        except Invalid as refusal:
            field = refusal.field if refusal.field in form else "title"
            form[field].errors = [*form[field].errors, refusal.message]
        else:
            flash("It takes meetings now. Record the first one.", "success")
            return redirect(url_for("panel_meetings.show", cohort_id=cohort.id))
    return render_template("panel_meetings/new.html", form=form), 422


@blueprint.get("/<int:cohort_id>")
@requires(Permission.SEE_COHORTS)
def show(cohort_id: int) -> ResponseReturnValue:
    """The meetings of a round with their lots, to read and to print."""
    page = panel_meetings.get_meetings_page(current_viewer(), cohort_id)
    record_view("cohort", cohort_id)
    return render_template("panel_meetings/show.html", page=page)


@blueprint.get("/<int:cohort_id>/record")
@requires(Permission.MANAGE_COHORTS)
def meeting(cohort_id: int) -> ResponseReturnValue:
    """Record a meeting that was held."""
    return _meeting_page(cohort_id, MeetingForm())


@blueprint.post("/<int:cohort_id>/record")
@requires(Permission.MANAGE_COHORTS)
@commits
def record_meeting(cohort_id: int) -> ResponseReturnValue:
    """Record it: a report is taken by lot at once, under a seed that nobody chose."""
    form = MeetingForm()
    status = 422
    if form.validate():
        assert form.held_on.data is not None
        assert form.due_on.data is not None
        try:
            held = MeetingHeld(
                form.panel.data or "", form.held_on.data, read_heard(form.heard.data or ""),
                form.due_on.data, secrets.token_hex(8),
            )  # fmt: skip
            meeting_service.record_meeting(current_viewer(), cohort_id, held, at=clock.now())
        except (Invalid, Conflict) as refusal:
            status = refusal.status
            field = getattr(refusal, "field", "held_on")
            form[field if field in form else "panel"].errors = [refusal.message]
        else:
            flash(
                "The meeting is recorded, and a report is taken by lot. Give it to an auditor next.",
                "success",
            )
            return redirect(url_for("panel_meetings.show", cohort_id=cohort_id))
    return _meeting_page(cohort_id, form), status


def _round_form() -> PanelRoundForm:
    viewer = current_viewer()
    actions = cohorts_population.list_action_choices(viewer) if viewer.may(Permission.SEE_PLAN) else ()
    return panel_round_form(cohorts_population.list_form_choices(viewer, CohortKind.DIP_SAMPLE), actions)


def _meeting_page(cohort_id: int, form: MeetingForm) -> str:
    page = panel_meetings.get_meetings_page(current_viewer(), cohort_id)
    return render_template("panel_meetings/record.html", page=page, form=form)
