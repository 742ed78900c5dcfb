"""Accounts and signing in."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Grant, Role, ScopeKind
from qa_app.domain.errors import Conflict, Invalid, NotAllowed
from qa_app.services import accounts
from qa_app.services.accounts_sign_in import password_opens
from tests.builders import make_user, viewer_of

pytestmark = pytest.mark.database

GOOD = "a long walk to the sea"


def test_a_password_opens_its_account_only(session: Session, at: datetime) -> None:
    user = make_user(password=GOOD)
    assert password_opens(user.email.upper(), GOOD) == (user.id, True)
    assert password_opens(user.email, "something else") == (user.id, False)
    assert password_opens("nobody@example.org", GOOD) == (None, False)


def test_an_address_has_one_account(session: Session, at: datetime) -> None:
    user = make_user()
    with pytest.raises(Conflict):
        accounts.add_user(SYSTEM, email=user.email.upper(), name="Other", password=None, grants=[], at=at)


@pytest.mark.parametrize("password", ["short", "passwordpassword", "aaaaaaaaaaaaaaaa", "marigold.reed"])
def test_weak_passwords_are_refused(session: Session, at: datetime, password: str) -> None:
    with pytest.raises(Invalid):
        accounts.add_user(
            SYSTEM,
            email="marigold.reed@example.org",
            name="Marigold Reed",
            password=password,
            grants=[],
            at=at,
        )


def test_only_those_who_manage_people_add_people(session: Session, at: datetime) -> None:
    viewer = viewer_of(make_user(role=Role.AUDITOR))
    with pytest.raises(NotAllowed):
        accounts.add_user(viewer, email="a@example.org", name="A", password=None, grants=[], at=at)


def test_the_last_administrator_keeps_the_role(session: Session, at: datetime) -> None:
    only = make_user(role=Role.ADMINISTRATOR)
    grant_id = only.grants[0].id
    with pytest.raises(Conflict):
        accounts.take_role(SYSTEM, only.id, grant_id, at=at)
    with pytest.raises(Conflict):
        accounts.close_account(SYSTEM, only.id, at=at)
    make_user(role=Role.ADMINISTRATOR)
    accounts.close_account(SYSTEM, only.id, at=at)
    assert not only.is_active


def test_a_role_is_given_once(session: Session, at: datetime) -> None:
    user = make_user(role=None)
    grant = Grant(Role.AUDITOR, ScopeKind.OWN_REVIEWS)
    first = accounts.give_role(SYSTEM, user.id, grant, at=at)
    session.flush()
    assert accounts.give_role(SYSTEM, user.id, grant, at=at).id == first.id
