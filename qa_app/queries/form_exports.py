"""Every submitted review on a form, over all its versions: a column for every key ever used, and the version."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.answer_types import ExportValue
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.audit_forms.kinds import OVERALL
from qa_app.domain.audit_forms.versions import published_form
from qa_app.domain.cohorts import AnswerOutcome, ReviewState
from qa_app.domain.errors import NotFound
from qa_app.domain.export_columns import Column, columns_of, outcome_words
from qa_app.domain.references import review_ref
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.audit_form_proposals import ReviewScore
from qa_app.models.audit_forms import AuditFormRow, AuditFormVersion
from qa_app.models.caseload import Child
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.organisation import Team
from qa_app.models.reviews import AnswerRow, Review, SectionJudgement
from qa_app.queries.scope import reviews_within

MOST_REVIEWS = 20_000


@dataclass(frozen=True)
class FormExport:
    """A form's reviews as a table: its columns, and the rows as values by column key."""

    form_key: str
    title: str
    form_id: int
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, ExportValue], ...] = field(default=())


def get_form_export(viewer: Viewer, form_key: str) -> FormExport:
    """The submitted reviews on a form that the viewer reaches, in a fixed number of statements.

    Errors: NotFound.
    """
    viewer.require(Permission.SEE_REVIEWS)
    form_row = db.session.execute(
        select(AuditFormRow.id, AuditFormRow.title).where(AuditFormRow.key == form_key)
    ).first()
    if form_row is None:
        raise NotFound
    versions = _versions(form_row.id)
    forms = [form for _, form in versions.values()]
    reached = (
        select(Review.id)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .where(
            Review.state == ReviewState.SUBMITTED,
            Review.form_version_id.in_(sorted(versions)),
            reviews_within(viewer, Permission.SEE_REVIEWS),
        )
    )
    facts = _facts(reached)
    answers = _by_review(
        select(
            AnswerRow.review_id, AnswerRow.question_key, AnswerRow.value, AnswerRow.outcome, AnswerRow.reason
        ).where(AnswerRow.review_id.in_(reached))
    )
    judgements = _by_review(
        select(
            SectionJudgement.review_id,
            SectionJudgement.section_key,
            SectionJudgement.state,
            SectionJudgement.grade,
            SectionJudgement.rationale,
        ).where(SectionJudgement.review_id.in_(reached))
    )
    scores = _by_review(
        select(
            ReviewScore.review_id,
            ReviewScore.section_key,
            ReviewScore.n_met,
            ReviewScore.n_partly,
            ReviewScore.n_counted,
        ).where(ReviewScore.review_id.in_(reached), ReviewScore.section_key == OVERALL)
    )
    rows = tuple(
        _row(
            form_key,
            fact,
            *versions[fact.form_version_id],
            answers.get(fact.id, []),
            judgements.get(fact.id, []),
            scores.get(fact.id, []),
        )
        for fact in facts
    )
    return FormExport(form_key, form_row.title, form_row.id, columns_of(forms), rows)


def _row(
    form_key: str,
    fact: Any,
    number: int,
    form: AuditForm,
    answers: list[Any],
    judgements: list[Any],
    scores: list[Any],
) -> dict[str, ExportValue]:
    """One review by column key."""
    row: dict[str, ExportValue] = {
        "review": review_ref(fact.id),
        "form": form_key,
        "form_version": number,
        "cohort": fact.cohort,
        "month": f"{fact.month:%Y-%m}",
        "counts_in_rates": "yes" if fact.counts_in_rates else "no",
        "case": fact.case_ref,
        "plan_type": fact.plan_type.label,
        "team": fact.team or "",
        "reviewer": fact.reviewer,
        "submitted_on": f"{fact.submitted_at:%Y-%m-%d}",
        "departure_reason": fact.departure_reason,
    }
    for score in scores:
        row |= {"items_met": score.n_met, "items_partly": score.n_partly, "items_counted": score.n_counted}
    asked = {OVERALL}
    for answer in answers:
        row |= _answer_columns(form, answer)
        if answer.outcome is not AnswerOutcome.NOT_ASKED and answer.question_key in form.questions:
            asked.add(form.section_of[answer.question_key].key)
    for judged in judgements:
        if judged.section_key not in asked:
            continue  # kept in the draft, left out at submission
        grade = judged.grade.label if judged.grade else judged.state.label
        row |= {f"grade.{judged.section_key}": grade, f"rationale.{judged.section_key}": judged.rationale}
    return row


def _versions(form_id: int) -> dict[int, tuple[int, AuditForm]]:
    """Every version of a form by its id: number and form, oldest first."""
    return {
        version.id: (
            version.number,
            published_form(version.content_sha256, lambda version=version: version.content),  # type: ignore[misc]
        )
        for version in db.session.scalars(
            select(AuditFormVersion)
            .where(AuditFormVersion.form_id == form_id)
            .order_by(AuditFormVersion.number)
        )
    }


def _facts(reached: Any) -> Any:
    return db.session.execute(
        select(
            Review.id,
            Review.form_version_id,
            Review.submitted_at,
            Review.departure_reason,
            Cohort.title.label("cohort"),
            Cohort.month,
            Cohort.counts_in_rates,
            CohortCase.plan_type,
            Child.ref.label("case_ref"),
            Team.name.label("team"),
            User.name.label("reviewer"),
        )
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .join(Child, Child.id == CohortCase.child_id)
        .join(User, User.id == Review.reviewer_id)
        .outerjoin(Team, Team.id == CohortCase.team_id)
        .where(Review.id.in_(reached))
        .order_by(Review.id)
        .limit(MOST_REVIEWS)
    ).all()


def _by_review(statement: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in db.session.execute(statement):
        found.setdefault(row.review_id, []).append(row)
    return found


def _answer_columns(form: AuditForm, answer: Any) -> dict[str, ExportValue]:
    """An answer's columns. What was not asked is left out, although a draft may hold words for it."""
    key: str = answer.question_key
    question = form.questions.get(key)
    if question is None:
        return {}
    columns: dict[str, ExportValue] = {f"{key}.standing": outcome_words(answer.outcome, answer.reason)}
    if answer.outcome is AnswerOutcome.ANSWERED:
        for suffix, value in question.answer_type.export(answer.value, question.choices).items():
            columns[f"{key}.{suffix}" if suffix else key] = value
    return columns
