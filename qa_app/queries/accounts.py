"""Who is asking, and which accounts there are."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, select

from qa_app.clock import LONDON
from qa_app.domain.access import Grant, Permission, Role, ScopeKind, Viewer
from qa_app.domain.errors import NotFound
from qa_app.domain.passwords import LinkPurpose
from qa_app.domain.sign_in import SignInWay
from qa_app.extensions import db
from qa_app.models.accounts import (
    CouncilIdentity,
    PasswordLink,
    RoleGrant,
    SecondFactor,
    SignInThrottle,
    User,
    UserSession,
)
from qa_app.models.boards import Board
from qa_app.models.improvement import Agency
from qa_app.models.leavers import Leaving
from qa_app.models.organisation import ServiceArea, Team


@dataclass(frozen=True)
class SignedIn:
    """A sign-in that stands: the viewer, and when it was last seen."""

    viewer: Viewer
    session_id: int
    last_seen_at: datetime
    verified_at: datetime


@dataclass(frozen=True)
class SessionLine:
    """One sign-in of a person: on which browser, since when."""

    session_id: int
    browser: str
    created_at: datetime
    last_seen_at: datetime
    way: SignInWay
    is_here: bool


@dataclass(frozen=True)
class GrantLine:
    """One role of an account, with its scope in words."""

    grant_id: int
    role: Role
    scope_words: str
    is_suspended: bool = False
    """Whether the council account no longer carries it, so that it gives nothing."""


@dataclass(frozen=True)
class AccountLine:
    """One account with its roles."""

    user_id: int
    name: str
    email: str
    is_active: bool
    last_signed_in_at: datetime | None
    grants: tuple[GrantLine, ...]
    has_password: bool
    has_second_factor: bool = False
    has_council_account: bool = False
    council_link_until: datetime | None = None
    is_break_glass: bool = False
    locked_until: datetime | None = None
    """Until when at least one browser can't sign in, because of wrong attempts."""

    @property
    def state(self) -> "AccountState":
        """How the account stands, in one word."""
        if not self.is_active:
            return AccountState.CLOSED
        if self.locked_until is not None:
            return AccountState.LOCKED
        if not self.has_password and not self.has_council_account:
            return AccountState.INVITED
        return AccountState.OPEN


class AccountState(StrEnum):
    """How an account stands."""

    OPEN = "open"
    INVITED = "invited"
    LOCKED = "locked"
    CLOSED = "closed"

    @property
    def words(self) -> str:
        """The state as people say it."""
        return "No password yet" if self is AccountState.INVITED else self.value.capitalize()


@dataclass(frozen=True)
class AccountsWanted:
    """Which accounts are asked for; what is empty asks for nothing. `words`: part of a name or an address."""

    role: Role | None = None
    state: AccountState | None = None
    without_second_factor: bool = False
    words: str = ""

    def takes(self, line: AccountLine) -> bool:
        """Whether this account is asked for."""
        words = self.words.casefold().split()
        own = f"{line.name} {line.email}".casefold()
        return (
            (self.role is None or any(grant.role is self.role for grant in line.grants))
            and (self.state is None or line.state is self.state)
            and not (self.without_second_factor and (line.has_second_factor or not line.is_active))
            and all(word in own for word in words)
        )


@dataclass(frozen=True)
class LinkHolder:
    """Whose link to choose a password this is."""

    link_id: int
    user_id: int
    name: str
    email: str
    purpose: LinkPurpose


def get_signed_in(
    token_sha256: str, *, idle_minutes: int, longest_minutes: int, at: datetime
) -> SignedIn | None:
    """The sign-in of a cookie, unless it ended, idled too long, or lasted too long."""
    row = db.session.execute(
        select(UserSession, User)
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.token_sha256 == token_sha256,
            UserSession.ended_at.is_(None),
            UserSession.last_seen_at > at - timedelta(minutes=idle_minutes),
            UserSession.created_at > at - timedelta(minutes=longest_minutes),
            User.is_active,
            ~_has_left(at),
        )
    ).first()
    if row is None:
        return None
    standing, user = row
    return SignedIn(get_viewer(user.id), standing.id, standing.last_seen_at, standing.verified_at)


def _has_left(at: datetime) -> ColumnElement[bool]:
    """Whether a last day is over, although the account has not been closed yet. The statement has User."""
    return (
        select(Leaving.id)
        .where(
            Leaving.user_id == User.id,
            Leaving.cancelled_at.is_(None),
            Leaving.closed_at.is_(None),
            Leaving.last_day < at.astimezone(LONDON).date(),
        )
        .correlate(User)
        .exists()
    )


def get_viewer(user_id: int) -> Viewer:
    """A person as the floors below know them: their grants, and the teams of the service areas in these.

    Errors: NotFound.
    """
    rows = db.session.execute(
        select(User.id, User.name, RoleGrant, Team.id)
        .outerjoin(RoleGrant, and_(RoleGrant.user_id == User.id, RoleGrant.suspended_at.is_(None)))
        .outerjoin(Team, Team.service_area_id == RoleGrant.service_area_id)
        .where(User.id == user_id, User.is_active)
        .order_by(RoleGrant.id)
    ).all()
    if not rows:
        raise NotFound("There is no such account.")
    grants: dict[int, Grant] = {}
    teams: dict[int, set[int]] = {}
    for _, _, grant, team_id in rows:
        if grant is None:
            continue
        grants[grant.id] = Grant(
            grant.role, grant.scope, grant.service_area_id, grant.team_id, grant.agency, grant.board_id
        )
        if grant.service_area_id is not None and team_id is not None:
            teams.setdefault(grant.service_area_id, set()).add(team_id)
    return Viewer(
        rows[0][0],
        rows[0][1],
        tuple(grants.values()),
        {area: frozenset(found) for area, found in teams.items()},
    )


def get_link_holder(token_sha256: str, *, at: datetime) -> LinkHolder:
    """Whose link this is, as long as it can be used.

    Errors: NotFound, in the same words whether the link never was, was used, is too old or has been replaced.
    """
    row = db.session.execute(
        select(PasswordLink.id, User.id, User.name, User.email, PasswordLink.purpose)
        .join(User, User.id == PasswordLink.user_id)
        .where(
            PasswordLink.token_sha256 == token_sha256,
            PasswordLink.used_at.is_(None),
            PasswordLink.voided_at.is_(None),
            PasswordLink.expires_at > at,
            User.is_active,
        )
    ).one_or_none()
    if row is None:
        raise NotFound("This link was used already, is too old, or was replaced by a newer one.")
    return LinkHolder(*row)


def get_own_address(viewer: Viewer) -> str:
    """The address with which somebody signs in.

    Errors: NotFound.
    """
    address = db.session.scalar(select(User.email).where(User.id == viewer.user_id))
    if address is None:
        raise NotFound("There is no such account.")
    return address


def list_own_sessions(
    viewer: Viewer, here_sha256: str = "", *, idle_minutes: int, longest_minutes: int, at: datetime
) -> list[SessionLine]:
    """One's own sign-ins that stand, the latest first. `here_sha256`: what is stored of this browser's token."""
    rows = db.session.scalars(
        select(UserSession)
        .where(
            UserSession.user_id == viewer.user_id,
            UserSession.ended_at.is_(None),
            UserSession.last_seen_at > at - timedelta(minutes=idle_minutes),
            UserSession.created_at > at - timedelta(minutes=longest_minutes),
        )
        .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
    )
    return [
        SessionLine(
            row.id,
            row.browser,
            row.created_at,
            row.last_seen_at,
            row.way,
            row.token_sha256 == here_sha256,
        )
        for row in rows
    ]


def list_accounts(
    viewer: Viewer, wanted: AccountsWanted | None = None, *, at: datetime | None = None
) -> list[AccountLine]:
    """The accounts asked for with their roles, for those who manage them. Without `at`, none is said to be locked."""
    viewer.require(Permission.MANAGE_USERS)
    grants: dict[int, list[GrantLine]] = {}
    for grant, area, team, board in db.session.execute(
        select(RoleGrant, ServiceArea.name, Team.name, Board.name)
        .outerjoin(ServiceArea, ServiceArea.id == RoleGrant.service_area_id)
        .outerjoin(Team, Team.id == RoleGrant.team_id)
        .outerjoin(Board, Board.id == RoleGrant.board_id)
        .order_by(RoleGrant.id)
    ):
        where = area or team or grant.agency or board or scope_words(grant.scope)
        grants.setdefault(grant.user_id, []).append(
            GrantLine(grant.id, grant.role, where, grant.suspended_at is not None)
        )
    lines = [
        AccountLine(
            user.id,
            user.name,
            user.email,
            user.is_active,
            user.last_signed_in_at,
            tuple(grants.get(user.id, ())),
            user.password_hash is not None,
            has_second_factor=confirmed_at is not None,
            has_council_account=identity_id is not None,
            council_link_until=user.council_link_until,
            is_break_glass=user.is_break_glass,
            locked_until=locked_until,
        )
        for user, confirmed_at, identity_id, locked_until in db.session.execute(_accounts(at))
    ]
    return [line for line in lines if wanted is None or wanted.takes(line)]


def get_account(viewer: Viewer, user_id: int, *, at: datetime) -> AccountLine:
    """One account with its roles.

    Errors: NotFound.
    """
    found = next((line for line in list_accounts(viewer, at=at) if line.user_id == user_id), None)
    if found is None:
        raise NotFound("There is no such account.")
    return found


def _accounts(at: datetime | None) -> Select[*tuple[Any, ...]]:
    locked = (
        select(func.max(SignInThrottle.blocked_until))
        .where(
            SignInThrottle.user_id == User.id,
            SignInThrottle.blocked_until > at if at is not None else false(),
        )
        .scalar_subquery()
    )
    return (
        select(User, SecondFactor.confirmed_at, CouncilIdentity.id, locked)
        .outerjoin(SecondFactor, SecondFactor.user_id == User.id)
        .outerjoin(CouncilIdentity, CouncilIdentity.user_id == User.id)
        .order_by(User.name, User.id)
    )


def scope_words(scope: ScopeKind) -> str:
    """A scope as people say it."""
    return scope.value.replace("_", " ").capitalize()


def list_boards_and_agencies(viewer: Viewer) -> tuple[list[tuple[int, str]], list[str]]:
    """The boards, and the names of the agencies, over which a role can be given."""
    viewer.require(Permission.MANAGE_USERS)
    boards = db.session.execute(
        select(Board.id, Board.name).where(Board.closed_at.is_(None)).order_by(Board.name)
    )
    return [(row.id, row.name) for row in boards], list(
        db.session.scalars(select(Agency.name).order_by(Agency.name))
    )


def list_places(viewer: Viewer) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """The service areas and the teams over which a role can be given: number and name of each."""
    viewer.require(Permission.MANAGE_USERS)
    areas = db.session.execute(select(ServiceArea.id, ServiceArea.name).order_by(ServiceArea.name)).all()
    teams = db.session.execute(select(Team.id, Team.name).order_by(Team.name)).all()
    return [(row.id, row.name) for row in areas], [(row.id, row.name) for row in teams]
