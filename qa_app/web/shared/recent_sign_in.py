"""Sensitive pages ask again who is there, unless that was proved some minutes ago."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from qa_app import clock
from qa_app.domain.sign_in import is_recent
from qa_app.web.shared.access import Account, View

AGAIN = "That was not done yet: first confirm that it is you, then do it once more."


def recently_proved(back: str = "") -> Callable[[View], View]:
    """Go on only if whoever is signed in proved it lately; else lead there by way of a page that asks.

    `back`: the endpoint of the page from which a form is sent, with the same numbers in its address. Stands below
    the decorators that say who may open the page and above `commits`.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def asking(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            if is_proved():
                return view(*args, **kwargs)
            if request.method != "POST":
                return redirect(url_for("sign_in.confirm", next=request.full_path.rstrip("?")))
            return ask_again(url_for(back, **kwargs))

        asking._asks_again = True  # type: ignore[attr-defined]
        return asking

    return mark


def is_proved() -> bool:
    """Whether whoever is signed in proved it lately."""
    account = current_user._get_current_object()
    return isinstance(account, Account) and is_recent(account.standing.verified_at, clock.now())


def ask_again(target: str) -> ResponseReturnValue:
    """To the page that asks who is there, and from there to the page where something was not done."""
    flash(AGAIN, "warning")
    return redirect(url_for("sign_in.confirm", next=target), 303)
