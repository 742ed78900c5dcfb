"""`qa history`: was anything in the history altered, where does its chain end, and erasing by order."""

from dataclasses import asdict

import click

from qa_app import clock
from qa_app.cli.context import database, print_json
from qa_app.domain.access import SYSTEM
from qa_app.extensions import db, reading_only
from qa_app.services.history import erase_words
from qa_app.services.history_check import HistoryCheck, check_history, parse_anchor
from qa_app.services.history_seal import chain_head

as_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on standard output."
)


@click.group("history")
def history() -> None:
    """Who changed what."""


@history.command("verify")
@click.option(
    "--anchor",
    "written",
    multiple=True,
    metavar="SEQ:HASH",
    help="A head of the chain as it was written down elsewhere ('qa history head'); may be given several times.",
)
@as_json_option
def verify(written: tuple[str, ...], as_json: bool) -> None:
    """Walk the whole chain of the history. Ends with status 1 if anything was altered."""
    anchors = []
    for each in written:
        anchor = parse_anchor(each)
        if anchor is None:
            raise click.UsageError(
                f"'{each}' is no anchor. Write it as 'qa history head' prints it, for example 120:9f3a... "
                "(a number, a colon, 64 letters and digits)."
            )
        anchors.append(anchor)
    with database(as_json), reading_only():  # the walk may take a minute, and nobody who writes waits for it
        found = check_history(db.session(), at=clock.now(), anchors=anchors)
    if as_json:
        print_json(asdict(found))
    else:
        _tell(found, len(anchors))
    if found.faults:
        raise SystemExit(1)


@history.command("head")
@as_json_option
def head(as_json: bool) -> None:
    """The end of the chain as it is now. Written down elsewhere, it later shows a history written anew or cut off."""
    with database(as_json), reading_only():
        seq, hashed = chain_head(db.session())
    if as_json:
        print_json({"seq": seq, "hash": hashed if seq else ""})
    elif seq:
        click.echo(f"{seq}:{hashed}")
    else:
        click.echo("Nothing is sealed yet.", err=True)


@history.command("erase")
@click.argument("entry_id", type=int)
@click.option("--reason", required=True, help="Who ordered it, and why. Kept for ever.")
@as_json_option
def erase(entry_id: int, reason: str, as_json: bool) -> None:
    """Erase the words of one change by order. That there was a change, and who ordered this, stays."""
    with database(as_json):
        erase_words(SYSTEM, entry_id, reason, at=clock.now())
    if as_json:
        print_json({"erased": entry_id})
    else:
        click.echo(f"The words of entry {entry_id} are erased. The order stands in the history.")


def _tell(found: HistoryCheck, n_anchors: int) -> None:
    click.echo(f"{found.entries} entries, {found.sealed} sealed, {found.unsealed} waiting.")
    if found.unsealed:
        click.echo(f"The oldest has waited {found.oldest_unsealed_seconds} seconds.")
    if found.erased:
        click.echo(f"The words of {found.erased} were erased by order.")
    click.echo(f"Head: {found.head_seq}:{found.head}" if found.head else "Head: nothing sealed yet")
    for fault in found.faults:
        click.echo(fault)
    if found.faults:
        click.echo(f"{len(found.faults)} faults.")
    elif n_anchors:
        click.echo("Nothing was altered, and the anchors stand.")
    else:
        click.echo("Nothing was altered.")
