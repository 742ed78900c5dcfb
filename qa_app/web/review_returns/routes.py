"""A submitted review goes back to its reviewer, and what changed when it came again."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.errors import Invalid, NotFound
from qa_app.domain.references import review_ref
from qa_app.domain.review_returns import LONGEST_REASON
from qa_app.queries.reviews import ReviewSheet, get_review_sheet
from qa_app.queries.reviews_return import get_return_point, list_submissions
from qa_app.services.reviews_return import ReturnReasons, let_point_stand, reopen_review, return_review
from qa_app.web.shared.access import current_viewer, record_view, requires
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.transactions import commits
from qa_app.web.shared.typed import plain

blueprint = Blueprint("review_returns", __name__, url_prefix="/reviews")


class ReasonForm(BaseForm):
    """Why a review is opened again."""

    reason = TextAreaField(
        "Why is it opened again?",
        validators=[
            InputRequired("Say why it is opened again: the reason stays with it."),
            Length(max=LONGEST_REASON),
        ],
    )


class StandsForm(BaseForm):
    """Why a returned answer stands."""

    words = TextAreaField(
        "Why does it stand as it is?",
        validators=[InputRequired("Say why it stands as it is."), Length(max=LONGEST_REASON)],
    )


@blueprint.get("/<int:review_id>/return")
@requires(Permission.RETURN_REVIEWS)
def choose(review_id: int) -> ResponseReturnValue:
    """The whole review with a box for a reason at each question."""
    return _return_page(review_id, ReturnReasons())


@blueprint.post("/<int:review_id>/return")
@requires(Permission.RETURN_REVIEWS)
@commits
def give_back(review_id: int) -> ResponseReturnValue:
    """Return it with the reasons given."""
    sent = {name: plain(words) or "" for name, words in request.form.items()}
    reasons = ReturnReasons(
        questions={
            name[2:]: words for name, words in sent.items() if name.startswith("q-") and words.strip()
        },
        grades={name[2:]: words for name, words in sent.items() if name.startswith("g-") and words.strip()},
        words=sent.get("words", ""),
    )
    try:
        return_review(current_viewer(), review_id, reasons, at=clock.now())
    except Invalid as refusal:
        return _return_page(review_id, reasons, refusal.message), 422
    flash(f"{review_ref(review_id)} is returned. Its reviewer sees your reasons at the questions.", "success")
    return redirect(url_for("home.index"), 303)


@blueprint.get("/<int:review_id>/reopen")
@requires(Permission.RETURN_REVIEWS)
def ask_reopen(review_id: int) -> ResponseReturnValue:
    """Say why it is opened again."""
    return _reopen_page(review_id, ReasonForm(formdata=None))


@blueprint.post("/<int:review_id>/reopen")
@requires(Permission.RETURN_REVIEWS)
@commits
def reopen(review_id: int) -> ResponseReturnValue:
    """Open it again."""
    form = ReasonForm()
    if form.validate():
        try:
            reopen_review(current_viewer(), review_id, form.reason.data or "", at=clock.now())
        except Invalid as refusal:
            form.reason.errors = [refusal.message]
        else:
            flash(f"{review_ref(review_id)} is open again. What was submitted is kept.", "success")
            return redirect(url_for("home.index"), 303)
    return _reopen_page(review_id, form), 422


@blueprint.get("/returned/<int:point_id>")
@requires(Permission.COMPLETE_REVIEWS)
def point(point_id: int) -> ResponseReturnValue:
    """Say why a returned answer stands."""
    return _point_page(point_id, StandsForm(formdata=None))


@blueprint.post("/returned/<int:point_id>")
@requires(Permission.COMPLETE_REVIEWS)
@commits
def stands(point_id: int) -> ResponseReturnValue:
    """Keep why it stands."""
    form = StandsForm()
    if form.validate():
        try:
            review_id = let_point_stand(current_viewer(), point_id, form.words.data or "", at=clock.now())
        except Invalid as refusal:
            form.words.errors = [refusal.message]
        else:
            flash("Kept: it stands as it is.", "success")
            return redirect(url_for("reviews.show", review_id=review_id), 303)
    return _point_page(point_id, form), 422


@blueprint.get("/<int:review_id>/submissions")
@requires(Permission.SEE_REVIEWS)
def submissions(review_id: int) -> ResponseReturnValue:
    """Every time it was handed in, and what changed."""
    found = list_submissions(current_viewer(), review_id)
    record_view("review", review_id)
    return render_template(
        "review_returns/submissions.html", submissions=found, review_id=review_id, ref=review_ref(review_id)
    )


def _submitted(review_id: int) -> ReviewSheet:
    sheet = get_review_sheet(current_viewer(), review_id)
    if sheet.submitted_at is None:
        raise NotFound
    record_view("review", review_id)
    return sheet


def _return_page(review_id: int, reasons: ReturnReasons, error: str = "") -> str:
    sheet = _submitted(review_id)
    given = set(sheet.answers_saved)
    return render_template(
        "review_returns/return.html",
        sheet=sheet,
        sections=[
            (section, [one for one in section.questions if one.key in given and not one.retired])
            for section in sheet.form.sections
            if not section.retired
        ],
        reasons=reasons,
        errors=[{"text": error, "href": "#reasons"}] if error else [],
    )


def _reopen_page(review_id: int, form: ReasonForm) -> str:
    return render_template("review_returns/reopen.html", sheet=_submitted(review_id), form=form)


def _point_page(point_id: int, form: StandsForm) -> str:
    found = get_return_point(current_viewer(), point_id)
    record_view("review", found.review_id)
    return render_template(
        "review_returns/point.html", point=found, form=form, ref=review_ref(found.review_id)
    )
