"""The form files that a command was given: each with its faults, its themes checked against the list beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from qa_app.bundled import bundled_folder
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.exchange.audit_form_files import FormFile, read_form_folder, read_form_paths
from qa_app.exchange.audit_form_readers import PlacedFault, read_any_form
from qa_app.exchange.theme_files import THEMES_FILE, ThemeFile, read_theme_path
from qa_app.exchange.uploads import UploadedFile

FORM_ENDINGS = (".yaml", ".json", ".xlsx")
LARGEST_READ = 12_000_000
"""Units: bytes. A longer file is not read to its end: no form is as long."""


@dataclass(frozen=True)
class Given:
    """One file as read: the form when it is sound, its faults, and what was not taken of a workbook."""

    file: str
    form: AuditForm | None
    faults: tuple[PlacedFault, ...]
    not_taken: tuple[PlacedFault, ...] = ()

    @property
    def n_questions(self) -> int:
        """How many questions the form asks, retired ones left out."""
        return sum(not one.retired for one in self.form.questions.values()) if self.form else 0

    def place_of(self, fault: PlacedFault) -> str:
        """`file.yaml:12`, `file.xlsx:survey!C12`, or the file alone."""
        place = fault.line or fault.place
        return f"{self.file}:{place}" if place else self.file

    def as_data(self) -> dict[str, object]:
        """The file as the command's JSON tells it."""
        data: dict[str, object] = {
            "form": self.form.key if self.form else "",
            "file": self.file,
            "questions": self.n_questions,
            "faults": [_fault_data(fault) for fault in self.faults],
        }
        if self.not_taken:
            data["not_taken"] = [_fault_data(fault) for fault in self.not_taken]
        return data


def read_given(files: Sequence[Path]) -> list[Given]:
    """The forms in the files and folders given, or the shipped ones.

    A folder with a theme list of its own is checked against that, everything else against the shipped list.
    """
    shipped = bundled_folder("audit_templates")
    known = _keys_of(read_theme_path(shipped / THEMES_FILE))
    found: list[Given] = []
    for folder in [path for path in files if path.is_dir()] or ([] if files else [shipped]):
        themes = read_theme_path(folder / THEMES_FILE) if (folder / THEMES_FILE).exists() else None
        if themes is not None and themes.faults:
            found.append(_of_lines(FormFile(themes.file, None, themes.faults)))
        keys = _keys_of(themes) or known
        found += [_of_lines(one) for one in read_form_folder(folder, keys)]
        others = (path for path in sorted(folder.iterdir()) if path.suffix.lower() in (".json", ".xlsx"))
        found += [_read(path, keys) for path in others]
    single = [path for path in files if not path.is_dir()]
    found += [_of_lines(one) for one in read_form_paths(_yaml(single), known)]
    return found + [_read(path, known) for path in single if path not in set(_yaml(single))]


def _yaml(paths: Iterable[Path]) -> list[Path]:
    return [path for path in paths if path.suffix.lower() in (".yaml", ".yml")]


def _read(path: Path, keys: frozenset[str] | None) -> Given:
    try:
        with path.open("rb") as opened:
            content = opened.read(LARGEST_READ)
    except OSError as error:
        what = f"the file cannot be opened: {error.strerror}"
        return Given(path.name, None, (PlacedFault("", what),))
    read = read_any_form(UploadedFile(path.name, content), keys)
    return Given(path.name, read.form, read.faults, read.not_taken)


def _of_lines(read: FormFile) -> Given:
    faults = tuple(
        PlacedFault(f"line {one.line}" if one.line else "", one.what, one.line) for one in read.faults
    )
    return Given(read.file, read.form, faults)


def _keys_of(themes: ThemeFile | None) -> frozenset[str] | None:
    """The keys of a sound theme list, or nothing: then themes are not checked."""
    return themes.taxonomy.keys if themes is not None and themes.taxonomy is not None else None


def _fault_data(fault: PlacedFault) -> dict[str, object]:
    data: dict[str, object] = {"line": fault.line, "what": fault.what}
    if fault.place and not fault.line:
        data["cell"] = fault.place
    return data
