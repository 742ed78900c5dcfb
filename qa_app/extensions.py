"""The database session, sign-in and migrations, and the rules by which transactions begin on either database."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from qa_app.models.tables import metadata

db = SQLAlchemy(
    metadata=metadata,
    session_options={"join_transaction_mode": "create_savepoint"},
    disable_autonaming=True,
)
migrate = Migrate()
login_manager = LoginManager()

_reading_only: ContextVar[bool] = ContextVar("reading_only", default=False)


@contextmanager
def reading_only() -> Iterator[None]:
    """Transactions that begin inside can't write: the database itself refuses."""
    mark = _reading_only.set(True)
    try:
        yield
    finally:
        _reading_only.reset(mark)


def mark_reading_only(yes: bool) -> None:
    """From here on in this request, transactions begin as reading or as writing ones."""
    _reading_only.set(yes)


@contextmanager
def own_transaction() -> Iterator[Session]:
    """A short writing transaction beside the request's own: what it writes survives a refusal.

    On SQLite the request's own transaction must not hold the write lock meanwhile, so end it first.
    """
    mark = _reading_only.set(False)
    try:
        with Session(db.engine, join_transaction_mode="create_savepoint") as session, session.begin():
            yield session
    finally:
        _reading_only.reset(mark)


@contextmanager
def services_write_in(session: Session) -> Iterator[None]:
    """Services called inside write in this transaction, and whoever opened it commits: for background work."""
    registry = db.session.registry
    before = registry() if registry.has() else None
    registry.set(session)  # type: ignore[arg-type]
    try:
        yield
    finally:
        if before is None:
            registry.clear()
        else:
            registry.set(before)


def prepare_engine(engine: Engine) -> None:
    """Give an engine our transaction rules. Safe to call twice."""
    if engine.dialect.name == "sqlite":
        if not event.contains(engine, "connect", _prepare_sqlite_connection):
            event.listen(engine, "connect", _prepare_sqlite_connection)
            event.listen(engine, "begin", _begin_sqlite)
    elif not event.contains(engine, "begin", _begin_postgresql):
        event.listen(engine, "begin", _begin_postgresql)


def _prepare_sqlite_connection(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy begins; the driver must not
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA busy_timeout=15000")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=NORMAL")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that may write takes the write lock at once: one that upgrades later fails under writers.
    if _reading_only.get():
        connection.exec_driver_sql("PRAGMA query_only=1")
        connection.exec_driver_sql("BEGIN")
    else:
        connection.exec_driver_sql("PRAGMA query_only=0")
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_postgresql(connection: Connection) -> None:
    if _reading_only.get():
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
