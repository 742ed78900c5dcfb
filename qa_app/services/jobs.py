"""Background work as rows: taken under a lease, tried again after a fault, never run twice unnoticed.

Each function runs in a short transaction of its own, which the caller opens: what is taken must be seen as taken
before the work begins.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from qa_app.models.jobs import Job, JobState

LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 5
LONGEST_FAULT = 500


@dataclass(frozen=True)
class TakenJob:
    """A job that a worker holds. `attempt` tells this taking apart from any later one."""

    job_id: int
    kind: str
    payload: dict[str, Any]
    attempt: int


def add_job(
    session: Session,
    kind: str,
    *,
    due_at: datetime,
    at: datetime,
    unique_key: str | None = None,
    payload: dict[str, Any] | None = None,
) -> int:
    """Ask for a piece of work; gives its number. The same unique key asks for the same work only once.

    Work under that key that is done or failed is asked for afresh; work that waits or runs stays as it is.
    """
    job = session.scalar(select(Job).where(Job.unique_key == unique_key)) if unique_key else None
    if job is None:
        job = Job(
            kind=kind,
            unique_key=unique_key,
            payload=payload or {},
            state=JobState.WAITING,
            due_at=due_at,
            created_at=at,
        )
        session.add(job)
    elif job.state in (JobState.DONE, JobState.FAILED):
        job.state, job.due_at, job.n_attempts = JobState.WAITING, due_at, 0
        job.payload, job.fault, job.ended_at = payload or {}, "", None
    session.flush()
    return job.id


def take_job(session: Session, *, at: datetime, lease: timedelta = LEASE) -> TakenJob | None:
    """Take the job that has waited longest, or one whose worker was lost; nothing when nothing is due.

    Two workers never take the same job: on PostgreSQL a row that another holds is passed over, on SQLite the
    transaction holds the write lock from its beginning.
    """
    while True:
        job = session.scalar(
            select(Job)
            .where(
                or_(
                    and_(Job.state == JobState.WAITING, Job.due_at <= at),
                    and_(Job.state == JobState.RUNNING, Job.lease_until <= at),
                )
            )
            .order_by(Job.due_at, Job.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if job is None:
            return None
        if job.n_attempts < MOST_ATTEMPTS:
            break
        _end(
            job,
            JobState.FAILED,
            at,
            f"It was begun {job.n_attempts} times and its worker was lost each time.",
        )
        session.flush()
    job.state, job.lease_until = JobState.RUNNING, at + lease
    job.n_attempts += 1
    session.flush()
    return TakenJob(job.id, job.kind, dict(job.payload), job.n_attempts)


def finish_job(session: Session, taken: TakenJob, *, at: datetime, again_at: datetime | None = None) -> bool:
    """Mark a job as done, or as waiting for its next time.

    Call it in the transaction of the work itself. False when the lease was lost meanwhile and somebody else has
    the job: then the work must be rolled back.
    """
    job = _held(session, taken)
    if job is None:
        return False
    if again_at is None:
        _end(job, JobState.DONE, at)
    else:
        job.state, job.lease_until, job.due_at, job.n_attempts = JobState.WAITING, None, again_at, 0
        job.fault = ""
    session.flush()
    return True


def note_fault(session: Session, taken: TakenJob, fault: str, *, at: datetime) -> bool:
    """Keep why a job did not work. It is tried again later, each time after a longer wait, and then given up.

    Gives whether it will be tried again.
    """
    job = _held(session, taken)
    if job is None:
        return False
    if job.n_attempts >= MOST_ATTEMPTS:
        _end(job, JobState.FAILED, at, fault)
        session.flush()
        return False
    job.state, job.lease_until, job.fault = JobState.WAITING, None, fault[:LONGEST_FAULT]
    job.due_at = at + timedelta(seconds=5 * 4**job.n_attempts)
    session.flush()
    return True


def _held(session: Session, taken: TakenJob) -> Job | None:
    return session.scalar(
        select(Job)
        .where(Job.id == taken.job_id, Job.state == JobState.RUNNING, Job.n_attempts == taken.attempt)
        .with_for_update()
    )


def _end(job: Job, state: JobState, at: datetime, fault: str = "") -> None:
    job.state, job.lease_until, job.ended_at, job.fault = state, None, at, fault[:LONGEST_FAULT]
