"""Takes the pictures of the README from a running demonstration: `python -m tests.journeys.take_pictures ADDRESS`."""

import re
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from qa_app.demo.council import PASSWORD
from tests.journeys.conftest import browser_path

FOLDER = Path(__file__).parent / "pictures"


def sign_in(page: Page, address: str, who: str) -> None:
    """As one of the demonstration's people."""
    page.goto(f"{address}/sign-in")
    page.fill("#email", f"{who}@council.example")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")


def main(address: str) -> None:
    """The review page, the theme page and the exception report."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        for who, name, path in (
            ("auditor1", "review", "/reviews"),
            ("director", "theme", "/themes"),
            ("board", "exception-report", "/plan/exceptions?as_at=2016-09-30"),
        ):
            page = browser.new_context(viewport={"width": 1366, "height": 860}, locale="en-GB").new_page()
            sign_in(page, address, who)
            page.goto(address + path)
            if name != "exception-report":
                page.locator("main table tbody a").first.click()
                page.wait_for_url(re.compile(r"/\d+"))
            page.screenshot(path=FOLDER / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
