"""The improvement plan on screen: the plan, its exception report, one action and what it answers."""

from datetime import date, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.exchange.plans.reader import read_plan
from qa_app.exchange.uploads import UploadedFile
from qa_app.extensions import db
from qa_app.queries import cohorts_cases
from qa_app.queries import improvement as plans
from qa_app.queries.improvement_actions import get_action_sheet
from qa_app.queries.improvement_sheets import ActionSheet
from qa_app.services import improvement as improvement_service
from qa_app.services import improvement_links
from qa_app.web.improvement.forms import (
    NEW_PLAN,
    DecisionForm,
    FindingLinkForm,
    ThemeLinkForm,
    UploadForm,
    chosen_number,
    finding_number,
)
from qa_app.web.improvement.pages import Filters, action_view, exception_view, plan_view
from qa_app.web.improvement.previews import preview_view
from qa_app.web.shared.access import current_viewer, record_view, requires
from qa_app.web.shared.form_errors import form_errors
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("improvement", __name__, url_prefix="/plan")

NO_SUCH_DAY = "The date in the address is no date: the newest update is shown instead."


@blueprint.get("")
@requires(Permission.SEE_PLAN)
def plan() -> ResponseReturnValue:
    """The plan at a date, by priority, with filters; the plan imported last unless another is asked for."""
    viewer = current_viewer()
    known = plans.list_plans(viewer)
    if not known:
        return render_template(
            "improvement/none.html",
            may_import=viewer.may(Permission.MANAGE_PLAN),
            is_whole=viewer.plan_reach(Permission.SEE_PLAN).whole_plan,
        )
    plan_id = plans.choose_plan(viewer, _plan_asked())
    as_at, fault = _as_at()
    sheet = plans.get_plan_sheet(viewer, plan_id, as_at)
    filters = Filters(
        priority=request.args.get("priority", ""),
        rating=request.args.get("rating", ""),
        standing=request.args.get("standing", ""),
        lead=request.args.get("lead", ""),
    )
    page = plan_view(sheet, filters, [(row.plan_id, row.title) for row in known], fault)
    return render_template("improvement/show.html", page=page)


@blueprint.get("/exceptions")
@requires(Permission.SEE_EXCEPTION_REPORT)
def exceptions() -> ResponseReturnValue:
    """The exception report as at any date."""
    viewer = current_viewer()
    if not plans.is_any_plan(viewer):
        return render_template(
            "improvement/none.html", may_import=viewer.may(Permission.MANAGE_PLAN), is_whole=True
        )
    plan_id = plans.choose_plan(viewer, _plan_asked())
    as_at, fault = _as_at()
    page = exception_view(plans.get_exception_sheet(viewer, plan_id, as_at), fault)
    return render_template("improvement/exceptions.html", page=page)


@blueprint.get("/actions/<int:action_id>")
@requires(Permission.SEE_PLAN)
def action(action_id: int) -> ResponseReturnValue:
    """One action: how it stands, its story, and what it answers down to the answers in reviews."""
    sheet = get_action_sheet(current_viewer(), action_id, clock.today())
    return _action_page(sheet, ThemeLinkForm(formdata=None), FindingLinkForm(formdata=None))


@blueprint.post("/actions/<int:action_id>/themes")
@requires(Permission.MANAGE_PLAN)
@commits
def link_theme(action_id: int) -> ResponseReturnValue:
    """Link a theme to an action, with a reason."""
    viewer = current_viewer()
    form = ThemeLinkForm()
    try:
        theme_id = chosen_number(form.theme.data, "theme", "Choose a theme.")
        improvement_links.link_theme(
            viewer, action_id, theme_id, form.theme_reason.data or "", at=clock.now()
        )
    except Invalid as refused:
        field = form.theme_reason if refused.field == "reason" else form.theme
        field.errors = [refused.message]
        sheet = get_action_sheet(viewer, action_id, clock.today())
        return _action_page(sheet, form, FindingLinkForm(formdata=None)), 422
    flash("The theme is linked to this action.", "success")
    return redirect(url_for("improvement.action", action_id=action_id, _anchor="themes"))


@blueprint.post("/actions/<int:action_id>/findings")
@requires(Permission.MANAGE_PLAN)
@commits
def link_finding(action_id: int) -> ResponseReturnValue:
    """Link a finding to an action by its reference, with a reason."""
    viewer = current_viewer()
    form = FindingLinkForm()
    sheet = get_action_sheet(viewer, action_id, clock.today())
    try:
        finding_id = finding_number(form.finding.data or "")
        improvement_links.link_finding(
            viewer, action_id, finding_id, form.finding_reason.data or "", at=clock.now()
        )
    except Invalid as refused:
        field = form.finding_reason if refused.field == "reason" else form.finding
        field.errors = [refused.message]
        return _action_page(sheet, ThemeLinkForm(formdata=None), form), 422
    except NotFound as refused:
        form.finding.errors = [refused.message]
        return _action_page(sheet, ThemeLinkForm(formdata=None), form), 422
    flash("The finding is linked to this action.", "success")
    return redirect(url_for("improvement.action", action_id=action_id, _anchor="findings"))


@blueprint.post("/actions/<int:action_id>/themes/<int:link_id>/unlink")
@requires(Permission.MANAGE_PLAN)
@commits
def unlink_theme(action_id: int, link_id: int) -> ResponseReturnValue:
    """Take a link to a theme away."""
    improvement_links.unlink_theme(current_viewer(), action_id, link_id, at=clock.now())
    flash("The theme is no longer linked to this action.", "success")
    return redirect(url_for("improvement.action", action_id=action_id, _anchor="themes"))


@blueprint.post("/actions/<int:action_id>/findings/<int:link_id>/unlink")
@requires(Permission.MANAGE_PLAN)
@commits
def unlink_finding(action_id: int, link_id: int) -> ResponseReturnValue:
    """Take a link to a finding away."""
    improvement_links.unlink_finding(current_viewer(), action_id, link_id, at=clock.now())
    flash("The finding is no longer linked to this action.", "success")
    return redirect(url_for("improvement.action", action_id=action_id, _anchor="findings"))


@blueprint.get("/import")
@requires(Permission.MANAGE_PLAN)
def upload() -> ResponseReturnValue:
    """The form for sending a plan document."""
    return _upload_page(UploadForm(formdata=None))


@blueprint.post("/import")
@requires(Permission.MANAGE_PLAN)
@commits
def take_upload() -> ResponseReturnValue:
    """Read a document and hold it, so that somebody can look before anything is kept."""
    viewer = current_viewer()
    form = UploadForm()
    try:
        file = _sent_file(form)
        as_at = _statuses_as_at(form)
        into = None
        if form.into.data != NEW_PLAN:
            into = chosen_number(
                form.into.data, "into", "Say whether this is a new plan or a newer copy of one."
            )
        # Reading takes its time: the write lock that came with asking who is signed in is given back meanwhile.
        db.session.rollback()
        read_plan(file, as_at)
        improvement_service.refuse_repeated(viewer, as_at, file.sha256, into)
        kept = improvement_service.keep_upload(viewer, file.name, file.content, as_at, into, at=clock.now())
    except (Invalid, Conflict, NotFound) as refused:
        field = getattr(refused, "field", "file")
        at_fault = {"as_at": form.as_at, "into": form.into}.get(field, form.file)
        at_fault.errors = [refused.message]
        return _upload_page(form), refused.status
    return redirect(url_for("improvement.preview", upload_id=kept.id))


@blueprint.get("/imports/<int:upload_id>")
@requires(Permission.MANAGE_PLAN)
def preview(upload_id: int) -> ResponseReturnValue:
    """What was understood of a document, row by row, before anything is kept."""
    viewer = current_viewer()
    waiting = plans.get_upload(viewer, upload_id)
    file = UploadedFile(waiting.file_name, waiting.content)
    document = read_plan(file, waiting.as_at)
    changes = improvement_service.preview_changes(viewer, waiting.plan_id, document)
    page = preview_view(upload_id, file, document, waiting.plan_title, changes)
    return render_template("improvement/preview.html", page=page, form=DecisionForm(formdata=None))


@blueprint.post("/imports/<int:upload_id>")
@requires(Permission.MANAGE_PLAN)
@commits
def store(upload_id: int) -> ResponseReturnValue:
    """Keep a document that was looked at."""
    viewer = current_viewer()
    waiting = plans.get_upload(viewer, upload_id)
    file = UploadedFile(waiting.file_name, waiting.content)
    if request.form.get("sha256") != file.sha256:
        raise Conflict(
            "This is not the document that you looked at. Go to the import page and send it again."
        )
    outcome = improvement_service.import_plan(
        viewer,
        read_plan(file, waiting.as_at),
        file_name=file.name,
        sha256=file.sha256,
        plan_id=waiting.plan_id,
        at=clock.now(),
    )
    improvement_service.drop_upload(viewer, upload_id)
    said = f"{outcome.n_new} new actions, {outcome.n_updated} updates."
    flash(f"The plan was kept: {said}", "success")
    return redirect(url_for("improvement.plan", plan=outcome.plan_id))


def _upload_page(form: UploadForm) -> str:
    known = plans.list_plans(current_viewer())
    form.into.choices = {NEW_PLAN: "A new plan"} | {
        str(row.plan_id): f"A newer copy of “{row.title}”" for row in known
    }
    if form.into.data is None:
        form.into.data = request.args.get("plan", NEW_PLAN)
    return render_template("improvement/upload.html", form=form)


def _sent_file(form: UploadForm) -> UploadedFile:
    sent = form.file.data
    if not sent or not getattr(sent, "filename", ""):
        raise Invalid("file", "Choose the plan's document.")
    return UploadedFile(sent.filename, sent.read())


def _statuses_as_at(form: UploadForm) -> date:
    if not form.as_at.validate(form):
        raise Invalid("as_at", str(form.as_at.errors[0]))
    day: date | None = form.as_at.data
    if day is None:
        raise Invalid("as_at", "Enter the day on which the statuses in the document held.")
    if day > clock.today():
        raise Invalid("as_at", "This day lies in the future. Enter the day on which the statuses held.")
    return day


def _plan_asked() -> int | None:
    """The plan named in the address, if any. Errors: NotFound for what cannot be a plan's number."""
    asked = request.args.get("plan", "").strip()
    if not asked:
        return None
    try:
        return chosen_number(asked, "plan", "")
    except Invalid as error:
        raise NotFound("There is no such improvement plan.") from error


def _as_at() -> tuple[date | None, str]:
    """The date asked for in the address, and what is wrong with it."""
    asked = request.args.get("as_at", "").strip()
    if not asked:
        return None, ""
    try:
        return datetime.strptime(asked, "%Y-%m-%d").date(), ""  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None, NO_SUCH_DAY


def _action_page(sheet: ActionSheet, theme_form: ThemeLinkForm, finding_form: FindingLinkForm) -> str:
    theme_form.theme.choices = {"": "Choose a theme"} | {
        str(choice.theme_id): choice.title for choice in sheet.theme_choices
    }
    for finding in sheet.findings:
        record_view("finding", finding.finding_id)
    return render_template(
        "improvement/action.html",
        delivering=cohorts_cases.list_cohorts_of_action(current_viewer(), sheet.action_id),
        page=action_view(sheet, may_see_themes=current_viewer().may(Permission.SEE_THEMES)),
        theme_form=theme_form,
        finding_form=finding_form,
        link_form=DecisionForm(formdata=None),
        errors=[*form_errors(theme_form), *form_errors(finding_form)],
    )
