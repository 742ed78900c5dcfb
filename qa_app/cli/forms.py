"""`qa forms`: are the audit forms sound, every fault at once with its line; and publish them."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from qa_app import clock
from qa_app.bundled import bundled_folder
from qa_app.cli.context import database, print_json, refuse
from qa_app.domain.access import SYSTEM
from qa_app.exchange.audit_form_files import FormFile, read_form_folder, read_form_paths
from qa_app.exchange.theme_files import THEMES_FILE, ThemeFile, read_theme_path


@click.group("forms")
def forms() -> None:
    """Audit forms as files."""


@forms.command("check")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on standard output."
)
def check(files: Sequence[Path], as_json: bool) -> None:
    """Check form FILES, or folders of them; without any, the forms that come with the program.

    Every fault is told at once, with its line. Ends with status 1 if there is any.
    """
    found = read_given(files)
    if as_json:
        click.echo(json.dumps({"forms": [as_data(one) for one in found]}))
    for one in found:
        words = f"{one.n_questions} questions, no faults" if not one.faults else counted(len(one.faults))
        click.echo(f"{one.file}: {words}", err=as_json)
        for fault in one.faults:
            place = f"{one.file}:{fault.line}" if fault.line else one.file
            click.echo(f"  {place}: {fault.what}", err=as_json)
    if not found:
        click.echo("There is no form here: form files end in .yaml.", err=True)
    if not found or any(one.faults for one in found):
        raise SystemExit(1)


@forms.command("publish")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on standard output."
)
def publish(files: Sequence[Path], as_json: bool) -> None:
    """Publish the forms in FILES, or folders of them; without any, the forms that come with the program.

    A form whose content is published already keeps its version; nothing is published if any form has a fault.
    """
    found = read_given(files)
    lines = [f"{one.file}:{fault.line}: {fault.what}" for one in found for fault in one.faults]
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
            (one.form.key, publish_form(SYSTEM, one.form, at=at).number) for one in found if one.form
        ]
    for key, number in published:
        click.echo(f"{key}: version {number}", err=as_json)
    if as_json:
        print_json({"forms": [{"form": key, "version": number} for key, number in published]})


def read_given(files: Sequence[Path]) -> list[FormFile]:
    """The forms in the files and folders given, or the shipped ones.

    A folder with a theme list of its own is checked against that, everything else against the shipped list.
    """
    shipped = bundled_folder("audit_templates")
    found: list[FormFile] = []
    for folder in [path for path in files if path.is_dir()] or ([] if files else [shipped]):
        themes = read_theme_path(folder / THEMES_FILE) if (folder / THEMES_FILE).exists() else None
        if themes is not None and themes.faults:
            found.append(FormFile(themes.file, None, themes.faults))
        found += read_form_folder(folder, keys_of(themes) or shipped_keys(shipped))
    single = [path for path in files if not path.is_dir()]
    return found + list(read_form_paths(single, shipped_keys(shipped)))


def shipped_keys(shipped: Path) -> frozenset[str] | None:
    """The keys of the shipped theme list."""
    return keys_of(read_theme_path(shipped / THEMES_FILE))


def keys_of(themes: ThemeFile | None) -> frozenset[str] | None:
    """The keys of a sound theme list, or nothing: then themes are not checked."""
    return themes.taxonomy.keys if themes is not None and themes.taxonomy is not None else None


def as_data(read: FormFile) -> dict[str, object]:
    """One form as the command's JSON tells it."""
    return {
        "form": read.form.key if read.form else "",
        "file": read.file,
        "questions": read.n_questions,
        "faults": [{"line": fault.line, "what": fault.what} for fault in read.faults],
    }


def counted(n: int) -> str:
    """`1 fault`, `3 faults`."""
    return f"{n} fault" if n == 1 else f"{n} faults"
