"""Submitted reviews that went back to their reviewers."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from qa_app.domain.review_returns import ReturnKind
from qa_app.models.base import Base, stored_enum


class ReviewReturn(Base):
    """A review that was returned or reopened; it is open until the review is handed in again."""

    __tablename__ = "review_return"
    __table_args__ = (Index("ix_review_return_open", "review_id", "resubmitted_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    kind: Mapped[ReturnKind] = mapped_column(stored_enum(ReturnKind, "return_kind"))
    words: Mapped[str] = mapped_column(Text, default="")
    """What is asked of the whole review; the reason where it was reopened."""
    returned_at: Mapped[datetime]
    returned_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    resubmitted_at: Mapped[datetime | None]


class ReviewReturnPoint(Base):
    """One question, or the grade of a section or of the whole file (`overall`), to look at again."""

    __tablename__ = "review_return_point"
    __table_args__ = (CheckConstraint("(reply = '') = (replied_at IS NULL)", name="reply_has_its_time"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_return_id: Mapped[int] = mapped_column(ForeignKey("review_return.id"), index=True)
    section_key: Mapped[str] = mapped_column(String(80))
    question_key: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    reply: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Why it stands as it is, where the reviewer leaves it."""
    replied_at: Mapped[datetime | None]
