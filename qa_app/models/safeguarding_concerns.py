"""Immediate concerns about a child, with their clocks."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_app.domain.safeguarding_concerns import ConcernKind
from qa_app.models.base import Base, stored_enum
from qa_app.models.reviews import Review


class SafeguardingConcern(Base):
    """A concern raised from a review. Team and service area are those of the case when it was raised.

    It is closed only after somebody other than whoever raised it has recorded what makes the child safe.
    """

    __tablename__ = "safeguarding_concern"
    __table_args__ = (
        CheckConstraint(
            "safe_by_id IS NULL OR safe_by_id <> raised_by_id", name="a_second_person_makes_safe"
        ),
        CheckConstraint("closed_at IS NULL OR safe_at IS NOT NULL", name="closed_is_safe"),
        CheckConstraint("(safe_at IS NULL) = (safe_by_id IS NULL)", name="safe_by_somebody"),
        CheckConstraint("(kind = 'safeguarding') = (safe_due_at IS NOT NULL)", name="safety_has_its_clock"),
        Index("ix_safeguarding_concern_open", "closed_at", "raised_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), index=True)
    question_key: Mapped[str | None] = mapped_column(String(80))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    service_area_id: Mapped[int | None] = mapped_column(ForeignKey("service_area.id"), index=True)
    kind: Mapped[ConcernKind] = mapped_column(stored_enum(ConcernKind, "kind"))
    words: Mapped[str] = mapped_column(Text)
    phoned: Mapped[str] = mapped_column(String(200), default="")
    """Whom the reviewer spoke to, by role, and when; empty when nobody could be reached yet."""
    raised_at: Mapped[datetime]
    raised_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    acknowledge_due_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    safe_due_at: Mapped[datetime | None]
    safe_at: Mapped[datetime | None]
    safe_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    safety_action: Mapped[str] = mapped_column(Text, default="")
    """What makes the child safe, or for a threshold what was decided and why."""
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    closing_words: Mapped[str] = mapped_column(Text, default="")
    acknowledge_climbed_at: Mapped[datetime | None]
    """When the director was told that nobody had acknowledged it in time."""
    safe_climbed_at: Mapped[datetime | None]
    """When the director was told that the child was not known to be safe in time."""
    review: Mapped[Review] = relationship()
