"""Is everything in order: the database's shape, the seal over the history, the work in the background."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, func, inspect, or_, select, text

from qa_app.domain.access import Permission, Viewer
from qa_app.extensions import db
from qa_app.models.history import HistoryEntry, HistorySeal
from qa_app.models.jobs import Job, JobState

SEALED_WITHIN = timedelta(minutes=5)
DONE_WITHIN = timedelta(minutes=10)
LOOKED_BACK = 5_000
"""Entries behind the newest seal among which one that waits is looked for; the sealer itself looks at all of them."""


@dataclass(frozen=True)
class Check:
    """One thing looked at. `stops_service`: without it the site must not be sent anybody."""

    name: str
    is_well: bool
    words: str
    stops_service: bool = True


def list_checks(viewer: Viewer, newest_revision: str, *, at: datetime) -> list[Check]:
    """Everything that is looked at, each in words for those who run the system."""
    viewer.require(Permission.MANAGE_USERS)
    return [
        _shape(newest_revision),
        _seal(at),
        _asked_work(at),
        _repeating_work(at),
        _failed_work(),
    ]


def _shape(newest_revision: str) -> Check:
    name = "Shape of the database"
    if not inspect(db.session.connection()).has_table("alembic_version"):
        return Check(name, False, "The database has no version. Run 'qa db upgrade'.")
    found = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    if found != newest_revision:
        return Check(
            name,
            False,
            f"The database is at version {found} and the program needs {newest_revision}. "
            "Run 'qa db upgrade', or start the program that belongs to this database.",
        )
    return Check(name, True, f"Version {found}, as the program needs it.")


def _seal(at: datetime) -> Check:
    name = "Seal over the history"
    newest = db.session.scalar(select(func.max(HistorySeal.entry_id))) or 0
    n, oldest = db.session.execute(
        select(func.count(), func.min(HistoryEntry.at)).where(
            HistoryEntry.id > newest - LOOKED_BACK,
            ~exists().where(HistorySeal.entry_id == HistoryEntry.id),
        )
    ).one()
    if not n:
        return Check(name, True, "Every change is sealed.")
    if at - oldest < SEALED_WITHIN:
        return Check(name, True, f"{n:,} changes of the last minutes wait for their seal.")
    return Check(
        name,
        False,
        f"{n:,} changes wait for their seal, the oldest for {_minutes(at - oldest)}. "
        "Is 'qa serve' or 'qa worker' running?",
    )


def _overdue(at: datetime) -> tuple[int, datetime | None, int, datetime | None]:
    late = at - DONE_WITHIN
    is_overdue = or_(
        and_(Job.state == JobState.WAITING, Job.due_at < late),
        and_(Job.state == JobState.RUNNING, Job.lease_until < late),
    )
    is_repeating = and_(Job.unique_key.is_not(None), Job.unique_key == Job.kind)
    asked = db.session.execute(
        select(func.count(), func.min(Job.due_at)).where(is_overdue, ~func.coalesce(is_repeating, False))
    ).one()
    repeating = db.session.execute(
        select(func.count(), func.min(Job.due_at)).where(is_overdue, is_repeating)
    ).one()
    return asked[0], asked[1], repeating[0], repeating[1]


def _asked_work(at: datetime) -> Check:
    n, oldest, _, _ = _overdue(at)
    name = "Work that people asked for"
    if not n or oldest is None:
        return Check(name, True, "Nothing waits longer than it should.")
    return Check(
        name, False, f"{n:,} of them wait, the oldest for {_minutes(at - oldest)}. Start 'qa worker'."
    )


def _repeating_work(at: datetime) -> Check:
    _, _, n, oldest = _overdue(at)
    name = "Worker"
    if not n or oldest is None:
        return Check(name, True, "No work of its own is overdue.", stops_service=False)
    return Check(
        name,
        False,
        f"No worker has run for {_minutes(at - oldest)}. The site seals the history by itself meanwhile.",
        stops_service=False,
    )


def _failed_work() -> Check:
    n = db.session.scalar(select(func.count()).where(Job.state == JobState.FAILED)) or 0
    words = f"{_pieces(n)} given up after several attempts." if n else "Nothing was given up."
    return Check("Work that was given up", not n, words, stops_service=False)


def _pieces(n: int) -> str:
    return "1 piece of work was" if n == 1 else f"{n:,} pieces of work were"


def _minutes(since: timedelta) -> str:
    minutes = int(since.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 2880 else f"{minutes // 1440} days"
