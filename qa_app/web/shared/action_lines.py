"""Plan actions as the pages of findings and themes list them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from qa_app.domain.references import action_ref, finding_ref
from qa_app.queries.answering_actions import AnsweringAction


@dataclass(frozen=True)
class ActionLine:
    """A plan action in a list, with the reason for which it was linked."""

    ref: str
    href: str
    plan_ref: str
    words: str
    rating: str | None
    through: str
    reason: str
    linked_by: str
    linked_at: datetime


def action_line(action: AnsweringAction, theme_titles: Mapping[int, str]) -> ActionLine:
    """One linked action, with what it is linked to in words."""
    through = finding_ref(action.through_id)
    if action.through == "theme":
        through = f"Theme: {theme_titles.get(action.through_id, 'another')}"
    return ActionLine(
        action_ref(action.action_id),
        url_for("improvement.action", action_id=action.action_id),
        action.plan_ref,
        action.words,
        action.rating.value if action.rating else None,
        through,
        action.reason,
        action.linked_by,
        action.linked_at,
    )
