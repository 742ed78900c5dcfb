"""Sheets that were read and wait for somebody to look before anything is kept."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from qa_app.domain.sheets import SheetKind
from qa_app.models.base import Base, stored_enum


class WaitingSheet(Base):
    """What was read from a sheet, for its uploader alone, until it is stored, left or too old."""

    __tablename__ = "waiting_sheet"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[SheetKind] = mapped_column(stored_enum(SheetKind, "kind"))
    file_name: Mapped[str] = mapped_column(String(200))
    file_sha256: Mapped[str] = mapped_column(String(64))
    as_at: Mapped[date | None]
    replaces: Mapped[bool] = mapped_column(default=False)
    content: Mapped[dict[str, Any]]
    """The records and faults that the reader gave."""
    uploaded_at: Mapped[datetime] = mapped_column(index=True)
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
