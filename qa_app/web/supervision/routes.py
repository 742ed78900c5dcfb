"""Reviews in supervision: who has something to talk over, one printed sheet each, and the ticks."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField
from wtforms.validators import Length

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.errors import Invalid, NotFound
from qa_app.domain.references import review_ref
from qa_app.domain.review_replies import LONGEST_WORDS
from qa_app.queries.supervision import get_supervision_page, get_supervision_sheet
from qa_app.services.reviews_replies import note_supervision, take_back_supervision
from qa_app.web.shared.access import current_viewer, record_view, requires
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.date_fields import DayField
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("supervision", __name__, url_prefix="/supervision")


class TalkForm(BaseForm):
    """That a review was talked over."""

    held_on = DayField("When did you talk it over?")
    words = TextAreaField("What was agreed (optional)?", validators=[Length(max=LONGEST_WORDS)])


@blueprint.get("")
@requires(Permission.SEE_OWN_PRACTICE, Permission.SEE_REVIEWS)
def index() -> ResponseReturnValue:
    """People with reviews to talk over, and how many were, by team."""
    return render_template("supervision/index.html", page=get_supervision_page(current_viewer()))


@blueprint.get("/<int:practitioner_id>")
@requires(Permission.SEE_OWN_PRACTICE)
def sheet(practitioner_id: int) -> ResponseReturnValue:
    """One practitioner's sheet, to print on one page."""
    return _sheet_page(practitioner_id)


@blueprint.post("/<int:practitioner_id>/reviews/<int:review_id>")
@requires(Permission.SEE_OWN_PRACTICE)
@commits
def note(practitioner_id: int, review_id: int) -> ResponseReturnValue:
    """Tick that a review was talked over, or take the tick back."""
    viewer = current_viewer()
    if request.form.get("take_back"):
        take_back_supervision(viewer, review_id, practitioner_id, at=clock.now())
        flash(f"The tick at {review_ref(review_id)} is taken back.", "success")
        return redirect(url_for("supervision.sheet", practitioner_id=practitioner_id), 303)
    form = TalkForm(prefix=f"r{review_id}")
    if form.validate():
        try:
            if form.held_on.data is None:
                raise Invalid("held_on", "Enter the day on which you talked it over.")
            note_supervision(
                viewer, review_id, practitioner_id, form.held_on.data, form.words.data or "", at=clock.now()
            )
        except Invalid as refusal:
            form[refusal.field if refusal.field in form else "words"].errors = [refusal.message]
        else:
            flash(f"{review_ref(review_id)} is ticked as talked over.", "success")
            return redirect(url_for("supervision.sheet", practitioner_id=practitioner_id), 303)
    return _sheet_page(practitioner_id, (review_id, form)), 422


def _sheet_page(practitioner_id: int, sent: tuple[int, TalkForm] | None = None) -> str:
    viewer = current_viewer()
    page = get_supervision_sheet(viewer, practitioner_id)
    forms = {one.review_id: TalkForm(formdata=None, prefix=f"r{one.review_id}") for one in page.to_discuss}
    if sent is not None:
        if sent[0] not in forms:
            raise NotFound
        forms[sent[0]] = sent[1]
    for one in (*page.to_discuss, *page.discussed):
        record_view("review", one.review_id)
    return render_template(
        "supervision/sheet.html", page=page, forms=forms, today=clock.today(), user_id=viewer.user_id
    )
