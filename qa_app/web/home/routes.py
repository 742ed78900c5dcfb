"""The first page."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.references import review_ref
from qa_app.queries.audit_form_publishing import count_to_agree
from qa_app.queries.boards import list_drafts, list_reports
from qa_app.queries.case_actions import count_own_case_actions
from qa_app.queries.home import RECENT_DAYS, get_home_page
from qa_app.queries.notices import list_notices
from qa_app.queries.plan_people import list_led_actions
from qa_app.queries.safeguarding_concerns import count_open_concerns
from qa_app.web.shared.access import current_viewer, signed_in

blueprint = Blueprint("home", __name__)

MOST_REPORTS = 6


@blueprint.get("/")
@signed_in
def index() -> ResponseReturnValue:
    """What should I do now?"""
    viewer = current_viewer()
    of_boards = viewer.may(Permission.SEE_ISSUED_REPORTS) and not viewer.may(Permission.SEE_EXCEPTION_REPORT)
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
        led_actions=list_led_actions(viewer, clock.today()),
        plan_is_whole=viewer.plan_reach(Permission.SEE_PLAN).whole_plan,
        drafts=list_drafts(viewer),
        told=list_notices(viewer, unseen_only=True),
        n_to_agree=count_to_agree(viewer),
        case_actions=count_own_case_actions(viewer, at=clock.now()),
        concerns=count_open_concerns(viewer, at=clock.now()),
        reports=list_reports(viewer, most=MOST_REPORTS) if of_boards else (),
        of_boards=of_boards,
    )
