"""Alive, ready, and what is not in order: in words for administrators, in one word for anybody else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from qa_app import clock
from qa_app.domain.access import SYSTEM, Role
from qa_app.models.accounts import User
from qa_app.models.jobs import Job, JobState
from qa_app.queries.health import Check, list_checks
from qa_app.services import history
from qa_app.services.history_seal import seal_history
from qa_app.services.jobs import add_job
from qa_app.web.health.routes import newest_revision
from tests.builders import make_user

pytestmark = pytest.mark.database


@pytest.fixture
def migrated(session: Session) -> None:
    """A database that says it is of the newest shape, with its history sealed."""
    session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
    session.execute(text("INSERT INTO alembic_version VALUES (:v)"), {"v": newest_revision()})
    while seal_history(session()):  # type: ignore[operator]
        pass


def checks(session: Session) -> dict[str, Check]:
    return {check.name: check for check in list_checks(SYSTEM, newest_revision(), at=clock.now())}


def test_alive_asks_nothing_of_the_database(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa_app.web.health.routes.list_checks", no_database)
    reply = client.get("/health")
    assert (reply.status_code, reply.json) == (200, {"status": "alive"})


def no_database(*_: object, **__: object) -> list[Check]:
    raise OperationalError("SELECT 1", {}, Exception("could not connect to db.internal as qa"))


def test_ready_when_everything_is_in_order(client: FlaskClient, migrated: None) -> None:
    reply = client.get("/ready")
    assert (reply.status_code, reply.json) == (200, {"status": "ready"})


def test_not_ready_without_a_database_and_no_word_of_why(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa_app.web.health.routes.list_checks", no_database)
    reply = client.get("/ready")
    assert (reply.status_code, reply.json) == (503, {"status": "not ready"})


def test_not_ready_with_a_database_of_another_shape(
    client: FlaskClient, session: Session, migrated: None
) -> None:
    session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    reply = client.get("/ready")
    assert (reply.status_code, reply.json) == (503, {"status": "not ready"})
    assert "qa db upgrade" in checks(session)["Shape of the database"].words


def test_not_ready_when_nobody_seals(client: FlaskClient, session: Session, migrated: None) -> None:
    history.record(SYSTEM, "changed", "theme", 1, at=clock.now() - timedelta(minutes=1))
    session.flush()
    assert checks(session)["Seal over the history"].is_well
    history.record(SYSTEM, "changed", "theme", 1, at=clock.now() - timedelta(minutes=20))
    session.flush()
    assert "the oldest for 20 minutes" in checks(session)["Seal over the history"].words
    assert client.get("/ready").status_code == 503


def test_not_ready_when_work_that_was_asked_for_waits(
    client: FlaskClient, session: Session, migrated: None
) -> None:
    before = clock.now() - timedelta(hours=3)
    add_job(session(), "history.seal", unique_key="history.seal", due_at=before, at=before)  # type: ignore[operator]
    found = checks(session)
    assert not found["Worker"].is_well
    assert client.get("/ready").status_code == 200, "the site does that work by itself"
    add_job(session(), "something.asked", due_at=before, at=before)  # type: ignore[operator]
    assert "the oldest for 3 hours" in checks(session)["Work that people asked for"].words
    assert client.get("/ready").status_code == 503


def test_administrators_read_it_in_words(
    session: Session, sign_in: Callable[[User], FlaskClient], migrated: None
) -> None:
    now = clock.now()
    session.add(Job(kind="x", payload={}, state=JobState.FAILED, due_at=now, created_at=now, fault="secret"))
    page = sign_in(make_user("Admin", Role.ADMINISTRATOR)).get("/system").text
    assert "In order" in page
    assert "wait for their seal" in page
    assert "1 piece of work was given up" in page
    assert "secret" not in page
