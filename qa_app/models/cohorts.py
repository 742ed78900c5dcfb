"""Rounds of review work, how their cases were drawn, and the cases."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_app.domain.caseload import PlanType
from qa_app.domain.cohorts import CaseChange, CaseSource, CohortKind, CohortState, ProgrammeKind
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.base import Base, stored_enum
from qa_app.models.caseload import CaseRecord, Child


class Cohort(Base):
    """A round of review work of one kind. `month` is the first day of its month.

    `counts_in_rates`: cases drawn at random or taken as a census; cases picked on purpose never mix into rates.
    """

    __tablename__ = "cohort"
    __table_args__ = (
        CheckConstraint("size > 0", name="size_is_positive"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_its_time"),
    )

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
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    closing_note: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What was and was not done, in the words of whoever closed it."""
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
    source: Mapped[CaseSource] = mapped_column(
        stored_enum(CaseSource, "source"), default=CaseSource.DRAWN, server_default=CaseSource.DRAWN.value
    )
    due_on: Mapped[date | None]
    """A day of its own, by extension or because the case came with one; else the cohort's."""
    set_aside_at: Mapped[datetime | None]
    """When it was replaced or exempted: it counts no more, and stays where everybody can see it."""
    cohort: Mapped[Cohort] = relationship()
    child: Mapped[Child] = relationship()
    case_record: Mapped[CaseRecord] = relationship()


class CohortCaseChange(Base):
    """Something that was done about one case after the draw, with its reason: never changed, only answered.

    An exemption waits until a second person approves or refuses it.
    """

    __tablename__ = "cohort_case_change"
    __table_args__ = (
        CheckConstraint("(decided_at IS NULL) = (is_approved IS NULL)", name="decided_says_how"),
        CheckConstraint("change != 'extended' OR due_on IS NOT NULL", name="extension_has_its_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_case_id: Mapped[int] = mapped_column(ForeignKey("cohort_case.id"), index=True)
    change: Mapped[CaseChange] = mapped_column(stored_enum(CaseChange, "change"))
    reason: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date | None]
    other_case_id: Mapped[int | None] = mapped_column(ForeignKey("cohort_case.id"), index=True)
    """The reserve that took its place."""
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    is_approved: Mapped[bool | None]
    decision_reason: Mapped[str] = mapped_column(Text, default="")


class AuditorCapacity(Base):
    """How many reviews somebody can take on in a month; without a row, as many as anybody."""

    __tablename__ = "auditor_capacity"
    __table_args__ = (CheckConstraint("n_reviews BETWEEN 0 AND 200", name="number_is_possible"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    n_reviews: Mapped[int]


class AuditorLeave(Base):
    """Days on which somebody reviews nothing."""

    __tablename__ = "auditor_leave"
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="leave_runs_forward"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    added_at: Mapped[datetime]
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)


class ProgrammeEntry(Base):
    """Something planned in the year's programme that is no drawn cohort yet, or never will be one."""

    __tablename__ = "programme_entry"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="entry_runs_forward"),
        CheckConstraint("n_cases >= 0", name="cases_are_counted"),
        CheckConstraint("kind != 'planned_cohort' OR cohort_kind IS NOT NULL", name="cohort_has_its_kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ProgrammeKind] = mapped_column(stored_enum(ProgrammeKind, "kind"))
    cohort_kind: Mapped[CohortKind | None] = mapped_column(stored_enum(CohortKind, "cohort_kind"))
    title: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date] = mapped_column(index=True)
    ends_on: Mapped[date]
    n_cases: Mapped[int]
    """How many reviews it is to take."""
    added_at: Mapped[datetime]
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
