"""Actions for children: raised from a review, and the register in which nothing is lost from sight."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.case_action_filters import Asked, Show, read_asked
from qa_app.domain.case_actions import Ageing, Priority, read_impact, read_priority
from qa_app.domain.errors import Invalid, NotFound
from qa_app.domain.references import case_action_ref, review_ref
from qa_app.queries.case_action_page import CaseActionContext, get_case_action, get_case_action_context
from qa_app.queries.case_actions import get_register
from qa_app.services import case_actions as service
from qa_app.services.case_actions import CaseActionDraft
from qa_app.services.case_actions_reminders import chase_late
from qa_app.web.case_actions import forms as forms_of
from qa_app.web.case_actions.files import register_file
from qa_app.web.shared.access import current_viewer, record_view, requires
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.record_numbers import LARGEST
from qa_app.web.shared.timings import action_timing
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("case_actions", __name__, url_prefix="/case-actions")


@blueprint.get("")
@requires(Permission.SEE_CASE_ACTIONS)
def index() -> ResponseReturnValue:
    """The register, late ones first."""
    return _register_page(read_asked(request.args))


@blueprint.get("/register.<ending>")
@requires(Permission.SEE_CASE_ACTIONS)
def register(ending: str) -> ResponseReturnValue:
    """What the filters leave, as a file."""
    if ending not in ("csv", "xlsx"):
        raise NotFound
    return register_file(current_viewer(), read_asked(request.args), ending)


@blueprint.post("/chase")
@requires(Permission.MANAGE_CASE_ACTIONS)
@commits
def chase() -> ResponseReturnValue:
    """Remind whoever has to do the late ones that the filters leave."""
    asked = read_asked(request.form)
    n_actions, n_people = chase_late(current_viewer(), asked, at=clock.now())
    if n_actions:
        flash(
            f"Reminded {n_people} {'person' if n_people == 1 else 'people'} of {n_actions} late.", "success"
        )
    else:
        flash("Nobody was reminded: everybody who has a late one was reminded in the last day.", "success")
    return redirect(_register_address(asked), 303)


@blueprint.get("/new")
@requires(Permission.RAISE_FINDINGS)
def new() -> ResponseReturnValue:
    """The form for an action from one question of a review, or its whole file."""
    form = forms_of.NewActionForm(formdata=None)
    return _new_page(form)


@blueprint.post("/new")
@requires(Permission.RAISE_FINDINGS)
@commits
def create() -> ResponseReturnValue:
    """Keep the action, and go back to where it was raised."""
    form = forms_of.NewActionForm()
    review_id, question_key = _review_number(), request.args.get("question") or None
    _fill_owners(form, review_id)
    if form.validate():
        try:
            draft = CaseActionDraft(
                form.words.data or "", read_priority(form.priority.data or ""), form.owner.data or None
            )
            action = service.raise_case_action(
                current_viewer(), review_id, question_key, draft, action_timing(), at=clock.now()
            )
        except Invalid as refusal:
            form[refusal.field if refusal.field in form else "words"].errors = [refusal.message]
        else:
            when = "The team knows it now." if action.told_at else "The team gets it when you submit."
            flash(f"Action {case_action_ref(action.id)} is saved. {when}", "success")
            return redirect(_back_to(review_id, question_key), 303)
    return _new_page(form), 422


@blueprint.get("/<int:case_action_id>")
@requires(Permission.SEE_CASE_ACTIONS)
def show(case_action_id: int) -> ResponseReturnValue:
    """One action: what was said of it, and what may be done."""
    return _action_page(case_action_id)


@blueprint.post("/<int:case_action_id>/update")
@requires(Permission.SEE_CASE_ACTIONS)
@commits
def update(case_action_id: int) -> ResponseReturnValue:
    """A line on how it is going; from the register it leads back there."""
    form = forms_of.UpdateForm(prefix="line")

    def carry_out() -> str:
        service.update_case_action(current_viewer(), case_action_id, form.words.data or "", at=clock.now())
        return f"{case_action_ref(case_action_id)}: noted."

    return _do(case_action_id, form, carry_out, back=request.form.get("back", ""))


@blueprint.post("/<int:case_action_id>/done")
@requires(Permission.SEE_CASE_ACTIONS)
@commits
def done(case_action_id: int) -> ResponseReturnValue:
    """It is done: somebody else verifies it."""
    form = forms_of.DoneForm(prefix="done")

    def carry_out() -> str:
        service.finish_case_action(current_viewer(), case_action_id, form.evidence.data or "", at=clock.now())
        return f"{case_action_ref(case_action_id)} is done. Somebody else verifies it."

    return _do(case_action_id, form, carry_out)


@blueprint.post("/<int:case_action_id>/verdict")
@requires(Permission.SEE_CASE_ACTIONS)
@commits
def verdict(case_action_id: int) -> ResponseReturnValue:
    """Verify it, or send it back."""
    form = forms_of.VerdictForm(prefix="verdict")

    def carry_out() -> str:
        accepted = form.verdict.data == "accept"
        service.verify_case_action(
            current_viewer(), case_action_id, action_timing(), is_accepted=accepted, words=form.words.data or "",
            at=clock.now(),
        )  # fmt: skip
        return f"{case_action_ref(case_action_id)} is {'verified' if accepted else 'sent back'}."

    return _do(case_action_id, form, carry_out)


@blueprint.post("/<int:case_action_id>/impact")
@requires(Permission.SEE_CASE_ACTIONS)
@commits
def impact(case_action_id: int) -> ResponseReturnValue:
    """Say whether it helped this child."""
    form = forms_of.ImpactForm(prefix="impact")

    def carry_out() -> str:
        service.check_impact(
            current_viewer(), case_action_id, read_impact(form.impact.data or ""), form.words.data or "",
            form.again_on.data, at=clock.now(),
        )  # fmt: skip
        return f"{case_action_ref(case_action_id)}: its effect is kept."

    return _do(case_action_id, form, carry_out)


@blueprint.post("/<int:case_action_id>/owner")
@requires(Permission.SEE_CASE_ACTIONS)
@commits
def owner(case_action_id: int) -> ResponseReturnValue:
    """Name who does it."""
    form = forms_of.OwnerForm(prefix="owner")
    page = get_case_action(current_viewer(), case_action_id, at=clock.now())
    forms_of.with_owners(form.owner, page.owners, page.team)

    def carry_out() -> str:
        service.name_owner(current_viewer(), case_action_id, form.owner.data or None, at=clock.now())
        return f"{case_action_ref(case_action_id)}: who does it is kept."

    return _do(case_action_id, form, carry_out)


@blueprint.post("/<int:case_action_id>/withdraw")
@requires(Permission.SEE_CASE_ACTIONS)
@commits
def withdraw(case_action_id: int) -> ResponseReturnValue:
    """Take it back."""
    form = forms_of.ReasonForm(prefix="reason")

    def carry_out() -> str:
        service.withdraw_case_action(current_viewer(), case_action_id, form.reason.data or "", at=clock.now())
        return f"{case_action_ref(case_action_id)} is taken back."

    return _do(case_action_id, form, carry_out)


def _do(
    case_action_id: int, form: BaseForm, carry_out: Callable[[], str], back: str = ""
) -> ResponseReturnValue:
    if form.validate():
        try:
            said = carry_out()
        except Invalid as refusal:
            form[refusal.field if refusal.field in form else next(iter(form)).short_name].errors = [
                refusal.message
            ]
        else:
            flash(said, "success")
            if back == "register":
                return redirect(_register_address(read_asked(request.form)))
            return redirect(url_for("case_actions.show", case_action_id=case_action_id))
    return _action_page(case_action_id, form), 422


def _register_page(asked: Asked) -> str:
    page = get_register(current_viewer(), asked, at=clock.now())
    bands = [
        (band, page.tally.by_ageing[band], _register_address(asked.with_ageing(band))) for band in Ageing
    ]
    stages = {show.value: _register_address(asked.with_show(show)) for show in Show}
    files = {ending: _register_address(asked, ending) for ending in ("csv", "xlsx")}
    return render_template(
        "case_actions/index.html", page=page, asked=asked, bands=bands, stages=stages, files=files,
        shows=[(each.value, each.label) for each in Show],
        priorities=[(each.value, each.label) for each in Priority], now=clock.now(),
    )  # fmt: skip


def _register_address(asked: Asked, ending: str = "") -> str:
    filters: dict[str, Any] = dict(asked.in_address)
    if ending:
        return url_for("case_actions.register", ending=ending, **filters)
    if asked.page > 1:
        filters["page"] = asked.page
    return url_for("case_actions.index", **filters)


def _action_page(case_action_id: int, sent: BaseForm | None = None) -> str:
    page = get_case_action(current_viewer(), case_action_id, at=clock.now())
    record_view("case_action", case_action_id)
    kinds: dict[str, type[BaseForm]] = {
        "line": forms_of.UpdateForm,
        "done": forms_of.DoneForm,
        "verdict": forms_of.VerdictForm,
        "impact": forms_of.ImpactForm,
        "owner": forms_of.OwnerForm,
        "reason": forms_of.ReasonForm,
    }
    shown = {
        name: sent if isinstance(sent, kind) else kind(formdata=None, prefix=name)
        for name, kind in kinds.items()
    }
    owner_form = shown["owner"]
    assert isinstance(owner_form, forms_of.OwnerForm)
    forms_of.with_owners(owner_form.owner, page.owners, page.team)
    if owner_form is not sent:
        owner_form.owner.data = page.action.owner_id or 0
    return render_template(
        "case_actions/show.html", page=page, forms=shown, ref=case_action_ref(case_action_id)
    )


def _new_page(form: forms_of.NewActionForm) -> str:
    review_id = _review_number()
    context = _fill_owners(form, review_id)
    record_view("review", review_id)
    return render_template(
        "case_actions/new.html",
        form=form,
        page=context,
        ref=review_ref(review_id),
        hints=forms_of.priority_hints(action_timing()),
        back_href=_back_to(review_id, request.args.get("question") or None),
    )


def _fill_owners(form: forms_of.NewActionForm, review_id: int) -> CaseActionContext:
    context = get_case_action_context(current_viewer(), review_id)
    forms_of.with_owners(form.owner, context.owners, context.team)
    return context


def _back_to(review_id: int, question_key: str | None) -> str:
    anchor = f"question-{question_key}" if question_key else None
    return url_for("reviews.show", review_id=review_id, question=question_key, _anchor=anchor)


def _review_number() -> int:
    number = request.args.get("review_id", 0, type=int)
    if not 0 < number <= LARGEST:
        raise NotFound
    return number
