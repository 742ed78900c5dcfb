"""The improvement plan: priorities, actions, their dated story, and what they answer."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_app.domain.plan_people import LeadKind, WordsKind
from qa_app.domain.plan_records import Rating
from qa_app.domain.timescales import TimescaleKind
from qa_app.models.base import Base, stored_enum


class Plan(Base):
    """An improvement plan."""

    __tablename__ = "plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200), unique=True)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)


class PlanImport(Base):
    """One copy of a plan document, with what was read and what was doubtful. The same file twice is refused."""

    __tablename__ = "plan_import"
    __table_args__ = (UniqueConstraint("plan_id", "file_sha256", "as_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    as_at: Mapped[date]
    file_name: Mapped[str] = mapped_column(String(200))
    file_sha256: Mapped[str] = mapped_column(String(64), index=True)
    imported_at: Mapped[datetime]
    imported_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    mapping: Mapped[dict[str, Any]]
    summary: Mapped[dict[str, Any]]


class PlanUpload(Base):
    """A plan document sent and looked at, not yet kept: its bytes, until somebody decides."""

    __tablename__ = "plan_upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    file_name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    as_at: Mapped[date]
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id"), index=True)
    """The plan to bring up to date; none for a new one."""
    uploaded_at: Mapped[datetime]
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)


class PlanRecommendation(Base):
    """What somebody outside or inside asked for, and the plan answers."""

    __tablename__ = "plan_recommendation"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), index=True)
    number: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(200), default="")
    words: Mapped[str] = mapped_column(Text)


class PlanPriority(Base):
    """A priority, or area for improvement, under which actions stand."""

    __tablename__ = "plan_priority"
    __table_args__ = (UniqueConstraint("plan_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    number: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int]


class PlanAction(Base):
    """An action (A57 is number 57), with its timescale as written beside the timescale as understood."""

    __tablename__ = "plan_action"
    __table_args__ = (
        UniqueConstraint("plan_id", "ref"),
        CheckConstraint(
            "window_starts_on IS NULL OR window_ends_on IS NULL OR window_starts_on <= window_ends_on",
            name="window_runs_forward",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    priority_id: Mapped[int] = mapped_column(ForeignKey("plan_priority.id"), index=True)
    recommendation_id: Mapped[int | None] = mapped_column(ForeignKey("plan_recommendation.id"), index=True)
    ref: Mapped[str] = mapped_column(String(40))
    ref_as_written: Mapped[str] = mapped_column(Text)
    position: Mapped[int]
    words: Mapped[str] = mapped_column("text", Text)
    parts: Mapped[list[Any]]
    """Parts a), b), c)...: letter and text."""
    strategic_lead: Mapped[str | None] = mapped_column(Text)
    operational_lead: Mapped[str | None] = mapped_column(Text)
    agencies: Mapped[str | None] = mapped_column(Text)
    success_measure: Mapped[str | None] = mapped_column(Text)
    evidence: Mapped[str | None] = mapped_column(Text)
    timescale_as_written: Mapped[str] = mapped_column(Text)
    timescale_kind: Mapped[TimescaleKind] = mapped_column(stored_enum(TimescaleKind, "timescale_kind"))
    window_starts_on: Mapped[date | None]
    window_ends_on: Mapped[date | None]
    recurs: Mapped[str | None] = mapped_column(String(40))
    review_on: Mapped[date | None]
    doubts: Mapped[list[Any]]
    created_at: Mapped[datetime]
    priority: Mapped[PlanPriority] = relationship()


class ActionUpdate(Base):
    """What was true of an action on a day (`effective_on`), and when we were told (`recorded_at`). Never changed."""

    __tablename__ = "action_update"
    __table_args__ = (Index("ix_action_update_action_effective", "action_id", "effective_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("plan_action.id"))
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    plan_import_id: Mapped[int | None] = mapped_column(ForeignKey("plan_import.id"), index=True)
    status_text: Mapped[str] = mapped_column(Text, default="")
    declared_rating: Mapped[Rating | None] = mapped_column(stored_enum(Rating, "declared_rating"))
    progress: Mapped[str | None] = mapped_column(Text)


class FindingLink(Base):
    """A finding that an action answers, and why. Taken away, it keeps its row and says when."""

    __tablename__ = "finding_link"
    __table_args__ = (
        Index(
            "uq_finding_link_standing",
            "action_id",
            "finding_id",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("plan_action.id"), index=True)
    finding_id: Mapped[int] = mapped_column(ForeignKey("finding.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    linked_at: Mapped[datetime]
    linked_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)


class ThemeLink(Base):
    """A theme that an action answers, and why."""

    __tablename__ = "theme_link"
    __table_args__ = (
        Index(
            "uq_theme_link_standing",
            "action_id",
            "theme_id",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("plan_action.id"), index=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    linked_at: Mapped[datetime]
    linked_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)


class ActionLead(Base):
    """Somebody who leads an action. Taken away, it keeps its row and says when.

    `written`: the words of the plan that were taken to mean this person; empty when a person was chosen by hand.
    """

    __tablename__ = "action_lead"
    __table_args__ = (
        Index(
            "uq_action_lead_standing",
            "action_id",
            "user_id",
            "kind",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("plan_action.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    kind: Mapped[LeadKind] = mapped_column(stored_enum(LeadKind, "lead_kind"))
    written: Mapped[str] = mapped_column(String(300), default="")
    assigned_at: Mapped[datetime]
    assigned_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)


class Agency(Base):
    """An agency that works with the council's children's services: police, health, a school partnership."""

    __tablename__ = "agency"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)


class ActionAgency(Base):
    """An agency that an action involves. Taken away, it keeps its row and says when."""

    __tablename__ = "action_agency"
    __table_args__ = (
        Index(
            "uq_action_agency_standing",
            "action_id",
            "agency_id",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("plan_action.id"), index=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    written: Mapped[str] = mapped_column(String(300), default="")
    named_at: Mapped[datetime]
    named_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)


class WordsAside(Base):
    """Words of a plan that name nobody who signs in here, or no agency outside: no longer listed as a doubt."""

    __tablename__ = "plan_words_aside"
    __table_args__ = (UniqueConstraint("plan_id", "kind", "words"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    kind: Mapped[WordsKind] = mapped_column(stored_enum(WordsKind, "words_kind"))
    words: Mapped[str] = mapped_column(String(300))
    aside_at: Mapped[datetime]
    aside_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
