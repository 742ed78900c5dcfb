"""Signing in: the password, then whatever else the account or its roles ask for, then the sign-in itself."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select

from qa_app.adapters.secret_box import SecretBox
from qa_app.domain.access import Role
from qa_app.domain.errors import NotFound
from qa_app.domain.sign_in import SignInWay
from qa_app.extensions import db
from qa_app.models.accounts import RoleGrant, SecondFactor, SignInStep, User
from qa_app.services.accounts import HASHER, start_session, token_sha256
from qa_app.services.accounts_second_factor import begin_second_factor

_NOBODY = HASHER.hash(secrets.token_hex(16))
"""Checked against when there is no such account, so that the answer takes as long."""

WRONG = "The email address or the password is not right."
STEP_IS_OVER = "This took too long, or was finished elsewhere. Sign in again from the beginning."


@dataclass(frozen=True)
class Door:
    """What an address leads to: an account, or nothing, with a hash to try a password on either way."""

    user_id: int | None
    password_hash: str


@dataclass(frozen=True)
class Begun:
    """A first step that was right. The token is that of a sign-in, or of a second step still to do."""

    token: str
    needs_code: bool = False
    needs_set_up: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether the sign-in stands already."""
        return not (self.needs_code or self.needs_set_up)


def find_door(email: str) -> Door:
    """The account of an address, and the hash to try a password on."""
    # Not the strongest lock: an attempt counted meanwhile refers to the account, and must not wait for this one.
    user = db.session.scalar(select(User).where(User.email == email.strip().lower()))
    if user is None:
        return Door(None, _NOBODY)
    return Door(user.id, user.password_hash or _NOBODY)


def opens(door: Door, password: str) -> bool:
    """Whether a password is the door's own.

    The work is the same for an unknown address, so that the time taken tells nothing. It takes about 50 ms: end
    the transaction before.
    """
    try:
        HASHER.verify(door.password_hash, password[:1024])
    except (VerificationError, InvalidHashError):
        return False
    return door.password_hash is not _NOBODY


def password_opens(email: str, password: str) -> tuple[int | None, bool]:
    """The account of an address, and whether the password is its own."""
    door = find_door(email)
    return door.user_id, opens(door, password)


def begin_sign_in(
    user_id: int,
    box: SecretBox,
    *,
    way: SignInWay,
    browser: str,
    demanded_of: Collection[Role],
    only_break_glass: bool = False,
    at: datetime,
) -> Begun | None:
    """Go on from a right first step: begin the sign-in, or a second step, or nothing where the account is closed.

    `demanded_of`: the roles that may not sign in with a password alone. Whoever comes by their council account has
    proved who they are there, and is asked for no code here.
    """
    # Not the strongest lock: an attempt counted meanwhile refers to the account, and must not wait for this one.
    user = db.session.scalar(select(User).where(User.id == user_id).with_for_update(key_share=True))
    if user is None or not user.is_active or (only_break_glass and not user.is_break_glass):
        return None
    if way is SignInWay.PASSWORD:
        confirmed = db.session.scalar(
            select(SecondFactor.id).where(
                SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None)
            )
        )
        if confirmed is not None:
            return Begun(_start_step(user_id, at=at), needs_code=True)
        if _held_roles(user_id) & set(demanded_of):
            begin_second_factor(user_id, box, at=at)
            return Begun(_start_step(user_id, at=at), needs_set_up=True)
    user.last_signed_in_at = at
    return Begun(start_session(db.session(), user_id, browser=browser, way=way, at=at))


def finish_step(token: str, *, way: SignInWay, browser: str, at: datetime) -> str:
    """Begin the sign-in of somebody whose second step was right; gives its token. A step is used once.

    Errors: NotFound when the step was used meanwhile.
    """
    step = db.session.scalar(
        select(SignInStep)
        .where(SignInStep.token_sha256 == token_sha256(token), SignInStep.used_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if step is None:
        raise NotFound(STEP_IS_OVER)
    step.used_at = at
    user = db.session.get_one(User, step.user_id)
    user.last_signed_in_at = at
    return start_session(db.session(), user.id, browser=browser, way=way, at=at)


def renew_hash(user_id: int, password: str) -> None:
    """Hash a password anew, just found right, where its hash is of an older and weaker kind."""
    user = db.session.get_one(User, user_id)
    if user.password_hash and HASHER.check_needs_rehash(user.password_hash):
        user.password_hash = HASHER.hash(password)


def _start_step(user_id: int, *, at: datetime) -> str:
    token = secrets.token_urlsafe(32)
    db.session.add(SignInStep(token_sha256=token_sha256(token), user_id=user_id, created_at=at))
    return token


def _held_roles(user_id: int) -> set[Role]:
    return set(
        db.session.scalars(
            select(RoleGrant.role).where(RoleGrant.user_id == user_id, RoleGrant.suspended_at.is_(None))
        )
    )
