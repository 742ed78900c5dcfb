"""A QA lead builds a form, publishes it, changes a question, and sees old and new reviews side by side."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from qa_app.domain.access import Role, ScopeKind
from qa_app.domain.grades import Grade
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.queries.accounts import get_viewer
from qa_app.services.reviews import SentAnswer, SentJudgement, save_parts
from qa_app.services.reviews_submission import submit_review
from tests.builders import AT
from tests.builders_reviews import make_cohort, make_review
from tests.journeys.conftest import Site

pytestmark = pytest.mark.browser

LEAD, AUDITOR = "forms.lead@example.org", "forms.auditor@example.org"
FIRST = "Was the decision at the front door right?"
SECOND = "Was the decision at the front door right for this child?"

Person = Callable[[str], Page]


def test_a_form_is_built_published_changed_and_compared(site: Site, person: Person) -> None:
    site.add(LEAD, "Lead of forms", Role.QA_LEAD, ScopeKind.WHOLE_SERVICE)
    site.add(AUDITOR, "Auditor of forms", Role.AUDITOR, ScopeKind.OWN_REVIEWS)
    page = person(LEAD)
    build(page)
    publish(page, 1)
    reviews(site, 1, date(2026, 10, 1), ["yes", "no", "no"])
    change_question(page)
    publish(page, 2)
    reviews(site, 2, date(2026, 11, 1), ["yes", "yes"])
    compare(page)
    old_version_reads_as_it_was(page)


def build(page: Page) -> None:
    """Six questions, a condition, choices, a finding offer and a limit, all without typing anything like code."""
    page.get_by_role("link", name="Audit forms", exact=True).click()
    page.get_by_role("button", name="New form").click()
    page.fill("#title", "Front door decisions")
    page.get_by_role("button", name="Begin the draft").click()
    page.wait_for_url("**/forms/drafts/*")
    home = page.url
    page.get_by_label("Dip sample").check()
    page.get_by_label("Open assessment").check()
    save(page)
    page.fill("#new-section", "The decision")
    page.get_by_role("button", name=re.compile("^Add")).first.click()
    page.wait_for_url("**/sections/**")
    section = page.url
    page.fill("#guidance", "Read the contact, what was known before, and the reasons that were recorded.")
    save(page)
    for text, kind in (
        (FIRST, "yes_partly_no"),
        ("Why was it not right?", "long_text"),
        ("What happened next?", "choice"),
        ("When was the contact received?", "date"),
        ("How clear is the recording?", "scale_0_10"),
        ("Was the referrer told the outcome?", "yes_no"),
    ):
        page.goto(section)
        page.fill("#new-text", text)
        page.select_option("#new-type", kind)
        page.get_by_role("button", name="Add the question").click()
        page.wait_for_url("**/questions/**")
        if kind == "yes_partly_no":
            page.get_by_label("It must be answered").check()
            page.select_option("#measure", "+")
            page.get_by_text("Themes: none").click()
            page.get_by_label("Analysis of risk").check()
            save(page)
        if kind == "choice":
            expect(page.locator(".los-panel-faults")).to_contain_text("at least two choices")
            for n, label in enumerate(("Assessment", "Early help", "No further action")):
                if n == 2:
                    page.get_by_role("button", name="Add a choice").click()
                page.fill(f"#choice-{n}-label", label)
            save(page)
            expect(page.locator(".los-panel-faults")).to_have_count(0)
    set_condition(page, "question/why_not_right", "q:decision_front_door_right", "Partly", "No")
    set_condition(page, "finding/decision_front_door_right", "", "No")
    page.goto(home + "/limits")
    page.fill("#new-because", "A child may be left in danger by it.")
    page.select_option("#new-ceiling", "inadequate")
    page.get_by_role("button", name="Add, and say when it applies").click()
    page.wait_for_url("**/conditions/limit/0")
    pick(page, "q:decision_front_door_right", "No")
    page.goto(home + "/preview")
    expect(page.locator("main")).to_contain_text("Asked only when")
    expect(page.locator("main")).to_contain_text("Offers a weakness when the answer is No.")
    page.goto(home)
    expect(page.locator("#all-faults")).to_contain_text("Nothing to put right")


def save(page: Page) -> None:
    """Press the panel's button; the page is loaded again when it is saved."""
    before = page.locator("#presence").get_attribute("data-revision")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#presence")).not_to_have_attribute("data-revision", str(before))


def set_condition(page: Page, place: str, look: str, *answers: str) -> None:
    """Open a condition of the draft and add a line to it."""
    home = page.url.split("/sections/")[0].split("/questions/")[0].split("/conditions/")[0]
    page.goto(f"{home}/conditions/{place}")
    pick(page, look, *answers)


def pick(page: Page, look: str, *answers: str) -> None:
    """Pick what a line looks at, and the answers that it waits for."""
    if look:
        page.select_option("#look", look)
        page.wait_for_url("**look=**")
    for answer in answers:
        page.locator(".los-values").get_by_label(answer, exact=True).check()
    page.get_by_role("button", name="Add the line").click()
    expect(page.locator(".los-group")).to_contain_text(answers[-1])


def publish(page: Page, number: int) -> None:
    """Check, and publish: nobody else is asked, since nothing breaks comparison."""
    page.get_by_role("button", name="Check and publish").or_(
        page.get_by_role("link", name="Check and publish")
    ).first.click()
    page.get_by_role("button", name=f"Publish version {number}").click()
    expect(page.locator("main")).to_contain_text(f"Version {number} is published")


def reviews(site: Site, number: int, month: date, answers: list[str]) -> None:
    """Reviews on a version, answered and handed in."""
    with site.app.app_context():
        auditor = db.session.scalars(select(User).where(User.email == AUDITOR)).one()
        version = db.session.scalars(
            select(AuditFormVersion)
            .where(AuditFormVersion.number == number)
            .order_by(AuditFormVersion.id.desc())
        ).first()
        assert version is not None
        assert "Front door decisions" in version.content
        viewer = get_viewer(auditor.id)
        cohort = make_cohort(version, month=month)
        for answer in answers:
            review = make_review(auditor, cohort)
            given = [SentAnswer("decision_front_door_right", answer)]
            if answer == "no":
                given.append(SentAnswer("why_not_right", "The earlier referrals were not read."))
            grade = Grade.INADEQUATE if answer == "no" else Grade.GOOD
            judged = SentJudgement("overall", grade, rationale="As the answers say.")
            save_parts(viewer, review.id, given, [judged], at=AT)
            assert submit_review(viewer, review.id, at=AT).is_done
        db.session.commit()
        db.session.remove()


def change_question(page: Page) -> None:
    """The wording of the first question; its type and key are shown as fixed."""
    page.goto("/forms/front-door-decisions")
    expect(page.locator("main")).to_contain_text("Version 1")
    page.get_by_role("button", name="Change this form").click()
    page.wait_for_url("**/forms/drafts/*")
    page.get_by_role("link", name="The decision").click()
    page.get_by_role("link", name=FIRST).click()
    page.wait_for_url("**/questions/decision_front_door_right**")
    expect(page.locator("#type")).to_contain_text("This is fixed")
    page.fill("#text", SECOND)
    expect(page.locator("#preview")).to_contain_text(SECOND)
    save(page)


def compare(page: Page) -> None:
    """Three old and two new reviews, joined by the measure, each with its n and N."""
    page.goto("/measures/decision_front_door_right")
    main = page.locator("main")
    expect(main).to_contain_text(FIRST)
    expect(main).to_contain_text(SECOND)
    expect(main).to_contain_text("33% (1 of 3)")
    expect(main).to_contain_text("100% (2 of 2)")
    expect(main).to_contain_text("Wording changed")


def old_version_reads_as_it_was(page: Page) -> None:
    """What the old reviews asked can be read for ever."""
    page.goto("/forms/front-door-decisions/versions/1")
    expect(page.locator("main")).to_contain_text(FIRST)
    expect(page.locator("main")).not_to_contain_text(SECOND)
    page.goto("/forms/front-door-decisions")
    row = page.locator("tbody tr").filter(has_text="Version 1")
    expect(row.locator("td").nth(3)).to_have_text("3")
