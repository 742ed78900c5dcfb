"""Accounts: adding people, giving roles, closing and opening again; and the sign-ins that stand."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import Grant, Permission, Role, Viewer, check_grants
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.domain.passwords import check_password
from qa_app.domain.sign_in import SignInWay
from qa_app.extensions import db
from qa_app.models.accounts import RoleGrant, User, UserSession
from qa_app.services import history
from qa_app.services.accounts_throttle import forget_attempts

# OWASP password storage: Argon2id with 19 MiB, two passes, one lane.
HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


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

    What somebody may do has changed then, so every sign-in of theirs ends.

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
    end_sessions(user_id, at=at)
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


def take_role(viewer: Viewer, user_id: int, grant_id: int, *, at: datetime) -> None:
    """Take a role away; every sign-in of theirs ends. The last administrator keeps theirs.

    Errors: NotFound; Conflict for the last administrator.
    """
    viewer.require(Permission.MANAGE_USERS)
    row = db.session.get(RoleGrant, grant_id)
    if row is None or row.user_id != user_id:
        raise NotFound("There is no such role to take away.")
    if row.role is Role.ADMINISTRATOR and is_last_administrator(user_id):
        raise Conflict(LAST_ADMINISTRATOR)
    before = {"role": row.role.value, "scope": row.scope.value}
    db.session.delete(row)
    end_sessions(user_id, at=at)
    history.record(viewer, "take_role", "user", user_id, at=at, before=before)


def close_account(viewer: Viewer, user_id: int, *, at: datetime) -> None:
    """Let somebody sign in no more; what they did stays theirs. Every sign-in of theirs ends.

    Errors: NotFound; Conflict for the last administrator.
    """
    viewer.require(Permission.MANAGE_USERS)
    user = find_user(user_id)
    if is_last_administrator(user_id):
        raise Conflict(LAST_ADMINISTRATOR)
    user.is_active = False
    user.council_link_until = None
    end_sessions(user_id, at=at)
    history.record(viewer, "close_account", "user", user_id, at=at)


def reopen_account(viewer: Viewer, user_id: int, *, at: datetime) -> None:
    """Let somebody back whose account was closed, with the roles it had.

    The old password is gone: they choose another by a link, or sign in with their council account.
    Errors: NotFound; Conflict when it is open.
    """
    viewer.require(Permission.MANAGE_USERS)
    user = find_user(user_id)
    if user.is_active:
        raise Conflict("This account is open already.")
    user.is_active = True
    user.password_hash = None
    forget_attempts(db.session(), user_id)
    history.record(viewer, "reopen_account", "user", user_id, at=at)


def unlock_account(viewer: Viewer, user_id: int, *, at: datetime) -> None:
    """Open an account that wrong attempts have locked for a while.

    Errors: NotFound.
    """
    viewer.require(Permission.MANAGE_USERS)
    find_user(user_id)
    forget_attempts(db.session(), user_id)
    history.record(viewer, "unlock_account", "user", user_id, at=at)


def end_sign_ins(viewer: Viewer, user_id: int, *, at: datetime) -> None:
    """End every sign-in of somebody, for example when a laptop was lost.

    Errors: NotFound.
    """
    viewer.require(Permission.MANAGE_USERS)
    find_user(user_id)
    end_sessions(user_id, at=at)
    history.record(viewer, "end_sign_ins", "user", user_id, at=at)


def set_break_glass(viewer: Viewer, user_id: int, yes: bool, *, at: datetime) -> None:
    """Say whether somebody may use a password where everybody else uses the council's single sign-on.

    Errors: NotFound.
    """
    viewer.require(Permission.MANAGE_USERS)
    user = find_user(user_id)
    if user.is_break_glass != yes:
        user.is_break_glass = yes
        history.record(viewer, "set_break_glass", "user", user_id, at=at, after={"is_break_glass": yes})


LAST_ADMINISTRATOR = "This is the last administrator. Give somebody else the role first."


def find_user(user_id: int) -> User:
    """The account with this number.

    Errors: NotFound.
    """
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound("There is no such account.")
    return user


def is_last_administrator(user_id: int) -> bool:
    """Whether nobody but this person could look after accounts."""
    holders = set(
        db.session.scalars(
            select(RoleGrant.user_id)
            .join(User, User.id == RoleGrant.user_id)
            .where(RoleGrant.role == Role.ADMINISTRATOR, RoleGrant.suspended_at.is_(None), User.is_active)
        )
    )
    return holders == {user_id}


def start_session(
    session: Session, user_id: int, *, browser: str, at: datetime, way: SignInWay = SignInWay.PASSWORD
) -> str:
    """Begin a sign-in; gives the token for the cookie, which is stored nowhere else."""
    token = secrets.token_urlsafe(32)
    session.add(
        UserSession(
            token_sha256=token_sha256(token),
            user_id=user_id,
            created_at=at,
            last_seen_at=at,
            browser=browser[:200],
            way=way,
            verified_at=at,
        )
    )
    return token


def end_session(session: Session, token: str, *, at: datetime) -> SignInWay | None:
    """End the sign-in that a cookie stands for, and say how it had begun. Ending it twice is harmless."""
    row = session.scalar(select(UserSession).where(UserSession.token_sha256 == token_sha256(token)))
    if row is None:
        return None
    row.ended_at = row.ended_at or at
    return row.way


def end_sessions(user_id: int, *, at: datetime, but: int | None = None) -> int:
    """End every sign-in of somebody that stands, but for the one with this number; gives how many ended."""
    standing = db.session.scalars(
        select(UserSession).where(
            UserSession.user_id == user_id, UserSession.ended_at.is_(None), UserSession.id != (but or 0)
        )
    ).all()
    for row in standing:
        row.ended_at = at
    return len(standing)


def prove_again(token: str, *, at: datetime) -> str:
    """Keep that whoever is behind a sign-in has just proved it; the sign-in goes on under the token given back.

    Errors: NotFound when the sign-in has ended.
    """
    row = db.session.scalar(
        select(UserSession)
        .where(UserSession.token_sha256 == token_sha256(token), UserSession.ended_at.is_(None))
        .with_for_update()
    )
    if row is None:
        raise NotFound("This sign-in has ended. Sign in again.")
    fresh = secrets.token_urlsafe(32)
    row.token_sha256, row.verified_at = token_sha256(fresh), at
    return fresh


def end_other_sessions(viewer: Viewer, token: str, *, at: datetime) -> int:
    """End every sign-in of one's own but the one with this token; gives how many ended."""
    kept = db.session.scalar(select(UserSession.id).where(UserSession.token_sha256 == token_sha256(token)))
    return end_sessions(viewer.user_id or 0, at=at, but=kept)


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
