"""What is done about single cases after the draw: a reserve instead, more time, an exemption, and who decides."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.core import Field

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, QaError
from qa_app.queries import cohorts, cohorts_cases
from qa_app.services import cohorts_cases as case_service
from qa_app.services import cohorts_chase
from qa_app.web.cohort_cases.forms import ClosingForm, DecisionForm, MoreTimeForm, ReasonForm
from qa_app.web.shared.access import current_viewer, record_view, requires, signed_in
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("cohort_cases", __name__, url_prefix="/cohorts")


@blueprint.get("/<int:cohort_id>/cases/<int:case_id>")
@requires(Permission.MANAGE_COHORTS)
def case(cohort_id: int, case_id: int) -> ResponseReturnValue:
    """One case: why it is in the cohort, what was done about it, and what can be done."""
    return _case_page(cohort_id, case_id)


@blueprint.post("/<int:cohort_id>/cases/<int:case_id>/replace")
@requires(Permission.MANAGE_COHORTS)
@commits
def replace_case(cohort_id: int, case_id: int) -> ResponseReturnValue:
    """Put the next reserve in the place of a case that cannot be reviewed."""
    form = ReasonForm(prefix="replace")

    def replace() -> str:
        new = case_service.replace_case(
            current_viewer(), cohort_id, case_id, form.reason.data or "", at=clock.now()
        )
        return f"The next reserve is case {new.position}. It has no auditor yet."

    return _carry_out(form, replace, cohort_id, lambda: _case_page(cohort_id, case_id, replace=form))


@blueprint.post("/<int:cohort_id>/cases/<int:case_id>/extend")
@requires(Permission.MANAGE_COHORTS)
@commits
def extend_case(cohort_id: int, case_id: int) -> ResponseReturnValue:
    """Give a case a later day."""
    form = MoreTimeForm(prefix="extend")

    def extend() -> str:
        assert form.due_on.data is not None
        case_service.extend_case(
            current_viewer(), cohort_id, case_id, form.due_on.data, form.reason.data or "", at=clock.now()
        )
        return "The case has its new day."

    return _carry_out(form, extend, cohort_id, lambda: _case_page(cohort_id, case_id, extend=form))


@blueprint.post("/<int:cohort_id>/cases/<int:case_id>/exempt")
@requires(Permission.MANAGE_COHORTS)
@commits
def exempt_case(cohort_id: int, case_id: int) -> ResponseReturnValue:
    """Ask that a case need not be reviewed; a second person decides."""
    form = ReasonForm(prefix="exempt")

    def ask() -> str:
        case_service.ask_for_exemption(
            current_viewer(), cohort_id, case_id, form.reason.data or "", at=clock.now()
        )
        return "The exemption is asked for. The director or another QA lead decides."

    return _carry_out(form, ask, cohort_id, lambda: _case_page(cohort_id, case_id, exempt=form))


@blueprint.post("/<int:cohort_id>/chase")
@requires(Permission.MANAGE_COHORTS)
@commits
def chase(cohort_id: int) -> ResponseReturnValue:
    """Remind everybody who has an open review of a cohort, at most once a day."""
    done = cohorts_chase.chase_cohort(current_viewer(), cohort_id, at=clock.now())
    said = []
    if done.n_people:
        people = "1 person is" if done.n_people == 1 else f"{done.n_people} people are"
        reviews = "1 open review" if done.n_reviews == 1 else f"{done.n_reviews} open reviews"
        said.append(f"{people} told about {reviews}.")
    if done.n_told_already:
        said.append(f"{done.n_told_already} were told today already, so they are left in peace.")
    flash(" ".join(said) or "No review is open, so nobody needs reminding.", "success")
    return redirect(url_for("cohorts.show", cohort_id=cohort_id))


@blueprint.get("/<int:cohort_id>/close")
@requires(Permission.MANAGE_COHORTS)
def closing(cohort_id: int) -> ResponseReturnValue:
    """See what was and was not done before the cohort is closed."""
    return _closing_page(cohort_id, ClosingForm())


@blueprint.post("/<int:cohort_id>/close")
@requires(Permission.MANAGE_COHORTS)
@commits
def close(cohort_id: int) -> ResponseReturnValue:
    """Close the cohort."""
    form = ClosingForm()

    def close_it() -> str:
        case_service.close_cohort(current_viewer(), cohort_id, form.note.data or "", at=clock.now())
        return "The cohort is closed."

    return _carry_out(form, close_it, cohort_id, lambda: _closing_page(cohort_id, form))


@blueprint.get("/requests")
@signed_in
def requests() -> ResponseReturnValue:
    """What waits for one's own decision: more time for somebody one manages, exemptions."""
    return _requests_page({})


@blueprint.post("/requests/<int:change_id>")
@signed_in
@commits
def decide(change_id: int) -> ResponseReturnValue:
    """Approve or refuse what was asked."""
    form = DecisionForm(prefix=f"c{change_id}")
    if form.validate():
        try:
            done = case_service.decide_request(
                current_viewer(), change_id, is_approved=form.decision.data == "approve",
                reason=form.reason.data or "", at=clock.now(),
            )  # fmt: skip
        except Invalid as refusal:
            form.reason.errors = [refusal.message]
        else:
            flash("Approved." if done.is_approved else "Refused.", "success")
            return redirect(url_for("cohort_cases.requests"))
    return _requests_page({change_id: form}), 422


@blueprint.get("/reviews/<int:review_id>/ask")
@requires(Permission.COMPLETE_REVIEWS)
def ask(review_id: int) -> ResponseReturnValue:
    """Ask for more time for one's own review, or that it need not be done."""
    return _ask_page(review_id)


@blueprint.post("/reviews/<int:review_id>/ask-for-time")
@requires(Permission.COMPLETE_REVIEWS)
@commits
def ask_for_time(review_id: int) -> ResponseReturnValue:
    """Ask one's line manager, or the QA lead, for a later day."""
    form = MoreTimeForm(prefix="extend")

    def send() -> str:
        assert form.due_on.data is not None
        case_service.ask_for_more_time(
            current_viewer(), review_id, form.due_on.data, form.reason.data or "", at=clock.now()
        )
        return "You have asked for more time. Your line manager or the QA lead decides."

    return _carry_out(form, send, None, lambda: _ask_page(review_id, extend=form))


@blueprint.post("/reviews/<int:review_id>/ask-for-exemption")
@requires(Permission.COMPLETE_REVIEWS)
@commits
def ask_for_exemption(review_id: int) -> ResponseReturnValue:
    """Ask that one's own review need not be done."""
    form = ReasonForm(prefix="exempt")
    page = cohorts_cases.get_own_case_page(current_viewer(), review_id)

    def send() -> str:
        case_service.ask_for_exemption(
            current_viewer(), page.cohort_id, page.case_id, form.reason.data or "", at=clock.now()
        )
        return "You have asked for an exemption. The QA lead or the director decides."

    return _carry_out(form, send, None, lambda: _ask_page(review_id, exempt=form))


def _carry_out(
    form: BaseForm, do: Callable[[], str], cohort_id: int | None, again: Callable[[], str]
) -> ResponseReturnValue:
    """Do it and say so, or show the page again with what is wrong at its field."""
    status = 422
    if form.validate():
        try:
            said = do()
        except (Conflict, Invalid, NotAllowed) as refusal:
            status = refusal.status
            _field_of(form, refusal).errors = [refusal.message]
        else:
            flash(said, "success")
            address = (
                url_for("reviews.index")
                if cohort_id is None
                else url_for("cohorts.show", cohort_id=cohort_id)
            )
            return redirect(address)
    return again(), status


def _field_of(form: BaseForm, refusal: QaError) -> Field:
    named = getattr(refusal, "field", "")
    if named in form:
        return form[named]
    return form["reason" if "reason" in form else "note"]


def _case_page(cohort_id: int, case_id: int, **forms: BaseForm) -> str:
    page = cohorts_cases.get_case_page(current_viewer(), cohort_id, case_id)
    record_view("cohort", cohort_id)
    shown = {"replace": ReasonForm, "extend": MoreTimeForm, "exempt": ReasonForm}
    built = {name: forms.get(name) or kind(prefix=name) for name, kind in shown.items()}
    return render_template("cohort_cases/case.html", page=page, forms=built)


def _ask_page(review_id: int, **forms: BaseForm) -> str:
    page = cohorts_cases.get_own_case_page(current_viewer(), review_id)
    built = {
        "extend": forms.get("extend") or MoreTimeForm(prefix="extend"),
        "exempt": forms.get("exempt") or ReasonForm(prefix="exempt"),
    }
    return render_template("cohort_cases/ask.html", page=page, forms=built)


def _requests_page(forms: dict[int, DecisionForm]) -> str:
    lines = cohorts_cases.list_requests(current_viewer())
    built = {
        each.change_id: forms.get(each.change_id) or DecisionForm(prefix=f"c{each.change_id}")
        for each in lines
    }
    return render_template("cohort_cases/requests.html", lines=lines, forms=built)


def _closing_page(cohort_id: int, form: ClosingForm) -> str:
    board = cohorts.get_board(current_viewer(), cohort_id, today=clock.today())
    return render_template("cohort_cases/close.html", page=board, form=form)
