"""Actions for one child: raised from a review, done, verified by somebody else, and judged by their effect."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from qa_app.adapters.bank_holidays import england_holidays
from qa_app.domain.access import Permission, Viewer
from qa_app.domain.case_actions import (
    LONGEST_UPDATE,
    Impact,
    Priority,
    Stage,
    Timing,
    check_words,
    stage_of,
)
from qa_app.domain.dates import as_written
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.domain.notices import NoticeKind
from qa_app.domain.references import case_action_ref
from qa_app.domain.working_days import day_in_london
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.case_actions import CaseAction, CaseActionUpdate
from qa_app.models.organisation import Practitioner
from qa_app.queries.scope_case_work import case_actions_within
from qa_app.services import history
from qa_app.services.notices import tell
from qa_app.services.reviewed_cases import get_reviewed_case, managers_of, section_of

NO_WORDS = "Write what has to be done for the child, in a sentence."
NO_EVIDENCE = "Say what was done, and where the record shows it."


@dataclass(frozen=True)
class CaseActionDraft:
    """An action as somebody words it. Without an owner it is the team's, and its manager is told."""

    words: str
    priority: Priority
    owner_id: int | None = None


def raise_case_action(
    viewer: Viewer,
    review_id: int,
    question_key: str | None,
    draft: CaseActionDraft,
    timing: Timing,
    *,
    at: datetime,
) -> CaseAction:
    """Raise an action for the child of a review, on a good one as well.

    A critical one reaches the team at once; others with the submission, and their days count from then.
    Errors: NotAllowed; NotFound for a review out of reach or a question it does not ask; Invalid for words or owner.
    """
    viewer.require(Permission.RAISE_FINDINGS)
    if viewer.user_id is None:
        raise NotAllowed("An action is raised by a person: sign in first.")
    case = get_reviewed_case(viewer, review_id)
    if question_key:
        section_of(case.version_id, question_key)
    words = check_words("words", draft.words, NO_WORDS)
    if draft.owner_id is not None and draft.owner_id not in owners_of(case.team_id):
        raise Invalid("owner", "Choose somebody who works in the child's team or manages it.")
    action = CaseAction(
        review_id=case.review_id,
        question_key=question_key or None,
        team_id=case.team_id,
        service_area_id=case.service_area_id,
        words=words,
        priority=draft.priority,
        owner_id=draft.owner_id,
        raised_at=at,
        raised_by_id=viewer.user_id,
        due_at=timing.due_at(draft.priority, at, england_holidays()),
    )
    db.session.add(action)
    db.session.flush()
    history.record(
        viewer, "case_action.raised", "case_action", action.id, at=at,
        after={"words": words, "priority": draft.priority.value, "review_id": case.review_id},
    )  # fmt: skip
    if draft.priority is Priority.CRITICAL or case.is_submitted:
        _tell_team(viewer, action, at)
    return action


def hand_to_team(viewer: Viewer, review_id: int, timing: Timing, *, at: datetime) -> int:
    """With the submission of a review its actions reach the team, and their days count from now; gives how many."""
    waiting = db.session.scalars(
        select(CaseAction)
        .where(
            CaseAction.review_id == review_id,
            CaseAction.told_at.is_(None),
            CaseAction.withdrawn_at.is_(None),
        )
        .order_by(CaseAction.id)
    ).all()
    for action in waiting:
        action.due_at = timing.due_at(action.priority, at, england_holidays())
        _tell_team(viewer, action, at)
    return len(waiting)


def update_case_action(viewer: Viewer, action_id: int, words: str, *, at: datetime) -> CaseActionUpdate:
    """Say in a line how an action is going: its owner, its team's manager, whoever raised it.

    Errors: NotFound, NotAllowed, Invalid without words, Conflict once it is done.
    """
    action = _load(viewer, action_id)
    _require_hand(viewer, action, raiser=True)
    _require_stage(action, Stage.OPEN)
    said = check_words("words", words, "Write how it is going, in a line.", LONGEST_UPDATE)
    update = CaseActionUpdate(
        case_action_id=action.id, words=said, written_at=at, written_by_id=viewer.user_id
    )
    db.session.add(update)
    history.record(viewer, "case_action.updated", "case_action", action.id, at=at, after={"words": said})
    db.session.flush()
    return update


def finish_case_action(viewer: Viewer, action_id: int, evidence: str, *, at: datetime) -> CaseAction:
    """Say that an action is done, and where the record shows it. Somebody else verifies it.

    Errors: NotFound, NotAllowed, Invalid without evidence, Conflict when it is done already.
    """
    action = _load(viewer, action_id)
    _require_hand(viewer, action, raiser=False)
    _require_stage(action, Stage.OPEN)
    action.evidence = check_words("evidence", evidence, NO_EVIDENCE)
    action.done_at, action.done_by_id = at, viewer.user_id
    history.record(
        viewer, "case_action.done", "case_action", action.id, at=at, after={"evidence": action.evidence}
    )
    if action.raised_by_id != viewer.user_id:
        _notify(viewer, action, action.raised_by_id, "is said to be done and waits to be verified.", at)
    db.session.flush()
    return action


def verify_case_action(
    viewer: Viewer, action_id: int, timing: Timing, *, is_accepted: bool, words: str, at: datetime
) -> CaseAction:
    """Accept that an action is done, or send it back with the reason. Never by its owner or whoever did it.

    Errors: NotFound, NotAllowed, Invalid for sending back without a reason, Conflict when it is not waiting.
    """
    action = _load(viewer, action_id)
    _require_stage(action, Stage.DONE)
    _require_second_person(viewer, action)
    if is_accepted:
        action.verified_at, action.verified_by_id = at, viewer.user_id
        action.impact_due_on = day_in_london(at) + timedelta(days=timing.impact_days)
        history.record(
            viewer, "case_action.verified", "case_action", action.id, at=at,
            after={"impact_due_on": action.impact_due_on.isoformat()},
        )  # fmt: skip
    else:
        said = check_words("words", words, "Say what is still missing.", LONGEST_UPDATE)
        doer = action.done_by_id
        action.done_at = action.done_by_id = None
        action.n_sent_back += 1
        history.record(
            viewer, "case_action.sent_back", "case_action", action.id, at=at, after={"reason": said}
        )
        db.session.add(
            CaseActionUpdate(
                case_action_id=action.id,
                words=f"Sent back: {said}",
                written_at=at,
                written_by_id=viewer.user_id,
            )
        )
        if doer is not None:
            _notify(viewer, action, doer, "was sent back: something is still missing.", at)
    db.session.flush()
    return action


def check_impact(
    viewer: Viewer, action_id: int, impact: Impact, words: str, again_on: date | None, *, at: datetime
) -> CaseAction:
    """Say whether a verified action helped this child. Too soon to tell: it is looked at again on a later day.

    Errors: NotFound, NotAllowed for its owner or whoever did it, Invalid without words or a later day, Conflict
    when it is not verified or was checked already.
    """
    action = _load(viewer, action_id)
    _require_stage(action, Stage.VERIFIED)
    _require_second_person(viewer, action)
    action.impact_words = check_words("words", words, "Say how you know.", LONGEST_UPDATE)
    if impact is Impact.TOO_SOON:
        if again_on is None or again_on <= day_in_london(at):
            raise Invalid("again_on", "Enter the later day on which it is looked at again.")
        action.impact_due_on = again_on
    action.impact, action.impact_at, action.impact_by_id = impact, at, viewer.user_id
    history.record(
        viewer, "case_action.checked_the_impact", "case_action", action.id, at=at,
        after={"impact": impact.value, "words": action.impact_words},
    )  # fmt: skip
    db.session.flush()
    return action


def name_owner(viewer: Viewer, action_id: int, owner_id: int | None, *, at: datetime) -> CaseAction:
    """Name who is to do an action. Errors: NotFound, NotAllowed, Invalid for a stranger, Conflict once it is done."""
    action = _load(viewer, action_id)
    if not _manages(viewer, action) and action.raised_by_id != viewer.user_id:
        raise NotAllowed("Who does an action is named by the team's manager, a head of service or a QA lead.")
    _require_stage(action, Stage.OPEN)
    if owner_id is not None and owner_id not in owners_of(action.team_id):
        raise Invalid("owner", "Choose somebody who works in the child's team or manages it.")
    if owner_id == action.owner_id:
        return action
    before, action.owner_id = action.owner_id, owner_id
    history.record(
        viewer, "case_action.named_the_owner", "case_action", action.id, at=at,
        before={"owner_id": before}, after={"owner_id": owner_id},
    )  # fmt: skip
    if owner_id is not None and owner_id != viewer.user_id and action.told_at is not None:
        _notify(
            viewer, action, owner_id, f"is yours to do by {as_written(day_in_london(action.due_at))}.", at
        )
    db.session.flush()
    return action


def withdraw_case_action(viewer: Viewer, action_id: int, reason: str, *, at: datetime) -> CaseAction:
    """Take an action back: whoever raised it, while the team does not know it; afterwards a QA lead, with a reason.

    Errors: NotFound, NotAllowed, Invalid without a reason, Conflict once it is done.
    """
    action = _load(viewer, action_id)
    _require_stage(action, Stage.OPEN)
    is_draft = action.told_at is None and action.raised_by_id == viewer.user_id
    if not is_draft and not viewer.reach(Permission.MANAGE_CASE_ACTIONS).whole_service:
        raise NotAllowed("The team knows this action. Ask a QA lead to take it back.")
    action.withdrawn_reason = check_words("reason", reason, "Say why it is taken back.", LONGEST_UPDATE)
    action.withdrawn_at = at
    history.record(
        viewer,
        "case_action.withdrawn",
        "case_action",
        action.id,
        at=at,
        after={"reason": action.withdrawn_reason},
    )
    db.session.flush()
    return action


def owners_of(team_id: int | None) -> frozenset[int]:
    """Who may be given an action of a team: its workers who are users, and its managers."""
    if team_id is None:
        return frozenset()
    workers = db.session.scalars(
        select(User.id)
        .join(Practitioner, Practitioner.user_id == User.id)
        .where(User.is_active, Practitioner.team_id == team_id, Practitioner.hidden_at.is_(None))
    )
    return frozenset({*workers, *managers_of(team_id)})


def _load(viewer: Viewer, action_id: int) -> CaseAction:
    action = db.session.scalar(
        select(CaseAction)
        .where(CaseAction.id == action_id, case_actions_within(viewer))
        .with_for_update(of=CaseAction)
    )
    if action is None:
        raise NotFound()
    return action


def _manages(viewer: Viewer, action: CaseAction) -> bool:
    reach = viewer.reach(Permission.MANAGE_CASE_ACTIONS)
    return reach.whole_service or (action.team_id is not None and action.team_id in reach.team_ids)


def _require_hand(viewer: Viewer, action: CaseAction, *, raiser: bool) -> None:
    has_a_hand = action.owner_id == viewer.user_id or _manages(viewer, action)
    if not has_a_hand and not (raiser and action.raised_by_id == viewer.user_id):
        raise NotAllowed("This action is for its owner or the team's manager to report on.")


def _require_second_person(viewer: Viewer, action: CaseAction) -> None:
    if viewer.user_id in (action.owner_id, action.done_by_id):
        raise NotAllowed(
            "Whoever owns or did an action cannot verify it or judge its effect. Ask somebody else."
        )
    if not _manages(viewer, action) and action.raised_by_id != viewer.user_id:
        raise NotAllowed("This is for whoever raised the action, the team's manager, or a QA lead.")


def _require_stage(action: CaseAction, stage: Stage) -> None:
    stands = stage_of(
        withdrawn_at=action.withdrawn_at,
        done_at=action.done_at,
        verified_at=action.verified_at,
        impact=action.impact,
    )
    if stands is not stage:
        ref = case_action_ref(action.id)
        raise Conflict(f"{ref} has moved on: {stands.label.lower()}. Open it again to see how it stands.")


def _tell_team(viewer: Viewer, action: CaseAction, at: datetime) -> None:
    action.told_at = at
    due = as_written(day_in_london(action.due_at))
    told = (action.owner_id,) if action.owner_id is not None else managers_of(action.team_id)
    also = managers_of(action.team_id) if action.priority is Priority.CRITICAL else ()
    for user_id in dict.fromkeys((*told, *also)):
        if user_id != viewer.user_id:
            _notify(viewer, action, user_id, f"is new: {action.priority.label.lower()}, due on {due}.", at)
    db.session.flush()


def _notify(viewer: Viewer, action: CaseAction, user_id: int, what: str, at: datetime) -> None:
    ref = case_action_ref(action.id)
    tell(
        viewer, user_id, NoticeKind.CASE_ACTION, f"Action {ref} for a child {what}", f"/case-actions/{action.id}",
        about=("case_action", action.id), at=at,
    )  # fmt: skip
