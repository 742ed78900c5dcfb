"""What a reviewer has given so far: answers to questions, grades with a rationale, the overall judgement."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from qa_app.domain.grades import Grade

JsonValue = str | int | float | bool | list[str] | dict[str, str | list[str]] | None
"""A stored answer: a word or key, a number, keys of choices, or the parts of a compound answer."""

RawValue = str | list[str] | dict[str, str | list[str]] | None
"""An answer as typed: a text box, boxes ticked, or the parts of a compound answer."""

LONGEST_TYPED = 50_000
"""Units: characters. Nobody types more into one answer; a longer one is refused before it is kept."""


class AnswerState(StrEnum):
    """What an answer stands for. Only `answered` counts in a denominator."""

    BLANK = "blank"
    ANSWERED = "answered"
    NOT_APPLICABLE = "not_applicable"
    CANNOT_JUDGE = "cannot_judge"
    UNREADABLE = "unreadable"

    @property
    def label(self) -> str:
        """The state as people read it."""
        return {
            AnswerState.BLANK: "Not answered",
            AnswerState.ANSWERED: "Answered",
            AnswerState.NOT_APPLICABLE: "Not applicable",
            AnswerState.CANNOT_JUDGE: "Cannot judge",
            AnswerState.UNREADABLE: "Cannot be read as typed",
        }[self]


@dataclass(frozen=True)
class Answer:
    """One answer as it stands: its state, its value, the reason for *not applicable*, or the words typed."""

    state: AnswerState = AnswerState.BLANK
    value: JsonValue = None
    reason: str = ""
    as_typed: RawValue = None
    fault: str = ""

    @property
    def counts(self) -> bool:
        """Whether this answer belongs in a denominator."""
        return self.state is AnswerState.ANSWERED


BLANK = Answer()


@dataclass(frozen=True)
class Judgement:
    """A grade with its rationale, or *cannot judge* with the rationale saying why."""

    state: AnswerState = AnswerState.BLANK
    grade: Grade | None = None
    rationale: str = ""


UNGRADED = Judgement()


@dataclass(frozen=True)
class ReviewContent:
    """Everything a reviewer has given in one review, by question key and section key."""

    answers: Mapping[str, Answer] = field(default_factory=dict)
    judgements: Mapping[str, Judgement] = field(default_factory=dict)
    overall: Judgement = UNGRADED
    departure_reason: str = ""

    def answer(self, question: str) -> Answer:
        """The answer to a question; blank when there is none."""
        return self.answers.get(question, BLANK)

    def judgement(self, section: str) -> Judgement:
        """The judgement of a section; ungraded when there is none."""
        return self.judgements.get(section, UNGRADED)
