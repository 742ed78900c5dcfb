"""Conditions as XLSForm expressions (`relevant`), and back: each condition has one expression of its own.

Answers are reached as ${key}, a section's grade as ${grade-key}, the answer itself as a full stop. Members of *all*
and *any* stand in brackets; comparisons do not. Spellings that mean the same, written by hand, are read as well.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qa_app.domain.answer_types import Operator
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.conditions import Condition
from qa_app.domain.grades import Grade

GRADE = "grade-"
LONGEST = 32_000
"""Units: characters. What a cell of a workbook holds at most."""
DEEPEST = 40
Data = dict[str, Any]


class NotRead(Exception):
    """An expression that says something a condition cannot say: the words tell what."""


# ------------------------------------------------------------------------------------------------ writing


def write_expression(condition: Condition, form: AuditForm, itself: str = "") -> str:
    """A condition as an expression. `itself`: the type of the answer that a finding offer looks at."""
    if condition.not_ is not None:
        return f"not({write_expression(condition.not_, form, itself)})"
    for several, joint, alone in (
        (condition.all_, " and ", "true()"),
        (condition.any_, " or ", "false()"),
    ):
        if several is not None:
            members = [f"({write_expression(one, form, itself)})" for one in several]
            return joint.join(members if len(members) > 1 else [*members, alone])
    return _comparison(condition, form, itself)


def _comparison(condition: Condition, form: AuditForm, itself: str) -> str:
    kind, subject = _subject(condition, form, itself)
    operator, values = condition.operator, condition.operands
    if operator is Operator.ANSWERED:
        return f"{subject} {'!=' if condition.answered else '='} ''"
    if operator is Operator.IS_ONE_OF:
        if kind == "choices":
            picked = [f"selected({subject}, {_literal(value, kind)})" for value in values]
            return f"({' or '.join(picked if len(picked) > 1 else [*picked, 'false()'])})"
        return f"selected('{' '.join(_bare(value) for value in values)}', {subject})"
    value = values[0]
    if operator is Operator.IS:
        if kind == "choices":
            return f"selected({subject}, {_literal(value, kind)})"
        if condition.section is not None and condition.grade is None:
            return f'{subject} = "{_bare(value)}"'
        return f"{subject} = {_literal(value, kind)}"
    if kind == "grade":
        grade = Grade(str(value))
        if operator is Operator.AT_LEAST:
            worse = " ".join(one.value for one in Grade if one.rank < grade.rank)
            return f"({subject} != '' and not(selected('{worse}', {subject})))"
        better = " ".join(one.value for one in Grade if one.rank > grade.rank)
        return f"(not(selected('{better}', {subject})) and {subject} != '')"
    sign = ">=" if operator is Operator.AT_LEAST else "<="
    return f"{subject} {sign} {_literal(value, kind)}"


def _subject(condition: Condition, form: AuditForm, itself: str) -> tuple[str, str]:
    if condition.section is not None:
        return "grade", f"${{{GRADE}{condition.section}}}"
    if condition.question is None:
        return itself, "."
    question = form.questions[condition.question]
    leading = getattr(question.answer_type, "leading", "")
    return question.type, f"${{{condition.question}{'-' + leading if leading else ''}}}"


def _bare(value: object) -> str:
    return str(value.value) if isinstance(value, Grade) else str(value)


def _literal(value: object, kind: str) -> str:
    if kind in ("number", "scale_0_10") and isinstance(value, int | float):
        return repr(value)
    return f"date('{value}')" if kind == "date" else f"'{_bare(value)}'"


# ------------------------------------------------------------------------------------------------ reading

_TOKEN = re.compile(
    r"\s*(?:(?P<ref>\$\{\s*[^}]{1,120}\s*\})|(?P<text>'[^']*'|\"[^\"]*\")|(?P<number>-?\d{1,15}(?:\.\d{1,15})?(?:e[+-]?\d{1,3})?)"
    r"|(?P<sign>!=|>=|<=|=|>|<)|(?P<name>[A-Za-z][A-Za-z0-9-]*)|(?P<mark>[(),.]))"
)


@dataclass(frozen=True)
class _Node:
    """A piece of an expression: `what` is or, and, not, one-of, compare, constant; brackets are remembered."""

    what: str
    parts: tuple[Any, ...] = ()
    bracketed: bool = False


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.at = 0
        self.depth = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self, expected: str = "") -> tuple[str, str]:
        kind, word = self.peek()
        if kind == "end" or (expected and word != expected):
            raise NotRead(f"'{expected or 'something more'}' is missing {_after(self.tokens, self.at)}")
        self.at += 1
        return kind, word

    def whole(self) -> _Node:
        node = self.joined("or")
        if self.peek()[0] != "end":
            raise NotRead(f"'{self.peek()[1]}' cannot stand {_after(self.tokens, self.at)}")
        return node

    def joined(self, word: str) -> _Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise NotRead("the expression is nested too deep; split it")
        inner: Callable[[], _Node] = (lambda: self.joined("and")) if word == "or" else self.single
        members = [inner()]
        while self.peek() == ("name", word):
            self.take()
            members.append(inner())
        self.depth -= 1
        return members[0] if len(members) == 1 else _Node(word, tuple(members))

    def single(self) -> _Node:
        kind, word = self.peek()
        if (kind, word) == ("mark", "("):
            self.take()
            inside = self.joined("or")
            self.take(")")
            return _Node(inside.what, inside.parts, bracketed=True)
        if kind == "name" and word in ("true", "false", "not", "selected"):
            return self.function(word)
        subject = self.value()
        kind, sign = self.take()
        if kind != "sign":
            raise NotRead(f"'{sign}' cannot stand here; a comparison is =, !=, >= or <=")
        return _Node("compare", (subject, sign, self.value()))

    def function(self, word: str) -> _Node:
        self.take()
        self.take("(")
        if word in ("true", "false"):
            self.take(")")
            return _Node("constant", (word == "true",))
        if word == "not":
            inside = self.joined("or")
            self.take(")")
            return _Node("not", (inside,))
        first = self.value()
        self.take(",")
        second = self.value()
        self.take(")")
        return _Node("selected", (first, second))

    def value(self) -> tuple[str, str]:
        kind, word = self.take()
        if kind == "ref":
            return "ref", word[2:-1].strip()
        if kind == "text":
            return ("text" if word[0] == "'" else "quoted"), word[1:-1]
        if kind == "number":
            return "number", word
        if (kind, word) == ("mark", "."):
            return "ref", "."
        if kind == "name" and word in ("date", "string", "number") and self.peek()[1] == "(":
            self.take("(")
            inside = self.value()
            self.take(")")
            return ("date", inside[1]) if word == "date" else inside
        raise NotRead(
            f"'{word}' is not known here; allowed are ${{question}}, values in quotes, numbers, date(), selected(), "
            "and, or, not()"
        )


def _tokens(text: str) -> Any:
    at = 0
    stripped = text.rstrip()
    while at < len(stripped):
        found = _TOKEN.match(stripped, at)
        if found is None:
            raise NotRead(f"'{stripped[at : at + 20].strip()}' cannot be read")
        at = found.end()
        kind = str(found.lastgroup)
        yield kind, found.group(kind)


def _after(tokens: list[tuple[str, str]], at: int) -> str:
    return f"after '{tokens[at - 1][1]}'" if at else "at the beginning"


@dataclass(frozen=True)
class Names:
    """What a workbook's names stand for: its questions with their types, and its sections' grades."""

    types: dict[str, str]
    leading: dict[str, str]
    """The names of leading parts of compound questions, with their question."""
    grades: dict[str, str]
    """The names of grades, with their section."""
    itself: str = ""


def read_expression(text: str, names: Names) -> Data | None:
    """An expression as a condition's data; nothing for `true()`. Errors: NotRead with what is wrong in words."""
    if len(text) > LONGEST:
        raise NotRead("the expression is too long; split it")
    node = _Reader(text).whole()
    if node.what == "constant":
        if node.parts[0] is True:
            return None
        raise NotRead("false() means never; retire the question instead")
    return _data(node, names)


def strip_never(text: str) -> tuple[bool, str]:
    """Whether an expression begins with `false()`, by which a retired question is never asked, and the rest."""
    found = re.match(r"^\s*false\(\)\s*(?:and\s*\((?P<rest>.*)\)\s*)?$", text, re.DOTALL)
    return (True, (found.group("rest") or "").strip()) if found else (False, text)


def _data(node: _Node, names: Names) -> Data:
    if node.what == "not":
        return {"not": _data(node.parts[0], names)}
    if node.what in ("and", "or"):
        return _joined_data(node, names)
    if node.what == "selected":
        return _selected_data(node.parts[0], node.parts[1], names)
    if node.what == "compare":
        subject, sign, value = node.parts
        return _compared_data(subject, sign, value, names)
    raise NotRead("true() and false() stand only beside another condition")


def _joined_data(node: _Node, names: Names) -> Data:
    members = list(node.parts)
    neutral = node.what == "and"
    last = members[-1]
    if last.what == "constant" and last.parts[0] is neutral:
        members.pop()
    if node.what == "or":
        several = _one_of_several(members, names)
        if several:
            return several
    else:
        grade = _grade_order(members, names)
        if grade:
            return grade
    return {"all" if neutral else "any": [_data(one, names) for one in members]}


def _one_of_several(members: list[_Node], names: Names) -> Data | None:
    """`selected(${q}, 'a') or selected(${q}, 'b')`, without brackets: one question, several of its choices."""
    if any(one.what != "selected" or one.bracketed for one in members):
        return None
    read = [_selected_data(one.parts[0], one.parts[1], names) for one in members]
    subjects = [{key: value for key, value in one.items() if key != "is"} for one in read]
    if any("is" not in one for one in read) or any(one != subjects[0] for one in subjects):
        return None
    return {**subjects[0], "is_one_of": [one["is"] for one in read]}


def _grade_order(members: list[_Node], names: Names) -> Data | None:
    """The expression of at_least and at_most for grades: given, and none of the worse (or better) ones."""
    if len(members) != 2 or any(one.bracketed for one in members):
        return None
    given, without = members if members[0].what == "compare" else members[::-1]
    if given.what != "compare" or without.what != "not" or without.parts[0].what != "selected":
        return None
    subject, sign, empty = given.parts
    listed, looked = without.parts[0].parts
    if sign != "!=" or empty != ("text", "") or listed[0] != "text" or looked != subject:
        return None
    left_out = {Grade(word) for word in listed[1].split() if word in set(Grade)}
    is_at_least = members[0].what == "compare"
    kept = [one for one in Grade if one not in left_out]
    edge = min(kept, key=lambda one: one.rank) if is_at_least else max(kept, key=lambda one: one.rank)
    expected = {one for one in Grade if (one.rank < edge.rank if is_at_least else one.rank > edge.rank)}
    kind, data = _named(subject, names)
    if kind != "grade" or left_out != expected:
        return None
    return {**data, "at_least" if is_at_least else "at_most": edge.value}


def _selected_data(first: tuple[str, str], second: tuple[str, str], names: Names) -> Data:
    if first[0] == "text" and second[0] == "ref":
        kind, data = _named(second, names)
        return {**data, "is_one_of": [_operand(("text", word), kind) for word in first[1].split()]}
    if first[0] == "ref" and second[0] in ("text", "quoted"):
        kind, data = _named(first, names)
        return {**data, "is": _operand(second, kind)}
    raise NotRead("selected() takes a question and one of its choices in quotes")


def _compared_data(subject: tuple[str, str], sign: str, value: tuple[str, str], names: Names) -> Data:
    turned = {">=": "<=", "<=": ">=", ">": "<", "<": ">"}
    if subject[0] != "ref" and value[0] == "ref":
        subject, sign, value = value, turned.get(sign, sign), subject
    if subject[0] != "ref" or value[0] == "ref":
        raise NotRead("a comparison has a question on one side and a value on the other")
    kind, data = _named(subject, names)
    if value[1] == "" and sign in ("=", "!="):
        return {**data, "answered": sign == "!="}
    operand = _operand(value, kind)
    if sign == "!=":
        return {"not": {**data, "is": operand}}
    if sign == "=":
        is_grade = "section" in data and value[0] == "text"
        return {**data, "grade" if is_grade else "is": operand}
    if sign in (">=", "<="):
        return {**data, "at_least" if sign == ">=" else "at_most": operand}
    inside = {**data, "at_most" if sign == ">" else "at_least": operand}
    return {"all": [{**data, "answered": True}, {"not": inside}]}


def _named(value: tuple[str, str], names: Names) -> tuple[str, Data]:
    name = value[1]
    if name == ".":
        if not names.itself:
            raise NotRead("the full stop stands for an answer itself; name the question here: ${question}")
        return names.itself, {}
    if name in names.grades:
        return "grade", {"section": names.grades[name]}
    if name in names.leading:
        return "yes_no", {"question": names.leading[name]}
    return names.types.get(name, ""), {"question": name}


def _operand(value: tuple[str, str], kind: str) -> str | int | float:
    what, word = value
    if what == "number" or (kind in ("number", "scale_0_10") and _is_number(word)):
        if kind and kind not in ("number", "scale_0_10"):
            return word
        return int(word) if re.fullmatch(r"-?\d+", word) else float(word)
    return word


def _is_number(word: str) -> bool:
    return re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?(e[+-]?\d{1,3})?", word) is not None
