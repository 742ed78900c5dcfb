"""Giving the cases of a cohort to auditors: all at once and evenly, or one by hand."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import select

from qa_app.domain.access import Viewer
from qa_app.domain.allocation import (
    Allocation,
    Auditor,
    CaseToAllocate,
    Unallocated,
    allocate,
    conflict_between,
    least_bad,
)
from qa_app.domain.child_ties import OWN_WORK_KINDS
from qa_app.domain.cohort_rules import require_whole_service
from qa_app.domain.cohorts import CohortState, ReviewState
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.domain.references import review_ref
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.reviews import Review
from qa_app.queries.cohorts_auditors import (
    AuditorChoice,
    line_managers_by_case,
    list_auditors,
    list_capacity,
    list_child_ties,
)
from qa_app.services import history


def allocate_cohort(
    viewer: Viewer, cohort_id: int, auditor_ids: Iterable[int], *, at: datetime
) -> Allocation:
    """Give every case that has no auditor yet to one of these auditors, evenly and without conflict.

    What was allocated before stays and counts. A case that nobody may take stays without an auditor: the reply
    says why. Errors: NotAllowed, NotFound, Invalid when no auditor is chosen or one is no auditor.
    """
    cohort = _load_cohort(viewer, cohort_id)
    chosen = _chosen_auditors(viewer, set(auditor_ids))
    cases = _cases_to_allocate(viewer, cohort_id)
    existing = _given(cohort_id)
    rooms = _rooms(viewer, cohort, at.date(), existing)
    auditors = [_auditor(choice, rooms.get(choice.user_id)) for choice in chosen]
    allocation = allocate(list(cases.values()), auditors, existing)
    new = {
        case_id: auditor_id
        for case_id, auditor_id in sorted(allocation.auditor_by_case.items())
        if case_id not in existing
    }
    for case_id, auditor_id in new.items():
        _start_review(viewer, case_id, auditor_id, at)
    _note_state(cohort, all_given=len(existing) + len(new) == len(cases))
    history.record(
        viewer,
        "allocated a cohort",
        "cohort",
        cohort.id,
        at=at,
        after={"allocated": len(new), "unallocated": len(allocation.unallocated)},
    )
    db.session.flush()
    return allocation


def allocate_to_managers(viewer: Viewer, cohort_id: int, *, at: datetime) -> Allocation:
    """Give every case of a managers' own review to the line manager of its worker, as is meant.

    A case whose manager has no account stays without a reviewer: the reply says so.
    Errors: NotAllowed, NotFound, Conflict for a cohort of another kind or a closed one.
    """
    cohort = _load_cohort(viewer, cohort_id)
    if cohort.kind not in OWN_WORK_KINDS:
        raise Conflict("Only in a managers' own review does each manager review their own cases.")
    cases = _cases_to_allocate(viewer, cohort_id)
    existing = _given(cohort_id)
    managers = line_managers_by_case(viewer, cohort_id)
    new = {case_id: managers[case_id] for case_id in cases if case_id in managers and case_id not in existing}
    for case_id, manager_id in new.items():
        _start_review(viewer, case_id, manager_id, at)
    given = {**existing, **new}
    left = tuple(Unallocated(case_id, _NO_MANAGER) for case_id in cases if case_id not in given)
    _note_state(cohort, all_given=not left)
    history.record(
        viewer,
        "allocated a cohort",
        "cohort",
        cohort.id,
        at=at,
        after={"allocated": len(new), "unallocated": len(left)},
    )
    db.session.flush()
    return Allocation(given, left, dict(Counter(given.values())), "")


_NO_MANAGER = (
    "Its team has no manager with an account, and its worker no supervisor. "
    "Name one on the organisation's page."
)


def reallocate_case(
    viewer: Viewer,
    cohort_id: int,
    case_id: int,
    auditor_id: int,
    reason: str,
    *,
    despite_tie: bool = False,
    hand_over: bool = False,
    at: datetime,
) -> Review:
    """Give one case to an auditor by hand, if nothing stands against it.

    A review moves only while it has not been started: its answers are its reviewer's own. One whose reviewer has
    become tied to the child or has left goes on to somebody else, and its answers keep who wrote them.
    `despite_tie`: the least bad choice is approved, where nobody without a tie is there; a tie to the child itself
    always bars.
    Errors: NotAllowed, NotFound, Invalid without a reason, Conflict for a tie to the case or a started review.
    """
    cohort = _load_cohort(viewer, cohort_id)
    cases = _cases_to_allocate(viewer, cohort_id)
    if case_id not in cases:
        raise NotFound()
    if not reason.strip():
        raise Invalid("reason", "Say why this auditor is chosen by hand: the reason is kept.")
    (choice,) = _chosen_auditors(viewer, {auditor_id})
    case = cases[case_id]
    conflict = conflict_between(case, _auditor(choice))
    is_least_bad = despite_tie and auditor_id not in case.barred and not _anybody_free(viewer, case)
    if conflict is not None and not is_least_bad:
        raise Conflict(f"{choice.name} {conflict}. Choose somebody without a tie to the case.")
    if conflict is not None:
        reason = (
            f"{reason.strip()} (approved although {choice.name} {conflict}: nobody without a tie is there)"
        )
    review = db.session.scalar(select(Review).where(Review.cohort_case_id == case_id).with_for_update())
    if review is None:
        review = _start_review(viewer, case_id, auditor_id, at, reason.strip())
        _note_state(cohort, all_given=len(_given(cohort_id)) == len(cases))
        return review
    if review.state is ReviewState.SUBMITTED:
        raise Conflict(f"{review_ref(review.id)} is submitted, so it stays with its reviewer.")
    if review.state is not ReviewState.NOT_STARTED and not (hand_over or _must_go_on(review, case)):
        raise Conflict(
            f"{review_ref(review.id)} has been started, so it stays with its reviewer. Ask the reviewer to "
            "finish it, or hand over what is written."
        )
    before = review.reviewer_id
    review.reviewer_id = auditor_id
    review.allocated_at = at
    history.record(
        viewer,
        "handed over a review" if review.started_at is not None else "reallocated a review",
        "review",
        review.id,
        at=at,
        before={"reviewer_id": before},
        after={"reviewer_id": auditor_id, "reason": reason.strip()},
    )
    return review


def _must_go_on(review: Review, case: CaseToAllocate) -> bool:
    """Whether a review that has been started cannot be finished by its reviewer."""
    if review.state is ReviewState.SUBMITTED:
        return False
    reviewer = db.session.get(User, review.reviewer_id)
    return review.reviewer_id in case.barred or reviewer is None or not reviewer.is_active


def find_least_bad(viewer: Viewer, cohort_id: int, case_id: int) -> tuple[int, str] | None:
    """Who could take a case that nobody without a tie may take, and the tie; none where somebody is free.

    Errors: NotAllowed, NotFound.
    """
    _load_cohort(viewer, cohort_id)
    cases = _cases_to_allocate(viewer, cohort_id)
    if case_id not in cases:
        raise NotFound()
    if _anybody_free(viewer, cases[case_id]):
        return None
    loads = Counter(_given(cohort_id).values())
    return least_bad(cases[case_id], [_auditor(choice) for choice in list_auditors(viewer)], loads)


def _anybody_free(viewer: Viewer, case: CaseToAllocate) -> bool:
    return any(conflict_between(case, _auditor(choice)) is None for choice in list_auditors(viewer))


def _load_cohort(viewer: Viewer, cohort_id: int) -> Cohort:
    require_whole_service(viewer)
    cohort = db.session.scalar(select(Cohort).where(Cohort.id == cohort_id).with_for_update())
    if cohort is None:
        raise NotFound()
    if cohort.state is CohortState.CLOSED:
        raise Conflict("This cohort is closed, so its cases stay as they are.")
    return cohort


def _chosen_auditors(viewer: Viewer, auditor_ids: set[int]) -> list[AuditorChoice]:
    chosen = [choice for choice in list_auditors(viewer) if choice.user_id in auditor_ids]
    if not auditor_ids:
        raise Invalid("auditors", "Choose at least one auditor.")
    if len(chosen) < len(auditor_ids):
        raise Invalid(
            "auditors", "Somebody chosen is no longer an active auditor. Choose again from the list."
        )
    return chosen


def _auditor(choice: AuditorChoice, capacity: int | None = None) -> Auditor:
    return Auditor(choice.user_id, {str(team_id): tie for team_id, tie in choice.ties.items()}, capacity)


def _rooms(viewer: Viewer, cohort: Cohort, today: date, existing: Mapping[int, int]) -> dict[int, int]:
    """The most cases of this cohort that each auditor can hold, for those of whom it is known.

    What somebody still has open in other cohorts takes up room; what they hold in this one is counted apart.
    """
    held = Counter(existing.values())
    last = max(cohort.due_on, today)
    rooms: dict[int, int] = {}
    for line in list_capacity(viewer, today):
        room = line.room_between(today, last)
        if room is not None:
            here = held[line.user_id]
            rooms[line.user_id] = max(here, room - max(0, line.n_open - here))
    return rooms


def _cases_to_allocate(viewer: Viewer, cohort_id: int) -> dict[int, CaseToAllocate]:
    """The cases of a cohort with their team, and who is barred from each by a tie to the child."""
    ties = list_child_ties(viewer, cohort_id)
    rows = db.session.execute(
        select(CohortCase.id, CohortCase.team_id)
        .where(CohortCase.cohort_id == cohort_id, CohortCase.set_aside_at.is_(None))
        .order_by(CohortCase.position)
    )
    return {
        case_id: CaseToAllocate(
            case_id,
            str(team_id) if team_id is not None else None,
            {user_id: tie.in_words for user_id, tie in ties.get(case_id, {}).items()},
        )
        for case_id, team_id in rows
    }


def _given(cohort_id: int) -> dict[int, int]:
    """Reviewer by case, for the cases that have one."""
    statement = (
        select(Review.cohort_case_id, Review.reviewer_id)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .where(CohortCase.cohort_id == cohort_id, CohortCase.set_aside_at.is_(None))
    )
    return dict(db.session.execute(statement).all())


def _start_review(viewer: Viewer, case_id: int, auditor_id: int, at: datetime, reason: str = "") -> Review:
    review = Review(
        cohort_case_id=case_id, reviewer_id=auditor_id, state=ReviewState.NOT_STARTED, allocated_at=at
    )
    db.session.add(review)
    db.session.flush()
    after = {"reviewer_id": auditor_id} | ({"reason": reason} if reason else {})
    history.record(viewer, "allocated a review", "review", review.id, at=at, after=after)
    return review


def _note_state(cohort: Cohort, *, all_given: bool) -> None:
    if all_given:
        cohort.state = CohortState.ALLOCATED
