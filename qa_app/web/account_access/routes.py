"""How somebody gets in, as administrators look after it: locks, sign-ins, second factor, council account."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission, Viewer
from qa_app.queries.accounts import get_account
from qa_app.services.accounts import end_sign_ins, set_break_glass, unlock_account
from qa_app.services.accounts_second_factor import reset_second_factor
from qa_app.services.accounts_sign_on import prepare_council_account, untie_council_account
from qa_app.web.shared.access import current_viewer, requires
from qa_app.web.shared.recent_sign_in import recently_proved
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("account_access", __name__, url_prefix="/accounts/<int:user_id>")

BACK = "accounts.roles"


@blueprint.post("/unlock")
@requires(Permission.MANAGE_USERS)
@commits
def unlock(user_id: int) -> ResponseReturnValue:
    """Open an account that wrong attempts have locked."""
    return done(user_id, unlock_account, "The account is unlocked.")


@blueprint.post("/end-sign-ins")
@requires(Permission.MANAGE_USERS)
@commits
def end_all(user_id: int) -> ResponseReturnValue:
    """End every sign-in of somebody, for example when a laptop was lost."""
    return done(user_id, end_sign_ins, "Every sign-in of theirs has ended.")


@blueprint.get("/reset-second-factor")
@requires(Permission.MANAGE_USERS)
@recently_proved()
def reset(user_id: int) -> ResponseReturnValue:
    """Should the second factor really go?"""
    account = get_account(current_viewer(), user_id, at=clock.now())
    return render_template(
        "accounts/reset_second_factor.html",
        heading=f"Reset the second factor of {account.name}",
        account=account,
    )


@blueprint.post("/reset-second-factor")
@requires(Permission.MANAGE_USERS)
@recently_proved("account_access.reset")
@commits
def send_reset(user_id: int) -> ResponseReturnValue:
    """Take away the second factor of somebody who has lost it."""
    return done(
        user_id, reset_second_factor, "The second factor is reset. Every sign-in of theirs has ended."
    )


@blueprint.post("/council-account")
@requires(Permission.MANAGE_USERS)
@recently_proved(BACK)
@commits
def prepare(user_id: int) -> ResponseReturnValue:
    """Let the council account with the same address be tied to this one at its first sign-in."""
    return done(
        user_id, prepare_council_account, "Their next sign-in with the council account ties it to this one."
    )


@blueprint.post("/council-account/untie")
@requires(Permission.MANAGE_USERS)
@recently_proved(BACK)
@commits
def untie(user_id: int) -> ResponseReturnValue:
    """Let the council account open this account no more."""
    return done(user_id, untie_council_account, "The council account no longer opens this account.")


@blueprint.post("/emergency")
@requires(Permission.MANAGE_USERS)
@recently_proved(BACK)
@commits
def keep_for_emergencies(user_id: int) -> ResponseReturnValue:
    """Let this account sign in with a password where everybody else uses their council account; or no more."""
    viewer, at = current_viewer(), clock.now()
    yes = not get_account(viewer, user_id, at=at).is_break_glass
    set_break_glass(viewer, user_id, yes, at=at)
    flash(
        "This account is kept for emergencies: it may always use its password."
        if yes
        else "This account is no longer kept for emergencies.",
        "success",
    )
    return redirect(url_for(BACK, user_id=user_id), 303)


def done(user_id: int, what: Callable[..., object], words: str) -> ResponseReturnValue:
    """Do one thing to an account and say so on its page."""
    viewer: Viewer = current_viewer()
    at: datetime = clock.now()
    what(viewer, user_id, at=at)
    flash(words, "success")
    return redirect(url_for(BACK, user_id=user_id), 303)
