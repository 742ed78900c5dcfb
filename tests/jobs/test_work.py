"""The worker's step: take, do, keep."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app import clock
from qa_app.domain.access import SYSTEM
from qa_app.extensions import own_transaction
from qa_app.jobs.work import KINDS, JobKind, ask_for_repeating_work, do_next_job
from qa_app.models.accounts import User
from qa_app.models.jobs import Job, JobState
from qa_app.services import history
from qa_app.services.history_check import check_history
from qa_app.services.jobs import add_job, take_job

pytestmark = pytest.mark.database


def jobs(session: Session) -> dict[str, Job]:
    session.expire_all()
    return {job.kind: job for job in session.scalars(select(Job))}


def ask(kind: str) -> None:
    at = clock.now()
    with own_transaction() as own:
        add_job(own, kind, due_at=at, at=at)


def test_repeating_work_is_asked_for_once_and_done_in_turn(session: Session) -> None:
    history.record(SYSTEM, "did", "job", 1, at=clock.now())
    session.commit()
    ask_for_repeating_work()
    ask_for_repeating_work()
    assert {do_next_job() for _ in KINDS} == set(KINDS)
    assert do_next_job() is None
    assert {job.state for job in jobs(session).values()} == {JobState.WAITING}
    assert check_history(session, at=clock.now()).unsealed == 0


def test_what_a_failed_job_wrote_is_rolled_back_and_its_fault_kept(session: Session) -> None:
    def spoil(own: Session, _payload: object) -> None:
        own.add(User(email="left@example.org", name="Left behind", created_at=clock.now()))
        own.flush()
        raise RuntimeError("The disk is full.")

    ask("spoil")
    assert do_next_job({"spoil": JobKind(spoil)}) == "spoil"
    job = jobs(session)["spoil"]
    assert (job.state, job.fault) == (JobState.WAITING, "RuntimeError: The disk is full.")
    assert job.due_at > clock.now()
    assert session.scalars(select(User).where(User.email == "left@example.org")).all() == []


def test_work_whose_lease_was_lost_is_rolled_back(session: Session) -> None:
    def dawdle(own: Session, _payload: object) -> None:
        own.add(User(email="slow@example.org", name="Slow", created_at=clock.now()))
        taken_meanwhile = take_job(own, at=clock.now() + timedelta(hours=1))
        assert taken_meanwhile is not None

    ask("dawdle")
    do_next_job({"dawdle": JobKind(dawdle)})
    assert session.scalars(select(User).where(User.email == "slow@example.org")).all() == []


def test_work_of_an_unknown_kind_says_so(session: Session) -> None:
    ask("unheard")
    do_next_job()
    assert "knows no work of the kind unheard" in jobs(session)["unheard"].fault


def test_the_command_does_what_is_due_and_ends(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qa_app.cli.worker import worker

    monkeypatch.setattr("qa_app.cli.context.create_app", lambda: app)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    ended = CliRunner().invoke(worker, ["--once"])
    assert ended.exit_code == 0, ended.output
    assert f"{len(KINDS)} jobs done." in ended.output
