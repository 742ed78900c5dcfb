"""Council accounts: which belongs to whom, and which of our roles they carry."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from qa_app.domain.access import DEFAULT_SCOPES, SYSTEM, Grant, Permission, Role, ScopeKind, Viewer
from qa_app.domain.council_account import (
    LINK_DAYS,
    CouncilPerson,
    SignOnRefused,
    is_placeless,
    mapped_roles,
)
from qa_app.domain.errors import Conflict, NotFound
from qa_app.extensions import db
from qa_app.models.accounts import CouncilIdentity, RoleGrant, User
from qa_app.services import history
from qa_app.services.accounts import end_sessions, find_user, give_role

NOT_LINKED = (
    "Your council account is not tied to an account here. Ask an administrator of this site to prepare one for you, "
    "then sign in again."
)
CLOSED = "Your account here is closed. Ask an administrator of this site if you need it for your work."
NO_PLACE = (
    "Your council account says which role you have, but not over which part of the service. Ask an administrator of "
    "this site to give you the role with its place, then sign in again."
)


def prepare_council_account(viewer: Viewer, user_id: int, *, at: datetime) -> None:
    """Let the council account with the same address be tied to this one at its first sign-in, within two weeks.

    Errors: NotFound; Conflict when the account is closed or tied already.
    """
    viewer.require(Permission.MANAGE_USERS)
    user = find_user(user_id)
    if not user.is_active:
        raise Conflict("This account is closed. Open it again first.")
    if _identity_of(user_id) is not None:
        raise Conflict("This account is tied to a council account already. Untie that one first.")
    user.council_link_until = at + timedelta(days=LINK_DAYS)
    history.record(viewer, "prepare_council_account", "user", user_id, at=at)


def untie_council_account(viewer: Viewer, user_id: int, *, at: datetime) -> None:
    """Let a council account open this account no more. Every sign-in of theirs ends.

    Errors: NotFound.
    """
    viewer.require(Permission.MANAGE_USERS)
    user = find_user(user_id)
    tied = _identity_of(user_id)
    if tied is None and user.council_link_until is None:
        raise NotFound("This account is not tied to a council account.")
    if tied is not None:
        db.session.delete(tied)
    user.council_link_until = None
    end_sessions(user_id, at=at)
    history.record(viewer, "untie_council_account", "user", user_id, at=at)


def welcome(person: CouncilPerson, role_map: Mapping[str, Role], *, at: datetime) -> int:
    """The account of somebody whom the council's service has vouched for, its roles brought up to date.

    An account is found by what never changes about the council account. Only at the first sign-in is it found by
    its address, and only where an administrator prepared it: nobody takes over an account by having an address.
    Errors: SignOnRefused.
    """
    wanted = mapped_roles(person.roles, role_map) if role_map else None
    user = _find(person, at)
    if not user.is_active:
        raise SignOnRefused(CLOSED)
    if wanted is not None:
        _bring_up_to_date(user, wanted, frozenset(role_map.values()), at=at)
    return user.id


def _find(person: CouncilPerson, at: datetime) -> User:
    tied = db.session.scalar(
        select(User)
        .join(CouncilIdentity, CouncilIdentity.user_id == User.id)
        .where(CouncilIdentity.issuer == person.issuer, CouncilIdentity.subject == person.subject)
        .with_for_update(key_share=True, of=User)
    )
    if tied is not None:
        return tied
    user = db.session.scalar(
        select(User)
        .where(User.email == person.address, User.council_link_until > at, User.is_active)
        .with_for_update(key_share=True)
    )
    if not person.address or user is None or _identity_of(user.id) is not None:
        raise SignOnRefused(NOT_LINKED)
    db.session.add(
        CouncilIdentity(user_id=user.id, issuer=person.issuer, subject=person.subject, linked_at=at)
    )
    user.council_link_until = None
    history.record(Viewer(user.id, user.name, ()), "tie_council_account", "user", user.id, at=at)
    return user


def _bring_up_to_date(user: User, wanted: frozenset[Role], managed: frozenset[Role], *, at: datetime) -> None:
    # What the council's service no longer says is suspended, not deleted: its scope was an administrator's decision.
    grants = db.session.scalars(select(RoleGrant).where(RoleGrant.user_id == user.id)).all()
    changed = []
    for grant in grants:
        should_hold = grant.role in wanted or grant.role not in managed
        if should_hold != (grant.suspended_at is None):
            grant.suspended_at = None if should_hold else at
            changed.append(("resume_role" if should_hold else "suspend_role", grant.role))
    for action, role in changed:
        history.record(SYSTEM, action, "user", user.id, at=at, after={"role": role.value})
    held = {grant.role for grant in grants if grant.suspended_at is None}
    for role in sorted(wanted - held):
        if is_placeless(role):
            give_role(SYSTEM, user.id, _usual(role), at=at)
            held.add(role)
    if changed:
        end_sessions(user.id, at=at)
    if not held:
        raise SignOnRefused(NO_PLACE)


def _usual(role: Role) -> Grant:
    return Grant(role, DEFAULT_SCOPES.get(role, ScopeKind.WHOLE_SERVICE))


def _identity_of(user_id: int) -> CouncilIdentity | None:
    return db.session.scalar(select(CouncilIdentity).where(CouncilIdentity.user_id == user_id))
