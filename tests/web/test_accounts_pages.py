"""Signing in and out, one's own sign-ins, and the accounts that administrators look after."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import Role, ScopeKind
from qa_app.models.accounts import RoleGrant, User, UserSession
from qa_app.web.shared.signing_in import safe_target
from tests.builders import make_service_area, make_team, make_user
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
    assert "Only if the role holds over the whole service" in page
    director = sign_in(make_user(role=Role.DIRECTOR))
    assert 'href="/who-can-do-what"' in director.get("/").text
    assert director.get("/who-can-do-what").status_code == 200
    assert sign_in(make_user(role=Role.AUDITOR)).get("/who-can-do-what").status_code == 403
