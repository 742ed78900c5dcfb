"""Reviews: one form completed for one case by one reviewer."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_app.domain.answers import AnswerState
from qa_app.domain.cohorts import AnswerOutcome, ReviewState
from qa_app.domain.grades import Grade
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.base import Base, stored_enum
from qa_app.models.cohorts import CohortCase


class Review(Base):
    """A review (R1042 is number 1042). Its form version is fixed at its first saved answer."""

    __tablename__ = "review"
    __table_args__ = (
        CheckConstraint("(state = 'submitted') = (submitted_at IS NOT NULL)", name="submitted_has_its_time"),
        CheckConstraint(
            "state = 'not_started' OR form_version_id IS NOT NULL", name="started_has_its_version"
        ),
        CheckConstraint("released_at IS NULL OR submitted_at IS NOT NULL", name="released_was_submitted"),
        CheckConstraint(
            "release_held_at IS NULL OR (submitted_at IS NOT NULL AND released_at IS NULL)",
            name="held_back_is_not_released",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_case_id: Mapped[int] = mapped_column(ForeignKey("cohort_case.id"), unique=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    form_version_id: Mapped[int | None] = mapped_column(ForeignKey("audit_form_version.id"), index=True)
    state: Mapped[ReviewState] = mapped_column(stored_enum(ReviewState, "state"))
    allocated_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    saved_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None] = mapped_column(index=True)
    """When those who worked with the child may read it: never before it is submitted."""
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    release_held_at: Mapped[datetime | None]
    """Since when it is held back: it is not released by itself until somebody lets it go."""
    release_held_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    release_held_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    overall_grade: Mapped[Grade | None] = mapped_column(stored_enum(Grade, "overall_grade"))
    """Copied from the overall judgement at submission, so that figures need no text."""
    departure_reason: Mapped[str] = mapped_column(Text, default="")
    cohort_case: Mapped[CohortCase] = relationship()
    form_version: Mapped[AuditFormVersion | None] = relationship()


class AnswerRow(Base):
    """An answer as it stands. `revision` counts its saves; `save_id` is the last save's own mark."""

    __tablename__ = "answer"
    __table_args__ = (UniqueConstraint("review_id", "question_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    question_key: Mapped[str] = mapped_column(String(80))
    state: Mapped[AnswerState] = mapped_column(stored_enum(AnswerState, "state"))
    value: Mapped[Any | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    as_typed: Mapped[Any | None]
    """What was typed when it could not be read: kept, marked, never lost."""
    fault: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int]
    save_id: Mapped[str] = mapped_column(String(64), default="")
    saved_at: Mapped[datetime]
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    outcome: Mapped[AnswerOutcome | None] = mapped_column(stored_enum(AnswerOutcome, "outcome"))
    """Set at submission, for every question of the form; what denominators count."""


class SectionJudgement(Base):
    """Grade and rationale of a section, or of the whole file under the section key `overall`."""

    __tablename__ = "section_judgement"
    __table_args__ = (UniqueConstraint("review_id", "section_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    section_key: Mapped[str] = mapped_column(String(80))
    state: Mapped[AnswerState] = mapped_column(stored_enum(AnswerState, "state"))
    grade: Mapped[Grade | None] = mapped_column(stored_enum(Grade, "grade"))
    rationale: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int]
    save_id: Mapped[str] = mapped_column(String(64), default="")
    saved_at: Mapped[datetime]
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)


class ReviewSnapshot(Base):
    """A review exactly as it was handed in. Triggers refuse every change."""

    __tablename__ = "review_snapshot"
    __table_args__ = (UniqueConstraint("review_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    number: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    content_sha256: Mapped[str] = mapped_column(String(64))
    taken_at: Mapped[datetime]
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
