"""Immediate concerns: raised where one stands, answered against the clock, closed by more than one person."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.errors import Invalid, NotFound
from qa_app.domain.references import concern_ref, review_ref
from qa_app.domain.safeguarding_concerns import ConcernKind
from qa_app.queries.safeguarding_concerns import get_concern, get_concern_context, get_concerns_page
from qa_app.services import safeguarding_concerns as service
from qa_app.services.safeguarding_concerns import ConcernDraft
from qa_app.web.safeguarding_concerns.forms import ClosingForm, ConcernForm, SafetyForm, kind_hints
from qa_app.web.shared.access import current_viewer, record_view, requires
from qa_app.web.shared.record_numbers import LARGEST
from qa_app.web.shared.timings import concern_timing
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("safeguarding_concerns", __name__, url_prefix="/concerns")


@blueprint.get("")
@requires(Permission.SEE_CONCERNS)
def index() -> ResponseReturnValue:
    """Open concerns with their clocks, and the latest closed ones."""
    at = clock.now()
    page = get_concerns_page(current_viewer(), at=at)
    return render_template("safeguarding_concerns/index.html", page=page, now=at)


@blueprint.get("/new")
@requires(Permission.RAISE_FINDINGS)
def new() -> ResponseReturnValue:
    """The form for a concern from one question of a review, or its whole file."""
    return _new_page(ConcernForm(formdata=None))


@blueprint.post("/new")
@requires(Permission.RAISE_FINDINGS)
@commits
def create() -> ResponseReturnValue:
    """Raise it: its clocks run from now."""
    form = ConcernForm()
    review_id, question_key = _review_number(), request.args.get("question") or None
    if form.validate():
        draft = ConcernDraft(ConcernKind(form.kind.data), form.words.data or "", form.phoned.data or "")
        try:
            concern = service.raise_concern(
                current_viewer(), review_id, question_key, draft, concern_timing(), at=clock.now()
            )
        except Invalid as refusal:
            form[refusal.field if refusal.field in form else "words"].errors = [refusal.message]
        else:
            flash(
                f"Concern {concern_ref(concern.id)} is raised. The team and the head of service know.",
                "success",
            )
            return redirect(url_for("safeguarding_concerns.show", concern_id=concern.id), 303)
    return _new_page(form), 422


@blueprint.get("/<int:concern_id>")
@requires(Permission.SEE_CONCERNS)
def show(concern_id: int) -> ResponseReturnValue:
    """One concern: its clocks, and what may be done."""
    return _concern_page(concern_id)


@blueprint.post("/<int:concern_id>/acknowledge")
@requires(Permission.SEE_CONCERNS)
@commits
def acknowledge(concern_id: int) -> ResponseReturnValue:
    """Say that one has seen it and acts."""
    service.acknowledge_concern(current_viewer(), concern_id, at=clock.now())
    flash(f"Concern {concern_ref(concern_id)} is acknowledged.", "success")
    return redirect(url_for("safeguarding_concerns.show", concern_id=concern_id), 303)


@blueprint.post("/<int:concern_id>/safe")
@requires(Permission.SEE_CONCERNS)
@commits
def make_safe(concern_id: int) -> ResponseReturnValue:
    """Record what makes the child safe, or what was decided."""
    form = SafetyForm(prefix="safe")
    if form.validate():
        try:
            service.make_safe(current_viewer(), concern_id, form.words.data or "", at=clock.now())
        except Invalid as refusal:
            form.words.errors = [refusal.message]
        else:
            flash("What was done is recorded.", "success")
            return redirect(url_for("safeguarding_concerns.show", concern_id=concern_id), 303)
    return _concern_page(concern_id, safe=form), 422


@blueprint.post("/<int:concern_id>/close")
@requires(Permission.SEE_CONCERNS)
@commits
def close(concern_id: int) -> ResponseReturnValue:
    """Close it."""
    form = ClosingForm(prefix="close")
    if form.validate():
        try:
            service.close_concern(current_viewer(), concern_id, form.words.data or "", at=clock.now())
        except Invalid as refusal:
            form.words.errors = [refusal.message]
        else:
            flash(f"Concern {concern_ref(concern_id)} is closed.", "success")
            return redirect(url_for("safeguarding_concerns.show", concern_id=concern_id), 303)
    return _concern_page(concern_id, closing=form), 422


def _concern_page(
    concern_id: int, *, safe: SafetyForm | None = None, closing: ClosingForm | None = None
) -> str:
    page = get_concern(current_viewer(), concern_id)
    record_view("safeguarding_concern", concern_id)
    return render_template(
        "safeguarding_concerns/show.html",
        page=page,
        line=page.line,
        safe_form=safe or SafetyForm(formdata=None, prefix="safe"),
        closing_form=closing or ClosingForm(formdata=None, prefix="close"),
        now=clock.now(),
    )


def _new_page(form: ConcernForm) -> str:
    review_id = _review_number()
    context = get_concern_context(current_viewer(), review_id)
    record_view("review", review_id)
    question_key = request.args.get("question") or None
    return render_template(
        "safeguarding_concerns/new.html",
        form=form,
        page=context,
        ref=review_ref(review_id),
        hints=kind_hints(),
        timing=concern_timing(),
        back_href=url_for(
            "reviews.show",
            review_id=review_id,
            question=question_key,
            _anchor=f"question-{question_key}" if question_key else None,
        ),
    )


def _review_number() -> int:
    number = request.args.get("review_id", 0, type=int)
    if not 0 < number <= LARGEST:
        raise NotFound
    return number
