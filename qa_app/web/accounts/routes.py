"""The accounts that administrators look after: adding, roles, links, locks, closing and opening again."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission, Role
from qa_app.domain.access_matrix import Reached, matrix_parts
from qa_app.domain.access_words import SCOPE_WORDS, SPECIAL_RULES, role_lines
from qa_app.domain.errors import Conflict, Invalid
from qa_app.queries.accounts import (
    AccountLine,
    AccountState,
    AccountsWanted,
    GrantLine,
    get_account,
    list_accounts,
    list_boards_and_agencies,
    list_places,
)
from qa_app.services import accounts, accounts_passwords
from qa_app.services.accounts_sign_on import prepare_council_account
from qa_app.web.accounts.forms import AccountForm, GrantForm
from qa_app.web.shared.access import current_viewer, requires
from qa_app.web.shared.recent_sign_in import ask_again, is_proved, recently_proved
from qa_app.web.shared.signing_in import go_on_after_change, settings
from qa_app.web.shared.transactions import commits

blueprint = Blueprint("accounts", __name__)

PAGE_SIZE = 50


@blueprint.get("/accounts")
@requires(Permission.MANAGE_USERS)
def index() -> ResponseReturnValue:
    """Every account with its roles, or those that the filters ask for."""
    wanted = wanted_accounts()
    lines = list_accounts(current_viewer(), wanted, at=clock.now())
    n_pages = max(1, -(-len(lines) // PAGE_SIZE))
    page = min(max(request.args.get("page", 1, type=int), 1), n_pages)
    return render_template(
        "accounts/index.html",
        heading="Accounts",
        accounts=lines[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        n_found=len(lines),
        page=page,
        n_pages=n_pages,
        wanted=wanted,
        roles=[(role.value, role.label) for role in Role],
        states=[(state.value, state.words) for state in AccountState],
    )


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
        if gives_administrator(form) and not is_proved():
            return ask_again(url_for("accounts.new"))
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
            return way_in_page(user.id)
    return new_account_page(form, 422)


@blueprint.get("/who-can-do-what")
@requires(Permission.SEE_ROLES)
def who_can_do_what() -> ResponseReturnValue:
    """Every role with what it may do and how far it reaches."""
    return render_template(
        "accounts/who_can_do_what.html",
        heading="Who can do what",
        role_lines=role_lines(),
        roles=list(Role),
        parts=matrix_parts(),
        reached=list(Reached),
        scopes=list(SCOPE_WORDS.values()),
        special_rules=SPECIAL_RULES,
    )


@blueprint.get("/accounts/<int:user_id>/roles")
@requires(Permission.MANAGE_USERS)
def roles(user_id: int) -> ResponseReturnValue:
    """One account: how it stands, its roles, and the form for another role."""
    return account_page(user_id)


@blueprint.post("/accounts/<int:user_id>/roles")
@requires(Permission.MANAGE_USERS)
@commits
def give_role(user_id: int) -> ResponseReturnValue:
    """Give somebody one more role. Before somebody is made an administrator, who does it must prove who they are."""
    form = grant_form()
    if form.validate():
        if gives_administrator(form) and not is_proved():
            return ask_again(url_for("accounts.roles", user_id=user_id))
        try:
            accounts.give_role(current_viewer(), user_id, form.grant(), at=clock.now())
        except Invalid as refusal:
            put_at_field(form, refusal.field, refusal.message)
        else:
            go_on_after_change(user_id)
            flash(
                "The role was given. Their sign-ins have ended, so that it counts from the next one.",
                "success",
            )
            return redirect(url_for("accounts.roles", user_id=user_id), 303)
    return account_page(user_id, form, 422)


@blueprint.get("/accounts/<int:user_id>/roles/<int:grant_id>/take")
@requires(Permission.MANAGE_USERS)
def take_role(user_id: int, grant_id: int) -> ResponseReturnValue:
    """Should the role really go?"""
    account = get_account(current_viewer(), user_id, at=clock.now())
    grant = grant_of(account, grant_id)
    return render_template(
        "accounts/take_role.html",
        heading=f"Take away the role {grant.role.label}",
        account=account,
        grant=grant,
    )


@blueprint.post("/accounts/<int:user_id>/roles/<int:grant_id>/take")
@requires(Permission.MANAGE_USERS)
@commits
def send_take_role(user_id: int, grant_id: int) -> ResponseReturnValue:
    """Take a role away."""
    accounts.take_role(current_viewer(), user_id, grant_id, at=clock.now())
    go_on_after_change(user_id)
    flash("The role was taken away. Their sign-ins have ended.", "success")
    return redirect(url_for("accounts.roles", user_id=user_id), 303)


@blueprint.post("/accounts/<int:user_id>/link")
@requires(Permission.MANAGE_USERS)
@commits
def make_link(user_id: int) -> ResponseReturnValue:
    """Make a link by which somebody chooses their password, and show it once."""
    return link_page(user_id)


@blueprint.get("/accounts/<int:user_id>/close")
@requires(Permission.MANAGE_USERS)
@recently_proved()
def close(user_id: int) -> ResponseReturnValue:
    """Should the account really close?"""
    account = get_account(current_viewer(), user_id, at=clock.now())
    return render_template(
        "accounts/close.html", heading=f"Close the account of {account.name}", account=account
    )


@blueprint.post("/accounts/<int:user_id>/close")
@requires(Permission.MANAGE_USERS)
@recently_proved("accounts.close")
@commits
def send_close(user_id: int) -> ResponseReturnValue:
    """Let somebody sign in no more."""
    accounts.close_account(current_viewer(), user_id, at=clock.now())
    flash("The account is closed. What was done with it stays.", "success")
    return redirect(url_for("accounts.roles", user_id=user_id), 303)


@blueprint.get("/accounts/<int:user_id>/reopen")
@requires(Permission.MANAGE_USERS)
def reopen(user_id: int) -> ResponseReturnValue:
    """Should the account really open again, with these roles?"""
    account = get_account(current_viewer(), user_id, at=clock.now())
    return render_template(
        "accounts/reopen.html", heading=f"Open the account of {account.name}", account=account
    )


@blueprint.post("/accounts/<int:user_id>/reopen")
@requires(Permission.MANAGE_USERS)
@recently_proved("accounts.reopen")
@commits
def send_reopen(user_id: int) -> ResponseReturnValue:
    """Let somebody back whose account was closed."""
    accounts.reopen_account(current_viewer(), user_id, at=clock.now())
    flash(
        "The account is open again. Make a link for them, or let them sign in with their council account.",
        "success",
    )
    return redirect(url_for("accounts.roles", user_id=user_id), 303)


def account_page(user_id: int, form: GrantForm | None = None, status: int = 200) -> ResponseReturnValue:
    """One account: how it stands, its roles, and what can be done."""
    viewer = current_viewer()
    account = get_account(viewer, user_id, at=clock.now())
    page = render_template(
        "accounts/roles.html",
        heading=account.name,
        account=account,
        form=form or grant_form(),
        is_own=user_id == viewer.user_id,
        has_council_sign_in=bool(settings().resolved_issuer()),
    )
    return page, status


def wanted_accounts() -> AccountsWanted:
    """Which accounts the address asks for; what it asks for that there is not, is not asked."""
    asked = request.args
    role = next((each for each in Role if each.value == asked.get("role")), None)
    state = next((each for each in AccountState if each.value == asked.get("state")), None)
    words = "".join(sign for sign in asked.get("words", "")[:100] if sign.isprintable())
    return AccountsWanted(role, state, asked.get("second_factor") == "none", words)


def grant_of(account: AccountLine, grant_id: int) -> GrantLine:
    """One role of an account.

    Errors: Conflict when it is gone.
    """
    found = next((grant for grant in account.grants if grant.grant_id == grant_id), None)
    if found is None:
        raise Conflict("This role was taken away already.")
    return found


def way_in_page(user_id: int) -> ResponseReturnValue:
    """How somebody just added gets in: by a link to a password, by their council account, or by either."""
    if settings().resolved_issuer():
        prepare_council_account(current_viewer(), user_id, at=clock.now())
        if settings().local_sign_in == "break_glass":
            flash("The account is made. They sign in with the council account of this address.", "success")
            return redirect(url_for("accounts.roles", user_id=user_id), 303)
    return link_page(user_id)


def link_page(user_id: int) -> ResponseReturnValue:
    """Make a link and show it: there is no second time."""
    link = accounts_passwords.make_link(current_viewer(), user_id, at=clock.now())
    address = url_for("sign_in.choose_password", token=link.token, _external=True)
    return render_template(
        "accounts/link.html", heading=f"Link for {link.name}", link=link, address=address, user_id=user_id
    )


def new_account_page(form: AccountForm, status: int = 200) -> ResponseReturnValue:
    """The form for a new account."""
    return render_template(
        "accounts/new.html", heading="Add an account", form=form, lead=new_account_lead()
    ), status


def new_account_lead() -> str:
    """How somebody who is added will get in, in a sentence."""
    kept = settings()
    if kept.local_sign_in == "break_glass":
        return (
            "The person signs in with the council account of this address, the first time within two weeks."
        )
    link = (
        "When the account is made you are shown a link to hand over. With it the person chooses a password that nobody "
        "else knows."
    )
    return (
        f"{link} Or they sign in with the council account of this address."
        if kept.resolved_issuer()
        else link
    )


def grant_form() -> GrantForm:
    """The form for a role, with the council's own places."""
    form = GrantForm()
    viewer = current_viewer()
    form.offer_places(*list_places(viewer), *list_boards_and_agencies(viewer))
    return form


def account_form() -> AccountForm:
    """The form for an account, with the council's own places."""
    form = AccountForm()
    viewer = current_viewer()
    form.offer_places(*list_places(viewer), *list_boards_and_agencies(viewer))
    return form


def gives_administrator(form: GrantForm) -> bool:
    """Whether the form would make somebody an administrator."""
    return bool(form.role.data == Role.ADMINISTRATOR.value)


def put_at_field(form: GrantForm, name: str, message: str) -> None:
    """Show a refusal at the field it is about; a refusal of the role as a whole stands at the role."""
    field = form._fields.get(name, form.role)
    field.errors = [*field.errors, message]
