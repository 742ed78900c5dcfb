"""What was typed is kept while the server is away, and what was shown as saved survives its being killed."""

import http.client
import http.cookiejar
import json
import random
import re
import sqlite3
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.real_server import PASSWORD, RealServer

pytestmark = pytest.mark.browser

KILLS = 50
SECONDS_OF_TYPING = 60
SENTENCE = "The chronology stops in May; nobody wrote down what the child said at school that week. "


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RealServer]:
    real = RealServer(tmp_path)
    real.start()
    yield real
    real.close()


def test_typing_for_a_minute_while_the_server_goes_away_and_comes_back(
    browser: Browser, server: RealServer
) -> None:
    page = browser.new_context(viewport={"width": 1366, "height": 800}).new_page()
    sign_in(page, server)
    page.goto(f"{server.address}/reviews/{server.review_id}/sections/words")
    box = page.locator("#words_1-value")
    box.focus()
    typed, begun, states = "", time.monotonic(), set()
    away = False
    while (spent := time.monotonic() - begun) < SECONDS_OF_TYPING:
        if not away and 15 < spent < 35:
            server.stop()
            away = True
        if away and spent > 35:
            server.start()
            away = False
        letter = SENTENCE[len(typed) % len(SENTENCE)]
        page.keyboard.type(letter, delay=60)
        typed += letter
        states.add(page.locator("#save-state").get_attribute("data-state"))
    assert len(typed) > 300
    assert {"saved", "failed"} <= states, "it said when it could save and when it could not"
    page.wait_for_function(
        "() => document.getElementById('save-state').dataset.state === 'saved'", timeout=30_000
    )
    page.wait_for_timeout(600)
    page.reload()
    assert page.locator("#words_1-value").input_value() == typed.rstrip()


def sign_in(page: Page, server: RealServer) -> None:
    page.goto(f"{server.address}/sign-in")
    page.locator("input[name=email]").fill(server.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "sign-in" not in url)


class Saver:
    """Saves as the page does, one answer after another, and keeps what was confirmed: what a page shows as saved."""

    def __init__(self, server: RealServer) -> None:
        self.server = server
        self.browser = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )
        self.confirmed: dict[str, tuple[int, str]] = {}
        self.token = ""
        self.stopped = threading.Event()
        self.n_confirmed = 0
        self.refused: list[tuple[int, bytes]] = []

    def sign_in(self) -> None:
        token = self._token("/sign-in")
        self._send("/sign-in", {"csrf_token": token, "email": self.server.email, "password": PASSWORD})
        self.token = self._token(f"/reviews/{self.server.review_id}/sections/words")

    def run(self) -> None:
        """Until it is stopped or the server is gone."""
        number = 0
        while not self.stopped.is_set():
            number = number % 6 + 1
            question = f"words_{number}"
            revision, _ = self.confirmed.get(question, (0, ""))
            words = f"{question} after {self.n_confirmed} saves"
            sent = {
                f"{question}-value": words,
                "revision": str(revision),
                "save_id": f"{time.monotonic_ns():032x}",
            }
            address = f"/reviews/{self.server.review_id}/answers/{question}"
            try:
                reply = self._send(address, sent, json_wanted=True)
            except urllib.error.HTTPError as refusal:
                if refusal.code != 409:
                    self.refused.append((refusal.code, refusal.read()[:500]))
                    return
                # A save whose reply was lost stands: its revision counts from now on.
                told = json.loads(refusal.read())
                if "revision" in told:
                    self.confirmed[question] = (int(told["revision"]), "")
                continue
            except (OSError, ValueError, http.client.HTTPException):
                return
            self.confirmed[question] = (int(json.loads(reply)["revision"]), words)
            self.n_confirmed += 1

    def _token(self, path: str) -> str:
        with self.browser.open(self.server.address + path, timeout=20) as page:
            found = re.search(
                r'name="csrf_token"[^>]*value="([^"]+)"|data-token="([^"]+)"', page.read().decode()
            )
        assert found is not None
        return found[1] or found[2]

    def _send(self, path: str, sent: dict[str, str], *, json_wanted: bool = False) -> str:
        request = urllib.request.Request(
            self.server.address + path,
            data=urllib.parse.urlencode(sent).encode(),
            headers={
                "X-CSRFToken": self.token,
                "Accept": "application/json" if json_wanted else "text/html",
                "Referer": self.server.address,
            },
        )
        with self.browser.open(request, timeout=20) as reply:
            words: str = reply.read().decode()
            return words


def test_what_was_shown_as_saved_survives_fifty_kills(server: RealServer) -> None:
    saver, chance, total = Saver(server), random.Random(20261124), 0
    saver.sign_in()
    for _ in range(KILLS):
        before = saver.n_confirmed
        saver.stopped.clear()
        running = threading.Thread(target=saver.run)
        running.start()
        until = time.monotonic() + 20
        while saver.n_confirmed < before + 3 and time.monotonic() < until:
            time.sleep(0.002)
        time.sleep(chance.random() * 0.03)
        server.kill()
        saver.stopped.set()
        running.join(30)
        assert not running.is_alive()
        assert saver.refused == []
        assert saver.n_confirmed >= before + 3, "nothing was saved before the kill"
        check(server, saver.confirmed)
        total = saver.n_confirmed
        server.start()
    assert total >= 3 * KILLS


def check(server: RealServer, confirmed: dict[str, tuple[int, str]]) -> None:
    """Every confirmed answer is in the database, or a later one of the same question."""
    with sqlite3.connect(server.database) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = database.execute("SELECT question_key, revision, value FROM answer").fetchall()
    stored = {key: (revision, json.loads(value)) for key, revision, value in rows}
    for question, (revision, words) in confirmed.items():
        assert question in stored, f"{question} was shown as saved and is gone"
        assert stored[question][0] >= revision
        if words and stored[question][0] == revision:
            assert stored[question][1] == words
