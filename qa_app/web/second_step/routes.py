"""The second step of signing in: a code, a recovery code, or setting up the second factor that a role asks for."""

from flask import Blueprint, Response, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.errors import Conflict, Invalid, NotFound, QaError
from qa_app.domain.second_factor import N_RECOVERY_CODES, spaced_secret
from qa_app.domain.sign_in import SignInWay
from qa_app.extensions import db
from qa_app.queries.sign_in import StepHolder, get_step_holder
from qa_app.services import accounts_second_factor as second_factor
from qa_app.services.accounts import token_sha256
from qa_app.services.accounts_sign_in import finish_step
from qa_app.services.accounts_throttle import forgive
from qa_app.web.shared.access import public
from qa_app.web.shared.authenticator_picture import picture_of
from qa_app.web.shared.password_fields import CodeForm, RecoveryCodeForm
from qa_app.web.shared.signing_in import (
    begin_cookie,
    browser_words,
    code_keys,
    go_in,
    keep_refusal,
    know_browser,
    safe_target,
    secret_box,
    settings,
    take_turn,
)
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("second_step", __name__, url_prefix="/sign-in")


@blueprint.get("/code")
@public
def code() -> ResponseReturnValue:
    """The page that asks for a code."""
    holder = holder_or_none()
    if holder is None or not holder.is_set_up:
        return over()
    return code_page(CodeForm(formdata=None))


@blueprint.post("/code")
@public
@commits
def send_code() -> ResponseReturnValue:
    """Check the code of the authenticator app; begin the sign-in."""
    holder, form, at = holder_or_none(), CodeForm(), clock.now()
    if holder is None or not holder.is_set_up:
        return over()
    if not form.validate():
        return code_page(form, 422)
    keys = code_keys(holder.email)
    refusal = take_turn(keys, holder.user_id, at=at)
    if refusal is not None:
        form.code.errors = [refusal]
        return code_page(form, 429)
    try:
        second_factor.use_code(holder.user_id, form.code.data, secret_box(), at=at)
        token = finish_step(step_token(), way=SignInWay.CODE, browser=browser_words(), at=at)
    except NotFound:
        return over()
    except (Invalid, Conflict) as fault:
        keep_refusal(holder.user_id, at=at)
        form.code.errors = [fault.message]
        return code_page(form, 422)
    forgive(db.session(), keys)
    return go_in(token, holder.email, session.get("step_target", ""))


@blueprint.get("/recovery-code")
@public
def recovery_code() -> ResponseReturnValue:
    """The page that asks for a recovery code."""
    holder = holder_or_none()
    if holder is None or not holder.is_set_up:
        return over()
    return recovery_page(RecoveryCodeForm(formdata=None))


@blueprint.post("/recovery-code")
@public
@commits
def send_recovery_code() -> ResponseReturnValue:
    """Check a recovery code; begin the sign-in, and say how many are left."""
    holder, form, at = holder_or_none(), RecoveryCodeForm(), clock.now()
    if holder is None or not holder.is_set_up:
        return over()
    if not form.validate():
        return recovery_page(form, 422)
    keys = code_keys(holder.email)
    found = second_factor.find_recovery_code(holder.user_id, form.code.data)
    refusal = take_turn(keys, holder.user_id, at=at)
    if refusal is not None:
        form.code.errors = [refusal]
        return recovery_page(form, 429)
    try:
        if found is None or not second_factor.is_recovery_code(found):
            raise Invalid("code", second_factor.WRONG_RECOVERY_CODE)
        left = second_factor.use_recovery_code(holder.user_id, found[0], at=at)
        token = finish_step(step_token(), way=SignInWay.RECOVERY_CODE, browser=browser_words(), at=at)
    except NotFound:
        return over()
    except Invalid as fault:
        keep_refusal(holder.user_id, at=at)
        form.code.errors = [fault.message]
        return recovery_page(form, 422)
    forgive(db.session(), keys)
    response = go_in(token, holder.email, url_for("your_account.second_factor_page"))
    flash(
        f"You signed in with a recovery code: {left} of {N_RECOVERY_CODES} are left. If your phone is "
        "gone, remove the second factor here and set up another.",
        "warning",
    )
    return response


@blueprint.get("/set-up")
@public
def set_up() -> ResponseReturnValue:
    """The page to set up a second factor before the first sign-in that needs it."""
    holder = holder_or_none()
    if holder is None or holder.is_set_up:
        return over()
    return set_up_page(holder, CodeForm(formdata=None))


@blueprint.get("/set-up/picture.svg")
@public
def picture() -> ResponseReturnValue:
    """The picture that an authenticator app reads."""
    holder = holder_or_none()
    if holder is None or holder.is_set_up:
        raise NotFound
    secret = second_factor.secret_of(holder.user_id, holder.secret_sealed, secret_box())
    return Response(picture_of(secret, holder.email, settings().site_name), mimetype="image/svg+xml")


@blueprint.post("/set-up")
@public
@commits
def send_set_up() -> ResponseReturnValue:
    """Take the second factor into use by its first code; begin the sign-in and show the recovery codes."""
    holder, form, at = holder_or_none(), CodeForm(), clock.now()
    if holder is None or holder.is_set_up:
        return over()
    if not form.validate():
        return set_up_page(holder, form, 422)
    refusal = take_turn(code_keys(holder.email), holder.user_id, at=at)
    if refusal is not None:
        form.code.errors = [refusal]
        return set_up_page(holder, form, 429)
    codes = second_factor.make_codes()
    try:
        second_factor.confirm_second_factor(holder.user_id, form.code.data, codes, secret_box(), at=at)
        token = finish_step(step_token(), way=SignInWay.CODE, browser=browser_words(), at=at)
    except NotFound:
        return over()
    except QaError as fault:
        form.code.errors = [fault.message]
        return set_up_page(holder, form, 422)
    forgive(db.session(), code_keys(holder.email))
    target = safe_target(session.get("step_target", ""))
    response = Response(
        render_template(
            "your_account/recovery_codes.html",
            heading="Your recovery codes",
            codes=codes.shown,
            target=target,
        )
    )
    begin_cookie(token)
    know_browser(response, holder.email)
    return response


def step_token() -> str:
    """The token of the second step that this browser is at."""
    return str(session.get("step", ""))


def holder_or_none() -> StepHolder | None:
    """Whose second step this browser is at, if at any that can still be taken."""
    token = step_token()
    try:
        return get_step_holder(token_sha256(token), at=clock.now()) if token else None
    except NotFound:
        return None


def over() -> ResponseReturnValue:
    """Back to the first step, with the reason."""
    db.session.rollback()
    flash("That took too long, or was finished elsewhere. Sign in from the beginning.", "warning")
    return redirect(url_for("sign_in.show"), 303)


def code_page(form: CodeForm, status: int = 200) -> ResponseReturnValue:
    """The page that asks for a code."""
    return render_template("second_step/code.html", heading="Enter your code", form=form), status


def recovery_page(form: RecoveryCodeForm, status: int = 200) -> ResponseReturnValue:
    """The page that asks for a recovery code."""
    return render_template("second_step/recovery_code.html", heading="Use a recovery code", form=form), status


def set_up_page(holder: StepHolder, form: CodeForm, status: int = 200) -> ResponseReturnValue:
    """The picture and the key for an authenticator app, and the field for its first code."""
    secret = second_factor.secret_of(holder.user_id, holder.secret_sealed, secret_box())
    page = render_template(
        "second_step/set_up.html",
        heading="Set up a second factor",
        form=form,
        secret=spaced_secret(secret),
        picture=url_for("second_step.picture"),
    )
    return page, status
