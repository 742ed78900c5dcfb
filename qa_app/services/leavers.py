"""When somebody leaves: their open work goes to others, and their account closes when the last day is over."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from qa_app.domain.access import SYSTEM, Permission, Role, Viewer
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound, QaError
from qa_app.domain.leavers import LONGEST_REASON, MOST_DAYS_AHEAD, MOST_DAYS_BACK, is_over
from qa_app.extensions import db
from qa_app.models.accounts import RoleGrant, User
from qa_app.models.leavers import HandOver, Leaving
from qa_app.queries.leavers import WorkItem, list_open_work, list_people_who_stay
from qa_app.services import accounts, history
from qa_app.services.leavers_work import pass_on


@dataclass(frozen=True)
class NotHandedOver:
    """A piece of work that could not go to the person chosen, and why."""

    words: str
    why: str


@dataclass(frozen=True)
class HandOverOutcome:
    """How many pieces of work went on, and those that did not."""

    n_done: int
    refused: tuple[NotHandedOver, ...]


def mark_leaving(
    viewer: Viewer, user_id: int, last_day: date, reason: str, *, today: date, at: datetime
) -> Leaving:
    """Keep that somebody leaves, and when. A last day that is over closes the account at once.

    Errors: NotAllowed (an administrator is marked by an administrator only); NotFound; Invalid for a day too far
    away or no reason; Conflict for the last administrator, a closed account, or somebody marked already.
    """
    viewer.require(Permission.MANAGE_LEAVERS)
    user = db.session.scalar(select(User).where(User.id == user_id).with_for_update())
    if user is None:
        raise NotFound("There is no such account.")
    if _is_administrator(user_id) and not viewer.may(Permission.MANAGE_USERS):
        raise NotAllowed("Only an administrator can say that an administrator leaves.")
    if not user.is_active:
        raise Conflict("This account is closed already.")
    if _open_leaving(user_id) is not None:
        raise Conflict(f"{user.name} is marked as leaving already. Change the day on their page.")
    if accounts.is_last_administrator(user_id):
        raise Conflict("This is the last administrator. Give somebody else the role first.")
    leaving = Leaving(
        user_id=user_id,
        last_day=_possible_day(last_day, today),
        reason=_said(reason),
        marked_at=at,
        marked_by_id=viewer.user_id,
    )
    db.session.add(leaving)
    db.session.flush()
    after = {"last_day": last_day.isoformat(), "reason": leaving.reason}
    history.record(viewer, "marked as leaving", "user", user_id, at=at, after=after)
    if is_over(last_day, today):
        _close(leaving, at)
    return leaving


def change_last_day(viewer: Viewer, leaving_id: int, last_day: date, *, today: date, at: datetime) -> None:
    """Move somebody's last day. Errors: NotAllowed, NotFound; Invalid; Conflict once they have left."""
    leaving = _load_open(viewer, leaving_id)
    before = {"last_day": leaving.last_day.isoformat()}
    leaving.last_day = _possible_day(last_day, today)
    after = {"last_day": last_day.isoformat()}
    history.record(viewer, "changed the last day", "user", leaving.user_id, at=at, before=before, after=after)
    if is_over(last_day, today):
        _close(leaving, at)
    db.session.flush()


def cancel_leaving(viewer: Viewer, leaving_id: int, *, at: datetime) -> None:
    """They stay after all. What was handed over stays where it went.

    Errors: NotAllowed, NotFound; Conflict once they have left.
    """
    leaving = _load_open(viewer, leaving_id)
    leaving.cancelled_at, leaving.cancelled_by_id = at, viewer.user_id
    history.record(
        viewer,
        "stays after all",
        "user",
        leaving.user_id,
        at=at,
        before={"last_day": leaving.last_day.isoformat()},
    )
    db.session.flush()


def hand_over(
    viewer: Viewer,
    leaving_id: int,
    keys: Collection[str] | None,
    to_user_id: int | None,
    reason: str,
    *,
    today: date,
    at: datetime,
) -> HandOverOutcome:
    """Give open work to somebody, or leave it with nobody for now: the pieces named, or all with None.

    What stands against one piece (a tie to the child, a role that is missing) stops that piece alone and is said.
    Work may be handed over after the account has closed, too.
    Errors: NotAllowed, NotFound; Invalid without a reason, a piece, or a person who stays.
    """
    leaving = _load(viewer, leaving_id)
    said = _said(reason)
    chosen = _chosen(viewer, leaving, keys)
    successor = _successor(viewer, leaving, to_user_id)
    n_done = 0
    refused = []
    for item in chosen:
        try:
            pass_on(viewer, item, leaving.user_id, successor, today=today, at=at, reason=said)
        except QaError as refusal:
            refused.append(NotHandedOver(item.words, refusal.message))
            continue
        _keep(viewer, leaving, item, successor, said, at)
        n_done += 1
    db.session.flush()
    return HandOverOutcome(n_done, tuple(refused))


def close_left_accounts(*, today: date, at: datetime) -> int:
    """Close the account of everybody whose last day is over; gives how many. Their open work stays listed.

    The last administrator stays open until somebody else has the role.
    """
    due = db.session.scalars(
        select(Leaving)
        .where(Leaving.cancelled_at.is_(None), Leaving.closed_at.is_(None), Leaving.last_day < today)
        .order_by(Leaving.id)
        .with_for_update()
    ).all()
    n_closed = 0
    for leaving in due:
        if not accounts.is_last_administrator(leaving.user_id):
            _close(leaving, at)
            n_closed += 1
    db.session.flush()
    return n_closed


def _close(leaving: Leaving, at: datetime) -> None:
    user = db.session.get(User, leaving.user_id)
    if user is not None and user.is_active:
        accounts.close_account(SYSTEM, leaving.user_id, at=at)
    leaving.closed_at = at
    db.session.flush()


def _keep(
    viewer: Viewer, leaving: Leaving, item: WorkItem, successor: User | None, reason: str, at: datetime
) -> None:
    db.session.add(
        HandOver(
            leaving_id=leaving.id,
            kind=item.kind,
            subject_id=item.subject_id,
            words=item.words[:300],
            from_user_id=leaving.user_id,
            to_user_id=successor.id if successor else None,
            reason=reason,
            handed_over_at=at,
            handed_over_by_id=viewer.user_id,
        )
    )
    said = {"kind": item.kind.value, "subject_id": item.subject_id, "reason": reason}
    to = {"to_user_id": successor.id if successor else None}
    history.record(viewer, "handed over work", "user", leaving.user_id, at=at, after={**said, **to})
    if successor is not None:
        from_whom = {"from_user_id": leaving.user_id}
        history.record(viewer, "took over work", "user", successor.id, at=at, after={**said, **from_whom})


def _chosen(viewer: Viewer, leaving: Leaving, keys: Collection[str] | None) -> list[WorkItem]:
    work = list_open_work(viewer, leaving.user_id)
    if keys is None:
        return list(work)
    chosen = [item for item in work if item.key in set(keys)]
    if not chosen:
        raise Invalid("work", "Choose what to hand over. What somebody has taken over already is gone.")
    return chosen


def _successor(viewer: Viewer, leaving: Leaving, to_user_id: int | None) -> User | None:
    if to_user_id is None:
        return None
    if to_user_id == leaving.user_id or to_user_id not in {
        user_id for user_id, _ in list_people_who_stay(viewer)
    }:
        raise Invalid("to", "Choose somebody with an open account who is not leaving.")
    return db.session.get(User, to_user_id)


def _said(reason: str) -> str:
    words = " ".join(reason.replace("\x00", "").split())
    if not words or len(words) > LONGEST_REASON:
        raise Invalid("reason", f"Give a reason of 1 to {LONGEST_REASON} characters: it is kept.")
    return words


def _possible_day(last_day: date, today: date) -> date:
    if not -MOST_DAYS_BACK <= (last_day - today).days <= MOST_DAYS_AHEAD:
        raise Invalid("last_day", "Enter a last day within the last year or the next two.")
    return last_day


def _is_administrator(user_id: int) -> bool:
    statement = select(RoleGrant.id).where(RoleGrant.user_id == user_id, RoleGrant.role == Role.ADMINISTRATOR)
    return db.session.scalar(statement.limit(1)) is not None


def _open_leaving(user_id: int) -> Leaving | None:
    return db.session.scalar(
        select(Leaving).where(
            Leaving.user_id == user_id, Leaving.cancelled_at.is_(None), Leaving.closed_at.is_(None)
        )
    )


def _load(viewer: Viewer, leaving_id: int) -> Leaving:
    viewer.require(Permission.MANAGE_LEAVERS)
    leaving = db.session.scalar(select(Leaving).where(Leaving.id == leaving_id).with_for_update())
    if leaving is None or leaving.cancelled_at is not None:
        raise NotFound()
    if _is_administrator(leaving.user_id) and not viewer.may(Permission.MANAGE_USERS):
        raise NotAllowed("Only an administrator can do this for an administrator.")
    return leaving


def _load_open(viewer: Viewer, leaving_id: int) -> Leaving:
    leaving = _load(viewer, leaving_id)
    if leaving.closed_at is not None:
        raise Conflict("They have left, and the account is closed. An administrator can open it again.")
    return leaving
