"""Versions that wait for a second person, and who published what from which draft."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from qa_app.domain.audit_forms.proposals import ProposalState
from qa_app.models.base import Base, stored_enum


class AuditFormProposal(Base):
    """A draft put before a second person, with its content as it stood then. One waits for each draft at most."""

    __tablename__ = "audit_form_proposal"
    __table_args__ = (
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided_has_its_time"),
        CheckConstraint("(state = 'approved') = (version_id IS NOT NULL)", name="approved_has_its_version"),
        CheckConstraint("decided_by_id <> proposed_by_id OR state <> 'approved'", name="second_person"),
        Index(
            "uq_audit_form_proposal_waiting",
            "draft_id",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("audit_form_draft.id"), index=True)
    form_key: Mapped[str] = mapped_column(String(80), index=True)
    against_version_id: Mapped[int] = mapped_column(ForeignKey("audit_form_version.id"), index=True)
    """The version in force that the difference was made against."""
    content: Mapped[str] = mapped_column(Text)
    content_sha256: Mapped[str] = mapped_column(String(64))
    author_ids: Mapped[list[Any]]
    """Everybody who changed the draft since it began: none of them may approve it."""
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[ProposalState] = mapped_column(stored_enum(ProposalState, "state"))
    proposed_at: Mapped[datetime]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    decision: Mapped[str] = mapped_column(Text, default="")
    """What the second person said to it."""
    version_id: Mapped[int | None] = mapped_column(ForeignKey("audit_form_version.id"), index=True)


class ReviewScore(Base):
    """Compliance items of a submitted review by section, and in all under `overall`: computed from its version."""

    __tablename__ = "review_score"
    __table_args__ = (
        CheckConstraint(
            "n_met >= 0 AND n_partly >= 0 AND n_met + n_partly <= n_counted", name="parts_fit_the_whole"
        ),
    )

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), primary_key=True)
    section_key: Mapped[str] = mapped_column(String(80), primary_key=True)
    n_counted: Mapped[int]
    n_met: Mapped[int]
    n_partly: Mapped[int]
