"""Cohorts that pin a form: on which version, and how many of their reviews could still follow a newer one."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohort_rules import require_whole_service
from qa_app.domain.cohorts import CohortState, ReviewState
from qa_app.domain.errors import NotFound
from qa_app.extensions import db
from qa_app.models.audit_forms import AuditFormRow, AuditFormVersion
from qa_app.models.cohorts import Cohort, CohortCase, CohortForm
from qa_app.models.reviews import Review


@dataclass(frozen=True)
class PinnedCohort:
    """A cohort with the version it pins for one plan type, and its reviews on that plan type by how far they are."""

    cohort_id: int
    title: str
    month: date
    state: CohortState
    plan_type: PlanType
    number: int
    n_not_started: int
    n_started: int
    n_submitted: int
    may_move: bool


@dataclass(frozen=True)
class FormCohorts:
    """A form, its newest version, and the cohorts that pin it, the newest first."""

    form_key: str
    title: str
    newest_id: int
    newest_number: int
    cohorts: tuple[PinnedCohort, ...]


def get_form_cohorts(viewer: Viewer, form_key: str) -> FormCohorts:
    """The cohorts that pin a form. Errors: NotAllowed for who does not manage cohorts; NotFound."""
    viewer.require(Permission.MANAGE_COHORTS)
    require_whole_service(viewer)
    newest = db.session.execute(
        select(
            AuditFormRow.id,
            AuditFormRow.title,
            AuditFormVersion.id.label("version_id"),
            AuditFormVersion.number,
        )
        .join(AuditFormVersion, AuditFormVersion.form_id == AuditFormRow.id)
        .where(AuditFormRow.key == form_key)
        .order_by(AuditFormVersion.number.desc())
        .limit(1)
    ).first()
    if newest is None:
        raise NotFound
    rows = db.session.execute(
        select(Cohort, CohortForm.plan_type, AuditFormVersion.number)
        .join(CohortForm, CohortForm.cohort_id == Cohort.id)
        .join(AuditFormVersion, AuditFormVersion.id == CohortForm.form_version_id)
        .where(AuditFormVersion.form_id == newest.id)
        .order_by(Cohort.month.desc(), Cohort.id.desc(), CohortForm.plan_type)
    ).all()
    counts, cases = _tallies(sorted({cohort.id for cohort, *_ in rows}))

    def n_following(cohort_id: int, plan_type: PlanType) -> int:
        """Cases whose review is not begun, or not allocated yet."""
        begun = (ReviewState.IN_PROGRESS, ReviewState.SUBMITTED)
        return cases[cohort_id, plan_type] - sum(counts[cohort_id, plan_type, state] for state in begun)

    return FormCohorts(
        form_key,
        newest.title,
        newest.version_id,
        newest.number,
        tuple(
            PinnedCohort(
                cohort.id,
                cohort.title,
                cohort.month,
                cohort.state,
                plan_type,
                number,
                counts[cohort.id, plan_type, ReviewState.NOT_STARTED],
                counts[cohort.id, plan_type, ReviewState.IN_PROGRESS],
                counts[cohort.id, plan_type, ReviewState.SUBMITTED],
                number < newest.number
                and cohort.state is not CohortState.CLOSED
                and n_following(cohort.id, plan_type) > 0,
            )
            for cohort, plan_type, number in rows
        ),
    )


def _tallies(
    cohort_ids: list[int],
) -> tuple[Counter[tuple[int, PlanType, ReviewState]], Counter[tuple[int, PlanType]]]:
    """Reviews by cohort, plan type and state; cases by cohort and plan type."""
    counts: Counter[tuple[int, PlanType, ReviewState]] = Counter()
    for cohort_id, plan_type, state, n in db.session.execute(
        select(CohortCase.cohort_id, CohortCase.plan_type, Review.state, func.count())
        .join(Review, Review.cohort_case_id == CohortCase.id)
        .where(CohortCase.cohort_id.in_(cohort_ids), CohortCase.set_aside_at.is_(None))
        .group_by(CohortCase.cohort_id, CohortCase.plan_type, Review.state)
    ):
        counts[cohort_id, plan_type, state] += n
    cases: Counter[tuple[int, PlanType]] = Counter()
    for cohort_id, plan_type, n in db.session.execute(
        select(CohortCase.cohort_id, CohortCase.plan_type, func.count())
        .where(CohortCase.cohort_id.in_(cohort_ids), CohortCase.set_aside_at.is_(None))
        .group_by(CohortCase.cohort_id, CohortCase.plan_type)
    ):
        cases[cohort_id, plan_type] += n
    return counts, cases
