"""The page on which a condition is put together."""

from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app.domain.errors import NotFound
from qa_app.web.form_designer.conditions import PLACES, condition_page, edited_part
from qa_app.web.form_designer.pages import Bench, page_of

GONE = "That part is not in the draft any more: it was taken away, or the step that added it was undone."


def show_condition(
    bench: Bench, kind: str, key: str, look: str, status: int = 200, **more: Any
) -> ResponseReturnValue:
    """A condition on the bench; back to the form as a whole when its place is gone. Errors: NotFound."""
    if kind not in PLACES or (kind == "limit" and not (key.isdecimal() and len(key) < 4)):
        raise NotFound
    place = (kind, key)
    try:
        page = condition_page(bench.data, bench.draft.draft_id, place, look)
    except NotFound:
        return gone(bench.draft.draft_id)
    context = {
        **page_of(bench, edited_part(place)),
        "page": page,
        "kind": kind,
        "key": key,
        "fault": None,
        "sent": request.form,
        **more,
    }
    return make_response(render_template("form_designer/condition.html", **context), status)


def gone(draft_id: int) -> ResponseReturnValue:
    """Back to the form as a whole, saying that a part is not there any more."""
    flash(GONE, "note")
    return redirect(url_for("form_designer.show", draft_id=draft_id))
