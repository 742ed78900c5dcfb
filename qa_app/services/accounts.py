"""Accounts: adding people, giving roles, signing in and out."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import Grant, Permission, Role, Viewer, check_grants
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.domain.passwords import check_password
from qa_app.extensions import db
from qa_app.models.accounts import RoleGrant, User, UserSession
from qa_app.services import history

# OWASP password storage: Argon2id with 19 MiB, two passes, one lane.
HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_NOBODY = HASHER.hash(secrets.token_hex(16))
"""Checked against when there is no such account, so that the answer takes as long."""

WRONG = "The email address or the password is not right, or the account is locked for a while."


@dataclass(frozen=True)
class SignInRules:
    """When an account locks. Units: failures in a row; minutes."""

    attempts: int
    lock_minutes: int


def add_user(
    viewer: Viewer, *, email: str, name: str, password: str | None, grants: Sequence[Grant], at: datetime
) -> User:
    """Make an account with its roles. Without a password it can't sign in with one.

    Errors: Invalid (address, name, password or grants), Conflict when the address has an account.
    """
    viewer.require(Permission.MANAGE_USERS)
    address = email.strip().lower()
    person = " ".join(name.split())
    if "@" not in address or len(address) > 254 or any(mark.isspace() for mark in address):
        raise Invalid("email", "Enter an email address in the form name@example.gov.uk.")
    if not person or len(person) > 120:
        raise Invalid("name", "Enter a name of 1 to 120 characters.")
    if faults := check_grants(grants):
        raise Invalid("grants", " ".join(faults))
    if db.session.scalar(select(User.id).where(User.email == address)):
        raise Conflict(
            "There is an account with this email address. Change that one, or use another address."
        )
    hashed = None
    if password is not None:
        check_password(password, email=address, name=person)
        hashed = HASHER.hash(password)
    user = User(email=address, name=person, password_hash=hashed, created_at=at)
    db.session.add(user)
    db.session.flush()
    history.record(viewer, "add_user", "user", user.id, at=at, after={"email": address, "name": person})
    for grant in grants:
        give_role(viewer, user.id, grant, at=at)
    return user


def give_role(viewer: Viewer, user_id: int, grant: Grant, *, at: datetime) -> RoleGrant:
    """Give somebody a role with its scope. Giving it twice changes nothing.

    Errors: Invalid when the scope is not complete; NotFound.
    """
    viewer.require(Permission.MANAGE_USERS)
    if faults := check_grants([grant]):
        raise Invalid("grants", " ".join(faults))
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound("There is no such account.")
    same = select(RoleGrant).where(
        RoleGrant.user_id == user_id,
        RoleGrant.role == grant.role,
        RoleGrant.scope == grant.scope,
        RoleGrant.service_area_id.is_(None)
        if grant.service_area_id is None
        else RoleGrant.service_area_id == grant.service_area_id,
        RoleGrant.team_id.is_(None) if grant.team_id is None else RoleGrant.team_id == grant.team_id,
        RoleGrant.agency.is_(None) if grant.agency is None else RoleGrant.agency == grant.agency,
        RoleGrant.board_id.is_(None) if grant.board_id is None else RoleGrant.board_id == grant.board_id,
    )
    standing = db.session.scalar(same)
    if standing is not None:
        return standing
    row = RoleGrant(
        user_id=user_id,
        role=grant.role,
        scope=grant.scope,
        service_area_id=grant.service_area_id,
        team_id=grant.team_id,
        agency=grant.agency,
        board_id=grant.board_id,
        granted_at=at,
        granted_by_id=viewer.user_id,
    )
    db.session.add(row)
    history.record(
        viewer,
        "give_role",
        "user",
        user_id,
        at=at,
        after={
            "role": grant.role.value,
            "scope": grant.scope.value,
            "service_area_id": grant.service_area_id,
            "team_id": grant.team_id,
            "agency": grant.agency,
            "board_id": grant.board_id,
        },
    )
    return row


def take_role(viewer: Viewer, grant_id: int, *, at: datetime) -> None:
    """Take a role away. The last administrator keeps theirs.

    Errors: NotFound; Conflict for the last administrator.
    """
    viewer.require(Permission.MANAGE_USERS)
    row = db.session.get(RoleGrant, grant_id)
    if row is None:
        raise NotFound("There is no such role to take away.")
    if row.role is Role.ADMINISTRATOR and _is_last_administrator(row.user_id):
        raise Conflict("This is the last administrator. Give somebody else the role first.")
    before = {"role": row.role.value, "scope": row.scope.value}
    user_id = row.user_id
    db.session.delete(row)
    history.record(viewer, "take_role", "user", user_id, at=at, before=before)


def close_account(viewer: Viewer, user_id: int, *, at: datetime) -> None:
    """Let somebody sign in no more; what they did stays theirs. Every sign-in of theirs ends.

    Errors: NotFound; Conflict for the last administrator.
    """
    viewer.require(Permission.MANAGE_USERS)
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound("There is no such account.")
    if _is_last_administrator(user_id):
        raise Conflict("This is the last administrator. Give somebody else the role first.")
    user.is_active = False
    for standing in db.session.scalars(
        select(UserSession).where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
    ):
        standing.ended_at = at
    history.record(viewer, "close_account", "user", user_id, at=at)


def _is_last_administrator(user_id: int) -> bool:
    holders = set(
        db.session.scalars(
            select(RoleGrant.user_id)
            .join(User, User.id == RoleGrant.user_id)
            .where(RoleGrant.role == Role.ADMINISTRATOR, User.is_active)
        )
    )
    return holders == {user_id}


def password_opens(email: str, password: str) -> tuple[int | None, bool]:
    """The account of an address, and whether the password is its own.

    The work is the same for an unknown address, so that the time taken tells nothing. It takes about 50 ms: end
    the transaction before and write nothing in it.
    """
    user = db.session.scalar(select(User).where(User.email == email.strip().lower()))
    hashed = user.password_hash if user is not None and user.password_hash else _NOBODY
    try:
        HASHER.verify(hashed, password[:1024])
        is_right = hashed is not _NOBODY
    except (VerificationError, InvalidHashError):
        is_right = False
    return (user.id if user is not None else None), is_right


def note_attempt(
    session: Session,
    user_id: int | None,
    is_right: bool,
    rules: SignInRules,
    *,
    at: datetime,
    signs_in: bool = True,
) -> bool:
    """Count an attempt to sign in, lock where there were too many, and say whether this one opens the door.

    Run in a transaction of its own, so that a refusal counts whatever becomes of the request. A locked or closed
    account stays shut for the right password too. Without `signs_in` the password was asked for something else.
    """
    user = session.scalar(select(User).where(User.id == user_id).with_for_update()) if user_id else None
    if user is None or not user.is_active or (user.locked_until is not None and user.locked_until > at):
        return False
    if not is_right:
        user.n_failed_sign_ins += 1
        if user.n_failed_sign_ins >= rules.attempts:
            user.locked_until = at + timedelta(minutes=rules.lock_minutes)
            user.n_failed_sign_ins = 0
        return False
    user.n_failed_sign_ins = 0
    user.locked_until = None
    if signs_in:
        user.last_signed_in_at = at
    return True


def start_session(session: Session, user_id: int, *, browser: str, at: datetime) -> str:
    """Begin a sign-in; gives the token for the cookie, which is stored nowhere else."""
    token = secrets.token_urlsafe(32)
    session.add(
        UserSession(
            token_sha256=token_sha256(token),
            user_id=user_id,
            created_at=at,
            last_seen_at=at,
            browser=browser[:200],
        )
    )
    return token


def end_session(session: Session, token: str, *, at: datetime) -> None:
    """End the sign-in that a cookie stands for. Ending it twice is harmless."""
    row = session.scalar(select(UserSession).where(UserSession.token_sha256 == token_sha256(token)))
    if row is not None and row.ended_at is None:
        row.ended_at = at


def end_own_session(viewer: Viewer, session_id: int, *, at: datetime) -> None:
    """End one of one's own sign-ins, on this browser or another.

    Errors: NotFound when it is somebody else's.
    """
    row = db.session.scalar(
        select(UserSession).where(UserSession.id == session_id, UserSession.user_id == viewer.user_id)
    )
    if row is None:
        raise NotFound("That sign-in is not one of yours.")
    row.ended_at = row.ended_at or at


def token_sha256(token: str) -> str:
    """What is stored of a cookie's token."""
    return hashlib.sha256(token.encode()).hexdigest()
