"""People who sign in, what they may do, and where they are signed in."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_app.domain.access import Role, ScopeKind
from qa_app.domain.passwords import LinkPurpose
from qa_app.domain.sign_in import SignInWay, ThrottleKind
from qa_app.models.base import Base, stored_enum


class User(Base):
    """Somebody who may sign in."""

    __tablename__ = "user_account"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_is_lower"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    last_signed_in_at: Mapped[datetime | None]
    is_break_glass: Mapped[bool] = mapped_column(default=False)
    """May sign in with a password even where everybody else uses the council's single sign-on."""
    council_link_until: Mapped[datetime | None]
    """Until when a first sign-in with the council account of the same address is tied to this account."""
    grants: Mapped[list["RoleGrant"]] = relationship(back_populates="user", foreign_keys="RoleGrant.user_id")


class RoleGrant(Base):
    """A role given to somebody, with its scope."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint("scope != 'service_area' OR service_area_id IS NOT NULL", name="area_is_named"),
        CheckConstraint("scope != 'team' OR team_id IS NOT NULL", name="team_is_named"),
        CheckConstraint("scope != 'board' OR board_id IS NOT NULL", name="board_is_named"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    role: Mapped[Role] = mapped_column(stored_enum(Role, "role"))
    scope: Mapped[ScopeKind] = mapped_column(stored_enum(ScopeKind, "scope"))
    service_area_id: Mapped[int | None] = mapped_column(ForeignKey("service_area.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    agency: Mapped[str | None] = mapped_column(String(120))
    board_id: Mapped[int | None] = mapped_column(ForeignKey("board.id"), index=True)
    granted_at: Mapped[datetime]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    suspended_at: Mapped[datetime | None]
    """Since when the council account no longer carries this role. It keeps its scope, and gives nothing meanwhile."""
    user: Mapped[User] = relationship(back_populates="grants", foreign_keys=[user_id])


class UserSession(Base):
    """One sign-in on one browser. The cookie holds a random token; the row holds only its SHA-256."""

    __tablename__ = "user_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    browser: Mapped[str] = mapped_column(String(200), default="")
    way: Mapped[SignInWay] = mapped_column(stored_enum(SignInWay, "way"), default=SignInWay.PASSWORD)
    verified_at: Mapped[datetime]
    """When this browser last proved who is behind it."""


class SignInStep(Base):
    """A sign-in whose first step is done and whose second is not. It opens nothing but the second step."""

    __tablename__ = "sign_in_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInThrottle(Base):
    """How often something was tried lately. `key_sha256` stands for whose account, which browser, or which network."""

    __tablename__ = "sign_in_throttle"
    __table_args__ = (UniqueConstraint("kind", "key_sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ThrottleKind] = mapped_column(stored_enum(ThrottleKind, "throttle_kind"))
    key_sha256: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    n_attempts: Mapped[int]
    window_started_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]
    n_blocks: Mapped[int] = mapped_column(default=0)


class SecondFactor(Base):
    """Somebody's authenticator. Its secret is sealed; it counts once it has been confirmed by a code."""

    __tablename__ = "second_factor"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), unique=True)
    secret_sealed: Mapped[str] = mapped_column(String(400))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None]
    """The 30 seconds whose code was used last: none is taken twice."""


class RecoveryCode(Base):
    """One of ten codes for whoever has lost their authenticator. Only its hash is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("user_id", "mark"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    mark: Mapped[str] = mapped_column(String(1))
    code_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class CouncilIdentity(Base):
    """Which account of the council's sign-in service belongs to whom, by what never changes about it."""

    __tablename__ = "council_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), unique=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    linked_at: Mapped[datetime]


class PasswordLink(Base):
    """A link by which somebody chooses their password, once. The row holds only the SHA-256 of its token."""

    __tablename__ = "password_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    purpose: Mapped[LinkPurpose] = mapped_column(stored_enum(LinkPurpose, "link_purpose"))
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]
    """When a newer link, or a password changed meanwhile, took its place."""
