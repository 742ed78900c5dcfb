"""A form while it is being written: plain data that may still be unsound, and what earlier versions hold fast.

The data are those of `AuditForm.to_data`. Whatever else is wrong with them, every section and every question
has a key of its own, so that each can be found and put right.
"""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.errors import Invalid, NotFound

FormData = dict[str, Any]
Part = tuple[str, ...]
"""A part of a form that is edited at once: ("form",), ("section", key), ("question", key), ("limits",)."""

GONE = "This is not on the form any more."
LARGEST_DRAFT = 1_000_000
"""Units: characters of JSON."""
LONGEST_KEY = 50
_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
_FORM_KEY = re.compile(r"[a-z][a-z0-9-]{0,59}")
_FILLER = frozenset(
    {
        "a", "an", "and", "any", "at", "are", "be", "been", "by", "did", "do", "does", "for", "had",
        "has", "have", "how", "in", "is", "it", "of", "on", "or", "the", "there", "this",
        "to", "was", "were", "what", "when", "where", "which", "who", "with",
    }
)  # fmt: skip


@dataclass(frozen=True)
class FixedQuestion:
    """What publishing fixed of a question: how it is answered, and the choices that reviews may hold."""

    type: str
    choices: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Published:
    """What the published versions of a form hold fast: keys, answer types and choices."""

    sections: frozenset[str] = frozenset()
    questions: Mapping[str, FixedQuestion] = field(default_factory=dict)

    @classmethod
    def of(cls, versions: Iterable[AuditForm]) -> "Published":
        """What these versions hold fast, taken together."""
        sections: set[str] = set()
        questions: dict[str, FixedQuestion] = {}
        for form in versions:
            sections.update(form.section_by_key)
            for key, question in form.questions.items():
                before = questions[key].choices if key in questions else frozenset()
                choices = before | {choice.key for choice in question.choices}
                questions[key] = FixedQuestion(question.type, choices)
        return cls(frozenset(sections), questions)

    @property
    def keys(self) -> frozenset[str]:
        """Every key of a section or question that was ever published."""
        return self.sections | frozenset(self.questions)


Edit = Callable[[FormData, Published], FormData]
"""Makes the changed form out of a form; it leaves the one it is given alone. Errors: Invalid."""


def written(data: FormData) -> str:
    """The data as text to store."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def read(text: str) -> FormData:
    """The data of a stored draft."""
    data: FormData = json.loads(text)
    return data


def title_of(data: FormData) -> str:
    """The form's title, as far as it has one."""
    return str(data.get("title") or "").strip()[:500] or "Form without a title"


def sections_of(data: FormData) -> list[FormData]:
    """The sections, in order."""
    found: list[FormData] = data["sections"]
    return found


def questions_of(data: FormData) -> Iterator[tuple[FormData, FormData]]:
    """Every question with its section, in order."""
    for section in sections_of(data):
        for question in section["questions"]:
            yield section, question


def find_section(data: FormData, key: str) -> FormData | None:
    """A section by its key."""
    return next((one for one in sections_of(data) if one["section"] == key), None)


def find_question(data: FormData, key: str) -> FormData | None:
    """A question by its key."""
    return next((one for _, one in questions_of(data) if one["question"] == key), None)


def part_of(data: FormData, part: Part) -> object:
    """What one part holds; nothing when it is not there (any more)."""
    kind, key = part[0], part[-1]
    if kind == "section":
        section = find_section(data, key)
        return section and {name: value for name, value in section.items() if name != "questions"}
    if kind == "question":
        return find_question(data, key)
    if kind == "limits":
        return data.get("limits", [])
    return {name: value for name, value in data.items() if name not in ("sections", "limits")}


def digest_of(data: FormData, part: Part) -> str:
    """What tells whether a part was changed meanwhile."""
    text = json.dumps(part_of(data, part), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def shaped(given: object) -> FormData:
    """Data from elsewhere as a draft can hold them.

    Errors: Invalid, in words, when sections or questions can't be told apart by their keys, or nothing is a form.
    """
    try:
        text = json.dumps(given, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        raise Invalid("content", "This is not a form.") from None
    if len(text) > LARGEST_DRAFT:
        raise Invalid("content", f"This form is larger than {LARGEST_DRAFT // 1000:,} kB of text.")
    data = json.loads(text)
    if not isinstance(data, dict) or not _FORM_KEY.fullmatch(str(data.get("form", ""))):
        raise Invalid("content", "A form needs a key: small letters, figures and hyphens.")
    data.setdefault("sections", [])
    seen: set[tuple[str, str]] = set()
    for section in _mappings(data, "sections", "the form"):
        _take_key(section, "section", seen)
        section.setdefault("questions", [])
        for question in _mappings(section, "questions", f"section '{section['section']}'"):
            _take_key(question, "question", seen)
            for choice in _mappings(question, "choices", f"question '{question['question']}'"):
                if not _KEY.fullmatch(str(choice.get("choice", ""))):
                    raise Invalid("content", f"A choice of question '{question['question']}' has no key.")
            _refuse_other_shapes(question, _QUESTION_SHAPES, f"question '{question['question']}'")
        _refuse_other_shapes(section, _SECTION_SHAPES, f"section '{section['section']}'")
    for limit in _mappings(data, "limits", "the form"):
        _refuse_other_shapes(limit, _LIMIT_SHAPES, "a limit")
    _refuse_other_shapes(data, _FORM_SHAPES, "the form")
    return data


_FORM_SHAPES: dict[str, type] = {"title": str, "cohort_kinds": list, "plan_types": list, "overall": dict}
_SECTION_SHAPES: dict[str, type] = {"title": str, "guidance": str, "descriptors": dict, "show_when": dict}
_LIMIT_SHAPES: dict[str, type] = {"ceiling": str, "because": str, "when": dict}
_QUESTION_SHAPES: dict[str, type] = {
    "text": str,
    "type": str,
    "guidance": str,
    "measure": str,
    "themes": list,
    "finding": dict,
    "show_when": dict,
    "not_applicable": dict,
    "cannot_judge": dict,
}


_SHAPE_WORDS: dict[type, str] = {str: "words", list: "a list", dict: "parts of its own"}


def _refuse_other_shapes(holder: FormData, shapes: Mapping[str, type], where: str) -> None:
    for name, kind in shapes.items():
        if name in holder and not isinstance(holder[name], kind):
            raise Invalid("content", f"'{name}' of {where} must be {_SHAPE_WORDS[kind]}.")


def _mappings(holder: FormData, name: str, where: str) -> list[FormData]:
    found = holder.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Invalid("content", f"'{name}' of {where} must be a list of parts.")
    return found


def _take_key(holder: FormData, noun: str, seen: set[tuple[str, str]]) -> None:
    key = holder.get(noun)
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise Invalid("content", f"A {noun} has no key: small letters, figures and underscores.")
    if (noun, key) in seen:
        raise Invalid("content", f"{noun} '{key}' is there twice; give each {noun} its own key.")
    seen.add((noun, key))


def key_from(text: str, taken: Collection[str], otherwise: str = "question") -> str:
    """A key made once from words: short, readable in a table of figures, and not yet taken."""
    plain = re.sub(r"['’]", "", text.casefold())
    words = [word for word in re.split(r"[^a-z0-9]+", plain) if word]
    telling = [word for word in words if word not in _FILLER] or words
    key = ""
    for word in telling:
        longer = f"{key}_{word}" if key else word
        if len(longer) > LONGEST_KEY - 8:
            break
        key = longer
    if not key or not key[0].isalpha():
        key = f"{otherwise}_{key}".rstrip("_")
    return _free(key, taken, "_")


def form_key_from(title: str, taken: Collection[str]) -> str:
    """A form's key made once from its title."""
    key = key_from(title, (), "form").replace("_", "-")
    return _free(key, taken, "-")


def twin_key(key: str, taken: Collection[str]) -> str:
    """The key of a copy: the same with a number."""
    return _free(key[: LONGEST_KEY + 4], taken, "_")


def _free(key: str, taken: Collection[str], joint: str) -> str:
    number = 2
    free = key
    while free in taken:
        free = f"{key}{joint}{number}"
        number += 1
    return free


def put(holder: FormData, name: str, value: Any, *, always: bool = False) -> None:
    """Keep a value, or leave it out where it says nothing: a form's data hold no defaults."""
    if value or always:
        holder[name] = value if value is not None else ""
    else:
        holder.pop(name, None)


_ORDER = ("form", "title", "cohort_kinds", "subject", "plan_types", "look_back_months", "judge_months", "scale",
          "sections", "overall", "limits")  # fmt: skip


def in_order(data: FormData) -> FormData:
    """The parts of a form in the order of the file format."""
    return {
        name: data[name] for name in (*_ORDER, *(one for one in data if one not in _ORDER)) if name in data
    }


def section_at(data: FormData, key: str) -> FormData:
    """A section by its key. Errors: NotFound."""
    found = find_section(data, key)
    if found is None:
        raise NotFound(GONE)
    return found


def question_at(data: FormData, key: str) -> FormData:
    """A question by its key. Errors: NotFound."""
    found = find_question(data, key)
    if found is None:
        raise NotFound(GONE)
    return found


def limit_at(data: FormData, number: int) -> FormData:
    """A limit by its place, counted from 0. Errors: NotFound."""
    limits: list[FormData] = data.get("limits", [])
    if not 0 <= number < len(limits):
        raise NotFound(GONE)
    return limits[number]


def shift(holder: list[FormData], one: FormData, by: int) -> None:
    """Move one entry of a list up or down, as far as there is room."""
    shift_at(holder, holder.index(one), by)


def shift_at(holder: list[FormData], at: int, by: int) -> None:
    """Move the entry at a place of a list up or down, as far as there is room."""
    if 0 <= at < len(holder) and 0 <= at + by < len(holder):
        holder.insert(at + by, holder.pop(at))
