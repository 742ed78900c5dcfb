"""Accounts from the command line."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pyotp
import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app import clock
from qa_app.adapters.secret_box import SecretBox
from qa_app.cli import context
from qa_app.cli import users as command
from qa_app.domain.access import Role, ScopeKind
from qa_app.domain.errors import QaError
from qa_app.domain.sign_in import SignInRules, ThrottleKind
from qa_app.models.accounts import RoleGrant, SecondFactor, User, UserSession
from qa_app.services.accounts import start_session
from qa_app.services.accounts_passwords import choose_password
from qa_app.services.accounts_second_factor import (
    FreshCodes,
    begin_second_factor,
    confirm_second_factor,
    secret_of,
)
from qa_app.services.accounts_sign_in import password_opens
from qa_app.services.accounts_throttle import ThrottleKey, take_attempt
from tests.builders import make_service_area, make_team

pytestmark = pytest.mark.database

PASSWORD = "a walk in the long rain"


@pytest.fixture(autouse=True)
def inside_the_test(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands work in the test's own transaction."""

    @contextmanager
    def database(as_json: bool = False) -> Iterator[None]:
        try:
            yield
            session.commit()
        except QaError as refusal:
            session.rollback()
            context.refuse(refusal.message, as_json)

    monkeypatch.setattr(command, "database", database)


def add(*words: str, password: str = PASSWORD) -> tuple[int, dict[str, object]]:
    base = ["add", "--email", "Two@Example.org", "--name", "Two", "--password-stdin", "--json"]
    done = CliRunner().invoke(command.users, [*base, *words], input=f"{password}\n")
    return done.exit_code, json.loads(done.stdout) if done.stdout.startswith("{") else {}


def test_an_account_is_added_with_its_roles(session: Session) -> None:
    status, answer = add("--role", "qa_lead", "--role", "director")
    assert status == 0
    assert (answer["email"], answer["roles"]) == ("two@example.org", ["qa_lead", "director"])
    grants = session.scalars(select(RoleGrant)).all()
    assert {grant.scope for grant in grants} == {ScopeKind.WHOLE_SERVICE}


def test_places_are_named_by_their_names(session: Session) -> None:
    area = make_service_area("Safeguarding")
    make_team("Team North", area)
    assert add("--role", "head_of_service", "--area", "safeguarding")[0] == 0
    grant = session.scalars(select(RoleGrant)).one()
    assert (grant.role, grant.service_area_id) == (Role.HEAD_OF_SERVICE, area.id)


@pytest.mark.parametrize(
    ("words", "password", "said"),
    [
        (
            ["--role", "head_of_service", "--area", "Nowhere"],
            PASSWORD,
            "There is no service area called 'Nowhere'",
        ),
        (["--role", "team_manager"], PASSWORD, "choose the team"),
        (["--role", "auditor"], "short", "at least 12 characters"),
    ],
)
def test_what_cannot_be_added_is_refused_in_words(
    words: list[str], password: str, said: str, session: Session
) -> None:
    status, answer = add(*words, password=password)
    assert status == 1
    assert said in str(answer["error"])
    assert session.scalars(select(User)).all() == []


@pytest.mark.parametrize(
    "words", [["--role", "emperor"], [], ["--role", "auditor", "--team", "A", "--whole-service"]]
)
def test_wrong_usage_ends_with_status_2(words: list[str]) -> None:
    assert add(*words)[0] == 2


def test_accounts_are_listed(session: Session) -> None:
    add("--role", "auditor")
    listed = json.loads(CliRunner().invoke(command.users, ["list", "--json"]).stdout)
    assert listed["users"][0]["roles"] == [{"role": "auditor", "where": "Own reviews"}]
    assert "two@example.org: Auditor (Own reviews)" in CliRunner().invoke(command.users, ["list"]).stdout


def test_a_link_to_choose_a_password_is_made_for_an_account(session: Session) -> None:
    add("--role", "administrator")
    done = CliRunner().invoke(command.users, ["link", "--email", "TWO@example.org", "--json"])
    answer = json.loads(done.stdout)
    assert (done.exit_code, answer["purpose"]) == (0, "reset")
    choose_password(answer["path"].rsplit("/", 1)[1], "hills and a slow river", at=clock.now())
    assert password_opens("two@example.org", "hills and a slow river")[1]
    shown = CliRunner().invoke(command.users, ["link", "--email", "two@example.org"])
    assert "/choose-password/" in shown.stdout
    assert "within 2 hours" in shown.stdout
    unknown = CliRunner().invoke(command.users, ["link", "--email", "nobody@example.org"])
    assert unknown.exit_code == 1
    assert "no account with this email address" in unknown.stderr


def run(*words: str) -> tuple[int, dict[str, object]]:
    done = CliRunner().invoke(command.users, [*words, "--json"])
    return done.exit_code, json.loads(done.stdout)


def test_an_account_is_unlocked(session: Session) -> None:
    add("--role", "auditor")
    user_id = session.scalars(select(User.id)).one()
    keys, rules = [ThrottleKey(ThrottleKind.PASSWORD, "a" * 64)], SignInRules(3, 15)
    for _ in range(3):
        take_attempt(session, keys, rules, user_id=user_id, at=clock.now())
    assert run("list")[1]["users"][0]["state"] == "locked"  # type: ignore[index]
    assert "[locked]" in CliRunner().invoke(command.users, ["list"]).stdout
    assert run("unlock", "--email", "Two@example.org") == (0, {"email": "two@example.org", "unlocked": True})
    assert run("list")[1]["users"][0]["state"] == "open"  # type: ignore[index]


def test_a_second_factor_is_reset(session: Session) -> None:
    add("--role", "auditor")
    user_id = session.scalars(select(User.id)).one()
    status, answer = run("reset-second-factor", "--email", "two@example.org")
    assert status == 1
    assert "has no second factor" in str(answer["error"])
    box = SecretBox("test")
    begin_second_factor(user_id, box, at=clock.now())
    factor = session.scalars(select(SecondFactor)).one()
    code = pyotp.TOTP(secret_of(user_id, factor.secret_sealed, box)).at(clock.now())
    confirm_second_factor(user_id, code, FreshCodes((), (("a", "x"),)), box, at=clock.now())
    session.flush()
    assert run("list")[1]["users"][0]["has_second_factor"] is True  # type: ignore[index]
    assert run("reset-second-factor", "--email", "two@example.org")[0] == 0
    assert run("list")[1]["users"][0]["has_second_factor"] is False  # type: ignore[index]


def test_an_account_is_kept_for_emergencies(session: Session) -> None:
    add("--role", "administrator")
    assert run("emergency", "--email", "two@example.org")[1]["is_for_emergencies"] is True
    assert session.scalars(select(User)).one().is_break_glass
    assert run("emergency", "--email", "two@example.org", "--off")[1]["is_for_emergencies"] is False


@pytest.mark.parametrize("name", ["unlock", "reset-second-factor", "emergency", "link"])
def test_an_unknown_account_is_refused_in_words(session: Session, name: str) -> None:
    status, answer = run(name, "--email", "nobody@example.org")
    assert status == 1
    assert "no account with this email address" in str(answer["error"])


def test_somebody_with_a_council_account_needs_no_password(session: Session) -> None:
    base = ["add", "--email", "c@example.org", "--name", "C", "--role", "auditor", "--council-account"]
    assert run(*base)[0] == 0
    user = session.scalars(select(User)).one()
    assert user.password_hash is None
    assert user.council_link_until is not None
    assert CliRunner().invoke(command.users, [*base, "--password-stdin"]).exit_code == 2


@pytest.mark.parametrize("whose", [["--email", "two@example.org"], ["--everyone"]])
def test_sign_ins_are_ended(session: Session, whose: list[str]) -> None:
    add("--role", "auditor")
    user_id = session.scalars(select(User.id)).one()
    start_session(session(), user_id, browser="test", at=clock.now())
    session.flush()
    assert run("end-sign-ins", *whose) == (0, {"accounts": 1})
    assert session.scalars(select(UserSession)).one().ended_at is not None


@pytest.mark.parametrize("whose", [[], ["--everyone", "--email", "two@example.org"]])
def test_whose_sign_ins_end_must_be_said(session: Session, whose: list[str]) -> None:
    assert CliRunner().invoke(command.users, ["end-sign-ins", *whose]).exit_code == 2
