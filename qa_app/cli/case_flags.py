"""`qa caseload flags`: read a sheet of flags on cases into the database."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qa_app import clock
from qa_app.cli.context import database, print_json, refuse
from qa_app.domain.access import SYSTEM
from qa_app.domain.errors import Invalid
from qa_app.exchange.case_flags.reader import FlagSheet, read_flags
from qa_app.exchange.uploads import UploadedFile

if TYPE_CHECKING:
    from qa_app.services.case_flag_sheets import FlagPreview


@click.command("flags")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--as-at",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day for which the sheet is right, such as 2026-10-30.",
)
@click.option(
    "--replace", is_flag=True, help="Flags of the sheet's kinds that it does not hold end on that day."
)
@click.option("--kind", default="", help="The flag of every row, for a file without a column that says it.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and keep nothing.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on standard output."
)
def flags(path: Path, as_at: datetime, replace: bool, kind: str, dry_run: bool, as_json: bool) -> None:
    """Read FILE: one row for each flag, with the child's reference, the flag and its date.

    Rows in doubt stay out and are told: a name like a known one is never taken for it. Ends with status 1 if the
    sheet cannot be used; nothing is stored then.
    """
    click.echo(f"Reading {path.name} ...", err=True)
    day = as_at.date()
    try:
        if day > clock.today():
            raise Invalid("as_at", "--as-at lies in the future. Give the day for which the sheet is right.")
        file = UploadedFile(path.name, path.read_bytes())
        sheet = read_flags(file, kind.strip())
    except Invalid as refused:
        refuse(refused.message, as_json)
    except OSError as error:
        refuse(
            f"{path.name} cannot be read ({error.strerror}). Check who may read it, and try again.", as_json
        )
    with database(as_json):
        from qa_app.services.case_flag_sheets import preview_flags, store_flags

        if dry_run:
            preview = preview_flags(SYSTEM, sheet.flags, day, replace, {})
        else:
            _, preview = store_flags(
                SYSTEM, sheet.flags, day, replace, {}, file.sha256, at=clock.now(), n_faults=len(sheet.faults)
            )
        reply = reply_of(sheet, preview, stored=not dry_run)
    if as_json:
        print_json(reply)
    else:
        tell(reply)


def reply_of(sheet: FlagSheet, preview: "FlagPreview", *, stored: bool) -> dict[str, Any]:
    """What was read and changed, as other programs get it. Children are named by their rows only."""
    changes, resolution = preview.changes, preview.resolution
    return {
        "as_at": preview.as_at.isoformat(),
        "replaces": preview.replaces,
        "stored": stored,
        "rows": sheet.n_rows,
        "kinds": [kind.label for kind in preview.kinds],
        "new": len(changes.new),
        "ended": len(changes.ended),
        "other_dates": len(changes.dated),
        "unchanged": len(changes.unchanged),
        "unknown_children": [one.row for one in resolution.unknown],
        "left_out": [{"row": one.row, "why": one.why} for one in (*resolution.left_out, *changes.left_out)],
        "doubts": [
            {"words": one.words, "rows": one.n_rows, "why": one.question}
            for one in resolution.doubts
            if one.is_open
        ],
        "faults": [one.model_dump() for one in sheet.faults],
        "columns_not_read": list(sheet.unused),
    }


def tell(reply: dict[str, Any]) -> None:
    """Say in words what changed."""
    done = "Stored" if reply["stored"] else "Would change"
    click.echo(
        f"{done}: {reply['new']:,} new, {reply['ended']:,} ended, {reply['other_dates']:,} with other dates, "
        f"{reply['unchanged']:,} unchanged ({', '.join(reply['kinds']) or 'no kind of flag'})"
    )
    for number in reply["unknown_children"]:
        click.echo(f"  row {number}: no upload of the lists knows this child")
    for one in reply["left_out"]:
        click.echo(f"  row {one['row']}: {one['why']}")
    for one in reply["doubts"]:
        click.echo(f"  {one['words']} ({one['rows']} rows): {one['why']}. Decide it on the site.")
    for one in reply["faults"]:
        place = ", ".join(
            f"{what} {one[what]}" for what in ("tab", "row", "column") if one[what] not in (None, "")
        )
        click.echo(f"  {place}: {one['what']}")
