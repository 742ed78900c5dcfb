"""How an action stands, said by those who lead it: another dated step in its story."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.dates import as_written
from qa_app.domain.errors import Invalid, NotAllowed, NotFound
from qa_app.domain.plan_records import Rating
from qa_app.domain.references import action_ref
from qa_app.extensions import db
from qa_app.models.improvement import ActionUpdate, PlanAction
from qa_app.queries.scope_plan import actions_within
from qa_app.services import history

LONGEST_STATUS = 300
LONGEST_PROGRESS = 4000
"""Units: characters."""


@dataclass(frozen=True)
class Said:
    """What somebody says of an action: since when it holds, its colour, its status in a few words, and the story."""

    effective_on: date | None
    rating: Rating | None
    status_text: str
    progress: str


def update_action(viewer: Viewer, action_id: int, said: Said, *, today: date, at: datetime) -> ActionUpdate:
    """Say how an action stands since a day. The same said twice in a row is kept once.

    Errors: NotAllowed for the system; NotFound for an action that is not theirs to update; Invalid at a field.
    """
    viewer.require(Permission.UPDATE_ACTIONS)
    if viewer.user_id is None:
        raise NotAllowed("An update is made by a person: sign in first.")
    found = db.session.scalar(
        select(PlanAction.id).where(
            PlanAction.id == action_id,
            actions_within(viewer, Permission.UPDATE_ACTIONS),
            actions_within(viewer, Permission.SEE_PLAN),
        )
    )
    if found is None:
        raise NotFound(f"There is no plan action {action_ref(action_id)} that is yours to update.")
    status, progress = _plain(said.status_text), _plain(said.progress)
    effective_on = _checked(said, status, progress, today)
    before = _newest(action_id)
    if before is not None and (
        before.effective_on == effective_on
        and before.status_text == status
        and before.declared_rating == said.rating
        and (before.progress or "") == progress
    ):
        return before
    update = ActionUpdate(
        action_id=action_id,
        effective_on=effective_on,
        recorded_at=at,
        recorded_by_id=viewer.user_id,
        status_text=status,
        declared_rating=said.rating,
        progress=progress or None,
    )
    db.session.add(update)
    history.record(
        viewer,
        "action.updated",
        "plan_action",
        action_id,
        at=at,
        before={
            "status": before.status_text if before else "",
            "rating": before.declared_rating.value if before and before.declared_rating else "",
        },
        after={
            "status": status,
            "rating": said.rating.value if said.rating else "",
            "effective_on": effective_on.isoformat(),
        },
    )
    db.session.flush()
    return update


def _checked(said: Said, status: str, progress: str, today: date) -> date:
    if said.effective_on is None:
        raise Invalid("effective_on", "Enter the day since which the action stands so.")
    if said.effective_on > today:
        raise Invalid(
            "effective_on", f"Enter a day up to today, {as_written(today)}: an update says how things stand."
        )
    if said.rating is None:
        raise Invalid("rating", "Choose the rating that you declare.")
    if not status:
        raise Invalid("status_text", "Say in a few words how the action stands.")
    if len(status) > LONGEST_STATUS:
        raise Invalid(
            "status_text", f"Keep the status to {LONGEST_STATUS} characters; the story has room for more."
        )
    if len(progress) > LONGEST_PROGRESS:
        raise Invalid(
            "progress", f"Keep the story to {LONGEST_PROGRESS} characters; this one has {len(progress)}."
        )
    return said.effective_on


def _newest(action_id: int) -> ActionUpdate | None:
    return db.session.scalar(
        select(ActionUpdate)
        .where(ActionUpdate.action_id == action_id)
        .order_by(ActionUpdate.effective_on.desc(), ActionUpdate.recorded_at.desc(), ActionUpdate.id.desc())
        .limit(1)
    )


def _plain(typed: str) -> str:
    lines = (" ".join(line.split()) for line in typed.replace("\x00", "").strip().splitlines())
    return "\n".join(lines).strip()
