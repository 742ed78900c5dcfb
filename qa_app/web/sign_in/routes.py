"""Signing in with a password, signing out, proving again who is there, and the links that lead to a password."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.errors import Invalid, NotFound, QaError
from qa_app.domain.sign_in import SignInWay
from qa_app.extensions import db, own_transaction
from qa_app.queries.accounts import get_link_holder
from qa_app.queries.sign_in import OwnAccount, get_own_account, why_sign_in_ended
from qa_app.services import accounts, accounts_passwords, accounts_sign_in
from qa_app.services.accounts_second_factor import (
    find_recovery_code,
    is_recovery_code,
    use_code,
    use_recovery_code,
)
from qa_app.services.accounts_throttle import forgive
from qa_app.web.shared.access import (
    current_viewer,
    public,
    remember_sign_in,
    signed_in,
    token_of_request,
    viewer_or_none,
)
from qa_app.web.shared.password_fields import ChoosePasswordForm
from qa_app.web.shared.signing_in import (
    browser_words,
    demanded_roles,
    go_in,
    keep_refusal,
    know_browser,
    own_keys,
    password_keys,
    safe_target,
    secret_box,
    settings,
    take_turn,
)
from qa_app.web.shared.transactions import commits
from qa_app.web.sign_in.forms import ConfirmForm, SignInForm

blueprint = Blueprint("sign_in", __name__)

COUNCIL = SignInWay.COUNCIL_ACCOUNT


@blueprint.get("/sign-in")
@public
def show() -> ResponseReturnValue:
    """The sign-in page; whoever is signed in goes on."""
    if viewer_or_none() is not None:
        return redirect(safe_target(request.args.get("next", "")))
    form = SignInForm(formdata=None, data={"next": request.args.get("next", "")})
    return sign_in_page(form, note=why_signed_out())


@blueprint.post("/sign-in")
@public
@commits
def send() -> ResponseReturnValue:
    """Check address and password, then begin a sign-in, or the second step of one."""
    form = SignInForm()
    if not form.validate():
        return sign_in_page(form, 422)
    at = clock.now()
    keys = password_keys(form.email.data)
    door = accounts_sign_in.find_door(form.email.data)
    refusal = take_turn(keys, door.user_id, at=at)
    if refusal is not None:
        form.email.errors = [refusal]
        return sign_in_page(form, 429)
    begun = None
    if accounts_sign_in.opens(door, form.password.data) and door.user_id is not None:
        accounts_sign_in.renew_hash(door.user_id, form.password.data)
        begun = accounts_sign_in.begin_sign_in(
            door.user_id,
            secret_box(),
            way=SignInWay.PASSWORD,
            browser=browser_words(),
            demanded_of=demanded_roles(),
            only_break_glass=settings().local_sign_in == "break_glass",
            at=at,
        )
    if begun is None:
        keep_refusal(door.user_id, at=at)
        form.email.errors = [accounts_sign_in.WRONG]
        return sign_in_page(form, 422)
    forgive(db.session(), keys)
    target = form.next.data or ""
    if begun.is_whole:
        return go_in(begun.token, form.email.data, target)
    session.clear()
    session["step"], session["step_target"] = begun.token, safe_target(target)
    return redirect(url_for("second_step.set_up" if begun.needs_set_up else "second_step.code"), 303)


@blueprint.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """End this sign-in."""
    token = token_of_request()
    session.clear()
    db.session.rollback()
    if token is not None:
        with own_transaction() as own:
            way = accounts.end_session(own, token, at=clock.now())
        there = " Your browser may still be signed in to your council account." if way is COUNCIL else ""
        flash(f"You are signed out.{there}", "success")
    return redirect(url_for("sign_in.show"), 303)


@blueprint.get("/confirm-it-is-you")
@signed_in
def confirm() -> ResponseReturnValue:
    """The page that asks again who is there, before something sensitive."""
    account = get_own_account(current_viewer())
    return confirm_page(account, confirm_form(account, filled=False, target=request.args.get("next", "")))


@blueprint.post("/confirm-it-is-you")
@signed_in
@commits
def send_confirm() -> ResponseReturnValue:
    """Check the password, and a code, of whoever is signed in; this sign-in goes on under a fresh token."""
    at = clock.now()
    account = get_own_account(current_viewer())
    if not account.has_password:
        return redirect(url_for("sign_in.confirm"), 303)
    form = confirm_form(account)
    if not form.validate():
        return confirm_page(account, form, 422)
    keys = own_keys(account.email)
    door = accounts_sign_in.find_door(account.email)
    found = find_recovery_code(account.user_id, form.code.data) if form.code is not None else None
    refusal = take_turn(keys, account.user_id, at=at)
    if refusal is None and not accounts_sign_in.opens(door, form.password.data):
        refusal = "This is not your password."
    if refusal is not None:
        form.password.errors = [refusal]
        return confirm_page(account, form, 422)
    if form.code is not None:
        try:
            if found is not None and is_recovery_code(found):
                use_recovery_code(account.user_id, found[0], at=at)
            else:
                use_code(account.user_id, form.code.data, secret_box(), at=at)
        except QaError as fault:
            form.code.errors = [fault.message]
            return confirm_page(account, form, 422)
    forgive(db.session(), keys)
    remember_sign_in(accounts.prove_again(token_of_request() or "", at=at))
    return redirect(safe_target(form.next.data or ""), 303)


@blueprint.get("/choose-password/<token>")
@public
def choose_password(token: str) -> ResponseReturnValue:
    """The page to which a link leads."""
    return choose_password_page(token, ChoosePasswordForm(formdata=None))


@blueprint.post("/choose-password/<token>")
@public
@commits
def send_choose_password(token: str) -> ResponseReturnValue:
    """Set the password of whoever holds the link, and end whatever sign-in this browser had."""
    form = ChoosePasswordForm()
    if not form.validate():
        return choose_password_page(token, form, 422)
    at = clock.now()
    try:
        address = accounts_passwords.choose_password(token, form.password.data, at=at)
    except Invalid as refusal:
        form.password.errors = [refusal.message]
        return choose_password_page(token, form, 422)
    except NotFound as refusal:
        return link_is_over(refusal)
    standing = token_of_request()
    if standing is not None:
        accounts.end_session(db.session(), standing, at=at)
    session.clear()
    flash("Your password is set. Sign in with it.", "success")
    response = redirect(url_for("sign_in.show"), 303)
    know_browser(response, address)
    return response


def why_signed_out() -> str:
    """Why the sign-in that this browser holds no longer stands; nothing where it holds none."""
    token, kept = str(session.get("_user_id", "")), settings()
    if not token:
        return ""
    return why_sign_in_ended(
        accounts.token_sha256(token),
        idle_minutes=kept.session_idle_minutes,
        longest_minutes=kept.session_longest_minutes,
        at=clock.now(),
    )


def sign_in_page(form: SignInForm, status: int = 200, note: str = "") -> ResponseReturnValue:
    """The page to sign in, by the council account, by password, or both."""
    kept = settings()
    page = render_template(
        "sign_in/show.html",
        heading="Sign in",
        form=form,
        note=note,
        has_council_account=bool(kept.resolved_issuer()),
        passwords_for_all=kept.local_sign_in == "everyone",
        target=form.next.data or "",
    )
    return page, status


def confirm_form(account: OwnAccount, *, filled: bool = True, target: str = "") -> ConfirmForm:
    """The form that asks for everything that somebody signs in with here."""
    form = ConfirmForm() if filled else ConfirmForm(formdata=None, data={"next": target})
    if account.second_factor_since is None:
        del form.code
    return form


def confirm_page(account: OwnAccount, form: ConfirmForm, status: int = 200) -> ResponseReturnValue:
    """The page that asks again who is there."""
    page = render_template(
        "sign_in/confirm.html",
        heading="Confirm that it is you",
        form=form,
        can_type=account.has_password,
        by_council_account=account.has_council_account and bool(settings().resolved_issuer()),
        target=form.next.data or "",
    )
    return page, status


def choose_password_page(token: str, form: ChoosePasswordForm, status: int = 200) -> ResponseReturnValue:
    """The form behind a link, or word that the link is over."""
    try:
        holder = get_link_holder(accounts.token_sha256(token), at=clock.now())
    except NotFound as refusal:
        return link_is_over(refusal)
    page = render_template(
        "sign_in/choose_password.html", heading="Choose a password", form=form, holder=holder, token=token
    )
    return page, status


def link_is_over(refusal: NotFound) -> ResponseReturnValue:
    """Word that a link can't be used, in the same words whatever the reason."""
    page = render_template(
        "errors/404.html",
        heading="This link cannot be used",
        message=refusal.message,
        what_next="Ask an administrator for a new one.",
    )
    return page, 404
