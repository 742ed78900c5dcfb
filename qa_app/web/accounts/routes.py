"""Signing in and out, one's own sign-ins, and the accounts that administrators look after."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.config import Settings
from qa_app.domain.access import Permission
from qa_app.domain.access_words import SCOPE_WORDS, permission_lines, role_lines
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.extensions import db, own_transaction
from qa_app.queries.accounts import (
    get_link_holder,
    get_own_address,
    list_accounts,
    list_own_sessions,
    list_places,
)
from qa_app.services import accounts, accounts_passwords
from qa_app.web.accounts.forms import (
    AccountForm,
    ChoosePasswordForm,
    GrantForm,
    OwnPasswordForm,
    SignInForm,
)
from qa_app.web.shared.access import (
    current_viewer,
    public,
    remember_sign_in,
    requires,
    signed_in,
    token_of_request,
    viewer_or_none,
)
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """The sign-in page; whoever is signed in goes on."""
    if viewer_or_none() is not None:
        return redirect(safe_target(request.args.get("next", "")))
    form = SignInForm(formdata=None, data={"next": request.args.get("next", "")})
    return render_template("accounts/sign_in.html", heading="Sign in", form=form)


@blueprint.post("/sign-in")
@public
def send_sign_in() -> ResponseReturnValue:
    """Check address and password; begin a sign-in with a fresh session."""
    form = SignInForm()
    if not form.validate():
        return render_template("accounts/sign_in.html", heading="Sign in", form=form), 422
    at = clock.now()
    user_id, is_right = accounts.password_opens(form.email.data, form.password.data)
    db.session.rollback()  # nothing of the request's own may hold the database while attempts are counted
    token = None
    with own_transaction() as own:
        if accounts.note_attempt(own, user_id, is_right, sign_in_rules(), at=at) and user_id is not None:
            token = accounts.start_session(own, user_id, browser=browser_words(), at=at)
    if token is None:
        form.email.errors = [accounts.WRONG]
        return render_template("accounts/sign_in.html", heading="Sign in", form=form), 422
    target = safe_target(form.next.data or "")
    session.clear()
    remember_sign_in(token)
    return redirect(target, 303)


@blueprint.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """End this sign-in."""
    token = token_of_request()
    session.clear()
    db.session.rollback()
    if token is not None:
        with own_transaction() as own:
            accounts.end_session(own, token, at=clock.now())
    return redirect(url_for("accounts.sign_in"), 303)


@blueprint.get("/your-sign-ins")
@signed_in
def sessions() -> ResponseReturnValue:
    """Where am I signed in?"""
    lines = list_own_sessions(current_viewer())
    return render_template("accounts/sessions.html", heading="Where you are signed in", sessions=lines)


@blueprint.post("/your-sign-ins/<int:session_id>/end")
@signed_in
@commits
def end_session(session_id: int) -> ResponseReturnValue:
    """End one of one's own sign-ins."""
    accounts.end_own_session(current_viewer(), session_id, at=clock.now())
    flash("That sign-in has ended.", "success")
    return redirect(url_for("accounts.sessions"), 303)


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
    form = OwnPasswordForm()
    if not form.validate():
        return own_password_page(form, 422)
    viewer = current_viewer()
    user_id, is_right = accounts.password_opens(get_own_address(viewer), form.current.data)
    db.session.rollback()  # nothing of the request's own may hold the database while attempts are counted
    at = clock.now()
    with own_transaction() as own:
        is_right = accounts.note_attempt(own, user_id, is_right, sign_in_rules(), at=at, signs_in=False)
    if not is_right:
        form.current.errors = ["This is not your present password, or the account is locked for a while"]
        return own_password_page(form, 422)
    try:
        token = accounts_passwords.change_own_password(
            viewer, form.password.data, browser=browser_words(), at=at
        )
    except Invalid as refusal:
        form.password.errors = [refusal.message]
        return own_password_page(form, 422)
    session.clear()
    remember_sign_in(token)
    flash("Your password is changed. Every other sign-in of yours has ended.", "success")
    return redirect(url_for("accounts.sessions"), 303)


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
        accounts_passwords.choose_password(token, form.password.data, at=at)
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
    return redirect(url_for("accounts.sign_in"), 303)


@blueprint.get("/accounts")
@requires(Permission.MANAGE_USERS)
def index() -> ResponseReturnValue:
    """Every account with its roles."""
    return accounts_page(None)


@blueprint.get("/accounts/new")
@requires(Permission.MANAGE_USERS)
def new() -> ResponseReturnValue:
    """The form for a new account."""
    return new_account_page(account_form())


@blueprint.post("/accounts/new")
@requires(Permission.MANAGE_USERS)
@commits
def add() -> ResponseReturnValue:
    """Make an account with its first role."""
    form = account_form()
    if form.validate():
        try:
            user = accounts.add_user(
                current_viewer(),
                email=form.email.data,
                name=form.name.data,
                password=None,
                grants=[form.grant()],
                at=clock.now(),
            )
        except Invalid as refusal:
            put_at_field(form, refusal.field, refusal.message)
        except Conflict as refusal:
            put_at_field(form, "email", refusal.message)
        else:
            return link_page(user.id)
    return new_account_page(form, 422)


@blueprint.get("/who-can-do-what")
@requires(Permission.SEE_ROLES)
def who_can_do_what() -> ResponseReturnValue:
    """Every role with what it may do and how far it reaches."""
    return render_template(
        "accounts/who_can_do_what.html",
        heading="Who can do what",
        role_lines=role_lines(),
        permission_lines=permission_lines(),
        scopes=list(SCOPE_WORDS.values()),
    )


@blueprint.get("/accounts/<int:user_id>/roles")
@requires(Permission.MANAGE_USERS)
def roles(user_id: int) -> ResponseReturnValue:
    """The roles of one account, and the form for another."""
    return accounts_page(user_id)


@blueprint.post("/accounts/<int:user_id>/roles")
@requires(Permission.MANAGE_USERS)
@commits
def give_role(user_id: int) -> ResponseReturnValue:
    """Give somebody one more role."""
    form = grant_form()
    if form.validate():
        try:
            accounts.give_role(current_viewer(), user_id, form.grant(), at=clock.now())
        except Invalid as refusal:
            put_at_field(form, refusal.field, refusal.message)
        else:
            flash("The role was given.", "success")
            return redirect(url_for("accounts.roles", user_id=user_id), 303)
    return accounts_page(user_id, form, 422)


@blueprint.post("/accounts/<int:user_id>/roles/<int:grant_id>/take")
@requires(Permission.MANAGE_USERS)
@commits
def take_role(user_id: int, grant_id: int) -> ResponseReturnValue:
    """Take a role away."""
    accounts.take_role(current_viewer(), grant_id, at=clock.now())
    flash("The role was taken away.", "success")
    return redirect(url_for("accounts.roles", user_id=user_id), 303)


@blueprint.post("/accounts/<int:user_id>/link")
@requires(Permission.MANAGE_USERS)
@commits
def make_link(user_id: int) -> ResponseReturnValue:
    """Make a link by which somebody chooses their password, and show it once."""
    return link_page(user_id)


@blueprint.post("/accounts/<int:user_id>/close")
@requires(Permission.MANAGE_USERS)
@commits
def close(user_id: int) -> ResponseReturnValue:
    """Let somebody sign in no more."""
    accounts.close_account(current_viewer(), user_id, at=clock.now())
    flash("The account is closed. What was done with it stays.", "success")
    return redirect(url_for("accounts.index"), 303)


def accounts_page(
    user_id: int | None, form: GrantForm | None = None, status: int = 200
) -> ResponseReturnValue:
    """The list of accounts, or one of them with its roles."""
    lines = list_accounts(current_viewer())
    if user_id is None:
        return render_template("accounts/index.html", heading="Accounts", accounts=lines)
    chosen = next((line for line in lines if line.user_id == user_id), None)
    if chosen is None:
        return render_template("errors/404.html", message="There is no such account."), 404
    page = render_template(
        "accounts/roles.html", heading=f"Roles of {chosen.name}", account=chosen, form=form or grant_form()
    )
    return page, status


def own_password_page(form: OwnPasswordForm, status: int = 200) -> ResponseReturnValue:
    """The form for another password of one's own."""
    return render_template("accounts/own_password.html", heading="Change your password", form=form), status


def choose_password_page(token: str, form: ChoosePasswordForm, status: int = 200) -> ResponseReturnValue:
    """The form behind a link, or word that the link is over."""
    try:
        holder = get_link_holder(accounts.token_sha256(token), at=clock.now())
    except NotFound as refusal:
        return link_is_over(refusal)
    page = render_template(
        "accounts/choose_password.html", heading="Choose a password", form=form, holder=holder, token=token
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


def link_page(user_id: int) -> ResponseReturnValue:
    """Make a link and show it: there is no second time."""
    link = accounts_passwords.make_link(current_viewer(), user_id, at=clock.now())
    address = url_for("accounts.choose_password", token=link.token, _external=True)
    return render_template(
        "accounts/link.html", heading=f"Link for {link.name}", link=link, address=address, user_id=user_id
    )


def sign_in_rules() -> accounts.SignInRules:
    """When an account locks, by the settings."""
    settings: Settings = current_app.config["SETTINGS"]
    return accounts.SignInRules(settings.sign_in_attempts, settings.sign_in_lock_minutes)


def new_account_page(form: AccountForm, status: int = 200) -> ResponseReturnValue:
    """The form for a new account."""
    return render_template("accounts/new.html", heading="Add an account", form=form), status


def grant_form() -> GrantForm:
    """The form for a role, with the council's own places."""
    form = GrantForm()
    form.offer_places(*list_places(current_viewer()))
    return form


def account_form() -> AccountForm:
    """The form for an account, with the council's own places."""
    form = AccountForm()
    form.offer_places(*list_places(current_viewer()))
    return form


def put_at_field(form: GrantForm, name: str, message: str) -> None:
    """Show a refusal at the field it is about; a refusal of the role as a whole stands at the role."""
    field = form._fields.get(name, form.role)
    field.errors = [*field.errors, message]


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
    )
    browser = next((name for mark, name in browsers if mark in agent), "Another browser")
    system = next((name for mark, name in systems if mark in agent), "")
    return f"{browser} on {system}" if system else browser
