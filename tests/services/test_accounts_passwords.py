"""Choosing a password by a link, and changing one's own."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.domain.passwords import LinkPurpose
from qa_app.domain.sign_in import SignInRules, ThrottleKind
from qa_app.models.accounts import PasswordLink, User, UserSession
from qa_app.models.history import HistoryDetail, HistoryEntry
from qa_app.queries.accounts import get_link_holder
from qa_app.services import accounts
from qa_app.services.accounts_passwords import change_own_password, choose_password, make_link
from qa_app.services.accounts_sign_in import password_opens
from qa_app.services.accounts_throttle import ThrottleKey, blocked_until, take_attempt
from tests.builders import make_user, viewer_of

pytestmark = pytest.mark.database

OLD, NEW = "a long walk to the sea", "another walk in the hills"

RULES = SignInRules(attempts=3, lock_minutes=15)


def opens(user: User, password: str) -> bool:
    return password_opens(user.email, password)[1]


def n_standing(session: Session, user: User) -> int | None:
    return session.scalar(
        select(func.count(UserSession.id)).where(
            UserSession.user_id == user.id, UserSession.ended_at.is_(None)
        )
    )


def test_an_invitation_sets_the_first_password_once(session: Session, at: datetime) -> None:
    user = make_user()
    link = make_link(SYSTEM, user.id, at=at)
    assert link.purpose is LinkPurpose.INVITE
    assert not opens(user, NEW)
    choose_password(link.token, NEW, at=at + timedelta(hours=71))
    assert opens(user, NEW)
    with pytest.raises(NotFound):
        choose_password(link.token, OLD, at=at + timedelta(hours=71))
    assert opens(user, NEW)


@pytest.mark.parametrize(("password", "hours"), [(None, 72), (OLD, 2)])
def test_a_link_is_over_after_its_hours(
    session: Session, at: datetime, password: str | None, hours: int
) -> None:
    link = make_link(SYSTEM, make_user(password=password).id, at=at)
    digest = accounts.token_sha256(link.token)
    assert link.expires_at == at + timedelta(hours=hours)
    assert get_link_holder(digest, at=link.expires_at - timedelta(seconds=1)).purpose is link.purpose
    with pytest.raises(NotFound):
        get_link_holder(digest, at=link.expires_at)
    with pytest.raises(NotFound):
        choose_password(link.token, NEW, at=link.expires_at)


def test_a_newer_link_voids_the_older_and_leaves_other_peoples_alone(session: Session, at: datetime) -> None:
    user, other = make_user(), make_user()
    first, theirs = make_link(SYSTEM, user.id, at=at), make_link(SYSTEM, other.id, at=at)
    second = make_link(SYSTEM, user.id, at=at)
    with pytest.raises(NotFound):
        choose_password(first.token, NEW, at=at)
    choose_password(second.token, NEW, at=at)
    choose_password(theirs.token, NEW, at=at)
    assert opens(user, NEW)
    assert opens(other, NEW)


def test_a_reset_ends_every_sign_in_of_that_account_and_unlocks_it(session: Session, at: datetime) -> None:
    user, other = make_user(password=OLD), make_user(password=OLD)
    keys = [ThrottleKey(ThrottleKind.PASSWORD, "a" * 64)]
    for _ in range(RULES.attempts):
        take_attempt(session, keys, RULES, user_id=user.id, at=at)
    for somebody in (user, user, other):
        accounts.start_session(session, somebody.id, browser="test", at=at)
    choose_password(make_link(SYSTEM, user.id, at=at).token, NEW, at=at)
    assert (n_standing(session, user), n_standing(session, other)) == (0, 1)
    assert blocked_until(session, keys, at=at) is None
    assert opens(user, NEW)
    assert not opens(user, OLD)


def test_a_weak_password_leaves_the_link_and_the_old_password(session: Session, at: datetime) -> None:
    user = make_user(password=OLD)
    link = make_link(SYSTEM, user.id, at=at)
    with pytest.raises(Invalid):
        choose_password(link.token, "short", at=at)
    assert opens(user, OLD)
    choose_password(link.token, NEW, at=at)
    assert opens(user, NEW)


def test_only_those_who_manage_people_make_links_and_none_for_a_closed_account(
    session: Session, at: datetime
) -> None:
    user = make_user()
    link = make_link(viewer_of(make_user(role=Role.ADMINISTRATOR)), user.id, at=at)
    with pytest.raises(NotAllowed):
        make_link(viewer_of(make_user(role=Role.DIRECTOR)), user.id, at=at)
    with pytest.raises(NotFound):
        make_link(SYSTEM, 999_999, at=at)
    accounts.close_account(SYSTEM, user.id, at=at)
    with pytest.raises(Conflict):
        make_link(SYSTEM, user.id, at=at)
    with pytest.raises(NotFound):
        choose_password(link.token, NEW, at=at)


def test_neither_the_token_nor_a_password_is_stored_or_told_in_the_history(
    session: Session, at: datetime
) -> None:
    user = make_user()
    link = make_link(SYSTEM, user.id, at=at)
    choose_password(link.token, NEW, at=at)
    change_own_password(viewer_of(user), OLD, browser="test", at=at)
    session.flush()
    entries = session.execute(
        select(HistoryEntry.action, HistoryEntry.actor_id, HistoryDetail.after)
        .join(HistoryDetail, HistoryDetail.entry_id == HistoryEntry.id)
        .where(HistoryEntry.subject_kind == "user", HistoryEntry.subject_id == user.id)
        .order_by(HistoryEntry.id)
    ).all()
    made = [(action, actor) for action, actor, _ in entries if "password" in action]
    assert made == [
        ("make_password_link", None),
        ("choose_password", user.id),
        ("change_password", user.id),
    ]
    kept = [str(after) for _, _, after in entries]
    kept += [row.token_sha256 for row in session.scalars(select(PasswordLink))]
    assert not [words for words in kept for secret in (link.token, OLD, NEW) if secret in words]


def test_changing_ones_password_ends_the_other_sign_ins_and_voids_links(
    session: Session, at: datetime
) -> None:
    user = make_user(password=OLD)
    link = make_link(SYSTEM, user.id, at=at)
    accounts.start_session(session, user.id, browser="elsewhere", at=at)
    token = change_own_password(viewer_of(user), NEW, browser="here", at=at)
    session.flush()
    standing = session.scalars(
        select(UserSession).where(UserSession.user_id == user.id, UserSession.ended_at.is_(None))
    ).one()
    assert standing.token_sha256 == accounts.token_sha256(token)
    assert opens(user, NEW)
    with pytest.raises(NotFound):
        choose_password(link.token, OLD, at=at)
    with pytest.raises(NotFound):
        change_own_password(SYSTEM, NEW, browser="", at=at)
