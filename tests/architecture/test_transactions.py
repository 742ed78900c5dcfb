"""Transactions on the real engines: many writers lose nothing, a reading request can't write."""

import threading
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from qa_app.config import Settings
from qa_app.extensions import db, own_transaction, reading_only
from qa_app.factory import create_app
from qa_app.models.accounts import User
from tests.builders import AT
from tests.postgresql import fresh_database, runs_on_postgresql

pytestmark = pytest.mark.database
THREADS, TURNS = 8, 10


@pytest.fixture
def real_app(tmp_path: Path) -> Iterator[Flask]:
    """An app whose commits are real."""
    address = fresh_database() if runs_on_postgresql() else f"sqlite:///{tmp_path / 'real.sqlite3'}"
    app = create_app(
        Settings(database_url=address, secret_key="test", secure_cookies=False, instance_folder=tmp_path)
    )
    with app.app_context():
        flask_migrate.upgrade()
        db.session.add(User(email="a@example.org", name="0", created_at=AT))
        db.session.commit()
        yield app
        db.session.remove()
        db.engine.dispose()


def test_many_writers_lose_nothing(real_app: Flask) -> None:
    faults: list[BaseException] = []

    def count_up() -> None:
        try:
            with real_app.app_context():
                for _ in range(TURNS):
                    with own_transaction() as session:
                        user = session.scalars(select(User).with_for_update()).one()
                        user.name = str(int(user.name) + 1)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=count_up) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    db.session.rollback()
    assert db.session.scalar(select(User.name)) == str(THREADS * TURNS)


def test_a_reading_transaction_is_refused_by_the_database_when_it_writes(real_app: Flask) -> None:
    db.session.rollback()
    with reading_only(), pytest.raises(DatabaseError, match=r"read-?only"):
        db.session.execute(text("UPDATE user_account SET name = 'B'"))
    db.session.rollback()
    db.session.execute(text("UPDATE user_account SET name = 'B'"))
    db.session.commit()
    assert db.session.scalar(select(User.name)) == "B"


def test_a_page_that_is_read_reads_in_a_reading_transaction(real_app: Flask) -> None:
    @real_app.get("/writes-on-get")
    def writes_on_get() -> str:
        db.session.execute(text("UPDATE user_account SET name = 'C'"))
        db.session.commit()
        return "written"

    writes_on_get._access = "public"
    real_app.view_functions["writes_on_get"] = writes_on_get
    db.session.rollback()
    real_app.config["TESTING"] = False
    real_app.config["PROPAGATE_EXCEPTIONS"] = False
    assert real_app.test_client().get("/writes-on-get").status_code == 500
    assert db.session.scalar(select(User.name)) == "0"
