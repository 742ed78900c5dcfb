"""The answer types of audit forms: one class each, owning everything that depends on the type.

A class owns how a typed value is read, what is stored, how it is shown and exported, which comparisons make
sense, which summary it allows, and how it travels as an XLSForm. The form field belongs to the web floor and
is registered there under the type's name.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import ClassVar

from qa_app.domain.answers import JsonValue, RawValue
from qa_app.domain.choices import ChoiceLike, FixedChoice
from qa_app.domain.dates import as_written, read_date
from qa_app.domain.grades import Grade

Comparable = str | int | float
ExportValue = str | int | float | None
Choices = Sequence[ChoiceLike]


class Operator(StrEnum):
    """The comparisons that a condition may make."""

    IS = "is"
    IS_ONE_OF = "is_one_of"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    ANSWERED = "answered"


class Summary(StrEnum):
    """The kind of summary that answers of a type allow."""

    GRADES = "grades"
    SHARES = "shares"
    SHARES_OF_SEVERAL = "shares_of_several"
    SPREAD = "spread"
    DATES = "dates"
    WORDS = "words"


EQUALITY = frozenset({Operator.IS, Operator.IS_ONE_OF, Operator.ANSWERED})
ORDER = frozenset(Operator)
PRESENCE = frozenset({Operator.ANSWERED})


@dataclass(frozen=True)
class ParseFailure:
    """Why a typed value cannot be read, in words for the person who typed it."""

    words: str


@dataclass(frozen=True)
class Part:
    """One part of a compound answer: its key, its question, and what kind of box it needs."""

    key: str
    label: str
    kind: str
    choices: tuple[FixedChoice, ...] = ()
    shown_when: str = ""
    """The leading answer for which this part matters: yes, no, or always when empty."""


class AnswerType(ABC):
    """What a type of answer knows about itself."""

    name: ClassVar[str]
    title: ClassVar[str]
    operators: ClassVar[frozenset[Operator]]
    summary: ClassVar[Summary]
    xlsform_type: ClassVar[str]
    needs_choices: ClassVar[bool] = False
    parts: ClassVar[tuple[Part, ...]] = ()

    @abstractmethod
    def parse(self, raw: RawValue, choices: Choices = ()) -> JsonValue | ParseFailure:
        """Read a typed value. Nothing typed gives None; what cannot be read gives the reason in words."""

    @abstractmethod
    def display(self, value: JsonValue, choices: Choices = ()) -> str:
        """The stored value in words."""

    def export(self, value: JsonValue, choices: Choices = ()) -> dict[str, ExportValue]:
        """The stored value as columns, by suffix; an empty suffix is the question's own column."""
        return {"": self.display(value, choices)}

    def options(self, choices: Choices = ()) -> Choices:
        """The closed list of values, or none when the type is open."""
        return ()

    def compared(self, value: JsonValue) -> tuple[Comparable, ...]:
        """The stored value as conditions see it: one value, several, or none."""
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return (value,)
        return ()

    def operand_fault(self, operand: Comparable | bool, choices: Choices = ()) -> str | None:
        """Why a value in a condition can never match an answer of this type, or nothing."""
        keys = [choice.key for choice in self.options(choices)]
        if keys and operand not in keys:
            return f"{shown(operand)} is not among its answers: {', '.join(keys)}"
        return None

    def order(self, value: Comparable) -> int | float | str:
        """What at_least and at_most compare."""
        return value

    def unfinished(self, value: JsonValue) -> tuple[str, ...]:
        """What a given answer still lacks before a review can be submitted, in words."""
        return ()


def shown(value: object) -> str:
    """A value of a form file as its author wrote it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}'" if isinstance(value, str) else str(value)


def one_line(raw: RawValue) -> str | ParseFailure:
    """A single typed value with its edges trimmed."""
    if raw is None:
        return ""
    if isinstance(raw, list):
        if len(raw) > 1:
            return ParseFailure("Give one answer only.")
        raw = raw[0] if raw else ""
    if not isinstance(raw, str):
        return ParseFailure("Give one answer only.")
    return raw.strip()


def label_of(key: object, choices: Choices) -> str:
    """The words for a stored key; the key itself when the form no longer knows it."""
    return next((choice.label for choice in choices if choice.key == key), str(key))


class ClosedType(AnswerType):
    """An answer picked from a list: stored as the choice's key."""

    operators = EQUALITY
    summary = Summary.SHARES
    xlsform_type = "select_one"
    fixed: ClassVar[tuple[FixedChoice, ...]] = ()

    def options(self, choices: Choices = ()) -> Choices:
        """The choices of the type itself, or of the question."""
        return self.fixed or choices

    def parse(self, raw: RawValue, choices: Choices = ()) -> JsonValue | ParseFailure:
        """Read the picked choice."""
        text = one_line(raw)
        if isinstance(text, ParseFailure) or not text:
            return text or None
        for option in self.options(choices):
            if option.key == text and not option.disabled:
                return option.key
        offered = ", ".join(option.label for option in self.options(choices) if not option.disabled)
        return ParseFailure(f"Choose one of: {offered}.")

    def display(self, value: JsonValue, choices: Choices = ()) -> str:
        """The chosen words."""
        return "" if value is None else label_of(value, self.options(choices))


class GradeType(ClosedType):
    """One of the four grades."""

    name = "grade"
    title = "Grade"
    operators = ORDER
    summary = Summary.GRADES
    fixed = tuple(FixedChoice(grade.value, grade.label) for grade in Grade)

    def order(self, value: Comparable) -> int | float | str:
        """Grades stand in their own order, outstanding highest."""
        return Grade(str(value)).rank


class YesNo(ClosedType):
    """Yes or no."""

    name = "yes_no"
    title = "Yes or no"
    fixed = (FixedChoice("yes", "Yes"), FixedChoice("no", "No"))


class YesPartlyNo(ClosedType):
    """Yes, partly or no."""

    name = "yes_partly_no"
    title = "Yes, partly or no"
    fixed = (FixedChoice("yes", "Yes"), FixedChoice("partly", "Partly"), FixedChoice("no", "No"))


class Timescale(ClosedType):
    """Whether something was done in its time."""

    name = "timescale"
    title = "Met in timescale"
    fixed = (
        FixedChoice("met", "Met in timescale"),
        FixedChoice("met_late", "Met late"),
        FixedChoice("not_met", "Not met"),
    )


class OneChoice(ClosedType):
    """One of the question's own choices."""

    name = "choice"
    title = "One choice"
    needs_choices = True


class SeveralChoices(AnswerType):
    """Any of the question's own choices: stored as a list of keys, in the form's order."""

    name = "choices"
    title = "Several choices"
    operators = EQUALITY
    summary = Summary.SHARES_OF_SEVERAL
    xlsform_type = "select_multiple"
    needs_choices = True

    def options(self, choices: Choices = ()) -> Choices:
        """The question's choices."""
        return choices

    def parse(self, raw: RawValue, choices: Choices = ()) -> JsonValue | ParseFailure:
        """Read the ticked choices."""
        if isinstance(raw, dict):
            return ParseFailure("Tick the answers that apply.")
        ticked = {text.strip() for text in ([raw] if isinstance(raw, str) else raw or [])} - {""}
        offered = [option for option in choices if not option.disabled]
        if ticked - {option.key for option in offered}:
            return ParseFailure(f"Choose from: {', '.join(option.label for option in offered)}.")
        return [option.key for option in offered if option.key in ticked] or None

    def display(self, value: JsonValue, choices: Choices = ()) -> str:
        """The chosen words, separated by semicolons."""
        keys = value if isinstance(value, list) else []
        return "; ".join(label_of(key, choices) for key in keys)

    def compared(self, value: JsonValue) -> tuple[Comparable, ...]:
        """Each chosen key: a condition holds when any of them matches."""
        return tuple(value) if isinstance(value, list) else ()


class NumberType(AnswerType):
    """A number, whole or with decimals."""

    name = "number"
    title = "Number"
    operators = ORDER
    summary = Summary.SPREAD
    xlsform_type = "decimal"

    def parse(self, raw: RawValue, choices: Choices = ()) -> JsonValue | ParseFailure:
        """Read a number written with or without thousands commas."""
        text = one_line(raw)
        if isinstance(text, ParseFailure) or not text:
            return text or None
        try:
            number = Decimal(text.replace(",", "").replace(" ", ""))
        except InvalidOperation:
            return ParseFailure("Enter a number, for example 3 or 2.5.")
        if not number.is_finite() or abs(number) > 10**12:
            return ParseFailure("Enter a number, for example 3 or 2.5.")
        return int(number) if number == number.to_integral_value() else float(number)

    def display(self, value: JsonValue, choices: Choices = ()) -> str:
        """The number."""
        return "" if value is None else str(value)

    def export(self, value: JsonValue, choices: Choices = ()) -> dict[str, ExportValue]:
        """The number as a number."""
        return {"": value if isinstance(value, int | float) else None}

    def operand_fault(self, operand: Comparable | bool, choices: Choices = ()) -> str | None:
        """A number is compared with a number only."""
        if isinstance(operand, bool) or not isinstance(operand, int | float):
            return f"{shown(operand)} is not a number"
        return None


class ScaleZeroToTen(NumberType):
    """A whole number from 0 to 10."""

    name = "scale_0_10"
    title = "Scale from 0 to 10"
    xlsform_type = "select_one"
    fixed: ClassVar[tuple[FixedChoice, ...]] = tuple(FixedChoice(str(n), str(n)) for n in range(11))

    def options(self, choices: Choices = ()) -> Choices:
        """The eleven points."""
        return self.fixed

    def parse(self, raw: RawValue, choices: Choices = ()) -> JsonValue | ParseFailure:
        """Read a whole number from 0 to 10."""
        value = super().parse(raw)
        if value is None or (isinstance(value, int) and 0 <= value <= 10):
            return value
        return ParseFailure("Choose a whole number from 0 to 10.")

    def operand_fault(self, operand: Comparable | bool, choices: Choices = ()) -> str | None:
        """The scale is compared with its own points only."""
        if isinstance(operand, bool) or not isinstance(operand, int) or not 0 <= operand <= 10:
            return f"{shown(operand)} is not a whole number from 0 to 10"
        return None


class DateType(AnswerType):
    """A calendar date: stored as year-month-day."""

    name = "date"
    title = "Date"
    operators = ORDER
    summary = Summary.DATES
    xlsform_type = "date"

    def parse(self, raw: RawValue, choices: Choices = ()) -> JsonValue | ParseFailure:
        """Read a date from one box or from day, month and year."""
        if isinstance(raw, dict):
            typed = [str(raw.get(part) or "").strip() for part in ("day", "month", "year")]
            raw = "/".join(typed) if any(typed) else ""
        text = one_line(raw)
        if isinstance(text, ParseFailure) or not text:
            return text or None
        found = read_date(text)
        return found.isoformat() if found else ParseFailure("Enter a real date, for example 27 3 2026.")

    def display(self, value: JsonValue, choices: Choices = ()) -> str:
        """The date with its month in words."""
        return as_written(date.fromisoformat(value)) if isinstance(value, str) else ""

    def export(self, value: JsonValue, choices: Choices = ()) -> dict[str, ExportValue]:
        """The date as year-month-day."""
        return {"": value if isinstance(value, str) else None}

    def operand_fault(self, operand: Comparable | bool, choices: Choices = ()) -> str | None:
        """A date is compared with a date only."""
        try:
            date.fromisoformat(str(operand))
        except ValueError:
            return f"{shown(operand)} is not a date written as year-month-day"
        return None


class ShortText(AnswerType):
    """A line of words."""

    name = "short_text"
    title = "Short text"
    operators = PRESENCE
    summary = Summary.WORDS
    xlsform_type = "text"
    longest: ClassVar[int] = 300

    def parse(self, raw: RawValue, choices: Choices = ()) -> JsonValue | ParseFailure:
        """Keep the words, trimmed."""
        text = one_line(raw)
        if isinstance(text, ParseFailure) or not text:
            return text or None
        if len(text) > self.longest:
            return ParseFailure(f"This is {len(text):,} characters long; shorten it to {self.longest:,}.")
        return text.replace("\r\n", "\n")

    def display(self, value: JsonValue, choices: Choices = ()) -> str:
        """The words."""
        return value if isinstance(value, str) else ""


class LongText(ShortText):
    """Paragraphs of words."""

    name = "long_text"
    title = "Long text"
    longest = 20_000
