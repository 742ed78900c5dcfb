"""From the child-level lists to the exception report, by clicking, as the people of a council do it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from qa_app.domain.access import Role, ScopeKind
from tests.journeys.conftest import Site

pytestmark = pytest.mark.browser

DATA = Path(__file__).parent.parent / "data"
LEAD, HEAD, IMPROVER = "lead@example.org", "head@example.org", "improvement@example.org"
AUDITORS = [f"auditor{n}@example.org" for n in range(1, 5)]
FINDING = "The plan names no dates and nobody who would act if the risk grew."
REASON = "The action asks managers to make plans specific and dated."

Person = Callable[[str], Page]


def test_the_whole_line(site: Site, person: Person) -> None:
    site.add(LEAD, "Lead of quality assurance", Role.QA_LEAD, ScopeKind.WHOLE_SERVICE)
    for number, email in enumerate(AUDITORS, 1):
        site.add(email, f"Auditor {number}", Role.AUDITOR, ScopeKind.OWN_REVIEWS)
    upload_caseload(person(LEAD))
    make_cohort(person(LEAD))
    team = allocate_and_place_team(site, person)
    finding_ref = review_and_submit(person(AUDITORS[0]), team)
    theme = head_opens_theme(person(HEAD), finding_ref)
    action_ref = improvement_links(site, person, finding_ref, theme)
    review_leads_back_up(person(HEAD), finding_ref, action_ref)
    exception_report(person(IMPROVER))


def upload_caseload(page: Page) -> None:
    """Step 1: the lists are uploaded, looked at and stored, and the page says what was read."""
    page.get_by_role("link", name="Caseload", exact=True).click()
    page.goto("/caseload/imports/new")
    fill_day(page, "as_at", "30", "10", "2026")
    page.set_input_files("#files", DATA / "annexa" / "borough_clean.xlsx")
    page.locator("main button[type=submit]").click()
    page.wait_for_url(re.compile(r"/caseload/uploads/\d+$"))
    expect(page.locator("main")).to_contain_text("Nothing is stored until you say so")
    page.get_by_role("button", name="Store these lists").click()
    page.wait_for_url(re.compile(r"/caseload/imports/\d+$"))
    words = page.locator("main").inner_text()
    # The figures of tests/data/annexa/borough_clean.xlsx.truth.json
    for figure in ("3,403", "8,671", "2,427", "2,138", "456", "351", "191", "2,680", "31", "202", "10,036"):
        assert figure in words, figure


def make_cohort(page: Page) -> None:
    """Step 2: 53 cases, drawn from a seed by quota, each saying why."""
    page.goto("/cohorts/new")
    page.select_option("#month", "2026-11")
    expect(page.locator("#size")).to_have_value("53")
    page.fill("#seed", "november-2026")
    page.locator("main button[type=submit]").first.click()
    expect(page.get_by_role("heading", name="Preview")).to_be_visible()
    expect(page.locator("main")).to_contain_text("2,680")
    page.get_by_role("button", name=re.compile("Draw")).click()
    page.wait_for_url(re.compile(r"/cohorts/\d+$"))
    expect(page.locator("main")).to_contain_text("53")
    page.goto(page.url + "/selection")
    expect(page.locator("main")).to_contain_text("november-2026")


def allocate_and_place_team(site: Site, person: Person) -> str:
    """Step 3: cases go to auditors evenly; the team of one of them is placed in a service area with its head."""
    page = person(LEAD)
    page.goto("/cohorts/1/allocation")
    for box in page.locator("input[name=auditors]").all():
        box.check()
    page.get_by_role("button", name="Allocate").click()
    page.wait_for_url(re.compile(r"/cohorts/1$"))
    auditor = person(AUDITORS[0])
    auditor.get_by_role("link", name="My reviews", exact=True).first.click()
    rows = auditor.locator("main table").first.locator("tbody tr")
    assert rows.count() in (13, 14), "53 cases over four auditors"
    team = rows.filter(has_text="Child in need case audit").first.locator("td").nth(2).inner_text()
    page.goto("/organisation/service-areas/new")
    page.fill("#name", "Safeguarding and care planning")
    page.locator("main button[type=submit]").click()
    page.wait_for_url(re.compile(r"/organisation"))
    site.add(HEAD, "Head of safeguarding", Role.HEAD_OF_SERVICE, ScopeKind.SERVICE_AREA, area=1)
    page.goto("/organisation/service-areas/1")
    page.select_option("#head", label=re_label(page, "#head", "Head of safeguarding"))
    page.locator("main button[type=submit]").click()
    page.goto("/organisation")
    page.locator("summary").filter(has=page.get_by_text(team, exact=True)).click()
    page.get_by_role("link", name=f"Change {team}", exact=True).click()
    page.select_option("#service_area", label="Safeguarding and care planning")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(re.compile(r"/organisation"))
    return team


def re_label(page: Page, select: str, start: str) -> str:
    """The whole label of the choice that begins so."""
    labels = page.locator(f"{select} option").all_inner_texts()
    return next(label for label in labels if label.startswith(start))


def review_and_submit(page: Page, team: str) -> str:
    """Steps 4 and 5: a form is answered, every answer saves itself, a finding is raised, gaps are links."""
    page.goto("/reviews")
    row = page.locator("main table").first.locator("tbody tr")
    row.filter(has_text="Child in need case audit").filter(has_text=team).first.get_by_role(
        "link"
    ).first.click()
    page.wait_for_url(re.compile(r"/reviews/\d+/sections/"))
    review = page.url.split("/sections/")[0]
    places = page.locator("nav[aria-label='Sections of this review'] a")
    addresses = [str(one.get_attribute("href")) for one in places.all()]
    answer_section(page)
    finding_ref = raise_finding(page)
    page.goto(review + "/check")
    page.get_by_role("button", name="Submit this review").click()
    assert page.locator("main ul a[href*='/sections/']").count() > 10, "gaps are listed as links"
    for address in addresses:
        page.goto(address)
        answer_section(page)
    page.goto(review + "/check")
    expect(page.locator("main")).to_contain_text("Everything that this form requires is answered")
    page.get_by_role("button", name="Submit this review").click()
    page.goto(review)
    expect(page.locator("main")).to_contain_text(FINDING)
    return finding_ref


def answer_section(page: Page) -> None:
    """Answer everything that the section shows, and see that it saves itself and is there after a reload."""
    for _ in range(3):  # answers may bring up further questions
        if not answer_what_shows(page):
            break
    state = page.locator("#save-state")
    expect(state).to_have_text(re.compile("^Saved at"), timeout=15_000)
    chosen = page.locator("main form input:checked").count()
    page.reload()
    assert page.locator("main form input:checked").count() == chosen
    assert not answer_what_shows(page), "an answer was lost"


def answer_what_shows(page: Page) -> int:
    """Answer what is visible and unanswered; gives how many answers were given."""
    given = 0
    names = page.eval_on_selector_all(
        "#section-form input[type=radio]",
        "all => [...new Set(all.filter(one => one.offsetParent).map(one => one.name))]",
    )
    for name in names:
        if page.locator(f"input[name='{name}']:checked").count() or name.endswith("-excuse"):
            continue
        page.locator(f"input[name='{name}']").nth(1 if name == "judgement-grade" else 0).check()
        given += 1
    for box in page.locator("#section-form textarea:visible, #section-form input[type=text]:visible").all():
        if box.input_value():
            continue
        name = str(box.get_attribute("name"))
        box.fill("12/11/2026" if name.endswith("_on") else "What the file shows, in a sentence.")
        given += 1
    groups = page.eval_on_selector_all(
        "#section-form input[type=checkbox]",
        "all => [...new Set(all.filter(one => one.offsetParent).map(one => one.name))]",
    )
    for name in groups:
        if not page.locator(f"input[name='{name}']:checked").count():
            page.locator(f"input[name='{name}']").first.check()
            given += 1
    if given:
        page.wait_for_timeout(900)
    return given


def raise_finding(page: Page) -> str:
    """A weakness, from the question on which the auditor stands."""
    page.get_by_role("link", name=re.compile("^Raise ")).first.click()
    form = page.locator("[data-finding-form]")
    form.get_by_role("radio", name="Weakness").check()
    form.get_by_label("What did you find?").fill(FINDING)
    page.keyboard.press("Escape")  # closes the form, and throws no words away
    page.get_by_role("link", name=re.compile("^Raise ")).first.click()
    expect(form.get_by_label("What did you find?")).to_have_value(FINDING)
    form.get_by_role("radio", name="Significant").check()
    boxes = form.locator("input[name=themes]")
    if not form.locator("input[name=themes]:checked").count():
        form.locator("details").first.locator("summary").click()
        boxes.first.check()
    form.get_by_role("button", name="Save finding").click()
    link = page.locator("main .los-question__findings a").first
    expect(link).to_be_visible()
    found = re.search(r"F\d+", link.inner_text())
    assert found
    return found[0]


def head_opens_theme(page: Page, finding_ref: str) -> str:
    """Step 6: how often, by team and month, and the findings behind it."""
    page.goto(f"/findings/{finding_ref[1:]}")
    expect(page.locator("blockquote")).to_have_text(FINDING)
    page.locator("#themes ~ table a, table:has(caption:text('Themes')) a").first.click()
    page.wait_for_url(re.compile(r"/themes/\d+"))
    main = page.locator("main")
    expect(main).to_contain_text("1 of 1")
    expect(main).to_contain_text("November 2026")
    expect(main).to_contain_text(FINDING)
    return page.url.split("?")[0].rsplit("/", 1)[-1]


def improvement_links(site: Site, person: Person, finding_ref: str, theme: str) -> str:
    """Step 7: the plan is imported, and an action is linked to the finding and the theme with a reason."""
    site.add(IMPROVER, "Improvement officer", Role.IMPROVEMENT_TEAM, ScopeKind.WHOLE_SERVICE)
    page = person(IMPROVER)
    page.goto("/plan/import")
    page.set_input_files("input[type=file]", DATA / "plans" / "improvement_plan_q2_2016.csv")
    fill_day(page, "as_at", "30", "9", "2016")
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/plan/imports/\d+"))
    expect(page.locator("main")).to_contain_text("69")
    page.get_by_role("button", name="Keep this plan").click()
    page.goto("/plan")
    page.get_by_role("link", name=re.compile(r"4\.4\.2")).first.click()
    page.wait_for_url(re.compile(r"/plan/actions/\d+"))
    expect(page.locator("main")).to_contain_text("Amber")
    action = page.url
    page.fill("[name=finding]", finding_ref)
    page.fill("[name=finding_reason]", REASON)
    page.locator("form[action$='/findings'] button[type=submit]").click()
    expect(page.locator("main")).to_contain_text(FINDING)
    page.select_option("[name=theme]", theme)
    page.fill("[name=theme_reason]", REASON)
    page.locator("form[action$='/themes'] button[type=submit]").click()
    page.goto(action)
    page.get_by_role("link", name=finding_ref).first.click()
    page.get_by_role("link", name=re.compile("Go to this place in review")).click()
    page.wait_for_url(re.compile(r"/reviews/\d+"))
    expect(page.locator("main")).to_contain_text(FINDING)
    return "A" + action.rsplit("/", 1)[-1]


def review_leads_back_up(page: Page, finding_ref: str, action_ref: str) -> None:
    """Step 7, the other way: from the review up to the action."""
    page.goto(f"/findings/{finding_ref[1:]}")
    page.get_by_role("link", name=re.compile("Go to this place in review")).click()
    expect(page.locator("main")).to_contain_text(
        re.compile(rf"{finding_ref}\b.*answered by.*{action_ref}\b", re.S)
    )
    page.get_by_role("link", name=finding_ref).first.click()
    page.locator(f"main a[href*='/plan/actions/{action_ref[1:]}']").first.click()
    expect(page.locator("main")).to_contain_text(FINDING)


def exception_report(page: Page) -> None:
    """Step 8: what was due, what is red, n of N; then every red action with its timescale, lead and agencies."""
    page.goto("/plan/exceptions?as_at=2016-09-30")
    words = page.locator("main").inner_text()
    assert "7 of 61" in words
    assert "33% (2 of 6)" in words
    red = ["2.1.3", "2.1.4", "5.3.3", "5.3.5", "7.4.1", "8.5.3", "8.7.3"]
    for ref in red:
        assert ref in words, ref
    assert "Police LBB (Education) Schools, Health, BSCB Partners" in words


def fill_day(page: Page, name: str, day: str, month: str, year: str) -> None:
    """The three boxes of a date."""
    for part, value in (("day", day), ("month", month), ("year", year)):
        page.fill(f"#{name}-{part}", value)
