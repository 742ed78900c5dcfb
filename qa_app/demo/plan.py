"""The demonstration's improvement plan, and what its actions answer.

Source: the seven columns are a table taken from a published improvement plan (position at the second quarter of
2016/17, sixty-nine actions under ten priorities), in the file beside this module. Everything else in the
demonstration is invented, and so is every link between this plan and the findings.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from qa_app.demo.rounds import Kept
from qa_app.domain.access import Viewer
from qa_app.exchange.plans.reader import read_plan
from qa_app.exchange.uploads import UploadedFile, sha256_of
from qa_app.queries.improvement import get_plan_sheet
from qa_app.queries.improvement_actions import get_action_sheet
from qa_app.services.improvement import import_plan
from qa_app.services.improvement_agencies import add_agency, name_written_agency
from qa_app.services.improvement_leads import assign_written_lead
from qa_app.services.improvement_links import link_finding, link_theme

PLAN_FILE = Path(__file__).with_name("improvement_plan_q2_2016.csv")
AS_AT = date(2016, 9, 30)
IMPORTED_AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MOST_FINDINGS = 3

ANSWERS = (
    ("supervision", "management_oversight"),
    ("chronolog", "chronologies"),
    ("assessment", "assessment_quality"),
    ("voice", "voice_of_the_child"),
    ("visit", "visits"),
    ("permanen", "permanence"),
    ("missing", "missing_and_return_interviews"),
    ("threshold", "thresholds"),
    ("recording", "recording"),
)
"""A word in an action, and the theme that the action is taken to answer."""
LEADS = {"DCS": "director", "HOS QI": "action.lead", "HOS S&CP": "head.safeguarding", "HOS C&R": "head.care"}
"""Written leads, and who they are taken to mean."""
AGENCIES = ("Health", "Police", "Education", "Housing")


def import_demonstration_plan(viewer: Viewer) -> int:
    """Import the plan as people would, under a name of its own, so that the published file can be imported too."""
    file = UploadedFile("Demonstration improvement plan.csv", PLAN_FILE.read_bytes() + b"\r\n")
    document = read_plan(file, AS_AT)
    sha256 = sha256_of([file])
    outcome = import_plan(viewer, document, file_name=file.name, sha256=sha256, plan_id=None, at=IMPORTED_AT)
    return outcome.plan_id


def match_people(viewer: Viewer, plan_id: int, user_ids: Mapping[str, int]) -> None:
    """Say whom some written leads mean, and name some agencies; the rest waits for somebody's decision."""
    for words, address in LEADS.items():
        assign_written_lead(viewer, plan_id, words, user_ids[address], at=IMPORTED_AT)
    for name in AGENCIES:
        agency = add_agency(viewer, name, at=IMPORTED_AT)
        name_written_agency(viewer, plan_id, name, agency.id, at=IMPORTED_AT)


def link_to_plan(viewer: Viewer, plan_id: int, kept: Kept) -> int:
    """Link the first action that speaks of a theme to the theme and to a few findings; gives the number of links."""
    lines = get_plan_sheet(viewer, plan_id).lines
    n_links = 0
    for word, theme in ANSWERS:
        action_id = next((line.action_id for line in lines if word in line.text.casefold()), None)
        findings = kept.weaknesses.get(theme, [])[:MOST_FINDINGS]
        if action_id is None or not findings:
            continue
        for finding_id in findings:
            reason = "The action sets out to change what this review found."
            link_finding(viewer, action_id, finding_id, reason, at=IMPORTED_AT)
            n_links += 1
        n_links += link_themes(viewer, action_id, theme)
    return n_links


def link_themes(viewer: Viewer, action_id: int, theme: str) -> int:
    """Link an action to the theme of this key, if the page of the action offers it."""
    words = theme.replace("_", " ").casefold()
    choices = get_action_sheet(viewer, action_id, AS_AT).theme_choices
    theme_id = next((choice.theme_id for choice in choices if words in choice.title.casefold()), None)
    if theme_id is None:
        return 0
    link_theme(
        viewer, action_id, theme_id, "Several reviews found the same; the action answers all.", at=IMPORTED_AT
    )
    return 1
