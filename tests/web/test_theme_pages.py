"""The theme pages: figures that open their rows, and slices that stand in the address."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.answers import AnswerState
from qa_app.models.accounts import User
from qa_app.models.themes import Theme
from qa_app.services.reviews_release import release_reviews
from tests.builders import AT, make_service_area, make_team, make_user
from tests.builders_findings import excused, make_submitted, make_themed_version
from tests.builders_reviews import make_cohort

pytestmark = pytest.mark.database
SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def visits(session: Session) -> int:
    version = make_themed_version()
    auditor = make_user()
    north = make_team("Team North", make_service_area("Safeguarding"))
    south = make_team("Team South")
    september, november = make_cohort(version, date(2026, 9, 1)), make_cohort(version, date(2026, 11, 1))
    make_submitted(auditor, september, north, findings=[("seen", "weakness", ["visits"])])
    make_submitted(auditor, november, north, findings=[("seen", "strength", ["visits"])])
    make_submitted(auditor, november, south)
    put_aside = [excused(key, AnswerState.NOT_APPLICABLE) for key in ("seen", "purpose")]
    make_submitted(auditor, november, None, answers=put_aside, findings=[(None, "weakness", ["visits"])])
    theme = session.scalars(select(Theme).where(Theme.key == "visits")).one()
    return theme.id


@pytest.fixture
def browser(sign_in: SignIn, visits: int) -> FlaskClient:
    return sign_in(make_user("Improvement", Role.IMPROVEMENT_TEAM))


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def test_the_list_shows_every_theme_with_n_and_total(browser: FlaskClient) -> None:
    page = text_of(browser.get("/themes/").get_data(as_text=True))
    for title in ("Planning", "SMART plans", "Contingency", "Visits"):
        assert title in page
    assert "33% (1 of 3)" in page
    assert "0 of 0" in page  # nobody was asked about contingency


def test_the_page_of_a_theme_says_how_often_where_and_when(browser: FlaskClient, visits: int) -> None:
    page = text_of(browser.get(f"/themes/{visits}").get_data(as_text=True))
    assert "1 of 3" in page
    assert "1 more review in this slice has a finding on this theme" in page
    for words in (
        "Team North",
        "Safeguarding",
        "No service area recorded",
        "Child protection",
        "October 2026",
    ):
        assert words in page
    assert "No plan action answers this theme yet" in page


def test_every_figure_opens_as_many_rows_as_it_says(browser: FlaskClient, visits: int) -> None:
    page = browser.get(f"/themes/{visits}").get_data(as_text=True)
    figures = re.findall(r'href="([^"]*/reviews\?[^"]*)"[^>]*aria-label="[^"]*?(\d+) of (\d+)', page)
    assert len(figures) >= 14
    for href, n, _total in figures:
        behind = browser.get(unescape(href)).get_data(as_text=True)
        assert f"{n} review" in text_of(behind), href
        assert len(re.findall(r'<th scope="row">', behind)) == int(n), href


def test_the_slice_stands_in_the_address_and_in_every_link(browser: FlaskClient, visits: int) -> None:
    page = browser.get(f"/themes/{visits}?from=2026-11&to=2026-11&plan_type=child_protection").get_data(
        as_text=True
    )
    assert "November 2026 to November 2026, Child protection" in unescape(page)
    assert "0 of 2" in text_of(page)
    links = re.findall(r'href="(/themes/\d+/reviews[^"]*)"', page)
    assert links
    assert all("from=2026-11" in link and "plan_type=child_protection" in link for link in links)
    assert '<option value="child_protection" selected>' in page


@pytest.mark.parametrize(
    "asked",
    [
        "from=2026-13",
        "to=November",
        "from=2026-11&to=2026-10",
        "team=north",
        "area=%C2%B2",
        "plan_type=all",
        "from=2026-11-05",
    ],
)
def test_a_slice_that_cannot_be_read_is_refused_in_words(
    browser: FlaskClient, visits: int, asked: str
) -> None:
    for path in ("/themes/", f"/themes/{visits}", f"/themes/{visits}/reviews", f"/themes/{visits}/findings"):
        assert browser.get(f"{path}?{asked}").status_code == 422


def test_what_is_not_there_is_not_found(browser: FlaskClient, visits: int) -> None:
    assert browser.get("/themes/999999").status_code == 404
    assert browser.get(f"/themes/{visits}/reviews?having=everything").status_code == 404
    assert browser.get(f"/themes/{visits}/reviews?page=99&having=all").status_code == 200


def test_the_findings_of_a_theme_are_listed(browser: FlaskClient, visits: int) -> None:
    page = text_of(browser.get(f"/themes/{visits}/findings").get_data(as_text=True))
    assert "3 findings, all months" in page
    assert "What was found: strength." in page


def test_somebody_without_the_right_is_refused(sign_in: SignIn, visits: int) -> None:
    auditor = sign_in(make_user("Auditor Two"))
    assert auditor.get("/themes/").status_code == 403
    assert auditor.get(f"/themes/{visits}").status_code == 403


def test_a_team_manager_sees_no_plan_and_only_their_team_once_it_is_released(
    sign_in: SignIn, session: Session, visits: int
) -> None:
    from qa_app.models.organisation import Team
    from qa_app.models.reviews import Review

    north = session.scalars(select(Team).where(Team.name == "Team North")).one()
    manager = sign_in(make_user("Manager", Role.TEAM_MANAGER, team=north))
    before = text_of(manager.get(f"/themes/{visits}").get_data(as_text=True))
    assert "What was found" not in before
    assert "1 of 2" not in before
    submitted = session.scalars(select(Review.id).where(Review.submitted_at.is_not(None))).all()
    release_reviews(SYSTEM, submitted, at=AT)
    session.commit()
    page = text_of(manager.get(f"/themes/{visits}").get_data(as_text=True))
    assert "1 of 2" in page
    assert "Team South" not in page
    assert "plan action" not in page.lower()
