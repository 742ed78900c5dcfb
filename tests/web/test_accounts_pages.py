"""Signing in and out, one's own sign-ins, and the accounts that administrators look after."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app import clock
from qa_app.config import Settings
from qa_app.domain.access import SYSTEM, Role, ScopeKind
from qa_app.domain.access_matrix import Reached
from qa_app.extensions import db
from qa_app.factory import create_app
from qa_app.models.accounts import RoleGrant, User, UserSession
from qa_app.services.accounts import close_account
from qa_app.web.shared.signing_in import know_browser, safe_target
from tests.builders import AT, make_service_area, make_team, make_user
from tests.web.handed_link import handed_address

pytestmark = pytest.mark.database

PASSWORD = "a walk in the long rain"
SignIn = Callable[[User], FlaskClient]


def send(client: FlaskClient, user: User, password: str = PASSWORD, **more: str) -> object:
    return client.post("/sign-in", data={"email": user.email, "password": password, **more})


def test_signing_in_leads_on_and_signing_out_ends_it(client: FlaskClient, session: Session) -> None:
    user = make_user(role=None, password=PASSWORD)
    session.commit()
    answer = client.post(
        "/sign-in", data={"email": user.email.upper(), "password": PASSWORD, "next": "/your-sign-ins"}
    )
    assert (answer.status_code, answer.location) == (303, "/your-sign-ins")
    assert user.name in client.get("/your-sign-ins").text
    assert client.post("/sign-out").location == "/sign-in"
    assert client.get("/your-sign-ins").status_code == 302
    assert session.scalars(select(UserSession)).one().ended_at is not None


@pytest.mark.parametrize(
    ("email", "password"),
    [("nobody@example.org", PASSWORD), ("", ""), ("x", "y" * 5000), (" ", "\x00")],
)
def test_a_wrong_sign_in_is_refused_in_words(
    client: FlaskClient, session: Session, email: str, password: str
) -> None:
    answer = client.post("/sign-in", data={"email": email, "password": password})
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert session.scalars(select(UserSession)).all() == []


def test_a_wrong_password_and_an_unknown_address_look_the_same(client: FlaskClient, session: Session) -> None:
    user = make_user(role=None, password=PASSWORD)
    session.commit()
    wrong = client.post("/sign-in", data={"email": user.email, "password": "not the right one"})
    unknown = client.post("/sign-in", data={"email": "nobody@example.org", "password": "not the right one"})
    assert wrong.text.replace(user.email, "") == unknown.text.replace("nobody@example.org", "")


def test_a_missing_field_is_refused_not_broken(client: FlaskClient, session: Session) -> None:
    assert client.post("/sign-in", data={}).status_code == 422


def test_whoever_is_sent_to_sign_in_comes_back(client: FlaskClient, session: Session) -> None:
    sent = client.get("/your-sign-ins")
    assert sent.location == "/sign-in?next=/your-sign-ins"
    assert 'value="/your-sign-ins"' in client.get(sent.location).text


@pytest.mark.parametrize(
    "target",
    ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "elsewhere", "/\nx", ""],
)
def test_nobody_is_sent_elsewhere(client: FlaskClient, target: str) -> None:
    with client.application.test_request_context():
        assert safe_target(target) == "/"


def test_one_can_end_ones_own_sign_ins_and_nobody_elses(sign_in: SignIn, session: Session) -> None:
    one, other = make_user(role=None), make_user(role=None)
    browser = sign_in(one)
    sign_in(other)
    rows = {row.user_id: row.id for row in session.scalars(select(UserSession))}
    assert browser.post(f"/your-sign-ins/{rows[other.id]}/end").status_code == 404
    assert browser.post(f"/your-sign-ins/{rows[one.id]}/end").status_code == 303
    assert browser.get("/your-sign-ins").status_code == 302


def test_an_administrator_adds_somebody_who_can_sign_in(
    sign_in: SignIn, client: FlaskClient, session: Session
) -> None:
    area = make_service_area()
    browser = sign_in(make_user(role=Role.ADMINISTRATOR))
    assert browser.get("/accounts/new").status_code == 200
    sent = {"name": "Head Two", "email": "Head@Example.org", "role": "head_of_service"}
    answer = browser.post("/accounts/new", data={**sent, "place": f"area-{area.id}", "agency": ""})
    assert answer.status_code == 200
    assert "No password yet" in browser.get("/accounts").text
    link = handed_address(answer.text)
    assert client.post(link, data={"password": PASSWORD, "again": PASSWORD}).location == "/sign-in"
    assert (
        "No password yet" not in browser.get("/accounts").text.split("head@example.org")[1].split("</tr>")[0]
    )
    assert (
        client.post("/sign-in", data={"email": "head@example.org", "password": PASSWORD}).status_code == 303
    )
    grant = session.scalars(select(RoleGrant).where(RoleGrant.role == Role.HEAD_OF_SERVICE)).one()
    assert (grant.scope, grant.service_area_id) == (ScopeKind.SERVICE_AREA, area.id)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"email": "no address"}, "name@example.gov.uk"),
        ({"role": ""}, "Choose a role"),
        ({"role": "emperor"}, "choose one of the answers shown"),
        ({"role": "team_manager"}, "Choose the team of this team manager"),
        ({"role": "partner_agency"}, "Name the agency"),
        ({"place": "team-99999", "role": "team_manager"}, "choose one of the answers shown"),
        ({"name": ""}, "Enter a name"),
    ],
)
def test_an_unsound_account_is_refused_at_its_field(
    sign_in: SignIn, session: Session, change: dict[str, str], words: str
) -> None:
    make_team()
    browser = sign_in(make_user(role=Role.ADMINISTRATOR))
    sent = {"name": "Two", "email": "two@example.org", "role": "auditor", "place": ""}
    answer = browser.post("/accounts/new", data={**sent, **change})
    assert answer.status_code == 422
    assert words in answer.text
    assert session.scalar(select(User.id).where(User.email == "two@example.org")) is None


def test_an_address_has_one_account(sign_in: SignIn, session: Session) -> None:
    taken = make_user(role=None)
    browser = sign_in(make_user(role=Role.ADMINISTRATOR))
    sent = {"name": "Two", "email": taken.email, "role": "auditor", "place": ""}
    answer = browser.post("/accounts/new", data=sent)
    assert answer.status_code == 422
    assert "There is an account with this email address" in answer.text


def test_roles_are_given_and_taken_and_accounts_closed(sign_in: SignIn, session: Session) -> None:
    somebody = make_user(role=None)
    browser = sign_in(make_user(role=Role.ADMINISTRATOR))
    roles = f"/accounts/{somebody.id}/roles"
    assert "No role yet" in browser.get(roles).text
    assert browser.post(roles, data={"role": "", "place": ""}).status_code == 422
    assert browser.post(roles, data={"role": "director", "place": "whole"}).status_code == 303
    assert "Director" in browser.get(roles).text
    grant = session.scalars(select(RoleGrant).where(RoleGrant.user_id == somebody.id)).one()
    assert browser.post(f"{roles}/{grant.id}/take").status_code == 303
    assert "No role yet" in browser.get(roles).text
    assert browser.post(f"/accounts/{somebody.id}/close").status_code == 303
    assert "Closed" in browser.get("/accounts").text


def test_the_last_administrator_is_told_why_they_stay(sign_in: SignIn, session: Session) -> None:
    administrator = make_user("Last", Role.ADMINISTRATOR)
    session.commit()
    reply = sign_in(administrator).post(f"/accounts/{administrator.id}/close")
    assert reply.status_code == 409
    assert "This is the last administrator" in reply.text
    assert "Somebody got there first" not in reply.text


def test_an_unknown_account_is_not_found(sign_in: SignIn, session: Session) -> None:
    browser = sign_in(make_user(role=Role.ADMINISTRATOR))
    assert browser.get("/accounts/99999/roles").status_code == 404
    assert browser.post("/accounts/99999/close").status_code == 404


@pytest.mark.parametrize("path", ["/accounts", "/accounts/new", "/accounts/1/roles"])
def test_accounts_are_the_administrators_alone(sign_in: SignIn, session: Session, path: str) -> None:
    browser = sign_in(make_user(role=Role.QA_LEAD))
    assert browser.get(path).status_code == 403


def test_who_can_do_what_is_shown_to_administrators_and_directors(sign_in: SignIn, session: Session) -> None:
    page = sign_in(make_user(role=Role.ADMINISTRATOR)).get("/who-can-do-what").text
    assert all(role.label in page for role in Role)
    assert all(mark.meaning in page for mark in Reached)
    director = sign_in(make_user(role=Role.DIRECTOR))
    assert 'href="/who-can-do-what"' in director.get("/").text
    assert director.get("/who-can-do-what").status_code == 200
    assert sign_in(make_user(role=Role.AUDITOR)).get("/who-can-do-what").status_code == 403


def account_of(session: Session, user_id: int) -> User:
    session.expire_all()
    return session.get_one(User, user_id)


def test_closing_and_opening_again_each_ask_first(
    sign_in: SignIn, client: FlaskClient, session: Session
) -> None:
    somebody = make_user(role=Role.AUDITOR, password=PASSWORD)
    user_id, email = somebody.id, somebody.email
    standing = sign_in(somebody)
    browser = sign_in(make_user(role=Role.ADMINISTRATOR))
    assert "is signed out everywhere" in browser.get(f"/accounts/{user_id}/close").text
    assert account_of(session, user_id).is_active
    assert browser.post(f"/accounts/{user_id}/close").location == f"/accounts/{user_id}/roles"
    assert standing.get("/your-sign-ins").status_code == 302
    assert client.post("/sign-in", data={"email": email, "password": PASSWORD}).status_code == 422
    page = browser.get(f"/accounts/{user_id}/roles").text
    assert "Open the account again" in page
    assert "Give another role" not in page
    assert "Auditor (Own reviews)" in browser.get(f"/accounts/{user_id}/reopen").text
    assert browser.post(f"/accounts/{user_id}/reopen").status_code == 303
    assert browser.post(f"/accounts/{user_id}/reopen").status_code == 409
    answer = client.post("/sign-in", data={"email": email, "password": PASSWORD})
    assert answer.status_code == 422, "the old password is gone"
    link = handed_address(browser.post(f"/accounts/{user_id}/link").text)
    client.post(link, data={"password": PASSWORD, "again": PASSWORD})
    assert client.post("/sign-in", data={"email": email, "password": PASSWORD}).status_code == 303


def test_taking_a_role_away_asks_first_and_ends_their_sign_ins(sign_in: SignIn, session: Session) -> None:
    somebody = make_user(role=Role.DIRECTOR)
    user_id, grant_id = somebody.id, somebody.grants[0].id
    standing = sign_in(somebody)
    browser = sign_in(make_user(role=Role.ADMINISTRATOR))
    take = f"/accounts/{user_id}/roles/{grant_id}/take"
    assert "will no longer be director over whole service" in browser.get(take).text
    assert standing.get("/themes/").status_code == 200
    assert browser.post(take).status_code == 303
    assert standing.get("/themes/").status_code == 302
    assert browser.get(take).status_code == 409
    assert browser.post(take).status_code == 404
    assert browser.post(f"/accounts/99999/roles/{grant_id}/take").status_code == 404


def test_a_role_is_taken_from_nobody_but_its_holder(sign_in: SignIn, session: Session) -> None:
    holder, other = make_user(role=Role.DIRECTOR), make_user(role=None)
    grant_id, other_id = holder.grants[0].id, other.id
    browser = sign_in(make_user(role=Role.ADMINISTRATOR))
    assert browser.post(f"/accounts/{other_id}/roles/{grant_id}/take").status_code == 404


def test_whoever_changes_their_own_roles_stays_signed_in_under_a_fresh_session(
    sign_in: SignIn, session: Session
) -> None:
    administrator = make_user(role=Role.ADMINISTRATOR)
    user_id = administrator.id
    browser, elsewhere = sign_in(administrator), sign_in(administrator)
    before = browser.get_cookie("qa")
    answer = browser.post(f"/accounts/{user_id}/roles", data={"role": "director", "place": "whole"})
    assert answer.status_code == 303
    assert browser.get("/themes/").status_code == 200
    assert browser.get_cookie("qa") != before
    assert elsewhere.get("/your-sign-ins").status_code == 302


def test_making_an_administrator_or_closing_asks_again_who_is_there(
    sign_in: SignIn, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody = make_user(role=None)
    user_id = somebody.id
    browser = sign_in(make_user(role=Role.ADMINISTRATOR, password=PASSWORD))
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=20))
    roles, close = f"/accounts/{user_id}/roles", f"/accounts/{user_id}/close"
    sent = browser.post(roles, data={"role": "administrator", "place": ""})
    assert sent.location == f"/confirm-it-is-you?next={roles}"
    assert "That was not done yet" in browser.get(sent.location).text
    new = {"name": "Two", "email": "two@example.org", "role": "administrator", "place": ""}
    assert browser.post("/accounts/new", data=new).location == "/confirm-it-is-you?next=/accounts/new"
    assert browser.get(close).location == f"/confirm-it-is-you?next={close}"
    assert browser.post(close).location == f"/confirm-it-is-you?next={close}"
    assert session.scalars(select(RoleGrant).where(RoleGrant.user_id == user_id)).all() == []
    assert browser.post(roles, data={"role": "auditor", "place": ""}).location == roles
    browser.post("/confirm-it-is-you", data={"password": PASSWORD, "next": roles})
    assert browser.post(roles, data={"role": "administrator", "place": ""}).location == roles


def test_an_administrator_ends_somebody_s_sign_ins(sign_in: SignIn, session: Session) -> None:
    somebody = make_user(role=None)
    user_id = somebody.id
    standing = sign_in(somebody)
    browser = sign_in(make_user(role=Role.ADMINISTRATOR))
    assert browser.post(f"/accounts/{user_id}/end-sign-ins").status_code == 303
    assert standing.get("/your-sign-ins").status_code == 302
    assert browser.post("/accounts/99999/end-sign-ins").status_code == 404


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", {"Anna Reed", "Bert Vale", "Cora Finch"}),
        ("role=director", {"Bert Vale"}),
        ("state=closed", {"Cora Finch"}),
        ("state=invited", {"Anna Reed"}),
        ("words=reed", {"Anna Reed"}),
        ("words=VALE+bert", {"Bert Vale"}),
        ("second_factor=none&state=open", {"Bert Vale"}),
        ("role=emperor&state=odd&page=99", {"Anna Reed", "Bert Vale", "Cora Finch"}),
        ("page=-1", {"Anna Reed", "Bert Vale", "Cora Finch"}),
        ("page=x", {"Anna Reed", "Bert Vale", "Cora Finch"}),
        ("words=%00", {"Anna Reed", "Bert Vale", "Cora Finch"}),
    ],
)
def test_accounts_are_found_by_filters(
    sign_in: SignIn, session: Session, asked: str, found: set[str]
) -> None:
    names = {
        "Anna Reed": (None, None),
        "Bert Vale": (Role.DIRECTOR, PASSWORD),
        "Cora Finch": (None, PASSWORD),
    }
    ids = {name: make_user(name, role, password=password).id for name, (role, password) in names.items()}
    close_account(SYSTEM, ids["Cora Finch"], at=AT)
    page = sign_in(make_user("Last", Role.ADMINISTRATOR)).get(f"/accounts?{asked}").text
    assert {name for name in names if f">{name}</a>" in page} == found


def test_fifty_accounts_stand_on_a_page(sign_in: SignIn, session: Session) -> None:
    for number in range(52):
        session.add(User(email=f"many{number}@example.org", name=f"Many {number:02}", created_at=AT))
    browser = sign_in(make_user("A first one", Role.ADMINISTRATOR))
    first, second = (browser.get(f"/accounts?page={number}").text for number in (1, 2))
    assert "53 accounts" in first
    assert "Page 1 of 2" in first
    assert "Many 00" in first
    assert "Many 51" not in first
    assert "Many 51" in second


def test_cookies_are_tied_to_the_host_and_hidden_from_scripts(tmp_path: Path) -> None:
    app = create_app(Settings(instance_folder=tmp_path, secret_key="test"))
    app.config["WTF_CSRF_ENABLED"] = True
    with app.app_context():
        db.create_all()
        with app.test_request_context(base_url="https://localhost"):
            response = app.make_response("")
            know_browser(response, "a@example.org")
        sent = [app.test_client().get("/sign-in", base_url="https://localhost").headers["Set-Cookie"]]
        sent += response.headers.getlist("Set-Cookie")
        db.engine.dispose()
    assert len(sent) == 2
    for cookie in sent:
        assert cookie.startswith("__Host-")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {
            part.strip() for part in cookie.split(";")
        }
        assert "Domain" not in cookie
