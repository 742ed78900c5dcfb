"""A measure over time: its answers by month and by version of the form, joined on the measure and not on wording.

N counts submitted reviews, of cohorts drawn at random or as a census, that the viewer reaches and whose version asks a
question of the measure, unless it was not applicable, could not be judged or was not asked.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, func, literal, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.answer_types import Summary
from qa_app.domain.answers import JsonValue
from qa_app.domain.audit_forms.form import Question
from qa_app.domain.audit_forms.versions import published_form
from qa_app.domain.cohorts import OUT_OF_BASE, AnswerOutcome, ReviewState
from qa_app.domain.errors import NotFound
from qa_app.extensions import db
from qa_app.models.audit_forms import AuditFormRow, AuditFormVersion, AuditFormVersionQuestion
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.reviews import AnswerRow, Review
from qa_app.queries.scope import reviews_within


@dataclass(frozen=True)
class MeasureSlice:
    """Which reviews are looked at: months of cohorts from first to last, and the form. None leaves a limit open."""

    first: date | None = None
    last: date | None = None
    form_key: str = ""


@dataclass(frozen=True)
class MeasureLine:
    """One measure in the list: the newest wording of its question, where it is asked, and how many answered."""

    measure: str
    text: str
    answer_type: str
    forms: tuple[str, ...]
    n_versions: int
    n_reviews: int


@dataclass(frozen=True)
class AskedIn:
    """A version of a form that asks the measure, with its question as it reads there."""

    version_id: int
    number: int
    form_key: str
    form_title: str
    published_at: datetime
    question: Question


@dataclass(frozen=True)
class Cell:
    """The answers of one month in one version: how often each value was given, among `n_base` reviews."""

    month: date
    version_id: int
    values: Mapping[str, int] = field(default_factory=dict)
    """By the stored value as JSON text."""
    n_base: int = 0
    n_out: int = 0
    """Not applicable, could not be judged or not asked: outside the base."""

    def given(self) -> list[tuple[JsonValue, int]]:
        """Each value that was given, with how often."""
        return [(json.loads(text), n) for text, n in self.values.items()]


@dataclass(frozen=True)
class MeasureTrend:
    """A measure with the versions that ask it, the newest last, and its answers by month and version."""

    measure: str
    versions: tuple[AskedIn, ...]
    cells: tuple[Cell, ...]
    all_forms: tuple[tuple[str, str], ...]
    """Every form that asks the measure: key and title."""

    @property
    def newest(self) -> AskedIn:
        """The question as it reads now."""
        return max(self.versions, key=lambda one: (one.published_at, one.version_id))


def list_measures(viewer: Viewer) -> tuple[MeasureLine, ...]:
    """Every measure that a published form asks, by the wording of its question, in a fixed number of statements."""
    viewer.require(Permission.SEE_THEMES)
    asked: dict[str, list[AskedIn]] = {}
    for measure, one in _asked():
        asked.setdefault(measure, []).append(one)
    counts: dict[str, int] = dict(
        db.session.execute(
            _joined(select(AuditFormVersionQuestion.measure, func.count(func.distinct(Review.id))))
            .where(_in_slice(viewer, MeasureSlice()), AnswerRow.outcome.not_in(OUT_OF_BASE))
            .group_by(AuditFormVersionQuestion.measure)
        ).all()
    )
    lines = []
    for measure, versions in asked.items():
        newest = max(versions, key=lambda one: (one.published_at, one.version_id))
        lines.append(
            MeasureLine(
                measure,
                newest.question.text,
                newest.question.answer_type.title,
                tuple(sorted({one.form_title for one in versions})),
                len({one.version_id for one in versions}),
                counts.get(measure, 0),
            )
        )
    return tuple(sorted(lines, key=lambda one: (one.text.casefold(), one.measure)))


def get_measure_trend(viewer: Viewer, measure: str, chosen: MeasureSlice) -> MeasureTrend:
    """One measure over time. Errors: NotFound for a measure that no published form asks, or a form that asks it not."""
    viewer.require(Permission.SEE_THEMES)
    everywhere = [one for _, one in _asked(measure)]
    versions = [one for one in everywhere if chosen.form_key in ("", one.form_key)]
    if not versions:
        raise NotFound
    # What people wrote, and when, is nothing to count by: only that they answered.
    is_counted = versions[0].question.answer_type.summary not in (Summary.WORDS, Summary.DATES)
    counted_by = cast(AnswerRow.value, Text) if is_counted else literal("true")
    counted = _joined(
        select(
            Cohort.month.label("month"),
            Review.form_version_id.label("version_id"),
            AnswerRow.outcome.label("outcome"),
            counted_by.label("value"),
        )
    ).where(_in_slice(viewer, chosen), AuditFormVersionQuestion.measure == measure)
    each = counted.subquery("counted")
    columns = [each.c.month, each.c.version_id, each.c.outcome, each.c.value]
    rows = db.session.execute(
        select(*columns, func.count().label("n")).group_by(*columns).order_by(each.c.month, each.c.version_id)
    )
    wanted = {one.version_id for one in versions}
    gathered: dict[tuple[date, int], Cell] = {}
    for row in rows:
        if row.version_id not in wanted:
            continue
        place = (row.month, row.version_id)
        gathered[place] = _with(
            gathered.get(place, Cell(row.month, row.version_id)), row.outcome, row.value, row.n
        )
    cells = tuple(cell for cell in gathered.values() if cell.n_base or cell.n_out)
    forms = {one.form_key: one.form_title for one in everywhere}
    return MeasureTrend(
        measure,
        tuple(sorted(versions, key=lambda one: (one.form_title, one.number, one.question.retired))),
        cells,
        tuple(sorted(forms.items(), key=lambda pair: pair[1])),
    )


def _with(cell: Cell, outcome: AnswerOutcome, value: str | None, n: int) -> Cell:
    if outcome in OUT_OF_BASE:
        return Cell(cell.month, cell.version_id, cell.values, cell.n_base, cell.n_out + n)
    values = dict(cell.values)
    if outcome is AnswerOutcome.ANSWERED and value not in (None, "null"):
        values[str(value)] = values.get(str(value), 0) + n
    return Cell(cell.month, cell.version_id, values, cell.n_base + n, cell.n_out)


def _asked(measure: str | None = None) -> list[tuple[str, AskedIn]]:
    """Every version that asks a measure (or one of them), with its question there."""
    statement = (
        select(
            AuditFormVersionQuestion.measure,
            AuditFormVersionQuestion.question_key,
            AuditFormVersion,
            AuditFormRow.key,
            AuditFormRow.title,
        )
        .join(AuditFormVersion, AuditFormVersion.id == AuditFormVersionQuestion.version_id)
        .join(AuditFormRow, AuditFormRow.id == AuditFormVersion.form_id)
        .where(
            AuditFormVersionQuestion.measure.is_not(None)
            if measure is None
            else AuditFormVersionQuestion.measure == measure
        )
        .order_by(AuditFormVersion.id, AuditFormVersionQuestion.position)
    )
    found = []
    for name, key, version, form_key, title in db.session.execute(statement):
        form = published_form(version.content_sha256, lambda version=version: version.content)  # type: ignore[misc]
        asked_in = AskedIn(
            version.id, version.number, form_key, title, version.published_at, form.questions[key]
        )
        found.append((str(name), asked_in))
    return found


def _joined(statement: Any) -> Any:
    return (
        statement.select_from(Review)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .join(AnswerRow, AnswerRow.review_id == Review.id)
        .join(
            AuditFormVersionQuestion,
            and_(
                AuditFormVersionQuestion.version_id == Review.form_version_id,
                AuditFormVersionQuestion.question_key == AnswerRow.question_key,
            ),
        )
        .join(AuditFormVersion, AuditFormVersion.id == Review.form_version_id)
        .join(AuditFormRow, AuditFormRow.id == AuditFormVersion.form_id)
    )


def _in_slice(viewer: Viewer, chosen: MeasureSlice) -> ColumnElement[bool]:
    limits = [
        Review.state == ReviewState.SUBMITTED,
        Cohort.counts_in_rates.is_(True),
        AnswerRow.outcome.is_not(None),
        AuditFormVersionQuestion.measure.is_not(None),
        reviews_within(viewer, Permission.SEE_THEMES),
    ]
    if chosen.first is not None:
        limits.append(Cohort.month >= chosen.first)
    if chosen.last is not None:
        limits.append(Cohort.month <= chosen.last)
    if chosen.form_key:
        limits.append(AuditFormRow.key == chosen.form_key)
    return and_(*limits)
