"""What happens when a day has come: in the worker's job, and in the server's own watch."""

import threading
import time
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app import clock
from qa_app.extensions import db, own_transaction, services_write_in
from qa_app.jobs import due_days
from qa_app.jobs.work import KINDS, do_next_job
from qa_app.models.accounts import User
from qa_app.models.history import HistoryEntry
from qa_app.models.leavers import Leaving
from qa_app.models.reviews import Review
from qa_app.services.jobs import add_job
from tests.builders import AT, make_user
from tests.builders_ties import hand_in, make_tied_case

pytestmark = pytest.mark.database


def leaving(user: User, last_day: date) -> Leaving:
    row = Leaving(user_id=user.id, last_day=last_day, reason="Left.", marked_at=AT)
    db.session.add(row)
    db.session.flush()
    return row


def ask(kind: str) -> None:
    with own_transaction() as own:
        add_job(own, kind, due_at=clock.now(), at=clock.now())


def test_the_worker_releases_what_is_due_and_nothing_else(session: Session) -> None:
    old, new = make_tied_case(make_user("One")), make_tied_case(make_user("Two"))
    hand_in(old)
    hand_in(new)
    new.review.submitted_at = clock.now()
    old.review.submitted_at = clock.now() - timedelta(days=11)
    old_id, new_id = old.review.id, new.review.id
    session.commit()
    ask("reviews.release")
    assert do_next_job() == "reviews.release"
    session.expire_all()
    assert session.get_one(Review, old_id).released_at is not None
    assert session.get_one(Review, new_id).released_at is None
    told = session.scalars(select(HistoryEntry).where(HistoryEntry.action == "released a review")).one()
    assert (told.subject_id, told.actor_id) == (old_id, None)


def test_the_worker_closes_the_accounts_of_those_who_have_left(session: Session) -> None:
    gone, here = make_user("Gone"), make_user("Here")
    leaving(gone, clock.today() - timedelta(days=1))
    leaving(here, clock.today())
    gone_id, here_id = gone.id, here.id
    session.commit()
    ask("leavers.close")
    assert do_next_job() == "leavers.close"
    session.expire_all()
    assert not session.get_one(User, gone_id).is_active
    assert session.get_one(User, here_id).is_active


def test_a_fault_in_the_work_leaves_nothing_of_it_behind(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = make_tied_case(make_user("One"))
    hand_in(old)
    old.review.submitted_at = clock.now() - timedelta(days=11)
    old_id = old.review.id
    session.commit()
    release = due_days.release_due_reviews

    def fail_late(*arguments: object, **named: object) -> int:
        release(*arguments, **named)  # type: ignore[arg-type]
        raise RuntimeError("The disk is full.")

    monkeypatch.setattr(due_days, "release_due_reviews", fail_late)
    ask("reviews.release")
    assert do_next_job(KINDS) == "reviews.release"
    session.expire_all()
    assert session.get_one(Review, old_id).released_at is None


def test_services_go_back_to_their_own_session_afterwards(session: Session) -> None:
    before = db.session()
    with own_transaction() as own:
        with services_write_in(own):
            assert db.session() is own
        assert db.session() is before


def test_the_server_watches_the_days_and_survives_a_fault(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    done = threading.Event()

    def fail(_session: Session) -> int:
        seen.append("failed")
        raise RuntimeError("locked")

    def close(_session: Session) -> int:
        seen.append("closed")
        if len(seen) >= 4:
            done.set()
        return 0

    monkeypatch.setattr(due_days, "release_due", fail)
    monkeypatch.setattr(due_days, "close_due_accounts", close)
    monkeypatch.setattr(due_days, "EVERY_SECONDS", 0.01)
    begun = time.monotonic()
    with due_days.watching_days(app):
        assert done.wait(10)
    assert time.monotonic() - begun < 10
    assert seen[:4] == ["failed", "closed", "failed", "closed"]
