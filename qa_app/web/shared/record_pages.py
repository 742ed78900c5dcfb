"""Which page shows which kind of record, for links from the history to a record and back."""

from typing import Any

from flask import current_app, request, url_for

from qa_app.web.shared.access import viewer_or_none

PAGES: dict[str, tuple[str, str]] = {
    "review": ("reviews.show", "review_id"),
    "finding": ("findings.show", "finding_id"),
    "case_action": ("case_actions.show", "case_action_id"),
    "safeguarding_concern": ("safeguarding_concerns.show", "concern_id"),
    "plan_action": ("improvement.action", "action_id"),
    "cohort": ("cohorts.show", "cohort_id"),
    "caseload_import": ("caseload.show", "import_id"),
    "theme": ("themes.show", "theme_id"),
    "team": ("organisation.team", "team_id"),
    "service_area": ("organisation.area", "area_id"),
    "practitioner": ("organisation.practitioner", "practitioner_id"),
    "board": ("boards.board", "board_id"),
    "issued_report": ("boards.report", "report_id"),
    "user": ("accounts.roles", "user_id"),
}
"""By kind: the page of a record, and the name of its number in the address."""
OTHER_PAGES = {
    "reviews.show_section": "review",
    "reviews.check": "review",
    "cohorts.selection": "cohort",
}
"""Further pages that show one record, with its kind."""


def page_of(kind: str, subject_id: int) -> str:
    """The address of a record's own page; nothing where it has none."""
    if kind not in PAGES or PAGES[kind][0] not in current_app.view_functions:
        return ""
    endpoint, name = PAGES[kind]
    numbers: dict[str, Any] = {name: subject_id}
    return url_for(endpoint, **numbers)


def history_of_page() -> str:
    """The address of the history of the record that this page shows; nothing where it shows none."""
    if viewer_or_none() is None or request.method != "GET":
        return ""
    for kind, (endpoint, name) in PAGES.items():
        if request.endpoint == endpoint or OTHER_PAGES.get(request.endpoint or "") == kind:
            return url_for("history.record", kind=kind, subject_id=(request.view_args or {})[name])
    return ""
