"""Audit forms as YAML files: read with every fault and its line, written so that they read back the same."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from qa_app.domain.audit_forms.checks import check_form, check_measures
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.exchange.audit_form_words import fault_in_words
from qa_app.exchange.yaml_lines import LineFault, YamlDocument, read_yaml

THEMES_FILE = "themes.yaml"


@dataclass(frozen=True)
class FormFile:
    """One form file as read: its name, the form when it is sound, and its faults."""

    file: str
    form: AuditForm | None
    faults: tuple[LineFault, ...]

    @property
    def n_questions(self) -> int:
        """How many questions the form asks, retired ones left out."""
        return sum(not one.retired for one in self.form.questions.values()) if self.form else 0


def read_form(content: bytes, file: str, theme_keys: Collection[str] | None = None) -> FormFile:
    """Read a form. A form with any fault is not usable: every fault is told at once, each with its line."""
    document = read_yaml(content)
    if document.faults and (document.data is None or not document.is_whole):
        return FormFile(file, None, tuple(document.faults))
    form, faults = _form_of(document, theme_keys)
    found = sorted({*document.faults, *faults}, key=lambda fault: (fault.line, fault.what))
    return FormFile(file, None if found else form, tuple(found))


def _form_of(
    document: YamlDocument, theme_keys: Collection[str] | None
) -> tuple[AuditForm | None, list[LineFault]]:
    if not isinstance(document.data, dict):
        return None, [LineFault(document.line_of(()), "a form file begins with 'form:' and the form's key")]
    try:
        form = AuditForm.from_data(document.data)
    except ValidationError as error:
        faults = []
        for one in error.errors(include_url=False):
            path = tuple(one["loc"])
            if one["type"] == "too_short" and one.get("input"):
                continue  # the list only looks empty because its entries are at fault, and they are told
            faults.append(LineFault(document.line_of(path), fault_in_words(path, one)))
        return None, faults
    return form, [LineFault(document.line_of(one.path), one.what) for one in check_form(form, theme_keys)]


def read_form_path(path: Path, theme_keys: Collection[str] | None = None) -> FormFile:
    """Read a form from disk; an unchanged file is read once only."""
    try:
        stamp = path.stat()
        themes = None if theme_keys is None else frozenset(theme_keys)
        return _read_once(path, stamp.st_mtime_ns, stamp.st_size, themes)
    except OSError as error:
        return FormFile(path.name, None, (LineFault(0, f"the file cannot be opened: {error.strerror}"),))


@lru_cache(maxsize=256)
def _read_once(path: Path, _changed: int, _size: int, themes: frozenset[str] | None) -> FormFile:
    return read_form(path.read_bytes(), path.name, themes)


def read_form_folder(folder: Path, theme_keys: Collection[str] | None = None) -> tuple[FormFile, ...]:
    """Every form in a folder by file name, checked one by one and against one another."""
    paths = sorted(path for path in folder.glob("*.yaml") if path.name != THEMES_FILE)
    return read_form_paths(paths, theme_keys)


def read_form_paths(paths: Iterable[Path], theme_keys: Collection[str] | None = None) -> tuple[FormFile, ...]:
    """Several form files, checked one by one and against one another."""
    return _checked_together([(path, read_form_path(path, theme_keys)) for path in paths])


def _checked_together(found: list[tuple[Path, FormFile]]) -> tuple[FormFile, ...]:
    more: dict[int, list[LineFault]] = {}
    first: dict[str, int] = {}
    for n, (path, read) in enumerate(found):
        if read.form is None:
            continue
        if read.form.key in first:
            other = found[first[read.form.key]][1].file
            line = read_yaml(path.read_bytes()).line_of(("form",))
            fault = LineFault(line, f"form '{read.form.key}' is in {other} too; give each form its own key")
            more.setdefault(n, []).append(fault)
        else:
            first[read.form.key] = n
    sound = [found[n][1].form for n in first.values()]
    for key, differs in check_measures(form for form in sound if form is not None):
        n = first[key]
        line = read_yaml(found[n][0].read_bytes()).line_of(differs.path)
        more.setdefault(n, []).append(LineFault(line, differs.what))
    return tuple(
        FormFile(read.file, None if n in more else read.form, (*read.faults, *more.get(n, ())))
        for n, (_, read) in enumerate(found)
    )


def write_form(form: AuditForm) -> str:
    """The form as YAML text that reads back as the same form."""
    from io import StringIO

    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 110
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    out = StringIO()
    yaml.dump(_plain(form.to_data()), out)
    return out.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
