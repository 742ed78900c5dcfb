"""`qa history verify`: was anything in the history altered?"""

from dataclasses import asdict

import click

from qa_app import clock
from qa_app.cli.context import database, print_json
from qa_app.extensions import db
from qa_app.services.history_seal import check_history


@click.group("history")
def history() -> None:
    """Who changed what."""


@history.command("verify")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on standard output."
)
def verify(as_json: bool) -> None:
    """Walk the whole chain of the history. Ends with status 1 if anything was altered."""
    with database(as_json):
        found = check_history(db.session(), at=clock.now())
    if as_json:
        print_json(asdict(found))
    else:
        click.echo(f"{found.entries} entries, {found.sealed} sealed, {found.unsealed} waiting.")
        click.echo(f"Head: {found.head or 'nothing sealed yet'}")
        for fault in found.faults:
            click.echo(fault)
        click.echo("Nothing was altered." if not found.faults else f"{len(found.faults)} faults.")
    if found.faults:
        raise SystemExit(1)
