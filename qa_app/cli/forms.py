"""`qa forms`: are the audit forms sound, every fault with its line or cell; publish them, take them in and out."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from qa_app import clock
from qa_app.bundled import bundled_folder
from qa_app.cli.context import database, print_json, refuse
from qa_app.cli.form_files import FORM_ENDINGS, Given, read_given
from qa_app.domain.access import SYSTEM
from qa_app.exchange.audit_form_readers import FORMATS, write_any_form
from qa_app.exchange.theme_files import THEMES_FILE, read_theme_path

JSON_HELP = "Print one JSON object and nothing else on standard output."


@click.group("forms")
def forms() -> None:
    """Audit forms as files: YAML, JSON or XLSForm workbooks."""


@forms.command("check")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help=JSON_HELP)
def check(files: Sequence[Path], as_json: bool) -> None:
    """Check form FILES, or folders of them; without any, the forms that come with the program.

    Every fault is told at once, with its line or cell. Ends with status 1 if there is any.
    """
    found = read_given(files)
    if as_json:
        click.echo(json.dumps({"forms": [one.as_data() for one in found]}, ensure_ascii=False))
    for one in found:
        words = (
            f"{one.n_questions} questions, no faults" if not one.faults else counted(len(one.faults), "fault")
        )
        click.echo(f"{one.file}: {words}", err=as_json)
        for fault in one.faults:
            click.echo(f"  {one.place_of(fault)}: {fault.what}", err=as_json)
        for fault in one.not_taken:
            click.echo(f"  {one.place_of(fault)}: not taken: {fault.what}", err=as_json)
    if not found:
        click.echo(f"There is no form here: form files end in {', '.join(FORM_ENDINGS)}.", err=True)
    if not found or any(one.faults for one in found):
        raise SystemExit(1)


@forms.command("publish")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--breaking",
    is_flag=True,
    help="A second person has agreed to changes that break comparison over time; the history says so.",
)
@click.option("--json", "as_json", is_flag=True, help=JSON_HELP)
def publish(files: Sequence[Path], breaking: bool, as_json: bool) -> None:
    """Publish the forms in FILES, or folders of them; without any, the forms that come with the program.

    A form whose content is published already keeps its version; nothing is published if any form has a fault.
    """
    found = read_given(files)
    lines = told(found)
    if lines or not found:
        refuse("Nothing was published. " + ("; ".join(lines) or "There is no form here."), as_json)
    with database(as_json):
        from qa_app.services.audit_forms import publish_form
        from qa_app.services.taxonomy import load_taxonomy

        at = clock.now()
        themes = read_theme_path(bundled_folder("audit_templates") / THEMES_FILE)
        if themes.taxonomy is not None:
            load_taxonomy(SYSTEM, themes.taxonomy, at=at)
        published = [
            (one.form.key, publish_form(SYSTEM, one.form, at=at, accepts_breaking=breaking).number)
            for one in found
            if one.form
        ]
    for key, number in published:
        click.echo(f"{key}: version {number}", err=as_json)
    if as_json:
        print_json({"forms": [{"form": key, "version": number} for key, number in published]})


@forms.command("export")
@click.argument("key")
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; its ending says which: .xlsx, .yaml or .json.",
)
@click.option("--version", "number", type=click.IntRange(1), help="The version; without it, the newest.")
@click.option("--json", "as_json", is_flag=True, help=JSON_HELP)
def export(key: str, out: Path, number: int | None, as_json: bool) -> None:
    """Write a published form, by its KEY, as a workbook (XLSForm), as YAML or as JSON."""
    file_format = out.suffix.lower().lstrip(".").replace("yml", "yaml")
    if file_format not in FORMATS:
        refuse(f"{out.name} ends in none of .{', .'.join(FORMATS)}. Choose one of these endings.", as_json)
    with database(as_json):
        from qa_app.domain.errors import NotFound
        from qa_app.queries.audit_form_publishing import compare_versions

        try:
            found = compare_versions(SYSTEM, key, number, number).later
        except NotFound:
            which = f" with a version {number}" if number else ""
            refuse(f"No form '{key}'{which} is published. 'qa forms check' lists the shipped ones.", as_json)
        content = write_any_form(found.form, file_format, str(found.number))
    try:
        out.write_bytes(content)
    except OSError as error:
        refuse(f"{out} cannot be written: {error.strerror}.", as_json)
    click.echo(f"{key}, version {found.number}: {out}", err=as_json)
    if as_json:
        print_json({"form": key, "version": found.number, "file": str(out), "bytes": len(content)})


@forms.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help=JSON_HELP)
def import_form(file: Path, as_json: bool) -> None:
    """Make a draft of the form in FILE. Nothing is published: somebody looks at the draft first."""
    [read] = read_given([file])
    for fault in read.not_taken:
        click.echo(f"{read.place_of(fault)}: not taken: {fault.what}", err=True)
    if read.form is None:
        refuse("Nothing was taken in. " + "; ".join(told([read])), as_json)
    with database(as_json):
        from qa_app.services.audit_form_intake import take_in_form

        taken = take_in_form(SYSTEM, read.form, file.name, at=clock.now())
    click.echo(f"{read.form.key}: draft {taken.draft_id}", err=as_json)
    if as_json:
        not_taken = [{"place": one.place, "what": one.what} for one in read.not_taken]
        print_json({"form": read.form.key, "draft": taken.draft_id, "not_taken": not_taken})


@forms.command("score")
@click.option("--json", "as_json", is_flag=True, help=JSON_HELP)
def score(as_json: bool) -> None:
    """Store the compliance scores of reviews that were submitted before scores were kept."""
    with database(as_json):
        from qa_app.services.reviews_scores import score_earlier_reviews

        n_scored = score_earlier_reviews(SYSTEM, at=clock.now())
    click.echo(f"{counted(n_scored, 'review')} scored", err=as_json)
    if as_json:
        print_json({"reviews": n_scored})


def told(found: Sequence[Given]) -> list[str]:
    """Every fault as `file:line: what`."""
    return [f"{one.place_of(fault)}: {fault.what}" for one in found for fault in one.faults]


def counted(n: int, noun: str) -> str:
    """`1 fault`, `3 faults`."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
