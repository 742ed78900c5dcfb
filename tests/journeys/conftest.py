"""A real server on a database of its own, and a real browser."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from waitress.server import create_server

from qa_app.bundled import bundled_folder
from qa_app.config import Settings
from qa_app.demo.council import load_forms
from qa_app.domain.access import SYSTEM, Grant, Role, ScopeKind
from qa_app.extensions import db
from qa_app.factory import create_app, with_static_files
from qa_app.jobs.sealing import sealing
from qa_app.services.accounts import add_user
from tests.builders import AT
from tests.postgresql import fresh_database, runs_on_postgresql

PASSWORD = "a long walk to the sea"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def browser_path() -> str | None:
    """Where a browser is installed, if one is."""
    given = os.environ.get("QA_TEST_BROWSER")
    return given or next((found for name in BROWSERS if (found := shutil.which(name))), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser without a window. Without one on the machine the tests are left out; in CI that is a failure."""
    path = browser_path()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("CI needs a browser, and there is none.")
        pytest.skip("no Chromium or Chrome on this machine")
    with sync_playwright() as play:
        made = play.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking", "--disable-quic"]
        )
        yield made
        made.close()


def is_problem(said: ConsoleMessage) -> bool:
    """Whether the browser complains of the page. A refusal (422) that the journey asks for is none."""
    return said.type == "error" and "status of 422" not in said.text


class Site:
    """A running site and its people."""

    def __init__(self, app: Flask, address: str) -> None:
        self.app = app
        self.address = address

    def add(self, email: str, name: str, role: Role, scope: ScopeKind, area: int | None = None) -> int:
        """Somebody with one role."""
        with self.app.app_context():
            user = add_user(
                SYSTEM, email=email, name=name, password=PASSWORD, grants=[Grant(role, scope, area)], at=AT
            )
            db.session.commit()
            return user.id


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The whole site on an empty migrated database, with the shipped themes and forms."""
    folder: Path = tmp_path_factory.mktemp("site")
    address = fresh_database() if runs_on_postgresql() else f"sqlite:///{folder / 'site.sqlite3'}"
    app = create_app(
        Settings(database_url=address, secret_key="test", secure_cookies=False, instance_folder=folder)
    )
    with app.app_context():
        flask_migrate.upgrade(directory=str(bundled_folder("migrations")))
        load_forms()
        db.session.commit()
    server = create_server(with_static_files(app), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    with sealing(app):
        thread.start()
        yield Site(app, f"http://127.0.0.1:{server.effective_port}")
    server.close()
    thread.join(timeout=5)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def person(browser: Browser, site: Site) -> Iterator[Callable[[str], Page]]:
    """Give an address; get a page in which that person is signed in, by the sign-in form."""
    pages: dict[str, Page] = {}
    problems: list[str] = []

    def give(email: str) -> Page:
        if email not in pages:
            page = browser.new_context(
                viewport={"width": 1366, "height": 800}, base_url=site.address, locale="en-GB"
            ).new_page()
            page.set_default_timeout(15_000)
            page.on("console", lambda said: problems.append(said.text) if is_problem(said) else None)
            page.on("pageerror", lambda fault: problems.append(str(fault)))
            page.goto("/sign-in")
            page.fill("#email", email)
            page.fill("#password", PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/")
            pages[email] = page
        return pages[email]

    yield give
    for page in pages.values():
        page.context.close()
    assert not problems, "the browser complained: " + "; ".join(problems[:5])
