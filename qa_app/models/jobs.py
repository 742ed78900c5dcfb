"""Background work and stored files: rows, so that a killed worker loses nothing and web servers hold no state."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from qa_app.models.base import Base, stored_enum


class JobState(StrEnum):
    """How far a job has come. A running job whose lease has passed is waiting again."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Base):
    """One piece of background work. `unique_key` keeps the same work from standing twice."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_state_due", "state", "due_at"),
        CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name="running_has_a_lease"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    unique_key: Mapped[str | None] = mapped_column(String(120), unique=True)
    payload: Mapped[dict[str, Any]]
    state: Mapped[JobState] = mapped_column(stored_enum(JobState, "state"))
    n_attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    fault: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class StoredFile(Base):
    """Evidence, templates and issued documents. The name is what the owner called it, checked and shortened."""

    __tablename__ = "stored_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(160))
    media_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    n_bytes: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    stored_at: Mapped[datetime]
    stored_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
