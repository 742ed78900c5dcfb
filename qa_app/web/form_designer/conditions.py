"""Putting a condition together from lists: what it looks at, how it compares, with which answers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import url_for
from werkzeug.datastructures import MultiDict

from qa_app.domain.answer_catalogue import ANSWER_TYPES
from qa_app.domain.answer_types import Operator
from qa_app.domain.audit_forms.condition_tree import (
    OPERATOR_WORDS,
    Comparison,
    Group,
    Join,
    Node,
    Path,
    Subject,
    added,
    comparison,
    comparison_words,
    condition_of,
    joined_by,
    options_of,
    subject_words,
    tree_of,
    type_of,
    without,
)
from qa_app.domain.audit_forms.drafts import (
    Edit,
    FormData,
    Part,
    Published,
    find_question,
    find_section,
    limit_at,
    question_at,
    section_at,
    sections_of,
)
from qa_app.domain.audit_forms.edits_of_limits import condition_at, set_condition
from qa_app.domain.errors import Invalid, NotFound
from qa_app.web.shared.answer_fields import storable

TreeChange = Callable[[Group], Group]
PLACES = ("section", "question", "finding", "limit")
NEW_GROUP = "new-"
COMPARISONS: dict[str, tuple[Operator, bool]] = {
    "is": (Operator.IS, False),
    "is_not": (Operator.IS, True),
    "at_least": (Operator.AT_LEAST, False),
    "at_most": (Operator.AT_MOST, False),
    "answered": (Operator.ANSWERED, False),
    "not_answered": (Operator.ANSWERED, True),
}


@dataclass(frozen=True)
class Line:
    """One line of a condition: a comparison in words, or a group of lines."""

    path: str
    words: str
    join: str = ""
    between: str = ""
    lines: tuple["Line", ...] = ()
    name: str = ""
    """The number of a group inside another."""

    @property
    def is_group(self) -> bool:
        """Whether other lines stand in it."""
        return bool(self.join)


@dataclass(frozen=True)
class SubjectGroup:
    """What a comparison can look at, section by section."""

    title: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Picking:
    """The comparison that is being picked: what it looks at is chosen, how and with what is not yet."""

    look: str
    words: str
    comparisons: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...]
    kind: str
    """ticks, number or date: how the value is given; empty when there is none to give."""


@dataclass(frozen=True)
class ConditionPage:
    """A condition on the bench."""

    title: str
    sentence: str
    back: str
    back_words: str
    root: Line
    is_unreadable: bool
    subjects: tuple[SubjectGroup, ...]
    picking: Picking | None
    groups: tuple[tuple[str, str], ...]
    joins: tuple[tuple[str, str], ...]


def edited_part(place: Part) -> Part:
    """The part of the form that holds a condition."""
    kind, key = place
    if kind == "limit":
        return ("limits",)
    return ("question" if kind == "finding" else kind, key)


def condition_page(data: FormData, draft_id: int, place: Part, look: str) -> ConditionPage:
    """The page of one condition. Errors: NotFound for a place that the form lacks."""
    kind, key = place
    title, sentence, back_words = _named(data, place)
    is_unreadable = False
    try:
        tree = tree_of(condition_at(data, place))
    except Invalid:
        tree, is_unreadable = Group(Join.ALL), True
    itself = key if kind == "finding" else ""
    subject = subject_from(look) if kind != "finding" else Subject()
    part = edited_part(place)
    back = (
        url_for("form_designer.limits", draft_id=draft_id)
        if part[0] == "limits"
        else url_for(f"form_designer.{part[0]}", draft_id=draft_id, key=part[1])
    )
    return ConditionPage(
        title,
        sentence,
        back,
        back_words,
        _line(data, tree, (), itself),
        is_unreadable,
        tuple(_subjects(data, place)) if kind != "finding" else (),
        _picking(data, subject, look, itself),
        tuple(_groups(tree)),
        tuple((join.value, join.label) for join in Join),
    )


def _named(data: FormData, place: Part) -> tuple[str, str, str]:
    kind, key = place
    if kind == "section":
        title = str(section_at(data, key).get("title") or key)
        return f"When is ‘{title}’ shown?", "This section is shown when", "Back to the section"
    if kind in ("question", "finding"):
        text = str(question_at(data, key).get("text") or key)
        if kind == "question":
            return "When is this question asked?", f"‘{text}’ is asked when", "Back to the question"
        return "When is a finding offered?", f"‘{text}’ offers a finding when", "Back to the question"
    if kind == "limit" and key.isdecimal():
        ceiling = str(limit_at(data, int(key)).get("ceiling", "")).replace("_", " ")
        return "When does this limit apply?", f"No grade above {ceiling} when", "Back to the limits"
    raise NotFound


def _line(data: FormData, node: Node, path: Path, itself: str) -> Line:
    place = ".".join(str(step) for step in path)
    if isinstance(node, Comparison):
        words = comparison_words(data, node, itself)
        return Line(place, words[:1].upper() + words[1:])
    lines = tuple(_line(data, one, (*path, n), itself) for n, one in enumerate(node.items))
    return Line(place, node.join.label, node.join.value, node.join.between, lines, _group_name(path))


def _subjects(data: FormData, place: Part) -> Iterator[SubjectGroup]:
    kind, key = place
    for section in sections_of(data):
        if section.get("retired") is True or (kind == "section" and section["section"] == key):
            continue
        choices = [
            (f"q:{one['question']}", str(one.get("text") or one["question"]))
            for one in section["questions"]
            if one.get("retired") is not True and not (kind == "question" and one["question"] == key)
        ]
        if section.get("graded") is True:
            title = str(section.get("title") or section["section"])
            choices.append((f"s:{section['section']}", f"The grade of ‘{title}’"))
        if choices:
            yield SubjectGroup(str(section.get("title") or section["section"]), tuple(choices))


def subject_from(look: str) -> Subject | None:
    """What was picked to look at, as it stands in an address."""
    kind, _, key = look.partition(":")
    if kind == "q" and key:
        return Subject(question=key)
    return Subject(section=key) if kind == "s" and key else None


def _picking(data: FormData, subject: Subject | None, look: str, itself: str) -> Picking | None:
    if subject is None:
        return None
    name = type_of(data, subject, itself)
    if not name:
        return None
    kind = ANSWER_TYPES[name]
    options = [one for one in options_of(data, subject, itself) if not one.disabled]
    comparisons = tuple(
        (
            key,
            f"{OPERATOR_WORDS[operator, negated]}{' any of' if operator is Operator.IS and options else ''}",
        )
        for key, (operator, negated) in COMPARISONS.items()
        if operator in kind.operators
    )
    given = "" if not kind.operators - {Operator.ANSWERED} else "ticks"
    if name in ("number", "date"):
        given = name
    return Picking(
        look,
        subject_words(data, subject, itself),
        comparisons,
        tuple((one.key, one.label) for one in options),
        given,
    )


def _groups(tree: Group) -> Iterator[tuple[str, str]]:
    """Where a new line can go: into a group that there is, or into a new one."""
    if not tree.items:
        return
    yield "", "Beside the lines above"
    for path in _group_paths(tree, ()):
        if path:
            place = ".".join(str(step) for step in path)
            yield place, f"Into group {_group_name(path)}"
    yield f"{NEW_GROUP}any", "Into a new group, of which any may be true"
    yield f"{NEW_GROUP}all", "Into a new group, of which all must be true"


def _group_name(path: Path) -> str:
    return ".".join(str(step + 1) for step in path)


def _group_paths(group: Group, path: Path) -> Iterator[Path]:
    yield path
    for n, one in enumerate(group.items):
        if isinstance(one, Group):
            yield from _group_paths(one, (*path, n))


def sent_edit(place: Part, sent: "MultiDict[str, str]", data: FormData) -> tuple[Edit, str]:
    """The change of a condition that was sent, with its words. Errors: Invalid; NotFound."""
    do = sent.get("do", "")
    what = {
        "section": "Condition of a section",
        "question": "Condition of a question",
        "finding": "Finding offer of a question",
        "limit": "Condition of a limit",
    }[place[0]]
    if do == "clear":
        return _with(place, lambda _: Group(Join.ALL), may_be_unreadable=True), f"{what} taken away"
    if do == "drop":
        path = _path(sent.get("path", ""))
        return _with(place, lambda tree: without(tree, path)), f"{what} changed"
    if do == "join":
        path = _path(sent.get("path", ""))
        join = Join(sent["join"]) if sent.get("join") in set(Join) else Join.ALL
        return _with(place, lambda tree: joined_by(tree, path, join)), f"{what} changed"
    node = _sent_comparison(place, sent, data)
    where = sent.get("where", "")
    if where.startswith(NEW_GROUP):
        join = Join.ANY if where.endswith("any") else Join.ALL
        return _with(place, lambda tree: added(tree, (), Group(join, (node,)))), f"{what} changed"
    path = _path(where)
    return _with(place, lambda tree: added(tree, path, node), may_be_unreadable=True), f"{what} changed"


def _sent_comparison(place: Part, sent: "MultiDict[str, str]", data: FormData) -> Comparison:
    itself = place[1] if place[0] == "finding" else ""
    subject = Subject() if itself else subject_from(storable(sent.get("look", "")))
    if subject is None or not (itself or _exists(data, subject)):
        raise Invalid("look", "Choose what the condition looks at.")
    operator, negated = COMPARISONS.get(sent.get("comparison", ""), (None, False))
    if operator is None:
        raise Invalid("comparison", "Choose how the answer is compared.")
    values = [storable(value) for value in sent.getlist("value") if value.strip()]
    if operator is Operator.IS and len(values) > 1:
        operator = Operator.IS_ONE_OF
    return comparison(data, subject, operator, negated, values, itself)


def _exists(data: FormData, subject: Subject) -> bool:
    return bool(find_section(data, subject.section) or find_question(data, subject.question))


def _with(place: Part, change: TreeChange, *, may_be_unreadable: bool = False) -> Edit:
    """An edit that reads the condition as it stands then, changes it and puts it back."""

    def edit(data: FormData, published: Published) -> FormData:
        try:
            tree = tree_of(condition_at(data, place))
        except Invalid:
            if not may_be_unreadable:
                raise
            tree = Group(Join.ALL)
        return set_condition(data, published, place, condition_of(change(tree)))

    return edit


def _path(text: str) -> Path:
    steps = text.split(".") if text else []
    if not all(step.isdecimal() and len(step) < 4 for step in steps) or len(steps) > 12:
        raise NotFound("This line of the condition is not there any more.")
    return tuple(int(step) for step in steps)
