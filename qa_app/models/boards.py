"""Boards, the reports being prepared for them, and the reports as issued: those are never changed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from qa_app.domain.boards import Marking, ReportKind
from qa_app.models.base import Base, stored_enum


class Board(Base):
    """A governance group that receives reports. Closed, it receives no more; what it received stays."""

    __tablename__ = "board"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    purpose: Mapped[str] = mapped_column(String(400), default="")
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    closed_at: Mapped[datetime | None]


class IssuedReport(Base):
    """A report as a board received it: every figure and word of it, for good. A correction is another row.

    `data` holds all that is shown; `sha256` is of its canonical JSON; `history_head` is the seal over the history
    when it was issued, as `number:hash`.
    """

    __tablename__ = "issued_report"
    __table_args__ = (
        CheckConstraint("(corrects_id IS NULL) = (correction_reason IS NULL)", name="correction_says_why"),
        Index("ix_issued_report_board_issued", "board_id", "issued_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"))
    kind: Mapped[ReportKind] = mapped_column(stored_enum(ReportKind, "report_kind"))
    title: Mapped[str] = mapped_column(String(200))
    as_at: Mapped[date]
    marking: Mapped[Marking] = mapped_column(stored_enum(Marking, "marking"))
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id"), index=True)
    data: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    history_head: Mapped[str] = mapped_column(String(80))
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    statement_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("issued_report.id"), unique=True)
    correction_reason: Mapped[str | None] = mapped_column(String(1000))


class IssuedReportReview(Base):
    """A review whose answers an issued report holds: from then on it stays as it is."""

    __tablename__ = "issued_report_review"

    report_id: Mapped[int] = mapped_column(ForeignKey("issued_report.id"), primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), primary_key=True, index=True)


class ReportDraft(Base):
    """A report being prepared for a board, until it is issued or dropped.

    `figures_sha256`: the figures on which the safeguarding statement was made; other figures need another statement.
    """

    __tablename__ = "report_draft"
    __table_args__ = (
        CheckConstraint(
            "(statement IS NULL) = (statement_at IS NULL) AND (statement IS NULL) = (figures_sha256 IS NULL)",
            name="statement_is_whole",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"), index=True)
    kind: Mapped[ReportKind] = mapped_column(stored_enum(ReportKind, "report_kind"))
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), index=True)
    as_at: Mapped[date]
    marking: Mapped[Marking] = mapped_column(stored_enum(Marking, "marking"))
    title: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str] = mapped_column(Text, default="")
    recommendations: Mapped[str] = mapped_column(Text, default="")
    lead_officer: Mapped[str] = mapped_column(String(200), default="")
    contact_officer: Mapped[str] = mapped_column(String(200), default="")
    officer_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    """The officer who is asked for the safeguarding statement."""
    officer_post: Mapped[str] = mapped_column(String(200), default="")
    statement: Mapped[str | None] = mapped_column(Text)
    statement_at: Mapped[datetime | None]
    figures_sha256: Mapped[str | None] = mapped_column(String(64))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("issued_report.id"), index=True)
    correction_reason: Mapped[str | None] = mapped_column(String(1000))
    prepared_at: Mapped[datetime]
    prepared_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    dropped_at: Mapped[datetime | None]
    issued_report_id: Mapped[int | None] = mapped_column(ForeignKey("issued_report.id"), unique=True)
