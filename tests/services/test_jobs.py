"""Background work: taken once, taken up again, given up in the end."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM
from qa_app.models.accounts import UserSession
from qa_app.models.jobs import Job, JobState
from qa_app.services import history
from qa_app.services.accounts_sessions import purge_sessions
from qa_app.services.history_check import check_history
from qa_app.services.history_seal import seal_history
from qa_app.services.jobs import LEASE, MOST_ATTEMPTS, add_job, finish_job, note_fault, take_job
from tests.builders import AT, make_user

pytestmark = pytest.mark.database


def only_job(session: Session) -> Job:
    session.expire_all()
    return session.scalars(select(Job)).one()


def test_work_is_done_in_the_order_in_which_it_fell_due(session: Session) -> None:
    add_job(session, "later", due_at=AT + timedelta(seconds=1), at=AT)
    add_job(session, "second", due_at=AT, at=AT)
    add_job(session, "first", due_at=AT - timedelta(seconds=1), at=AT)
    taken = [take_job(session, at=AT), take_job(session, at=AT)]
    assert [job.kind for job in taken if job] == ["first", "second"]
    assert take_job(session, at=AT) is None


def test_a_unique_key_asks_only_once_until_it_is_done(session: Session) -> None:
    first = add_job(session, "seal", unique_key="seal", due_at=AT, at=AT)
    assert add_job(session, "seal", unique_key="seal", due_at=AT, at=AT) == first
    taken = take_job(session, at=AT)
    assert taken is not None
    add_job(session, "seal", unique_key="seal", due_at=AT, at=AT)
    assert only_job(session).state is JobState.RUNNING
    assert finish_job(session, taken, at=AT)
    assert only_job(session).state is JobState.DONE
    assert add_job(session, "seal", unique_key="seal", due_at=AT, at=AT, payload={"n": 2}) == first
    again = take_job(session, at=AT)
    assert again is not None
    assert (again.attempt, again.payload) == (1, {"n": 2})


def test_a_job_whose_worker_was_killed_is_taken_up_again(session: Session) -> None:
    add_job(session, "seal", due_at=AT, at=AT)
    lost = take_job(session, at=AT)
    assert lost is not None
    assert take_job(session, at=AT + LEASE - timedelta(seconds=1)) is None
    again = take_job(session, at=AT + LEASE)
    assert again is not None
    assert again.attempt == 2
    assert not finish_job(session, lost, at=AT + LEASE), "the first worker comes back too late"
    assert not note_fault(session, lost, "late", at=AT + LEASE)
    assert finish_job(session, again, at=AT + LEASE)


def test_a_job_that_kills_every_worker_is_given_up(session: Session) -> None:
    add_job(session, "seal", due_at=AT, at=AT)
    for n in range(MOST_ATTEMPTS):
        assert take_job(session, at=AT + n * LEASE) is not None
    assert take_job(session, at=AT + MOST_ATTEMPTS * LEASE) is None
    job = only_job(session)
    assert job.state is JobState.FAILED
    assert "its worker was lost each time" in job.fault


def test_a_fault_is_kept_and_tried_again_after_a_longer_wait_each_time(session: Session) -> None:
    add_job(session, "seal", due_at=AT, at=AT)
    moment, waits = AT, []
    for n in range(MOST_ATTEMPTS):
        taken = take_job(session, at=moment)
        assert taken is not None
        assert note_fault(session, taken, "The disk is full.", at=moment) is (n < MOST_ATTEMPTS - 1)
        due_at = only_job(session).due_at
        waits.append(due_at - moment)
        moment = due_at
    assert waits[:-1] == sorted(set(waits[:-1]))
    job = only_job(session)
    assert (job.state, job.fault) == (JobState.FAILED, "The disk is full.")
    assert take_job(session, at=moment + timedelta(days=9)) is None


def test_repeating_work_waits_for_its_next_time(session: Session) -> None:
    add_job(session, "seal", due_at=AT, at=AT)
    taken = take_job(session, at=AT)
    assert taken is not None
    finish_job(session, taken, at=AT, again_at=AT + timedelta(seconds=2))
    assert take_job(session, at=AT + timedelta(seconds=1)) is None
    assert take_job(session, at=AT + timedelta(seconds=2)) is not None


def test_old_sign_ins_are_cleared_away_and_current_ones_stay(session: Session) -> None:
    user = make_user()
    for n, (seen, ended) in enumerate([(40, None), (40, 40), (1, None), (29, 29)]):
        session.add(
            UserSession(
                token_sha256=f"{n}" * 64,
                user_id=user.id,
                created_at=AT - timedelta(days=50),
                last_seen_at=AT - timedelta(days=seen),
                verified_at=AT - timedelta(days=50),
                ended_at=AT - timedelta(days=ended) if ended else None,
            )
        )
    session.flush()
    assert purge_sessions(session, at=AT) == 2
    assert len(session.scalars(select(UserSession)).all()) == 2


def test_the_sealer_is_work_like_any_other(session: Session) -> None:
    history.record(SYSTEM, "did", "job", 1, at=AT)
    session.flush()
    assert seal_history(session) >= 1
    assert check_history(session, at=AT).unsealed == 0
