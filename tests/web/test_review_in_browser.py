"""The review page in a real browser: it saves itself, says how that goes, and never loses words."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from waitress.server import create_server

from qa_app.config import Settings
from qa_app.extensions import db
from qa_app.factory import create_app, with_static_files
from qa_app.models.tables import metadata
from tests.builders import make_team, make_user
from tests.builders_reviews import make_review

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


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[tuple[str, str, list[int]]]:
    """The site on a port of its own: its address, an auditor's e-mail address, and their reviews."""
    folder: Path = tmp_path_factory.mktemp("site")
    made = create_app(
        Settings(
            database_url=f"sqlite:///{folder / 'site.sqlite3'}",
            secret_key="browser",
            secure_cookies=False,
            instance_folder=folder,
        )
    )
    with made.app_context():
        metadata.create_all(db.engine)
        auditor = make_user("Auditor One", password=PASSWORD)
        team = make_team()
        reviews = [make_review(auditor, team=team).id for _ in range(15)]
        email = auditor.email
        db.session.commit()
        db.session.remove()
    server = create_server(with_static_files(made), host="127.0.0.1", port=0, threads=4)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}", email, reviews
    server.close()
    thread.join(5)
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def chromium():
    """A browser, started once."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture
def context(chromium, site):
    """A window in which the auditor is signed in."""
    window = chromium.new_context(viewport={"width": 1366, "height": 900})
    window.set_default_timeout(8000)
    sign_in(window.new_page(), site)
    yield window
    window.close()


def sign_in(page, site):
    address, email, _ = site
    page.goto(f"{address}/sign-in")
    page.get_by_label("Email").fill(email)
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "sign-in" not in url)


def open_section(context, site, number, section="voice"):
    page = context.new_page()
    page.goto(f"{site[0]}/reviews/{site[2][number]}/sections/{section}")
    return page


def expect_state(page, words):
    page.wait_for_function(
        "words => document.getElementById('save-state').textContent.startsWith(words)", arg=words
    )


def test_an_answer_saves_itself_within_half_a_second_of_typing(context, site):
    page = open_section(context, site, 0)
    with page.expect_request(lambda request: "/answers/" in request.url, timeout=500):
        page.locator("#question-seen_alone input[value=partly]").check()
    expect_state(page, "Saved at")
    assert page.locator("[data-progress=voice] [data-count]").inner_text().startswith("1 of")
    assert page.locator("#question-why_not").is_visible()
    assert page.get_by_role("link", name="Raise this as a weakness").is_visible()
    with page.expect_request(lambda request: "/answers/why_not" in request.url, timeout=2000):
        page.locator("#why_not-value").press_sequentially("Away at school")
    expect_state(page, "Saved at")
    page.reload()
    assert page.locator("#why_not-value").input_value() == "Away at school"


def test_words_survive_a_lost_connection(context, site):
    page = open_section(context, site, 1)
    page.locator("#judgement-voice textarea").fill("First words")
    expect_state(page, "Saved at")
    context.set_offline(True)
    page.locator("#judgement-voice textarea").fill("First words and more")
    expect_state(page, "Cannot save: no connection")
    assert page.locator("#judgement-voice textarea").input_value() == "First words and more"
    context.set_offline(False)
    expect_state(page, "Saved at")
    page.reload()
    assert page.locator("#judgement-voice textarea").input_value() == "First words and more"


def test_two_tabs_show_both_answers_and_ask(context, site):
    first, second = open_section(context, site, 2), open_section(context, site, 2)
    second.locator("#question-seen_alone input[value=no]").check()
    expect_state(second, "Saved at")
    first.locator("#question-seen_alone input[value=yes]").check()
    expect_state(first, "Not saved")
    box = first.locator(".los-conflict")
    assert "Saved: No" in box.inner_text()
    assert "Yours: Yes" in box.inner_text()
    box.get_by_role("button", name="Keep mine").click()
    expect_state(first, "Saved at")
    second.reload()
    assert second.locator("#question-seen_alone input[value=yes]").is_checked()


def test_signing_out_elsewhere_loses_nothing(context, site):
    page = open_section(context, site, 3)
    other = context.new_page()
    other.goto(f"{site[0]}/reviews")
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_load_state()
    page.locator("#judgement-voice textarea").fill("Typed after signing out")
    expect_state(page, "Cannot save: you have been signed out")
    sign_in(other, site)
    expect_state(page, "Saved at")
    page.reload()
    assert page.locator("#judgement-voice textarea").input_value() == "Typed after signing out"


def test_saving_and_going_on_waits_for_the_last_words(context, site):
    page = open_section(context, site, 4)
    page.locator("#judgement-voice textarea").fill("Last words")
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_url("**/sections/talk")
    page.go_back()
    page.reload()
    assert page.locator("#judgement-voice textarea").input_value() == "Last words"


def test_a_whole_review_without_scripts(chromium, site):
    window = chromium.new_context(java_script_enabled=False, viewport={"width": 400, "height": 800})
    window.set_default_timeout(8000)
    page = window.new_page()
    sign_in(page, site)
    page.goto(f"{site[0]}/reviews/{site[2][5]}/sections/voice")
    page.locator("#question-seen_alone input[value=yes]").check()
    page.locator("#judgement-voice input[value=good]").check()
    page.locator("#judgement-voice textarea").first.fill("Seen and heard.")
    page.get_by_role("button", name="Save and continue").click()
    page.locator("#question-practitioner input[value=no]").first.check()
    page.get_by_label("On leave or off sick").check()
    page.get_by_role("button", name="Save and continue").click()
    page.locator("#judgement-overall input[value=good]").check()
    page.locator("textarea[name=judgement-rationale]").fill("Good work.")
    page.get_by_role("button", name="Check and submit").click()
    page.get_by_role("button", name="Submit this review").click()
    assert "is submitted. Thank you." in page.locator("main").inner_text()
    window.close()


def test_the_page_is_sound_for_assistive_technology(context, site):
    from axe_playwright_python.sync_playwright import Axe

    for width in (1366, 400):
        for section in ("voice", "talk", "overall"):
            page = open_section(context, site, 6, section)
            page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(page).response["violations"]
            assert [one["id"] for one in found] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.close()


def test_an_answer_given_before_the_script_has_come_is_saved_too(context, site):
    page = context.new_page()
    waiting = []
    page.route("**/js/review.js*", lambda route: waiting.append(route))
    page.goto(f"{site[0]}/reviews/{site[2][7]}/sections/voice", wait_until="commit")
    page.locator("#question-seen_alone input[value=no]").check()
    assert waiting, "the script came first"
    waiting[0].continue_()
    expect_state(page, "Saved at")
    page.unroute("**/js/review.js*")
    page.reload()
    assert page.locator("#question-seen_alone input[value=no]").is_checked()


END_SIGN_IN = """() => fetch('/sign-out', {
  method: 'POST', headers: { 'X-CSRFToken': document.querySelector('[data-review]').dataset.token }
})"""


def end_sign_in(page):
    """The sign-in ends behind the page's back."""
    page.evaluate(END_SIGN_IN)


def test_a_reply_that_was_lost_on_the_way_is_no_conflict(context, site):
    page = open_section(context, site, 8)
    lost = []

    def lose(route):
        if lost:
            route.continue_()
            return
        lost.append(route.fetch())  # it arrives and is stored; its reply does not come back
        route.abort()

    page.route("**/judgements/voice", lose)
    page.locator("#judgement-voice textarea").fill("Stored, but the reply was lost")
    expect_state(page, "Cannot save")
    expect_state(page, "Saved at")
    assert lost
    assert page.locator(".los-conflict").count() == 0
    page.locator("#judgement-voice textarea").fill("And then more")
    page.wait_for_timeout(600)
    expect_state(page, "Saved at")
    page.reload()
    assert page.locator("#judgement-voice textarea").input_value() == "And then more"


def test_both_sides_of_a_conflict_stay_in_sight_until_one_is_chosen(chromium, site):
    windows = [chromium.new_context(viewport={"width": 1366, "height": 900}) for _ in range(2)]
    pages = []
    for window in windows:
        window.set_default_timeout(8000)
        sign_in(window.new_page(), site)
        pages.append(open_section(window, site, 9))
    first, second = pages
    first.locator("#judgement-voice textarea").fill("From the first window")
    expect_state(first, "Saved at")
    second.locator("#judgement-voice textarea").fill("From the second window")
    expect_state(second, "Not saved")
    words = second.locator(".los-conflict").inner_text()
    assert "From the first window" in words
    assert "From the second window" in words
    first.locator("#judgement-voice textarea").fill("From the first window, and more")
    expect_state(first, "Saved at")
    second.get_by_role("button", name="Keep mine").click()
    expect_state(second, "Not saved")
    assert "From the first window, and more" in second.locator(".los-conflict").inner_text()
    second.get_by_role("button", name="Use the saved answer").click()
    second.wait_for_load_state()
    assert second.locator("#judgement-voice textarea").input_value() == "From the first window, and more"
    for window in windows:
        window.close()


def test_signing_in_again_in_place_while_typing(context, site):
    page = open_section(context, site, 10)
    page.locator("#judgement-voice textarea").fill("Begun before")
    expect_state(page, "Saved at")
    end_sign_in(page)
    page.locator("#judgement-voice textarea").press_sequentially(", and typed after the sign-in had ended")
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Email").wait_for()
    assert "Your words are kept on this page" in dialog.inner_text()
    dialog.get_by_label("Email").fill(site[1])
    dialog.locator("input[type=password]").fill("a wrong password altogether")
    dialog.get_by_role("button", name="Sign in").click()
    dialog.get_by_text("There is a problem").wait_for()
    dialog.get_by_label("Email").fill(site[1])
    dialog.locator("input[type=password]").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    expect_state(page, "Saved at")
    assert page.locator("dialog[open]").count() == 0
    page.reload()
    assert (
        page.locator("#judgement-voice textarea").input_value()
        == "Begun before, and typed after the sign-in had ended"
    )


def test_a_review_by_keyboard_alone_from_opening_to_submitting(context, site):
    page = context.new_page()
    page.goto(f"{site[0]}/reviews/{site[2][11]}/sections/voice")
    keys = page.keyboard
    keys.press("n")
    keys.press("3")
    expect_state(page, "Saved at")
    assert page.locator("#question-seen_alone input[value=no]").is_checked()
    keys.press("1")
    assert page.locator("#question-seen_alone input[value=yes]").is_checked()
    keys.press("?")
    help_text = page.locator("dialog[open]").inner_text()
    assert "Next question" in help_text
    keys.press("Escape")
    keys.press("f")
    page.locator("dialog[open] textarea").wait_for()
    keys.press("Escape")
    page.wait_for_function("() => document.activeElement.closest('.los-question__tools')")
    keys.press("g")
    keys.press("2")
    assert page.locator("#judgement-voice input[value=good]").is_checked()
    for _ in range(6):
        keys.press("Tab")
        if page.evaluate("() => document.activeElement.tagName") == "TEXTAREA":
            break
    keys.type("Seen 3 times; n and p are letters here.")
    expect_state(page, "Saved at")
    assert (
        page.locator("#judgement-voice textarea").input_value() == "Seen 3 times; n and p are letters here."
    )
    assert page.locator("#judgement-voice input[value=good]").is_checked(), "typing chooses nothing"
    keys.press("Tab")
    keys.press("s")
    page.wait_for_url("**/sections/talk")
    keys.press("n")
    keys.press("2")
    for _ in range(4):
        keys.press("Tab")
        if page.evaluate("() => document.activeElement.name") == "practitioner-why_code":
            break
    keys.press("Space")
    expect_state(page, "Saved at")
    keys.press("s")
    page.wait_for_url("**/sections/overall")
    keys.press("g")
    keys.press("2")
    for _ in range(6):
        keys.press("Tab")
        if page.evaluate("() => document.activeElement.name") == "judgement-rationale":
            break
    keys.type("Good work.")
    expect_state(page, "Saved at")
    keys.press("Tab")
    keys.press("s")
    page.wait_for_url("**/check")
    page.get_by_role("button", name="Submit this review").focus()
    keys.press("Enter")
    page.wait_for_url(f"**/reviews/{site[2][11]}")
    assert "is submitted. Thank you." in page.locator("main").inner_text()


def test_keys_can_be_turned_off(context, site):
    page = open_section(context, site, 12)
    page.keyboard.press("?")
    page.locator("dialog[open]").get_by_role("button", name="Turn these keys off").click()
    page.keyboard.press("n")
    page.keyboard.press("1")
    assert page.locator("#question-seen_alone input:checked").count() == 0
    page.wait_for_timeout(300)
    page.reload()
    page.keyboard.press("1")
    assert page.locator("#question-seen_alone input:checked").count() == 0
    page.keyboard.press("?")
    page.locator("dialog[open]").get_by_role("button", name="Turn these keys on").click()
    page.keyboard.press("n")
    page.keyboard.press("1")
    assert page.locator("#question-seen_alone input[value=yes]").is_checked()


def test_filters_leave_what_needs_a_look(context, site):
    from playwright.sync_api import expect

    page = open_section(context, site, 13)
    page.locator("#question-seen_alone input[value=no]").check()
    expect_state(page, "Saved at")
    page.reload()
    page.get_by_role("link", name="Below good 1").click()
    expect(page.locator("[data-question]")).to_have_count(1)
    page.get_by_role("navigation", name="Which questions are shown").get_by_role(
        "link", name="Unanswered"
    ).click()
    expect(page.locator("#question-seen_alone")).to_have_count(0)
    expect(page.locator("[data-progress=voice] [data-count]")).to_have_text("2 here")


def test_every_state_of_the_page_is_sound_for_assistive_technology(context, site):
    from axe_playwright_python.sync_playwright import Axe

    page = open_section(context, site, 14)

    def sound(state):
        found = Axe().run(page).response["violations"]
        assert [(state, one["id"], one["nodes"][0]["html"][:120]) for one in found] == []

    page.keyboard.press("?")
    sound("keys")
    page.keyboard.press("Escape")
    page.locator("#question-seen_on input[type=text]").first.fill("last week some time")
    expect_state(page, "Saved at")
    page.locator("#question-seen_on [data-fault]").wait_for()
    sound("fault")
    context.set_offline(True)
    page.locator("#judgement-voice textarea").fill("Kept here")
    expect_state(page, "Cannot save")
    sound("failed")
    context.set_offline(False)
    expect_state(page, "Saved at")
    other = open_section(context, site, 14)
    other.locator("#judgement-voice textarea").fill("Another answer")
    expect_state(other, "Saved at")
    page.locator("#judgement-voice textarea").fill("Mine")
    expect_state(page, "Not saved")
    sound("conflict")
    page.get_by_role("button", name="Keep mine").click()
    expect_state(page, "Saved at")
    end_sign_in(page)
    page.locator("#judgement-voice textarea").fill("After the sign-in had ended")
    page.locator("dialog[open] input[type=password]").wait_for()
    sound("sign in here")
