"""Words and groupings of a plan that its pages and the reports issued to boards share."""

from collections.abc import Sequence
from dataclasses import dataclass

from qa_app.domain.plan_tally import PlanLine, by_priority


@dataclass(frozen=True)
class Group:
    """Actions under one priority."""

    heading: str
    lines: list[PlanLine]


def priority_words(priority: str, title: str | None) -> str:
    """A priority as a heading: "Priority 4: Safeguarding"."""
    name = f"Priority {priority}" if priority.isdigit() else priority or "No priority"
    return f"{name}: {title}" if title and title != priority else name


def grouped(lines: Sequence[PlanLine]) -> list[Group]:
    """Lines under the headings of their priorities."""
    return [
        Group(
            priority_words(
                priority, next((one.priority_title for one in members if one.priority_title), None)
            ),
            members,
        )
        for priority, members in by_priority(lines)
    ]
