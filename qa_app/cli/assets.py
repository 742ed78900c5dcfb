"""`qa assets`: fetches the front-end files if they are missing."""

import json
from pathlib import Path

import click

from qa_app.adapters import front_end_assets

VENDOR_FOLDER = Path(__file__).resolve().parents[1] / "static" / "vendor"


@click.command("assets")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on standard output."
)
def assets(as_json: bool) -> None:
    """Fetch the GOV.UK Frontend style and script if they are missing.

    Safe to run as often as you like. Without them the site works with its own plain style sheet.
    """
    if not front_end_assets.are_present(VENDOR_FOLDER):
        click.echo("Fetching the front-end files ...", err=True)
    try:
        fetched = front_end_assets.make_present(VENDOR_FOLDER, may_install_node=True)
    except (front_end_assets.AssetsUnavailable, OSError) as problem:
        refuse(str(problem), as_json)
    if as_json:
        click.echo(json.dumps({"version": front_end_assets.VERSION, "fetched": fetched, "present": True}))
    else:
        click.echo(
            "The front-end files were fetched." if fetched else "The front-end files are already there."
        )


def refuse(why: str, as_json: bool) -> None:
    """Say why the files could not be had, and end with status 1."""
    words = (
        f"The front-end files could not be fetched: {why}. The site works without them, with its own plain "
        "style; run `qa assets` again when this machine can reach the npm registry."
    )
    if as_json:
        click.echo(json.dumps({"error": words}))
    click.echo(words, err=True)
    raise SystemExit(1)
