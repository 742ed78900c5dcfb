"""A form in any of its files (YAML, JSON, XLSForm workbook), told apart by content: read with every fault."""

import json
from collections.abc import Collection
from dataclasses import dataclass

from qa_app.domain.audit_forms.form import AuditForm
from qa_app.exchange.audit_form_files import read_form, write_form
from qa_app.exchange.uploads import FileKind, UploadedFile
from qa_app.exchange.xlsform.reader import read_workbook
from qa_app.exchange.xlsform.writer import write_workbook

FORMATS = ("xlsx", "yaml", "json")


@dataclass(frozen=True)
class PlacedFault:
    """One thing to put right, or that was not taken: the line or cell (empty for the whole file), and what."""

    place: str
    what: str
    line: int = 0


@dataclass(frozen=True)
class ReadForm:
    """A file as read: the form when it is sound, its faults, and what it uses that forms here have not."""

    file: str
    form: AuditForm | None
    faults: tuple[PlacedFault, ...]
    not_taken: tuple[PlacedFault, ...] = ()


def read_any_form(file: UploadedFile, theme_keys: Collection[str] | None = None) -> ReadForm:
    """Read a form from a file of any of its formats. What is no form at all is a fault like any other."""
    if file.content[:2] == b"PK" or file.kind not in (FileKind.CSV, FileKind.EMPTY, FileKind.UNKNOWN):
        book = read_workbook(file, theme_keys)
        return ReadForm(
            file.name,
            book.form,
            tuple(PlacedFault(one.cell, one.what) for one in book.faults),
            tuple(PlacedFault(one.cell, one.what) for one in book.not_taken),
        )
    found = read_form(file.content, file.name, theme_keys)
    faults = tuple(
        PlacedFault(f"line {one.line}" if one.line else "", one.what, one.line) for one in found.faults
    )
    return ReadForm(file.name, found.form, faults)


def write_any_form(form: AuditForm, file_format: str, version: str = "") -> bytes:
    """A form as a file. `file_format`: one of FORMATS. Errors: ValueError for another; Invalid from the workbook."""
    if file_format == "xlsx":
        return write_workbook(form, version)
    if file_format == "yaml":
        return write_form(form).encode()
    if file_format == "json":
        return (json.dumps(form.to_data(), ensure_ascii=False, indent=1) + "\n").encode()
    raise ValueError(f"a form is written as one of {', '.join(FORMATS)}, not as {file_format}")
