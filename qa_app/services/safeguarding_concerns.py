"""Immediate concerns: raised, acknowledged, made safe by a second person, closed; and what climbs unanswered."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from qa_app.domain.access import SYSTEM, Permission, Role, Viewer
from qa_app.domain.case_actions import check_words
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.domain.notices import NoticeKind
from qa_app.domain.references import concern_ref
from qa_app.domain.safeguarding_concerns import ConcernKind, ConcernTiming
from qa_app.extensions import db
from qa_app.models.safeguarding_concerns import SafeguardingConcern
from qa_app.queries.scope_case_work import concerns_within
from qa_app.services import history
from qa_app.services.notices import tell
from qa_app.services.reviewed_cases import get_reviewed_case, heads_of, holders_of, managers_of, section_of

LONGEST_PHONED = 200


@dataclass(frozen=True)
class ConcernDraft:
    """A concern as a reviewer words it. `phoned`: whom they spoke to, by role; empty when nobody was reached."""

    kind: ConcernKind
    words: str
    phoned: str = ""


def raise_concern(
    viewer: Viewer,
    review_id: int,
    question_key: str | None,
    draft: ConcernDraft,
    timing: ConcernTiming,
    *,
    at: datetime,
) -> SafeguardingConcern:
    """Raise a concern from a review: its clocks run from now, and team, head of service and QA leads are told.

    Errors: NotAllowed; NotFound for a review out of reach or a question it does not ask; Invalid without words.
    """
    viewer.require(Permission.RAISE_FINDINGS)
    if viewer.user_id is None:
        raise NotAllowed("A concern is raised by a person: sign in first.")
    case = get_reviewed_case(viewer, review_id)
    if question_key:
        section_of(case.version_id, question_key)
    words = check_words("words", draft.words, "Say in a sentence what you are worried about.")
    phoned = " ".join(draft.phoned.split())
    if len(phoned) > LONGEST_PHONED:
        raise Invalid("phoned", f"Up to {LONGEST_PHONED} characters.")
    concern = SafeguardingConcern(
        review_id=case.review_id,
        question_key=question_key or None,
        team_id=case.team_id,
        service_area_id=case.service_area_id,
        kind=draft.kind,
        words=words,
        phoned=phoned,
        raised_at=at,
        raised_by_id=viewer.user_id,
        acknowledge_due_at=timing.acknowledge_due(draft.kind, at),
        safe_due_at=timing.safe_due(draft.kind, at),
    )
    db.session.add(concern)
    db.session.flush()
    history.record(
        viewer, "concern.raised", "safeguarding_concern", concern.id, at=at,
        after={"kind": draft.kind.value, "words": words, "review_id": case.review_id, "phoned": phoned},
    )  # fmt: skip
    everybody = (*managers_of(case.team_id), *heads_of(case.service_area_id), *holders_of(Role.QA_LEAD))
    _tell(viewer, concern, everybody, "needs you now", at)
    db.session.flush()
    return concern


def acknowledge_concern(viewer: Viewer, concern_id: int, *, at: datetime) -> SafeguardingConcern:
    """Say that one has seen a concern and acts: the head of service; for a threshold the team's manager as well.

    Errors: NotFound, NotAllowed, Conflict when it is acknowledged already.
    """
    concern = _load(viewer, concern_id)
    _require_acknowledger(viewer, concern)
    if concern.acknowledged_at is not None:
        raise Conflict(f"{concern_ref(concern.id)} is acknowledged already.")
    concern.acknowledged_at, concern.acknowledged_by_id = at, viewer.user_id
    history.record(viewer, "concern.acknowledged", "safeguarding_concern", concern.id, at=at)
    _tell(viewer, concern, (concern.raised_by_id,), "is acknowledged", at)
    db.session.flush()
    return concern


def make_safe(viewer: Viewer, concern_id: int, words: str, *, at: datetime) -> SafeguardingConcern:
    """Record what makes the child safe, or what was decided about the threshold. Never by whoever raised it.

    Errors: NotFound, NotAllowed, Invalid without words, Conflict when it is recorded already.
    """
    concern = _load(viewer, concern_id)
    if concern.raised_by_id == viewer.user_id:
        raise NotAllowed("A second person records what was done: the team's manager or the head of service.")
    if not _reaches(viewer, Permission.ANSWER_CONCERNS, concern):
        raise NotAllowed("What was done is recorded by the team's manager, the head of service or a QA lead.")
    if concern.safe_at is not None:
        raise Conflict(f"{concern_ref(concern.id)} has its safety action already. Open it to read it.")
    missing = (
        "Say what was decided about the threshold, and why."
        if concern.kind.is_about_threshold
        else "Say what makes the child safe now: who saw them, when, and what was done."
    )
    concern.safety_action = check_words("words", words, missing)
    concern.safe_at, concern.safe_by_id = at, viewer.user_id
    history.record(
        viewer, "concern.made_safe", "safeguarding_concern", concern.id, at=at,
        after={"safety_action": concern.safety_action},
    )  # fmt: skip
    _tell(viewer, concern, (concern.raised_by_id,), "has its answer", at)
    db.session.flush()
    return concern


def close_concern(viewer: Viewer, concern_id: int, words: str, *, at: datetime) -> SafeguardingConcern:
    """Close a concern once a second person has recorded what was done: whoever raised it, or who answers for it.

    Errors: NotFound, NotAllowed, Invalid without words, Conflict without a safety action or when it is closed.
    """
    concern = _load(viewer, concern_id)
    if concern.raised_by_id != viewer.user_id and not _reaches(viewer, Permission.ANSWER_CONCERNS, concern):
        raise NotAllowed("It is closed by whoever raised it, the head of service or a QA lead.")
    if concern.closed_at is not None:
        raise Conflict(f"{concern_ref(concern.id)} is closed already.")
    if concern.safe_at is None:
        raise Conflict(
            f"{concern_ref(concern.id)} cannot be closed yet: a second person first records what was done for the "
            "child."
        )
    concern.closing_words = check_words("words", words, "Say why it can be closed.")
    concern.closed_at, concern.closed_by_id = at, viewer.user_id
    # Whoever closes it has seen it: a clock that nobody stopped stops here, late if it is late.
    if concern.acknowledged_at is None:
        concern.acknowledged_at, concern.acknowledged_by_id = at, viewer.user_id
    history.record(
        viewer,
        "concern.closed",
        "safeguarding_concern",
        concern.id,
        at=at,
        after={"words": concern.closing_words},
    )
    db.session.flush()
    return concern


def climb_overdue(*, at: datetime) -> int:
    """Tell directors of every concern whose clock has run out, once for each clock; gives how many were told of."""
    late_answer = (
        SafeguardingConcern.acknowledged_at.is_(None)
        & (SafeguardingConcern.acknowledge_due_at < at)
        & SafeguardingConcern.acknowledge_climbed_at.is_(None)
    )
    late_safety = (
        SafeguardingConcern.safe_at.is_(None)
        & (SafeguardingConcern.safe_due_at < at)
        & SafeguardingConcern.safe_climbed_at.is_(None)
    )
    late = db.session.scalars(
        select(SafeguardingConcern)
        .where(SafeguardingConcern.closed_at.is_(None), or_(late_answer, late_safety))
        .order_by(SafeguardingConcern.id)
        .with_for_update()
    ).all()
    directors = holders_of(Role.DIRECTOR) if late else ()
    for concern in late:
        if (
            concern.acknowledged_at is None
            and concern.acknowledge_due_at < at
            and concern.acknowledge_climbed_at is None
        ):
            concern.acknowledge_climbed_at = at
            _climb(concern, directors, "was not acknowledged in time", at)
        if (
            concern.safe_at is None
            and concern.safe_due_at is not None
            and concern.safe_due_at < at
            and concern.safe_climbed_at is None
        ):
            concern.safe_climbed_at = at
            _climb(concern, directors, "has no safety action in time", at)
    db.session.flush()
    return len(late)


def _climb(concern: SafeguardingConcern, directors: tuple[int, ...], what: str, at: datetime) -> None:
    history.record(SYSTEM, "concern.climbed", "safeguarding_concern", concern.id, at=at, after={"why": what})
    _tell(SYSTEM, concern, (*directors, *heads_of(concern.service_area_id)), what, at)


def _tell(
    viewer: Viewer, concern: SafeguardingConcern, people: tuple[int, ...], what: str, at: datetime
) -> None:
    name = "Threshold concern" if concern.kind.is_about_threshold else "Safeguarding concern"
    for user_id in dict.fromkeys(people):
        if user_id != viewer.user_id:
            tell(
                viewer, user_id, NoticeKind.CONCERN, f"{name} {concern_ref(concern.id)} {what}.",
                f"/concerns/{concern.id}", about=("safeguarding_concern", concern.id), at=at,
            )  # fmt: skip


def _load(viewer: Viewer, concern_id: int) -> SafeguardingConcern:
    concern = db.session.scalar(
        select(SafeguardingConcern)
        .where(SafeguardingConcern.id == concern_id, concerns_within(viewer))
        .with_for_update(of=SafeguardingConcern)
    )
    if concern is None:
        raise NotFound()
    return concern


def _reaches(viewer: Viewer, permission: Permission, concern: SafeguardingConcern) -> bool:
    reach = viewer.reach(permission)
    return reach.whole_service or (concern.team_id is not None and concern.team_id in reach.team_ids)


def _require_acknowledger(viewer: Viewer, concern: SafeguardingConcern) -> None:
    permission = (
        Permission.ANSWER_CONCERNS if concern.kind.is_about_threshold else Permission.ACKNOWLEDGE_CONCERNS
    )
    if concern.raised_by_id == viewer.user_id or not _reaches(viewer, permission, concern):
        raise NotAllowed("A safeguarding concern is acknowledged by the head of service or the director.")
