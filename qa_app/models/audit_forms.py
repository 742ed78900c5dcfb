"""Audit forms, their immutable published versions, and the drafts from which versions come."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_app.domain.audit_forms.kinds import DraftEnd
from qa_app.models.base import Base, stored_enum


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


class AuditFormDraft(Base):
    """A form being written: its content as JSON, perhaps unsound, and which of its steps it stands at.

    `revision` grows with every change, undoing included. There is one open draft of a form at a time.
    """

    __tablename__ = "audit_form_draft"
    __table_args__ = (
        CheckConstraint("(closed_at IS NULL) = (closed_as IS NULL)", name="closed_says_how"),
        CheckConstraint("revision > 0", name="revision_is_positive"),
        CheckConstraint("at_step >= 0", name="step_is_not_negative"),
        Index(
            "uq_audit_form_draft_open",
            "form_key",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    form_key: Mapped[str] = mapped_column(String(80), index=True)
    base_version_id: Mapped[int | None] = mapped_column(ForeignKey("audit_form_version.id"), index=True)
    """The version it began from; none for a form that is not published yet."""
    title: Mapped[str] = mapped_column(String(500))
    content: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(default=1)
    at_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    updated_at: Mapped[datetime]
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    last_change: Mapped[str] = mapped_column(String(300))
    closed_at: Mapped[datetime | None]
    closed_as: Mapped[DraftEnd | None] = mapped_column(stored_enum(DraftEnd, "closed_as"))


class AuditFormDraftStep(Base):
    """One step of a draft, as it stood after somebody's change: what undo and redo walk along."""

    __tablename__ = "audit_form_draft_step"
    __table_args__ = (UniqueConstraint("draft_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("audit_form_draft.id"))
    number: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(String(300))
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)


class AuditFormDraftAuthor(Base):
    """Somebody who changed a draft, whether or not the change was undone: they don't approve it themselves."""

    __tablename__ = "audit_form_draft_author"

    draft_id: Mapped[int] = mapped_column(ForeignKey("audit_form_draft.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True, index=True)
    first_at: Mapped[datetime]
