"""Small sheets that a council fills in beside its lists: cells as text, and what was wrong with which."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class SheetKind(StrEnum):
    """What a sheet tells."""

    ORGANISATION = "organisation"
    CASE_FLAGS = "case_flags"


class SheetFault(BaseModel):
    """One thing in a sheet that could not be taken, and where. The row as on the screen, counted from 1."""

    model_config = ConfigDict(frozen=True)

    tab: str
    row: int | None
    column: str | None
    what: str

    @property
    def place(self) -> str:
        """Where it is, in words."""
        parts = [
            f"tab {self.tab}" if self.tab else "",
            f"row {self.row}" if self.row else "",
            f"column {self.column}" if self.column else "",
        ]
        return ", ".join(part for part in parts if part) or "the file"
