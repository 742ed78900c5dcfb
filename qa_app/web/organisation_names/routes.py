"""Names in doubt: one queue of what may be one, merging with what moves shown before, and taking apart again."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.domain.house_words import NameKind, NameVerdict
from qa_app.queries.organisation_names import NamedRow, get_names_page, list_merge_choices
from qa_app.queries.organisation_people import get_practitioner
from qa_app.queries.organisation_users import list_user_proposals
from qa_app.services.case_flags import name_officer
from qa_app.services.organisation import add_practitioner, match_practitioner
from qa_app.services.organisation_merges import (
    MergePreview,
    decide_doubt,
    merge_names,
    preview_merge,
    take_apart,
)
from qa_app.web.organisation_names.forms import MergeForm
from qa_app.web.shared.access import current_viewer, requires
from qa_app.web.shared.template_filters import counted
from qa_app.web.shared.transactions import commits
from qa_app.web.shared.typed import chosen, plain

blueprint = Blueprint("organisation_names", __name__, url_prefix="/organisation/names")
WORDS = {"team": "team", "worker": "practitioner"}


@blueprint.get("")
@requires(Permission.MANAGE_ORGANISATION)
def index() -> ResponseReturnValue:
    """Every name that waits for somebody to say what it is, and what was said before."""
    viewer = current_viewer()
    page = get_names_page(viewer, clock.today())
    return render_template("organisation_names/index.html", page=page, proposals=list_user_proposals(viewer))


@blueprint.post("/apart")
@requires(Permission.MANAGE_ORGANISATION)
@commits
def decide() -> ResponseReturnValue:
    """Say that two names are two, or ask again about two of which that was said."""
    kind = _kind(request.form.get("kind", ""))
    name, other = ((plain(request.form.get(field)) or "")[:160].strip() for field in ("name", "other"))
    verdict = NameVerdict.OPEN if request.form.get("verdict") == "open" else NameVerdict.DIFFERENT
    if not name or not other:
        raise Invalid("name", "Say which two names are meant.")
    decide_doubt(current_viewer(), kind, name, other, verdict, at=clock.now())
    what = "are asked about again" if verdict is NameVerdict.OPEN else "are two different ones"
    flash(f"{name} and {other} {what}.", "success")
    return redirect(url_for("organisation_names.index"))


@blueprint.post("/officers")
@requires(Permission.IMPORT_CASELOAD)
@commits
def officer() -> ResponseReturnValue:
    """Say which practitioner a name on flags is, or that it is somebody new."""
    viewer = current_viewer()
    name = (plain(request.form.get("name")) or "")[:160].strip()
    answer = request.form.get("practitioner")
    try:
        person_id = chosen(answer)
        if answer == "new":
            person_id = add_practitioner(viewer, name, None, at=clock.now()).id
        if person_id is None:
            raise Invalid("practitioner", f"Choose who {name} is.")
        n = name_officer(viewer, name, person_id, at=clock.now())
    except Invalid as refused:
        flash(refused.message, "warning")
    else:
        flash(f"{counted(n, 'flag')} now name a practitioner.", "success")
    return redirect(url_for("organisation_names.index"))


@blueprint.post("/users/<int:user_id>")
@requires(Permission.MANAGE_ORGANISATION)
@commits
def match_user(user_id: int) -> ResponseReturnValue:
    """Say that a user is the practitioner who was proposed."""
    viewer = current_viewer()
    line = get_practitioner(viewer, chosen(request.form.get("practitioner")) or 0)
    try:
        match_practitioner(viewer, line.practitioner_id, line.team_id, user_id, at=clock.now())
    except (Invalid, Conflict) as refused:
        flash(refused.message, "warning")
    else:
        flash(f"{line.name} is matched with the user.", "success")
    return redirect(url_for("organisation_names.index"))


@blueprint.get("/<kind>/<int:row_id>/merge")
@requires(Permission.MANAGE_ORGANISATION)
def merging(kind: str, row_id: int) -> ResponseReturnValue:
    """Choose which name stays; with one chosen, what would move."""
    viewer = current_viewer()
    what = _kind(kind)
    own, others = list_merge_choices(viewer, what, row_id)
    into = chosen(request.args.get("into"))
    form = MergeForm(formdata=None, data={"into": into})
    preview = None
    if into is not None:
        preview = preview_merge(viewer, what, row_id, into)
    return _merge_page(what, own, others, form, preview)


@blueprint.post("/<kind>/<int:row_id>/merge")
@requires(Permission.MANAGE_ORGANISATION)
@commits
def merge(kind: str, row_id: int) -> ResponseReturnValue:
    """Make one name another spelling of a second one."""
    viewer = current_viewer()
    what = _kind(kind)
    own, others = list_merge_choices(viewer, what, row_id)
    form = MergeForm()
    form.into.choices = _choices(others)
    if form.validate_on_submit() and form.into.data is not None:
        try:
            merge_names(viewer, what, row_id, form.into.data, form.reason.data, at=clock.now())
        except (Invalid, Conflict) as refused:
            field = getattr(refused, "field", "into")
            form[field if field in form else "into"].errors = [refused.message]
        else:
            flash(
                f"{own.name} is now another spelling of the name you chose. You can take the two apart.",
                "success",
            )
            return redirect(url_for("organisation_names.index"))
    preview = None
    if form.into.data is not None and not form.into.errors:
        preview = preview_merge(viewer, what, row_id, form.into.data)
    return _merge_page(what, own, others, form, preview), 422


@blueprint.post("/merges/<int:merge_id>/apart")
@requires(Permission.MANAGE_ORGANISATION)
@commits
def apart(merge_id: int) -> ResponseReturnValue:
    """Take two names apart that were merged."""
    try:
        take_apart(current_viewer(), merge_id, at=clock.now())
    except Conflict as refused:
        flash(refused.message, "warning")
    else:
        flash("The two names were taken apart: what followed the one went back to it.", "success")
    return redirect(url_for("organisation_names.index"))


def _kind(words: str) -> NameKind:
    if words not in list(NameKind):
        raise NotFound
    return NameKind(words)


def _choices(others: tuple[NamedRow, ...]) -> list[tuple[object, str]]:
    return [("", "Choose a name"), *((one.row_id, one.label) for one in others)]


def _merge_page(
    kind: NameKind,
    own: NamedRow,
    others: tuple[NamedRow, ...],
    form: MergeForm,
    preview: MergePreview | None,
) -> str:
    form.into.choices = _choices(others)
    return render_template(
        "organisation_names/merge.html",
        kind=kind,
        word=WORDS[kind.value],
        own=own,
        form=form,
        preview=preview,
    )
