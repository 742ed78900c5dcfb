"""What somebody was told, on the site and by mail."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from qa_app.domain.notices import MailState, NoticeKind
from qa_app.models.base import Base, stored_enum


class Notice(Base):
    """A line on somebody's first page until they have seen it. It names no child and nobody's judgement."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_user_seen", "user_id", "seen_at"),
        Index("ix_notice_subject", "subject_kind", "subject_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[NoticeKind] = mapped_column(stored_enum(NoticeKind, "kind"))
    words: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(String(200))
    """Where on the site it leads."""
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    raised_at: Mapped[datetime]
    raised_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    seen_at: Mapped[datetime | None]


class OutboxMail(Base):
    """A mail about a notice. One that was being sent when the worker died may have gone out: it is not sent again."""

    __tablename__ = "outbox_mail"
    __table_args__ = (Index("ix_outbox_mail_state", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), unique=True)
    state: Mapped[MailState] = mapped_column(stored_enum(MailState, "state"))
    written_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    n_attempts: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str] = mapped_column(String(300), default="")
