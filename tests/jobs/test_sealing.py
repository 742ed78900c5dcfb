"""The sealer: seals what is there, keeps out of the writers' way, and writes the chain's head into the log."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask

from qa_app import clock
from qa_app.config import Settings
from qa_app.domain.access import SYSTEM
from qa_app.extensions import db, own_transaction
from qa_app.factory import create_app
from qa_app.jobs.sealing import note_head, seal_once, sealing
from qa_app.models.organisation import ServiceArea
from qa_app.services import history
from qa_app.services.history_check import check_history
from tests.postgresql import fresh_database, runs_on_postgresql

pytestmark = pytest.mark.database


@pytest.fixture
def real_app(tmp_path: Path) -> Iterator[Flask]:
    """An app whose commits are real."""
    address = fresh_database() if runs_on_postgresql() else f"sqlite:///{tmp_path / 'real.sqlite3'}"
    app = create_app(
        Settings(database_url=address, secret_key="test", secure_cookies=False, instance_folder=tmp_path)
    )
    with app.app_context():
        flask_migrate.upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()


def write(n: int = 1) -> None:
    for number in range(n):
        history.record(SYSTEM, "changed", "theme", number + 1, at=clock.now(), after={"n": number})
    db.session.commit()


def test_everything_is_sealed_however_much_waits(real_app: Flask) -> None:
    write(1100)
    assert seal_once(real_app) == 1100
    assert seal_once(real_app) == 0
    found = check_history(db.session(), at=clock.now())
    assert (found.sealed, found.unsealed, found.faults) == (1100, 0, [])
    db.session.rollback()


def test_a_sealer_with_nothing_to_do_waits_for_no_writer(real_app: Flask) -> None:
    write()
    seal_once(real_app)
    with own_transaction() as session:  # holds the write lock of the embedded database
        session.add(ServiceArea(name="North", created_at=clock.now()))
        session.flush()
        began = time.monotonic()
        sealed = threading.Thread(target=seal_once, args=(real_app,))
        sealed.start()
        sealed.join(timeout=5)
        assert not sealed.is_alive(), "the sealer queued behind a writer although nothing waits"
        assert time.monotonic() - began < 5


def test_writers_go_on_while_the_server_seals(real_app: Flask) -> None:
    faults: list[BaseException] = []
    n_threads, n_writes = 4, 15

    def work() -> None:
        try:
            with real_app.app_context():
                for _ in range(n_writes):
                    write()
        except BaseException as fault:
            faults.append(fault)

    with sealing(real_app):
        threads = [threading.Thread(target=work) for _ in range(n_threads)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not faults
    found = check_history(db.session(), at=clock.now())
    assert (found.entries, found.sealed, found.faults) == (n_threads * n_writes, n_threads * n_writes, [])
    db.session.rollback()


def test_two_sealers_at_once_make_one_chain(real_app: Flask) -> None:
    write(300)
    sealers = [threading.Thread(target=seal_once, args=(real_app,)) for _ in range(4)]
    for each in sealers:
        each.start()
    for each in sealers:
        each.join()
    seal_once(real_app)
    found = check_history(db.session(), at=clock.now())
    assert (found.sealed, found.unsealed, found.faults) == (300, 0, [])
    db.session.rollback()


def test_the_head_is_written_into_the_log(real_app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        note_head(real_app)
        assert not caplog.records
        write()
        seal_once(real_app)
        note_head(real_app)
    (record,) = [each for each in caplog.records if each.msg == "history head"]
    head = check_history(db.session(), at=clock.now())
    assert (record.seq, record.hash) == (head.head_seq, head.head)  # type: ignore[attr-defined]
    db.session.rollback()
