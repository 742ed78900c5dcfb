"""Practice themes: the tree that findings gather into."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from qa_app.models.base import Base


class Theme(Base):
    """One theme. Its key never changes; a theme merged into another points at it and is kept."""

    __tablename__ = "theme"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(160))
    definition: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"), index=True)
    is_safety_critical: Mapped[bool] = mapped_column(default=False)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"), index=True)
    position: Mapped[int]
    created_at: Mapped[datetime]
