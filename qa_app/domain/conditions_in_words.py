"""Conditions as sentences that a QA lead reads: never as code."""

from collections.abc import Callable

from qa_app.domain.answer_types import Operator
from qa_app.domain.conditions import Condition

Name = Callable[[Condition], str]
NameValue = Callable[[Condition, object], str]


def condition_words(
    condition: Condition | None,
    itself: str = "",
    name: Name | None = None,
    value: NameValue | None = None,
) -> str:
    """A condition in words; *always* when there is none.

    `itself` names the answer that a finding offer looks at. `name` and `value` may give the words of a question or
    section and of an answer; otherwise their keys stand in the sentence.
    """
    if condition is None:
        return "always"
    named = name or (lambda one: _key_of(one, itself))
    return _words(condition, named, value or (lambda _, operand: str(operand).replace("_", " ")), False)


def _words(condition: Condition, name: Name, value: NameValue, is_inner: bool) -> str:
    if condition.not_ is not None:
        return f"not ({_words(condition.not_, name, value, False)})"
    for several, joint in ((condition.all_, " and "), (condition.any_, " or ")):
        if several is not None:
            text = joint.join(_words(one, name, value, True) for one in several)
            return f"({text})" if is_inner and len(several) > 1 else text
    return _comparison(condition, name(condition), [value(condition, one) for one in condition.operands])


def _comparison(condition: Condition, subject: str, values: list[str]) -> str:
    if condition.operator is Operator.ANSWERED:
        return f"{subject} is {'answered' if condition.answered else 'not answered'}"
    if condition.operator is Operator.IS_ONE_OF:
        return f"{subject} is {' or '.join(values)}"
    joint = {Operator.IS: "is", Operator.AT_LEAST: "is at least", Operator.AT_MOST: "is at most"}
    return f"{subject} {joint.get(condition.operator or Operator.IS, 'is')} {values[0]}"


def _key_of(condition: Condition, itself: str) -> str:
    if condition.section is not None:
        return f"the grade of '{condition.section}'"
    return f"'{condition.question}'" if condition.question is not None else itself
