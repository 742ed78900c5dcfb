"""Reminders of actions for children: before their day, when it has passed, and a week later."""

from datetime import datetime, timedelta

from sqlalchemy import select

from qa_app.domain.access import SYSTEM, Permission, Viewer
from qa_app.domain.case_action_filters import Asked
from qa_app.domain.case_actions import Priority
from qa_app.domain.dates import as_written
from qa_app.domain.notices import NoticeKind
from qa_app.domain.references import case_action_ref
from qa_app.domain.working_days import day_in_london
from qa_app.extensions import db
from qa_app.models.case_actions import CaseAction
from qa_app.models.notices import Notice
from qa_app.queries.case_actions import select_late
from qa_app.services import history
from qa_app.services.notices import tell
from qa_app.services.reviewed_cases import heads_of, managers_of

BEFORE = timedelta(days=5)
WELL_PAST = timedelta(days=7)
ONCE = timedelta(days=1)
"""Reminding by hand tells nobody of one action again within this time."""


def remind_of_case_actions(*, at: datetime) -> int:
    """Go one step up the ladder with every open action whose time has come; gives how many reminders were written.

    First its owner five days before its day (an hour before for a critical one); then owner and manager when it is
    late; a week later the head of service too. Whoever owns none is the team's manager.
    """
    due = db.session.scalars(
        select(CaseAction)
        .where(
            CaseAction.told_at.is_not(None),
            CaseAction.done_at.is_(None),
            CaseAction.withdrawn_at.is_(None),
            CaseAction.n_reminders < 3,
            CaseAction.due_at <= at + BEFORE,
        )
        .order_by(CaseAction.id)
        .with_for_update()
    ).all()
    return sum(_step(action, at) for action in due)


def chase_late(viewer: Viewer, asked: Asked, *, at: datetime) -> tuple[int, int]:
    """Remind by hand whoever has to do the late actions that the filters leave: how many actions, how many people.

    Nobody is reminded of one action twice within a day. Errors: NotAllowed.
    """
    viewer.require(Permission.MANAGE_CASE_ACTIONS)
    late = select_late(viewer, asked, at=at)
    rows = db.session.execute(
        select(Notice.subject_id, Notice.user_id).where(
            Notice.subject_kind == "case_action",
            Notice.raised_at > at - ONCE,
            Notice.subject_id.in_([action.id for action in late]),
        )
    )
    reminded = {(row.subject_id, row.user_id) for row in rows}
    n_actions, people = 0, set[int]()
    for action in late:
        doers = tuple(user_id for user_id in _doers(action) if (action.id, user_id) not in reminded)
        if _remind(viewer, action, doers, at):
            n_actions += 1
            people |= {user_id for user_id in doers if user_id != viewer.user_id}
            history.record(viewer, "case_action.chased", "case_action", action.id, at=at)
    return n_actions, len(people)


def _step(action: CaseAction, at: datetime) -> int:
    step = _step_due(action, at)
    if step <= action.n_reminders:
        return 0
    action.n_reminders = step
    people = _doers(action)
    if step > 1:
        people += managers_of(action.team_id)
    if step > 2:
        people += heads_of(action.service_area_id)
    return _remind(SYSTEM, action, people, at)


def _step_due(action: CaseAction, at: datetime) -> int:
    if at > action.due_at + WELL_PAST:
        return 3
    if at > action.due_at:
        return 2
    before = timedelta(hours=1) if action.priority is Priority.CRITICAL else BEFORE
    assert action.told_at is not None
    # Somebody told yesterday of what is due in five days needs no reminder today.
    return 1 if at >= action.due_at - before and at - action.told_at > timedelta(days=1) else 0


def _doers(action: CaseAction) -> tuple[int, ...]:
    return (action.owner_id,) if action.owner_id is not None else managers_of(action.team_id)


def _remind(viewer: Viewer, action: CaseAction, people: tuple[int, ...], at: datetime) -> int:
    due = as_written(day_in_london(action.due_at))
    what = f"was due on {due}" if at > action.due_at else f"is due on {due}"
    told = [user_id for user_id in dict.fromkeys(people) if user_id != viewer.user_id]
    for user_id in told:
        tell(
            viewer, user_id, NoticeKind.CASE_ACTION, f"Action {case_action_ref(action.id)} for a child {what}.",
            f"/case-actions/{action.id}", about=("case_action", action.id), at=at,
        )  # fmt: skip
    return len(told)
