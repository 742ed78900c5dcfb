"""A concern in two clicks and an action from a review: answered, closed, carried out, verified by another person."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from qa_app.domain.access import SYSTEM, Grant, Role, ScopeKind
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.services.accounts import give_role
from tests.builders import AT, make_service_area, make_team
from tests.builders_reviews import make_review
from tests.journeys.conftest import Site

pytestmark = pytest.mark.browser

AUDITOR, HEAD, MANAGER = "watcher@example.org", "head.here@example.org", "manager.here@example.org"


def test_from_a_question_to_a_child_who_is_safe(site: Site, person: Callable[[str], Page]) -> None:
    review_id = prepare(site)
    auditor = person(AUDITOR)
    auditor.goto(f"/reviews/{review_id}")
    question = auditor.locator("#question-seen_alone")
    question.get_by_role("link", name=re.compile("^Immediate concern")).click()
    expect(auditor.locator("main")).to_contain_text("Phone the team manager first: Manager here")
    auditor.get_by_label("What are you worried about?").fill("A bruise that nobody asked about.")
    auditor.get_by_role("button", name="Raise the concern").click()
    expect(auditor.locator("main")).to_contain_text("3 h 59 min left")
    raise_an_action(auditor, review_id)
    answer(person(HEAD))
    close(auditor)
    carry_out(person(MANAGER))
    verify(person(HEAD))


def prepare(site: Site) -> int:
    """A team with a manager and a head of service, and a review for the auditor."""
    auditor_id = site.add(AUDITOR, "Auditor who watches", Role.AUDITOR, ScopeKind.OWN_REVIEWS)
    with site.app.app_context():
        area = make_service_area("Service of this journey")
        team = make_team("Team of this journey", area)
        db.session.commit()
        area_id, team_id = area.id, team.id
    head_id = site.add(HEAD, "Head here", Role.HEAD_OF_SERVICE, ScopeKind.SERVICE_AREA, area_id)
    manager_id = site.add(MANAGER, "Manager here", Role.PRACTITIONER, ScopeKind.OWN_REVIEWS)
    with site.app.app_context():
        give_role(SYSTEM, manager_id, Grant(Role.TEAM_MANAGER, ScopeKind.TEAM, team_id=team_id), at=AT)
        team = db.session.get_one(type(team), team_id)
        team.manager_user_id = manager_id
        db.session.get_one(type(area), area_id).head_user_id = head_id
        review = make_review(db.session.get_one(User, auditor_id), team=team)
        db.session.commit()
        return review.id


def raise_an_action(page: Page, review_id: int) -> None:
    """A critical action from the same review, by keyboard."""
    page.goto(f"/reviews/{review_id}")
    page.get_by_role("link", name="Add an action for this child", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_label("What has to be done for this child?").fill("See the child alone at school.")
    page.get_by_label("Critical").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Save action").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("See the child alone at school.")
    expect(page.locator("main")).to_contain_text("A bruise that nobody asked about.")


def answer(page: Page) -> None:
    """The head of service sees it on the first page, acknowledges it, and records what was done."""
    page.goto("/")
    page.get_by_role("link", name="1 open concern").click()
    page.get_by_role("link", name=re.compile("^Concern S")).click()
    page.get_by_role("button", name="I have seen it and act").click()
    expect(page.locator("main")).to_contain_text("Met after 0 min")
    page.get_by_label("What makes the child safe now?").fill("Seen at school today by the duty worker.")
    page.get_by_role("button", name="Record it").click()
    expect(page.locator("main")).to_contain_text("Child safe.")


def close(page: Page) -> None:
    """The auditor reads what was done and closes it."""
    page.goto("/concerns")
    page.get_by_role("link", name=re.compile("^Concern S")).click()
    page.get_by_label("Why can it be closed?").fill("The record shows the visit.")
    page.get_by_role("button", name="Close the concern").click()
    expect(page.locator("main")).to_contain_text("The record shows the visit.")


def carry_out(page: Page) -> None:
    """The manager writes a line in the register, and reports the action done."""
    page.goto("/case-actions")
    page.get_by_label(re.compile("^How C")).fill("Worker goes there at two.")
    page.get_by_role("button", name=re.compile("^Note")).click()
    expect(page).to_have_url(re.compile("/case-actions$"))
    expect(page.locator("table")).to_contain_text("Worker goes there at two.")
    page.get_by_role("link", name=re.compile("^Action C")).click()
    page.get_by_text("It is done", exact=True).click()
    page.get_by_label("What was done, and where does the record show it?").fill(
        "Seen alone: case note of today."
    )
    page.get_by_role("button", name="Say it is done").click()
    expect(page.locator("main")).to_contain_text("Done, not verified")
    expect(page.get_by_text("Verify it, or send it back")).to_have_count(0)


def verify(page: Page) -> None:
    """The head of service, who did not do it, verifies it."""
    page.goto("/case-actions?show=to_verify")
    page.get_by_role("link", name=re.compile("^Action C")).click()
    page.get_by_text("Verify it, or send it back").click()
    page.get_by_label("Yes: verify it").check()
    page.locator("form[action$=verdict]").get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("Verified, impact not checked")
