"""One commit per request, by the view that says so; a GET can't write at all."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, make_response, request
from flask.typing import ResponseReturnValue

from qa_app.extensions import db, mark_reading_only

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def commits(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Commit once when a view has done its work; roll back on an error or a status of 400 and more."""

    @wraps(view)
    def committing(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        try:
            response = make_response(view(*args, **kwargs))
        except BaseException:
            db.session.rollback()
            raise
        if response.status_code >= 400:
            db.session.rollback()
        else:
            db.session.commit()
        return response

    committing._commits = True  # type: ignore[attr-defined]
    return committing


def begin_by_method(app: Flask) -> None:
    """Requests that only read get transactions that can only read."""

    @app.before_request
    def choose() -> None:
        mark_reading_only(request.method in SAFE_METHODS)

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        mark_reading_only(False)
