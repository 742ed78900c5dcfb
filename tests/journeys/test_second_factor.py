"""Somebody sets up a second factor, signs in with a code, and once with a recovery code: in a real browser."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from qa_app import clock
from qa_app.domain.access import Role, ScopeKind
from tests.journeys.conftest import PASSWORD, Site

pytestmark = pytest.mark.browser

EMAIL = "second.factor@example.org"


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A browser in which nobody is signed in; it complains of nothing."""
    site.add(EMAIL, "Second Factor", Role.AUDITOR, ScopeKind.OWN_REVIEWS)
    context = browser.new_context(base_url=site.address, viewport={"width": 1366, "height": 800})
    made, complaints = context.new_page(), []
    made.set_default_timeout(15_000)
    made.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    made.on("pageerror", lambda fault: complaints.append(str(fault)))
    yield made
    context.close()
    assert not complaints


def sound(page: Page) -> None:
    """Axe finds nothing on the page, and it fits a phone."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    assert not [(each["id"], each["nodes"][0]["html"]) for each in found]
    page.set_viewport_size({"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.set_viewport_size({"width": 1366, "height": 800})


def password_step(page: Page) -> None:
    page.goto("/sign-in")
    page.fill("#email", EMAIL)
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_setting_up_signing_in_with_a_code_and_with_a_recovery_code(page: Page) -> None:
    password_step(page)
    page.get_by_role("link", name="Second Factor").click()
    page.get_by_role("link", name="set up the second factor").click()
    page.get_by_role("button", name="Set it up").click()
    picture = page.get_by_role("img", name=re.compile("authenticator app"))
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth > 0)"), "it is let through"
    secret = page.locator(".los-authenticator__key").inner_text().replace(" ", "")
    sound(page)
    used = pyotp.TOTP(secret).at(clock.now())
    page.get_by_label("Code from your app").fill(used)
    page.get_by_role("button", name="Confirm").click()
    codes = page.locator(".los-recovery-codes code").all_inner_texts()
    assert len(codes) == 10
    sound(page)
    page.get_by_role("link", name="I have kept them").or_(
        page.get_by_role("button", name="I have kept them")
    ).click()
    expect(page.get_by_text("10 of 10")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()

    password_step(page)
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()
    page.goto("/your-sign-ins")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/sign-in/code")
    sound(page)
    # The code just used is not taken again; the next one is, up to half a minute before its time.
    page.get_by_label("Code from your app").fill(pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30)))
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/")
    page.get_by_role("button", name="Sign out").click()

    password_step(page)
    page.get_by_role("link", name="Use a recovery code instead").click()
    sound(page)
    page.get_by_label("Recovery code").fill(codes[0].upper())
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("9 of 10 are left")).to_be_visible()
    page.goto("/your-sign-ins")
    expect(page.get_by_role("cell", name="Password and recovery code")).to_be_visible()
    sound(page)
    page.goto("/confirm-it-is-you")
    sound(page)
