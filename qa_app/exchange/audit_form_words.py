"""What is wrong with a form file, in words: what stands there, what is allowed, what to do."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

from qa_app.domain.audit_forms.form import (
    AuditForm,
    Choice,
    Descriptors,
    Excuse,
    FindingOffer,
    Limit,
    Overall,
    Question,
    Section,
)
from qa_app.domain.conditions import Condition

Path = tuple[str | int, ...]

_PARTS: dict[str, tuple[str, type[BaseModel]]] = {
    "sections": ("section", Section),
    "questions": ("question", Question),
    "choices": ("choice", Choice),
    "limits": ("limit", Limit),
    "descriptors": ("descriptors", Descriptors),
    "overall": ("overall", Overall),
    "finding": ("finding offer", FindingOffer),
    "not_applicable": ("not_applicable", Excuse),
    "cannot_judge": ("cannot_judge", Excuse),
    "when": ("condition", Condition),
    "show_when": ("condition", Condition),
    "all": ("condition", Condition),
    "any": ("condition", Condition),
    "not": ("condition", Condition),
}
_PATTERNS = {
    "form": "small letters, figures and hyphens, beginning with a letter",
    "": "small letters, figures and underscores, beginning with a letter",
}


def fault_in_words(path: Path, error: Mapping[str, Any]) -> str:
    """One validation error of the form model as a sentence for the form's author."""
    kind = str(error["type"])
    key = str(path[-1]) if path else "the form"
    context: Mapping[str, Any] = error.get("ctx") or {}
    if kind == "extra_forbidden":
        return _unknown_key(path, key)
    if kind == "missing":
        return f"this {_part(path[:-1])[0]} has no '{key}'; add it"
    if kind == "value_error":
        return str(context.get("error", error["msg"]))
    if kind == "enum":
        return (
            f"{_said(error)} is not a value of '{_named(path)}'; allowed: {_listed(context.get('expected'))}"
        )
    if kind == "string_pattern_mismatch":
        allowed = _PATTERNS.get(key, _PATTERNS[""])
        return f"{_said(error)} is not a key; use {allowed}, 60 at most"
    words = _SHAPES["string_too_short"] if error.get("input") == "" else _SHAPES.get(kind)
    if words:
        return f"'{_named(path)}' {words.format(**context)}"
    return f"'{_named(path)}': {error['msg']}"


_SHAPES = {
    "string_type": "must be words; put figures and true or false in quotes if words are meant",
    "string_too_short": "is empty; write something or take it away",
    "string_too_long": "is too long; the limit is {max_length} characters",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "tuple_type": "must be a list; begin each entry with a hyphen",
    "too_short": "is an empty list; give at least {min_length}",
    "too_long": "has {actual_length} entries; the limit is {max_length}",
    "model_type": "must hold keys and values of its own, indented under it",
    "model_attributes_type": "must hold keys and values of its own, indented under it",
}


def _part(path: Path) -> tuple[str, type[BaseModel]]:
    """The part of a form that a path leads to: its name and its model."""
    for step in reversed(path):
        if isinstance(step, str):
            return _PARTS.get(step, ("form", AuditForm))
    return "form", AuditForm


def _unknown_key(path: Path, key: str) -> str:
    name, model = _part(path[:-1])
    allowed = [field.alias or plain for plain, field in model.model_fields.items()]
    near = get_close_matches(key, allowed, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"allowed here: {', '.join(allowed)}"
    return f"'{key}' is not a key of a {name}; {hint}"


def _named(path: Path) -> str:
    return next((step for step in reversed(path) if isinstance(step, str)), "form")


def _said(error: Mapping[str, Any]) -> str:
    value = error.get("input")
    if isinstance(value, str):
        return f"'{value[:60]}'"
    return str(value)[:60] if not isinstance(value, dict | list) else "what stands here"


def _listed(expected: Any) -> str:
    return str(expected or "").replace(" or ", ", ").replace("'", "")
