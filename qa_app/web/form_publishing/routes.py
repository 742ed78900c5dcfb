"""From a draft to a version: checking, publishing, the second person, and what moves to the newer version."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.caseload import PlanType
from qa_app.domain.errors import Invalid, NotFound
from qa_app.queries.audit_form_publishing import (
    compare_versions,
    get_proposal,
    get_publishing,
    get_version,
    list_second_people,
    list_waiting_proposals,
)
from qa_app.queries.form_cohorts import get_form_cohorts
from qa_app.services import audit_form_proposals as proposals_service
from qa_app.services.cohorts_forms import repin_cohort
from qa_app.services.reviews_moves import look_at_move, move_review
from qa_app.web.form_publishing.forms import DecisionForm, MoveForm, PublishForm, number_or_none
from qa_app.web.form_publishing.pages import (
    check_view,
    compare_view,
    form_href,
    proposal_line,
    proposal_view,
)
from qa_app.web.shared.access import current_viewer, record_view, requires
from qa_app.web.shared.template_filters import counted
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("form_publishing", __name__, url_prefix="/forms")
WRITERS = (Permission.MANAGE_FORMS, Permission.APPROVE_FORMS)


@blueprint.get("/drafts/<int:draft_id>/check")
@requires(*WRITERS)
def check(draft_id: int) -> ResponseReturnValue:
    """What a draft changes, what is wrong with it, and what it needs before it is a version."""
    return _check_page(draft_id, PublishForm(formdata=None))


@blueprint.post("/drafts/<int:draft_id>/publish")
@requires(Permission.MANAGE_FORMS)
@commits
def publish(draft_id: int) -> ResponseReturnValue:
    """Make a draft the next version of its form."""
    form = PublishForm()
    try:
        version = proposals_service.publish_draft(
            current_viewer(),
            draft_id,
            revision=number_or_none(form.revision.data) or 0,
            against=number_or_none(form.against.data),
            at=clock.now(),
        )
    except Invalid:
        return _check_page(draft_id, form), 422  # the page itself lists every fault
    flash(f"Version {version.number} is published. New cohorts use it from now on.", "success")
    return redirect(form_href(version.form.key))


@blueprint.post("/drafts/<int:draft_id>/propose")
@requires(Permission.MANAGE_FORMS)
@commits
def propose(draft_id: int) -> ResponseReturnValue:
    """Put a draft before a second person."""
    form = PublishForm()
    try:
        proposals_service.propose_draft(
            current_viewer(),
            draft_id,
            form.reason.data or "",
            revision=number_or_none(form.revision.data) or 0,
            against=number_or_none(form.against.data),
            at=clock.now(),
        )
    except Invalid as error:
        form.reason.errors = [*form.reason.errors, error.message]
        return _check_page(draft_id, form), 422
    flash("The version waits for a second person. It is published when they agree.", "success")
    return redirect(url_for("form_publishing.check", draft_id=draft_id))


@blueprint.get("/proposals")
@requires(*WRITERS)
def proposals() -> ResponseReturnValue:
    """The versions that wait for a second person."""
    viewer = current_viewer()
    rows = [proposal_line(one, viewer) for one in list_waiting_proposals(viewer)]
    return render_template("form_publishing/proposals.html", rows=rows)


@blueprint.get("/proposals/<int:proposal_id>")
@requires(*WRITERS)
def proposal(proposal_id: int) -> ResponseReturnValue:
    """One version that waits for a second person, or waited."""
    return _proposal_page(proposal_id, DecisionForm(formdata=None))


@blueprint.post("/proposals/<int:proposal_id>/approve")
@requires(Permission.APPROVE_FORMS)
@commits
def approve(proposal_id: int) -> ResponseReturnValue:
    """Agree to a version as the second person; it is published."""
    form = DecisionForm()
    version = proposals_service.approve_proposal(
        current_viewer(), proposal_id, form.decision.data or "", at=clock.now()
    )
    flash(f"You agreed: version {version.number} is published.", "success")
    return redirect(url_for("form_publishing.changes", form_key=version.form.key))


@blueprint.post("/proposals/<int:proposal_id>/refuse")
@requires(Permission.APPROVE_FORMS)
@commits
def refuse(proposal_id: int) -> ResponseReturnValue:
    """Disagree with a version, saying why."""
    form = DecisionForm()
    try:
        proposals_service.refuse_proposal(
            current_viewer(), proposal_id, form.decision.data or "", at=clock.now()
        )
    except Invalid as error:
        form.decision.errors = [*form.decision.errors, error.message]
        return _proposal_page(proposal_id, form), 422
    flash("The version was not agreed to. Its authors see what you said.", "success")
    return redirect(url_for("form_publishing.proposals"))


@blueprint.post("/proposals/<int:proposal_id>/withdraw")
@requires(Permission.MANAGE_FORMS)
@commits
def withdraw(proposal_id: int) -> ResponseReturnValue:
    """Take a version back before anybody decided."""
    taken = proposals_service.withdraw_proposal(current_viewer(), proposal_id, at=clock.now())
    flash("The version no longer waits for a second person.", "success")
    return redirect(url_for("form_publishing.check", draft_id=taken.draft_id))


@blueprint.get("/<form_key>/changes")
@requires(Permission.SEE_FORMS, *WRITERS)
def changes(form_key: str) -> ResponseReturnValue:
    """What changed between two published versions of a form."""
    first, last = (number_or_none(request.args.get(name)) for name in ("from", "to"))
    page = compare_view(compare_versions(current_viewer(), form_key, first, last))
    return render_template("form_publishing/changes.html", page=page, form_page=form_href(form_key))


@blueprint.get("/<form_key>/cohorts")
@requires(Permission.MANAGE_COHORTS)
def cohorts(form_key: str) -> ResponseReturnValue:
    """The cohorts that pin a form, and those that could move to its newest version."""
    page = get_form_cohorts(current_viewer(), form_key)
    return render_template("form_publishing/cohorts.html", page=page, form_page=form_href(form_key))


@blueprint.post("/publishing/cohorts/<int:cohort_id>/<plan_type>/<int:version_id>")
@requires(Permission.MANAGE_COHORTS)
@commits
def repin(cohort_id: int, plan_type: str, version_id: int) -> ResponseReturnValue:
    """Move a cohort to a newer version; reviews that are not started follow."""
    if plan_type not in set(PlanType):
        raise NotFound
    done = repin_cohort(current_viewer(), cohort_id, PlanType(plan_type), version_id, at=clock.now())
    stay = (
        f" {counted(done.n_staying, 'review')} that was begun stays on its version." if done.n_staying else ""
    )
    if done.n_staying > 1:
        stay = f" {counted(done.n_staying, 'review')} that were begun stay on their version."
    flash(
        f"The cohort is on the newer version, with {counted(done.n_moved, 'review')} not started.{stay}",
        "success",
    )
    key = get_version(current_viewer(), version_id).form.key
    return redirect(url_for("form_publishing.cohorts", form_key=key))


@blueprint.get("/publishing/reviews/<int:review_id>")
@requires(Permission.COMPLETE_REVIEWS)
def review_move(review_id: int) -> ResponseReturnValue:
    """What one's own started review would lose on the newest version of its form."""
    move = look_at_move(current_viewer(), review_id)
    record_view("review", review_id)
    return render_template(
        "form_publishing/review_move.html", page=move, form=MoveForm(formdata=None, agreed=move.mark)
    )


@blueprint.post("/publishing/reviews/<int:review_id>")
@requires(Permission.COMPLETE_REVIEWS)
@commits
def send_review_move(review_id: int) -> ResponseReturnValue:
    """Move one's own started review to the newest version, having read what is lost."""
    move = move_review(current_viewer(), review_id, MoveForm().agreed.data or "", at=clock.now())
    flash(f"{move.sheet.ref} is on version {move.number} now.", "success")
    return redirect(url_for("reviews.show", review_id=review_id))


def _check_page(draft_id: int, form: PublishForm) -> str:
    viewer = current_viewer()
    seen = get_publishing(viewer, draft_id)
    page = check_view(
        seen,
        viewer,
        list_second_people(viewer, seen.author_ids),
        may_write=viewer.may(Permission.MANAGE_FORMS),
    )
    form.revision.data = str(page.revision)
    form.against.data = str(page.against or "")
    return render_template("form_publishing/check.html", page=page, form=form)


def _proposal_page(proposal_id: int, form: DecisionForm) -> str:
    viewer = current_viewer()
    found = get_proposal(viewer, proposal_id)
    page = proposal_view(
        found,
        get_publishing(viewer, found.draft_id),
        get_version(viewer, found.against_version_id),
        viewer,
        may_write=viewer.may(Permission.MANAGE_FORMS),
    )
    return render_template("form_publishing/proposal.html", page=page, form=form)
