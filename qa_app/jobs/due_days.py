"""What happens when its time has come: concerns climb, reminders go, reviews release themselves, accounts close.

The worker does it, and so does the server in a thread of its own, for councils that run no worker. Doing it twice
changes nothing.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app
from sqlalchemy.orm import Session

from qa_app import clock
from qa_app.config import Settings
from qa_app.extensions import own_transaction, services_write_in
from qa_app.services.case_actions_reminders import remind_of_case_actions
from qa_app.services.leavers import close_left_accounts
from qa_app.services.reviews_release import release_due_reviews
from qa_app.services.safeguarding_concerns import climb_overdue

EVERY_SECONDS = 60.0


def release_due(session: Session) -> int:
    """Release the reviews whose days are over; gives how many."""
    settings: Settings = current_app.config["SETTINGS"]
    with services_write_in(session):
        return release_due_reviews(settings.release_days, at=clock.now())


def close_due_accounts(session: Session) -> int:
    """Close the accounts of those whose last day is over; gives how many."""
    with services_write_in(session):
        return close_left_accounts(today=clock.today(), at=clock.now())


def watch_case_work(session: Session) -> int:
    """Let overdue concerns climb to the director, and remind of actions for children; gives how many."""
    with services_write_in(session):
        at = clock.now()
        return climb_overdue(at=at) + remind_of_case_actions(at=at)


@contextmanager
def watching_days(app: Flask) -> Iterator[None]:
    """Look once a minute, while the server runs, whether a day has come."""
    stop = threading.Event()
    thread = threading.Thread(target=_run, args=(app, stop), name="due-days", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=10)


def _run(app: Flask, stop: threading.Event) -> None:
    while True:
        for work in (watch_case_work, release_due, close_due_accounts):
            try:
                with app.app_context(), own_transaction() as session:
                    work(session)
            except Exception as fault:  # a locked database must not end the watch: it looks again in a minute
                app.logger.warning("%s waits: %s", work.__name__, type(fault).__name__)
        if stop.wait(EVERY_SECONDS):
            return
