"""One piece of work going from somebody who leaves to somebody else: what each kind needs, and what stands against."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from qa_app.domain.access import ROLE_PERMISSIONS, Permission, Role, Viewer
from qa_app.domain.cohorts import ReviewState
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.domain.leavers import WorkKind
from qa_app.extensions import db
from qa_app.models.accounts import RoleGrant, User
from qa_app.models.case_actions import CaseAction
from qa_app.models.caseload import CaseFlag
from qa_app.models.improvement import ActionLead
from qa_app.models.organisation import Practitioner, ServiceArea, Team
from qa_app.models.reviews import Review
from qa_app.queries.cohorts_auditors import find_conflict
from qa_app.queries.leavers import WorkItem
from qa_app.services import history
from qa_app.services.case_actions import owners_of


@dataclass(frozen=True)
class _Move:
    """What is moved, from whom, to whom (nobody: None), and why."""

    viewer: Viewer
    subject_id: int
    from_user_id: int
    to: User | None
    reason: str
    today: date
    at: datetime

    def record(self, subject_kind: str, subject_id: int, column: str, **more: object) -> None:
        """Keep the move on the record of the thing itself."""
        history.record(
            self.viewer,
            "handed over",
            subject_kind,
            subject_id,
            at=self.at,
            before={column: self.from_user_id},
            after={column: self.to.id if self.to else None, "reason": self.reason, **more},
        )


def pass_on(
    viewer: Viewer,
    item: WorkItem,
    from_user_id: int,
    to: User | None,
    *,
    today: date,
    at: datetime,
    reason: str,
) -> None:
    """Move one piece of work.

    Errors: Invalid for work that cannot be with nobody; Conflict for what stands against this person; NotFound
    when the work has gone elsewhere meanwhile.
    """
    if to is None and not item.kind.may_rest:
        raise Invalid("to", "A review always has a reviewer. Choose who takes it over.")
    move = _Move(viewer, item.subject_id, from_user_id, to, reason, today, at)
    _MOVES[item.kind](move)
    db.session.flush()


def _move_review(move: _Move) -> None:
    """The reviewer changes; every answer keeps who wrote it."""
    review = db.session.scalar(select(Review).where(Review.id == move.subject_id).with_for_update())
    if review is None or review.reviewer_id != move.from_user_id or review.state is ReviewState.SUBMITTED:
        raise _gone()
    assert move.to is not None
    if not _may(move.to.id, Permission.COMPLETE_REVIEWS):
        raise Conflict(f"{move.to.name} has no role that reviews cases.")
    conflict = find_conflict(move.viewer, review.cohort_case_id, move.to.id)
    if conflict is not None:
        raise Conflict(f"{move.to.name} {conflict}.")
    review.reviewer_id = move.to.id
    review.allocated_at = move.at
    move.record("review", review.id, "reviewer_id", state=review.state.value)


def _move_team(move: _Move) -> None:
    team = db.session.get(Team, move.subject_id)
    if team is None or team.manager_user_id != move.from_user_id:
        raise _gone()
    team.manager_user_id = move.to.id if move.to else None
    move.record("team", team.id, "manager_user_id")


def _move_area(move: _Move) -> None:
    area = db.session.get(ServiceArea, move.subject_id)
    if area is None or area.head_user_id != move.from_user_id:
        raise _gone()
    area.head_user_id = move.to.id if move.to else None
    move.record("service_area", area.id, "head_user_id")


def _move_supervision(move: _Move) -> None:
    """Without a new supervisor the manager of their team supervises."""
    person = db.session.get(Practitioner, move.subject_id)
    before = db.session.get(Practitioner, person.supervisor_id) if person and person.supervisor_id else None
    if person is None or before is None or before.user_id != move.from_user_id:
        raise _gone()
    supervisor = _practitioner_of(move.to) if move.to else None
    if supervisor is not None and move.to is not None and _is_under(supervisor, person):
        raise Conflict(f"{move.to.name} is supervised by {person.name}, or is the same person.")
    person.supervisor_id = supervisor.id if supervisor else None
    move.record("practitioner", person.id, "supervisor_user_id")


def _move_reviewing(move: _Move) -> None:
    """The flag ends and another begins on the day, so that who held the child when stays true."""
    flag = db.session.get(CaseFlag, move.subject_id)
    holder = db.session.get(Practitioner, flag.practitioner_id) if flag and flag.practitioner_id else None
    if flag is None or holder is None or holder.user_id != move.from_user_id or flag.ends_on is not None:
        raise _gone()
    officer = _practitioner_of(move.to) if move.to else None
    day = max(move.today, flag.starts_on)
    flag.ends_on, flag.ended_at, flag.ended_by_id = day, move.at, move.viewer.user_id
    flag.end_reason = f"Handed over: {move.reason}"
    if officer is not None:
        db.session.add(
            CaseFlag(
                child_id=flag.child_id,
                kind=flag.kind,
                value=officer.name,
                practitioner_id=officer.id,
                reason=f"Taken over: {move.reason}",
                starts_on=day,
                raised_at=move.at,
                raised_by_id=move.viewer.user_id,
            )
        )
    move.record("case_flag", flag.id, "officer_user_id")


def _move_lead(move: _Move) -> None:
    lead = db.session.get(ActionLead, move.subject_id)
    if lead is None or lead.user_id != move.from_user_id or lead.removed_at is not None:
        raise _gone()
    lead.removed_at, lead.removed_by_id = move.at, move.viewer.user_id
    if move.to is not None:
        leads_already = db.session.scalar(
            select(ActionLead.id).where(
                ActionLead.action_id == lead.action_id,
                ActionLead.user_id == move.to.id,
                ActionLead.kind == lead.kind,
                ActionLead.removed_at.is_(None),
            )
        )
        if leads_already is None:
            db.session.add(
                ActionLead(
                    action_id=lead.action_id,
                    user_id=move.to.id,
                    kind=lead.kind,
                    assigned_at=move.at,
                    assigned_by_id=move.viewer.user_id,
                )
            )
    move.record("plan_action", lead.action_id, "lead_user_id", kind=lead.kind.value)


def _move_case_action(move: _Move) -> None:
    """It goes to somebody of the team, or back to the team, whose manager decides."""
    action = db.session.scalar(select(CaseAction).where(CaseAction.id == move.subject_id).with_for_update())
    if action is None or action.owner_id != move.from_user_id or action.done_at or action.withdrawn_at:
        raise _gone()
    if move.to is not None and move.to.id not in owners_of(action.team_id):
        raise Conflict(
            f"{move.to.name} is not of the team of this action. Choose somebody of the team, or nobody."
        )
    action.owner_id = move.to.id if move.to else None
    move.record("case_action", action.id, "owner_id")


_MOVES: dict[WorkKind, Callable[[_Move], None]] = {
    WorkKind.REVIEW: _move_review,
    WorkKind.TEAM: _move_team,
    WorkKind.SERVICE_AREA: _move_area,
    WorkKind.SUPERVISION: _move_supervision,
    WorkKind.REVIEWING: _move_reviewing,
    WorkKind.PLAN_ACTION: _move_lead,
    WorkKind.CASE_ACTION: _move_case_action,
}


def _gone() -> NotFound:
    return NotFound("This has gone to somebody else, or is done, since the page was opened.")


def _may(user_id: int, permission: Permission) -> bool:
    roles = [role for role in Role if permission in ROLE_PERMISSIONS[role]]
    found = select(RoleGrant.id).where(RoleGrant.user_id == user_id, RoleGrant.role.in_(roles)).limit(1)
    return db.session.scalar(found) is not None


def _practitioner_of(user: User) -> Practitioner:
    found = db.session.scalar(select(Practitioner).where(Practitioner.user_id == user.id))
    if found is None:
        raise Conflict(
            f"{user.name} is matched with no practitioner. Match them on the page of practitioners first."
        )
    return found


def _is_under(supervisor: Practitioner, person: Practitioner) -> bool:
    """Whether making this supervisor would turn the line of supervision into a ring."""
    seen: set[int] = set()
    step: Practitioner | None = supervisor
    while step is not None and step.id not in seen:
        if step.id == person.id:
            return True
        seen.add(step.id)
        step = db.session.get(Practitioner, step.supervisor_id) if step.supervisor_id else None
    return False
