"""The bar under the header: the parts of the site that the viewer's roles open."""

from flask import current_app, g, request, url_for

from qa_app.config import Settings
from qa_app.domain.access import Permission
from qa_app.web.shared.access import viewer_or_none
from qa_app.web.shared.page_furniture import NavigationItem, PageFurniture
from qa_app.web.shared.record_pages import history_of_page

PARTS: tuple[tuple[str, str, tuple[Permission, ...]], ...] = (
    ("home.index", "Home", ()),
    ("reviews.index", "My reviews", (Permission.COMPLETE_REVIEWS,)),
    ("my_practice.index", "My practice", (Permission.SEE_OWN_PRACTICE,)),
    ("cohorts.index", "Cohorts", (Permission.SEE_COHORTS,)),
    ("referrals.index", "Referrals", (Permission.REFER_CASES,)),
    ("releases.index", "Release", (Permission.RELEASE_REVIEWS,)),
    ("themes.index", "Themes", (Permission.SEE_THEMES,)),
    ("audit_forms.index", "Audit forms", (Permission.SEE_FORMS,)),
    ("improvement.plan", "Improvement plan", (Permission.SEE_PLAN,)),
    ("improvement.exceptions", "Exception report", (Permission.SEE_EXCEPTION_REPORT,)),
    ("boards.index", "Board reports", (Permission.SEE_ISSUED_REPORTS, Permission.MANAGE_BOARDS)),
    ("caseload.index", "Caseload", (Permission.SEE_CASELOAD,)),
    ("organisation.index", "Organisation", (Permission.SEE_ORGANISATION,)),
    ("accounts.index", "Accounts", (Permission.MANAGE_USERS,)),
    ("leavers.index", "Leavers", (Permission.MANAGE_LEAVERS,)),
    ("accounts.who_can_do_what", "Who can do what", (Permission.SEE_ROLES,)),
    ("history.index", "History", (Permission.SEE_HISTORY,)),
    ("history.seen", "Access log", (Permission.SEE_ACCESS_LOG,)),
    ("health.system", "System", (Permission.MANAGE_USERS,)),
)
PAGES_OF_THEIR_OWN = frozenset({"improvement.exceptions", "accounts.who_can_do_what", "history.seen"})
"""Single pages that stand in the bar beside the part they belong to."""
PARTS_OF_OTHERS = {
    "cohort_cases": "cohorts",
    "programme": "cohorts",
    "form_designer": "audit_forms",
    "form_publishing": "audit_forms",
    "action_leads": "improvement",
    "report_drafts": "boards",
}
"""Features whose pages belong to another part of the bar."""


def furniture() -> PageFurniture:
    """What stands around the page for whoever asks."""
    settings: Settings = current_app.config["SETTINGS"]
    viewer = viewer_or_none()
    if viewer is None:
        return PageFurniture(site_name=settings.site_name, notice=settings.notice)
    if "furniture" not in g:
        items = tuple(
            NavigationItem(text, url_for(endpoint), is_current(endpoint))
            for endpoint, text, permissions in PARTS
            if endpoint in current_app.view_functions
            and (not permissions or any(viewer.may(permission) for permission in permissions))
        )
        g.furniture = PageFurniture(
            navigation=items,
            signed_in_as=viewer.name,
            role=", ".join(role.label for role in viewer.roles),
            site_name=settings.site_name,
            home_href=url_for("home.index"),
            sign_out_href=url_for("sign_in.sign_out"),
            account_href=url_for("your_account.sessions"),
            notice=settings.notice,
            history_href=history_of_page(),
        )
    found: PageFurniture = g.furniture
    return found


def is_current(endpoint: str) -> bool:
    """Whether the page shown lies in that part of the site."""
    here = request.endpoint or ""
    if endpoint in PAGES_OF_THEIR_OWN or here in PAGES_OF_THEIR_OWN:
        return here == endpoint
    part = here.split(".")[0]
    return PARTS_OF_OTHERS.get(part, part) == endpoint.split(".")[0]
