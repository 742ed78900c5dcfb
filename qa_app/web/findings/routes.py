"""Raising a finding from a review, and looking at one."""

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.audit_forms.kinds import FindingKind
from qa_app.domain.errors import Invalid, NotFound
from qa_app.domain.findings import FindingDraft, finding_draft
from qa_app.domain.references import finding_ref
from qa_app.queries.answering_actions import list_answering_actions
from qa_app.queries.findings import FindingContext, get_finding_context, get_finding_page
from qa_app.services.findings import raise_finding, withdraw_finding
from qa_app.web.findings.forms import FindingForm
from qa_app.web.findings.pages import finding_view, new_finding_view, question_href
from qa_app.web.shared.access import current_viewer, record_view, requires, wants_json
from qa_app.web.shared.action_lines import action_line
from qa_app.web.shared.record_numbers import LARGEST
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("findings", __name__, url_prefix="/findings")


@blueprint.get("/new")
@requires(Permission.RAISE_FINDINGS)
def new() -> ResponseReturnValue:
    """The form for a finding on one question of a review, or on its whole file."""
    viewer = current_viewer()
    review_id = _review_number()
    context = get_finding_context(viewer, review_id, request.args.get("question") or None)
    record_view("review", review_id)
    themes = list(context.asked.themes) if context.asked else []
    form = FindingForm(formdata=None, data={"kind": _offered_kind(context), "themes": themes})
    return _show_form(form, context, themes)


@blueprint.post("/new")
@requires(Permission.RAISE_FINDINGS)
@commits
def create() -> ResponseReturnValue:
    """Keep the finding, and go back to where it was raised."""
    viewer = current_viewer()
    review_id = _review_number()
    question_key = request.args.get("question") or None
    form = FindingForm()
    chosen = list(form.themes.data or [])
    if not form.validate():
        return _show_form(form, get_finding_context(viewer, review_id, question_key), chosen, 422)
    try:
        draft = finding_draft(
            form.kind.data or "",
            form.severity.data or "",
            form.words.data or "",
            chosen,
            form.record_place.data or "",
        )
        finding_id = raise_finding(viewer, review_id, question_key, draft, at=clock.now())
    except Invalid as refusal:
        if refusal.field not in form:
            raise
        form[refusal.field].errors = [refusal.message]
        return _show_form(form, get_finding_context(viewer, review_id, question_key), chosen, 422)
    return _raised(finding_id, question_key, review_id, draft)


@blueprint.get("/<int:finding_id>")
@requires(Permission.SEE_FINDINGS)
def show(finding_id: int) -> ResponseReturnValue:
    """One finding: up to the answer in its review, down to its themes and the plan actions that answer it."""
    viewer = current_viewer()
    page = get_finding_page(viewer, finding_id)
    record_view("review", page.review_id)
    actions = list_answering_actions(
        viewer, finding_ids=[finding_id], theme_ids=[theme.theme_id for theme in page.themes]
    )
    titles = {theme.theme_id: theme.title for theme in page.themes}
    return render_template(
        "findings/show.html",
        page=finding_view(page, may_see_themes=viewer.may(Permission.SEE_THEMES)),
        actions=[action_line(one, titles) for one in actions],
        may_see_plan=viewer.may(Permission.SEE_PLAN),
    )


@blueprint.post("/<int:finding_id>/withdraw")
@requires(Permission.RAISE_FINDINGS)
@commits
def withdraw(finding_id: int) -> ResponseReturnValue:
    """Take back a finding of one's own before the review is handed in."""
    review_id = withdraw_finding(current_viewer(), finding_id, at=clock.now())
    flash(f"Finding {finding_ref(finding_id)} is taken back.", "success")
    return redirect(url_for("reviews.show", review_id=review_id))


def _review_number() -> int:
    number = request.args.get("review_id", 0, type=int)
    if not 0 < number <= LARGEST:
        raise NotFound
    return number


def _offered_kind(context: FindingContext) -> str | None:
    asked_for = request.args.get("kind", "")
    if asked_for in set(FindingKind):
        return asked_for
    return context.asked.offered_kind.value if context.asked and context.asked.offered_kind else None


def _show_form(
    form: FindingForm, context: FindingContext, chosen: list[str], status: int = 200
) -> ResponseReturnValue:
    page = new_finding_view(context, chosen)
    return render_template("findings/new.html", page=page, form=form), status


def _raised(
    finding_id: int, question_key: str | None, review_id: int, draft: FindingDraft
) -> ResponseReturnValue:
    ref = finding_ref(finding_id)
    if wants_json():
        raised = jsonify(
            ref=ref,
            href=url_for("findings.show", finding_id=finding_id),
            question=question_key,
            kind=draft.kind.value,
            kind_label=draft.kind.label,
            words=draft.words,
        )
        return raised, 201
    flash(f"Finding {ref} is saved.", "success")
    return redirect(question_href(review_id, question_key), 303)
