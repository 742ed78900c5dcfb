"""A form as an XLSForm workbook that any XLSForm program takes, and from which we read the same form again."""

import io
from collections.abc import Iterator
from typing import Any

from qa_app.domain.audit_forms.form import AuditForm, Excuse, Question, Section
from qa_app.domain.audit_forms.kinds import OVERALL, Need
from qa_app.domain.errors import Invalid
from qa_app.exchange.xlsform.columns import (
    CHOICES,
    DESCRIPTORS,
    EXCUSES,
    FIXED_LIST,
    GRADE_ROW,
    HELP_SHEET,
    LIMITS,
    LIMITS_SHEET,
    RATIONALE_ROW,
    SECTION_GROUP,
    SETTINGS,
    SURVEY,
    guard_words,
)
from qa_app.exchange.xlsform.expressions import LONGEST, write_expression

Row = dict[str, str]
HELP = (
    "This workbook is an audit form. Change it and send it back: it becomes a draft, and nothing is published by it.",
    "Sheet 'survey': one row for each question, between the begin_group and end_group of its section.",
    "Do not change the name of a question that was published; retire it (yes under qa_retired) and add a new one.",
    "Columns that begin with qa_ are ours. qa_row says what a row is: section, question, or made by us (part, grade,",
    "rationale: these follow from the others and are not read back). Leave qa_row of a new question empty, or write "
    "question.",
    "qa_type: the answer type. Leave it empty for a new question and its type is told from the column 'type'.",
    "relevant: when a question or section is asked, for example ${seen_alone} = 'no'. Empty means always.",
    "qa_themes: keys of themes, separated by spaces. qa_measure: the name under which trends join.",
    "qa_finding: strength or weakness; qa_finding_when: for which answers it is offered, for example . = 'no'.",
    "qa_not_applicable and qa_cannot_judge: empty (offered), with a reason, or no.",
    "Sheet 'choices': one row for each choice. To take a published one away write yes under qa_disabled.",
    "Sheet 'qa_limits': ceilings of the overall grade, for example inadequate when ${child_safe_now} = 'no'.",
)
WIDTHS = {"label": 60, "guidance_hint": 60, "relevant": 40, "because": 60, "when": 50, "name": 28, "type": 30}


def write_workbook(form: AuditForm, version: str = "") -> bytes:
    """The form as an .xlsx file. Errors: Invalid when a condition is too long for a cell."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as workbook:
        heading = workbook.add_format(
            {"bold": True, "bg_color": "#dfeaec", "text_wrap": True, "valign": "top"}
        )
        words = workbook.add_format({"text_wrap": True, "valign": "top"})
        for name, columns, rows in (
            ("survey", SURVEY, list(survey_rows(form))),
            ("choices", CHOICES, list(choice_rows(form))),
            ("settings", SETTINGS, [settings_row(form, version)]),
            (LIMITS_SHEET, LIMITS, list(limit_rows(form))),
        ):
            _write_sheet(workbook.add_worksheet(name), columns, rows, heading, words)
        guide = workbook.add_worksheet(HELP_SHEET)
        guide.set_column(0, 0, 120)
        for n, line in enumerate(HELP):
            guide.write_string(n, 0, line, words)
    return out.getvalue()


def _write_sheet(sheet: Any, columns: tuple[str, ...], rows: list[Row], heading: Any, words: Any) -> None:
    for at, column in enumerate(columns):
        sheet.set_column(at, at, WIDTHS.get(column, 18))
        sheet.write_string(0, at, column, heading)
    sheet.freeze_panes(1, 2 if len(columns) > 6 else 0)
    for n, row in enumerate(rows, 1):
        for at, column in enumerate(columns):
            text = row.get(column, "")
            if len(text) > LONGEST:
                raise Invalid(
                    "form",
                    f"'{column}' of '{row.get('name', '')}' has {len(text):,} characters; a cell of a workbook "
                    f"holds {LONGEST:,}. Take the form out as YAML or JSON, or split the condition.",
                )
            if text:
                sheet.write_string(n, at, text, words)


def survey_rows(form: AuditForm) -> Iterator[Row]:
    """The rows of the sheet `survey`."""
    for section in form.sections:
        yield _section_row(form, section)
        for question in section.questions:
            yield from _question_rows(form, question)
        if section.graded:
            yield from _grade_rows(section.key, section.title, needs_rationale=True)
        yield {"type": "end_group", "qa_row": "section"}
    if form.overall.graded:
        yield {
            "type": "begin_group",
            "name": f"{SECTION_GROUP}{OVERALL}",
            "label": "Overall judgement",
            "qa_row": "overall",
        }
        yield from _grade_rows(OVERALL, "the whole file", form.overall.rationale is Need.REQUIRED)
        yield {"type": "end_group", "qa_row": "overall"}


def _section_row(form: AuditForm, section: Section) -> Row:
    relevant = write_expression(section.show_when, form) if section.show_when else ""
    row = {
        "type": "begin_group",
        "name": f"{SECTION_GROUP}{section.key}",
        "label": guard_words(section.title),
        "guidance_hint": guard_words(section.guidance),
        "relevant": _never(relevant) if section.retired else relevant,
        "qa_row": "section",
        "qa_retired": "yes" if section.retired else "",
        "qa_graded": "yes" if section.graded else "",
    }
    for grade in DESCRIPTORS:
        row[f"qa_{grade}"] = guard_words(getattr(section.descriptors, grade))
    return row


def _question_rows(form: AuditForm, question: Question) -> Iterator[Row]:
    kind = question.answer_type
    relevant = write_expression(question.show_when, form) if question.show_when else ""
    row = {
        "type": kind.xlsform_type,
        "name": question.key,
        "label": guard_words(question.text),
        "guidance_hint": guard_words(question.guidance),
        "required": "yes" if question.required else "",
        "relevant": _never(relevant) if question.retired else relevant,
        "qa_row": "question",
        "qa_type": question.type,
        "qa_themes": " ".join(question.themes),
        "qa_measure": question.measure or "",
        "qa_not_applicable": _excuse(question.not_applicable),
        "qa_cannot_judge": _excuse(question.cannot_judge),
        "qa_retired": "yes" if question.retired else "",
    }
    if question.finding:
        row["qa_finding"] = question.finding.kind.value
        row["qa_finding_when"] = write_expression(question.finding.when, form, question.type)
    if kind.xlsform_type.startswith("select_"):
        row["type"] = f"{kind.xlsform_type} {list_name(question)}"
    if question.type == "long_text":
        row["appearance"] = "multiline"
    yield row
    if kind.parts:
        yield from _part_rows(question)


def _part_rows(question: Question) -> Iterator[Row]:
    kinds = {"pick": "select_one", "ticks": "select_multiple", "date": "date"}
    leading = getattr(question.answer_type, "leading", "")
    for part in question.answer_type.parts:
        row = {
            "type": kinds.get(part.kind, "text"),
            "name": f"{question.key}-{part.key}",
            "label": part.label,
            "qa_row": "part",
        }
        if part.choices:
            row["type"] += f" {FIXED_LIST}{question.type}-{part.key}"
        if row["type"] == "text":
            row["appearance"] = "multiline"
        if part.shown_when:
            row["relevant"] = f"${{{question.key}-{leading}}} = '{part.shown_when}'"
        yield row
    yield {"type": "end_group", "qa_row": "part"}


def _grade_rows(key: str, title: str, needs_rationale: bool) -> Iterator[Row]:
    words = guard_words(title)
    yield {
        "type": f"select_one {FIXED_LIST}grade",
        "name": f"{GRADE_ROW}{key}",
        "label": f"Grade: {words}",
        "required": "yes",
        "qa_row": "grade",
    }
    yield {
        "type": "text",
        "name": f"{RATIONALE_ROW}{key}",
        "label": f"Rationale: {words}",
        "required": "yes" if needs_rationale else "",
        "appearance": "multiline",
        "qa_row": "rationale",
    }


def list_name(question: Question) -> str:
    """The name of a question's list of choices: its own, or the one that belongs to its type."""
    return question.key if question.answer_type.needs_choices else f"{FIXED_LIST}{question.type}"


def choice_rows(form: AuditForm) -> Iterator[Row]:
    """The rows of the sheet `choices`: each fixed list once, and each question's own."""
    fixed: dict[str, list[tuple[str, str]]] = {}
    graded = form.overall.graded or any(section.graded for section in form.sections)
    if graded:
        from qa_app.domain.grades import Grade

        fixed[f"{FIXED_LIST}grade"] = [(grade.value, grade.label) for grade in Grade]
    for question in form.questions.values():
        kind = question.answer_type
        for part in kind.parts:
            if part.choices:
                name = f"{FIXED_LIST}{question.type}-{part.key}"
                fixed[name] = [(choice.key, choice.label) for choice in part.choices]
        if kind.xlsform_type.startswith("select_") and not kind.needs_choices:
            fixed[list_name(question)] = [(choice.key, choice.label) for choice in question.options]
    for name, choices in fixed.items():
        for key, label in choices:
            yield {"list_name": name, "name": key, "label": label}
    for question in form.questions.values():
        if question.answer_type.needs_choices:
            for choice in question.choices:
                yield {
                    "list_name": question.key,
                    "name": choice.key,
                    "label": guard_words(choice.label),
                    "qa_disabled": "yes" if choice.disabled else "",
                }


def settings_row(form: AuditForm, version: str) -> Row:
    """The row of the sheet `settings`."""
    return {
        "form_title": guard_words(form.title),
        "form_id": form.key,
        "version": version,
        "qa_subject": form.subject.value,
        "qa_cohort_kinds": " ".join(kind.value for kind in form.cohort_kinds),
        "qa_plan_types": " ".join(kind.value for kind in form.plan_types),
        "qa_look_back_months": str(form.look_back_months),
        "qa_judge_months": str(form.judge_months),
        "qa_scale": form.scale.value,
        "qa_overall_graded": "yes" if form.overall.graded else "no",
        "qa_overall_rationale": form.overall.rationale.value,
    }


def limit_rows(form: AuditForm) -> Iterator[Row]:
    """The rows of the sheet `qa_limits`."""
    for limit in form.limits:
        yield {
            "ceiling": limit.ceiling.value,
            "when": write_expression(limit.when, form),
            "because": guard_words(limit.because),
        }


def _never(relevant: str) -> str:
    """What is retired is never asked, whatever its condition says."""
    return f"false() and ({relevant})" if relevant else "false()"


def _excuse(excuse: Excuse) -> str:
    meaning = (excuse.allowed, excuse.reason.value)
    return next(words for words, known in EXCUSES.items() if known == meaning)
