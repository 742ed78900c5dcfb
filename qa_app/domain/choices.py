"""A choice of answer: its stored key and the words people see."""

from dataclasses import dataclass
from typing import Protocol


class ChoiceLike(Protocol):
    """Whatever offers a choice: a form's own choice, or one that its answer type brings along."""

    @property
    def key(self) -> str:
        """The stored value."""

    @property
    def label(self) -> str:
        """The words people see."""

    @property
    def disabled(self) -> bool:
        """Whether it is kept for old answers and no longer offered."""


@dataclass(frozen=True)
class FixedChoice:
    """A choice that belongs to an answer type, the same on every form."""

    key: str
    label: str
    disabled: bool = False
