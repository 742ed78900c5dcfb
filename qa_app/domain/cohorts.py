"""The words of cohorts and reviews: kinds and states, stored by value."""

from enum import StrEnum


class CohortKind(StrEnum):
    """Why a round of reviews is made."""

    MONTHLY_AUDIT = "monthly_audit"
    THEMATIC = "thematic"
    DEEP_DIVE = "deep_dive"
    TRIPLE_LOCK = "triple_lock"
    MULTI_AGENCY = "multi_agency"
    DIP_SAMPLE = "dip_sample"
    GATE_AUDIT = "gate_audit"
    MANAGER_REVIEW = "manager_review"
    OBSERVATION = "observation"
    RE_AUDIT = "re_audit"

    @property
    def label(self) -> str:
        """The kind as people say it."""
        return self.value.replace("_", " ").replace("re audit", "re-audit").capitalize()


REFERRAL_KINDS = (CohortKind.GATE_AUDIT,)
"""Kinds whose cases come one by one, by referral, before an event."""
MEETING_KINDS = (CohortKind.DIP_SAMPLE,)
"""Kinds that may take one report from each meeting of a panel instead of being drawn from the caseload."""


class ProgrammeKind(StrEnum):
    """What may stand in the year's programme beside the cohorts that are drawn."""

    PLANNED_COHORT = "planned_cohort"
    PRACTICE_WEEK = "practice_week"
    REVISIT = "revisit"
    NO_AUDITS = "no_audits"

    @property
    def label(self) -> str:
        """The kind as people say it."""
        return {
            ProgrammeKind.PLANNED_COHORT: "Planned cohort",
            ProgrammeKind.PRACTICE_WEEK: "Practice week",
            ProgrammeKind.REVISIT: "Revisit of a deep dive",
            ProgrammeKind.NO_AUDITS: "Month without audits",
        }[self]


class CohortState(StrEnum):
    """How far a cohort has come."""

    PLANNED = "planned"
    DRAWN = "drawn"
    ALLOCATED = "allocated"
    CLOSED = "closed"


class CaseSource(StrEnum):
    """How a case came into its cohort."""

    DRAWN = "drawn"
    CENSUS = "census"
    RESERVE = "reserve"
    REFERRAL = "referral"
    PANEL = "panel"


class CaseChange(StrEnum):
    """What may be done about a case after the draw."""

    REPLACED = "replaced"
    EXTENDED = "extended"
    EXEMPTED = "exempted"


class ReviewState(StrEnum):
    """How far a review has come."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"

    @property
    def label(self) -> str:
        """The state as people say it."""
        return self.value.replace("_", " ").capitalize()


class AnswerOutcome(StrEnum):
    """What became of a question in a submitted review: what denominators are made of."""

    ANSWERED = "answered"
    BLANK = "blank"
    NOT_APPLICABLE = "not_applicable"
    CANNOT_JUDGE = "cannot_judge"
    NOT_ASKED = "not_asked"


OUT_OF_BASE = (AnswerOutcome.NOT_APPLICABLE, AnswerOutcome.CANNOT_JUDGE, AnswerOutcome.NOT_ASKED)
"""Outcomes that leave every denominator."""
