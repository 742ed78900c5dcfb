"""From the upload of lists with faults to the faults page and the stored caseload, in a real browser."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qa_app.domain.access import Role, ScopeKind
from tests.journeys.conftest import Site

pytestmark = pytest.mark.browser
DATA = Path(__file__).parent.parent / "data" / "annexa"
LEAD = "lead.of.caseload@council.example"


def send(page: Page, name: str, day: str) -> None:
    """Choose a file and a day, and have it read."""
    page.goto("/caseload/imports/new")
    for part, value in zip(("day", "month", "year"), (day, "10", "2026"), strict=True):
        page.fill(f"#as_at-{part}", value)
    page.set_input_files("#files", DATA / name)
    page.get_by_role("button", name="Read the lists").click()


def test_lists_are_sent_looked_at_stored_and_compared(site: Site, person: Callable[[str], Page]) -> None:
    site.add(LEAD, "Lead of quality assurance", Role.QA_LEAD, ScopeKind.WHOLE_SERVICE)
    page = person(LEAD)
    send(page, "small_clean.xlsx", "29")
    page.wait_for_url(re.compile(r"/caseload/uploads/\d+$"))
    expect(page.locator("main")).to_contain_text("There is no earlier import to compare with.")
    page.get_by_role("button", name="Store these lists").click()
    page.wait_for_url(re.compile(r"/caseload/imports/\d+$"))
    expect(page.locator("main")).to_contain_text("The lists are stored: 200 open cases to draw from.")

    send(page, "small_dirty.xlsx", "30")
    page.wait_for_url(re.compile(r"/caseload/uploads/\d+$"))
    waiting = page.url
    expect(page.locator("#changes")).to_contain_text("of 200")
    lines = page.locator("#faults tbody tr")
    assert 15 < lines.count() <= 40
    unread = lines.filter(has_text="References that cannot be used")
    expect(unread.locator("li").first).to_be_hidden()
    unread.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(unread.locator("li").first).to_contain_text("tab list 3, row 30, column A")
    with page.expect_download() as download:
        page.get_by_role("link", name="workbook").click()
    assert download.value.suggested_filename == "caseload-faults-2026-10-30.xlsx"

    page.goto("/caseload")
    page.get_by_role("table", name="Waiting for you to look at, not stored yet").get_by_role("link").click()
    assert page.url == waiting
    page.get_by_role("button", name="Store these lists").click()
    page.wait_for_load_state()
    if page.get_by_text("There is a problem").count():
        page.get_by_label("Yes, these lists are shorter and that is right").check()
        page.get_by_role("button", name="Store these lists").click()
    page.wait_for_url(re.compile(r"/caseload/imports/\d+$"))
    dates = page.locator("#faults tbody tr").filter(has_text="Dates that cannot be true")
    dates.locator("summary").click()
    dates.get_by_role("link", name="A date after the as-at date").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A date after the as-at date")
    expect(page.locator("main")).to_contain_text("2062-03-14")
    page.go_back()
    page.get_by_role("button", name="Compare with the import before").click()
    expect(page.locator("#list-changes")).to_contain_text("Children in Need")
    page.locator("#changes").get_by_role("link", name="No longer open").click()
    page.locator("#cases tbody a").first.click()
    expect(page.get_by_role("table", name="In each import, newest first")).to_be_visible()

    throw_away(page)


def throw_away(page: Page) -> None:
    """The same files under another day are warned of, and thrown away."""
    send(page, "small_clean.xlsx", "28")
    page.wait_for_url(re.compile(r"/caseload/uploads/\d+$"))
    expect(page.locator("main")).to_contain_text("stored for another day already")
    page.get_by_role("button", name="Throw away").click()
    page.wait_for_url("**/caseload")
    expect(page.locator("main")).to_contain_text("Nothing of it was stored.")
    expect(page.locator("main")).not_to_contain_text("28 October 2026")
