"""One's own account: where one is signed in, the password, the second factor."""

from flask import Blueprint, Response, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.errors import Invalid, NotFound, QaError
from qa_app.domain.second_factor import spaced_secret
from qa_app.domain.sign_in import SignInWay
from qa_app.extensions import db
from qa_app.queries.accounts import list_own_sessions
from qa_app.queries.sign_in import OwnAccount, get_own_account
from qa_app.services import accounts, accounts_passwords, accounts_sign_in
from qa_app.services import accounts_second_factor as second_factor
from qa_app.services.accounts_throttle import forgive
from qa_app.web.shared.access import current_viewer, remember_sign_in, signed_in, token_of_request
from qa_app.web.shared.authenticator_picture import picture_of
from qa_app.web.shared.password_fields import CodeForm
from qa_app.web.shared.recent_sign_in import recently_proved
from qa_app.web.shared.signing_in import (
    begin_cookie,
    browser_words,
    code_keys,
    demanded_roles,
    own_keys,
    secret_box,
    settings,
    take_turn,
)
from qa_app.web.shared.transactions import commits
from qa_app.web.your_account.forms import OwnPasswordForm

blueprint = Blueprint("your_account", __name__)


@blueprint.get("/your-sign-ins")
@signed_in
def sessions() -> ResponseReturnValue:
    """Where am I signed in, and what can I prove myself with?"""
    viewer = current_viewer()
    here = accounts.token_sha256(token_of_request() or "")
    return render_template(
        "your_account/sessions.html",
        heading="Your account",
        account=get_own_account(viewer),
        viewer=viewer,
        has_council_sign_in=bool(settings().resolved_issuer()),
        sessions=list_own_sessions(viewer, here, **session_limits(), at=clock.now()),
    )


@blueprint.post("/your-sign-ins/<int:session_id>/end")
@signed_in
@recently_proved("your_account.sessions")
@commits
def end_session(session_id: int) -> ResponseReturnValue:
    """End one of one's own sign-ins."""
    accounts.end_own_session(current_viewer(), session_id, at=clock.now())
    flash("That sign-in has ended.", "success")
    return redirect(url_for("your_account.sessions"), 303)


@blueprint.post("/your-sign-ins/end-others")
@signed_in
@recently_proved("your_account.sessions")
@commits
def end_others() -> ResponseReturnValue:
    """End every sign-in of one's own but this one."""
    n = accounts.end_other_sessions(current_viewer(), token_of_request() or "", at=clock.now())
    flash(f"{n} other sign-in{'' if n == 1 else 's'} ended.", "success")
    return redirect(url_for("your_account.sessions"), 303)


@blueprint.get("/your-password")
@signed_in
def own_password() -> ResponseReturnValue:
    """The form for another password of one's own."""
    return own_password_page(OwnPasswordForm(formdata=None))


@blueprint.post("/your-password")
@signed_in
@commits
def change_own_password() -> ResponseReturnValue:
    """Change one's own password; every other sign-in ends, and this one goes on under a fresh token."""
    form, viewer, at = OwnPasswordForm(), current_viewer(), clock.now()
    account = get_own_account(viewer)
    if not account.has_password:
        return redirect(url_for("your_account.own_password"), 303)
    if not form.validate():
        return own_password_page(form, 422)
    keys = own_keys(account.email)
    door = accounts_sign_in.find_door(account.email)
    refusal = take_turn(keys, account.user_id, at=at)
    if refusal is None and not accounts_sign_in.opens(door, form.current.data):
        refusal = "This is not your present password"
    if refusal is not None:
        form.current.errors = [refusal]
        return own_password_page(form, 422)
    way = accounts.end_session(db.session(), token_of_request() or "", at=at) or SignInWay.PASSWORD
    try:
        token = accounts_passwords.change_own_password(
            viewer, form.password.data, browser=browser_words(), way=way, at=at
        )
    except Invalid as fault:
        form.password.errors = [fault.message]
        return own_password_page(form, 422)
    forgive(db.session(), keys)
    begin_cookie(token)
    flash("Your password is changed. Every other sign-in of yours has ended.", "success")
    return redirect(url_for("your_account.sessions"), 303)


@blueprint.get("/your-second-factor")
@signed_in
def second_factor_page() -> ResponseReturnValue:
    """Have I a second factor, and what can I do about it?"""
    viewer = current_viewer()
    return render_template(
        "your_account/second_factor.html",
        heading="Your second factor",
        account=get_own_account(viewer),
        is_demanded=bool(set(viewer.roles) & demanded_roles()),
    )


@blueprint.post("/your-second-factor")
@signed_in
@recently_proved("your_account.second_factor_page")
@commits
def begin_second_factor() -> ResponseReturnValue:
    """Make the secret for an authenticator app, to be confirmed on the next page."""
    viewer = current_viewer()
    account = get_own_account(viewer)
    if not account.has_password:
        raise Invalid(
            "",
            "You sign in with your council account, which has its own second factor. There is nothing to do here.",
        )
    second_factor.begin_second_factor(account.user_id, secret_box(), at=clock.now())
    return redirect(url_for("your_account.set_up"), 303)


@blueprint.get("/your-second-factor/set-up")
@signed_in
@recently_proved()
def set_up() -> ResponseReturnValue:
    """The picture and the key for an authenticator app, and the field for its first code."""
    return set_up_page(get_own_account(current_viewer()), CodeForm(formdata=None))


@blueprint.get("/your-second-factor/picture.svg")
@signed_in
@recently_proved()
def picture() -> ResponseReturnValue:
    """The picture that an authenticator app reads."""
    account = get_own_account(current_viewer())
    if not account.waiting_secret:
        raise NotFound
    secret = second_factor.secret_of(account.user_id, account.waiting_secret, secret_box())
    return Response(picture_of(secret, account.email, settings().site_name), mimetype="image/svg+xml")


@blueprint.post("/your-second-factor/set-up")
@signed_in
@recently_proved("your_account.set_up")
@commits
def confirm_second_factor() -> ResponseReturnValue:
    """Take the second factor into use by its first code, and show the recovery codes."""
    form, at = CodeForm(), clock.now()
    account = get_own_account(current_viewer())
    if not form.validate():
        return set_up_page(account, form, 422)
    refusal = take_turn(code_keys(account.email), account.user_id, at=at)
    if refusal is not None:
        form.code.errors = [refusal]
        return set_up_page(account, form, 429)
    codes = second_factor.make_codes()
    try:
        second_factor.confirm_second_factor(account.user_id, form.code.data, codes, secret_box(), at=at)
    except QaError as fault:
        form.code.errors = [fault.message]
        return set_up_page(account, form, 422)
    forgive(db.session(), code_keys(account.email))
    page = codes_page(codes)
    go_on_signed_in(account.user_id, SignInWay.CODE)
    return page


@blueprint.post("/your-second-factor/recovery-codes")
@signed_in
@recently_proved("your_account.second_factor_page")
@commits
def make_recovery_codes() -> ResponseReturnValue:
    """Make other recovery codes and show them once; the old ones are void."""
    viewer = current_viewer()
    db.session.rollback()  # hashing takes half a second, in which nobody should wait for the database
    codes = second_factor.make_codes()
    second_factor.replace_recovery_codes(viewer, codes, at=clock.now())
    return codes_page(codes)


@blueprint.get("/your-second-factor/remove")
@signed_in
@recently_proved()
def remove() -> ResponseReturnValue:
    """Should the second factor really go?"""
    viewer = current_viewer()
    return render_template(
        "your_account/remove.html",
        heading="Remove your second factor",
        is_demanded=bool(set(viewer.roles) & demanded_roles()),
    )


@blueprint.post("/your-second-factor/remove")
@signed_in
@recently_proved("your_account.remove")
@commits
def send_remove() -> ResponseReturnValue:
    """Take away one's own second factor; every other sign-in ends."""
    viewer = current_viewer()
    second_factor.remove_second_factor(viewer, at=clock.now())
    if viewer.user_id is not None:
        go_on_signed_in(viewer.user_id, SignInWay.PASSWORD)
    flash("Your second factor is removed. Every other sign-in of yours has ended.", "success")
    return redirect(url_for("your_account.second_factor_page"), 303)


def go_on_signed_in(user_id: int, way: SignInWay) -> None:
    """Every sign-in has ended; this browser goes on under a fresh one."""
    token = accounts.start_session(db.session(), user_id, browser=browser_words(), way=way, at=clock.now())
    session.pop("_user_id", None)
    remember_sign_in(token)


def session_limits() -> dict[str, int]:
    """How long a sign-in stands, by the settings."""
    kept = settings()
    return {"idle_minutes": kept.session_idle_minutes, "longest_minutes": kept.session_longest_minutes}


def own_password_page(form: OwnPasswordForm, status: int = 200) -> ResponseReturnValue:
    """The form for another password of one's own."""
    account = get_own_account(current_viewer())
    page = render_template(
        "your_account/own_password.html", heading="Change your password", form=form, account=account
    )
    return page, status


def set_up_page(account: OwnAccount, form: CodeForm, status: int = 200) -> ResponseReturnValue:
    """The picture and the key for an authenticator app, and the field for its first code."""
    if not account.waiting_secret:
        db.session.rollback()
        return redirect(url_for("your_account.second_factor_page"), 303)
    secret = second_factor.secret_of(account.user_id, account.waiting_secret, secret_box())
    page = render_template(
        "your_account/set_up.html", heading="Set up a second factor", form=form, secret=spaced_secret(secret)
    )
    return page, status


def codes_page(codes: second_factor.FreshCodes) -> ResponseReturnValue:
    """The recovery codes, shown this once."""
    return render_template(
        "your_account/recovery_codes.html",
        heading="Your recovery codes",
        codes=codes.shown,
        target=url_for("your_account.second_factor_page"),
    )
