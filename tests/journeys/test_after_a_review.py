"""A review comes back with reasons, is handed in again and released; the practitioner challenges; supervision ticks."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from qa_app import clock
from qa_app.domain.access import SYSTEM, Grant, Role, ScopeKind
from qa_app.domain.findings import finding_draft
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.caseload import CaseRecord
from qa_app.models.cohorts import CohortCase
from qa_app.models.organisation import Team
from qa_app.queries.accounts import get_viewer
from qa_app.services.accounts import give_role
from qa_app.services.findings import raise_finding
from qa_app.services.reviews_release import release_reviews
from tests.builders import AT, make_service_area, make_team
from tests.builders_reviews import fill, make_review, submit
from tests.builders_ties import make_practitioner
from tests.journeys.conftest import Site

pytestmark = pytest.mark.browser

LEAD, AUDITOR = "lead.after@example.org", "auditor.after@example.org"
WORKER, MANAGER = "worker.after@example.org", "manager.after@example.org"
Person = Callable[[str], Page]


def test_from_a_return_to_supervision(site: Site, person: Person) -> None:
    review_id, practitioner_id = prepare(site)
    give_back(person(LEAD), review_id)
    answer_the_points(person(AUDITOR), review_id)
    release(person(LEAD), review_id)
    challenge(person(WORKER), review_id)
    answer(person(AUDITOR))
    tick(person(MANAGER), practitioner_id)
    expect(person(WORKER).locator("main")).to_contain_text("To be answered by")
    person(WORKER).reload()
    expect(person(WORKER).locator("main")).to_contain_text("Partly right")


def prepare(site: Site) -> tuple[int, int]:
    """A submitted review of a worker in a managed team, nobody's findings yet."""
    site.add(LEAD, "QA lead after", Role.QA_LEAD, ScopeKind.WHOLE_SERVICE)
    auditor_id = site.add(AUDITOR, "Auditor after", Role.AUDITOR, ScopeKind.OWN_REVIEWS)
    worker_id = site.add(WORKER, "Worker after", Role.PRACTITIONER, ScopeKind.OWN_REVIEWS)
    manager_id = site.add(MANAGER, "Manager after", Role.PRACTITIONER, ScopeKind.OWN_REVIEWS)
    with site.app.app_context():
        team = make_team("Team after", make_service_area("Area after"))
        give_role(SYSTEM, manager_id, Grant(Role.TEAM_MANAGER, ScopeKind.TEAM, team_id=team.id), at=AT)
        db.session.get_one(Team, team.id).manager_user_id = manager_id
        practitioner = make_practitioner(db.session.get_one(User, worker_id), team)
        review = make_review(db.session.get_one(User, auditor_id), team=team)
        case = db.session.get_one(CohortCase, review.cohort_case_id)
        db.session.get_one(CaseRecord, case.case_record_id).practitioner_id = practitioner.id
        db.session.flush()
        submit(get_viewer(auditor_id), review, clock.now())
        ids = review.id, practitioner.id
        db.session.commit()
    return ids


def give_back(page: Page, review_id: int) -> None:
    """The QA lead opens a box at one question and says why it comes back."""
    page.goto(f"/reviews/{review_id}")
    page.get_by_role("link", name="Return it to the reviewer").click()
    page.get_by_role("button", name=re.compile("^Return it to")).click()
    expect(page.locator("main")).to_contain_text("Give a reason at one question or grade at least")
    row = page.locator(".los-read__row", has_text="Was the child seen alone?")
    row.locator("summary").click()
    row.locator("textarea").fill("Which visit was it?")
    page.get_by_role("button", name=re.compile("^Return it to")).click()
    expect(page.locator("body")).to_contain_text("is returned. Its reviewer sees your reasons")


def answer_the_points(page: Page, review_id: int) -> None:
    """The auditor lands on the question, cannot hand in yet, says why it stands, and hands in."""
    page.goto("/")
    expect(page.locator("main")).to_contain_text("was returned to you")
    page.goto(f"/reviews/{review_id}")
    expect(page).to_have_url(re.compile("/sections/voice#question-seen_alone$"))
    expect(page.locator("#question-seen_alone")).to_contain_text("Which visit was it?")
    page.get_by_role("link", name=re.compile("^Returned")).click()
    expect(page.locator("[data-question]")).to_have_count(1)
    page.goto(f"/reviews/{review_id}/check")
    page.get_by_role("button", name="Submit this review").click()
    expect(page.locator("main")).to_contain_text("1 thing is still to do")
    page.get_by_role("link", name=re.compile("Which visit was it")).click()
    page.get_by_role("link", name="say why it stands as it is").click()
    page.get_by_label("Why does it stand as it is?").fill("All three visits, as written above.")
    page.get_by_role("button", name="Keep this").click()
    page.goto(f"/reviews/{review_id}/check")
    page.get_by_role("button", name="Submit this review").click()
    expect(page.locator("body")).to_contain_text("is submitted. Thank you.")


def release(page: Page, review_id: int) -> None:
    """The QA lead reads what changed and releases it."""
    page.goto(f"/reviews/{review_id}")
    page.get_by_role("link", name="How it was handed in").click()
    expect(page.locator("main")).to_contain_text("No answer and no judgement was changed.")
    page.goto(f"/reviews/{review_id}")
    page.locator(".los-release summary").click()
    page.get_by_role("button", name="Release it now").click()
    expect(page.locator("body")).to_contain_text("is released")


def challenge(page: Page, review_id: int) -> None:
    """The practitioner reads it and challenges one fact."""
    page.goto(f"/reviews/{review_id}")
    page.get_by_role("link", name="Reply, or challenge a fact").click()
    page.get_by_label("Challenge of a fact").check()
    page.get_by_label("About which question?").select_option("Was the child seen alone?")
    page.get_by_label("What do you want to say?").fill("The visit of 3 November was alone.")
    page.get_by_role("button", name="Send your reply").click()
    expect(page.locator("main")).to_contain_text("To be answered by")


def answer(page: Page) -> None:
    """The auditor answers it."""
    page.goto("/replies")
    page.get_by_role("link", name=re.compile("^Answer")).click()
    page.get_by_label("Partly right").check()
    page.get_by_label("Your answer").fill("Alone for part of the visit.")
    page.get_by_role("button", name="Answer").click()
    expect(page.locator("main")).to_contain_text("Alone for part of the visit.")


def tick(page: Page, practitioner_id: int) -> None:
    """The manager talks it over and ticks it."""
    page.goto("/supervision")
    expect(page.locator("main")).to_contain_text("0 of 1")
    page.get_by_role("link", name=re.compile("^Sheet of")).click()
    page.get_by_text("We have talked this over").click()
    today = clock.today()
    for part, value in (("Day", today.day), ("Month", today.month), ("Year", today.year)):
        page.get_by_label(part, exact=True).fill(str(value))
    page.get_by_role("button", name="Tick it").click()
    expect(page.locator("main")).to_contain_text("Everything released has been talked over")
    page.goto("/supervision")
    expect(page.locator("main")).to_contain_text("1 of 1")


def test_a_full_supervision_sheet_prints_on_one_page(site: Site, person: Person) -> None:
    worker = "printed@example.org"
    worker_id = site.add(worker, "Worker whose sheet is full", Role.PRACTITIONER, ScopeKind.OWN_REVIEWS)
    auditor_id = site.add(
        "auditor.printed@example.org", "Auditor printed", Role.AUDITOR, ScopeKind.OWN_REVIEWS
    )
    with site.app.app_context():
        team = make_team("Team printed", make_service_area("Area printed"))
        practitioner = make_practitioner(db.session.get_one(User, worker_id), team)
        viewer = get_viewer(auditor_id)
        for _ in range(5):
            review = make_review(db.session.get_one(User, auditor_id), team=team)
            case = db.session.get_one(CohortCase, review.cohort_case_id)
            db.session.get_one(CaseRecord, case.case_record_id).practitioner_id = practitioner.id
            db.session.flush()
            fill(viewer, review, AT)
            for number in range(5):
                for kind in ("strength", "weakness"):
                    words = (
                        f"{kind} {number}: " + "words that take the whole width that is left for them " * 6
                    )
                    raise_finding(
                        viewer, review.id, None, finding_draft(kind, "minor", words, ["chronologies"]), at=AT
                    )
            submit(viewer, review, AT)
            release_reviews(SYSTEM, [review.id], at=AT)
        number = practitioner.id
        db.session.commit()
    page = person(worker)
    page.goto(f"/supervision/{number}")
    expect(page.locator("main")).to_contain_text("2 more follow when these are ticked")
    page.emulate_media(media="print")
    for words in ("What we agreed", "Supervisor:"):
        expect(page.get_by_text(words).first).to_be_visible()
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
