"""`qa`: the commands of Line of Sight."""

from importlib import import_module
from importlib.util import find_spec

import click

COMMANDS = (
    "assets",
    "caseload",
    "db",
    "demo",
    "forms",
    "history",
    "organisation",
    "plan",
    "serve",
    "users",
    "worker",
)


class Commands(click.Group):
    """Loads a command only when it is asked for, so that each starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return [name for name in COMMANDS if find_spec(f"qa_app.cli.{name}")]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One command by its name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = getattr(import_module(f"qa_app.cli.{cmd_name}"), cmd_name)
        return command


@click.group(cls=Commands)
def main() -> None:
    """Line of Sight: quality assurance for children's services."""
