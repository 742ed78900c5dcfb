"""One child over all uploads, found by the reference of the case system."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app.domain.access import Permission
from qa_app.domain.errors import NotFound
from qa_app.queries.caseload_children import find_child, get_child_page
from qa_app.web.caseload.blueprint import blueprint
from qa_app.web.caseload.forms import FindChildForm
from qa_app.web.shared.access import current_viewer, record_view, requires
from qa_app.web.shared.transactions import commits


@blueprint.get("/children")
@requires(Permission.SEE_CASELOAD)
def children() -> ResponseReturnValue:
    """The form to find a child by their reference."""
    return render_template("caseload/find_child.html", form=FindChildForm())


@blueprint.post("/children")
@requires(Permission.SEE_CASELOAD)
@commits
def find() -> ResponseReturnValue:
    """Find a child by their reference, which is sent in the body: no address holds it."""
    form = FindChildForm()
    if not form.validate_on_submit():
        return render_template("caseload/find_child.html", form=form), 422
    try:
        child_id = find_child(current_viewer(), form.ref.data or "")
    except NotFound:
        form.ref.errors = ["No upload holds this reference. Check it against the case system"]
        return render_template("caseload/find_child.html", form=form), 422
    return redirect(url_for("caseload.child", child_id=child_id), 303)


@blueprint.get("/children/<int:child_id>")
@requires(Permission.SEE_CASELOAD)
def child(child_id: int) -> ResponseReturnValue:
    """What each upload says about one child, as understood and as sent."""
    page = get_child_page(current_viewer(), child_id, request.args.get("import", None, int))
    record_view("child", child_id)
    return render_template("caseload/child.html", page=page)
