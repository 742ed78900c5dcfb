"""The fields in which answers are given: one set for each answer type, registered under the type's name.

What a page shows and what it sends back are two sides of the same thing: `typed_of` turns a stored answer
into the form data that would have been sent for it, `read_typed` turns form data into what the services take.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Form, RadioField, SelectChoice, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.core import UnboundField

from qa_app.domain.answer_types import Part
from qa_app.domain.answers import Answer, AnswerState, JsonValue, RawValue
from qa_app.domain.audit_forms.form import Question
from qa_app.domain.choices import ChoiceLike
from qa_app.domain.dates import as_written, read_date

EXCUSE = "excuse-"
EXCUSES = {
    AnswerState.NOT_APPLICABLE: "Not applicable",
    AnswerState.CANNOT_JUDGE: "Cannot judge",
}
ANSWERING = SelectChoice("", "I can answer this")
Fields = dict[str, UnboundField]
PICKED_TYPES = frozenset({"grade", "yes_no", "yes_partly_no", "timescale", "choice", "scale_0_10"})
"""Types whose answer is one of a row of radios, with *not applicable* and *cannot judge* among them."""


OWN_FIELDS = frozenset({"value", "excuse", "reason", "revision"})
"""Fields of any question; all others are parts of a compound answer."""


@dataclass(frozen=True)
class TypedAnswer:
    """What someone gave for one question: an excuse or a typed value, and the reason for the excuse."""

    raw: RawValue
    excuse: AnswerState | None = None
    reason: str = ""


def _picked(question: Question) -> Fields:
    offered = _choices(one for one in question.options if not one.disabled)
    return {"value": RadioField(question.text, choices=[*offered, *excuse_choices(question)])}


def _ticked(question: Question) -> Fields:
    offered = _choices(one for one in question.options if not one.disabled)
    return {"value": SelectMultipleField(question.text, choices=offered)}


def _number(question: Question) -> Fields:
    return {"value": StringField(question.text, render_kw={"inputmode": "decimal"})}


def _line(question: Question) -> Fields:
    return {"value": StringField(question.text)}


def _paragraphs(question: Question) -> Fields:
    return {"value": TextAreaField(question.text)}


def _date(question: Question) -> Fields:
    return {"value": StringField(question.text, description="For example, 3 11 2026")}


def _in_parts(question: Question) -> Fields:
    return {part.key: _part_field(part) for part in question.answer_type.parts}


def _part_field(part: Part) -> UnboundField:
    if part.kind == "pick":
        return RadioField(part.label, choices=_choices(part.choices))
    if part.kind == "ticks":
        return SelectMultipleField(part.label, choices=_choices(part.choices))
    if part.kind == "date":
        return StringField(part.label, description="For example, 3 11 2026")
    return TextAreaField(part.label)


def _choices(choices: Iterable[ChoiceLike]) -> list[SelectChoice]:
    return [SelectChoice(one.key, one.label) for one in choices]


ANSWER_FIELDS: dict[str, Callable[[Question], Fields]] = {
    "grade": _picked,
    "yes_no": _picked,
    "yes_partly_no": _picked,
    "timescale": _picked,
    "choice": _picked,
    "choices": _ticked,
    "scale_0_10": _picked,
    "number": _number,
    "date": _date,
    "short_text": _line,
    "long_text": _paragraphs,
    "practitioner_conversation": _in_parts,
    "family_feedback": _in_parts,
}


def excuse_choices(question: Question) -> list[SelectChoice]:
    """The excuses that the form allows for this question."""
    allowed = {
        AnswerState.NOT_APPLICABLE: question.not_applicable.allowed,
        AnswerState.CANNOT_JUDGE: question.cannot_judge.allowed,
    }
    return [SelectChoice(EXCUSE + state.value, words) for state, words in EXCUSES.items() if allowed[state]]


def answer_form(question: Question, answer: Answer) -> Form:
    """The fields of one question, filled in as the answer stands; names begin with the question's key."""
    fields: dict[str, Any] = dict(ANSWER_FIELDS[question.type](question))
    excuses = excuse_choices(question)
    if excuses and question.type not in PICKED_TYPES:
        fields["excuse"] = RadioField("Can this be answered?", choices=[ANSWERING, *excuses])
    if excuses:
        fields["reason"] = TextAreaField("Why is it not applicable, or why can it not be judged?")
    made = type("AnswerForm", (Form,), fields)
    return made(formdata=typed_of(question, answer), prefix=f"{question.key}-")


def typed_of(question: Question, answer: Answer) -> "MultiDict[str, str]":
    """The form data that stands for an answer."""
    name = f"{question.key}-"
    data: MultiDict[str, str] = MultiDict()
    if answer.state in EXCUSES:
        data[name + ("value" if question.type in PICKED_TYPES else "excuse")] = EXCUSE + answer.state.value
        data[name + "reason"] = answer.reason
        return data
    if question.type not in PICKED_TYPES:
        data[name + "excuse"] = ""
    given = answer.as_typed if answer.state is AnswerState.UNREADABLE else _as_typed(question, answer.value)
    if isinstance(given, dict):
        for key, value in given.items():
            data.setlist(name + key, value if isinstance(value, list) else [value])
    elif given:
        data.setlist(name + "value", given if isinstance(given, list) else [given])
    return data


def _as_typed(question: Question, value: JsonValue) -> RawValue:
    if value is None:
        return None
    if isinstance(value, dict):
        dates = {part.key for part in question.answer_type.parts if part.kind == "date"}
        return {
            key: _day_words(inner) if key in dates and isinstance(inner, str) else inner
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return value
    return _day_words(str(value)) if question.type == "date" else str(value)


def _day_words(text: str) -> str:
    found = read_date(text)
    return as_written(found) if found else text


def read_typed(key: str, data: "MultiDict[str, str]") -> TypedAnswer:
    """What was sent for a question, whatever its type; fields that were not sent count as empty."""
    name = f"{key}-"
    reason = storable(data.get(name + "reason", "")).strip()
    for state in EXCUSES:
        if EXCUSE + state.value in (data.get(name + "value"), data.get(name + "excuse")):
            return TypedAnswer(None, state, reason)
    sent = {
        field.removeprefix(name): [storable(text) for text in data.getlist(field) if storable(text)]
        for field in data
        if field.startswith(name)
    }
    parts: dict[str, str | list[str]] = {
        part: texts[0] if len(texts) == 1 else texts
        for part, texts in sent.items()
        if part not in OWN_FIELDS and texts
    }
    if parts:
        return TypedAnswer(parts)
    texts = sent.get("value", [])
    return TypedAnswer(texts[0] if len(texts) == 1 else texts or None)


def storable(text: str) -> str:
    """The text without the one character that PostgreSQL cannot hold, and that nobody means to type."""
    return text.replace("\x00", "")
