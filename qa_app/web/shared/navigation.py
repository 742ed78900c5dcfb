"""The bars under the header: the parts of the site that the viewer's roles open, and the pages of the part shown."""

from dataclasses import dataclass

from flask import current_app, g, request, url_for

from qa_app.config import Settings
from qa_app.domain.access import Permission, Viewer
from qa_app.web.shared.access import viewer_or_none
from qa_app.web.shared.page_furniture import NavigationItem, PageFurniture
from qa_app.web.shared.record_pages import history_of_page

P = Permission


@dataclass(frozen=True)
class Page:
    """A page that has a place in the bars; without permissions, it is everybody's."""

    endpoint: str
    text: str
    permissions: tuple[Permission, ...] = ()

    def is_open_to(self, viewer: Viewer) -> bool:
        """Whether a viewer's roles open it."""
        is_there = self.endpoint in current_app.view_functions
        return is_there and (not self.permissions or any(viewer.may(each) for each in self.permissions))


PARTS: tuple[tuple[str, tuple[Page, ...]], ...] = (
    ("Home", (Page("home.index", "Home"),)),
    ("My reviews", (Page("reviews.index", "My reviews", (P.COMPLETE_REVIEWS,)),)),
    (
        "My practice",
        (
            Page("my_practice.index", "My practice", (P.SEE_OWN_PRACTICE,)),
            Page("supervision.index", "Supervision", (P.SEE_OWN_PRACTICE, P.SEE_REVIEWS)),
        ),
    ),
    (
        "Cohorts",
        (
            Page("cohorts.index", "Cohorts", (P.SEE_COHORTS,)),
            Page("referrals.index", "Referrals", (P.REFER_CASES,)),
            Page("releases.index", "Release", (P.RELEASE_REVIEWS,)),
            Page("review_replies.waiting", "Challenges", (P.RETURN_REVIEWS,)),
            Page("cohort_cases.requests", "Requests", (P.MANAGE_COHORTS, P.APPROVE_EXEMPTIONS)),
            Page("programme.index", "Programme", (P.SEE_COHORTS,)),
            Page("programme.capacity", "Capacity", (P.MANAGE_COHORTS,)),
            Page("programme.coverage", "Coverage", (P.SEE_COHORTS,)),
        ),
    ),
    (
        "Children",
        (
            Page("safeguarding_concerns.index", "Concerns", (P.SEE_CONCERNS,)),
            Page("case_actions.index", "Actions for children", (P.SEE_CASE_ACTIONS,)),
        ),
    ),
    (
        "Themes",
        (
            Page("themes.index", "Themes", (P.SEE_THEMES,)),
            Page("measures.index", "Measures", (P.SEE_THEMES,)),
            Page("measures.conversations", "Conversations", (P.SEE_THEMES,)),
        ),
    ),
    (
        "Audit forms",
        (
            Page("audit_forms.index", "Forms", (P.SEE_FORMS,)),
            Page("form_publishing.proposals", "Forms to agree", (P.MANAGE_FORMS, P.APPROVE_FORMS)),
        ),
    ),
    (
        "Improvement plan",
        (
            Page("improvement.plan", "Plan", (P.SEE_PLAN,)),
            Page("action_leads.people", "Leads and agencies", (P.MANAGE_PLAN,)),
            Page("improvement.exceptions", "Exception report", (P.SEE_EXCEPTION_REPORT,)),
            Page("boards.index", "Board reports", (P.SEE_ISSUED_REPORTS, P.MANAGE_BOARDS)),
        ),
    ),
    (
        "Caseload",
        (
            Page("caseload.index", "Uploads", (P.SEE_CASELOAD,)),
            Page("case_flags.index", "Flags on cases", (P.SEE_CASELOAD,)),
        ),
    ),
    (
        "Organisation",
        (
            Page("organisation.index", "Structure", (P.SEE_ORGANISATION,)),
            Page("organisation_names.index", "Names in doubt", (P.MANAGE_ORGANISATION,)),
        ),
    ),
    (
        "Administration",
        (
            Page("accounts.index", "Accounts", (P.MANAGE_USERS,)),
            Page("leavers.index", "Leavers", (P.MANAGE_LEAVERS,)),
            Page("accounts.who_can_do_what", "Who can do what", (P.SEE_ROLES,)),
            Page("history.index", "History", (P.SEE_HISTORY,)),
            Page("history.seen", "Access log", (P.SEE_ACCESS_LOG,)),
            Page("health.system", "System", (P.MANAGE_USERS,)),
        ),
    ),
)
"""The parts in order, each with its pages. A part of which a viewer may open one page is called after that page."""
BELONGS_TO = {
    "cohort_cases": "cohorts.index",
    "panel_meetings": "cohorts.index",
    "review_returns": "reviews.index",
    "form_designer": "audit_forms.index",
    "form_publishing": "audit_forms.index",
    "form_files": "audit_forms.index",
    "action_leads": "improvement.plan",
    "report_drafts": "boards.index",
    "organisation_sheet": "organisation.index",
    "account_access": "accounts.index",
}
"""Features without a page in the bars, and the page that theirs lie under."""


def furniture() -> PageFurniture:
    """What stands around the page for whoever asks."""
    settings: Settings = current_app.config["SETTINGS"]
    viewer = viewer_or_none()
    if viewer is None:
        return PageFurniture(site_name=settings.site_name, notice=settings.notice)
    if "furniture" not in g:
        parts, pages = bars(viewer)
        g.furniture = PageFurniture(
            navigation=parts,
            pages=pages,
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


def bars(viewer: Viewer) -> tuple[tuple[NavigationItem, ...], tuple[NavigationItem, ...]]:
    """The parts that a viewer may open, and the pages of the part shown where it has several."""
    here = place_of(request.endpoint or "")
    parts: list[NavigationItem] = []
    pages: tuple[NavigationItem, ...] = ()
    for text, members in PARTS:
        found = [page for page in members if page.is_open_to(viewer)]
        if not found:
            continue
        is_here = any(page.endpoint == here for page in found)
        name = found[0].text if len(found) == 1 and len(members) > 1 and found[0] != members[0] else text
        parts.append(NavigationItem(name, url_for(found[0].endpoint), is_here))
        if is_here and len(found) > 1:
            pages = tuple(
                NavigationItem(page.text, url_for(page.endpoint), page.endpoint == here) for page in found
            )
    return tuple(parts), pages


def place_of(endpoint: str) -> str:
    """The page of the bars under which another page lies: itself, or the one of its feature."""
    listed = [page.endpoint for _, members in PARTS for page in members]
    if endpoint in listed:
        return endpoint
    feature = endpoint.split(".")[0]
    of_feature = (each for each in listed if each.split(".")[0] == feature)
    return BELONGS_TO.get(feature) or next(of_feature, "")
