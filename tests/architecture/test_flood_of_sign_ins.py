"""A thousand wrong sign-ins at once, on the real engines: none passes the throttle, and others sign in meanwhile."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import func, select

from qa_app.config import Settings
from qa_app.domain.access import SYSTEM
from qa_app.extensions import db
from qa_app.factory import create_app
from qa_app.models.accounts import UserSession
from qa_app.services import accounts, accounts_sign_in
from tests.builders import AT
from tests.postgresql import fresh_database, runs_on_postgresql

pytestmark = pytest.mark.database

PASSWORD = "a walk in the long rain"
ATTEMPTS, THREADS, LIMIT = 1000, 16, 5


@pytest.fixture
def real_app(tmp_path: Path) -> Iterator[Flask]:
    """An app whose commits are real, with two people."""
    address = fresh_database() if runs_on_postgresql() else f"sqlite:///{tmp_path / 'real.sqlite3'}"
    app = create_app(
        Settings(
            database_url=address,
            secret_key="test",
            secure_cookies=False,
            instance_folder=tmp_path,
            sign_in_attempts=LIMIT,
        )
    )
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        flask_migrate.upgrade()
        for name in ("target", "other"):
            accounts.add_user(
                SYSTEM, email=f"{name}@example.org", name=name, password=PASSWORD, grants=[], at=AT
            )
        db.session.commit()
        yield app
        db.session.remove()
        db.engine.dispose()


def test_a_thousand_wrong_sign_ins_neither_pass_the_throttle_nor_lock_out_the_service(
    real_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks: list[str] = []
    usual, lock = accounts_sign_in.opens, threading.Lock()

    def counted(door: accounts_sign_in.Door, typed: str) -> bool:
        with lock:
            checks.append(typed)
        return usual(door, typed)

    monkeypatch.setattr(accounts_sign_in, "opens", counted)

    def guess(number: int) -> int:
        sent = {"email": "target@example.org", "password": f"guess {number}"}
        place = {"REMOTE_ADDR": f"10.{number % 200}.{number % 7}.1"}
        return real_app.test_client().post("/sign-in", data=sent, environ_base=place).status_code

    def other_person(_: int) -> tuple[int, float]:
        begun = time.perf_counter()
        sent = {"email": "other@example.org", "password": PASSWORD}
        place = {"REMOTE_ADDR": "192.0.2.7"}
        status = real_app.test_client().post("/sign-in", data=sent, environ_base=place).status_code
        return status, time.perf_counter() - begun

    with ThreadPoolExecutor(THREADS) as many, ThreadPoolExecutor(1) as one:
        guesses = [many.submit(guess, number) for number in range(ATTEMPTS)]
        others = [one.submit(other_person, number) for number in range(10)]
        statuses = Counter(each.result() for each in guesses)
        met = [each.result() for each in others]
    assert statuses == {422: LIMIT, 429: ATTEMPTS - LIMIT}
    assert len([typed for typed in checks if typed.startswith("guess")]) == LIMIT
    assert [status for status, _ in met] == [303] * 10
    assert max(seconds for _, seconds in met) < 10
    db.session.rollback()
    assert db.session.scalar(select(func.count(UserSession.id))) == 10


def test_one_person_signs_in_on_many_machines_at_once(real_app: Flask) -> None:
    def sign_in(_: int) -> int:
        sent = {"email": "other@example.org", "password": PASSWORD}
        return real_app.test_client().post("/sign-in", data=sent).status_code

    with ThreadPoolExecutor(LIMIT - 1) as many:
        assert Counter(many.map(sign_in, range(40))) == {303: 40}
