"""Meetings of panels, of each of which one report is reviewed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from qa_app.models.base import Base


class PanelMeeting(Base):
    """One meeting, who was heard, and whose report was taken by lot."""

    __tablename__ = "panel_meeting"
    __table_args__ = (UniqueConstraint("cohort_id", "panel", "held_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    panel: Mapped[str] = mapped_column(String(120))
    held_on: Mapped[date]
    seed: Mapped[str] = mapped_column(String(80))
    heard: Mapped[list[Any]]
    """Each child heard: reference, and why the report cannot be taken."""
    cohort_case_id: Mapped[int] = mapped_column(ForeignKey("cohort_case.id"), index=True)
    """The case that stands for the meeting now; one that was replaced stays in the cohort, set aside."""
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
