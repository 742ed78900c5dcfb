"""Rounds of review work, how their cases were drawn, and the cases."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_app.domain.caseload import PlanType
from qa_app.domain.cohorts import CohortKind, CohortState
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.base import Base, stored_enum
from qa_app.models.caseload import CaseRecord, Child


class Cohort(Base):
    """A round of review work of one kind. `month` is the first day of its month.

    `counts_in_rates`: cases drawn at random or taken as a census; cases picked on purpose never mix into rates.
    """

    __tablename__ = "cohort"
    __table_args__ = (CheckConstraint("size > 0", name="size_is_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[CohortKind] = mapped_column(stored_enum(CohortKind, "kind"))
    title: Mapped[str] = mapped_column(String(200))
    month: Mapped[date] = mapped_column(index=True)
    due_on: Mapped[date]
    state: Mapped[CohortState] = mapped_column(stored_enum(CohortState, "state"))
    size: Mapped[int]
    is_graded: Mapped[bool] = mapped_column(default=True)
    counts_in_rates: Mapped[bool] = mapped_column(default=True)
    caseload_import_id: Mapped[int] = mapped_column(ForeignKey("caseload_import.id"), index=True)
    plan_action_id: Mapped[int | None] = mapped_column(ForeignKey("plan_action.id"), index=True)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)


class CohortForm(Base):
    """The form version that a cohort pins for a plan type."""

    __tablename__ = "cohort_form"
    __table_args__ = (UniqueConstraint("cohort_id", "plan_type"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    plan_type: Mapped[PlanType] = mapped_column(stored_enum(PlanType, "plan_type"))
    form_version_id: Mapped[int] = mapped_column(ForeignKey("audit_form_version.id"), index=True)
    form_version: Mapped[AuditFormVersion] = relationship()


class Selection(Base):
    """How a cohort's cases were drawn: the whole record, from which the draw can be made again."""

    __tablename__ = "selection"

    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), unique=True)
    seed: Mapped[str] = mapped_column(String(80))
    rules: Mapped[dict[str, Any]]
    """What was asked for: quotas fixed by hand by plan type, exclusions in words."""
    record: Mapped[str] = mapped_column(Text)
    """The selection record as JSON (see the draw's own module)."""
    record_sha256: Mapped[str] = mapped_column(String(64))
    drawn_at: Mapped[datetime]
    drawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)


class CohortCase(Base):
    """One drawn child, with the reason; its plan type and team are those of the caseload it was drawn from."""

    __tablename__ = "cohort_case"
    __table_args__ = (UniqueConstraint("cohort_id", "child_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), index=True)
    case_record_id: Mapped[int] = mapped_column(ForeignKey("case_record.id"), index=True)
    plan_type: Mapped[PlanType] = mapped_column(stored_enum(PlanType, "plan_type"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    position: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    cohort: Mapped[Cohort] = relationship()
    child: Mapped[Child] = relationship()
    case_record: Mapped[CaseRecord] = relationship()
