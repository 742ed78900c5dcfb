"""Audit forms and their immutable published versions."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_app.models.base import Base


class AuditFormRow(Base):
    """A form by its key, over all its versions."""

    __tablename__ = "audit_form"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    versions: Mapped[list["AuditFormVersion"]] = relationship(back_populates="form")


class AuditFormVersion(Base):
    """One published version: the canonical JSON of the form, and its hash. Triggers refuse every change."""

    __tablename__ = "audit_form_version"
    __table_args__ = (UniqueConstraint("form_id", "number"), UniqueConstraint("form_id", "content_sha256"))

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("audit_form.id"))
    number: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    content_sha256: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    form: Mapped[AuditFormRow] = relationship(back_populates="versions")


class AuditFormVersionQuestion(Base):
    """A question of a version, taken out of its JSON once so that the database can join on it."""

    __tablename__ = "audit_form_version_question"
    __table_args__ = (UniqueConstraint("version_id", "question_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("audit_form_version.id"))
    section_key: Mapped[str] = mapped_column(String(80))
    question_key: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    answer_type: Mapped[str] = mapped_column(String(40))
    measure: Mapped[str | None] = mapped_column(String(80), index=True)


class AuditFormVersionQuestionTheme(Base):
    """A theme that a question of a version carries."""

    __tablename__ = "audit_form_version_question_theme"

    version_question_id: Mapped[int] = mapped_column(
        ForeignKey("audit_form_version_question.id"), primary_key=True
    )
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id"), primary_key=True, index=True)
