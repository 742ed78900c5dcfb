"""The council's structure, which the caseload lists do not know."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_app.models.base import Base


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

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(160), unique=True)
    service_area_id: Mapped[int | None] = mapped_column(ForeignKey("service_area.id"), index=True)
    manager_user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    created_at: Mapped[datetime]
    service_area: Mapped[ServiceArea | None] = relationship()


class Practitioner(Base):
    """A worker as the caseload names them, in the team they were last seen in; perhaps a user as well."""

    __tablename__ = "practitioner"
    __table_args__ = (UniqueConstraint("name", "team_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(160), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), unique=True)
    supervisor_id: Mapped[int | None] = mapped_column(ForeignKey("practitioner.id"), index=True)
    """Who supervises them; none where their team's manager does."""
    created_at: Mapped[datetime]
    team: Mapped[Team | None] = relationship()
