"""The panels of the designer as forms: filled from a draft's data, read back as what an edit takes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    IntegerField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional

from qa_app.domain.answer_catalogue import ANSWER_TYPES
from qa_app.domain.audit_forms.drafts import FormData
from qa_app.domain.audit_forms.edits import (
    NOT_OFFERED,
    REASON_NEEDED,
    ChoiceWords,
    QuestionWords,
    plain_offer,
)
from qa_app.domain.audit_forms.kinds import FindingKind
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohorts import CohortKind
from qa_app.domain.grades import Grade
from qa_app.queries.audit_form_shelf import MeasureInUse
from qa_app.web.shared.answer_fields import storable
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.form_preview import SUBJECT_WORDS
from qa_app.web.shared.template_filters import words

NEW_MEASURE = "+"
BLANK_ROWS = 2
MOST_ROWS = 62
EXCUSES: dict[str, tuple[str, dict[str, Any]]] = {
    "optional": ("Offered; a reason may be given", {}),
    "required": ("Offered; a reason must be given", REASON_NEEDED),
    "none": ("Not offered", NOT_OFFERED),
}
_ROW = re.compile(r"choice-(\d{1,3})-(label|key|disabled)")


class SettingsForm(BaseForm):
    """What stands over the whole form."""

    title = StringField("Title")
    cohort_kinds = SelectMultipleField(
        "Kinds of audit it is for", choices=[SelectChoice(kind.value, kind.label) for kind in CohortKind]
    )
    subject = SelectField(
        "What one review looks at",
        choices=[SelectChoice(kind.value, said) for kind, said in SUBJECT_WORDS.items()],
    )
    plan_types = SelectMultipleField(
        "Plan types it is meant for", choices=[SelectChoice(kind.value, kind.label) for kind in PlanType]
    )
    look_back_months = IntegerField("Months that the reviewer reads", validators=[Optional()])
    judge_months = IntegerField("Months that the grades are about", validators=[Optional()])
    graded = BooleanField("The whole file gets an overall grade")
    rationale = BooleanField("The overall grade needs a rationale")

    def fill(self, data: FormData) -> None:
        """Show what the draft says."""
        overall = _mapping(data.get("overall"))
        self.title.data = str(data.get("title", ""))
        self.cohort_kinds.data = list(data.get("cohort_kinds", []))
        self.subject.data = data.get("subject", "child")
        self.plan_types.data = list(data.get("plan_types", []))
        self.look_back_months.data = data.get("look_back_months", 12)
        self.judge_months.data = data.get("judge_months", 6)
        self.graded.data = overall.get("graded", True)
        self.rationale.data = overall.get("rationale", "required") == "required"

    def settings(self, before: FormData) -> FormData:
        """What was sent, with defaults left out as the draft leaves them out."""
        given: FormData = {
            "title": storable(self.title.data or "").strip(),
            "cohort_kinds": list(self.cohort_kinds.data or []),
            "subject": self.subject.data,
        }
        months = {"look_back_months": 12, "judge_months": 6}
        for name, usual in months.items():
            value = self[name].data if self[name].data is not None else usual
            if value != usual or name in before:
                given[name] = value
        if self.plan_types.data or "plan_types" in before:
            given["plan_types"] = list(self.plan_types.data or [])
        overall: FormData = {} if self.graded.data else {"graded": False}
        if not self.rationale.data:
            overall["rationale"] = "optional"
        if overall or "overall" in before:
            given["overall"] = overall
        return given


class SectionForm(BaseForm):
    """One section without its questions."""

    title = StringField("Title")
    guidance = TextAreaField("Guidance")
    graded = BooleanField("This section gets a grade and a rationale of its own")
    outstanding = TextAreaField("Outstanding")
    good = TextAreaField("Good")
    requires_improvement = TextAreaField("Requires improvement")
    inadequate = TextAreaField("Inadequate")
    key = StringField("Key")

    def fill(self, section: FormData) -> None:
        """Show what the draft says."""
        said = _mapping(section.get("descriptors"))
        self.title.data = str(section.get("title", ""))
        self.guidance.data = str(section.get("guidance", ""))
        self.graded.data = section.get("graded") is True
        for grade in Grade:
            self[grade.value].data = str(said.get(grade.value, ""))
        self.key.data = section["section"]

    def words(self) -> FormData:
        """What was sent."""
        said = {grade.value: _tidy(self[grade.value].data) for grade in Grade}
        return {
            "title": _tidy(self.title.data),
            "guidance": _tidy(self.guidance.data),
            "graded": bool(self.graded.data),
            "descriptors": {name: text for name, text in said.items() if text},
        }


class QuestionForm(BaseForm):
    """One question, apart from its choices, its condition and its finding offer."""

    text = TextAreaField("Question")
    type = SelectField(
        "How it is answered", choices=[SelectChoice(name, kind.title) for name, kind in ANSWER_TYPES.items()]
    )
    required = BooleanField("It must be answered before a review can be submitted")
    guidance = TextAreaField("Guidance")
    not_applicable = SelectField("Not applicable", choices=[])
    cannot_judge = SelectField("Cannot judge", choices=[])
    measure = SelectField("Measure", validate_choice=False)
    themes = SelectMultipleField("Themes", validate_choice=False)
    finding_kind = SelectField(
        "The finding is offered as",
        choices=[SelectChoice(kind.value, kind.label) for kind in FindingKind],
        validate_choice=False,
    )
    finding_answers = SelectMultipleField("It offers a finding when the answer is", validate_choice=False)
    key = StringField("Key")

    def offer(
        self,
        measures: Iterable[SelectChoice],
        themes: Iterable[SelectChoice],
        answers: Iterable[SelectChoice],
    ) -> None:
        """Offer the measures, themes and answers that there are."""
        self.finding_answers.choices = list(answers)
        excuses = [SelectChoice(name, said) for name, (said, _) in EXCUSES.items()]
        self.not_applicable.choices = self.cannot_judge.choices = excuses
        self.measure.choices = list(measures)
        self.themes.choices = list(themes)

    def fill(self, question: FormData) -> None:
        """Show what the draft says."""
        self.text.data = str(question.get("text", ""))
        self.type.data = question.get("type", "yes_no")
        self.required.data = question.get("required") is True
        self.guidance.data = str(question.get("guidance", ""))
        self.not_applicable.data = _excuse_name(question.get("not_applicable"))
        self.cannot_judge.data = _excuse_name(question.get("cannot_judge"))
        self.measure.data = str(question.get("measure") or "")
        self.themes.data = [str(theme) for theme in question.get("themes", [])]
        offered = _mapping(question.get("finding"))
        self.finding_kind.data = offered.get("as", FindingKind.WEAKNESS.value)
        self.finding_answers.data = plain_offer(question) or []
        self.key.data = question["question"]

    def words(self, rows: Sequence[ChoiceWords], before: FormData, new_measure: str) -> QuestionWords:
        """What was sent. `new_measure`: the name of a measure made from this question."""
        measure = storable(self.measure.data or "")
        return QuestionWords(
            text=_tidy(self.text.data),
            type=str(self.type.data),
            required=bool(self.required.data),
            guidance=_tidy(self.guidance.data),
            choices=rows,
            measure=new_measure if measure == NEW_MEASURE else measure,
            themes=[storable(theme) for theme in self.themes.data or []],
            not_applicable=_excuse(self.not_applicable.data, before.get("not_applicable")),
            cannot_judge=_excuse(self.cannot_judge.data, before.get("cannot_judge")),
            finding_kind=str(self.finding_kind.data or ""),
            finding_answers=self._answers_sent(before),
        )

    def _answers_sent(self, before: FormData) -> list[str] | None:
        """The ticked answers; nothing where they were not shown, or belong to another answer type."""
        offered = [str(choice.value) for choice in self.finding_answers.choices]
        if "finding_shown" not in request.form or self.type.data != before.get("type") or not offered:
            return None
        ticked = set(self.finding_answers.data or [])
        return [key for key in offered if key in ticked]


class LimitForm(BaseForm):
    """One ceiling on the overall grade."""

    ceiling = SelectField(
        "No higher than",
        choices=[SelectChoice(grade.value, grade.label) for grade in list(Grade)[1:]],
    )
    because = TextAreaField("Because")

    def fill(self, limit: FormData) -> None:
        """Show what the draft says."""
        self.ceiling.data = limit.get("ceiling", Grade.REQUIRES_IMPROVEMENT.value)
        self.because.data = str(limit.get("because", ""))


@dataclass(frozen=True)
class ChoiceRow:
    """One row of a question's choices. `is_published`: it can be disabled and not taken away."""

    number: int
    label: str = ""
    key: str = ""
    disabled: bool = False
    is_published: bool = False


def choice_rows(question: FormData, published: Iterable[str], blank: int = BLANK_ROWS) -> list[ChoiceRow]:
    """The rows of a question as the draft has it, with blank ones to fill in."""
    fixed = set(published)
    rows = [
        ChoiceRow(
            0, str(one.get("label", "")), one["choice"], one.get("disabled") is True, one["choice"] in fixed
        )
        for one in question.get("choices", [])
    ]
    return _numbered([*rows, *(ChoiceRow(0) for _ in range(blank))])


def sent_rows(sent: "MultiDict[str, str]", published: Iterable[str]) -> list[ChoiceRow]:
    """The rows as they were sent, blank ones included, in order of their numbers."""
    fixed = set(published)
    found: dict[int, dict[str, str]] = {}
    for name, value in sent.items():
        match = _ROW.fullmatch(name)
        if match and len(found) <= MOST_ROWS:
            found.setdefault(int(match[1]), {})[match[2]] = storable(value)
    rows = [
        ChoiceRow(0, row.get("label", ""), row.get("key", ""), "disabled" in row, row.get("key", "") in fixed)
        for _, row in sorted(found.items())
    ]
    return _numbered(rows)


def rearranged(rows: list[ChoiceRow], do: str) -> list[ChoiceRow]:
    """The rows after one was moved (up-3, down-3), taken away (drop-3), or more were asked for (more)."""
    what, _, number = do.partition("-")
    if what == "more":
        return _numbered([*rows, ChoiceRow(0), ChoiceRow(0)])
    at = int(number) if number.isdecimal() else -1
    if not 0 <= at < len(rows):
        return rows
    changed = list(rows)
    row = changed.pop(at)
    if what == "drop" and not row.is_published:
        return _numbered(changed)
    to = at + {"up": -1, "down": 1}.get(what, 0)
    changed.insert(max(0, to), row)
    return _numbered(changed)


def choices_in(rows: Iterable[ChoiceRow]) -> list[ChoiceWords]:
    """The choices that the rows hold: a row without words is none, unless it was one before."""
    return [
        ChoiceWords(row.label.strip(), row.key, row.disabled) for row in rows if row.label.strip() or row.key
    ]


def measure_choices(
    question: FormData, kind: str, measures: Mapping[str, MeasureInUse], taken: set[str], new: str
) -> list[SelectChoice]:
    """The measures that a question of this type may carry; those other questions of the form carry are left out."""
    own = str(question.get("measure") or "")
    offered = [SelectChoice("", "No measure: its answers make no trend")]
    known = [one for one in measures.values() if one.answer_type == kind and one.key not in taken]
    if own and own not in {one.key for one in known}:
        offered.append(SelectChoice(own, words(own)))
    if new != own:
        offered.append(SelectChoice(NEW_MEASURE, f"A new measure: {words(new)}"))
    offered += [SelectChoice(one.key, f"{words(one.key)} ({_in_forms(one.forms)})") for one in known]
    return offered


def _in_forms(titles: Sequence[str]) -> str:
    return f"{titles[0]} and {len(titles) - 1} more" if len(titles) > 1 else titles[0]


def _numbered(rows: Iterable[ChoiceRow]) -> list[ChoiceRow]:
    return [replace(row, number=number) for number, row in enumerate(rows)]


def _tidy(text: str | None) -> str:
    return storable(text or "").replace("\r\n", "\n").strip()


def _excuse_name(given: Any) -> str:
    if not isinstance(given, dict):
        return "optional"
    if given.get("allowed") is False:
        return "none"
    return "required" if given.get("reason") in ("required", True) else "optional"


def _excuse(name: str | None, before: Any) -> dict[str, Any]:
    if isinstance(before, dict) and _excuse_name(before) == name:
        return _mapping(before)
    return dict(EXCUSES.get(name or "optional", EXCUSES["optional"])[1])


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
