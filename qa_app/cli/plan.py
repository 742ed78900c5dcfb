"""`qa plan`: import an improvement plan, and say how it stands at any date."""

from datetime import date, datetime
from pathlib import Path

import click

from qa_app import clock
from qa_app.cli.context import database, print_json, refuse
from qa_app.cli.plan_replies import exceptions_reply, import_reply, summary_reply
from qa_app.domain.access import SYSTEM
from qa_app.domain.errors import Invalid
from qa_app.domain.plan_records import PlanDocument, PlanMapping
from qa_app.domain.plan_tally import PUBLISHED_WINDOW_ENDED, ExceptionReport, PlanTally
from qa_app.exchange.uploads import UploadedFile

AS_AT = click.DateTime(["%Y-%m-%d"])
JSON_HELP = "Print one JSON object and nothing else on standard output."


@click.group("plan")
def plan() -> None:
    """The improvement plan."""


@plan.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as-at", required=True, type=AS_AT, help="The day on which the statuses held: 2016-09-30.")
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A JSON file that names the document's headings and says which colour its status words stand for.",
)
@click.option("--into", "plan_id", type=int, help="The number of the plan to bring up to date.")
@click.option("--json", "as_json", is_flag=True, help=JSON_HELP)
def import_document(
    file: Path, as_at: datetime, mapping: Path | None, plan_id: int | None, as_json: bool
) -> None:
    """Read FILE, a workbook or CSV, as a new plan; a file of the same name brings its plan up to date.

    Ends with status 1 if it cannot be used or was stored before; nothing is stored then.
    """
    click.echo(f"Reading {file.name} ...", err=True)
    try:
        sent = _file(file)
        document, told = _read(sent, as_at.date(), mapping)
    except Invalid as refused:
        refuse(refused.message, as_json)
    click.echo(f"Storing {len(document.actions):,} actions ...", err=True)
    with database(as_json):
        from qa_app.services.improvement import import_plan, plan_titled

        outcome = import_plan(
            SYSTEM,
            document,
            file_name=sent.name,
            sha256=sent.sha256,
            plan_id=plan_id if plan_id is not None else plan_titled(SYSTEM, document.title),
            mapping=told,
            at=clock.now(),
        )
    if as_json:
        stored = {"plan": outcome.plan_id, "new": outcome.n_new, "updated": outcome.n_updated}
        print_json(import_reply(document, stored | {"left_out": outcome.n_left_out}))
        return
    click.echo(
        f"Plan {outcome.plan_id}, {document.title}: {outcome.n_new} new actions, {outcome.n_updated} updates, "
        f"{outcome.n_left_out} in the plan and not in this file."
    )
    _tell_doubts(document)


@plan.command("summary")
@click.option("--as-at", required=True, type=AS_AT, help="The day at which to count: 2016-09-30.")
@click.option("--base", help=f"What the figures are counted against: “{PUBLISHED_WINDOW_ENDED}”.")
@click.option("--plan", "plan_id", type=int, help="The number of the plan; else the one imported last.")
@click.option("--json", "as_json", is_flag=True, help=JSON_HELP)
def summary(as_at: datetime, base: str | None, plan_id: int | None, as_json: bool) -> None:
    """How the plan stood on a day: actions, due, not due, by declared rating, by priority."""
    if base is not None and base != PUBLISHED_WINDOW_ENDED:
        refuse(f"There is no base “{base}”. The one there is, is “{PUBLISHED_WINDOW_ENDED}”.", as_json)
    with database(as_json):
        from qa_app.queries.improvement import choose_plan, get_plan_tally

        tally = get_plan_tally(SYSTEM, choose_plan(SYSTEM, plan_id), as_at.date())
    if as_json:
        print_json(summary_reply(tally))
    else:
        _tell_tally(tally)


@plan.command("exceptions")
@click.option("--as-at", required=True, type=AS_AT, help="The day of the report: 2016-09-30.")
@click.option("--plan", "plan_id", type=int, help="The number of the plan; else the one imported last.")
@click.option("--json", "as_json", is_flag=True, help=JSON_HELP)
def exceptions(as_at: datetime, plan_id: int | None, as_json: bool) -> None:
    """The exception report on a day: of the actions due, which are red."""
    with database(as_json):
        from qa_app.queries.improvement import choose_plan, get_exception_sheet

        report = get_exception_sheet(SYSTEM, choose_plan(SYSTEM, plan_id), as_at.date()).report
    if as_json:
        print_json(exceptions_reply(report))
    else:
        _tell_exceptions(report)


def _read(sent: UploadedFile, as_at: date, mapping: Path | None) -> tuple[PlanDocument, PlanMapping | None]:
    from qa_app.exchange.plans.mappings import read_mapping
    from qa_app.exchange.plans.reader import read_plan

    if as_at > clock.today():
        raise Invalid("as_at", "--as-at lies in the future. Give the day on which the statuses held.")
    told = read_mapping(_file(mapping)) if mapping is not None else None
    return read_plan(sent, as_at, told), told


def _file(path: Path) -> UploadedFile:
    try:
        return UploadedFile(path.name, path.read_bytes())
    except OSError as error:
        raise Invalid(
            "file", f"{path.name} cannot be read ({error.strerror}). Check who may read it, and try again."
        ) from error


def _tell_doubts(document: PlanDocument) -> None:
    for doubt in document.doubts:
        click.echo(f"  {doubt}")
    for action in document.actions:
        for doubt in action.doubts:
            click.echo(f"  {action.ref}: {doubt}")


def _tell_tally(tally: PlanTally) -> None:
    total = tally.total
    click.echo(
        f"As at {tally.as_at}, base: {tally.base}. {total.actions} actions, {total.due} due, {total.not_due} not due "
        f"({total.completed_early} of them completed early), {total.ongoing} outside the base."
    )
    for words, counts in (("All", total.ratings), ("Due", total.due_ratings)):
        click.echo(
            f"{words}: {counts.green} green, {counts.amber} amber, {counts.red} red, {counts.white} white, "
            f"{counts.unrated} not rated."
        )
    for one in tally.priorities:
        click.echo(
            f"  Priority {one.priority}: {one.tally.actions} actions, {one.tally.due} due, "
            f"{one.tally.due_ratings.red} of {one.tally.due} red"
        )


def _tell_exceptions(report: ExceptionReport) -> None:
    click.echo(f"As at {report.as_at}: {report.red} of {report.due} actions due are red.")
    for one in report.priorities:
        click.echo(f"  Priority {one.priority}: {one.red} of {one.due}")
    for line in report.red_actions:
        click.echo(f"{line.ref}  {line.timescale_as_written}  {line.lead or 'no lead named'}  {line.text}")
