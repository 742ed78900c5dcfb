"""Signing in with the council account: to the council's own service, and back."""

import logging
from datetime import datetime, timedelta

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.adapters.single_sign_on import NOT_BELIEVED, CouncilService, Departure, SingleSignOn
from qa_app.domain.council_account import CouncilPerson, SignOnRefused, read_role_map
from qa_app.domain.errors import QaError
from qa_app.domain.sign_in import STEP_MINUTES, SignInWay
from qa_app.extensions import db, mark_reading_only
from qa_app.queries.sign_in import get_address
from qa_app.services.accounts import prove_again
from qa_app.services.accounts_sign_in import begin_sign_in
from qa_app.services.accounts_sign_on import CLOSED, welcome
from qa_app.web.shared.access import public, remember_sign_in, token_of_request, viewer_or_none
from qa_app.web.shared.signing_in import (
    browser_words,
    demanded_roles,
    go_in,
    keep_refusal,
    safe_target,
    secret_box,
    settings,
)

blueprint = Blueprint("single_sign_on", __name__, url_prefix="/sign-in/council-account")
log = logging.getLogger("qa_app.single_sign_on")

KEPT_DEPARTURES = 3
"""How many tabs of one browser may be on their way at once."""
JUST_NOW = timedelta(minutes=5)


@blueprint.get("")
@public
def depart() -> ResponseReturnValue:
    """To the council's sign-in service. With `prove`, whoever is signed in proves again that it is them."""
    at = clock.now()
    proves = "prove" in request.args and viewer_or_none() is not None
    try:
        departure = way().depart(back_address(), prove_again=proves, at=at)
    except SignOnRefused as refusal:
        return refused(refusal, is_kept=False)
    waiting = kept_departures()
    waiting[departure.state] = {
        "nonce": departure.nonce,
        "verifier": departure.verifier,
        "target": safe_target(request.args.get("next", "")),
        "proves": proves,
        "at": at.isoformat(),
    }
    session["departures"] = dict(list(waiting.items())[-KEPT_DEPARTURES:])
    return redirect(departure.address)


@blueprint.get("/back")
@public
def arrive() -> ResponseReturnValue:
    """Back from the council's sign-in service: begin a sign-in for whoever it vouches for, or say why not."""
    at = clock.now()
    waiting = kept_departures()
    left = waiting.pop(request.args.get("state", ""), None)
    session["departures"] = waiting
    mark_reading_only(False)
    try:
        if left is None or not is_fresh(left, at):
            raise SignOnRefused(NOT_BELIEVED)
        departure = Departure("", request.args.get("state", ""), str(left["nonce"]), str(left["verifier"]))
        person = way().arrive(departure, back_address(), request.args, at=at)
        if left["proves"]:
            return proved(person, str(left["target"]), at)
        return let_in(person, str(left["target"]), at)
    except QaError as refusal:
        return refused(refusal, is_kept=left is not None)


def let_in(person: CouncilPerson, target: str, at: datetime) -> ResponseReturnValue:
    """Begin the sign-in of somebody whom the council's service vouches for.

    This GET writes: it is where the council's service leads, and only what that service has signed makes it write.
    """
    user_id = welcome(person, read_role_map(settings().sso_roles), at=at)
    begun = begin_sign_in(
        user_id,
        secret_box(),
        way=SignInWay.COUNCIL_ACCOUNT,
        browser=browser_words(),
        demanded_of=demanded_roles(),
        at=at,
    )
    if begun is None:
        raise SignOnRefused(CLOSED)
    response = go_in(begun.token, get_address(user_id), target)
    db.session.commit()
    return response


def proved(person: CouncilPerson, target: str, at: datetime) -> ResponseReturnValue:
    """Keep that whoever is signed in has proved with their council account, just now, that it is them."""
    viewer = viewer_or_none()
    if viewer is None:
        raise SignOnRefused(NOT_BELIEVED)
    if welcome(person, {}, at=at) != viewer.user_id:
        raise SignOnRefused("You came back with another person's council account. Sign in again as yourself.")
    if person.proved_at is None or at - person.proved_at > JUST_NOW:
        raise SignOnRefused(
            "The council's sign-in service does not say that you proved just now who you are. Whoever looks after it "
            "can let it send the claim auth_time."
        )
    token = prove_again(token_of_request() or "", at=at)
    db.session.commit()
    remember_sign_in(token)
    flash("Confirmed. Go on where you were.", "success")
    return redirect(safe_target(target), 303)


def refused(refusal: QaError, *, is_kept: bool) -> ResponseReturnValue:
    """Why nobody was signed in, and what to do.

    Kept in the access log, without a word about whom, where this browser had left for the council's service: else
    strangers could fill the log.
    """
    db.session.rollback()
    if is_kept:
        keep_refusal(None, at=clock.now())
    log.warning("sign-in by council account refused", extra={"kind": type(refusal).__name__})
    status = refusal.status if isinstance(refusal, SignOnRefused) else 409
    page = render_template(
        "sign_in/council_refused.html", heading="You are not signed in", message=refusal.message
    )
    return page, status


def way() -> SingleSignOn:
    """The way to the council's sign-in service that this installation is set up for.

    Errors: SignOnRefused when it is set up for none.
    """
    kept = settings()
    issuer = kept.resolved_issuer()
    if not issuer:
        raise SignOnRefused("Signing in with a council account is not set up here. Use your password.")
    service = CouncilService(
        issuer=issuer,
        client_id=kept.sso_client_id,
        client_secret=kept.sso_client_secret,
        subject_claim=kept.resolved_subject_claim(),
        required_method=kept.sso_required_method,
    )
    found = current_app.extensions.get("single_sign_on")
    if not isinstance(found, SingleSignOn) or found.service != service:
        found = current_app.extensions["single_sign_on"] = SingleSignOn(service)
    return found


def back_address() -> str:
    """The address to which the council's service leads back, as it is registered there."""
    return url_for("single_sign_on.arrive", _external=True)


def kept_departures() -> dict[str, dict[str, object]]:
    """The departures of this browser that have not come back, by their state."""
    found = session.get("departures")
    return dict(found) if isinstance(found, dict) else {}


def is_fresh(left: dict[str, object], at: datetime) -> bool:
    """Whether somebody left lately enough to come back."""
    return at - datetime.fromisoformat(str(left["at"])) < timedelta(minutes=STEP_MINUTES)
