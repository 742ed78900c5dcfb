"""What is to be done for one child after a review, and what was said of it on the way."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_app.domain.case_actions import Impact, Priority
from qa_app.models.base import Base, stored_enum
from qa_app.models.reviews import Review


class CaseAction(Base):
    """An action for one child. Team and service area are those of the case when it was raised.

    `owner_id`: who is to do it; until somebody is named it is the team's.
    """

    __tablename__ = "case_action"
    __table_args__ = (
        CheckConstraint("(done_at IS NULL) = (done_by_id IS NULL)", name="done_by_somebody"),
        CheckConstraint("verified_at IS NULL OR done_at IS NOT NULL", name="verified_was_done"),
        CheckConstraint("verified_by_id IS NULL OR verified_by_id <> owner_id", name="owner_never_verifies"),
        CheckConstraint("verified_by_id IS NULL OR verified_by_id <> done_by_id", name="doer_never_verifies"),
        CheckConstraint("impact IS NULL OR verified_at IS NOT NULL", name="checked_was_verified"),
        Index("ix_case_action_team_due", "team_id", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), index=True)
    question_key: Mapped[str | None] = mapped_column(String(80))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    service_area_id: Mapped[int | None] = mapped_column(ForeignKey("service_area.id"), index=True)
    words: Mapped[str] = mapped_column(Text)
    priority: Mapped[Priority] = mapped_column(stored_enum(Priority, "priority"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    raised_at: Mapped[datetime]
    raised_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    told_at: Mapped[datetime | None]
    """When the team saw it first: a critical one at once, others when the review is submitted."""
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    evidence: Mapped[str] = mapped_column(Text, default="")
    """What was done, and where the record shows it."""
    verified_at: Mapped[datetime | None]
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    n_sent_back: Mapped[int] = mapped_column(default=0, server_default="0")
    impact_due_on: Mapped[date | None]
    """When it is looked at whether it helped; set anew when it was too soon to tell."""
    impact: Mapped[Impact | None] = mapped_column(stored_enum(Impact, "impact"))
    impact_words: Mapped[str] = mapped_column(Text, default="")
    impact_at: Mapped[datetime | None]
    impact_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str] = mapped_column(Text, default="")
    n_reminders: Mapped[int] = mapped_column(default=0, server_default="0")
    """How far up its ladder of reminders it is: before its day, past it, a week past it."""
    review: Mapped[Review] = relationship()


class CaseActionUpdate(Base):
    """A line on how an action is going. Never changed."""

    __tablename__ = "case_action_update"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_action_id: Mapped[int] = mapped_column(ForeignKey("case_action.id"), index=True)
    words: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
