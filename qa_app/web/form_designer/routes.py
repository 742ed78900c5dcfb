"""The designer: a draft's outline, one panel at a time, and a preview as an auditor sees it."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.audit_forms import edits, edits_of_limits
from qa_app.domain.audit_forms.drafts import find_question, find_section, read, section_at, sections_of
from qa_app.domain.errors import Conflict, Invalid, NotFound, QaError
from qa_app.queries.audit_form_drafts import get_draft
from qa_app.services import audit_form_drafts as drafts
from qa_app.services.audit_form_drafts import ChangedMeanwhile
from qa_app.web.form_designer.arranging import arrangement
from qa_app.web.form_designer.borrowing import borrowed, show_borrowing
from qa_app.web.form_designer.condition_pages import gone, show_condition
from qa_app.web.form_designer.conditions import PLACES, edited_part, sent_edit
from qa_app.web.form_designer.forms import LimitForm, SectionForm, SettingsForm
from qa_app.web.form_designer.limits import limit_forms, limits_page
from qa_app.web.form_designer.pages import Bench, bench_of, page_of, presence
from qa_app.web.form_designer.panels import (
    Panel,
    give_back,
    question_form,
    question_panel,
    refuse,
    rename_from,
    section_panel,
    seen_of_request,
    short,
    show_panel,
    take_panel,
    take_question,
)
from qa_app.web.shared.access import current_viewer, requires
from qa_app.web.shared.answer_fields import storable
from qa_app.web.shared.template_filters import counted
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("form_designer", __name__, url_prefix="/forms/drafts/<int:draft_id>")
blueprint.register_error_handler(QaError, give_back)


def _bench(draft_id: int) -> Bench:
    bench = bench_of(current_viewer(), draft_id)
    if not bench.draft.is_open:
        raise Conflict("This draft is closed. Open the form to see its versions and its drafts.")
    return bench


def _form_panel(bench: Bench) -> Panel:
    return Panel("settings.html", ("form",), lambda _: {})


@blueprint.get("")
@requires(Permission.MANAGE_FORMS)
def show(draft_id: int) -> ResponseReturnValue:
    """The form as a whole: title, subject, what it is for."""
    bench = _bench(draft_id)
    form = SettingsForm(formdata=None)
    form.fill(bench.data)
    return show_panel(bench, _form_panel(bench), form)


@blueprint.post("")
@requires(Permission.MANAGE_FORMS)
@commits
def save_settings(draft_id: int) -> ResponseReturnValue:
    """Change what stands over the whole form."""
    bench = _bench(draft_id)
    form = SettingsForm()
    edit = partial(edits.change_settings, settings=form.settings(bench.data))
    to = partial(url_for, "form_designer.show", draft_id=draft_id)
    return take_panel(bench, _form_panel(bench), form, edit, "The form as a whole changed", to)


@blueprint.get("/sections/<key>")
@requires(Permission.MANAGE_FORMS)
def section(draft_id: int, key: str) -> ResponseReturnValue:
    """One section, with its questions in a list."""
    bench = _bench(draft_id)
    found = find_section(bench.data, key)
    if found is None:
        return gone(draft_id)
    form = SectionForm(formdata=None)
    form.fill(found)
    return show_panel(bench, section_panel(bench, key), form)


@blueprint.post("/sections/<key>")
@requires(Permission.MANAGE_FORMS)
@commits
def save_section(draft_id: int, key: str) -> ResponseReturnValue:
    """Change a section's title, guidance, grade and descriptors."""
    bench = _bench(draft_id)
    form = SectionForm()
    words = form.words()
    edit = partial(edits.change_section, key=key, words=words)
    also = rename_from("section", key, form.key.data)
    to = partial(
        url_for, "form_designer.section", draft_id=draft_id, key=(form.key.data or key) if also else key
    )
    what = f"Section changed: {short(words['title'])}"
    return take_panel(bench, section_panel(bench, key), form, edit, what, to, also)


@blueprint.post("/sections")
@requires(Permission.MANAGE_FORMS)
@commits
def add_section(draft_id: int) -> ResponseReturnValue:
    """Add a section at the end."""
    title = storable(request.form.get("title", "")).strip()
    edit = partial(edits.add_section, title=title)
    try:
        draft = drafts.change_draft(
            current_viewer(), draft_id, edit, what=f"Section added: {short(title)}", at=clock.now()
        )
    except Invalid as refusal:
        bench = _bench(draft_id)
        form = SettingsForm(formdata=None)
        form.fill(bench.data)
        return show_panel(bench, _form_panel(bench), form, 422, new_section_error=refusal.message)
    key = sections_of(read(draft.content))[-1]["section"]
    return redirect(url_for("form_designer.section", draft_id=draft_id, key=key))


@blueprint.post("/sections/<key>/questions")
@requires(Permission.MANAGE_FORMS)
@commits
def add_question(draft_id: int, key: str) -> ResponseReturnValue:
    """Add a question at the end of a section."""
    text = storable(request.form.get("new_text", "")).strip()
    edit = partial(edits.add_question, section=key, text=text, kind=request.form.get("new_type", ""))
    try:
        draft = drafts.change_draft(
            current_viewer(), draft_id, edit, what=f"Question added: {short(text)}", at=clock.now()
        )
    except Invalid as refusal:
        bench = _bench(draft_id)
        form = SectionForm(formdata=None)
        form.fill(section_at(bench.data, key))
        return show_panel(bench, section_panel(bench, key, refusal.message), form, 422)
    added = section_at(read(draft.content), key)["questions"][-1]["question"]
    return redirect(url_for("form_designer.question", draft_id=draft_id, key=added))


@blueprint.get("/questions/<key>")
@requires(Permission.MANAGE_FORMS)
def question(draft_id: int, key: str) -> ResponseReturnValue:
    """One question."""
    bench = _bench(draft_id)
    found = find_question(bench.data, key)
    if found is None:
        return gone(draft_id)
    form = question_form(bench, found, is_sent=False)
    return show_panel(bench, question_panel(bench, key), form)


@blueprint.post("/questions/<key>")
@requires(Permission.MANAGE_FORMS)
@commits
def save_question(draft_id: int, key: str) -> ResponseReturnValue:
    """Change a question."""
    bench = _bench(draft_id)

    def to() -> str:
        kept = find_question(get_draft(current_viewer(), draft_id).content, key) is not None
        new = key if kept else request.form.get("key", "").strip()
        return url_for("form_designer.question", draft_id=draft_id, key=new)

    return take_question(bench, key, to)


@blueprint.get("/limits")
@requires(Permission.MANAGE_FORMS)
def limits(draft_id: int) -> ResponseReturnValue:
    """The limits on the overall grade."""
    return limits_page(_bench(draft_id))


@blueprint.post("/limits")
@requires(Permission.MANAGE_FORMS)
@commits
def add_limit(draft_id: int) -> ResponseReturnValue:
    """Add a limit; when it applies is said next."""
    bench = _bench(draft_id)
    form = LimitForm(prefix="new-")
    because = storable(form.because.data or "")
    if not form.validate() or not because.strip():
        refuse(form, Invalid("because", "Say why the limit holds: the reviewer reads it."))
        return limits_page(bench, 422, new=form, form=form)
    edit = partial(edits_of_limits.add_limit, ceiling=form.ceiling.data, because=because)
    number = len(bench.data.get("limits", []))
    drafts.change_draft(bench.viewer, draft_id, edit, what="Limit added", at=clock.now())
    return redirect(url_for("form_designer.condition", draft_id=draft_id, kind="limit", key=number))


@blueprint.post("/limits/<int:number>")
@requires(Permission.MANAGE_FORMS)
@commits
def save_limit(draft_id: int, number: int) -> ResponseReturnValue:
    """Change a limit's ceiling or its reason."""
    bench = _bench(draft_id)
    form = LimitForm(prefix=f"limit-{number}-")
    because = storable(form.because.data or "")
    edit = partial(edits_of_limits.change_limit, number=number, ceiling=form.ceiling.data, because=because)

    def shown_again(status: int, message: str) -> ResponseReturnValue:
        typed = [(n, form if n == number else own, when) for n, own, when in limit_forms(bench)]
        return limits_page(bench, status, limits=typed, form=form, conflict_words=message)

    if not form.validate():
        return shown_again(422, "")
    try:
        drafts.change_draft(
            bench.viewer,
            draft_id,
            edit,
            what="Limit changed",
            at=clock.now(),
            seen=seen_of_request(),
            part=("limits",),
        )
    except ChangedMeanwhile as clash:
        return shown_again(409, clash.message)
    return redirect(url_for("form_designer.limits", draft_id=draft_id))


@blueprint.get("/conditions/<kind>/<key>")
@requires(Permission.MANAGE_FORMS)
def condition(draft_id: int, kind: str, key: str) -> ResponseReturnValue:
    """Put together when a part is asked, a finding is offered or a limit applies."""
    return show_condition(_bench(draft_id), kind, key, request.args.get("look", ""))


@blueprint.post("/conditions/<kind>/<key>")
@requires(Permission.MANAGE_FORMS)
@commits
def change_condition(draft_id: int, kind: str, key: str) -> ResponseReturnValue:
    """Add a line to a condition, take one away, or join its lines otherwise."""
    bench = _bench(draft_id)
    place = (kind, key)
    look = storable(request.form.get("look", ""))
    if kind not in PLACES or (kind == "limit" and not (key.isdecimal() and len(key) < 4)):
        raise NotFound
    try:
        edit, what = sent_edit(place, request.form, bench.data)
        drafts.change_draft(
            bench.viewer,
            draft_id,
            edit,
            what=what,
            at=clock.now(),
            seen=seen_of_request(),
            part=edited_part(place),
        )
    except ChangedMeanwhile as clash:
        message = f"{clash.message} This is how it stands now; make your change again if it is still wanted."
        return show_condition(bench, kind, key, look, 409, fault=message)
    except Invalid as refusal:
        return show_condition(bench, kind, key, look, 422, fault=refusal.message)
    return redirect(url_for("form_designer.condition", draft_id=draft_id, kind=kind, key=key))


@blueprint.post("/arrange")
@requires(Permission.MANAGE_FORMS)
@commits
def arrange(draft_id: int) -> ResponseReturnValue:
    """Move, copy, hide, bring back or take away a section, a question or a limit."""
    bench = _bench(draft_id)
    found = arrangement(bench.data, request.form)
    seen = seen_of_request() if found.is_careful else None
    try:
        draft = drafts.change_draft(
            bench.viewer, draft_id, found.edit, what=found.what, at=clock.now(), seen=seen, part=found.part
        )
    except Invalid as refusal:
        flash(refusal.message, "error")
        return redirect(found.href(draft_id, bench.data))
    return redirect(found.href(draft_id, read(draft.content)))


@blueprint.post("/undo")
@requires(Permission.MANAGE_FORMS)
@commits
def undo(draft_id: int) -> ResponseReturnValue:
    """Take the last step back."""
    return _walked(draft_id, drafts.undo)


@blueprint.post("/redo")
@requires(Permission.MANAGE_FORMS)
@commits
def redo(draft_id: int) -> ResponseReturnValue:
    """Make the step again that was last taken back."""
    return _walked(draft_id, drafts.redo)


def _walked(draft_id: int, walk: Callable[..., object]) -> ResponseReturnValue:
    try:
        walk(current_viewer(), draft_id, seen=seen_of_request(), at=clock.now())
    except ChangedMeanwhile as clash:
        flash(f"{clash.message} Nothing was undone or made again: look at it first.", "warning")
    return redirect(_back(draft_id))


def _back(draft_id: int) -> str:
    """The panel that was open, if it is one of the designer's."""
    home = url_for("form_designer.show", draft_id=draft_id)
    given = request.form.get("back", "")
    return given if given.startswith(f"{home}/") and "\\" not in given else home


@blueprint.get("/preview")
@requires(Permission.MANAGE_FORMS)
def preview(draft_id: int) -> ResponseReturnValue:
    """The whole form as an auditor would see it."""
    bench = _bench(draft_id)
    context = page_of(bench, ("form",), whole=True)
    return render_template("form_designer/preview.html", **context)


@blueprint.get("/state")
@requires(Permission.MANAGE_FORMS)
def state(draft_id: int) -> ResponseReturnValue:
    """Whether somebody changed the draft, for the page that is open."""
    draft = get_draft(current_viewer(), draft_id)
    words = presence(draft, current_viewer(), clock.now())
    return jsonify(revision=draft.revision, words=words, is_open=draft.is_open)


@blueprint.post("/discard")
@requires(Permission.MANAGE_FORMS)
@commits
def discard(draft_id: int) -> ResponseReturnValue:
    """Put the draft away; it can be taken up again."""
    draft = drafts.discard_draft(current_viewer(), draft_id, at=clock.now())
    flash("The draft is put away. It can be taken up again on the form's page.", "success")
    if draft.base_version_id is None:
        return redirect(url_for("audit_forms.index"))
    return redirect(url_for("audit_forms.form", form_key=draft.form_key))


@blueprint.get("/sections/<key>/borrow")
@requires(Permission.MANAGE_FORMS)
def borrow(draft_id: int, key: str) -> ResponseReturnValue:
    """Questions of another form, to take into a section."""
    bench = _bench(draft_id)
    if find_section(bench.data, key) is None:
        return gone(draft_id)
    return show_borrowing(bench, key, request.args.get("form", ""))


@blueprint.post("/sections/<key>/borrow")
@requires(Permission.MANAGE_FORMS)
@commits
def take_borrowed(draft_id: int, key: str) -> ResponseReturnValue:
    """Take questions of another form into a section."""
    bench = _bench(draft_id)
    form_key = request.form.get("form", "")
    chosen = borrowed(bench, form_key, request.form.getlist("question"))
    edit = partial(edits.borrow_questions, section=key, questions=chosen)
    what = f"{counted(len(chosen), 'question')} taken from {form_key}"
    try:
        drafts.change_draft(bench.viewer, draft_id, edit, what=what, at=clock.now())
    except Invalid as refusal:
        return show_borrowing(bench, key, form_key, refusal.message)
    return redirect(url_for("form_designer.section", draft_id=draft_id, key=key))
