"""`qa forms check`: are the audit forms sound? Every fault at once, each with its file and line."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from qa_app.bundled import bundled_folder
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
