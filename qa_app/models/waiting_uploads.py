"""What was read from an upload and waits until the person who sent it has seen it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from qa_app.models.base import Base


class WaitingUpload(Base):
    """One reading of the child-level lists that is not stored yet: what may be kept, packed, for its sender alone.

    The files themselves are not here: they hold more than is needed. What is not stored in time is thrown away.
    """

    __tablename__ = "waiting_upload"
    __table_args__ = (
        Index("ix_waiting_upload_uploader", "uploaded_by_id", "uploaded_at"),
        CheckConstraint("expires_at > uploaded_at", name="expires_later"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    as_at: Mapped[date]
    file_sha256: Mapped[str] = mapped_column(String(64))
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    uploaded_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    reading: Mapped[bytes] = mapped_column(LargeBinary)
    """The extract as packed JSON: references, cases, counts and faults, personal values withheld."""
