"""The first page."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.references import review_ref
from qa_app.queries.home import RECENT_DAYS, get_home_page
from qa_app.web.shared.access import current_viewer, signed_in

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@signed_in
def index() -> ResponseReturnValue:
    """What should I do now?"""
    viewer = current_viewer()
    page = get_home_page(viewer, today=clock.today(), at=clock.now())
    return render_template(
        "home/index.html",
        heading="What needs doing",
        page=page,
        may={permission.value: viewer.may(permission) for permission in Permission},
        roles=", ".join(role.label for role in viewer.roles),
        review_ref=review_ref,
        today=clock.today(),
        recent_days=RECENT_DAYS,
    )
