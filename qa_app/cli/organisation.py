"""`qa organisation`: the council's structure from a sheet, and as a sheet."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qa_app import clock
from qa_app.cli.context import database, print_json, refuse
from qa_app.domain.access import SYSTEM
from qa_app.domain.errors import Invalid
from qa_app.exchange.organisation_sheet import OrganisationSheet, organisation_workbook, read_organisation
from qa_app.exchange.uploads import UploadedFile

if TYPE_CHECKING:
    from qa_app.domain.organisation_structure import StructurePlan
    from qa_app.services.organisation_sheets import ChangeLine


@click.group("organisation")
def organisation() -> None:
    """The organisation: service areas, teams, practitioners, supervision."""


@organisation.command("import")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and keep nothing.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on standard output."
)
def import_sheet(path: Path, dry_run: bool, as_json: bool) -> None:
    """Read FILE: tabs of service areas, teams and people, or one tab of all. What it does not name stays.

    Rows in doubt stay out and are told. Ends with status 1 if the sheet cannot be used; nothing is stored then.
    """
    click.echo(f"Reading {path.name} ...", err=True)
    try:
        file = UploadedFile(path.name, path.read_bytes())
        sheet = read_organisation(file)
    except Invalid as refused:
        refuse(refused.message, as_json)
    except OSError as error:
        refuse(
            f"{path.name} cannot be read ({error.strerror}). Check who may read it, and try again.", as_json
        )
    with database(as_json):
        from qa_app.services.organisation_sheets import preview_organisation, store_organisation

        if dry_run:
            plan, lines, _ = preview_organisation(SYSTEM, sheet.rows, {})
        else:
            plan, lines = store_organisation(SYSTEM, sheet.rows, {}, file.sha256, at=clock.now())
        reply = reply_of(sheet, plan, lines, stored=not dry_run)
    if as_json:
        print_json(reply)
    else:
        tell(reply)


@organisation.command("export")
@click.option(
    "--out",
    "path",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The workbook to write (.xlsx).",
)
def export(path: Path) -> None:
    """Write the organisation as it is known, to be filled in and imported again."""
    with database():
        from qa_app.services.organisation_sheets import get_structure

        content = organisation_workbook(get_structure(SYSTEM))
    try:
        path.write_bytes(content)
    except OSError as error:
        refuse(f"{path.name} cannot be written ({error.strerror}). Choose another place.")
    click.echo(f"Wrote {path.name}")


def reply_of(
    sheet: OrganisationSheet, plan: "StructurePlan", lines: "tuple[ChangeLine, ...]", *, stored: bool
) -> dict[str, Any]:
    """What was read and changed, as other programs get it."""
    return {
        "stored": stored,
        "rows": plan.n_rows,
        "service_areas": len(plan.changed_areas),
        "teams": len(plan.changed_teams),
        "practitioners": len(plan.changed_people),
        "changes": [
            {
                "kind": one.what,
                "name": one.name,
                "what": one.field,
                "before": one.before,
                "after": one.after,
                "new": one.is_new,
            }
            for one in lines
        ],
        "doubts": [
            {"words": one.words, "rows": one.n_rows, "why": one.question}
            for one in plan.doubts
            if one.is_open
        ],
        "faults": [one.model_dump() for one in (*sheet.faults, *plan.faults)],
        "columns_not_read": list(sheet.unused),
    }


def tell(reply: dict[str, Any]) -> None:
    """Say in words what changed."""
    click.echo(f"{'Stored' if reply['stored'] else 'Would change'}: {len(reply['changes']):,} changes")
    for one in reply["changes"]:
        what = (
            f"{one['what']}: {one['before'] or 'nobody'} -> {one['after'] or 'nobody'}"
            if one["what"]
            else "added"
        )
        click.echo(f"  {one['kind']} {one['name']}: {what}")
    for one in reply["doubts"]:
        click.echo(f"  {one['words']} ({one['rows']} rows): {one['why']}. Decide it on the site.")
    for one in reply["faults"]:
        place = ", ".join(
            f"{what} {one[what]}" for what in ("tab", "row", "column") if one[what] not in (None, "")
        )
        click.echo(f"  {place}: {one['what']}")
