"""Many wrong attempts: who is kept out by them, who is not, and who opens the door again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app import clock
from qa_app.domain.access import SYSTEM, Role
from qa_app.models.accounts import SignInThrottle, User, UserSession
from qa_app.queries.accounts import AccountState, get_account
from qa_app.services import accounts_sign_in
from qa_app.services.accounts_sessions import purge_sessions
from tests.builders import make_user
from tests.web.handed_link import handed_address

pytestmark = pytest.mark.database

PASSWORD, OTHER = "a walk in the long rain", "hills and a slow river"
SignIn = Callable[[User], FlaskClient]


def attempt(client: FlaskClient, email: str, password: str = "a guess", network: str = "10.0.0.1") -> int:
    answer = client.post(
        "/sign-in", data={"email": email, "password": password}, environ_base={"REMOTE_ADDR": network}
    )
    return answer.status_code


def guess(app: Flask, email: str, times: int, network: str = "10.0.0.1") -> list[int]:
    """Attempts by as many browsers that nobody has seen before."""
    return [attempt(app.test_client(), email, network=network) for _ in range(times)]


@pytest.fixture
def limit(app: Flask) -> int:
    """How many attempts the settings allow."""
    found: int = app.config["SETTINGS"].sign_in_attempts
    return found


@pytest.fixture
def user(session: Session) -> User:
    """Somebody with a password."""
    made = make_user(role=None, password=PASSWORD)
    session.commit()
    return made


def test_too_many_guesses_lock_the_account_for_a_while(
    app: Flask, session: Session, user: User, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert guess(app, user.email, limit + 2) == [422] * limit + [429] * 2
    assert attempt(app.test_client(), user.email, PASSWORD) == 429
    assert get_account(SYSTEM, user.id, at=clock.now()).state is AccountState.LOCKED
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=15, seconds=1))
    assert attempt(app.test_client(), user.email, PASSWORD) == 303
    assert get_account(SYSTEM, user.id, at=clock.now()).state is AccountState.OPEN


def test_strangers_do_not_lock_out_the_owner_s_own_browser(
    app: Flask, session: Session, user: User, limit: int
) -> None:
    own = app.test_client()
    assert attempt(own, user.email, PASSWORD) == 303
    own.post("/sign-out")
    for network in ("10.0.0.1", "10.9.9.9"):
        guess(app, user.email, limit, network)
    assert attempt(app.test_client(), user.email, PASSWORD) == 429
    assert attempt(own, user.email, PASSWORD) == 303


def test_a_known_browser_guesses_no_more_often_than_others(
    app: Flask, session: Session, user: User, limit: int
) -> None:
    own = app.test_client()
    attempt(own, user.email, PASSWORD)
    own.post("/sign-out")
    assert [attempt(own, user.email) for _ in range(limit + 1)] == [422] * limit + [429]


def test_a_browser_known_for_one_account_is_unknown_for_another(
    app: Flask, session: Session, user: User, limit: int
) -> None:
    other = make_user(role=None, password=OTHER)
    session.commit()
    own = app.test_client()
    attempt(own, other.email, OTHER)
    own.post("/sign-out")
    guess(app, user.email, limit)
    assert attempt(own, user.email, PASSWORD) == 429


@pytest.mark.parametrize("forged", ["", "x", "e30.e30", "eyJhIjoiYiJ9.AAAA"])
def test_a_forged_mark_of_a_known_browser_helps_nobody(
    app: Flask, session: Session, user: User, limit: int, forged: str
) -> None:
    guess(app, user.email, limit)
    browser = app.test_client()
    browser.set_cookie("qa-browser", forged)
    assert attempt(browser, user.email, PASSWORD) == 429


def test_a_right_password_starts_the_count_again(
    app: Flask, session: Session, user: User, limit: int
) -> None:
    for _ in range(2):
        assert guess(app, user.email, limit - 1) == [422] * (limit - 1)
        assert attempt(app.test_client(), user.email, PASSWORD) == 303


def test_one_network_can_t_try_account_after_account(
    app: Flask, session: Session, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = app.config["SETTINGS"]
    monkeypatch.setitem(app.config, "SETTINGS", kept.model_copy(update={"sign_in_address_attempts": 10}))
    own = app.test_client()
    attempt(own, user.email, PASSWORD, "10.0.0.7")
    own.post("/sign-out")
    sprayed = [attempt(app.test_client(), f"nobody{n}@example.org", network="10.0.0.7") for n in range(11)]
    assert sprayed == [422] * 10 + [429]
    assert attempt(app.test_client(), user.email, PASSWORD, "10.0.0.7") == 429
    assert attempt(own, user.email, PASSWORD, "10.0.0.7") == 303, "a known browser of the same office goes on"
    assert attempt(app.test_client(), user.email, PASSWORD, "10.0.0.8") == 303


def test_one_ipv6_network_is_one_network(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = app.config["SETTINGS"]
    monkeypatch.setitem(app.config, "SETTINGS", kept.model_copy(update={"sign_in_address_attempts": 10}))
    for n in range(10):
        attempt(app.test_client(), f"nobody{n}@example.org", network=f"2001:db8:0:1::{n:x}")
    assert attempt(app.test_client(), "a@example.org", network="2001:db8:0:1:ffff::1") == 429
    assert attempt(app.test_client(), "a@example.org", network="2001:db8:0:2::1") == 422


def test_unknown_and_known_addresses_are_answered_alike(
    app: Flask, session: Session, user: User, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []
    usual = accounts_sign_in.opens
    monkeypatch.setattr(
        accounts_sign_in,
        "opens",
        lambda door, typed: (tried.append(door.password_hash), usual(door, typed))[1],
    )
    pages: dict[str, list[tuple[int, str]]] = {}
    for email in (user.email, "nobody@example.org"):
        for _ in range(limit + 1):
            answer = app.test_client().post("/sign-in", data={"email": email, "password": "a guess"})
            pages.setdefault(email, []).append((answer.status_code, answer.text.replace(email, "")))
    assert pages[user.email] == pages["nobody@example.org"]
    assert len(tried) == 2 * limit
    assert {hashed.rsplit("$", 2)[0] for hashed in tried} == {"$argon2id$v=19$m=19456,t=2,p=1"}


def test_an_administrator_unlocks(
    app: Flask, sign_in: SignIn, session: Session, user: User, limit: int
) -> None:
    guess(app, user.email, limit)
    admin = sign_in(make_user(role=Role.ADMINISTRATOR))
    assert "Locked" in admin.get("/accounts?state=locked").text
    assert "Unlock" in admin.get(f"/accounts/{user.id}/roles").text
    assert admin.post(f"/accounts/{user.id}/unlock").status_code == 303
    assert "Unlock<" not in admin.get(f"/accounts/{user.id}/roles").text
    assert attempt(app.test_client(), user.email, PASSWORD) == 303


def test_a_link_opens_a_locked_account_and_its_browser_stays_in_while_guessing_goes_on(
    app: Flask, sign_in: SignIn, session: Session, user: User, limit: int
) -> None:
    guess(app, user.email, limit)
    admin = sign_in(make_user(role=Role.ADMINISTRATOR))
    link = handed_address(admin.post(f"/accounts/{user.id}/link").text)
    own = app.test_client()
    assert own.post(link, data={"password": OTHER, "again": OTHER}).status_code == 303
    guess(app, user.email, limit)
    assert attempt(app.test_client(), user.email, OTHER) == 429
    assert attempt(own, user.email, OTHER) == 303


def test_neither_addresses_nor_networks_are_kept(app: Flask, session: Session, user: User) -> None:
    attempt(app.test_client(), "nobody@example.org", network="10.20.30.40")
    attempt(app.test_client(), user.email, network="10.20.30.40")
    kept = str([(row.key_sha256, row.kind) for row in session.scalars(select(SignInThrottle))])
    assert not [words for words in ("nobody", user.email, "10.20.30.40") if words in kept]


def test_old_counts_and_steps_are_cleared_away(app: Flask, session: Session, user: User, limit: int) -> None:
    guess(app, user.email, limit)
    purge_sessions(session, at=clock.now())
    assert session.scalars(select(SignInThrottle)).first() is not None
    purge_sessions(session, at=clock.now() + timedelta(days=3))
    assert session.scalars(select(SignInThrottle)).all() == []


def test_a_sign_in_gets_a_fresh_session_and_an_old_cookie_opens_nothing(
    client: FlaskClient, app: Flask, session: Session, user: User
) -> None:
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "planted by somebody"
        cookie["left"] = "from before"
    attempt(client, user.email, PASSWORD)
    with client.session_transaction() as cookie:
        assert cookie["_user_id"] != "planted by somebody"
        assert "left" not in cookie
    first = client.get_cookie("qa")
    client.post("/sign-out")
    attempt(client, user.email, PASSWORD)
    again = client.get_cookie("qa")
    assert first is not None
    assert again is not None
    assert first.value != again.value
    old = app.test_client()
    old.set_cookie("qa", first.value)
    assert old.get("/your-sign-ins").status_code == 302


def test_idle_and_long_sign_ins_end(
    client: FlaskClient, app: Flask, session: Session, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, now = app.config["SETTINGS"], clock.now()
    attempt(client, user.email, PASSWORD)
    at = {"now": now}
    monkeypatch.setattr(clock, "now", lambda: at["now"])
    for _ in range(kept.session_longest_minutes // 50):
        at["now"] += timedelta(minutes=50)
        if at["now"] - now < timedelta(minutes=kept.session_longest_minutes):
            assert client.get("/your-sign-ins").status_code == 200, "used now and then, it stands"
    at["now"] = now + timedelta(minutes=kept.session_longest_minutes + 1)
    assert client.get("/your-sign-ins").status_code == 302, "however often it was used"
    assert "lasts 12 hours at the most" in client.get("/sign-in").text
    attempt(client, user.email, PASSWORD)
    assert client.get("/your-sign-ins").status_code == 200
    at["now"] += timedelta(minutes=kept.session_idle_minutes + 1)
    assert client.get("/your-sign-ins").status_code == 302, "left alone for too long"
    assert "nothing was done for 60 minutes" in client.get("/sign-in").text


def test_ending_all_other_sign_ins_leaves_this_one(sign_in: SignIn, session: Session, user: User) -> None:
    here, there = sign_in(user), sign_in(user)
    page = here.get("/your-sign-ins").text
    assert page.count("This one") == 1
    assert here.post("/your-sign-ins/end-others").status_code == 303
    assert "1 other sign-in ended" in here.get("/your-sign-ins").text
    assert there.get("/your-sign-ins").status_code == 302
    assert "Your sign-in was ended" in there.get("/sign-in").text
    assert len(session.scalars(select(UserSession).where(UserSession.ended_at.is_(None))).all()) == 1


def test_signing_in_as_somebody_else_ends_the_sign_in_that_the_browser_had(
    client: FlaskClient, app: Flask, session: Session, user: User
) -> None:
    other = make_user(role=None, password=OTHER)
    session.commit()
    attempt(client, user.email, PASSWORD)
    first = client.get_cookie("qa")
    assert first is not None
    attempt(client, other.email, OTHER)
    assert other.name in client.get("/your-sign-ins").text
    old = app.test_client()
    old.set_cookie("qa", first.value)
    assert old.get("/your-sign-ins").status_code == 302
