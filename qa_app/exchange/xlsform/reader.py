"""An XLSForm workbook read as an audit form: every fault with its cell, and a list of what could not be taken."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from qa_app.domain.audit_forms.checks import check_form
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.errors import Invalid
from qa_app.exchange.audit_form_words import fault_in_words
from qa_app.exchange.uploads import UploadedFile
from qa_app.exchange.xlsform.columns import LIMITS_SHEET, unguard_words
from qa_app.exchange.xlsform.expressions import NotRead, read_expression
from qa_app.exchange.xlsform.headings import with_plain_headings
from qa_app.exchange.xlsform.lists import with_keys
from qa_app.exchange.xlsform.outside import key_of
from qa_app.exchange.xlsform.sheets import CellFault, Sheet, read_sheets
from qa_app.exchange.xlsform.survey import Survey, read_survey

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Workbook:
    """A workbook as read: the form when it is sound, its faults, and what it uses that we have not."""

    file: str
    form: AuditForm | None
    faults: tuple[CellFault, ...]
    not_taken: tuple[CellFault, ...] = ()


@dataclass
class _Form:
    """The form as plain data while it is read, with the cell of each part."""

    data: dict[str, Any] = field(default_factory=dict)
    cells: dict[Path, str] = field(default_factory=dict)
    faults: list[CellFault] = field(default_factory=list)
    not_taken: list[CellFault] = field(default_factory=list)

    def cell_of(self, path: Path) -> str:
        """The cell of a part, or of the nearest part around it."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.cells:
                return self.cells[path[:end]]
        return ""


def read_workbook(file: UploadedFile, theme_keys: Collection[str] | None = None) -> Workbook:
    """Read a form from a workbook. What cannot be opened at all is one fault without a cell."""
    try:
        sheets, formulas = read_sheets(file)
    except Invalid as refusal:
        return Workbook(file.name, None, (CellFault("", refusal.message),))
    if formulas:
        return Workbook(file.name, None, tuple(formulas))
    if "survey" not in sheets:
        what = (
            "there is no sheet called 'survey'; an XLSForm workbook has sheets survey, choices and settings"
        )
        return Workbook(file.name, None, (CellFault("", what),))
    read = _Form()
    for name, sheet in list(sheets.items()):
        sheets[name] = with_plain_headings(sheet, read.faults, read.not_taken)
    survey = read_survey(sheets["survey"], sheets.get("choices"))
    read.faults += survey.faults
    read.not_taken += survey.not_taken
    _take_settings(read, sheets.get("settings"), file.name)
    read.data["sections"] = survey.sections
    read.cells.update(survey.cells)
    if LIMITS_SHEET in sheets:
        _take_limits(read, sheets[LIMITS_SHEET], survey)
    form = _checked(read, theme_keys)
    faults = tuple(dict.fromkeys(read.faults))
    return Workbook(file.name, None if faults else form, faults, tuple(dict.fromkeys(read.not_taken)))


def _checked(read: _Form, theme_keys: Collection[str] | None) -> AuditForm | None:
    try:
        form = AuditForm.from_data(read.data)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            path = tuple(one["loc"])
            if one["type"] == "too_short" and one.get("input"):
                continue  # the list only looks empty because its entries are at fault, and they are told
            read.faults.append(CellFault(read.cell_of(path), fault_in_words(path, one)))
        return None
    read.faults += [CellFault(read.cell_of(one.path), one.what) for one in check_form(form, theme_keys)]
    return form


def _take_settings(read: _Form, sheet: Sheet | None, file_name: str) -> None:
    row: dict[str, str] = {}
    if sheet is not None:
        records = list(sheet.records())
        if records:
            row = records[0][1]
        for n, _ in records[1:]:
            read.faults.append(
                CellFault(sheet.cell(n, "form_title"), "settings have one row; delete this one")
            )
    said: dict[str, Any] = {
        "form": _form_key(row.get("form_id", "").strip() or _stem(file_name)),
        "title": unguard_words(row.get("form_title", "")) or _stem(file_name),
        "subject": row.get("qa_subject", "").strip() or "child",
        "cohort_kinds": row.get("qa_cohort_kinds", "").split() or ["thematic"],
        "plan_types": row.get("qa_plan_types", "").split(),
        "look_back_months": _whole(row.get("qa_look_back_months", "12")),
        "judge_months": _whole(row.get("qa_judge_months", "6")),
        "scale": row.get("qa_scale", "").strip() or "ofsted_four",
    }
    is_ours = bool(row.get("qa_subject"))
    graded = _yes_or_no(row.get("qa_overall_graded", "no"))
    said["overall"] = {
        "graded": graded,
        "rationale": row.get("qa_overall_rationale", "").strip() or "required",
    }
    read.data.update(said)
    if sheet is not None:
        headings = {"form": "form_id", "title": "form_title"}
        for key in said:
            read.cells[(key,)] = sheet.cell(0, headings.get(key, f"qa_{key}"))
        for key in ("graded", "rationale"):
            read.cells["overall", key] = sheet.cell(0, f"qa_overall_{key}")
    if not is_ours:
        what = (
            "this workbook does not say what the form is for (qa_subject, qa_cohort_kinds, qa_overall_graded): it is "
            "taken as a thematic form about a child without an overall grade; change that in the designer"
        )
        read.not_taken.append(CellFault("settings", what))


def _take_limits(read: _Form, sheet: Sheet, survey: Survey) -> None:
    limits: list[dict[str, Any]] = []
    for n, row in sheet.records():
        path: Path = ("limits", len(limits))
        limit: dict[str, Any] = {
            "ceiling": row.get("ceiling", "").strip(),
            "because": unguard_words(row.get("because", "")),
        }
        for key in ("ceiling", "when", "because"):
            read.cells[*path, key] = sheet.cell(n, key)
        read.cells[path] = sheet.cell(n, "ceiling")
        try:
            when = read_expression(row.get("when", ""), survey.names)
            if when is None:
                raise NotRead("a limit needs a condition")
            limit["when"] = with_keys(when, survey.names)
        except NotRead as error:
            read.faults.append(CellFault(sheet.cell(n, "when"), str(error)))
            continue
        limits.append(limit)
    if limits:
        read.data["limits"] = limits


def _form_key(name: str) -> str:
    return name if re.fullmatch(r"[a-z][a-z0-9-]{0,59}", name) else key_of(name, "-")


def _stem(file_name: str) -> str:
    return file_name.rsplit(".", 1)[0] or "form"


def _whole(word: str) -> int | str:
    return int(word) if word.strip().isdigit() and len(word) < 6 else word


def _yes_or_no(word: str) -> bool | str:
    return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False, "": False}.get(
        word.strip().lower(), word
    )
