"""Links by which a password is chosen, and the page to change one's own."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qa_app import clock
from qa_app.domain.access import Role
from qa_app.models.accounts import PasswordLink, User
from qa_app.queries.accounts import AccountState, get_account
from qa_app.services.accounts import close_account
from qa_app.services.accounts_sign_in import password_opens
from tests.builders import AT, SYSTEM, make_user
from tests.web.handed_link import handed_address

pytestmark = pytest.mark.database

OLD, NEW = "a walk in the long rain", "hills and a slow river"
SignIn = Callable[[User], FlaskClient]


def make_link(sign_in: SignIn, user_id: int) -> str:
    browser = sign_in(make_user(role=Role.ADMINISTRATOR))
    answer = browser.post(f"/accounts/{user_id}/link")
    assert answer.status_code == 200
    return handed_address(answer.text)


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(
    sign_in: SignIn, client: FlaskClient, session: Session
) -> None:
    user = make_user(role=None, password=OLD)
    user_id, email = user.id, user.email
    standing = sign_in(user)
    link = make_link(sign_in, user_id)
    page = client.get(link)
    assert email in page.text
    assert client.post(link, data={"password": NEW, "again": NEW}).location == "/sign-in"
    assert standing.get("/your-sign-ins").status_code == 302
    assert client.post("/sign-in", data={"email": email, "password": OLD}).status_code == 422
    assert client.post("/sign-in", data={"email": email, "password": NEW}).status_code == 303
    for again in (client.get(link), client.post(link, data={"password": OLD, "again": OLD})):
        assert again.status_code == 404
        assert "Ask an administrator for a new one" in again.text


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"password": "short", "again": "short"}, "at least 12 characters"),
        ({"password": NEW, "again": OLD}, "The two passwords are not the same"),
        ({}, "Enter a password"),
        ({"password": "y" * 500, "again": "y" * 500}, "at most 128 characters"),
    ],
)
def test_a_password_that_will_not_do_is_told_at_its_field_and_the_link_stands(
    sign_in: SignIn, client: FlaskClient, session: Session, sent: dict[str, str], words: str
) -> None:
    link = make_link(sign_in, make_user(role=None).id)
    refused = client.post(link, data=sent)
    assert refused.status_code == 422
    assert words in refused.text
    assert client.get(link).status_code == 200


def test_a_link_used_in_a_browser_that_is_signed_in_ends_that_sign_in(
    sign_in: SignIn, session: Session
) -> None:
    user = make_user(role=None)
    user_id = user.id
    other = sign_in(make_user(role=None))
    link = make_link(sign_in, user_id)
    other.post(link, data={"password": NEW, "again": NEW})
    assert other.get("/your-sign-ins").status_code == 302


def test_no_link_for_nobody_or_a_closed_account(sign_in: SignIn, session: Session) -> None:
    closed = make_user(role=None)
    closed_id = closed.id
    close_account(SYSTEM, closed_id, at=AT)
    browser = sign_in(make_user(role=Role.ADMINISTRATOR))
    assert browser.post("/accounts/999999/link").status_code == 404
    assert browser.post(f"/accounts/{closed_id}/link").status_code == 409
    assert "Make a link" not in browser.get(f"/accounts/{closed_id}/roles").text
    assert session.scalar(select(func.count(PasswordLink.id))) == 0


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(token=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80))
def test_whatever_stands_for_a_token_is_refused_in_words(
    client: FlaskClient, session: Session, token: str
) -> None:
    address = f"/choose-password/x{quote(token, safe='')}"
    for answer in (client.get(address), client.post(address, data={"password": token, "again": token})):
        assert answer.status_code == 404


def test_ones_own_password_is_changed_and_every_other_sign_in_ends(sign_in: SignIn, session: Session) -> None:
    user = make_user(role=None, password=OLD)
    email = user.email
    here, elsewhere = sign_in(user), sign_in(user)
    assert 'href="/your-password"' in here.get("/your-sign-ins").text
    assert here.get("/your-password").status_code == 200
    before = here.get_cookie("qa")
    answer = here.post("/your-password", data={"current": OLD, "password": NEW, "again": NEW})
    assert answer.location == "/your-sign-ins"
    assert here.get("/your-sign-ins").status_code == 200
    assert elsewhere.get("/your-sign-ins").status_code == 302
    after = here.get_cookie("qa")
    assert before is not None
    assert after is not None
    assert after.value != before.value
    assert password_opens(email, NEW)[1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"current": "not the right one"}, "not your present password"),
        ({"current": ""}, "Enter your present password"),
        ({"password": "short", "again": "short"}, "at least 12 characters"),
        ({"again": OLD}, "The two passwords are not the same"),
    ],
)
def test_a_change_that_will_not_do_is_told_at_its_field(
    sign_in: SignIn, session: Session, change: dict[str, str], words: str
) -> None:
    user = make_user(role=None, password=OLD)
    email = user.email
    here, elsewhere = sign_in(user), sign_in(user)
    answer = here.post("/your-password", data={"current": OLD, "password": NEW, "again": NEW, **change})
    assert answer.status_code == 422
    assert words in answer.text
    assert password_opens(email, OLD)[1]
    assert elsewhere.get("/your-sign-ins").status_code == 200


def test_guessing_the_present_password_locks_the_account(sign_in: SignIn, session: Session) -> None:
    user = make_user(role=None, password=OLD)
    user_id, email = user.id, user.email
    here = sign_in(user)
    limit = here.application.config["SETTINGS"].sign_in_attempts
    for _ in range(limit):
        here.post("/your-password", data={"current": "a guess", "password": NEW, "again": NEW})
    assert (
        here.post("/your-password", data={"current": OLD, "password": NEW, "again": NEW}).status_code == 422
    )
    assert password_opens(email, OLD)[1]
    assert get_account(SYSTEM, user_id, at=clock.now()).state is AccountState.LOCKED
