"""Every fault of a form that is being written, all at once, each with its place, in words for its author."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from qa_app.domain.answer_catalogue import ANSWER_TYPES
from qa_app.domain.audit_forms.checks import FormFault, Path, check_form
from qa_app.domain.audit_forms.drafts import FormData, Published, questions_of, sections_of
from qa_app.domain.audit_forms.form import AuditForm

STAND_IN = "…"
"""Stands for words that are still missing, so that the rest of a form can be checked and shown."""
STAND_IN_KEY = "still_to_come"
STAND_IN_QUESTION = {"question": STAND_IN_KEY, "text": STAND_IN, "type": "yes_no"}
STAND_IN_SECTION = {"section": STAND_IN_KEY, "title": STAND_IN}
MOST_MENDS = 40


@dataclass(frozen=True)
class DraftChecked:
    """What checking a draft found: its faults, and the form if it has none."""

    faults: tuple[FormFault, ...]
    form: AuditForm | None
    as_far_as_possible: AuditForm | None
    """The form with stand-ins for what is missing, to be shown; none when even that can't be read."""

    @property
    def is_sound(self) -> bool:
        """Whether it could be published."""
        return self.form is not None


def check_draft(
    data: FormData,
    *,
    theme_keys: Collection[str] | None = None,
    published: Published | None = None,
    measures: Mapping[str, str] | None = None,
) -> DraftChecked:
    """Check a draft whole. `measures`: the answer type of each measure that published forms use."""
    mended, faults = _mended(data)
    form = _form_of(mended)
    if form is not None:
        told = {fault.path for fault in faults}
        faults += [
            FormFault(one.path, _for_authors(one.what))
            for one in check_form(form, theme_keys)
            if one.path not in told and not _comes_of_mending(one, form)
        ]
    faults += _fixed_faults(data, published or Published())
    faults += _measure_faults(data, measures or {})
    faults = list(dict.fromkeys(faults))
    return DraftChecked(tuple(faults), None if faults else form, form)


_AUTHORS_WORDS = (
    ("needs at least two choices", "Give at least two choices that are offered."),
    (
        "has its own answers; leave choices out",
        "This kind of question has its own answers; take the choices away.",
    ),
    (
        "is retired; leave at least one to answer",
        "Every question of this section is hidden. Bring one back, or hide the section.",
    ),
    ("every section is retired", "Every section is hidden. Bring one back."),
    (
        "leave its descriptors out",
        "The section is not graded. Tick that it is, or take the descriptors away.",
    ),
    (
        "limits need an overall grade",
        "Limits need an overall grade. Tick it for the form, or take the limits away.",
    ),
    (
        "more months than the reviewer reads",
        "The grades cannot be about more months than the reviewer reads.",
    ),
)
"""What a form file's author reads, and what the designer's author reads instead."""


def _for_authors(what: str) -> str:
    return next((words for part, words in _AUTHORS_WORDS if part in what), what)


def _form_of(data: FormData) -> AuditForm | None:
    try:
        return AuditForm.from_data(data)
    except ValidationError:
        return None


def _mended(data: FormData) -> tuple[FormData, list[FormFault]]:
    """The data with stand-ins where the shape is at fault, and those faults."""
    mended = deepcopy(data)
    faults: list[FormFault] = []
    for _ in range(MOST_MENDS):
        try:
            AuditForm.from_data(mended)
        except ValidationError as error:
            found = error.errors(include_url=False)
            for one in found:
                if one["type"] == "too_short" and one.get("input"):
                    continue  # the list only looks empty because its entries are at fault, and they are told
                path = _own_path(tuple(one["loc"]))
                faults.append(FormFault(path, _words(path, one)))
                _mend(mended, path, str(one["type"]))
        else:
            break
    return mended, list(dict.fromkeys(faults))


def _own_path(loc: Path) -> Path:
    """The place without the steps that pydantic adds inside values of several kinds."""
    return tuple(step for step in loc if not (isinstance(step, str) and "[" in step))


def _mend(data: FormData, path: Path, kind: str) -> None:
    holder: Any = data
    try:
        for step in path[:-1]:
            holder = holder[step]
        last = path[-1]
    except (KeyError, IndexError, TypeError):
        return
    if kind == "extra_forbidden" and isinstance(holder, dict):
        holder.pop(last, None)
    elif last == "questions" and isinstance(holder, dict):
        holder["questions"] = (holder.get("questions") or [dict(STAND_IN_QUESTION)])[:100]
    elif last in ("text", "title", "label", "because") and isinstance(holder, dict):
        holder[last] = STAND_IN
    elif last == "when" and path[0] == "limits" and isinstance(holder, dict):
        first = next((one["question"] for _, one in questions_of(data)), STAND_IN_QUESTION["question"])
        holder["when"] = {"question": first, "answered": True}
    elif last in _MENDED and isinstance(holder, dict):
        holder[last] = _MENDED[str(last)]
    elif last == "sections" and isinstance(holder, dict):
        holder["sections"] = (
            holder.get("sections") or [{**STAND_IN_SECTION, "questions": [dict(STAND_IN_QUESTION)]}]
        )[:60]
    else:
        _drop_around(data, path)


_MENDED: dict[str, Any] = {
    "cohort_kinds": ["thematic"],
    "subject": "child",
    "type": "yes_no",
    "ceiling": "good",
    "scale": "ofsted_four",
}
_OPTIONAL = ("limits", "choices", "themes")


def _drop_around(data: FormData, path: Path) -> None:
    """Leave out the smallest part around a fault that a form can do without."""
    for end in range(len(path) - 1, -1, -1):
        holder: Any = data
        try:
            for step in path[:end]:
                holder = holder[step]
        except (KeyError, IndexError, TypeError):
            continue
        step = path[end]
        if isinstance(holder, list) and end and path[end - 1] in _OPTIONAL and isinstance(step, int):
            if step < len(holder):
                holder.pop(step)
            return
        if isinstance(holder, dict) and step in _DROPPED:
            holder.pop(str(step), None)
            return


_DROPPED = (
    "show_when", "finding", "guidance", "descriptors", "measure", "themes", "choices", "limits", "overall",
    "required", "retired", "graded", "not_applicable", "cannot_judge", "look_back_months", "judge_months",
    "plan_types", "disabled",
)  # fmt: skip


def _words(path: Path, error: Mapping[str, Any]) -> str:
    kind = str(error["type"])
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    said = _MISSING.get(name)
    if said and (kind in ("missing", "too_short", "string_too_short") or error.get("input") in ("", None)):
        return said
    context = error.get("ctx") or {}
    label = _LABELS.get(name, name.replace("_", " "))
    if kind == "string_too_long":
        return f"The {label} is too long: the limit is {context.get('max_length'):,} characters."
    if kind == "too_long":
        return f"There are {context.get('actual_length')} {label}; the limit is {context.get('max_length')}."
    if kind in ("greater_than_equal", "less_than_equal"):
        return f"The {label} must be a whole number from 1 to 120."
    if kind == "value_error":
        text = str(context.get("error", error["msg"]))
        return f"{text[:1].upper()}{text[1:]}."
    if kind == "extra_forbidden":
        return f"'{name}' is not a part of a form; it would be left out."
    return f"The {label} cannot be read: choose or write it afresh."


_LABELS = {
    "text": "question",
    "because": "reason",
    "label": "words of the choice",
    "look_back_months": "months that the reviewer reads",
    "judge_months": "months that the grade is about",
    "when": "condition",
    "show_when": "condition",
}
_MISSING = {
    "title": "Give it a title.",
    "text": "Write the question.",
    "label": "Write the words of this choice, or take it away.",
    "because": "Say why this limit holds: the reviewer reads it.",
    "when": "Say when this limit applies.",
    "questions": "This section has no question yet; add one.",
    "sections": "The form has no section yet; add one.",
    "cohort_kinds": "Choose what kinds of audit the form is for.",
    "subject": "Choose what one review looks at.",
    "type": "Choose how the question is answered.",
    "ceiling": "Choose the highest grade that the limit leaves room for.",
}


def _comes_of_mending(fault: FormFault, form: AuditForm) -> bool:
    """Whether a fault is about a stand-in, and so told already."""
    if len(fault.path) == 2 and fault.path[0] == "sections":
        questions = form.sections[int(fault.path[1])].questions
        return any(one.key == STAND_IN_KEY for one in questions)
    return False


def _fixed_faults(data: FormData, published: Published) -> Iterator[FormFault]:
    there = {question["question"] for _, question in questions_of(data)}
    for key in published.questions:
        if key not in there:
            what = f"Question '{key}' has been published and is missing; hide it instead of removing it."
            yield FormFault(("sections",), what)
    sections = {section["section"] for section in sections_of(data)}
    for key in sorted(published.sections - sections):
        what = f"Section '{key}' has been published and is missing; hide it instead of removing it."
        yield FormFault(("sections",), what)
    for s, section in enumerate(sections_of(data)):
        for q, question in enumerate(section["questions"]):
            fixed = published.questions.get(question["question"])
            if fixed is None:
                continue
            path: Path = ("sections", s, "questions", q)
            if question.get("type") != fixed.type:
                kind = ANSWER_TYPES[fixed.type].title.lower()
                what = f"It was published as {kind} and keeps that; give the changed question a new key."
                yield FormFault((*path, "type"), what)
                continue
            offered = {choice.get("choice") for choice in question.get("choices", [])}
            for choice in sorted(fixed.choices - offered):
                what = (
                    f"Choice '{choice}' has been published and is missing; disable it instead of removing it."
                )
                yield FormFault((*path, "choices"), what)


def _measure_faults(data: FormData, measures: Mapping[str, str]) -> Iterator[FormFault]:
    for s, section in enumerate(sections_of(data)):
        for q, question in enumerate(section["questions"]):
            measure = question.get("measure")
            kept = measures.get(measure, "") if isinstance(measure, str) else ""
            if kept and kept != question.get("type"):
                title = ANSWER_TYPES[kept].title.lower()
                what = (
                    f"The measure '{measure}' is answered by {title} in published forms, and a measure keeps one "
                    "answer type; choose another measure, or make a new one."
                )
                yield FormFault(("sections", s, "questions", q, "measure"), what)


@dataclass(frozen=True)
class Place:
    """Where in the designer a fault is put right: the kind of panel, its key, and the field there."""

    kind: str
    """form, section, question or limits."""
    key: str = ""
    field: str = ""


def place_of(data: FormData, path: Path) -> Place:
    """The place in the designer that a path in the form's data leads to."""
    sections = sections_of(data)
    if path[:1] == ("limits",):
        return Place("limits", field=str(path[1]) if len(path) > 1 else "")
    if path[:1] != ("sections",) or len(path) < 2 or not isinstance(path[1], int) or path[1] >= len(sections):
        return Place("form", field=str(path[0]) if path else "")
    section = sections[path[1]]
    if len(path) > 3 and isinstance(path[3], int) and path[3] < len(section["questions"]):
        return Place(
            "question", section["questions"][path[3]]["question"], str(path[4]) if len(path) > 4 else ""
        )
    return Place("section", section["section"], str(path[2]) if len(path) > 2 else "")


def faults_by_place(data: FormData, faults: Iterable[FormFault]) -> dict[tuple[str, str], list[FormFault]]:
    """The faults of each panel, by kind and key."""
    found: dict[tuple[str, str], list[FormFault]] = {}
    for fault in faults:
        place = place_of(data, fault.path)
        found.setdefault((place.kind, place.key), []).append(fault)
    return found
