"""The council's structure, which the caseload lists do not know."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_app.domain.house_words import NameKind
from qa_app.models.base import Base, stored_enum


class ServiceArea(Base):
    """A part of the service under one head of service."""

    __tablename__ = "service_area"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    head_user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    created_at: Mapped[datetime]


class Team(Base):
    """A team, named as the caseload names it; its service area and manager are told by the QA lead."""

    __tablename__ = "team"
    __table_args__ = (CheckConstraint("merged_into_id <> id", name="merged_into_another"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(160), unique=True)
    service_area_id: Mapped[int | None] = mapped_column(ForeignKey("service_area.id"), index=True)
    manager_user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    """The team that this name is another spelling of. Everything recorded under it points there."""
    hidden_at: Mapped[datetime | None]
    """Since when the team is no longer in use."""
    created_at: Mapped[datetime]
    service_area: Mapped[ServiceArea | None] = relationship()


class Practitioner(Base):
    """A worker as the caseload names them, in the team they were last seen in; perhaps a user as well."""

    __tablename__ = "practitioner"
    __table_args__ = (
        UniqueConstraint("name", "team_id"),
        CheckConstraint("supervisor_id <> id", name="supervised_by_another"),
        CheckConstraint("merged_into_id <> id", name="merged_into_another"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(160), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), unique=True)
    supervisor_id: Mapped[int | None] = mapped_column(ForeignKey("practitioner.id"), index=True)
    """Who supervises them; none where their team's manager does."""
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("practitioner.id"), index=True)
    """The practitioner of whom this name is another spelling. Everything recorded under it points there."""
    hidden_at: Mapped[datetime | None]
    """Since when they no longer work here."""
    created_at: Mapped[datetime]
    team: Mapped[Team | None] = relationship()


class NameMerge(Base):
    """Two names that a person said are one: what was pointed elsewhere, so that it can be taken apart again.

    `from_id` and `into_id` are rows of `team` or `practitioner`, by `kind`; neither is ever deleted.
    """

    __tablename__ = "name_merge"
    __table_args__ = (
        Index("ix_name_merge_kind_from_id", "kind", "from_id"),
        CheckConstraint("from_id <> into_id", name="two_names"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[NameKind] = mapped_column(stored_enum(NameKind, "kind"))
    from_id: Mapped[int]
    into_id: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    moved: Mapped[dict[str, Any]]
    """Ids of the rows that were pointed at the other name, by `table.column`."""
    settled: Mapped[dict[str, Any]]
    """What the other name took over, by column: before and after."""
    part_of_id: Mapped[int | None] = mapped_column(ForeignKey("name_merge.id"), index=True)
    """The merge of two teams by which two practitioners of one name became one."""
    merged_at: Mapped[datetime]
    merged_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
