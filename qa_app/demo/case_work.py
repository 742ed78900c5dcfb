"""The demonstration's actions for children and immediate concerns: raised by auditors, carried out by the service."""

from collections.abc import Callable
from datetime import datetime, timedelta

from qa_app.demo.lots import lot
from qa_app.domain.access import Viewer
from qa_app.domain.case_action_filters import Asked, Show
from qa_app.domain.case_action_lines import CaseActionLine
from qa_app.domain.case_actions import Impact, Priority, Timing
from qa_app.domain.safeguarding_concerns import ConcernKind, ConcernTiming
from qa_app.queries.accounts import get_viewer
from qa_app.queries.case_actions import list_register
from qa_app.services.case_actions import (
    CaseActionDraft,
    check_impact,
    finish_case_action,
    raise_case_action,
    update_case_action,
    verify_case_action,
)
from qa_app.services.safeguarding_concerns import (
    ConcernDraft,
    acknowledge_concern,
    close_concern,
    make_safe,
    raise_concern,
)

ViewerOf = Callable[[str], Viewer]
TIMING = Timing()
TO_DO: tuple[tuple[str, Priority], ...] = (
    ("See the child alone and record what they say.", Priority.HIGH),
    ("Bring the chronology up to date from the first referral.", Priority.STANDARD),
    ("Write the plan again with dates and with who does what.", Priority.STANDARD),
    ("Hold the supervision that was missed, and record the decisions.", Priority.HIGH),
    ("Ask the school for its view before the next meeting.", Priority.STANDARD),
    ("Tell the father of the plan and ask for his view.", Priority.STANDARD),
    ("Book a strategy discussion about the bruise seen on the last visit.", Priority.CRITICAL),
)
SHARE_WITH_ACTION = 0.45
HEADS = ("head.front.door", "head.safeguarding", "head.care")


def raise_actions(auditor: Viewer, review_id: int, ref: str, *, at: datetime) -> None:
    """Some reviews leave something to do for their child; a few, two things."""
    if lot(ref, "action") >= SHARE_WITH_ACTION:
        return
    chosen = {int(lot(ref, "which", n) * len(TO_DO)) for n in range(1 + (lot(ref, "two") < 0.25))}
    for place in sorted(chosen):
        words, priority = TO_DO[place]
        if priority is Priority.CRITICAL and lot(ref, "critical") > 0.4:
            continue
        raise_case_action(auditor, review_id, None, CaseActionDraft(words, priority), TIMING, at=at)


def carry_out(viewer_of: ViewerOf, *, at: datetime) -> None:
    """The heads of service get most actions done, auditors verify them, and the QA lead looks whether they helped."""
    lead = viewer_of("qa.lead")
    for address in HEADS:
        head = viewer_of(address)
        for line in list_register(head, Asked(show=Show.ALL), at=at):
            _one(head, lead, line, at)


def _one(head: Viewer, lead: Viewer, line: CaseActionLine, at: datetime) -> None:
    height, days = (
        lot(line.review_id, line.words, "done"),
        2 + int(lot(line.review_id, line.words, "days") * 24),
    )
    done_at = line.raised_at + timedelta(days=days)
    if height > 0.8 or done_at > at:
        if height > 0.5:
            said = "Begun; the worker reports back in supervision."
            update_case_action(head, line.action_id, said, at=min(at, line.raised_at + timedelta(days=3)))
        return
    finish_case_action(head, line.action_id, "Done: the case note of the day shows it.", at=done_at)
    auditor = get_viewer(line.raised_by_id)
    verified_at = done_at + timedelta(days=4)
    if height > 0.68 or verified_at > at:
        return
    verify_case_action(auditor, line.action_id, TIMING, is_accepted=True, words="", at=verified_at)
    if verified_at + timedelta(days=TIMING.impact_days) <= at and height < 0.5:
        impact = (Impact.YES, Impact.YES, Impact.PARTLY, Impact.NO)[int(lot(line.review_id, "helped") * 4)]
        check_impact(lead, line.action_id, impact, "Read in the record since then.", None, at=at)


def raise_concerns(reviews: list[tuple[Viewer, int]], viewer_of: ViewerOf, *, at: datetime) -> None:
    """Three concerns from open reviews: one closed, one being answered, one of the wrong threshold not yet answered.

    `reviews`: auditors with reviews of theirs, of children of one service.
    """
    timing, head = ConcernTiming(), viewer_of("head.safeguarding")
    drafts = (
        ConcernDraft(
            ConcernKind.SAFEGUARDING, "No visit for seven weeks, and a bruise was reported.", "Team manager"
        ),
        ConcernDraft(
            ConcernKind.SAFEGUARDING, "The safety plan names an adult who has moved away.", "Duty manager"
        ),
        ConcernDraft(
            ConcernKind.STEP_UP, "Three missing episodes in a month: a strategy discussion is needed."
        ),
    )
    begun = (at - timedelta(days=6), at - timedelta(hours=3), at - timedelta(hours=20))
    raised = [
        raise_concern(auditor, review_id, None, draft, timing, at=moment).id
        for (auditor, review_id), draft, moment in zip(reviews, drafts, begun, strict=False)
    ]
    if len(raised) < len(drafts):
        return
    first, second, _ = raised
    acknowledge_concern(head, first, at=begun[0] + timedelta(hours=1))
    make_safe(
        head,
        first,
        "Seen at home the same day by the duty worker; medical held.",
        at=begun[0] + timedelta(hours=7),
    )
    close_concern(
        reviews[0][0],
        first,
        "The record of the visit and the medical is there.",
        at=begun[0] + timedelta(days=1),
    )
    acknowledge_concern(head, second, at=begun[1] + timedelta(hours=2))
