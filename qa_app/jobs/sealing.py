"""The sealer as a thread of the embedded server: every second it seals what was recorded meanwhile."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy.orm import Session

from qa_app.extensions import db, own_transaction, reading_only
from qa_app.services.history_seal import chain_head, is_anything_unsealed, seal_history

EVERY_SECONDS = 1.0
THOROUGH_EVERY = 600
"""Turns between two looks through all entries, for one whose transaction was very long."""
ANCHOR_EVERY = 900
"""Turns between two notes of the chain's head in the log, where nobody who alters the database reaches it."""
MOST_AT_ONCE = 1000
log = logging.getLogger("qa_app.sealing")


@contextmanager
def sealing(app: Flask) -> Iterator[None]:
    """Seal the history while the server runs, and once more when it stops."""
    stop = threading.Event()
    thread = threading.Thread(target=_run, args=(app, stop), name="sealer", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=10)


def seal_once(app: Flask, *, thorough: bool = False) -> int:
    """Seal what is waiting now; gives how many entries. Writers wait only while a thousand links are written."""
    n_sealed = 0
    with app.app_context():
        while True:
            with _reading() as reading:
                is_any = is_anything_unsealed(reading, thorough=thorough)
            if not is_any:
                return n_sealed
            with own_transaction() as session:
                n = seal_history(session, most=MOST_AT_ONCE, thorough=thorough)
            n_sealed += n
            if n < MOST_AT_ONCE:
                return n_sealed


def note_head(app: Flask) -> None:
    """Write the chain's head into the log: an anchor outside the database."""
    with app.app_context(), _reading() as reading:
        log_head(reading)


def log_head(session: Session) -> None:
    """Write the chain's head, as this transaction sees it, into the log."""
    seq, head = chain_head(session)
    if seq:
        log.info("history head", extra={"seq": seq, "hash": head})


@contextmanager
def _reading() -> Iterator[Session]:
    with reading_only(), Session(db.engine, join_transaction_mode="create_savepoint") as session:
        yield session


def _run(app: Flask, stop: threading.Event) -> None:
    turn = 0
    while not stop.wait(EVERY_SECONDS):
        _try(app, turn)
        turn += 1
    _try(app, 0)


def _try(app: Flask, turn: int) -> None:
    try:
        seal_once(app, thorough=turn % THOROUGH_EVERY == 0)
        if turn % ANCHOR_EVERY == 0:
            note_head(app)
    except Exception as fault:  # a locked database must not end the sealer: it tries again in a second
        app.logger.warning("sealing waits", extra={"fault": type(fault).__name__})
