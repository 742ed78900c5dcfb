"""Audits before an event: opened by the QA lead, filled by referral, due before the event."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.cohorts import CohortKind
from qa_app.domain.errors import Conflict, Invalid
from qa_app.queries import cohorts_population, cohorts_referral
from qa_app.services import cohorts_referral as referral_service
from qa_app.services.cohorts_referral import ReferralRound
from qa_app.web.referrals.forms import ReferralForm, RoundForm, round_form
from qa_app.web.shared.access import current_viewer, record_view, requires
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("referrals", __name__, url_prefix="/referrals")


@blueprint.get("/")
@requires(Permission.REFER_CASES)
def index() -> ResponseReturnValue:
    """The cohorts that take referrals now, and how the cases referred from one's own teams are going."""
    page = cohorts_referral.get_referrals_page(current_viewer(), clock.today())
    return render_template("referrals/index.html", page=page)


@blueprint.get("/new")
@requires(Permission.MANAGE_COHORTS)
def new() -> ResponseReturnValue:
    """Open a cohort that takes referrals."""
    return render_template("referrals/new.html", form=_round_form(None))


@blueprint.post("/new")
@requires(Permission.MANAGE_COHORTS)
@commits
def open_round() -> ResponseReturnValue:
    """Open it."""
    form = _round_form(request.form)
    if form.validate():
        assert form.ends_on.data is not None
        asked = ReferralRound(
            CohortKind.GATE_AUDIT,
            form.title.data or "",
            clock.today().replace(day=1),
            form.ends_on.data,
            {plan: int(field.data) for plan, field in form.form_fields if field.data != "0"},
            form.plan_action_id.data or None,
        )
        try:
            cohort = referral_service.open_referral_cohort(current_viewer(), asked, at=clock.now())
        except Invalid as refusal:
            field = refusal.field if refusal.field in form else "title"
            form[field].errors = [*form[field].errors, refusal.message]
        else:
            flash("It takes referrals now. Managers find it on their page of referrals.", "success")
            return redirect(url_for("cohorts.show", cohort_id=cohort.id))
    return render_template("referrals/new.html", form=form), 422


@blueprint.get("/<int:cohort_id>/refer")
@requires(Permission.REFER_CASES)
def refer(cohort_id: int) -> ResponseReturnValue:
    """Refer one case."""
    return _refer_page(cohort_id, ReferralForm())


@blueprint.post("/<int:cohort_id>/refer")
@requires(Permission.REFER_CASES)
@commits
def send_referral(cohort_id: int) -> ResponseReturnValue:
    """Send the referral."""
    form = ReferralForm()
    status = 422
    if form.validate():
        assert form.due_on.data is not None
        try:
            referral_service.refer_case(
                current_viewer(), cohort_id, form.child_ref.data or "", form.due_on.data,
                form.reason.data or "", at=clock.now(),
            )  # fmt: skip
        except (Invalid, Conflict) as refusal:
            status = refusal.status
            field = getattr(refusal, "field", "child_ref")
            form[field if field in form else "child_ref"].errors = [refusal.message]
        else:
            flash("The case is referred. The QA lead gives it to an auditor.", "success")
            return redirect(url_for("referrals.index"))
    return _refer_page(cohort_id, form), status


def _round_form(formdata: object) -> RoundForm:
    viewer = current_viewer()
    actions = cohorts_population.list_action_choices(viewer) if viewer.may(Permission.SEE_PLAN) else ()
    return round_form(cohorts_population.list_form_choices(viewer, CohortKind.GATE_AUDIT), actions, formdata)


def _refer_page(cohort_id: int, form: ReferralForm) -> str:
    line = cohorts_referral.get_referral_cohort(current_viewer(), cohort_id)
    record_view("cohort", cohort_id)
    return render_template("referrals/refer.html", cohort=line, form=form)
