"""What the pages about signing in share: the rules, the count of attempts, the browsers that are known, the way on."""

import ipaddress
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from math import ceil
from secrets import token_urlsafe

from flask import current_app, redirect, request, session, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from qa_app import clock
from qa_app.adapters.secret_box import SecretBox
from qa_app.config import Settings
from qa_app.domain.access import Role
from qa_app.domain.council_account import read_roles
from qa_app.domain.sign_in import SignInRules, SignInWay, ThrottleKind
from qa_app.extensions import db, own_transaction, reading_only
from qa_app.services.access_log import log_refused_account
from qa_app.services.accounts import end_session, start_session
from qa_app.services.accounts_throttle import ThrottleKey, blocked_until, take_attempt
from qa_app.web.shared.access import remember_sign_in, token_of_request, viewer_or_none

KNOWN_FOR_DAYS = 180
MOST_ACCOUNTS = 8
"""How many accounts one browser is known for: a shared desk has several people."""


def settings() -> Settings:
    """How this installation runs."""
    found: Settings = current_app.config["SETTINGS"]
    return found


def secret_box() -> SecretBox:
    """What seals the secrets of this installation."""
    return _box(str(current_app.secret_key), settings().secret_key_before)


@lru_cache(maxsize=4)
def _box(key: str, before: str) -> SecretBox:
    return SecretBox(key, before)


def sign_in_rules() -> SignInRules:
    """How often somebody may try, by the settings."""
    kept = settings()
    return SignInRules(kept.sign_in_attempts, kept.sign_in_lock_minutes, kept.sign_in_address_attempts)


def demanded_roles() -> frozenset[Role]:
    """The roles that may not sign in with a password alone. Over plain http on this machine, none."""
    kept = settings()
    return read_roles(kept.second_factor_roles) if kept.secure_cookies else frozenset()


def password_keys(email: str) -> list[ThrottleKey]:
    """What an attempt to sign in with this address counts towards.

    A browser from which the account's owner has signed in has a count of its own, so that strangers who guess
    can't shut the owner out; all other browsers share one, and are counted by their network address too.
    """
    account = _account_mark(email)
    known = _known_browsers().get(account[:16])
    if known is not None:
        return [_key(ThrottleKind.PASSWORD, f"{account} {known}")]
    return [_key(ThrottleKind.PASSWORD, f"{account} anywhere"), _key(ThrottleKind.ADDRESS, _network())]


def code_keys(email: str) -> list[ThrottleKey]:
    """What an attempt at a second step counts towards: not that of passwords, which a right password forgives."""
    account = _account_mark(email)
    known = _known_browsers().get(account[:16], "anywhere")
    return [_key(ThrottleKind.CODE, f"{account} {known}")]


def own_keys(email: str) -> list[ThrottleKey]:
    """What an attempt to prove oneself again, while signed in, counts towards."""
    return [_key(ThrottleKind.PASSWORD, f"{_account_mark(email)} signed in")]


def take_turn(keys: Sequence[ThrottleKey], user_id: int | None, *, at: datetime) -> str | None:
    """Count one attempt before its outcome is known; gives the refusal in words where there were too many.

    The request's own transaction is ended first: the count is kept whatever becomes of the request.
    """
    db.session.rollback()
    with reading_only(), Session(db.engine, join_transaction_mode="create_savepoint") as reading:
        until = blocked_until(reading, keys, at=at)
    if until is None:
        with own_transaction() as own:
            until = take_attempt(own, keys, sign_in_rules(), user_id=user_id, at=at)
    if until is None:
        return None
    minutes = max(1, ceil((until - at).total_seconds() / 60))
    return (
        f"There were too many attempts. Wait {minutes} minute{'' if minutes == 1 else 's'}, or ask an administrator to "
        "unlock your account or for a link to choose another password."
    )


def keep_refusal(user_id: int | None, *, at: datetime) -> None:
    """Keep in the access log that somebody was not let in, whatever becomes of the request."""
    db.session.rollback()
    with own_transaction() as own:
        log_refused_account(own, user_id, request.endpoint or "", at=at)


def begin_cookie(token: str) -> None:
    """Let this browser hold a sign-in that has just begun, and nothing that was there before.

    A sign-in that it held until now, of whomever, ends in the request's own transaction.
    """
    standing = token_of_request()
    if standing is not None:
        end_session(db.session(), standing, at=clock.now())
    session.clear()
    remember_sign_in(token)


def go_in(token: str, email: str, target: str) -> Response:
    """Let this browser hold a sign-in that has just begun, know it from now on, and lead on."""
    begin_cookie(token)
    response = redirect(safe_target(target), 303)
    know_browser(response, email)
    return response


def know_browser(response: Response, email: str) -> None:
    """Let this browser be known as one from which the owner of this address signs in."""
    account = _account_mark(email)[:16]
    known = _known_browsers()
    kept = {mark: nonce for mark, nonce in known.items() if mark != account}
    kept = dict(list(kept.items())[-(MOST_ACCOUNTS - 1) :])
    kept[account] = known.get(account) or token_urlsafe(12)
    response.set_cookie(
        _cookie_name(),
        _serializer().dumps(kept),
        max_age=KNOWN_FOR_DAYS * 86_400,
        secure=settings().secure_cookies,
        httponly=True,
        samesite="Lax",
    )


def go_on_after_change(user_id: int) -> None:
    """Where somebody has changed what they themselves may do, and so ended their sign-ins, this browser goes on."""
    viewer = viewer_or_none()
    if viewer is not None and viewer.user_id == user_id:
        at = clock.now()
        way = end_session(db.session(), token_of_request() or "", at=at) or SignInWay.PASSWORD
        token = start_session(db.session(), user_id, browser=browser_words(), way=way, at=at)
        remember_sign_in(token)


def safe_target(target: str) -> str:
    """An address of this site to go on to; anything else leads to the first page."""
    is_local = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if is_local and "\\" not in target else url_for("home.index")


def browser_words() -> str:
    """The browser in few words, so that somebody knows their own sign-ins apart; not the whole header."""
    agent = request.user_agent.string
    browsers = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
    systems = (
        ("Windows", "Windows"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Mac", "Mac"),
        ("Linux", "Linux"),
    )
    browser = next((name for mark, name in browsers if mark in agent), "Another browser")
    system = next((name for mark, name in systems if mark in agent), "")
    return f"{browser} on {system}" if system else browser


def _key(kind: ThrottleKind, words: str) -> ThrottleKey:
    return ThrottleKey(kind, secret_box().mark("throttle", words))


def _account_mark(email: str) -> str:
    return secret_box().mark("account", email.strip().lower())


def _network() -> str:
    # Whoever has one IPv6 address has a whole /64 of them.
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return request.remote_addr or ""
    if address.version == 6:
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return str(address)


def _cookie_name() -> str:
    return "__Host-qa-browser" if settings().secure_cookies else "qa-browser"


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="known browser")


def _known_browsers() -> dict[str, str]:
    try:
        found = _serializer().loads(request.cookies.get(_cookie_name(), ""))
    except BadSignature:
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(mark): str(nonce) for mark, nonce in found.items()}
