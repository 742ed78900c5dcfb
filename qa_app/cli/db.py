"""`qa db`: the database's shape."""

import click
from flask_migrate import upgrade as migrate_up

from qa_app.cli.context import database


@click.group("db")
def db() -> None:
    """The database's shape."""


@db.command("upgrade")
def upgrade() -> None:
    """Bring the database to the newest shape. Safe to run as often as you like."""
    with database():
        migrate_up()
    click.echo("The database is up to date.", err=True)
