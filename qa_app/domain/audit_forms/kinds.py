"""What an audit form can be for."""

from enum import StrEnum

OVERALL = "overall"
"""The place of the overall judgement; no section may bear this key."""


class CohortKind(StrEnum):
    """The kinds of review work that a form can serve."""

    MONTHLY_AUDIT = "monthly_audit"
    THEMATIC = "thematic"
    DEEP_DIVE = "deep_dive"
    TRIPLE_LOCK = "triple_lock"
    MULTI_AGENCY = "multi_agency"
    DIP_SAMPLE = "dip_sample"
    GATE_AUDIT = "gate_audit"
    MANAGERS_REVIEW = "managers_review"
    OBSERVATION = "observation"
    RE_AUDIT = "re_audit"

    @property
    def label(self) -> str:
        """The kind as people say it."""
        special = {
            CohortKind.MULTI_AGENCY: "Multi-agency audit",
            CohortKind.MANAGERS_REVIEW: "Managers' own review",
            CohortKind.RE_AUDIT: "Re-audit",
            CohortKind.THEMATIC: "Thematic audit",
            CohortKind.OBSERVATION: "Practice observation",
        }
        return special.get(self, self.value.replace("_", " ").capitalize())


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
