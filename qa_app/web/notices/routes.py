"""What one was told."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.queries import notices
from qa_app.services import notices as notice_service
from qa_app.web.shared.access import current_viewer, signed_in
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("notices", __name__, url_prefix="/notices")


@blueprint.get("/")
@signed_in
def index() -> ResponseReturnValue:
    """Everything one was told, newest first."""
    return render_template("notices/index.html", lines=notices.list_notices(current_viewer()))


@blueprint.post("/<int:notice_id>/seen")
@signed_in
@commits
def seen(notice_id: int) -> ResponseReturnValue:
    """Take a notice off one's first page."""
    notice_service.mark_seen(current_viewer(), notice_id, at=clock.now())
    return redirect(url_for("home.index"))
