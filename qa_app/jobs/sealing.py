"""The sealer as a thread of the embedded server: every second it seals what was recorded meanwhile."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from qa_app.extensions import own_transaction
from qa_app.services.history_seal import seal_history

EVERY_SECONDS = 1.0


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


def seal_once(app: Flask) -> int:
    """Seal what is waiting now; gives how many entries."""
    with app.app_context(), own_transaction() as session:
        return seal_history(session)


def _run(app: Flask, stop: threading.Event) -> None:
    while not stop.wait(EVERY_SECONDS):
        _try(app)
    _try(app)


def _try(app: Flask) -> None:
    try:
        seal_once(app)
    except Exception as fault:  # a locked database must not end the sealer: it tries again in a second
        app.logger.warning("sealing waits: %s", type(fault).__name__)
