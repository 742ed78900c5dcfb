"""Findings: one strength or one weakness each."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_app.domain.audit_forms.kinds import FindingKind
from qa_app.domain.caseload import PlanType
from qa_app.domain.findings import Severity
from qa_app.models.base import Base, stored_enum
from qa_app.models.reviews import Review
from qa_app.models.themes import Theme


class Finding(Base):
    """A finding (F310 is number 310). Without a question it is about the whole file.

    Team, service area and plan type are those of the case when it was raised: a later move changes no figure.
    """

    __tablename__ = "finding"

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), index=True)
    question_key: Mapped[str | None] = mapped_column(String(80))
    section_key: Mapped[str | None] = mapped_column(String(80))
    kind: Mapped[FindingKind] = mapped_column(stored_enum(FindingKind, "kind"))
    severity: Mapped[Severity] = mapped_column(stored_enum(Severity, "severity"))
    words: Mapped[str] = mapped_column(Text)
    record_place: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """Where the record shows it: the kind of entry and its day. Nothing is attached to a review."""
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    service_area_id: Mapped[int | None] = mapped_column(ForeignKey("service_area.id"), index=True)
    plan_type: Mapped[PlanType] = mapped_column(stored_enum(PlanType, "plan_type"))
    raised_at: Mapped[datetime]
    raised_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    withdrawn_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)
    review: Mapped[Review] = relationship()


class FindingTheme(Base):
    """A theme that a finding is tagged with."""

    __tablename__ = "finding_theme"

    finding_id: Mapped[int] = mapped_column(ForeignKey("finding.id"), primary_key=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id"), primary_key=True, index=True)
    tagged_at: Mapped[datetime]
    tagged_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    theme: Mapped[Theme] = relationship()
