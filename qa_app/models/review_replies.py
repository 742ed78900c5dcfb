"""What those whose practice a review judges say to it, and supervision in which it was talked over."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from qa_app.domain.review_replies import ChallengeOutcome, ReplyKind
from qa_app.models.base import Base, stored_enum


class ReviewReply(Base):
    """A comment on a released review, or a fact of it that is challenged and has to be answered."""

    __tablename__ = "review_reply"
    __table_args__ = (
        CheckConstraint("(kind = 'challenge') = (due_on IS NOT NULL)", name="challenge_has_its_day"),
        CheckConstraint("(answered_at IS NULL) = (outcome IS NULL)", name="answer_has_its_outcome"),
        CheckConstraint(
            "answered_by_id IS NULL OR answered_by_id <> written_by_id", name="nobody_answers_oneself"
        ),
        Index("ix_review_reply_waiting", "answered_at", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), index=True)
    question_key: Mapped[str | None] = mapped_column(String(80))
    kind: Mapped[ReplyKind] = mapped_column(stored_enum(ReplyKind, "reply_kind"))
    words: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    due_on: Mapped[date | None]
    """Until when a challenge is to be answered."""
    outcome: Mapped[ChallengeOutcome | None] = mapped_column(
        stored_enum(ChallengeOutcome, "challenge_outcome")
    )
    answer: Mapped[str] = mapped_column(Text, default="", server_default="")
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)


class SupervisionTalk(Base):
    """A review that was talked over with the practitioner in supervision. Ticked by mistake, it is taken back."""

    __tablename__ = "supervision_talk"
    __table_args__ = (UniqueConstraint("review_id", "practitioner_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioner.id"), index=True)
    held_on: Mapped[date]
    words: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What was agreed."""
    noted_at: Mapped[datetime]
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
