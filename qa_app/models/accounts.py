"""People who sign in, what they may do, and where they are signed in."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_app.domain.access import Role, ScopeKind
from qa_app.domain.passwords import LinkPurpose
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
    n_failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
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
