"""`qa users`: accounts from the command line, the first administrator above all."""

import sys

import click

from qa_app import clock
from qa_app.cli.context import database, print_json, refuse
from qa_app.domain.access import DEFAULT_SCOPES, SYSTEM, Grant, Role, ScopeKind

ROLES = [role.value for role in Role]


@click.group("users")
def users() -> None:
    """Accounts and their roles."""


@users.command("add")
@click.option("--email", required=True, help="Address to sign in with.")
@click.option("--name", required=True, help="Name shown to others.")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice(ROLES), help="May be repeated."
)
@click.option("--area", help="Service area over which the roles hold.")
@click.option("--team", help="Team over which the roles hold.")
@click.option("--agency", help="Agency of a partner.")
@click.option("--board", help="Board of a board member.")
@click.option("--whole-service", is_flag=True, help="The roles hold over the whole service.")
@click.option(
    "--council-account",
    is_flag=True,
    help="They sign in with the council account of this address: no password.",
)
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input; else it is asked for."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on standard output."
)
def add(
    email: str,
    name: str,
    roles: tuple[str, ...],
    area: str | None,
    team: str | None,
    agency: str | None,
    board: str | None,
    whole_service: bool,
    council_account: bool,
    password_stdin: bool,
    as_json: bool,
) -> None:
    """Add an account that can sign in, with one or more roles.

    A role holds over what it usually does (an auditor: their own reviews) unless an option says otherwise.
    """
    from qa_app.services.accounts import add_user
    from qa_app.services.accounts_sign_on import prepare_council_account

    if sum((*(place is not None for place in (area, team, agency, board)), whole_service)) > 1:
        raise click.UsageError("Give one of --area, --team, --agency, --board and --whole-service.")
    if council_account and password_stdin:
        raise click.UsageError("Give one of --council-account and --password-stdin.")
    password = None if council_account else read_password(password_stdin)
    with database(as_json):
        grants = [
            grant_of(Role(role), area, team, agency, board, whole_service, as_json)
            for role in dict.fromkeys(roles)
        ]
        user = add_user(SYSTEM, email=email, name=name, password=password, grants=grants, at=clock.now())
        if council_account:
            prepare_council_account(SYSTEM, user.id, at=clock.now())
        answer = {"user": user.id, "email": user.email, "roles": [grant.role.value for grant in grants]}
    if as_json:
        print_json(answer)
    else:
        click.echo(f"{answer['email']} can sign in now.")


@users.command("list")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on standard output."
)
def list_users(as_json: bool) -> None:
    """List the accounts with their roles."""
    from qa_app.queries.accounts import list_accounts

    with database(as_json):
        lines = list_accounts(SYSTEM, at=clock.now())
    if as_json:
        print_json(
            {
                "users": [
                    {
                        "user": line.user_id,
                        "email": line.email,
                        "is_active": line.is_active,
                        "state": line.state.value,
                        "has_second_factor": line.has_second_factor,
                        "has_council_account": line.has_council_account,
                        "roles": [{"role": one.role.value, "where": one.scope_words} for one in line.grants],
                    }
                    for line in lines
                ]
            }
        )
        return
    for line in lines:
        roles = "; ".join(f"{one.role.label} ({one.scope_words})" for one in line.grants) or "no role"
        click.echo(f"{line.email}: {roles}{'' if line.state == 'open' else f' [{line.state.words.lower()}]'}")


@users.command("link")
@click.option("--email", required=True, help="Address of the account.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on standard output."
)
def link(email: str, as_json: bool) -> None:
    """Make a link by which somebody chooses their password: also where no administrator can sign in any more.

    Prints the path to put behind the address of the site. It works once; older links of the account are void.
    """
    from qa_app.services.accounts_passwords import make_link

    with database(as_json):
        made = make_link(SYSTEM, number_of_account(email, as_json), at=clock.now())
    path = f"/choose-password/{made.token}"
    if as_json:
        print_json({"path": path, "purpose": made.purpose.value, "expires_at": made.expires_at.isoformat()})
    else:
        click.echo(f"{path}\nWorks once, within {made.purpose.hours} hours.")


@users.command("unlock")
@click.option("--email", required=True, help="Address of the account.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on standard output."
)
def unlock(email: str, as_json: bool) -> None:
    """Open an account that wrong attempts have locked for a while."""
    from qa_app.services.accounts import unlock_account

    with database(as_json):
        unlock_account(SYSTEM, number_of_account(email, as_json), at=clock.now())
    tell({"email": email.strip().lower(), "unlocked": True}, "Unlocked.", as_json)


@users.command("reset-second-factor")
@click.option("--email", required=True, help="Address of the account.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on standard output."
)
def reset_second_factor(email: str, as_json: bool) -> None:
    """Take away the second factor of somebody who has lost it; every sign-in of theirs ends."""
    from qa_app.services.accounts_second_factor import reset_second_factor as take_away

    with database(as_json):
        take_away(SYSTEM, number_of_account(email, as_json), at=clock.now())
    words = "The second factor is reset. Where a role asks for one, it is set up anew at the next sign-in."
    tell({"email": email.strip().lower(), "has_second_factor": False}, words, as_json)


@users.command("end-sign-ins")
@click.option("--email", help="Address of the account.")
@click.option("--everyone", is_flag=True, help="Of every account, for example after a break-in.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on standard output."
)
def end_all_sign_ins(email: str | None, everyone: bool, as_json: bool) -> None:
    """End every sign-in of one account, or of all: people sign in again."""
    from qa_app.queries.accounts import list_accounts
    from qa_app.services.accounts import end_sign_ins

    if (email is None) != everyone:
        raise click.UsageError("Give one of --email and --everyone.")
    with database(as_json):
        ids = (
            [line.user_id for line in list_accounts(SYSTEM)]
            if email is None
            else [number_of_account(email, as_json)]
        )
        for user_id in ids:
            end_sign_ins(SYSTEM, user_id, at=clock.now())
    tell({"accounts": len(ids)}, "Every sign-in has ended.", as_json)


@users.command("emergency")
@click.option("--email", required=True, help="Address of the account.")
@click.option("--on/--off", "yes", default=True, help="Whether the account is kept for emergencies.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on standard output."
)
def emergency(email: str, yes: bool, as_json: bool) -> None:
    """Keep an account for emergencies: it may use its password where everybody else has single sign-on."""
    from qa_app.services.accounts import set_break_glass

    with database(as_json):
        set_break_glass(SYSTEM, number_of_account(email, as_json), yes, at=clock.now())
    words = "Kept for emergencies." if yes else "No longer kept for emergencies."
    tell({"email": email.strip().lower(), "is_for_emergencies": yes}, words, as_json)


def number_of_account(email: str, as_json: bool) -> int:
    """The number of the account with this address."""
    from qa_app.queries.accounts import list_accounts

    wanted = email.strip().lower()
    found = next((line.user_id for line in list_accounts(SYSTEM) if line.email == wanted), None)
    if found is None:
        refuse("There is no account with this email address. See 'qa users list'.", as_json)
    return found


def tell(answer: dict[str, object], words: str, as_json: bool) -> None:
    """What was done, as JSON or in words."""
    if as_json:
        print_json(answer)
    else:
        click.echo(words)


def read_password(from_stdin: bool) -> str:
    """The password, from standard input or asked for twice; never from the command line, where others see it."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return answer


def grant_of(
    role: Role,
    area: str | None,
    team: str | None,
    agency: str | None,
    board: str | None,
    whole_service: bool,
    as_json: bool,
) -> Grant:
    """The role with its scope, places named by their names."""
    from qa_app.queries.accounts import list_boards_and_agencies, list_places

    areas, teams = list_places(SYSTEM)
    boards, _ = list_boards_and_agencies(SYSTEM)
    if area is not None:
        return Grant(
            role, ScopeKind.SERVICE_AREA, service_area_id=number_of("service area", area, areas, as_json)
        )
    if team is not None:
        return Grant(role, ScopeKind.TEAM, team_id=number_of("team", team, teams, as_json))
    if agency is not None:
        return Grant(role, ScopeKind.AGENCY, agency=agency)
    if board is not None:
        return Grant(role, ScopeKind.BOARD, board_id=number_of("board", board, boards, as_json))
    if whole_service:
        return Grant(role, ScopeKind.WHOLE_SERVICE)
    return Grant(role, DEFAULT_SCOPES.get(role, ScopeKind.WHOLE_SERVICE))


def number_of(what: str, name: str, places: list[tuple[int, str]], as_json: bool) -> int:
    """The number of the place with this name."""
    wanted = name.strip().casefold()
    found = next((number for number, known in places if known.casefold() == wanted), None)
    if found is None:
        known_names = ", ".join(known for _, known in places) or "none yet"
        refuse(f"There is no {what} called '{name}'. There are: {known_names}.", as_json)
    return found
