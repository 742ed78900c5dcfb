"""A submitted review that goes back to its reviewer: returned with reasons, or reopened with one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from qa_app.domain.completion import Gap

LONGEST_REASON = 1000
"""Units: characters."""


class ReturnKind(StrEnum):
    """Why a submitted review is open again. Stored by value."""

    RETURNED = "returned"
    REOPENED = "reopened"

    @property
    def label(self) -> str:
        """The kind as people say it."""
        return self.value.capitalize()


@dataclass(frozen=True)
class ReturnPoint:
    """One thing to look at again: a question, a section's grade, or the overall judgement (section `overall`).

    It is settled once it was answered again since, or its reviewer says why it stands.
    """

    point_id: int
    question: str | None
    section: str
    reason: str
    reply: str
    is_changed: bool

    @property
    def is_settled(self) -> bool:
        """Whether the reviewer has dealt with it."""
        return self.is_changed or bool(self.reply)


@dataclass(frozen=True)
class OpenReturn:
    """A return that its reviewer works on, with its points in the order of the form."""

    return_id: int
    kind: ReturnKind
    words: str
    returned_at: datetime
    returned_by: str
    points: tuple[ReturnPoint, ...]

    @property
    def unsettled(self) -> tuple[ReturnPoint, ...]:
        """What is still to be dealt with."""
        return tuple(point for point in self.points if not point.is_settled)

    def of_question(self, key: str) -> ReturnPoint | None:
        """The point of one question, if it was returned."""
        return next((point for point in self.points if point.question == key), None)

    def of_section(self, key: str) -> ReturnPoint | None:
        """The point of a section's grade, if it was returned."""
        return next((point for point in self.points if point.question is None and point.section == key), None)


def gaps_of_return(returned: OpenReturn | None) -> tuple[Gap, ...]:
    """What a return still asks for, as things to do before the review can be handed in again."""
    if returned is None:
        return ()
    return tuple(
        Gap(
            point.section,
            point.question,
            f"Returned to you: {point.reason} Answer it again, or say why it stands.",
        )
        for point in returned.unsettled
    )
