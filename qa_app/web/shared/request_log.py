"""One line in the log for each request: which page, how it ended, how long it took, and by which account."""

import logging
import secrets
import time

import structlog
from flask import Flask, g, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from qa_app.web.shared.access import account_number

QUIET = frozenset({"static", "health.alive", "health.ready"})
"""Asked for all the time and saying nothing about anybody."""
log = logging.getLogger("qa_app.requests")


def log_requests(app: Flask) -> None:
    """Give every request a number of its own, and write a line when it is answered.

    Call this before anything else hooks into the requests: then nothing of a request happens outside it.
    """
    app.before_request(_begin)
    app.after_request(_end)


def request_number() -> str:
    """The number by which this request stands in the log, to tell people when something went wrong."""
    number: str = g.get("request_number", "")
    return number


def _begin() -> ResponseReturnValue | None:
    g.request_number = secrets.token_hex(6)
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=g.request_number)
    return None


def _end(response: Response) -> Response:
    if request.endpoint in QUIET and response.status_code < 400:
        return response
    began = g.get("began")
    # Only numbers of records are taken from the address; what else stands in one may be a token or a name.
    numbers = {name: value for name, value in (request.view_args or {}).items() if isinstance(value, int)}
    log.info(
        "request",
        extra={
            "endpoint": request.endpoint or "",
            "method": request.method if request.method in KNOWN_METHODS else "other",
            "status": response.status_code,
            "ms": round((time.perf_counter() - began) * 1000, 1) if began is not None else 0,
            "user_id": account_number(),
            "records": numbers,
        },
    )
    response.headers["X-Request-Id"] = request_number()
    return response


KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"})
