"""Who may open which page. A view that does not say is refused."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import UserMixin, current_user, login_user
from werkzeug.wrappers import Response

from qa_app import clock
from qa_app.config import Settings
from qa_app.domain.access import Permission, Viewer
from qa_app.extensions import db, login_manager, own_transaction
from qa_app.queries.accounts import SignedIn, get_signed_in
from qa_app.services.access_log import RENEWED, SIGNED_IN, log_access, log_sign_in, note_seen
from qa_app.services.accounts import token_sha256
from qa_app.web.shared import seen_records

SEEN_EVERY_SECONDS = 60

View = Callable[..., ResponseReturnValue]


def public(view: View) -> View:
    """Anybody may open this page, signed in or not."""
    view._access = "public"  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Anybody who is signed in may open this page."""
    view._access = "signed in"  # type: ignore[attr-defined]
    return view


def requires(*permissions: Permission) -> Callable[[View], View]:
    """Only somebody with one of these permissions may open this page; the query then decides how much of it."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            viewer = current_viewer()
            if not any(viewer.may(permission) for permission in permissions):
                g.refused = True
                abort(403)
            return view(*args, **kwargs)

        guarded._access = permissions  # type: ignore[attr-defined]
        return guarded

    return mark


def current_viewer() -> Viewer:
    """Whoever is signed in. Pages marked `public` ask `viewer_or_none` instead."""
    viewer = viewer_or_none()
    if viewer is None:
        abort(401)
    return viewer


def viewer_or_none() -> Viewer | None:
    """Whoever is signed in, if anybody is."""
    account = current_user._get_current_object()
    return account.standing.viewer if isinstance(account, Account) else None


class Account(UserMixin):
    """Somebody signed in, as the cookie knows them: by the token of this one sign-in, never by their number."""

    def __init__(self, token: str, standing: SignedIn | None = None) -> None:
        self.token = token
        self._standing = standing

    @property
    def standing(self) -> SignedIn:
        """The sign-in's row, with the viewer."""
        if self._standing is None:
            raise LookupError("a sign-in that has just begun is known from the next request on")
        return self._standing

    @property
    def is_known(self) -> bool:
        """Whether the row was read: that of a sign-in which has just begun was not."""
        return self._standing is not None

    def get_id(self) -> str:
        """What the cookie holds."""
        return self.token


def remember_sign_in(token: str) -> None:
    """Let the cookie of this response hold a sign-in that has just begun; it is kept in the access log."""
    g.sign_in_begun = (token_sha256(token), RENEWED if viewer_or_none() is not None else SIGNED_IN)
    login_user(Account(token))


def token_of_request() -> str | None:
    """The token by which this request is signed in, if it is."""
    account = current_user._get_current_object()
    return account.token if isinstance(account, Account) else None


def record_view(subject_kind: str, subject_id: int, what: str = "view") -> None:
    """Note that this response shows a record about a child; written when the response has gone out."""
    seen_records.note_record(subject_kind, subject_id, what)


def account_number() -> int | None:
    """The number of the account by which this request was made, as far as it is known without asking anew."""
    account = g.get("_login_user")
    is_known = isinstance(account, Account) and account.is_known
    return account.standing.viewer.user_id if is_known else None


def guard(app: Flask) -> None:
    """Stand before every request of an app: find who asks, and refuse what no rule allows."""
    login_manager.init_app(app)
    app.before_request(_forget_last_request)
    app.before_request(_refuse_by_default)
    app.after_request(_write_access)


def _forget_last_request() -> None:
    for name in ("_login_user", "seen_session", "sign_in_begun", "furniture"):
        g.pop(name, None)  # where one context serves several requests, nobody inherits a sign-in
    seen_records.forget()


@login_manager.user_loader
def _load_account(token: str) -> Account | None:
    settings: Settings = current_app.config["SETTINGS"]
    at = clock.now()
    found = get_signed_in(
        token_sha256(token),
        idle_minutes=settings.session_idle_minutes,
        longest_minutes=settings.session_longest_minutes,
        at=at,
    )
    if found is None:
        return None
    if (at - found.last_seen_at).total_seconds() > SEEN_EVERY_SECONDS:
        g.seen_session = (found.session_id, at)
    return Account(token, found)


def _refuse_by_default() -> ResponseReturnValue | None:
    if request.endpoint is None or request.endpoint == "static":
        return None
    access = getattr(current_app.view_functions[request.endpoint], "_access", None)
    if access == "public":
        return None
    if access is None:
        abort(403)
    if viewer_or_none() is None:
        wants_page = request.method == "GET" and not wants_json()
        if wants_page:
            return redirect(url_for("sign_in.show", next=request.full_path.rstrip("?")))
        abort(401)
    return None


def wants_json() -> bool:
    """Whether the request came from a script that reads JSON."""
    return request.accept_mimetypes.best == "application/json" or request.is_json


def _write_access(response: Response) -> Response:
    begun = g.pop("sign_in_begun", None)
    seen_session = g.pop("seen_session", None)
    viewer = viewer_or_none() if account_number() is not None else None
    seen = seen_records.seen_in(response, is_signed_in=viewer is not None)
    seen_records.forget()
    if not (seen or seen_session or begun):
        return response
    db.session.rollback()  # what was to be kept is committed; a reading transaction must not block this one
    endpoint, at = request.endpoint or "", clock.now()
    with own_transaction() as own:
        if seen_session:
            note_seen(own, *seen_session)
        if begun:
            log_sign_in(own, begun[0], begun[1], endpoint, at=at)
        for one in seen:
            log_access(own, viewer, one.what, endpoint, one.subject_kind, one.subject_id, at=at)
    return response
