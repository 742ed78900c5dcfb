"""A sheet of flags from upload to the child's page, and two spellings of a team made one, by clicking."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qa_app.domain.access import Role, ScopeKind
from qa_app.extensions import db
from tests.builders_caseload import make_case, make_caseload
from tests.journeys.conftest import Site

pytestmark = pytest.mark.browser
LEAD = "lead@example.org"
Person = Callable[[str], Page]
SHEET = """Child ID,Flag,Date,IRO,Reason
0101,Complaint,1/10/2026,,Told by the family
0102,IRO,,Officer One,
0103,Complant open,,,
9999,Closing,,,
"""


@pytest.fixture(scope="module")
def lead(site: Site, person: Person) -> Page:
    """A QA lead on a council with three children in two spellings of one team."""
    site.add(LEAD, "Lead of quality assurance", Role.QA_LEAD, ScopeKind.WHOLE_SERVICE)
    with site.app.app_context():
        make_caseload(
            [
                make_case("0101", team="Assessment North", worker="Amara Okafor"),
                make_case("0102", team="Assessment North", worker="Li Wen"),
                make_case("0103", team="Assesment North", worker="Jo Smith"),
            ]
        )
        db.session.commit()
    return person(LEAD)


def test_a_sheet_of_flags_is_looked_at_decided_and_stored(lead: Page, tmp_path: Path) -> None:
    sheet = tmp_path / "flags.csv"
    sheet.write_text(SHEET)
    lead.goto("/caseload")
    lead.locator("main").get_by_role("link", name="Case flags").click()
    lead.get_by_role("button", name="Upload a sheet").click()
    for part, value in (("day", "30"), ("month", "10"), ("year", "2026")):
        lead.fill(f"#as_at-{part}", value)
    lead.set_input_files("#file", sheet)
    lead.get_by_label("Something to add").check()
    lead.get_by_role("button", name="Read the sheet").click()
    lead.wait_for_url(re.compile(r"/case-flags/sheets/\d+$"))
    main = lead.locator("main")
    expect(main).to_contain_text("Nothing has been kept yet")
    expect(main).to_contain_text("May be Complaint open")
    expect(main).to_contain_text("9999")
    lead.get_by_label("What Complant open means").select_option(label="The same as Complaint open")
    lead.get_by_role("button", name="Look again with these answers").click()
    expect(main.locator("caption", has_text="New flags")).to_have_text("New flags (3)")
    lead.get_by_role("button", name="Store these flags").click()
    lead.wait_for_url(re.compile(r"/case-flags$"))
    expect(main).to_contain_text("Stored: 3 new flags")
    lead.fill("#ref", "0101")
    lead.get_by_role("button", name="Open the child's flags").click()
    lead.wait_for_url(re.compile(r"/case-flags/children/\d+$"))
    expect(main).to_contain_text("Told by the family")
    expect(main).to_contain_text("Left out of draws")


def test_two_spellings_of_a_team_become_one_and_two_again(lead: Page) -> None:
    lead.goto("/organisation")
    main = lead.locator("main")
    expect(main).to_contain_text("Assesment North")
    main.get_by_role("link", name="Names in doubt, and names that were merged").click()
    lead.get_by_role("button", name="The same… Assesment North and Assessment North").click()
    lead.wait_for_url(re.compile(r"/merge\?into=\d+$"))
    expect(main).to_contain_text("Cases in the lists: 1")
    lead.fill("#reason", "A slip in the case system")
    lead.get_by_role("button", name="Merge the two").click()
    lead.wait_for_url(re.compile(r"/organisation/names$"))
    lead.goto("/organisation")
    expect(main).not_to_contain_text("Assesment North")
    line = lead.locator("summary", has_text="Assessment North")
    expect(line).to_contain_text("3 children")
    line.click()
    expect(main.get_by_role("table", name="Practitioners of Assessment North")).to_contain_text("Jo Smith")
    lead.goto("/organisation/names")
    lead.get_by_role("button", name=re.compile("^Take apart.*Assesment North and Assessment North")).click()
    expect(main).to_contain_text("The two names were taken apart")
    lead.goto("/organisation")
    expect(main).to_contain_text("Assesment North")
