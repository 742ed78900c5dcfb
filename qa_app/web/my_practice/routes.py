"""What reviews say of somebody's own practice: strengths first, then each released review."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from qa_app.domain.access import Permission
from qa_app.queries.reviews_practice import get_practice_page
from qa_app.web.shared.access import current_viewer, record_view, requires

blueprint = Blueprint("my_practice", __name__, url_prefix="/my-practice")


@blueprint.get("")
@requires(Permission.SEE_OWN_PRACTICE)
def index() -> ResponseReturnValue:
    """Released reviews of one's own practice, of people one supervises, and of children one reviews or chairs for."""
    page = get_practice_page(current_viewer())
    for review_id in sorted({strength.review_id for strength in page.strengths}):
        record_view("review", review_id)
    return render_template("my_practice/index.html", page=page)
