"""What changed between two submissions of one review, worked out from what was kept at each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ReviewChange:
    """One answer or judgement that reads differently. Empty words: there was nothing, or there is nothing now."""

    title: str
    before: str
    now: str


def changes_between(
    before: Mapping[str, Any], now: Mapping[str, Any], titles: Mapping[str, str]
) -> tuple[ReviewChange, ...]:
    """Every answer and judgement that differs, in the order of the later submission. `titles`: sections by key."""
    old, new = _said(before, titles), _said(now, titles)
    order = [*new, *(key for key in old if key not in new)]
    return tuple(
        ReviewChange((new.get(key) or old[key])[0], old.get(key, ("", ""))[1], new.get(key, ("", ""))[1])
        for key in order
        if old.get(key, ("", ""))[1] != new.get(key, ("", ""))[1]
    )


def _said(snapshot: Mapping[str, Any], titles: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Title and words of everything said, by key."""
    said: dict[str, tuple[str, str]] = {}
    for key, answer in snapshot.get("answers", {}).items():
        words = answer["words"] if answer["state"] == "answered" else _state(answer["state"])
        said[f"answer {key}"] = (str(answer["question"]), _joined(words, answer.get("reason", "")))
    for key, judgement in snapshot.get("judgements", {}).items():
        said[f"section {key}"] = (f"{titles.get(key, key)}: grade", _judgement(judgement))
    overall = snapshot.get("overall", {})
    above = snapshot.get("departure_reason", "")
    said["overall"] = (
        "Overall judgement",
        _joined(_judgement(overall), above and f"Above the limit because: {above}"),
    )
    return said


def _judgement(data: Mapping[str, str]) -> str:
    if data.get("state") == "blank":
        return ""
    grade = data.get("grade", "").replace("_", " ").capitalize() or _state(data.get("state", ""))
    return _joined(grade, data.get("rationale", ""))


def _state(state: str) -> str:
    return "" if state == "blank" else state.replace("_", " ").capitalize()


def _joined(first: str, second: str) -> str:
    return ". ".join(part.strip().rstrip(".") for part in (first, second) if part and part.strip())
