"""The caseload as read from the child-level lists: references, never names."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_app.domain.case_flags import FlagValue
from qa_app.domain.caseload import CaseStatus, Handling, PlanType
from qa_app.domain.house_words import NameKind, NameVerdict
from qa_app.models.base import Base, stored_enum
from qa_app.models.organisation import Practitioner, Team


class Child(Base):
    """A child over all uploads, known only by the reference of the council's case system."""

    __tablename__ = "child"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(80), unique=True)
    created_at: Mapped[datetime]


class CaseloadImport(Base):
    """One upload of the lists. The file itself is not kept: it holds more than is needed."""

    __tablename__ = "caseload_import"
    __table_args__ = (UniqueConstraint("file_sha256", "as_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    as_at: Mapped[date] = mapped_column(index=True)
    file_sha256: Mapped[str] = mapped_column(String(64))
    imported_at: Mapped[datetime]
    imported_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    lists: Mapped[list[Any]]
    """Per list: number, tab, rows read, usable, rejected, ignored."""
    counts: Mapped[dict[str, Any]]
    n_faults: Mapped[int]


class CaseRecord(Base):
    """One child as one upload saw them. `facts`: other kept columns, dates as ISO text, codes canonical."""

    __tablename__ = "case_record"
    __table_args__ = (
        UniqueConstraint("caseload_import_id", "child_id"),
        Index("ix_case_record_import_plan_type", "caseload_import_id", "plan_type"),
        CheckConstraint("age IS NULL OR age BETWEEN -1 AND 120", name="age_is_possible"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    caseload_import_id: Mapped[int] = mapped_column(ForeignKey("caseload_import.id"))
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), index=True)
    plan_type: Mapped[PlanType | None] = mapped_column(stored_enum(PlanType, "plan_type"))
    case_status: Mapped[CaseStatus | None] = mapped_column(stored_enum(CaseStatus, "case_status"))
    age: Mapped[int | None]
    is_unborn: Mapped[bool] = mapped_column(default=False)
    gender: Mapped[str | None] = mapped_column(String(60))
    ethnicity: Mapped[str | None] = mapped_column(String(60))
    disability: Mapped[str | None] = mapped_column(String(60))
    need: Mapped[str | None] = mapped_column(String(80))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    practitioner_id: Mapped[int | None] = mapped_column(ForeignKey("practitioner.id"), index=True)
    started_on: Mapped[date | None]
    on_lists: Mapped[list[Any]]
    facts: Mapped[dict[str, Any]]
    as_sent: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """By field, the words of the lists where they are not what was understood."""
    child: Mapped[Child] = relationship()
    team: Mapped[Team | None] = relationship()
    practitioner: Mapped[Practitioner | None] = relationship()


class ImportFaultRow(Base):
    """One thing that was odd about an upload, and what was done. Values of columns that are not kept say so.

    The same value in many rows of one column is one line: `row` is the first of them, `n_times` their number.
    """

    __tablename__ = "import_fault"

    id: Mapped[int] = mapped_column(primary_key=True)
    caseload_import_id: Mapped[int] = mapped_column(ForeignKey("caseload_import.id"), index=True)
    list_number: Mapped[int | None]
    tab: Mapped[str] = mapped_column(String(120))
    row: Mapped[int | None]
    column: Mapped[str | None] = mapped_column("column_letter", String(10))
    field: Mapped[str | None] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(80))
    sent: Mapped[str | None] = mapped_column(Text)
    understood: Mapped[str | None] = mapped_column(Text)
    done: Mapped[Handling] = mapped_column(stored_enum(Handling, "done"))
    n_times: Mapped[int] = mapped_column(default=1, server_default="1")
    more_rows: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """The other rows in which the same column says the very same."""


class CaseFlagKind(Base):
    """A kind of flag of the council's own, or what it changed about a kind that comes with the system."""

    __tablename__ = "case_flag_kind"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    label: Mapped[str] = mapped_column(String(80))
    value_kind: Mapped[FlagValue] = mapped_column(stored_enum(FlagValue, "value_kind"))
    excludes: Mapped[bool]
    is_in_use: Mapped[bool] = mapped_column(default=True)
    spellings: Mapped[list[Any]]
    """Other words that a sheet uses for it, as they are compared."""
    added_at: Mapped[datetime]
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)


class CaseFlagUpload(Base):
    """One sheet of flags that was stored. The sheet itself is not kept."""

    __tablename__ = "case_flag_upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    as_at: Mapped[date] = mapped_column(index=True)
    file_sha256: Mapped[str] = mapped_column(String(64))
    replaces: Mapped[bool]
    """Flags of the kinds named that the sheet does not hold were ended."""
    kinds: Mapped[list[Any]]
    n_new: Mapped[int]
    n_ended: Mapped[int]
    n_unchanged: Mapped[int]
    n_left_out: Mapped[int]
    uploaded_at: Mapped[datetime]
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)


class CaseFlag(Base):
    """Something about a child that the lists do not hold and a draw must know, for a time, with its reason.

    In force from `starts_on` to the day before `ends_on`.
    """

    __tablename__ = "case_flag"
    __table_args__ = (
        Index("ix_case_flag_kind_starts_on", "kind", "starts_on"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_its_start"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    value: Mapped[str] = mapped_column(String(160), default="", server_default="")
    """The sibling group, or the officer's name as it was written."""
    practitioner_id: Mapped[int | None] = mapped_column(ForeignKey("practitioner.id"), index=True)
    """Whom the flag names: the reviewing officer or conference chair."""
    reason: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    """The first day on which it no longer holds."""
    raised_at: Mapped[datetime | None]
    raised_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    upload_id: Mapped[int | None] = mapped_column(ForeignKey("case_flag_upload.id"), index=True)
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    end_reason: Mapped[str | None] = mapped_column(Text)
    child: Mapped[Child] = relationship()
    practitioner: Mapped[Practitioner | None] = relationship()


class CodeSpelling(Base):
    """A council's own way to write a code, told once. `key` is the spelling as it is compared."""

    __tablename__ = "code_spelling"
    __table_args__ = (UniqueConstraint("code_set", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code_set: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(300))
    words: Mapped[str] = mapped_column(String(200))
    code: Mapped[str] = mapped_column(String(200))
    added_at: Mapped[datetime]
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)


class NameDoubtRow(Base):
    """A team or worker that may be another one written differently, and what a person said about it."""

    __tablename__ = "name_doubt"
    __table_args__ = (UniqueConstraint("kind", "name", "other"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[NameKind] = mapped_column(stored_enum(NameKind, "kind"))
    name: Mapped[str] = mapped_column(String(160))
    other: Mapped[str] = mapped_column(String(160))
    n_rows: Mapped[int]
    """Rows of the last upload in which the doubt arose."""
    caseload_import_id: Mapped[int | None] = mapped_column(ForeignKey("caseload_import.id"), index=True)
    verdict: Mapped[NameVerdict] = mapped_column(stored_enum(NameVerdict, "verdict"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
