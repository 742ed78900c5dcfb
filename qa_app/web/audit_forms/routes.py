"""The shelf of audit forms: every form, its versions to read, and the way to a draft."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectChoice

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.errors import Conflict, Invalid
from qa_app.queries.audit_form_shelf import FormPage, FormShelf, get_form_page, get_version, list_forms
from qa_app.services import audit_form_drafts as drafts
from qa_app.web.audit_forms.forms import FORM_KEY, NewForm
from qa_app.web.shared.access import current_viewer, requires
from qa_app.web.shared.form_preview import SUBJECT_WORDS, preview_of
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("audit_forms", __name__, url_prefix="/forms")
FILES = (("xlsx", "Workbook"), ("yaml", "YAML"), ("json", "JSON"))
"""How a version goes out: a workbook for Excel, text that can be compared, data."""


@blueprint.get("")
@requires(Permission.SEE_FORMS)
def index() -> ResponseReturnValue:
    """Every audit form: what it looks at, its newest version, where it is in use, whose draft is open."""
    shelf = list_forms(current_viewer())
    return render_template("audit_forms/index.html", page=shelf, subjects=SUBJECT_WORDS)


@blueprint.get("/new")
@requires(Permission.MANAGE_FORMS)
def new() -> ResponseReturnValue:
    """Begin a new form."""
    return _new_page(_new_form(list_forms(current_viewer())))


@blueprint.post("/new")
@requires(Permission.MANAGE_FORMS)
@commits
def add() -> ResponseReturnValue:
    """Begin a draft of a form that does not exist yet, empty or as a copy."""
    viewer = current_viewer()
    shelf = list_forms(viewer)
    form = _new_form(shelf)
    key = (form.key.data or "").strip()
    if not form.validate():
        return _new_page(form, 422)
    if key and not FORM_KEY.fullmatch(key):
        form.key.errors = ["A key has small letters, figures and hyphens, and begins with a letter."]
        return _new_page(form, 422)
    copied = next((line for line in shelf.forms if line.form_key == form.copy_of.data), None)
    content = copied.form.to_data() if copied else None
    what = f"Begun as a copy of {copied.title}, version {copied.number}" if copied else "Begun as a new form"
    try:
        draft = drafts.start_new_form(
            viewer, form.title.data or "", at=clock.now(), content=content, key=key, what=what
        )
    except Conflict as refusal:
        form.key.errors = [refusal.message]
        return _new_page(form, 422)
    except Invalid as refusal:
        at_fault = form.key if refusal.field == "content" else form.title
        at_fault.errors = [refusal.message]
        return _new_page(form, 422)
    return redirect(url_for("form_designer.show", draft_id=draft.id))


def _new_form(shelf: FormShelf) -> NewForm:
    form = NewForm()
    form.copy_of.choices = [
        SelectChoice("", "Nothing: begin with an empty form"),
        *(SelectChoice(line.form_key, f"{line.title}, version {line.number}") for line in shelf.forms),
    ]
    return form


def _new_page(form: NewForm, status: int = 200) -> ResponseReturnValue:
    return make_response(render_template("audit_forms/new.html", form=form), status)


@blueprint.get("/<form_key>")
@requires(Permission.SEE_FORMS)
def form(form_key: str) -> ResponseReturnValue:
    """One form: its versions, and its draft."""
    page = get_form_page(current_viewer(), form_key)
    return render_template(
        "audit_forms/form.html",
        page=page,
        subjects=SUBJECT_WORDS,
        form_links=_form_links(page),
        files=FILES,
    )


def _form_links(page: FormPage) -> list[tuple[str, str]]:
    """What else can be done with a form, as far as the viewer may: what changed, its cohorts, its reviews."""
    viewer, key = current_viewer(), page.form_key
    links = []
    if len(page.versions) > 1:
        href = url_for("form_publishing.changes", form_key=key)
        links.append(("What changed between versions", href))
    if viewer.may(Permission.MANAGE_COHORTS):
        href = url_for("form_publishing.cohorts", form_key=key)
        links.append(("Which cohorts use which version, and moving them on", href))
    if viewer.may(Permission.SEE_REVIEWS) and any(version.n_reviews for version in page.versions):
        href = url_for("form_files.reviews_file", form_key=key, file_format="xlsx")
        links.append(("Submitted reviews on this form, as a workbook", href))
    return links


@blueprint.get("/<form_key>/versions/<int:number>")
@requires(Permission.SEE_FORMS)
def version(form_key: str, number: int) -> ResponseReturnValue:
    """One version, as an auditor sees it."""
    read = get_version(current_viewer(), form_key, number)
    return render_template("audit_forms/version.html", page=read, preview=preview_of(read.form))


@blueprint.post("/<form_key>/drafts")
@requires(Permission.MANAGE_FORMS)
@commits
def start(form_key: str) -> ResponseReturnValue:
    """Begin a draft from the newest version; an open one is gone on with."""
    viewer = current_viewer()
    page = get_form_page(viewer, form_key)
    if page.draft is not None:
        flash(f"A draft was open already, last changed by {page.draft.updated_by}. This is it.", "note")
        return redirect(url_for("form_designer.show", draft_id=page.draft.draft_id))
    draft = drafts.start_draft(viewer, form_key, at=clock.now())
    return redirect(url_for("form_designer.show", draft_id=draft.id))


@blueprint.post("/drafts-put-away/<int:draft_id>")
@requires(Permission.MANAGE_FORMS)
@commits
def take_up(draft_id: int) -> ResponseReturnValue:
    """Take up a draft again that was put away."""
    draft = drafts.reopen_draft(current_viewer(), draft_id, at=clock.now())
    if request.form.get("to") == "list":
        return redirect(url_for("audit_forms.index"))
    return redirect(url_for("form_designer.show", draft_id=draft.id))
