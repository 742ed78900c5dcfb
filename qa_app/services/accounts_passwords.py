"""Choosing a password: by a link that works once, or anew by whoever knows the old one."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.errors import Conflict, NotFound
from qa_app.domain.passwords import LinkPurpose, check_password
from qa_app.domain.sign_in import SignInWay
from qa_app.extensions import db
from qa_app.models.accounts import PasswordLink, User, UserSession
from qa_app.queries.accounts import get_link_holder
from qa_app.services import history
from qa_app.services.accounts import HASHER, start_session, token_sha256
from qa_app.services.accounts_throttle import forget_attempts


@dataclass(frozen=True)
class HandedLink:
    """A link just made, to be shown once: its token is stored nowhere."""

    token: str
    name: str
    purpose: LinkPurpose
    expires_at: datetime


def make_link(viewer: Viewer, user_id: int, *, at: datetime) -> HandedLink:
    """Make a link by which somebody chooses their password: an invitation if they have none yet, else a reset.

    Every older link of theirs is void from now on.
    Errors: NotFound; Conflict when the account is closed.
    """
    viewer.require(Permission.MANAGE_USERS)
    user = _locked_user(user_id)
    if not user.is_active:
        raise Conflict("This account is closed, so nobody can choose a password for it.")
    purpose = LinkPurpose.INVITE if user.password_hash is None else LinkPurpose.RESET
    _void_links(user_id, at=at)
    token = secrets.token_urlsafe(32)
    expires_at = at + timedelta(hours=purpose.hours)
    db.session.add(
        PasswordLink(
            token_sha256=token_sha256(token),
            user_id=user_id,
            purpose=purpose,
            created_at=at,
            created_by_id=viewer.user_id,
            expires_at=expires_at,
        )
    )
    after = {"purpose": purpose.value, "expires_at": expires_at.isoformat()}
    history.record(viewer, "make_password_link", "user", user_id, at=at, after=after)
    return HandedLink(token, user.name, purpose, expires_at)


def choose_password(token: str, password: str, *, at: datetime) -> str:
    """Set the password of whoever holds a link; gives their address. The link is used up, every sign-in ends.

    An account locked by wrong passwords is open again.
    Errors: NotFound when the link can't be used; Invalid when the password is not good enough.
    """
    holder = get_link_holder(token_sha256(token), at=at)
    user = _locked_user(holder.user_id)
    link = db.session.get_one(PasswordLink, holder.link_id, populate_existing=True)
    if link.used_at is not None or link.voided_at is not None or not user.is_active:
        raise NotFound("This link was used already, is too old, or was replaced by a newer one.")
    check_password(password, email=user.email, name=user.name)
    link.used_at = at
    _set_password(user, password, at=at)
    forget_attempts(db.session(), user.id)
    chooser = Viewer(user.id, user.name, ())
    history.record(
        chooser, "choose_password", "user", user.id, at=at, after={"purpose": holder.purpose.value}
    )
    return user.email


def change_own_password(
    viewer: Viewer, password: str, *, browser: str, at: datetime, way: SignInWay = SignInWay.PASSWORD
) -> str:
    """Set another password for oneself; the caller has checked the old one.

    Every sign-in ends and every open link is void; gives the token of a fresh sign-in for this browser.
    Errors: Invalid when the password is not good enough; NotFound.
    """
    if viewer.user_id is None:
        raise NotFound("The system itself has no password.")
    user = _locked_user(viewer.user_id)
    check_password(password, email=user.email, name=user.name)
    _set_password(user, password, at=at)
    history.record(viewer, "change_password", "user", user.id, at=at)
    return start_session(db.session(), user.id, browser=browser, way=way, at=at)


def _locked_user(user_id: int) -> User:
    # Everything here locks the account's row first, so that two links made or used at once follow one another.
    user = db.session.scalar(
        select(User)
        .where(User.id == user_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if user is None:
        raise NotFound("There is no such account.")
    return user


def _set_password(user: User, password: str, *, at: datetime) -> None:
    user.password_hash = HASHER.hash(password)
    _void_links(user.id, at=at)
    db.session.execute(
        update(UserSession)
        .where(UserSession.user_id == user.id, UserSession.ended_at.is_(None))
        .values(ended_at=at)
    )


def _void_links(user_id: int, *, at: datetime) -> None:
    db.session.execute(
        update(PasswordLink)
        .where(
            PasswordLink.user_id == user_id,
            PasswordLink.used_at.is_(None),
            PasswordLink.voided_at.is_(None),
        )
        .values(voided_at=at)
    )
