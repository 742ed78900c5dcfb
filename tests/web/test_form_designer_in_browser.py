"""The designer in a real browser: it previews what is typed, keeps it when it can't be saved, works without scripts."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import make_server

from qa_app.config import Settings
from qa_app.domain.access import Role
from qa_app.domain.audit_forms.drafts import find_question, read
from qa_app.extensions import db
from qa_app.factory import create_app
from qa_app.models.accounts import User
from qa_app.models.audit_forms import AuditFormDraft
from qa_app.models.tables import metadata
from qa_app.services.audit_form_drafts import start_new_form
from tests.builders import AT, make_user, viewer_of
from tests.builders_reviews import SMALL_FORM, make_form

BROWSER = next(
    (
        path
        for name in (os.environ.get("QA_TEST_BROWSER", ""), "chromium", "chromium-browser", "google-chrome")
        if name and (path := shutil.which(name))
    ),
    None,
)
PASSWORD = "a long demonstration phrase"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None and not os.environ.get("CI"), reason="no browser: install Chromium"),
]


class Designer:
    """A site with a QA lead, and drafts to work on."""

    def __init__(self, app, address: str, emails: list[str]) -> None:
        self.app, self.address, self.emails = app, address, emails
        self.made = 0

    def draft(self) -> int:
        """A new draft with the content of the small form."""
        self.made += 1
        with self.app.app_context():
            lead = viewer_of(db.session.get_one(User, 1))
            draft = start_new_form(lead, f"Visits {self.made}", at=AT, content=dict(SMALL_FORM))
            db.session.commit()
            number = draft.id
            db.session.remove()
        return number

    def content(self, draft_id: int) -> dict:
        """What the draft holds now."""
        with self.app.app_context():
            found = read(db.session.get_one(AuditFormDraft, draft_id).content)
            db.session.remove()
        return found


@pytest.fixture(scope="module")
def designer(tmp_path_factory) -> Iterator[Designer]:
    """The site on a port of its own."""
    folder: Path = tmp_path_factory.mktemp("site")
    settings = Settings(
        database_url=f"sqlite:///{folder / 'site.sqlite3'}",
        secret_key="browser",
        secure_cookies=False,
        instance_folder=folder,
    )
    made = create_app(settings)
    with made.app_context():
        metadata.create_all(db.engine)
        emails = [make_user(f"Lead {n}", Role.QA_LEAD, password=PASSWORD).email for n in (1, 2)]
        make_form()
        db.session.commit()
        db.session.remove()
    server = make_server("127.0.0.1", 0, made, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Designer(made, f"http://127.0.0.1:{server.port}", emails)
    server.shutdown()
    thread.join(5)
    server.server_close()
    with made.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as play:
        made = play.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield made
        made.close()


def signed_in(browser: Browser, designer: Designer, who: int = 0, **options) -> tuple[BrowserContext, Page]:
    context = browser.new_context(
        viewport={"width": 1366, "height": 900}, base_url=designer.address, **options
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto("/sign-in")
    page.fill("input[name=email]", designer.emails[who])
    page.fill("input[name=password]", PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url("**/")
    return context, page


@pytest.fixture
def page(browser, designer) -> Iterator[Page]:
    """A page of the first lead; complaints of the browser fail the test."""
    context, made = signed_in(browser, designer)
    said: list[str] = []
    made.on("pageerror", lambda error: said.append(str(error)))
    yield made
    context.close()
    assert said == []


def test_the_preview_follows_what_is_typed_and_saving_keeps_it(page, designer):
    draft = designer.draft()
    page.goto(f"/forms/drafts/{draft}/questions/seen_alone")
    page.fill("#text", "Was the child seen by themselves?")
    expect(page.locator("#preview")).to_contain_text("Was the child seen by themselves?")
    expect(page.locator("#unsent")).to_have_text("Not saved yet")
    assert find_question(designer.content(draft), "seen_alone")["text"] == "Was the child seen alone?"
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#presence")).to_contain_text("Question changed: Was the child seen by themselves?")
    assert find_question(designer.content(draft), "seen_alone")["text"] == "Was the child seen by themselves?"
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#text")).to_have_value("Was the child seen alone?")


def test_choices_grow_and_move_without_loading_the_page(page, designer):
    draft = designer.draft()
    page.goto(f"/forms/drafts/{draft}/sections/voice")
    page.fill("#new-text", "Where was the child seen?")
    page.select_option("#new-type", "choices")
    page.get_by_role("button", name="Add the question").click()
    page.wait_for_url("**/questions/**")
    page.fill("#choice-0-label", "At home")
    page.fill("#choice-1-label", "At school")
    page.get_by_role("button", name="Add a choice").click()
    page.fill("#choice-2-label", "Elsewhere")
    page.get_by_role("button", name=re.compile(r"Up\s*: choice 2")).click()
    expect(page.locator("#choice-0-label")).to_have_value("At school")
    page.keyboard.press("Tab")
    expect(page.locator("#preview")).to_contain_text("Elsewhere")
    page.locator("#text").press("Control+End")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#presence")).to_contain_text("Question changed")
    [question] = [
        one for one in designer.content(draft)["sections"][0]["questions"] if one["type"] == "choices"
    ]
    assert [one["label"] for one in question["choices"]] == ["At school", "At home", "Elsewhere"]
    page.locator("#type").select_option("date")
    expect(page.locator("[data-part=choices]")).to_be_hidden()


def test_enter_in_a_box_saves_and_does_nothing_else(page, designer):
    draft = designer.draft()
    page.goto(f"/forms/drafts/{draft}/sections/talk")
    page.fill("#title", "Talks")
    page.press("#title", "Enter")
    expect(page.locator("#presence")).to_contain_text("Section changed: Talks")
    assert designer.content(draft)["sections"][1]["title"] == "Talks"
    expect(page.locator("#unsent")).to_have_text("Saved")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_focused()


def test_words_stay_on_the_page_when_there_is_no_connection_or_no_sign_in(page, designer):
    draft = designer.draft()
    page.goto(f"/forms/drafts/{draft}/questions/seen_alone")
    page.fill("#guidance", "Words that must not be lost.")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#unsent")).to_contain_text("no connection")
    page.context.set_offline(False)
    kept = page.context.cookies()
    page.context.clear_cookies()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#unsent")).to_contain_text("signed out")
    expect(page.locator("#guidance")).to_have_value("Words that must not be lost.")
    page.context.add_cookies(kept)
    page.wait_for_timeout(100)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#presence")).to_contain_text("Question changed")
    assert find_question(designer.content(draft), "seen_alone")["guidance"] == "Words that must not be lost."


def test_two_people_at_one_question_see_both_and_choose(browser, page, designer):
    draft = designer.draft()
    address = f"/forms/drafts/{draft}/questions/seen_alone"
    context, second = signed_in(browser, designer, 1)
    page.goto(address)
    second.goto(address)
    page.fill("#text", "From the first?")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#presence")).to_contain_text("Question changed")
    second.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(second.locator("#presence")).to_contain_text(
        "Changed since you opened this page. Lead 1, just now"
    )
    second.fill("#text", "From the second?")
    second.get_by_role("button", name="Save", exact=True).click()
    expect(second.locator("#conflict")).to_contain_text("From the first?")
    expect(second.locator("#text")).to_have_value("From the second?")
    second.get_by_role("button", name="Save", exact=True).click()
    expect(second.locator("#conflict")).to_have_count(0)
    assert find_question(designer.content(draft), "seen_alone")["text"] == "From the second?"
    context.close()


def test_a_condition_is_picked_with_the_keyboard_alone(page, designer):
    draft = designer.draft()
    page.goto(f"/forms/drafts/{draft}/conditions/question/seen_on")
    page.locator("#look").select_option("q:seen_alone")
    page.wait_for_url("**look=q**")
    page.locator("#comparison").select_option("is")
    page.get_by_label("Partly").press("Space")
    page.get_by_role("button", name="Add the line").press("Enter")
    expect(page.locator(".los-group")).to_contain_text("‘Was the child seen alone?’ is Partly")
    shown = find_question(designer.content(draft), "seen_on")["show_when"]
    assert shown == {"question": "seen_alone", "is": "partly"}


def test_a_question_is_dragged_in_the_outline(page, designer):
    draft = designer.draft()
    page.goto(f"/forms/drafts/{draft}/questions/seen_alone")
    source = page.locator('.los-outline__inner [data-question="seen_on"]')
    source.drag_to(page.locator('.los-outline__inner [data-question="seen_alone"]'))
    expect(page.locator("#presence")).to_contain_text("Question moved")
    asked = [one["question"] for one in designer.content(draft)["sections"][0]["questions"]]
    assert asked == ["seen_on", "seen_alone", "why_not"]


def test_all_of_it_works_without_scripts(browser, designer):
    draft = designer.draft()
    context, page = signed_in(browser, designer, java_script_enabled=False)
    page.goto(f"/forms/drafts/{draft}/questions/seen_alone")
    page.fill("#text", "Without a script?")
    page.get_by_role("button", name="Preview before saving").click()
    expect(page.locator("#preview")).to_contain_text("Without a script?")
    expect(page.locator(".los-unsaved")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    assert find_question(designer.content(draft), "seen_alone")["text"] == "Without a script?"
    page.get_by_role("button", name="Move down", exact=True).click()
    assert designer.content(draft)["sections"][0]["questions"][1]["question"] == "seen_alone"
    page.goto(f"/forms/drafts/{draft}/conditions/section/talk")
    page.select_option("#look", "s:voice")
    page.get_by_role("button", name="Choose").click()
    page.get_by_label("Inadequate").check()
    page.get_by_role("button", name="Add the line").click()
    assert designer.content(draft)["sections"][1]["show_when"] == {"section": "voice", "grade": "inadequate"}
    context.close()
