"""What an audit form can be for."""

from enum import StrEnum

OVERALL = "overall"
"""The place of the overall judgement; no section may bear this key."""


class Subject(StrEnum):
    """What one review on the form looks at."""

    CHILD = "child"
    FAMILY = "family"
    SUPERVISION_PAIR = "supervision_pair"
    DECISION = "decision"
    AGENCY_RETURN = "agency_return"


class Scale(StrEnum):
    """The grades that a form uses."""

    OFSTED_FOUR = "ofsted_four"


class Need(StrEnum):
    """Whether the form insists on words."""

    REQUIRED = "required"
    OPTIONAL = "optional"


class FindingKind(StrEnum):
    """What a finding says about practice."""

    STRENGTH = "strength"
    WEAKNESS = "weakness"

    @property
    def label(self) -> str:
        """The kind as people read it."""
        return self.value.capitalize()


class DraftEnd(StrEnum):
    """How a draft of a form ended."""

    PUBLISHED = "published"
    DISCARDED = "discarded"
