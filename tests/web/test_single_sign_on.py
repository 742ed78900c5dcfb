"""Signing in with the council account: the straight way, and every way in which it is refused."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import OctKey
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from qa_app import clock
from qa_app.domain.access import SYSTEM, Grant, Role, ScopeKind
from qa_app.models.accounts import CouncilIdentity, RoleGrant, User, UserSession
from qa_app.models.history import HistoryEntry
from qa_app.services import accounts
from qa_app.services.accounts_sign_on import prepare_council_account, untie_council_account
from tests.builders import make_team, make_user
from tests.sign_in_service import (
    ADDRESS,
    CLIENT_ID,
    CLIENT_SECRET,
    SUBJECT,
    SignInService,
    made_key,
    running_service,
)

pytestmark = pytest.mark.database

GO = "/sign-in/council-account"
BACK = "/sign-in/council-account/back"
MAP = "QA.Auditor=auditor, QA.Lead=qa_lead, QA.Manager=team_manager"


@pytest.fixture
def service(app: Flask) -> Iterator[SignInService]:
    """A council's sign-in service, and our settings made to fit."""
    with running_service() as running:
        kept = app.config["SETTINGS"]
        app.config["SETTINGS"] = kept.model_copy(
            update={
                "sso_issuer": running.address,
                "sso_client_id": CLIENT_ID,
                "sso_client_secret": CLIENT_SECRET,
                "sso_roles": MAP,
            }
        )
        yield running
        app.config["SETTINGS"] = kept
        app.extensions.pop("single_sign_on", None)


@pytest.fixture
def prepared(session: Session, service: SignInService) -> User:
    """An auditor whose account waits for their council account."""
    user = make_prepared(ADDRESS)
    session.commit()
    return user


def make_prepared(email: str, *grants: Grant) -> User:
    given = grants or (Grant(Role.AUDITOR, ScopeKind.OWN_REVIEWS),)
    user = accounts.add_user(
        SYSTEM, email=email, name="Marigold", password=None, grants=given, at=clock.now()
    )
    prepare_council_account(SYSTEM, user.id, at=clock.now())
    return user


def there_and_back(
    client: FlaskClient, service: SignInService, target: str = "", **changed: str
) -> TestResponse:
    gone = client.get(GO, query_string={"next": target})
    assert gone.status_code == 302, gone.text
    assert gone.location.startswith(f"{service.address}/authorize?")
    return client.get(BACK, query_string={**service.agree(gone.location), **changed})


def is_in(client: FlaskClient) -> bool:
    return client.get("/your-sign-ins").status_code == 200


def refused(answer: TestResponse, words: str, status: int = 403) -> None:
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert "You are not signed in" in answer.text


def test_the_council_account_opens_a_prepared_account(
    client: FlaskClient, session: Session, service: SignInService, prepared: User
) -> None:
    assert "Sign in with your council account" in client.get("/sign-in").text
    answer = there_and_back(client, service, "/your-sign-ins")
    assert (answer.status_code, answer.location) == (303, "/your-sign-ins")
    assert "Council account" in client.get("/your-sign-ins").text
    sent = service.asked[0]
    assert (sent["code_challenge_method"], sent["response_type"]) == ("S256", "code")
    assert sent["scope"].split()[0] == "openid"
    identity = session.scalars(select(CouncilIdentity)).one()
    assert (identity.issuer, identity.subject, identity.user_id) == (service.address, SUBJECT, prepared.id)
    standing = session.scalars(select(UserSession)).one()
    assert standing.way.value == "council_account"


def test_from_then_on_the_subject_counts_and_not_the_address(
    client: FlaskClient, app: Flask, session: Session, service: SignInService, prepared: User
) -> None:
    user_id = prepared.id
    there_and_back(client, service)
    session.refresh(prepared)
    assert prepared.council_link_until is None
    service.claims = {"email": "married.name@example.org"}
    again = app.test_client()
    assert there_and_back(again, service).status_code == 303
    assert {row.user_id for row in session.scalars(select(UserSession))} == {user_id}
    service.claims = {"sub": "somebody-else"}
    stranger = app.test_client()
    refused(there_and_back(stranger, service), "not tied to an account here")


def test_no_account_is_taken_over_by_having_its_address(
    client: FlaskClient, session: Session, service: SignInService
) -> None:
    user = accounts.add_user(SYSTEM, email=ADDRESS, name="M", password=None, grants=[], at=clock.now())
    session.commit()
    refused(there_and_back(client, service), "Ask an administrator of this site to prepare one")
    user.council_link_until = clock.now() - timedelta(seconds=1)
    session.commit()
    refused(there_and_back(client, service), "not tied")
    assert session.scalars(select(CouncilIdentity)).all() == []


def test_an_address_that_the_service_has_not_checked_ties_nothing(
    client: FlaskClient, service: SignInService, prepared: User
) -> None:
    service.claims = {"email_verified": False}
    refused(there_and_back(client, service), "not tied")


def test_a_closed_account_stays_shut(
    client: FlaskClient, session: Session, service: SignInService, prepared: User
) -> None:
    there_and_back(client, service)
    accounts.close_account(SYSTEM, prepared.id, at=clock.now())
    session.commit()
    refused(there_and_back(client, service), "Your account here is closed")
    assert not is_in(client)


def test_untied_it_opens_nothing(
    client: FlaskClient, session: Session, service: SignInService, prepared: User
) -> None:
    there_and_back(client, service)
    untie_council_account(SYSTEM, prepared.id, at=clock.now())
    session.commit()
    assert not is_in(client)
    refused(there_and_back(client, service), "not tied")


NOT_CONFIRMED = "could not be confirmed"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"iss": "https://elsewhere.example/council"},
        {"aud": "another-site"},
        {"aud": [CLIENT_ID, "another"], "azp": "another"},
        {"exp": 1_600_000_000},
        {"iat": 9_999_999_999},
        {"nbf": 9_999_999_999},
        {"sub": 12},
        {"sub": ""},
        {"exp": "soon"},
        {"sub": "x" * 300},
    ],
)
def test_a_token_that_is_not_for_us_now_is_refused(
    client: FlaskClient, service: SignInService, prepared: User, claims: dict[str, Any]
) -> None:
    service.claims = claims
    refused(there_and_back(client, service), NOT_CONFIRMED)
    assert not is_in(client)


@pytest.mark.parametrize("missing", ["nonce", "iss", "aud", "sub", "exp", "iat"])
def test_a_token_that_lacks_something_is_refused(
    client: FlaskClient, service: SignInService, prepared: User, missing: str
) -> None:
    service.without = {missing}
    refused(there_and_back(client, service), NOT_CONFIRMED)


def test_a_token_signed_by_somebody_else_is_refused(
    client: FlaskClient, service: SignInService, prepared: User
) -> None:
    service.signing_key = made_key("first", 2)
    refused(there_and_back(client, service), NOT_CONFIRMED)


def test_a_token_signed_with_what_everybody_knows_is_refused(
    client: FlaskClient, service: SignInService, prepared: User
) -> None:
    service.algorithm = "HS256"
    service.signing_key = OctKey.import_key(CLIENT_SECRET, {"kid": "first"})  # type: ignore[assignment]
    refused(there_and_back(client, service), NOT_CONFIRMED)


def test_changed_keys_are_fetched_anew(
    client: FlaskClient, app: Flask, service: SignInService, prepared: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    there_and_back(client, service)
    service.key = made_key("second")
    refused(there_and_back(app.test_client(), service), NOT_CONFIRMED)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=2))
    assert there_and_back(app.test_client(), service).status_code == 303


@pytest.mark.parametrize(
    "changed", [{"state": "another"}, {"state": ""}, {"code": ""}, {"iss": "https://x.example"}]
)
def test_arguments_that_were_changed_on_the_way_are_refused(
    client: FlaskClient, service: SignInService, prepared: User, changed: dict[str, str]
) -> None:
    refused(there_and_back(client, service, "", **changed), NOT_CONFIRMED)


def test_another_browser_s_return_is_refused(
    client: FlaskClient, app: Flask, service: SignInService, prepared: User
) -> None:
    gone = client.get(GO)
    answer = app.test_client().get(BACK, query_string=service.agree(gone.location))
    refused(answer, NOT_CONFIRMED)


def test_a_code_and_a_return_work_once(client: FlaskClient, service: SignInService, prepared: User) -> None:
    gone = client.get(GO)
    arguments = service.agree(gone.location)
    with client.session_transaction() as cookie:
        kept = dict(cookie["departures"])
    assert client.get(BACK, query_string=arguments).status_code == 303
    refused(client.get(BACK, query_string=arguments), NOT_CONFIRMED)
    with client.session_transaction() as cookie:
        cookie["departures"] = kept
    refused(client.get(BACK, query_string=arguments), NOT_CONFIRMED)


def test_a_return_after_too_long_is_refused(
    client: FlaskClient, service: SignInService, prepared: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = client.get(GO)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=11))
    refused(client.get(BACK, query_string=service.agree(gone.location)), NOT_CONFIRMED)


def test_whoever_cancels_there_is_told_so(
    client: FlaskClient, service: SignInService, prepared: User
) -> None:
    gone = client.get(GO)
    state = service.agree(gone.location)["state"]
    answer = client.get(
        BACK, query_string={"state": state, "error": "access_denied", "error_description": "<b>no</b>"}
    )
    refused(answer, "did not let you through")
    assert "<b>no</b>" not in answer.text


def test_without_a_role_nobody_is_let_in(
    client: FlaskClient, session: Session, service: SignInService, prepared: User
) -> None:
    for roles in (["Something.Else"], [], "QA.Auditor", None):
        service.claims = {"roles": roles}
        refused(there_and_back(client, service), "has no role for this site")
    assert session.scalars(select(CouncilIdentity)).all() == []


def test_a_service_that_is_down_is_a_page(
    client: FlaskClient, service: SignInService, prepared: User
) -> None:
    service.is_down = True
    refused(client.get(GO), "does not answer", 503)
    service.is_down = False
    gone = client.get(GO)
    arguments = service.agree(gone.location)
    service.is_down = True
    refused(client.get(BACK, query_string=arguments), "does not answer", 503)


def test_a_service_that_is_slow_is_not_waited_for(
    client: FlaskClient, service: SignInService, prepared: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qa_app.web.single_sign_on import routes

    usual = routes.CouncilService
    monkeypatch.setattr(routes, "CouncilService", lambda **given: usual(**given, timeout=0.2))
    service.seconds = 1
    refused(client.get(GO), "does not answer", 503)


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"issuer": "https://elsewhere.example"}, "not the one named in this site"),
        ({"token_endpoint": "http://elsewhere.example/token"}, "does not answer"),
        ({"authorization_endpoint": None}, "does not answer"),
        ({"jwks_uri": 3}, "does not answer"),
    ],
)
def test_a_service_that_says_odd_things_of_itself_is_not_used(
    client: FlaskClient, service: SignInService, about: dict[str, Any], words: str
) -> None:
    service.about = about
    refused(client.get(GO), words, 503)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (200, "no json"),
        (200, "[]"),
        (200, "{}"),
        (200, '{"id_token": 5}'),
        (200, '{"id_token": "a.b.c", "access_token": "x"}'),
        (400, '{"error": "invalid_client"}'),
        (500, "oh"),
        (302, ""),
    ],
)
def test_whatever_the_service_sends_for_a_token_is_a_page(
    client: FlaskClient, service: SignInService, prepared: User, status: int, text: str
) -> None:
    service.token_answer = (status, text)
    answer = there_and_back(client, service)
    assert answer.status_code in (403, 503)
    assert "You are not signed in" in answer.text


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"]
)
def test_nobody_is_led_elsewhere(
    client: FlaskClient, service: SignInService, prepared: User, target: str
) -> None:
    assert there_and_back(client, service, target).location == "/"


def test_without_single_sign_on_the_page_says_so(client: FlaskClient, session: Session) -> None:
    assert "council account" not in client.get("/sign-in").text
    refused(client.get(GO), "not set up here")
    refused(client.get(BACK, query_string={"state": "x", "code": "y"}), NOT_CONFIRMED)


def roles_of(session: Session, user_id: int) -> dict[Role, bool]:
    session.expire_all()
    rows = session.scalars(select(RoleGrant).where(RoleGrant.user_id == user_id))
    return {row.role: row.suspended_at is None for row in rows}


def test_roles_there_say_which_of_ours_count_and_their_scope_stays(
    client: FlaskClient, session: Session, service: SignInService
) -> None:
    team = make_team()
    manager = Grant(Role.TEAM_MANAGER, ScopeKind.TEAM, team_id=team.id)
    board = Grant(Role.MODERATOR, ScopeKind.WHOLE_SERVICE)
    user_id = make_prepared(ADDRESS, manager, board).id
    session.commit()
    service.claims = {"roles": ["QA.Lead", "Unknown.Role"]}
    assert there_and_back(client, service).status_code == 303
    assert roles_of(session, user_id) == {Role.TEAM_MANAGER: False, Role.MODERATOR: True, Role.QA_LEAD: True}
    service.claims = {"roles": ["QA.Manager"]}
    assert there_and_back(client, service).status_code == 303
    assert roles_of(session, user_id) == {Role.TEAM_MANAGER: True, Role.MODERATOR: True, Role.QA_LEAD: False}
    row = session.scalars(select(RoleGrant).where(RoleGrant.role == Role.TEAM_MANAGER)).one()
    assert row.team_id == team.id
    page = client.get("/your-sign-ins").text
    assert "Team manager" in page
    assert "QA lead" not in page
    told = set(session.scalars(select(HistoryEntry.action).where(HistoryEntry.subject_id == user_id)))
    assert {"tie_council_account", "suspend_role", "resume_role", "give_role"} <= told


def test_a_role_that_needs_a_place_waits_for_an_administrator(
    client: FlaskClient, session: Session, service: SignInService, prepared: User
) -> None:
    service.claims = {"roles": ["QA.Manager"]}
    refused(there_and_back(client, service), "not over which part of the service")
    assert roles_of(session, prepared.id) == {Role.AUDITOR: True}


def test_a_method_that_must_be_told_is_asked_for(
    client: FlaskClient, app: Flask, service: SignInService, prepared: User
) -> None:
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"sso_required_method": "mfa"})
    service.claims = {"amr": ["pwd"]}
    refused(there_and_back(client, service), "a second factor")
    service.claims = {"amr": ["pwd", "mfa"]}
    assert there_and_back(client, service).status_code == 303


def test_passwords_can_be_left_to_emergencies(
    client: FlaskClient, app: Flask, session: Session, service: SignInService
) -> None:
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"local_sign_in": "break_glass"})
    user = make_user(role=None, password="a walk in the long rain")
    session.commit()
    assert "Emergency sign-in" in client.get("/sign-in").text
    sent = {"email": user.email, "password": "a walk in the long rain"}
    wrong = client.post("/sign-in", data=sent)
    assert wrong.status_code == 422
    assert "is not right" in wrong.text
    accounts.set_break_glass(SYSTEM, user.id, True, at=clock.now())
    session.commit()
    assert client.post("/sign-in", data=sent).status_code == 303


def test_whoever_has_only_a_council_account_proves_themselves_there(
    client: FlaskClient,
    session: Session,
    service: SignInService,
    prepared: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there_and_back(client, service)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=30))
    sent = client.post("/your-sign-ins/end-others")
    assert sent.location == "/confirm-it-is-you?next=/your-sign-ins"
    assert "Confirm with your council account" in client.get(sent.location).text
    before = client.get_cookie("qa")
    later = int((now + timedelta(minutes=30)).timestamp())
    for claims, status in (
        ({"auth_time": later - 3600}, 403),
        ({"sub": "somebody-else"}, 403),
        ({"auth_time": later - 5}, 303),
    ):
        service.claims = {"iat": later, "exp": later + 300, "auth_time": later, **claims}
        gone = client.get(GO, query_string={"prove": 1, "next": "/your-sign-ins"})
        assert "prompt=login" in gone.location
        assert client.get(BACK, query_string=service.agree(gone.location)).status_code == status
    assert client.get_cookie("qa") != before
    assert client.post("/your-sign-ins/end-others").location == "/your-sign-ins"


def test_nothing_that_was_told_us_stands_in_the_log(
    client: FlaskClient, service: SignInService, prepared: User, caplog: pytest.LogCaptureFixture
) -> None:
    service.claims = {"aud": "another"}
    there_and_back(client, service)
    assert ADDRESS not in caplog.text
    assert SUBJECT not in caplog.text


def test_whoever_is_added_may_come_by_their_council_account(
    client: FlaskClient,
    sign_in: Callable[[User], FlaskClient],
    app: Flask,
    session: Session,
    service: SignInService,
) -> None:
    admin = sign_in(make_user(role=Role.ADMINISTRATOR))
    assert "Or they sign in with the council account" in admin.get("/accounts/new").text
    sent = {"name": "Marigold", "email": ADDRESS, "role": "auditor", "place": ""}
    assert "This link is shown only now" in admin.post("/accounts/new", data=sent).text
    assert there_and_back(client, service).status_code == 303
    out = client.post("/sign-out")
    assert "may still be signed in to your council account" in client.get(out.location).text
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"local_sign_in": "break_glass"})
    answer = admin.post("/accounts/new", data={**sent, "email": "two@example.org"})
    assert answer.status_code == 303
    page = admin.get(answer.location).text
    assert "Waits until" in page
    assert "Untie the council account" in page
    user_id = int(answer.location.split("/")[2])
    assert admin.post(f"/accounts/{user_id}/council-account").status_code == 303
    assert admin.post(f"/accounts/{user_id}/council-account/untie").status_code == 303
    assert admin.post(f"/accounts/{user_id}/council-account/untie").status_code == 404
    assert admin.post(f"/accounts/{user_id}/emergency").status_code == 303
    assert "Yes: may always use its password" in admin.get(answer.location).text
