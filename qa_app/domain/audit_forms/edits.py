"""The changes that a form's author makes, one function each: a form in, the changed form out, the given one kept.

What publishing fixed (keys, answer types, choices) no edit changes: each refuses in words that say what to do
instead. Anything else may become unsound on the way; the checks tell it.
"""

from collections.abc import Collection, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from qa_app.domain.answer_catalogue import ANSWER_TYPES
from qa_app.domain.audit_forms.drafts import (
    FormData,
    Published,
    in_order,
    key_from,
    put,
    question_at,
    questions_of,
    section_at,
    sections_of,
    shift,
    twin_key,
)
from qa_app.domain.audit_forms.kinds import OVERALL
from qa_app.domain.errors import Invalid

NOT_OFFERED = {"allowed": False}
REASON_NEEDED = {"reason": "required"}


@dataclass(frozen=True)
class ChoiceWords:
    """One choice as its author has it: without a key it is new."""

    label: str
    key: str = ""
    disabled: bool = False


@dataclass(frozen=True)
class QuestionWords:
    """Everything about a question that is changed in one go. The condition and the finding offer have their own."""

    text: str
    type: str
    required: bool = False
    guidance: str = ""
    choices: Sequence[ChoiceWords] = ()
    measure: str = ""
    themes: Sequence[str] = ()
    not_applicable: dict[str, Any] = field(default_factory=dict)
    cannot_judge: dict[str, Any] = field(default_factory=dict)
    finding_kind: str = ""
    finding_answers: Sequence[str] | None = None
    """The answers that offer a finding, where that is all there is to its condition; with None it stays as it is."""


def change_settings(data: FormData, _: Published, settings: FormData) -> FormData:
    """Change what stands over the whole form: title, subject, what it is for, months, the overall judgement."""
    changed = deepcopy(data)
    changed.update(deepcopy(settings))
    return in_order(changed)


def add_section(data: FormData, published: Published, title: str) -> FormData:
    """Add a section at the end; its key is made from the title."""
    if not title.strip():
        raise Invalid("title", "Give the section a title.")
    changed = deepcopy(data)
    key = key_from(title, _section_keys(data, published), "section")
    changed["sections"].append({"section": key, "title": title.strip(), "questions": []})
    return changed


def change_section(data: FormData, _: Published, key: str, words: FormData) -> FormData:
    """Change a section's title, guidance, descriptors, and whether it is graded."""
    changed = deepcopy(data)
    section = section_at(changed, key)
    for name in ("title", "guidance", "graded", "descriptors"):
        put(section, name, words.get(name), always=name == "title")
    return changed


def add_question(data: FormData, published: Published, section: str, text: str, kind: str) -> FormData:
    """Add a question at the end of a section; its key is made from its text."""
    if not text.strip():
        raise Invalid("text", "Write the question.")
    if kind not in ANSWER_TYPES:
        raise Invalid("type", "Choose how the question is answered.")
    changed = deepcopy(data)
    key = key_from(text, _question_keys(data, published))
    section_at(changed, section)["questions"].append({"question": key, "text": text.strip(), "type": kind})
    return changed


def change_question(data: FormData, published: Published, key: str, words: QuestionWords) -> FormData:
    """Change everything about a question that stands in its own panel."""
    changed = deepcopy(data)
    question = question_at(changed, key)
    fixed = published.questions.get(key)
    if words.type not in ANSWER_TYPES:
        raise Invalid("type", "Choose how the question is answered.")
    if fixed and words.type != fixed.type:
        what = (
            "This question has been published, so it keeps its answer type: old reviews hold such answers. "
            "Hide it and add a new question instead."
        )
        raise Invalid("type", what)
    question.update(text=words.text.strip(), type=words.type)
    needs_choices = ANSWER_TYPES[words.type].needs_choices
    choices = _choices(question, words.choices, fixed.choices if fixed else ()) if needs_choices else []
    put(question, "choices", choices)
    put(question, "required", words.required)
    put(question, "guidance", words.guidance.strip())
    put(question, "measure", words.measure)
    put(question, "themes", list(dict.fromkeys(words.themes)))
    put(question, "not_applicable", words.not_applicable)
    put(question, "cannot_judge", words.cannot_judge)
    if words.finding_answers is not None:
        _offer_finding(question, words.finding_answers)
    if words.finding_kind and isinstance(question.get("finding"), dict):
        question["finding"]["as"] = words.finding_kind
    return changed


def plain_offer(question: FormData) -> list[str] | None:
    """The answers that offer a finding, when the offer says no more than that; none when there is no offer."""
    offer = question.get("finding")
    if not offer:
        return []
    when = offer.get("when") if isinstance(offer, dict) else None
    if not isinstance(when, dict) or len(when) != 1:
        return None
    given = [when["is"]] if "is" in when else when.get("is_one_of")
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        return None
    return given


def _offer_finding(question: FormData, answers: Sequence[str]) -> None:
    if set(answers) == set(plain_offer(question) or []):
        return
    if not answers:
        question.pop("finding", None)
        return
    when: dict[str, Any] = {"is": answers[0]} if len(answers) == 1 else {"is_one_of": list(answers)}
    kept = question.get("finding")
    question["finding"] = {
        "when": when,
        "as": kept.get("as", "weakness") if isinstance(kept, dict) else "weakness",
    }


def _choices(
    question: FormData, given: Sequence[ChoiceWords], fixed: Collection[str]
) -> list[dict[str, Any]]:
    kept = {choice.key for choice in given if choice.key}
    missing = [
        one for one in question.get("choices", []) if one["choice"] in fixed and one["choice"] not in kept
    ]
    if missing:
        label = missing[0].get("label", "")
        what = f"The choice '{label}' has been published: reviews may hold it. Disable it instead of removing it."
        raise Invalid("choices", what)
    taken = {one["choice"] for one in question.get("choices", [])} | set(fixed) | kept
    made = []
    for choice in given:
        key = choice.key or key_from(choice.label, taken, "choice")
        taken.add(key)
        one: dict[str, Any] = {"choice": key, "label": choice.label.strip()}
        made.append({**one, "disabled": True} if choice.disabled else one)
    return made


def rename_section(data: FormData, published: Published, key: str, new: str) -> FormData:
    """Give a section that was never published another key; conditions follow."""
    if key == new:
        return data
    _refuse_key(new, _section_keys(data, published) - {key}, key in published.sections, "section")
    changed = deepcopy(data)
    section_at(changed, key)["section"] = new
    _follow(changed, "section", key, new)
    return changed


def rename_question(data: FormData, published: Published, key: str, new: str) -> FormData:
    """Give a question that was never published another key; conditions follow."""
    if key == new:
        return data
    _refuse_key(new, _question_keys(data, published) - {key}, key in published.questions, "question")
    changed = deepcopy(data)
    question_at(changed, key)["question"] = new
    _follow(changed, "question", key, new)
    return changed


def move_section(data: FormData, _: Published, key: str, by: int) -> FormData:
    """Move a section up (-1) or down (1)."""
    changed = deepcopy(data)
    shift(changed["sections"], section_at(changed, key), by)
    return changed


def move_question(data: FormData, _: Published, key: str, by: int) -> FormData:
    """Move a question up (-1) or down (1); from the edge of its section into the next one."""
    changed = deepcopy(data)
    question = question_at(changed, key)
    sections = sections_of(changed)
    at = next(n for n, one in enumerate(sections) if question in one["questions"])
    here = sections[at]["questions"]
    place = here.index(question)
    if 0 <= place + by < len(here):
        shift(here, question, by)
    elif 0 <= at + by < len(sections):
        there = sections[at + by]["questions"]
        here.remove(question)
        there.insert(len(there) if by < 0 else 0, question)
    return changed


def place_question(data: FormData, _: Published, key: str, section: str, position: int = -1) -> FormData:
    """Put a question into a section, at a position counted from 0; at the end when that is negative."""
    changed = deepcopy(data)
    question = question_at(changed, key)
    target = section_at(changed, section)["questions"]
    for one in sections_of(changed):
        one["questions"] = [each for each in one["questions"] if each["question"] != key]
    target = section_at(changed, section)["questions"]
    target.insert(len(target) if position < 0 else position, question)
    return changed


def copy_section(data: FormData, published: Published, key: str) -> FormData:
    """Copy a section with its questions, under keys of their own, right after it."""
    changed = deepcopy(data)
    section = section_at(changed, key)
    twin = deepcopy(section)
    twin["title"] = f"{section.get('title', '')} (copy)"
    twin["section"] = twin_key(section["section"], _section_keys(data, published))
    renamed: dict[str, str] = {}
    taken = _question_keys(data, published)
    for question in twin["questions"]:
        new = twin_key(question["question"], taken)
        taken.add(new)
        renamed[question["question"]] = new
        question["question"] = new
        question.pop("measure", None)
    for holder in (twin, *twin["questions"]):
        for old, new in renamed.items():
            _follow_in(holder.get("show_when"), "question", old, new)
    sections_of(changed).insert(sections_of(changed).index(section) + 1, twin)
    return changed


def copy_question(data: FormData, published: Published, key: str) -> FormData:
    """Copy a question under a key of its own, right after it. The measure stays with the first one."""
    changed = deepcopy(data)
    question = question_at(changed, key)
    twin = deepcopy(question)
    twin["question"] = twin_key(key, _question_keys(data, published))
    twin["text"] = f"{question.get('text', '')} (copy)"
    twin.pop("measure", None)
    twin.pop("retired", None)
    holder = next(one for one in sections_of(changed) if question in one["questions"])["questions"]
    holder.insert(holder.index(question) + 1, twin)
    return changed


def borrow_questions(
    data: FormData, published: Published, section: str, questions: Sequence[FormData]
) -> FormData:
    """Add questions of another form at the end of a section. Their measures come along, so that trends join.

    When they were asked there is left behind: it looked at questions of the other form.
    """
    if not questions:
        raise Invalid("question", "Choose at least one question.")
    changed = deepcopy(data)
    target = section_at(changed, section)["questions"]
    taken = _question_keys(data, published)
    measures = {one.get("measure") for _, one in questions_of(data)}
    for given in questions:
        twin = deepcopy(given)
        for name in ("show_when", "retired"):
            twin.pop(name, None)
        twin["question"] = (
            given["question"] if given["question"] not in taken else twin_key(given["question"], taken)
        )
        if twin.get("measure") in measures:
            twin.pop("measure", None)
        taken.add(twin["question"])
        measures.add(twin.get("measure"))
        target.append(twin)
    return changed


def retire_section(data: FormData, _: Published, key: str, retired: bool) -> FormData:
    """Hide a section, so that it is not asked any more, or bring it back."""
    changed = deepcopy(data)
    put(section_at(changed, key), "retired", retired)
    return changed


def retire_question(data: FormData, _: Published, key: str, retired: bool) -> FormData:
    """Hide a question, so that it is not asked any more, or bring it back."""
    changed = deepcopy(data)
    put(question_at(changed, key), "retired", retired)
    return changed


def remove_section(data: FormData, published: Published, key: str) -> FormData:
    """Take a section away with its questions. Errors: Invalid when any of them was ever published."""
    changed = deepcopy(data)
    section = section_at(changed, key)
    asked = {question["question"] for question in section["questions"]}
    if key in published.sections or asked & set(published.questions):
        raise Invalid(
            "section", "This section has been published: reviews hold its answers. Hide it instead."
        )
    sections_of(changed).remove(section)
    return changed


def remove_question(data: FormData, published: Published, key: str) -> FormData:
    """Take a question away. Errors: Invalid when it was ever published."""
    if key in published.questions:
        raise Invalid(
            "question", "This question has been published: reviews hold its answers. Hide it instead."
        )
    changed = deepcopy(data)
    question_at(changed, key)
    for section in sections_of(changed):
        section["questions"] = [one for one in section["questions"] if one["question"] != key]
    return changed


def _section_keys(data: FormData, published: Published) -> set[str]:
    return {one["section"] for one in sections_of(data)} | published.sections | {OVERALL}


def _question_keys(data: FormData, published: Published) -> set[str]:
    return {one["question"] for _, one in questions_of(data)} | set(published.questions)


def _refuse_key(new: str, taken: Iterable[str], is_published: bool, noun: str) -> None:
    if is_published:
        raise Invalid("key", f"This {noun} has been published, so its key stays: answers are found by it.")
    if not _is_key(new):
        raise Invalid("key", "A key has small letters, figures and underscores, and begins with a letter.")
    if new in taken:
        raise Invalid("key", f"Another {noun} has the key '{new}', or had it. Choose another.")


def _is_key(text: str) -> bool:
    plain = text.replace("_", "a")
    return plain.isascii() and plain.isalnum() and text[0].isalpha() and text.islower() and len(text) <= 60


def _follow(data: FormData, noun: str, old: str, new: str) -> None:
    """Let every condition of the form look at the new key."""
    for section in sections_of(data):
        _follow_in(section.get("show_when"), noun, old, new)
        for question in section["questions"]:
            _follow_in(question.get("show_when"), noun, old, new)
    for limit in data.get("limits", []):
        _follow_in(limit.get("when"), noun, old, new)


def _follow_in(condition: Any, noun: str, old: str, new: str) -> None:
    if isinstance(condition, list):
        for one in condition:
            _follow_in(one, noun, old, new)
    elif isinstance(condition, dict):
        if condition.get(noun) == old:
            condition[noun] = new
        for joined in ("all", "any", "not"):
            _follow_in(condition.get(joined), noun, old, new)
