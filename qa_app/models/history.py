"""Who changed what, and who looked. Triggers refuse every change of an entry or a seal."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from qa_app.models.base import Base


class HistoryEntry(Base):
    """One change: who, when, what kind, to what. `digest` binds the words without holding them."""

    __tablename__ = "history_entry"
    __table_args__ = (
        Index("ix_history_entry_subject_at", "subject_kind", "subject_id", "at"),
        # Whatever the history is searched by, it is read from the newest on: each index ends in the moment.
        Index("ix_history_entry_at", "at"),
        Index("ix_history_entry_actor_at", "actor_id", "at"),
        Index("ix_history_entry_kind_at", "subject_kind", "at"),
        Index("ix_history_entry_action_at", "action", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    action: Mapped[str] = mapped_column(String(80))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    salt: Mapped[str] = mapped_column(String(32))
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the salt and the detail's JSON."""


class HistoryDetail(Base):
    """The words of a change, before and after. Only an erasure order removes them."""

    __tablename__ = "history_detail"

    entry_id: Mapped[int] = mapped_column(ForeignKey("history_entry.id"), primary_key=True)
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]


class HistoryErasure(Base):
    """An order to erase the words of one change. Without it the database refuses to let them go."""

    __tablename__ = "history_erasure"

    entry_id: Mapped[int] = mapped_column(ForeignKey("history_entry.id"), primary_key=True)
    ordered_at: Mapped[datetime]
    ordered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    reason: Mapped[str] = mapped_column(String(400))


class HistorySeal(Base):
    """One link of the chain over all entries: each hash covers the one before it."""

    __tablename__ = "history_seal"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey("history_entry.id"), unique=True)
    hash: Mapped[str] = mapped_column(String(64))


class AccessEntry(Base):
    """Somebody looked at a record about a child, took an export, or was refused."""

    __tablename__ = "access_entry"
    __table_args__ = (
        Index("ix_access_entry_subject_at", "subject_kind", "subject_id", "at"),
        Index("ix_access_entry_at", "at"),
        Index("ix_access_entry_user_at", "user_id", "at"),
        Index("ix_access_entry_what_at", "what", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    what: Mapped[str] = mapped_column(String(40))
    endpoint: Mapped[str] = mapped_column(String(120))
    subject_kind: Mapped[str] = mapped_column(String(40), default="")
    subject_id: Mapped[int | None]
