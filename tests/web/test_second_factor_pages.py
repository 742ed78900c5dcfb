"""The second factor: setting it up, signing in with it, recovery codes, taking it away."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pyotp
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qa_app import clock
from qa_app.domain.access import Role
from qa_app.models.accounts import RecoveryCode, SecondFactor, User, UserSession
from qa_app.models.history import HistoryDetail, HistoryEntry
from qa_app.services import accounts_second_factor
from tests.builders import make_user
from tests.web.handed_link import handed_address

pytestmark = pytest.mark.database

PASSWORD = "a walk in the long rain"
SignIn = Callable[[User], FlaskClient]


class Watch:
    """A clock that a test turns: a code can't be used twice, so time must pass between two."""

    def __init__(self) -> None:
        self.at = datetime.fromisoformat("2026-11-24T10:00:05+00:00")

    def turn(self, **by: int) -> None:
        """Let time pass."""
        self.at += timedelta(**by)

    def code(self, secret: str) -> str:
        """What the authenticator shows now."""
        return pyotp.TOTP(secret).at(self.at)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """The time, for a test to turn."""
    made = Watch()
    monkeypatch.setattr(clock, "now", lambda: made.at)
    return made


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten recovery codes are hashed at each setting up: here at a low cost, to be quick."""
    monkeypatch.setattr(
        accounts_second_factor, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    )


@pytest.fixture
def demanding(app: Flask) -> Iterator[None]:
    """An installation where administrators may not sign in with a password alone."""
    kept = app.config["SETTINGS"]
    app.config["SETTINGS"] = kept.model_copy(
        update={"second_factor_roles": "administrator", "secure_cookies": True}
    )
    yield
    app.config["SETTINGS"] = kept


def secret_on(page: str) -> str:
    found = re.search(r'los-authenticator__key">([A-Z2-7 ]+)<', page)
    assert found is not None
    return found[1].replace(" ", "")


def codes_on(page: str) -> list[str]:
    return re.findall(r"<code>([0-9a-z-]{19})</code>", page)


def enrol(browser: FlaskClient, watch: Watch) -> tuple[str, list[str]]:
    """Set up a second factor; gives its secret and the recovery codes."""
    assert browser.post("/your-second-factor").location == "/your-second-factor/set-up"
    page = browser.get("/your-second-factor/set-up").text
    secret = secret_on(page)
    done = browser.post("/your-second-factor/set-up", data={"code": watch.code(secret)})
    assert done.status_code == 200, done.text
    watch.turn(seconds=30)
    return secret, codes_on(done.text)


def first_step(client: FlaskClient, email: str, target: str = "") -> str:
    answer = client.post("/sign-in", data={"email": email, "password": PASSWORD, "next": target})
    assert answer.status_code == 303, answer.text
    location: str = answer.location
    return location


def is_in(client: FlaskClient) -> bool:
    return client.get("/your-sign-ins").status_code == 200


def with_factor(sign_in: SignIn, watch: Watch) -> tuple[User, FlaskClient, str, list[str]]:
    user = make_user(role=Role.AUDITOR, password=PASSWORD)
    browser = sign_in(user)
    secret, codes = enrol(browser, watch)
    return user, browser, secret, codes


def test_setting_up_signing_in_with_a_code_and_back_to_where_one_was(
    sign_in: SignIn, client: FlaskClient, session: Session, watch: Watch
) -> None:
    user, browser, secret, codes = with_factor(sign_in, watch)
    assert len(codes) == 10
    assert is_in(browser)
    assert first_step(client, user.email, "/your-sign-ins") == "/sign-in/code"
    assert not is_in(client)
    assert client.get("/sign-in/code").status_code == 200
    answer = client.post("/sign-in/code", data={"code": watch.code(secret)})
    assert (answer.status_code, answer.location) == (303, "/your-sign-ins")
    page = client.get("/your-sign-ins").text
    assert "Password and code" in page
    assert "10 recovery codes left" in page


def test_the_password_alone_opens_nothing(
    sign_in: SignIn, client: FlaskClient, session: Session, watch: Watch
) -> None:
    user, *_ = with_factor(sign_in, watch)
    n_before = session.scalar(select(func.count(UserSession.id)))
    first_step(client, user.email)
    assert session.scalar(select(func.count(UserSession.id))) == n_before
    for path in ("/", "/your-sign-ins", "/your-second-factor", "/confirm-it-is-you"):
        assert client.get(path).status_code == 302
    assert client.post("/your-second-factor/remove").status_code == 401
    assert client.get("/sign-in/set-up").status_code == 303
    assert client.get("/sign-in/set-up/picture.svg").status_code == 404
    assert client.post("/sign-in/set-up", data={"code": "123456"}).status_code == 303


def test_a_code_works_once(sign_in: SignIn, app: Flask, session: Session, watch: Watch) -> None:
    user, _, secret, _ = with_factor(sign_in, watch)
    code = watch.code(secret)
    for status in (303, 422):
        browser = app.test_client()
        first_step(browser, user.email)
        answer = browser.post("/sign-in/code", data={"code": code})
        assert answer.status_code == status
    assert "was used already" in answer.text


@pytest.mark.parametrize(("seconds", "status"), [(-30, 303), (0, 303), (30, 303), (90, 422), (-90, 422)])
def test_a_phone_s_clock_may_be_one_step_off(
    sign_in: SignIn, client: FlaskClient, session: Session, watch: Watch, seconds: int, status: int
) -> None:
    user, _, secret, _ = with_factor(sign_in, watch)
    watch.turn(minutes=5)
    first_step(client, user.email)
    code = pyotp.TOTP(secret).at(watch.at + timedelta(seconds=seconds))
    assert client.post("/sign-in/code", data={"code": code}).status_code == status


def test_a_recovery_code_stands_in_once_and_is_counted(
    sign_in: SignIn, app: Flask, session: Session, watch: Watch
) -> None:
    user, _, _, codes = with_factor(sign_in, watch)
    browser = app.test_client()
    first_step(browser, user.email)
    assert browser.get("/sign-in/recovery-code").status_code == 200
    answer = browser.post("/sign-in/recovery-code", data={"code": codes[3].upper().replace("-", " ")})
    assert answer.location == "/your-second-factor"
    assert "9 of 10 are left" in browser.get("/your-second-factor").text
    again = app.test_client()
    first_step(again, user.email)
    refused = again.post("/sign-in/recovery-code", data={"code": codes[3]})
    assert refused.status_code == 422
    assert "used already" in refused.text
    assert again.post("/sign-in/recovery-code", data={"code": codes[4]}).status_code == 303


@pytest.mark.parametrize("code", ["", "x", "\x00", "1234 5678 9012 3456", "2222-2222-2222-2222", "y" * 5000])
def test_what_is_no_code_is_refused_in_words(
    sign_in: SignIn, client: FlaskClient, session: Session, watch: Watch, code: str
) -> None:
    user, *_ = with_factor(sign_in, watch)
    first_step(client, user.email)
    for path in ("/sign-in/code", "/sign-in/recovery-code"):
        answer = client.post(path, data={"code": code})
        assert answer.status_code == 422
        assert "There is a problem" in answer.text


def test_guessing_codes_is_stopped_and_a_right_password_forgives_nothing(
    sign_in: SignIn, app: Flask, session: Session, watch: Watch
) -> None:
    user, _, secret, _ = with_factor(sign_in, watch)
    limit = app.config["SETTINGS"].sign_in_attempts
    statuses = []
    for _ in range(limit + 2):
        browser = app.test_client()
        first_step(browser, user.email)
        statuses.append(browser.post("/sign-in/code", data={"code": "000000"}).status_code)
    assert statuses == [422] * limit + [429] * 2
    assert browser.post("/sign-in/code", data={"code": watch.code(secret)}).status_code == 429
    watch.turn(minutes=16)
    browser = app.test_client()
    first_step(browser, user.email)
    assert browser.post("/sign-in/code", data={"code": watch.code(secret)}).status_code == 303


def test_a_second_step_taken_too_late_begins_again(
    sign_in: SignIn, client: FlaskClient, session: Session, watch: Watch
) -> None:
    user, _, secret, _ = with_factor(sign_in, watch)
    first_step(client, user.email)
    watch.turn(minutes=11)
    for path in ("/sign-in/code", "/sign-in/recovery-code"):
        assert client.get(path).location == "/sign-in"
        assert client.post(path, data={"code": watch.code(secret)}).location == "/sign-in"
    assert "Sign in from the beginning" in client.get("/sign-in").text


def test_a_second_step_without_a_first_begins_at_the_beginning(client: FlaskClient, session: Session) -> None:
    for path in ("/sign-in/code", "/sign-in/recovery-code", "/sign-in/set-up"):
        assert client.get(path).location == "/sign-in"
        assert client.post(path, data={"code": "123456"}).location == "/sign-in"


def test_a_role_that_demands_it_sets_it_up_before_the_first_sign_in(
    client: FlaskClient, session: Session, watch: Watch, demanding: None
) -> None:
    user = make_user(role=Role.ADMINISTRATOR, password=PASSWORD)
    session.commit()
    assert first_step(client, user.email, "/accounts") == "/sign-in/set-up"
    assert client.get("/accounts").status_code == 302
    first = secret_on(client.get("/sign-in/set-up").text)
    assert client.get("/sign-in/set-up/picture.svg").mimetype == "image/svg+xml"
    first_step(client, user.email, "/accounts")
    secret = secret_on(client.get("/sign-in/set-up").text)
    assert secret != first, "a secret that somebody else may have seen is never confirmed"
    assert client.post("/sign-in/set-up", data={"code": watch.code(first)}).status_code == 422
    done = client.post("/sign-in/set-up", data={"code": watch.code(secret)})
    assert done.status_code == 200
    assert len(codes_on(done.text)) == 10
    assert 'href="/accounts"' in done.text
    assert client.get("/accounts").status_code == 200
    watch.turn(seconds=30)
    client.post("/sign-out")
    assert first_step(client, user.email) == "/sign-in/code"


def test_other_roles_are_not_asked(client: FlaskClient, session: Session, demanding: None) -> None:
    user = make_user(role=Role.AUDITOR, password=PASSWORD)
    session.commit()
    assert first_step(client, user.email) == "/"


def test_over_plain_http_on_this_machine_nobody_is_asked(client: FlaskClient, session: Session) -> None:
    user = make_user(role=Role.ADMINISTRATOR, password=PASSWORD)
    session.commit()
    assert client.application.config["SETTINGS"].second_factor_roles == "all"
    assert first_step(client, user.email) == "/"


def test_setting_up_ends_every_other_sign_in_and_so_does_removing(
    sign_in: SignIn, app: Flask, session: Session, watch: Watch
) -> None:
    user = make_user(role=Role.AUDITOR, password=PASSWORD)
    here, elsewhere = sign_in(user), sign_in(user)
    before = here.get_cookie("qa")
    enrol(here, watch)
    assert is_in(here)
    assert here.get_cookie("qa") != before
    assert not is_in(elsewhere)
    assert "Your password alone lets you in" not in here.get("/your-second-factor/remove").text
    assert here.post("/your-second-factor/remove").location == "/your-second-factor"
    assert "Set it up" in here.get("/your-second-factor").text
    assert session.scalars(select(SecondFactor)).all() == session.scalars(select(RecoveryCode)).all() == []
    assert first_step(app.test_client(), user.email) == "/"


def test_new_recovery_codes_make_the_old_ones_void(
    sign_in: SignIn, client: FlaskClient, session: Session, watch: Watch
) -> None:
    user, browser, _, old = with_factor(sign_in, watch)
    new = codes_on(browser.post("/your-second-factor/recovery-codes").text)
    assert len(new) == 10
    assert not set(new) & set(old)
    first_step(client, user.email)
    assert client.post("/sign-in/recovery-code", data={"code": old[0]}).status_code == 422
    assert client.post("/sign-in/recovery-code", data={"code": new[0]}).status_code == 303


def test_a_wrong_first_code_sets_nothing_up(sign_in: SignIn, session: Session, watch: Watch) -> None:
    browser = sign_in(make_user(role=Role.AUDITOR, password=PASSWORD))
    browser.post("/your-second-factor")
    assert browser.post("/your-second-factor/set-up", data={"code": "000000"}).status_code == 422
    assert session.scalars(select(SecondFactor)).one().confirmed_at is None
    assert session.scalars(select(RecoveryCode)).all() == []
    assert browser.get("/your-second-factor/picture.svg").data.startswith(b"<?xml")


def test_there_is_one_second_factor_at_a_time(sign_in: SignIn, session: Session, watch: Watch) -> None:
    _, browser, *_ = with_factor(sign_in, watch)
    answer = browser.post("/your-second-factor")
    assert answer.status_code == 409
    assert "Remove it first" in answer.text
    assert browser.get("/your-second-factor/set-up").location == "/your-second-factor"
    assert browser.get("/your-second-factor/picture.svg").status_code == 404


def test_sensitive_things_ask_again_who_is_there(sign_in: SignIn, session: Session, watch: Watch) -> None:
    _, browser, secret, codes = with_factor(sign_in, watch)
    watch.turn(minutes=11)
    for path in (
        "/your-second-factor/remove",
        "/your-second-factor/recovery-codes",
        "/your-sign-ins/end-others",
    ):
        assert browser.post(path).location.startswith("/confirm-it-is-you?next=/your-")
    asked = browser.get("/your-second-factor/remove")
    assert asked.location == "/confirm-it-is-you?next=/your-second-factor/remove"
    assert browser.get(asked.location).status_code == 200
    sent = {"password": PASSWORD, "code": watch.code(secret), "next": "/your-second-factor/remove"}
    changes = ({"password": "not it"}, {"password": ""}, {"code": "000000"}, {"code": ""}, {"code": "\x00"})
    for change in changes:
        assert browser.post("/confirm-it-is-you", data={**sent, **change}).status_code == 422
    before = browser.get_cookie("qa")
    assert browser.post("/confirm-it-is-you", data=sent).location == "/your-second-factor/remove"
    assert browser.get_cookie("qa") != before
    assert browser.get("/your-second-factor/remove").status_code == 200
    elsewhere = {"password": PASSWORD, "code": codes[0], "next": "//elsewhere.example"}
    assert browser.post("/confirm-it-is-you", data=elsewhere).location == "/"
    assert browser.post("/confirm-it-is-you", data=elsewhere).status_code == 422, "the code was used"


def test_guessing_who_is_there_is_stopped(sign_in: SignIn, app: Flask, session: Session) -> None:
    browser = sign_in(make_user(role=None, password=PASSWORD))
    limit = app.config["SETTINGS"].sign_in_attempts
    for _ in range(limit):
        assert browser.post("/confirm-it-is-you", data={"password": "not it"}).status_code == 422
    answer = browser.post("/confirm-it-is-you", data={"password": PASSWORD})
    assert answer.status_code == 422
    assert "too many attempts" in answer.text


def test_an_administrator_resets_it_and_the_history_says_so(
    sign_in: SignIn, client: FlaskClient, session: Session, watch: Watch
) -> None:
    user, browser, *_ = with_factor(sign_in, watch)
    user_id, email = user.id, user.email
    admin = sign_in(make_user(role=Role.ADMINISTRATOR, password=PASSWORD))
    assert "In use" in admin.get(f"/accounts/{user_id}/roles").text
    assert "Make sure that you speak with" in admin.get(f"/accounts/{user_id}/reset-second-factor").text
    assert admin.post(f"/accounts/{user_id}/reset-second-factor").status_code == 303
    assert not is_in(browser)
    assert first_step(client, email) == "/"
    assert admin.post(f"/accounts/{user_id}/reset-second-factor").status_code == 404
    rows = session.execute(
        select(HistoryEntry.action, HistoryDetail.before, HistoryDetail.after)
        .join(HistoryDetail, HistoryDetail.entry_id == HistoryEntry.id)
        .where(HistoryEntry.subject_kind == "user", HistoryEntry.subject_id == user_id)
        .order_by(HistoryEntry.id)
    ).all()
    told = [action for action, _, _ in rows]
    assert told[-2:] == ["add_second_factor", "reset_second_factor"]


def test_secrets_and_codes_are_kept_sealed(sign_in: SignIn, session: Session, watch: Watch) -> None:
    user, _, secret, codes = with_factor(sign_in, watch)
    session.flush()
    kept = session.scalars(select(SecondFactor)).one().secret_sealed
    kept += "".join(row.code_hash for row in session.scalars(select(RecoveryCode)))
    kept += str(session.execute(select(HistoryDetail.before, HistoryDetail.after)).all())
    assert secret not in kept
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]
    assert user.name


def test_a_secret_sealed_for_somebody_else_opens_nothing(
    sign_in: SignIn, client: FlaskClient, session: Session, watch: Watch
) -> None:
    victim, _, _, _ = with_factor(sign_in, watch)
    other, _, secret, _ = with_factor(sign_in, watch)
    rows = {row.user_id: row for row in session.scalars(select(SecondFactor))}
    rows[victim.id].secret_sealed = rows[other.id].secret_sealed
    session.commit()
    first_step(client, victim.email)
    answer = client.post("/sign-in/code", data={"code": watch.code(secret)})
    assert answer.status_code == 422
    assert "cannot be read" in answer.text


def test_after_the_secret_key_has_changed_recovery_codes_still_work(
    sign_in: SignIn, app: Flask, session: Session, watch: Watch
) -> None:
    user, _, secret, codes = with_factor(sign_in, watch)
    kept_key, kept = app.secret_key, app.config["SETTINGS"]
    try:
        app.secret_key = "another"
        browser = app.test_client()
        first_step(browser, user.email)
        answer = browser.post("/sign-in/code", data={"code": watch.code(secret)})
        assert answer.status_code == 422
        assert "secret key has changed" in answer.text
        assert browser.post("/sign-in/recovery-code", data={"code": codes[0]}).status_code == 303
        app.config["SETTINGS"] = kept.model_copy(update={"secret_key_before": kept_key})
        browser = app.test_client()
        first_step(browser, user.email)
        assert browser.post("/sign-in/code", data={"code": watch.code(secret)}).status_code == 303
    finally:
        app.secret_key, app.config["SETTINGS"] = kept_key, kept


def test_pictures_hold_nothing_that_the_policy_forbids(
    sign_in: SignIn, session: Session, watch: Watch
) -> None:
    browser = sign_in(make_user(role=Role.AUDITOR, password=PASSWORD))
    browser.post("/your-second-factor")
    picture = browser.get("/your-second-factor/picture.svg")
    assert "style=" not in picture.text
    assert "<script" not in picture.text
    assert picture.headers["Cache-Control"] == "no-store"


def test_whoever_has_no_password_is_told_that_the_council_account_has_it(
    sign_in: SignIn, session: Session
) -> None:
    browser = sign_in(make_user(role=Role.AUDITOR))
    assert "council account, which has its own second factor" in browser.get("/your-second-factor").text
    assert browser.post("/your-second-factor").status_code == 422


def test_another_password_by_a_link_does_not_get_round_the_second_factor(
    sign_in: SignIn, client: FlaskClient, session: Session, watch: Watch
) -> None:
    user, *_ = with_factor(sign_in, watch)
    email = user.email
    admin = sign_in(make_user(role=Role.ADMINISTRATOR))
    link = handed_address(admin.post(f"/accounts/{user.id}/link").text)
    other = "hills and a slow river"
    assert client.post(link, data={"password": other, "again": other}).location == "/sign-in"
    answer = client.post("/sign-in", data={"email": email, "password": other})
    assert answer.location == "/sign-in/code"
    assert not is_in(client)


def test_a_fresh_session_still_says_how_one_signed_in(
    sign_in: SignIn, client: FlaskClient, session: Session, watch: Watch
) -> None:
    user, _, secret, _ = with_factor(sign_in, watch)
    first_step(client, user.email)
    client.post("/sign-in/code", data={"code": watch.code(secret)})
    other = "hills and a slow river"
    client.post("/your-password", data={"current": PASSWORD, "password": other, "again": other})
    assert "Password and code" in client.get("/your-sign-ins").text
