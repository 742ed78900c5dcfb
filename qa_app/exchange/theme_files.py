"""The theme taxonomy as a YAML file: read with every fault and its line."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, ValidationError

from qa_app.domain.audit_forms.form import Key
from qa_app.domain.themes import Taxonomy, ThemeDefinition, check_themes
from qa_app.exchange.audit_form_words import fault_in_words
from qa_app.exchange.yaml_lines import LineFault, YamlDocument, read_yaml

THEMES_FILE = "themes.yaml"

_Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
_Definition = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    theme: Key
    title: _Title
    definition: _Definition
    parent: Key | None = None
    safety_critical: StrictBool = False


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    themes: list[_Entry] = Field(min_length=1, max_length=500)


@dataclass(frozen=True)
class ThemeFile:
    """The taxonomy file as read: the themes when it is sound, and its faults."""

    file: str
    taxonomy: Taxonomy | None
    faults: tuple[LineFault, ...]


def read_themes(content: bytes, file: str = THEMES_FILE) -> ThemeFile:
    """Read the taxonomy. With any fault it is not usable: every fault is told at once, each with its line."""
    document = read_yaml(content)
    if document.faults and document.data is None:
        return ThemeFile(file, None, tuple(document.faults))
    if not isinstance(document.data, dict):
        what = "a theme file begins with 'themes:' and the list of themes"
        return ThemeFile(file, None, (*document.faults, LineFault(document.line_of(()), what)))
    taxonomy, faults = _taxonomy_of(document, document.data)
    found = sorted({*document.faults, *faults}, key=lambda fault: (fault.line, fault.what))
    return ThemeFile(file, None if found else taxonomy, tuple(found))


def _taxonomy_of(document: YamlDocument, data: dict[str, Any]) -> tuple[Taxonomy | None, list[LineFault]]:
    try:
        entries = _File.model_validate(data).themes
    except ValidationError as error:
        return None, list(_shape_faults(document, error))
    themes = tuple(
        ThemeDefinition(one.theme, one.title, one.definition, one.parent, one.safety_critical)
        for one in entries
    )
    faults = [
        LineFault(document.line_of(("themes", fault.index, fault.part)), fault.what)
        for fault in check_themes(themes)
    ]
    return (None if faults else Taxonomy(themes)), faults


def _shape_faults(document: YamlDocument, error: ValidationError) -> Iterator[LineFault]:
    for one in error.errors(include_url=False):
        path = tuple(one["loc"])
        yield LineFault(document.line_of(path), _in_words(path, one["type"], dict(one)))


def _in_words(path: tuple[str | int, ...], kind: str, error: dict[str, Any]) -> str:
    part = "theme" if len(path) > 1 else "theme file"
    if kind == "extra_forbidden":
        allowed = ", ".join((_Entry if len(path) > 1 else _File).model_fields)
        return f"'{path[-1]}' is not a key of a {part}; allowed here: {allowed}"
    if kind == "missing":
        return f"this {part} has no '{path[-1]}'; add it"
    if kind in ("model_type", "model_attributes_type"):
        return "a theme must hold keys and values of its own: theme, title, definition"
    if kind == "list_type":
        return "'themes' must be a list; begin each theme with a hyphen"
    return fault_in_words(path, error)


def read_theme_path(path: Path) -> ThemeFile:
    """Read the taxonomy from disk; an unchanged file is read once only."""
    try:
        stamp = path.stat()
        return _read_once(path, stamp.st_mtime_ns, stamp.st_size)
    except OSError as error:
        return ThemeFile(path.name, None, (LineFault(0, f"the file cannot be opened: {error.strerror}"),))


@lru_cache(maxsize=8)
def _read_once(path: Path, _changed: int, _size: int) -> ThemeFile:
    return read_themes(path.read_bytes(), path.name)
