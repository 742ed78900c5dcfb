"""`qa demo`: an invented council to look around in."""

import click

from qa_app.cli.context import database, print_json, refuse
from qa_app.domain.errors import Conflict


@click.command("demo")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on standard output."
)
@click.option(
    "--quiet-if-filled", is_flag=True, help="End well, doing nothing, when the database is not empty."
)
def demo(as_json: bool, quiet_if_filled: bool) -> None:
    """Fill an empty database with an invented council: people, caseload, reviews, findings and a plan.

    Bring the database to its newest shape first (qa db upgrade). A database that holds anything is left alone.
    """
    from qa_app.demo.council import PASSWORD, build_demonstration
    from qa_app.demo.places import people

    with database(as_json):
        try:
            kept = build_demonstration(lambda words: click.echo(f"{words} ...", err=True))
        except Conflict as refusal:
            if quiet_if_filled:
                return
            refuse(refusal.message, as_json)
    found = {"reviews": kept.n_reviews, "submitted": kept.n_submitted, "findings": kept.n_findings}
    if as_json:
        print_json({**found, "password": PASSWORD, "sign_ins": [person.email for person in people()]})
        return
    click.echo(
        f"Made {kept.n_reviews} reviews, {kept.n_submitted} of them handed in, with {kept.n_findings} findings."
    )
    click.echo(f"Everybody's password is: {PASSWORD}")
    for person in people():
        click.echo(f"  {person.email:<36} {person.name}")
