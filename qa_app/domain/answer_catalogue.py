"""Every answer type that a form may use, by name."""

from qa_app.domain.answer_conversations import FamilyFeedback, PractitionerConversation
from qa_app.domain.answer_types import (
    AnswerType,
    Choices,
    DateType,
    GradeType,
    LongText,
    NumberType,
    OneChoice,
    ParseFailure,
    ScaleZeroToTen,
    SeveralChoices,
    ShortText,
    Timescale,
    YesNo,
    YesPartlyNo,
)
from qa_app.domain.answers import BLANK, LONGEST_TYPED, Answer, AnswerState, RawValue
from qa_app.domain.errors import Invalid

ANSWER_TYPES: dict[str, AnswerType] = {
    kind.name: kind
    for kind in (
        GradeType(),
        YesNo(),
        YesPartlyNo(),
        Timescale(),
        OneChoice(),
        SeveralChoices(),
        ScaleZeroToTen(),
        NumberType(),
        DateType(),
        ShortText(),
        LongText(),
        PractitionerConversation(),
        FamilyFeedback(),
    )
}


def read_answer(type_name: str, raw: RawValue, choices: Choices = ()) -> Answer:
    """Turn what someone typed into an answer: blank, answered, or kept as typed with the reason.

    Errors: Invalid only when there is more text than anyone types; nothing else is ever refused here.
    """
    if _characters(raw) > LONGEST_TYPED:
        raise Invalid(
            "value", f"This answer is too long to keep. Shorten it to {LONGEST_TYPED:,} characters."
        )
    value = ANSWER_TYPES[type_name].parse(raw, choices)
    if isinstance(value, ParseFailure):
        return Answer(AnswerState.UNREADABLE, as_typed=raw, fault=value.words)
    return BLANK if value is None else Answer(AnswerState.ANSWERED, value=value)


def _characters(raw: RawValue | list[str]) -> int:
    if raw is None:
        return 0
    if isinstance(raw, str):
        return len(raw)
    if isinstance(raw, list):
        return sum(len(text) for text in raw)
    return sum(_characters(text) for text in raw.values())
