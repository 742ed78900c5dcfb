"""What may be done about a case after the draw: more time, an exemption, a reserve in its place."""

from dataclasses import dataclass
from datetime import date, timedelta

from qa_app.domain.dates import as_written
from qa_app.domain.errors import Invalid, NotAllowed

LONGEST_BY_MANAGER_DAYS = 7
"""How far beyond the cohort's day the reviewer's line manager may go; the QA lead may go further.

Source: a council's published audit procedure: up to one week by the auditor's line manager.
"""
LONGEST_EXTENSION_DAYS = 92
LONGEST_REASON = 400


@dataclass(frozen=True, slots=True)
class Decider:
    """What somebody who decides is to the review."""

    is_lead: bool
    is_line_manager: bool
    asked_it: bool
    reviews_it: bool


def check_reason(reason: str, what: str) -> str:
    """The reason as it is kept.

    Errors: Invalid without one, or for one that is too long.
    """
    said = " ".join(reason.split())
    if not said:
        raise Invalid("reason", f"Say why {what}: the reason is kept and counted.")
    if len(said) > LONGEST_REASON:
        raise Invalid("reason", f"A reason has {LONGEST_REASON} characters at most. Shorten it.")
    return said


def check_new_day(due_on: date, now_due_on: date, cohort_due_on: date) -> None:
    """Refuse a new day that gives no more time, or more than a cohort can wait.

    Errors: Invalid.
    """
    if due_on <= now_due_on:
        raise Invalid("due_on", f"The review is due on {as_written(now_due_on)}. Enter a later day.")
    latest = cohort_due_on + timedelta(days=LONGEST_EXTENSION_DAYS)
    if due_on > latest:
        raise Invalid(
            "due_on", f"Enter a day up to {as_written(latest)}, or ask for the case to be exempted."
        )


def check_may_extend(decider: Decider, due_on: date, cohort_due_on: date) -> None:
    """Go on only for somebody who may give so much time.

    Errors: NotAllowed; the message says who may.
    """
    if decider.reviews_it:
        raise NotAllowed("Nobody gives themselves more time. Your line manager or the QA lead decides.")
    if decider.is_lead:
        return
    if not decider.is_line_manager:
        raise NotAllowed("The reviewer's line manager or the QA lead decides on more time.")
    if due_on > cohort_due_on + timedelta(days=LONGEST_BY_MANAGER_DAYS):
        raise NotAllowed(
            f"A line manager may give up to {LONGEST_BY_MANAGER_DAYS} days beyond "
            f"{as_written(cohort_due_on)}. Ask the QA lead for more."
        )


def check_may_exempt(decider: Decider, *, may_approve: bool) -> None:
    """Go on only for a second person who may approve exemptions.

    Errors: NotAllowed; the message says who may.
    """
    if decider.asked_it or decider.reviews_it:
        raise NotAllowed("An exemption is approved by a second person: neither who asked nor the reviewer.")
    if not may_approve:
        raise NotAllowed("Exemptions are approved by the director or a QA lead who did not ask for them.")
