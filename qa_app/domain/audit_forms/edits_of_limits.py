"""Changes of limits and conditions: when a part is asked, when a finding is offered, how high a grade may go."""

from copy import deepcopy

from pydantic import ValidationError

from qa_app.domain.audit_forms.drafts import (
    FormData,
    Part,
    Published,
    in_order,
    limit_at,
    put,
    question_at,
    section_at,
    shift_at,
)
from qa_app.domain.conditions import Condition
from qa_app.domain.errors import Invalid, NotFound


def add_limit(data: FormData, _: Published, ceiling: str, because: str) -> FormData:
    """Add a ceiling on the overall grade; when it applies is said next."""
    changed = deepcopy(data)
    changed.setdefault("limits", []).append({"ceiling": ceiling, "because": because.strip()})
    return in_order(changed)


def change_limit(data: FormData, _: Published, number: int, ceiling: str, because: str) -> FormData:
    """Change a ceiling or its reason. Limits are counted from 0."""
    changed = deepcopy(data)
    limit_at(changed, number).update(ceiling=ceiling, because=because.strip())
    return changed


def move_limit(data: FormData, _: Published, number: int, by: int) -> FormData:
    """Move a limit up (-1) or down (1)."""
    changed = deepcopy(data)
    shift_at(changed.get("limits", []), number, by)
    return changed


def remove_limit(data: FormData, _: Published, number: int) -> FormData:
    """Take a limit away."""
    changed = deepcopy(data)
    limit = limit_at(changed, number)
    kept = [one for one in changed["limits"] if one is not limit]
    put(changed, "limits", kept)
    return changed


def set_condition(data: FormData, _: Published, place: Part, condition: Condition | None) -> FormData:
    """Say when a section or question is asked, a finding is offered or a limit applies; with None, always.

    Places: ("section", key), ("question", key), ("finding", question), ("limit", number).
    """
    changed = deepcopy(data)
    kind, key = place
    given = condition.model_dump(mode="json", by_alias=True, exclude_none=True) if condition else None
    if kind in ("section", "question"):
        put(section_at(changed, key) if kind == "section" else question_at(changed, key), "show_when", given)
    elif kind == "finding":
        question = question_at(changed, key)
        as_kind = (question.get("finding") or {}).get("as", "weakness")
        put(question, "finding", given and {"when": given, "as": as_kind})
    else:
        limit = limit_at(changed, int(key))
        if given:
            limit["when"] = given
        else:
            limit.pop("when", None)
    return changed


def condition_at(data: FormData, place: Part) -> Condition | None:
    """The condition at a place; nothing when there is none. Errors: NotFound; Invalid for one that can't be read."""
    kind, key = place
    if kind == "section":
        given = section_at(data, key).get("show_when")
    elif kind == "question":
        given = question_at(data, key).get("show_when")
    elif kind == "finding":
        offer = question_at(data, key).get("finding")
        given = offer.get("when") if isinstance(offer, dict) else None
    elif kind == "limit":
        given = limit_at(data, int(key)).get("when")
    else:
        raise NotFound
    if not given:
        return None
    try:
        return Condition.model_validate(given)
    except ValidationError:
        raise Invalid("condition", "This condition can't be read; put it together afresh.") from None
