"""What the worker does: takes due jobs one at a time, does them, and keeps what became of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from qa_app import clock
from qa_app.extensions import own_transaction
from qa_app.jobs.due_days import close_due_accounts, release_due, watch_case_work
from qa_app.jobs.mail import send_waiting
from qa_app.jobs.sealing import log_head
from qa_app.services.accounts_sessions import purge_sessions
from qa_app.services.caseload_waiting import purge_waiting
from qa_app.services.history_seal import seal_history
from qa_app.services.jobs import TakenJob, add_job, finish_job, note_fault, take_job

Work = Callable[[Session, Mapping[str, Any]], None]


@dataclass(frozen=True)
class JobKind:
    """One kind of work. With `every`, it is done again that long after it was done."""

    work: Work
    every: timedelta | None = None


def _seal(session: Session, _payload: Mapping[str, Any]) -> None:
    seal_history(session, most=5000)


def _seal_late(session: Session, _payload: Mapping[str, Any]) -> None:
    seal_history(session, most=5000, thorough=True)
    log_head(session)


def _purge(session: Session, _payload: Mapping[str, Any]) -> None:
    purge_sessions(session, at=clock.now())


def _release(session: Session, _payload: Mapping[str, Any]) -> None:
    release_due(session)


def _watch_case_work(session: Session, _payload: Mapping[str, Any]) -> None:
    watch_case_work(session)


def _close_leavers(session: Session, _payload: Mapping[str, Any]) -> None:
    close_due_accounts(session)


def _purge_waiting(session: Session, _payload: Mapping[str, Any]) -> None:
    purge_waiting(session, at=clock.now())


def _send_mail(_session: Session, _payload: Mapping[str, Any]) -> None:
    send_waiting()


KINDS: dict[str, JobKind] = {
    "history.seal": JobKind(_seal, timedelta(seconds=2)),
    "history.seal_late": JobKind(_seal_late, timedelta(minutes=10)),
    "caseload.purge": JobKind(_purge_waiting, timedelta(hours=1)),
    "mail.send": JobKind(_send_mail, timedelta(seconds=15)),
    "sessions.purge": JobKind(_purge, timedelta(hours=6)),
    "case_work.watch": JobKind(_watch_case_work, timedelta(minutes=1)),
    "reviews.release": JobKind(_release, timedelta(minutes=5)),
    "leavers.close": JobKind(_close_leavers, timedelta(minutes=5)),
}


class LeaseLost(Exception):
    """The job took longer than its lease and somebody else has it: what was done here is rolled back."""


def ask_for_repeating_work() -> None:
    """Make sure that every kind of repeating work waits for its turn."""
    at = clock.now()
    with own_transaction() as session:
        for kind, of_kind in KINDS.items():
            if of_kind.every is not None:
                add_job(session, kind, unique_key=kind, due_at=at, at=at)


def do_next_job(kinds: Mapping[str, JobKind] = KINDS) -> str | None:
    """Do one due job; gives its kind, or nothing when none is due.

    Taking, working and keeping a fault are three transactions: whoever kills the worker in between leaves a job
    that is taken up again when its lease has passed. The work and its end stand or fall together.
    """
    with own_transaction() as session:
        taken = take_job(session, at=clock.now())
    if taken is None:
        return None
    try:
        _do(taken, kinds)
    except Exception as fault:  # whatever went wrong belongs into the job's row, and the worker goes on
        with own_transaction() as session:
            note_fault(session, taken, f"{type(fault).__name__}: {fault}", at=clock.now())
    return taken.kind


def _do(taken: TakenJob, kinds: Mapping[str, JobKind]) -> None:
    if taken.kind not in kinds:
        raise LookupError(f"This version knows no work of the kind {taken.kind}.")
    of_kind = kinds[taken.kind]
    with own_transaction() as session:
        of_kind.work(session, taken.payload)
        at = clock.now()
        again_at = at + of_kind.every if of_kind.every is not None else None
        if not finish_job(session, taken, at=at, again_at=again_at):
            raise LeaseLost("Another worker has taken this job meanwhile.")
