"""A QA lead plans a cohort, sees whom it would be drawn from, draws it, replaces a case, and closes it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from qa_app.domain.access import Role, ScopeKind
from qa_app.extensions import db
from tests.builders_caseload import make_caseload
from tests.builders_cohorts import mixed_cases
from tests.journeys.conftest import Site

pytestmark = pytest.mark.browser
LEAD, AUDITOR, MANAGER = "lead@example.org", "auditor@example.org", "director@example.org"
Person = Callable[[str], Page]


def test_from_plan_to_close(site: Site, person: Person) -> None:
    site.add(LEAD, "Lead of quality assurance", Role.QA_LEAD, ScopeKind.WHOLE_SERVICE)
    site.add(AUDITOR, "Auditor", Role.AUDITOR, ScopeKind.OWN_REVIEWS)
    site.add(MANAGER, "Director", Role.DIRECTOR, ScopeKind.WHOLE_SERVICE)
    with site.app.app_context():
        make_caseload(mixed_cases())
        db.session.commit()
    plan_and_preview(person(LEAD))
    board = draw(person(LEAD))
    allocate(person(LEAD), board)
    replaced = replace_a_case(person(LEAD), board)
    ask_and_approve_an_exemption(person, board, replaced)
    close(person(LEAD), board)


def plan_and_preview(page: Page) -> None:
    """The plan is seen before anything is drawn, and a quota fixed by hand shows at once."""
    page.goto("/cohorts/new?kind=thematic")
    page.select_option("#month", "2026-11")
    page.fill("#title", "Care leavers and plans")
    page.fill("#size", "8")
    page.fill("#seed", "thematic-1")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="Preview")).to_be_visible()
    expect(page.locator("main")).to_contain_text("8 cases, shared among strata by plan type.")
    page.get_by_label("Quota of Care leaver fixed by hand").fill("4")
    page.get_by_role("button", name="Preview again").click()
    row = page.get_by_role("row", name=re.compile("Care leaver"))
    expect(row.first).to_contain_text("4")
    # A plan that was changed after its preview is seen again before it is drawn.
    page.fill("#size", "9")
    page.get_by_role("button", name="Draw this cohort").click()
    expect(page.locator("main")).to_contain_text("9 cases, shared among strata by plan type.")


def draw(page: Page) -> str:
    """What was seen is drawn; the record proves it on a page to print."""
    page.get_by_role("button", name="Draw this cohort").click()
    page.wait_for_url(re.compile(r"/cohorts/\d+$"))
    board = page.url
    expect(page.get_by_role("heading", name="Care leavers and plans")).to_be_visible()
    page.goto(f"{board}/selection")
    expect(page.locator("main")).to_contain_text("Drawn again just now from this record: the same 9 cases.")
    expect(page.locator("main")).to_contain_text("Siblings of a drawn child: not drawn.")
    page.goto(board)
    return board


def allocate(page: Page, board: str) -> None:
    """Every case has its auditor."""
    page.goto(f"{board}/allocation")
    page.get_by_role("checkbox", name="Auditor", exact=True).check()
    page.get_by_role("button", name="Allocate").click()
    page.wait_for_url(board)
    expect(page.locator("main")).to_contain_text("9 of 9")


def replace_a_case(page: Page, board: str) -> str:
    """The next reserve takes the place of a case that cannot be reviewed, and the board says so."""
    first = page.locator("table a[href*='/cases/']").first
    ref = first.inner_text()
    first.click()
    page.get_by_label("Why it cannot be reviewed").fill("The file is under legal hold")
    page.get_by_role("button", name="Replace this case").click()
    page.wait_for_url(board)
    expect(page.locator("main")).to_contain_text("The next reserve is case 10.")
    set_aside = page.get_by_role("table", name=re.compile("Set aside"))
    expect(set_aside).to_contain_text(ref)
    return ref


def ask_and_approve_an_exemption(person: Person, board: str, replaced: str) -> None:
    """The auditor asks, the director decides; the case counts no more."""
    auditor = person(AUDITOR)
    auditor.get_by_role("link", name="My reviews", exact=True).first.click()
    number = auditor.locator("a[href*='/reviews/']").first.get_attribute("href") or ""
    review_id = re.search(r"/reviews/(\d+)", number)
    assert review_id is not None
    auditor.goto(f"/cohorts/reviews/{review_id[1]}/ask")
    auditor.get_by_label("Why it need not be reviewed").fill("The case moved to another council")
    auditor.get_by_role("button", name="Ask for an exemption").click()
    expect(auditor.locator("main")).to_contain_text("You have asked for an exemption")
    director = person(MANAGER)
    director.goto("/cohorts/requests")
    expect(director.locator("main")).to_contain_text("The case moved to another council")
    director.get_by_label("Approve").check()
    director.get_by_role("button", name="Decide").click()
    expect(director.locator("main")).to_contain_text("Approved.")
    lead = person(LEAD)
    lead.goto(board)
    expect(lead.get_by_role("table", name=re.compile("Set aside"))).to_contain_text(replaced)
    expect(lead.locator("main")).to_contain_text("of 8")


def close(page: Page, board: str) -> None:
    """Closing without all reviews takes words, which stay."""
    page.goto(f"{board}/close")
    page.get_by_role("button", name="Close this cohort").click()
    expect(page.locator("main")).to_contain_text("8 of 8 reviews are not submitted")
    page.get_by_label("What was and was not done, and why").fill("Stopped: the inspection took the month.")
    page.get_by_role("button", name="Close this cohort").click()
    page.wait_for_url(board)
    expect(page.locator("main")).to_contain_text("Stopped: the inspection took the month.")
    expect(page.get_by_role("button", name="Allocate cases")).to_have_count(0)
