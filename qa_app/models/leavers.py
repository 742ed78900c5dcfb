"""People who leave: since when that is known, and to whom their work went."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from qa_app.domain.leavers import WorkKind
from qa_app.models.base import Base, stored_enum


class Leaving(Base):
    """Somebody leaves: their account closes when their last day is over. Taken back, the row says so."""

    __tablename__ = "leaving"
    __table_args__ = (
        Index(
            "uq_leaving_open",
            "user_id",
            unique=True,
            sqlite_where=text("cancelled_at IS NULL AND closed_at IS NULL"),
            postgresql_where=text("cancelled_at IS NULL AND closed_at IS NULL"),
        ),
        CheckConstraint("cancelled_at IS NULL OR closed_at IS NULL", name="closed_or_taken_back"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    last_day: Mapped[date] = mapped_column(index=True)
    reason: Mapped[str] = mapped_column(Text)
    marked_at: Mapped[datetime]
    marked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    cancelled_at: Mapped[datetime | None]
    cancelled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    closed_at: Mapped[datetime | None]
    """When the account was closed."""


class HandOver(Base):
    """One piece of work that went from somebody who leaves to somebody else, or to nobody for now."""

    __tablename__ = "hand_over"
    __table_args__ = (Index("ix_hand_over_subject", "kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    leaving_id: Mapped[int] = mapped_column(ForeignKey("leaving.id"), index=True)
    kind: Mapped[WorkKind] = mapped_column(stored_enum(WorkKind, "work_kind"))
    subject_id: Mapped[int]
    words: Mapped[str] = mapped_column(String(300))
    """The work as it was called when it was handed over."""
    from_user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    to_user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    handed_over_at: Mapped[datetime]
    handed_over_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
