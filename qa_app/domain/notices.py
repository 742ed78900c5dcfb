"""What people are told, and what becomes of a mail. Neither a notice nor a mail names a child or a judgement."""

from enum import StrEnum

from qa_app.domain.cohorts import CaseChange


class NoticeKind(StrEnum):
    """Why somebody is told something. Stored by value."""

    CHASE = "chase"
    REQUEST = "request"
    DECISION = "decision"
    CONCERN = "concern"
    CASE_ACTION = "case_action"
    REVIEW = "review"


class MailState(StrEnum):
    """How far a mail has come. Stored by value."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure"

    @property
    def label(self) -> str:
        """The state as people say it."""
        return "May have been sent" if self is MailState.UNSURE else self.value.capitalize()


def chase_words(n_reviews: int, cohort: str, first_due: str) -> str:
    """What a reviewer is told about open reviews of a cohort."""
    if n_reviews == 1:
        return f"A review of {cohort} waits for you, due on {first_due}."
    return f"{n_reviews} reviews of {cohort} wait for you, the first due on {first_due}."


def request_words(name: str, cohort: str) -> str:
    """What a line manager is told when somebody asks for more time."""
    return f"{name} asks for more time for a review of {cohort}."


def decision_words(change: CaseChange, cohort: str, *, is_approved: bool) -> str:
    """What somebody is told of the decision on what they asked."""
    asked = "more time" if change is CaseChange.EXTENDED else "an exemption"
    return f"Your request for {asked} for a review of {cohort} is {'approved' if is_approved else 'refused'}."
