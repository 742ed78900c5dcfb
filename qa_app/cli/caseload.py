"""`qa caseload`: read the child-level lists into the database."""

import json
from datetime import datetime
from itertools import islice
from pathlib import Path

import click

from qa_app import clock
from qa_app.cli.case_flags import flags
from qa_app.cli.context import database, refuse
from qa_app.domain.access import SYSTEM
from qa_app.domain.caseload import CaseloadExtract, cases_by_plan_type
from qa_app.domain.caseload_faults import group_faults
from qa_app.domain.errors import Invalid
from qa_app.exchange.annex_a.reader import read_caseload
from qa_app.exchange.uploads import UploadedFile, sha256_of

ENDINGS = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".txt", ".tsv", ".zip")

FAULTS_AT_ONCE = 1_000


@click.group("caseload")
def caseload() -> None:
    """The caseload: the child-level lists (Annex A)."""


caseload.add_command(flags)


@caseload.command("import")
@click.argument("path", metavar="FILE_OR_FOLDER", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--as-at",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day the lists were taken, such as 2026-10-30.",
)
@click.option(
    "--accept-falls",
    is_flag=True,
    help="Store also where a list is shorter than at the last import by a fifth or more.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on standard output."
)
def import_lists(path: Path, as_at: datetime, accept_falls: bool, as_json: bool) -> None:
    """Read FILE_OR_FOLDER: a workbook, one list as CSV, or a folder or zip file of one CSV file per list.

    Ends with status 1 if the lists cannot be used, were stored before, or are shorter than at the last import by a
    fifth or more and nobody accepted that; nothing is stored then.
    """
    click.echo(f"Reading {path.name} ...", err=True)
    try:
        files = files_of(path)
        day = as_at.date()
        if day > clock.today():
            raise Invalid("as_at", "--as-at lies in the future. Give the day the lists were taken.")
    except Invalid as refused:
        refuse(refused.message, as_json)
    with database(as_json):
        from qa_app.queries.house_words import get_house_words

        told = get_house_words(SYSTEM)
    try:
        extract = read_caseload(files, day, told)
    except Invalid as refused:
        refuse(refused.message, as_json)
    if not as_json:
        tell(extract)
    _store(extract, sha256_of(files), accept_falls=accept_falls, as_json=as_json)
    if as_json:
        _print_reply(extract.as_reply(), extract)


def _store(extract: CaseloadExtract, sha256: str, *, accept_falls: bool, as_json: bool) -> None:
    """Store what was read, in one transaction. A refusal for lists that fell tells what was read as well."""
    click.echo(f"Storing {len(extract.cases):,} cases ...", err=True)
    with database(as_json):
        from qa_app.queries.caseload_comparison import days_of_same_files
        from qa_app.services.caseload import refuse_repeated, store_extract
        from qa_app.services.caseload_waiting import refuse_falls

        refuse_repeated(SYSTEM, extract.as_at, sha256)
        for day in days_of_same_files(SYSTEM, sha256, extract.as_at):
            click.echo(f"The very same files are stored for {day.isoformat()} already.", err=True)
        try:
            fallen = refuse_falls(SYSTEM, extract, accepts_falls=accept_falls)
        except Invalid as refused:
            message = f"{refused.message} With --accept-falls it is stored as it is."
            if as_json:
                _print_reply({"error": message, **extract.as_reply()}, extract)
            click.echo(message, err=True)
            raise SystemExit(1) from refused
        store_extract(
            SYSTEM, extract, sha256, accepted_falls=[change.number for change in fallen], at=clock.now()
        )


def _print_reply(head: dict[str, object], extract: CaseloadExtract) -> None:
    """One JSON object, its faults written one by one: there may be hundreds of thousands."""
    click.echo(json.dumps(head, ensure_ascii=False)[:-1] + ', "faults": [', nl=False)
    lines = (json.dumps(fault.as_reply(), ensure_ascii=False) for fault in extract.faults_by_place())
    between = ""
    while some := list(islice(lines, FAULTS_AT_ONCE)):
        click.echo(between + ", ".join(some), nl=False)
        between = ", "
    click.echo("]}")


def files_of(path: Path) -> list[UploadedFile]:
    """The file, or every spreadsheet and CSV file of the folder.

    Errors: `Invalid` for a folder that holds none, and for a file that cannot be read.
    """
    paths = [path]
    if path.is_dir():
        paths = sorted(
            one
            for one in path.iterdir()
            if one.is_file() and one.suffix.lower() in ENDINGS and not one.name.startswith((".", "~"))
        )
    if not paths:
        raise Invalid(
            "file", f"The folder {path.name} holds no workbook or CSV file. Give the folder of the lists."
        )
    try:
        return [UploadedFile(one.name, one.read_bytes()) for one in paths]
    except OSError as error:
        raise Invalid(
            "file", f"{path.name} cannot be read ({error.strerror}). Check who may read it, and try again."
        ) from error


def tell(extract: CaseloadExtract) -> None:
    """Say in words what was read."""
    for number, one in sorted(extract.lists.items()):
        click.echo(
            f"List {number:>2} ({one.tab}): {one.rows_read:,} rows, {one.usable:,} usable, "
            f"{one.rejected:,} rejected, {one.ignored:,} repeated"
        )
    counts = extract.counts
    click.echo(
        f"{counts.current_children_list6:,} current children, "
        f"{counts.current_children_including_care_leavers:,} with care leavers; "
        f"{counts.teams:,} teams, {counts.workers:,} workers"
    )
    for plan, n in cases_by_plan_type(extract.cases).items():
        click.echo(f"  {plan.label}: {n:,}")
    groups = group_faults(extract.faults)
    click.echo(f"{extract.n_faults:,} things noted" + (":" if groups else "."))
    for group in groups:
        click.echo(f"  {group.n_faults:>5}  {group.words} ({group.done.label.lower()})")
