"""The four grades that inspectors and councils share, and their order."""

from collections.abc import Iterable
from enum import StrEnum


class Grade(StrEnum):
    """One professional judgement. Grades are compared and counted, never averaged.

    Source: Ofsted, "Inspecting local authority children's services": the four-point scale.
    """

    OUTSTANDING = "outstanding"
    GOOD = "good"
    REQUIRES_IMPROVEMENT = "requires_improvement"
    INADEQUATE = "inadequate"

    @property
    def label(self) -> str:
        """The grade as people write it."""
        return {
            Grade.OUTSTANDING: "Outstanding",
            Grade.GOOD: "Good",
            Grade.REQUIRES_IMPROVEMENT: "Requires improvement",
            Grade.INADEQUATE: "Inadequate",
        }[self]

    @property
    def rank(self) -> int:
        """How high the grade stands: 4 for outstanding down to 1 for inadequate. For order only."""
        return {
            Grade.OUTSTANDING: 4,
            Grade.GOOD: 3,
            Grade.REQUIRES_IMPROVEMENT: 2,
            Grade.INADEQUATE: 1,
        }[self]


def is_better(one: Grade, other: Grade) -> bool:
    """Whether one grade stands above another."""
    return one.rank > other.rank


def lowest(grades: Iterable[Grade]) -> Grade | None:
    """The lowest of some grades, or nothing when there are none."""
    return min(grades, key=lambda grade: grade.rank, default=None)
