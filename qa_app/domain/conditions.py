"""Conditions of audit forms: data that says when to ask a question, set a limit or offer a finding."""

from collections.abc import Callable, Iterator
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, StrictBool, StrictStr, model_validator

from qa_app.domain.answer_types import AnswerType, Comparable, Operator
from qa_app.domain.grades import Grade


def _one_value(value: object) -> bool | int | float | str:
    if isinstance(value, bool | int | float | str):
        return value
    raise ValueError("a comparison needs a single value: a word, a number, a date, true or false")


Operand = Annotated[bool | int | float | str, PlainValidator(_one_value)]
DEEPEST = 6
"""How deep conditions may nest: deeper ones cannot be read by a person."""


class Condition(BaseModel):
    """One comparison with a question's answer or a section's grade, or several joined by all, any and not.

    In a finding offer the comparison names no question: it looks at the answer of its own question.
    An answer of *not applicable* or *cannot judge*, and a question that was not asked, match no comparison
    and are not `answered`. A question with several choices matches when any of the chosen ones does.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    question: StrictStr | None = None
    section: StrictStr | None = None
    grade: Grade | None = None
    is_: Operand | None = Field(None, alias="is")
    is_one_of: tuple[Operand, ...] | None = Field(None, min_length=1, max_length=100)
    at_least: Operand | None = None
    at_most: Operand | None = None
    answered: StrictBool | None = None
    all_: tuple["Condition", ...] | None = Field(None, alias="all", min_length=1, max_length=50)
    any_: tuple["Condition", ...] | None = Field(None, alias="any", min_length=1, max_length=50)
    not_: "Condition | None" = Field(None, alias="not")

    @model_validator(mode="after")
    def _has_one_meaning(self) -> Self:
        joined = [name for name, value in self._joins() if value is not None]
        compared = [name for name, _ in self._comparisons()]
        subjects = [name for name in ("question", "section") if getattr(self, name) is not None]
        if len(joined) > 1 or (joined and (compared or subjects)):
            raise ValueError(
                "a condition is either one of all, any, not - or one comparison; put each in its own"
            )
        if joined:
            return self
        if len(subjects) > 1:
            raise ValueError("a condition looks at a question or at a section, not at both")
        if len(compared) != 1:
            raise ValueError(
                "a condition needs exactly one comparison: is, is_one_of, at_least, at_most, answered, "
                "or grade for a section"
            )
        if compared == ["grade"] and subjects != ["section"]:
            raise ValueError("grade compares a section; for a question write is")
        return self

    def _joins(self) -> tuple[tuple[str, object], ...]:
        return (("all", self.all_), ("any", self.any_), ("not", self.not_))

    def _comparisons(self) -> list[tuple[str, object]]:
        named = (
            ("grade", self.grade),
            ("is", self.is_),
            ("is_one_of", self.is_one_of),
            ("at_least", self.at_least),
            ("at_most", self.at_most),
            ("answered", self.answered),
        )
        return [(name, value) for name, value in named if value is not None]

    @property
    def operator(self) -> Operator | None:
        """How this condition compares (`grade` compares with is), or nothing when it joins others."""
        found = [name for name, _ in self._comparisons()]
        return (Operator.IS if found[0] == "grade" else Operator(found[0])) if found else None

    @property
    def operands(self) -> tuple[Comparable | bool, ...]:
        """The values that an answer is compared with."""
        if self.operator is Operator.ANSWERED or self.operator is None:
            return ()
        if self.is_one_of is not None:
            return self.is_one_of
        for value in (self.grade, self.is_, self.at_least, self.at_most):
            if value is not None:
                return (value.value if isinstance(value, Grade) else value,)
        return ()

    def inner(self) -> tuple[tuple[tuple[str | int, ...], "Condition"], ...]:
        """The conditions that this one joins, each with its place in the file."""
        if self.not_ is not None:
            return ((("not",), self.not_),)
        for name, several in (("all", self.all_), ("any", self.any_)):
            if several is not None:
                return tuple(((name, n), one) for n, one in enumerate(several))
        return ()

    def walk(self, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], "Condition"]]:
        """This condition and all inside it, each with its place in the file."""
        yield path, self
        for place, one in self.inner():
            yield from one.walk(path + place)

    def depth(self) -> int:
        """How deep this condition nests; 1 for a single comparison."""
        return 1 + max((one.depth() for _, one in self.inner()), default=0)


Values = tuple[Comparable, ...]
Look = Callable[[Condition], tuple[AnswerType, Values]]
"""Finds what a comparison looks at: its answer type, and its values (none when not asked or not answered)."""


def holds(condition: Condition, look: Look) -> bool:
    """Whether a condition is true of the answers that `look` finds."""
    if condition.not_ is not None:
        return not holds(condition.not_, look)
    if condition.all_ is not None:
        return all(holds(one, look) for one in condition.all_)
    if condition.any_ is not None:
        return any(holds(one, look) for one in condition.any_)
    kind, values = look(condition)
    if condition.operator is Operator.ANSWERED:
        return bool(values) is condition.answered
    return any(_matches(condition, kind, value) for value in values)


def _matches(condition: Condition, kind: AnswerType, value: Comparable) -> bool:
    operands = [operand for operand in condition.operands if not isinstance(operand, bool)]
    if condition.operator in (Operator.IS, Operator.IS_ONE_OF):
        return value in operands
    try:
        ordered, limit = kind.order(value), kind.order(operands[0])
    except (ValueError, IndexError):
        return False
    if isinstance(ordered, str) is not isinstance(limit, str):
        return False
    if condition.operator is Operator.AT_LEAST:
        return ordered >= limit  # type: ignore[operator]
    return ordered <= limit  # type: ignore[operator]
