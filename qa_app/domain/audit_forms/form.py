"""An audit form as typed data: what a file, a workbook and a published version all load into.

A default in these classes never changes: published versions leave defaults out, so a new default would give
old reviews another meaning.
"""

import re
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
)

from qa_app.domain.answer_catalogue import ANSWER_TYPES
from qa_app.domain.answer_types import AnswerType
from qa_app.domain.audit_forms.kinds import FindingKind, Need, Scale, Subject
from qa_app.domain.caseload import PlanType
from qa_app.domain.choices import ChoiceLike
from qa_app.domain.cohorts import CohortKind
from qa_app.domain.conditions import Condition
from qa_app.domain.grades import Grade

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\ufeff\ufffe\uffff]")


def _plain_words(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("there is a character in it that cannot be shown; write the words afresh")
    return text


def _tidy(text: Any) -> Any:
    """Line endings and spaces at line ends are no part of the meaning: they would only make new versions."""
    if not isinstance(text, str):
        return text
    return "\n".join(
        line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    ).strip()


def _known_type(name: str) -> str:
    if name not in ANSWER_TYPES:
        raise ValueError(f"'{name}' is not an answer type; there are: {', '.join(ANSWER_TYPES)}")
    return name


def _needed(value: Any) -> Any:
    return {True: "required", False: "optional"}[value] if isinstance(value, bool) else value


Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
FormKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
Line = Annotated[
    str, BeforeValidator(_tidy), StringConstraints(min_length=1, max_length=500), AfterValidator(_plain_words)
]
Words = Annotated[
    str, BeforeValidator(_tidy), StringConstraints(max_length=8000), AfterValidator(_plain_words)
]
TypeName = Annotated[str, AfterValidator(_known_type)]
Months = Annotated[StrictInt, Field(ge=1, le=120)]
Needed = Annotated[Need, BeforeValidator(_needed)]


class FormPart(BaseModel):
    """What all parts of a form share: frozen, and no key that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Choice(FormPart):
    """One choice of a question. A disabled choice is kept for old answers and no longer offered."""

    key: Key = Field(alias="choice")
    label: Line
    disabled: StrictBool = False


class Excuse(FormPart):
    """Whether a question may be left at *not applicable* or *cannot judge*, and whether it needs a reason."""

    allowed: StrictBool = True
    reason: Needed = Need.OPTIONAL


class FindingOffer(FormPart):
    """When an answer offers a finding. It never makes one by itself."""

    when: Condition
    kind: FindingKind = Field(alias="as")


class Question(FormPart):
    """One question: its wording, how it is answered, and what hangs on the answer."""

    key: Key = Field(alias="question")
    text: Line
    type: TypeName
    required: StrictBool = False
    guidance: Words = ""
    choices: tuple[Choice, ...] = Field((), max_length=60)
    measure: Key | None = None
    themes: tuple[Key, ...] = Field((), max_length=20)
    finding: FindingOffer | None = None
    show_when: Condition | None = None
    not_applicable: Excuse = Excuse()
    cannot_judge: Excuse = Excuse()
    retired: StrictBool = False

    @property
    def answer_type(self) -> AnswerType:
        """What this question's type knows about itself."""
        return ANSWER_TYPES[self.type]

    @property
    def options(self) -> tuple[ChoiceLike, ...]:
        """The closed list of answers, disabled ones included; none when the question is open."""
        return tuple(self.answer_type.options(self.choices))


class Descriptors(FormPart):
    """What each grade looks like, in words."""

    outstanding: Words = ""
    good: Words = ""
    requires_improvement: Words = ""
    inadequate: Words = ""

    def of(self, grade: Grade) -> str:
        """The words for one grade; empty when the form gives none."""
        words: str = getattr(self, grade.value)
        return words


class Section(FormPart):
    """Questions that belong together, with a grade of their own where the form says so."""

    key: Key = Field(alias="section")
    title: Line
    graded: StrictBool = False
    guidance: Words = ""
    descriptors: Descriptors = Descriptors()
    show_when: Condition | None = None
    retired: StrictBool = False
    questions: tuple[Question, ...] = Field(min_length=1, max_length=100)


class Overall(FormPart):
    """Whether the whole file gets a grade, and whether it needs a rationale."""

    graded: StrictBool = True
    rationale: Needed = Need.REQUIRED


class Limit(FormPart):
    """A ceiling on the overall grade that explains itself. The reviewer may go above it, with a reason."""

    ceiling: Grade
    when: Condition
    because: Line


class AuditForm(FormPart):
    """One audit form: the same whether it came from a file, a workbook or a published version."""

    key: FormKey = Field(alias="form")
    title: Line
    cohort_kinds: tuple[CohortKind, ...] = Field(min_length=1)
    subject: Subject
    plan_types: tuple[PlanType, ...] = ()
    look_back_months: Months = 12
    judge_months: Months = 6
    scale: Scale = Scale.OFSTED_FOUR
    sections: tuple[Section, ...] = Field(min_length=1, max_length=60)
    overall: Overall = Overall()
    limits: tuple[Limit, ...] = Field((), max_length=60)

    @classmethod
    def from_data(cls, data: object) -> Self:
        """A form from plain data. Errors: pydantic's ValidationError; the file reader puts it into words."""
        return cls.model_validate(data)

    def to_data(self) -> dict[str, Any]:
        """The form as plain data in the order of the file format, defaults left out."""
        data: dict[str, Any] = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return data

    @cached_property
    def questions(self) -> dict[str, Question]:
        """Every question of the form by key, retired ones included."""
        return {question.key: question for section in self.sections for question in section.questions}

    @cached_property
    def section_by_key(self) -> dict[str, Section]:
        """Every section by key."""
        return {section.key: section for section in self.sections}

    @cached_property
    def section_of(self) -> dict[str, Section]:
        """The section that each question stands in, by question key."""
        return {question.key: section for section in self.sections for question in section.questions}

    @property
    def is_graded(self) -> bool:
        """Whether reviews on this form carry an overall grade."""
        return self.overall.graded
