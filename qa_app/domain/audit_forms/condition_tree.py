"""Conditions as people put them together: groups of comparisons, each picked from lists, never typed as code."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from qa_app.domain.answer_catalogue import ANSWER_TYPES
from qa_app.domain.answer_types import Comparable, Operator, ParseFailure
from qa_app.domain.audit_forms.drafts import FormData, find_question, find_section
from qa_app.domain.choices import ChoiceLike, FixedChoice
from qa_app.domain.conditions import Condition
from qa_app.domain.errors import Invalid, NotFound

Path = tuple[int, ...]


class Join(StrEnum):
    """How a group joins what is in it."""

    ALL = "all"
    ANY = "any"
    NOT_ALL = "not_all"
    NONE = "none"

    @property
    def label(self) -> str:
        """The words before a group's lines."""
        return {
            Join.ALL: "all of these are true",
            Join.ANY: "any of these is true",
            Join.NOT_ALL: "not all of these are true",
            Join.NONE: "none of these is true",
        }[self]

    @property
    def between(self) -> str:
        """The word between two lines."""
        return "and" if self in (Join.ALL, Join.NOT_ALL) else "or"


@dataclass(frozen=True)
class Subject:
    """What a comparison looks at: a question's answer, a section's grade, or (both empty) its own question."""

    question: str = ""
    section: str = ""


@dataclass(frozen=True)
class Comparison:
    """One comparison, or its contrary."""

    subject: Subject
    operator: Operator
    operands: tuple[Comparable | bool, ...] = ()
    negated: bool = False


@dataclass(frozen=True)
class Group:
    """Several comparisons and groups, joined."""

    join: Join
    items: tuple["Comparison | Group", ...] = ()


Node = Comparison | Group


def tree_of(condition: Condition | None) -> Group:
    """A condition as a group; empty when there is none."""
    if condition is None:
        return Group(Join.ALL)
    node = _node(condition, False)
    return node if isinstance(node, Group) else Group(Join.ALL, (node,))


def _node(condition: Condition, negated: bool) -> Node:
    if condition.not_ is not None:
        return _node(condition.not_, not negated)
    for joined, plain, contrary in (
        (condition.all_, Join.ALL, Join.NOT_ALL),
        (condition.any_, Join.ANY, Join.NONE),
    ):
        if joined is not None:
            return Group(contrary if negated else plain, tuple(_node(one, False) for one in joined))
    subject = Subject(condition.question or "", condition.section or "")
    operator = condition.operator or Operator.ANSWERED
    if operator is Operator.ANSWERED:
        return Comparison(subject, operator, (), (condition.answered is False) != negated)
    return Comparison(subject, operator, condition.operands, negated)


def condition_of(group: Group) -> Condition | None:
    """The condition that a group says; nothing for an empty one. Errors: Invalid when it is too much for one."""
    data = _data(group, is_root=True)
    try:
        return Condition.model_validate(data) if data else None
    except ValidationError:
        what = "That is more than one condition can hold; take some of its lines away first."
        raise Invalid("look", what) from None


def _data(node: Node, is_root: bool = False) -> dict[str, Any] | None:
    if isinstance(node, Comparison):
        return _comparison_data(node)
    inner = [data for one in node.items if (data := _data(one))]
    if not inner:
        return None
    negated = node.join in (Join.NOT_ALL, Join.NONE)
    if is_root and len(inner) == 1:
        joined = inner[0]
    else:
        joined = {"all" if node.join in (Join.ALL, Join.NOT_ALL) else "any": inner}
    return {"not": joined} if negated else joined


def _comparison_data(node: Comparison) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if node.subject.question:
        data["question"] = node.subject.question
    if node.subject.section:
        data["section"] = node.subject.section
    if node.operator is Operator.ANSWERED:
        return {**data, "answered": not node.negated}
    if node.operator is Operator.IS_ONE_OF:
        data["is_one_of"] = list(node.operands)
    elif node.subject.section and node.operator is Operator.IS:
        data["grade"] = node.operands[0]
    else:
        data[node.operator.value] = node.operands[0]
    return {"not": data} if node.negated else data


def added(group: Group, path: Path, node: Node) -> Group:
    """The group with one more line at the end of the group at `path`. Errors: NotFound."""
    return _changed(group, path, lambda inner: replace(inner, items=(*inner.items, node)))


def joined_by(group: Group, path: Path, join: Join) -> Group:
    """The group with another join at `path`. Errors: NotFound."""
    return _changed(group, path, lambda inner: replace(inner, join=join))


def without(group: Group, path: Path) -> Group:
    """The group without the line at `path`; groups left empty go with it. Errors: NotFound."""
    if not path:
        return Group(Join.ALL)
    *outer, last = path

    def drop(inner: Group) -> Group:
        if not 0 <= last < len(inner.items):
            raise NotFound("This line of the condition is not there any more.")
        return replace(inner, items=(*inner.items[:last], *inner.items[last + 1 :]))

    return _pruned(_changed(group, tuple(outer), drop))


def _pruned(group: Group) -> Group:
    kept = [_pruned(one) if isinstance(one, Group) else one for one in group.items]
    return replace(group, items=tuple(one for one in kept if isinstance(one, Comparison) or one.items))


def _changed(group: Group, path: Path, change: Callable[[Group], Group]) -> Group:
    if not path:
        return change(group)
    first, *rest = path
    inner = group.items[first] if 0 <= first < len(group.items) else None
    if not isinstance(inner, Group):
        raise NotFound("This line of the condition is not there any more.")
    items = list(group.items)
    items[first] = _changed(inner, tuple(rest), change)
    return replace(group, items=tuple(items))


OPERATOR_WORDS: dict[tuple[Operator, bool], str] = {
    (Operator.IS, False): "is",
    (Operator.IS, True): "is not",
    (Operator.IS_ONE_OF, False): "is one of",
    (Operator.IS_ONE_OF, True): "is none of",
    (Operator.AT_LEAST, False): "is at least",
    (Operator.AT_LEAST, True): "is not at least",
    (Operator.AT_MOST, False): "is at most",
    (Operator.AT_MOST, True): "is not at most",
    (Operator.ANSWERED, False): "is answered",
    (Operator.ANSWERED, True): "is not answered",
}


def type_of(data: FormData, subject: Subject, itself: str = "") -> str:
    """The answer type that a comparison looks at; empty when the form has no such thing."""
    if subject.section:
        return "grade" if find_section(data, subject.section) else ""
    question = find_question(data, subject.question or itself)
    kind = str(question.get("type", "")) if question else ""
    return kind if kind in ANSWER_TYPES else ""


def options_of(data: FormData, subject: Subject, itself: str = "") -> tuple[ChoiceLike, ...]:
    """The answers that a comparison may be picked from; none when they are open."""
    kind = type_of(data, subject, itself)
    if not kind:
        return ()
    question = None if subject.section else find_question(data, subject.question or itself)
    own = [
        FixedChoice(one["choice"], str(one.get("label", "")) or one["choice"], one.get("disabled") is True)
        for one in (question or {}).get("choices", [])
    ]
    return tuple(ANSWER_TYPES[kind].options(own))


def comparison(
    data: FormData, subject: Subject, operator: Operator, negated: bool, values: list[str], itself: str = ""
) -> Comparison:
    """A comparison as it was picked. Errors: Invalid, in words, when something is missing or can't be compared."""
    name = type_of(data, subject, itself)
    if not name:
        raise Invalid("question", "Choose a question or a section that is on the form.")
    kind = ANSWER_TYPES[name]
    if operator not in kind.operators:
        raise Invalid("operator", f"{kind.title} can't be compared so. Choose another comparison.")
    if operator is Operator.ANSWERED:
        return Comparison(subject, operator, (), negated)
    given = [value for value in values if value.strip()]
    if not given:
        raise Invalid("value", "Choose what the answer is compared with.")
    if operator is not Operator.IS_ONE_OF and len(given) > 1:
        raise Invalid("value", "Choose one answer, or compare with 'is one of'.")
    operands = tuple(_operand(data, subject, name, value, itself) for value in given)
    return Comparison(subject, operator, operands, negated)


def _operand(data: FormData, subject: Subject, name: str, value: str, itself: str) -> Comparable:
    kind = ANSWER_TYPES[name]
    options = options_of(data, subject, itself)
    if name not in ("number", "scale_0_10", "date"):
        if value not in {option.key for option in options}:
            raise Invalid("value", "Choose one of the answers shown.")
        return value
    read = kind.parse(value)
    if isinstance(read, ParseFailure) or not isinstance(read, str | int | float):
        words = read.words if isinstance(read, ParseFailure) else "Give a value to compare with."
        raise Invalid("value", words)
    return read


def comparison_words(data: FormData, node: Comparison, itself: str = "") -> str:
    """One comparison as a sentence without its full stop."""
    named = subject_words(data, node.subject, itself)
    words = OPERATOR_WORDS[node.operator, node.negated]
    if node.operator is Operator.ANSWERED:
        return f"{named} {words}"
    labels = {option.key: option.label for option in options_of(data, node.subject, itself)}
    shown = [labels.get(str(one), str(one)) for one in node.operands]
    return f"{named} {words} {_listed(shown)}"


def subject_words(data: FormData, subject: Subject, itself: str = "") -> str:
    """What a comparison looks at, in words."""
    if subject.section:
        section = find_section(data, subject.section)
        return f"the grade of ‘{(section or {}).get('title') or subject.section}’"
    if not subject.question:
        return "the answer"
    question = find_question(data, subject.question)
    return f"‘{(question or {}).get('text') or subject.question}’"


def condition_words(data: FormData, condition: Condition | None, itself: str = "") -> str:
    """A whole condition as a sentence without its full stop; empty when there is none."""
    group = tree_of(condition)
    return _group_words(data, group, itself) if group.items else ""


def _group_words(data: FormData, group: Group, itself: str) -> str:
    said = [
        f"({_group_words(data, one, itself)})"
        if isinstance(one, Group)
        else comparison_words(data, one, itself)
        for one in group.items
    ]
    joined = f" {group.join.between} ".join(said)
    if group.join is Join.NOT_ALL:
        return f"it is not so that {joined}"
    if group.join is Join.NONE:
        return f"none of these: {joined}"
    return joined


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}" if words else ""
