"""Every page of the site in a browser: axe finds nothing, no script fails, and a phone needs no sideways scroll."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select
from werkzeug.serving import make_server

from qa_app.config import Settings
from qa_app.demo import council
from qa_app.demo.rounds import ROUNDS
from qa_app.extensions import db
from qa_app.factory import create_app
from qa_app.models.findings import Finding
from qa_app.models.reviews import Review
from qa_app.models.tables import metadata
from qa_app.services.audit_form_drafts import start_draft
from tests.builders import AT

pytestmark = pytest.mark.browser

PAGES: dict[str, tuple[str, ...]] = {
    "": ("/sign-in", "/nothing-here"),
    "auditor1": (
        "/",
        "/reviews",
        "{open}",
        "{open}/check",
        "/findings/new?review_id={open_id}",
        "/case-actions/new?review_id={open_id}",
        "/concerns/new?review_id={open_id}",
        "/case-actions",
        "/history/review/{open_id}",
    ),
    "qa.lead": (
        "/",
        "/cohorts",
        "/cohorts/new",
        "/cohorts/1",
        "/cohorts/1/selection",
        "/cohorts/1/allocation",
        "/caseload",
        "/caseload/imports/new",
        "/caseload/imports/1",
        "/caseload/imports/1/comparison",
        "/caseload/children",
        "/caseload/children/1",
        "/caseload/words",
        "/organisation",
        "/organisation/practitioners",
        "/organisation/teams/1",
        "/organisation/service-areas/new",
        "/organisation/practitioners/5",
        "/organisation/names",
        "/organisation/names/worker/5/merge?into=6",
        "/organisation/sheet",
        "/case-flags",
        "/case-flags/upload",
        "/case-flags/lists/complaint_open",
        "/case-flags/children/7",
        "/case-flags/kinds",
        "/case-flags/kinds/closing",
        "/releases",
        "/releases?state=held",
        "/replies",
        "/measures/conversations",
        "/reviews/{submitted}/submissions",
        "/reviews/{submitted}/reopen",
        "/reviews/{waiting}/return",
        "/leavers",
        "/leavers/new",
        "/forms",
        "/forms/new",
        "/forms/child-protection",
        "/forms/dip-sample-strategy-discussions/versions/1",
        "/forms/child-protection/changes",
        "/forms/child-protection/cohorts",
        "/forms/proposals",
        "/forms/workbooks",
        "/measures/",
        "/measures/child_seen_alone",
        "{draft}/check",
        "{draft}",
        "{draft}/sections/voice",
        "{draft}/questions/seen_alone",
        "{draft}/sections/voice/borrow?form=dip-sample-strategy-discussions",
        "{draft}/limits",
        "{draft}/conditions/limit/0?look=s:voice",
        "{draft}/preview",
    ),
    "practitioner": ("/", "/my-practice"),
    "action.lead": ("/", "/plan"),
    "partner": ("/", "/plan"),
    "board": ("/", "/boards", "/boards/reports/1"),
    "director": ("/", "/boards/drafts/2"),
    "reviewing.officer": ("/", "/my-practice"),
    "manager": ("/", "/my-practice", "/supervision"),
    "head.safeguarding": (
        "/",
        "/case-actions?show=all",
        "/concerns",
        "/themes",
        "/themes/6",
        "/themes/6/reviews",
        "/findings/{finding}",
        "/plan",
    ),
    "improvement": (
        "/",
        "/plan",
        "/plan/actions/1",
        "/plan/exceptions",
        "/plan/import",
        "/plan/1/people",
        "/plan/actions/1/people",
        "/plan/actions/1/update",
        "/boards",
        "/boards/new",
        "/boards/1",
        "/boards/drafts/new",
        "/boards/drafts/2/cover",
        "/reviews/{submitted}",
        "/history/review/{submitted}",
    ),
    "admin": (
        "/",
        "/accounts",
        "/accounts/new",
        "/accounts/2/roles",
        "/your-sign-ins",
        "/your-password",
        "/your-second-factor",
        "/confirm-it-is-you",
        "/accounts/2/close",
        "/accounts/2/reopen",
        "/who-can-do-what",
        "/history",
        "/history/user/2",
        "/access-log",
        "/system",
    ),
}


@pytest.fixture(scope="module")
def filled_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, Any]]]:
    """The site with a small demonstration, served on this machine; its address and some numbers of its rows."""
    folder = tmp_path_factory.mktemp("site")
    settings = Settings(
        database_url=f"sqlite:///{folder / 'site.sqlite3'}",
        secret_key="for this test only",
        secure_cookies=False,
        instance_folder=Path(folder),
    )
    app = create_app(settings)
    kept = council.ROUNDS
    council.ROUNDS = tuple(replace(each, size=16) for each in ROUNDS)
    try:
        with app.app_context():
            metadata.create_all(db.engine)
            council.build_demonstration(lambda words: None)
            db.session.commit()
            numbers = numbers_of()
            db.session.remove()
    finally:
        council.ROUNDS = kept
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", numbers
    server.shutdown()
    thread.join()
    server.server_close()
    with app.app_context():
        db.engine.dispose()


def numbers_of() -> dict[str, Any]:
    """Rows that pages are asked for: an open review of the first auditor, a finding and review of safeguarding."""
    finding = db.session.scalars(
        select(Finding)
        .join(Review)
        .where(Review.submitted_at.is_not(None), Finding.plan_type == "child_in_need")
    ).first()
    reviewer = council.get_viewer(auditor_id()).user_id
    open_id = db.session.scalar(
        select(Review.id).where(Review.reviewer_id == reviewer, Review.submitted_at.is_(None)).limit(1)
    )
    assert finding is not None
    assert open_id is not None
    draft = start_draft(council.SYSTEM, "child-protection", at=AT)
    db.session.commit()
    return {
        "draft": f"/forms/drafts/{draft.id}",
        "open": f"/reviews/{open_id}",
        "open_id": open_id,
        "finding": finding.id,
        "submitted": finding.review_id,
        "waiting": db.session.scalar(
            select(Review.id).where(Review.submitted_at.is_not(None), Review.released_at.is_(None)).limit(1)
        ),
    }


def auditor_id() -> int:
    """The number of the first auditor's account."""
    return next(
        account.user_id
        for account in council.list_accounts(council.SYSTEM)
        if account.email == "auditor1@council.example"
    )


@pytest.mark.parametrize("address", PAGES, ids=lambda address: address or "nobody")
def test_every_page_is_sound_in_a_browser(
    browser: Browser, filled_site: tuple[str, dict[str, Any]], address: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    home, numbers = filled_site
    context = browser.new_context(viewport={"width": 1366, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    if address:
        page.goto(f"{home}/sign-in")
        page.get_by_label("Email address").fill(f"{address}@council.example")
        page.locator("input[name=password]").fill(council.PASSWORD)
        page.locator("main button[type=submit]").click()
        page.wait_for_url(f"{home}/")
    faults = []
    for path in PAGES[address]:
        path = path.format(**numbers)
        said.clear()
        response = page.goto(f"{home}{path}")
        assert response is not None
        is_missing = path == "/nothing-here"
        assert response.status == (404 if is_missing else 200), (path, response.status)
        found = Axe().run(page).response["violations"]
        faults += [(path, one["id"], one["nodes"][0]["html"][:160]) for one in found]
        faults += [(path, "script", words) for words in said if not is_missing]
        page.set_viewport_size({"width": 400, "height": 800})
        width = page.evaluate("document.documentElement.scrollWidth")
        faults += [(path, "wider than a phone", str(width))] if width > 400 else []
        page.set_viewport_size({"width": 1366, "height": 900})
    context.close()
    assert faults == []
