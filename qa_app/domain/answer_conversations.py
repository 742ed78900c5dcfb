"""The two compound answer types: the conversation with the practitioner, and what the family said."""

from typing import ClassVar

from qa_app.domain.answer_types import (
    EQUALITY,
    AnswerType,
    Choices,
    Comparable,
    DateType,
    ExportValue,
    LongText,
    ParseFailure,
    Part,
    Summary,
)
from qa_app.domain.answers import JsonValue, RawValue
from qa_app.domain.choices import FixedChoice

HELD = (FixedChoice("yes", "Yes"), FixedChoice("no", "No"))
VOICES = (
    FixedChoice("child", "The child or young person"),
    FixedChoice("parent", "A parent"),
    FixedChoice("carer", "A carer"),
    FixedChoice("other_family", "Another member of the family"),
)
WHY_NO_TALK = (
    FixedChoice("left", "They have left the council or the team"),
    FixedChoice("away", "On leave or off sick"),
    FixedChoice("no_time", "No time could be found before the review was due"),
    FixedChoice("declined", "They did not wish to talk"),
    FixedChoice("not_asked", "They were not asked"),
)
WHY_NO_FEEDBACK = (
    FixedChoice("declined", "They preferred not to say"),
    FixedChoice("no_reply", "They could not be reached, or did not reply"),
    FixedChoice("not_safe", "It was not safe or right to ask now"),
    FixedChoice("too_young", "The child is too young, and nobody else could be asked"),
    FixedChoice("not_asked", "Nobody was asked"),
)
"""Why there was no conversation, or no feedback. Stored by key; rates are counted by them."""
WHY_CODE = "why_code"


class Conversation(AnswerType):
    """An answer in parts: whether people were asked, when, and what they said."""

    operators = EQUALITY
    summary = Summary.SHARES
    xlsform_type = "begin_group"
    leading: ClassVar[str]
    """The yes-or-no part that conditions and summaries look at."""
    needed_when_yes: ClassVar[dict[str, str]]
    needed_when_no: ClassVar[dict[str, str]]

    def parse(self, raw: RawValue, choices: Choices = ()) -> JsonValue | ParseFailure:
        """Read each part; a part left empty is left out, so that a half-written answer can be kept."""
        if raw is None:
            return None
        if not isinstance(raw, dict):
            return ParseFailure("Answer each part of this question.")
        read: dict[str, str | list[str]] = {}
        for part in self.parts:
            value = self._parse_part(part, raw.get(part.key))
            if isinstance(value, ParseFailure):
                return ParseFailure(f"{_introduced(part)} {value.words}")
            if value:
                read[part.key] = value
        return read or None

    def _parse_part(self, part: Part, raw: str | list[str] | None) -> str | list[str] | ParseFailure:
        if part.kind in ("pick", "ticks"):
            typed = {raw} if isinstance(raw, str) else set(raw or ())
            keys = [choice.key for choice in part.choices if choice.key in typed]
            if typed - {""} - set(keys) or (part.kind == "pick" and len(keys) > 1):
                return ParseFailure("Choose from the answers offered.")
            return keys if part.kind == "ticks" else "".join(keys)
        reader = DateType() if part.kind == "date" else LongText()
        value = reader.parse(raw)
        return value if isinstance(value, ParseFailure | str) else ""

    def display(self, value: JsonValue, choices: Choices = ()) -> str:
        """Each given part on a line of its own, with its question."""
        if not isinstance(value, dict):
            return ""
        lines = []
        for part in self.parts:
            words = self._part_words(part, value.get(part.key))
            if words:
                lines.append(f"{_introduced(part)} {words}")
        return "\n".join(lines)

    def export(self, value: JsonValue, choices: Choices = ()) -> dict[str, ExportValue]:
        """A column for each part."""
        given = value if isinstance(value, dict) else {}
        columns: dict[str, ExportValue] = {}
        for part in self.parts:
            found = given.get(part.key)
            columns[part.key] = (
                found if part.kind == "date" and isinstance(found, str) else self._part_words(part, found)
            )
        return columns

    def _part_words(self, part: Part, value: str | list[str] | None) -> str:
        if not value:
            return ""
        if part.choices:
            keys = [value] if isinstance(value, str) else value
            return "; ".join(choice.label for choice in part.choices if choice.key in keys)
        return DateType().display(value) if part.kind == "date" else str(value)

    def options(self, choices: Choices = ()) -> Choices:
        """The answers to the leading part, which conditions compare."""
        return HELD

    def compared(self, value: JsonValue) -> tuple[Comparable, ...]:
        """The leading part: yes or no."""
        given = value.get(self.leading) if isinstance(value, dict) else None
        return (given,) if isinstance(given, str) else ()

    def unfinished(self, value: JsonValue) -> tuple[str, ...]:
        """The parts still to say, given whether the conversation happened."""
        given = value if isinstance(value, dict) else {}
        if not given.get(self.leading):
            return (f"answer '{self._label(self.leading)}'",)
        needed = self.needed_when_yes if given[self.leading] == "yes" else self.needed_when_no
        return tuple(words for part, words in needed.items() if not given.get(part))

    def _label(self, key: str) -> str:
        return next(part.label for part in self.parts if part.key == key)


class PractitionerConversation(Conversation):
    """The reviewer's talk with the practitioner about this work."""

    name = "practitioner_conversation"
    title = "Conversation with the practitioner"
    leading = "held"
    parts = (
        Part("held", "Did you talk with the practitioner?", "pick", HELD),
        Part("held_on", "When did you talk?", "date", shown_when="yes"),
        Part("said", "What did the practitioner say about this work?", "words", shown_when="yes"),
        Part("reflection", "What did you agree, or learn together?", "words", shown_when="yes"),
        Part(WHY_CODE, "If you did not talk, why not?", "pick", WHY_NO_TALK, shown_when="no"),
        Part("why_not", "Anything more about why not", "words", shown_when="no"),
    )
    needed_when_yes: ClassVar[dict[str, str]] = {
        "held_on": "give the date of the conversation",
        "said": "write down what the practitioner said",
    }
    needed_when_no: ClassVar[dict[str, str]] = {WHY_CODE: "choose why there was no conversation"}


class FamilyFeedback(Conversation):
    """What the child and family said about the help they had."""

    name = "family_feedback"
    title = "Feedback from the family"
    leading = "gathered"
    parts = (
        Part("gathered", "Did you hear from the child or family?", "pick", HELD),
        Part("heard_from", "Who did you hear from?", "ticks", VOICES, shown_when="yes"),
        Part("heard_on", "When did you hear from them?", "date", shown_when="yes"),
        Part("said", "What did they say about the help they had?", "words", shown_when="yes"),
        Part(WHY_CODE, "If you did not hear from anyone, why not?", "pick", WHY_NO_FEEDBACK, shown_when="no"),
        Part("why_not", "Anything more about why not", "words", shown_when="no"),
    )
    needed_when_yes: ClassVar[dict[str, str]] = {
        "heard_from": "say who you heard from",
        "said": "write down what they said",
    }
    needed_when_no: ClassVar[dict[str, str]] = {WHY_CODE: "choose why nobody was heard"}


def _introduced(part: Part) -> str:
    """A part's label as it stands before its answer: a question needs no colon."""
    return part.label if part.label.endswith("?") else f"{part.label}:"
