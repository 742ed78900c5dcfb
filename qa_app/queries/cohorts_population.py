"""Whom a cohort can be drawn from, whom its rules leave out, and what may be chosen when it is planned."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.audit_forms.versions import form_from_json
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohort_rules import look_back_from, look_back_rule
from qa_app.domain.cohorts import CohortKind, ReviewState
from qa_app.domain.errors import NotAllowed, NotFound
from qa_app.domain.quotas import Stratum
from qa_app.domain.sampling import Candidate, DrawPreview, Exclusion, preview_draw
from qa_app.extensions import db
from qa_app.models.audit_forms import AuditFormRow, AuditFormVersion
from qa_app.models.caseload import CaseloadImport, CaseRecord, Child
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.reviews import Review


@dataclass(frozen=True)
class DrawInput:
    """What a draw is made from: every child with a plan type, and who of them is left out."""

    population: tuple[Candidate, ...]
    exclusions: tuple[Exclusion, ...]


@dataclass(frozen=True)
class ImportChoice:
    """An upload of the lists that a cohort may be drawn from."""

    import_id: int
    as_at: date
    imported_at: datetime
    n_children: int


@dataclass(frozen=True)
class FormChoice:
    """The newest version of a form, for the plan types it serves."""

    version_id: int
    title: str
    number: int
    plan_types: tuple[PlanType, ...]


def require_whole_service(viewer: Viewer) -> None:
    """Go on only for somebody who plans cohorts for the whole service: a draw covers all of it.

    Errors: NotAllowed.
    """
    viewer.require(Permission.MANAGE_COHORTS)
    if not viewer.reach(Permission.MANAGE_COHORTS).whole_service:
        raise NotAllowed(
            "A cohort is drawn from the whole service, and your role covers a part of it. Ask a QA lead for the "
            "whole service to draw it."
        )


def plan_type_strata(fixed: Mapping[PlanType, int]) -> tuple[Stratum, ...]:
    """The strata of a monthly audit: the plan types, with the quotas fixed by hand."""
    return tuple(Stratum(plan.value, plan.label, fixed.get(plan)) for plan in PlanType)


def get_draw_input(viewer: Viewer, import_id: int, month: date) -> DrawInput:
    """The population of one upload under the rules of a month's cohort.

    Each child counts once, under one plan type; closed episodes have none and are not in the population.
    Errors: NotAllowed, NotFound for an upload that is not there.
    """
    require_whole_service(viewer)
    if db.session.get(CaseloadImport, import_id) is None:
        raise NotFound("There is no such upload of the caseload. Choose one from the list.")
    in_population = (CaseRecord.caseload_import_id == import_id, CaseRecord.plan_type.is_not(None))
    rows = db.session.execute(
        select(Child.ref, CaseRecord.plan_type)
        .join(CaseRecord, CaseRecord.child_id == Child.id)
        .where(*in_population)
        .order_by(Child.id)
    )
    population = tuple(Candidate(ref, plan.value) for ref, plan in rows if plan is not None)
    reviewed = db.session.scalars(
        select(Child.ref)
        .distinct()
        .join(CaseRecord, CaseRecord.child_id == Child.id)
        .join(CohortCase, CohortCase.child_id == Child.id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .join(Review, Review.cohort_case_id == CohortCase.id)
        .where(
            *in_population,
            Review.state == ReviewState.SUBMITTED,
            Cohort.is_graded,
            Cohort.month.between(look_back_from(month), month),
        )
    )
    rule = look_back_rule(month)
    return DrawInput(population, tuple(Exclusion(ref, rule) for ref in reviewed))


def get_draw_preview(
    viewer: Viewer, import_id: int, month: date, size: int, fixed: Mapping[PlanType, int]
) -> DrawPreview:
    """Population, exclusions and quotas of a cohort before anything is drawn.

    Errors: NotAllowed, NotFound, Invalid for a size or quotas that cannot be meant.
    """
    drawn_from = get_draw_input(viewer, import_id, month)
    return preview_draw(size, plan_type_strata(fixed), drawn_from.population, drawn_from.exclusions)


def count_cases_by_month(viewer: Viewer) -> dict[date, int]:
    """How many cases the monthly audits already hold, by month; months without one are left out.

    Errors: NotAllowed.
    """
    require_whole_service(viewer)
    rows = db.session.execute(
        select(Cohort.month, func.count(CohortCase.id))
        .join(CohortCase, CohortCase.cohort_id == Cohort.id)
        .where(Cohort.kind == CohortKind.MONTHLY_AUDIT)
        .group_by(Cohort.month)
    )
    return {month: n for month, n in rows}  # noqa: C416


def list_import_choices(viewer: Viewer) -> tuple[ImportChoice, ...]:
    """Uploads that a cohort may be drawn from, newest first.

    Units: `n_children` counts children with a plan type.
    """
    require_whole_service(viewer)
    n_children = (
        select(func.count())
        .where(CaseRecord.caseload_import_id == CaseloadImport.id, CaseRecord.plan_type.is_not(None))
        .correlate(CaseloadImport)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(CaseloadImport.id, CaseloadImport.as_at, CaseloadImport.imported_at, n_children).order_by(
            CaseloadImport.as_at.desc(), CaseloadImport.id.desc()
        )
    )
    return tuple(ImportChoice(*row) for row in rows)


def list_form_choices(viewer: Viewer, kind: CohortKind) -> tuple[FormChoice, ...]:
    """The newest version of every form that serves a kind of cohort, with the plan types it is meant for."""
    require_whole_service(viewer)
    newest = (
        select(AuditFormVersion.form_id, func.max(AuditFormVersion.number).label("number"))
        .group_by(AuditFormVersion.form_id)
        .subquery()
    )
    rows = db.session.execute(
        select(AuditFormVersion.id, AuditFormVersion.number, AuditFormVersion.content)
        .join(newest, newest.c.form_id == AuditFormVersion.form_id)
        .join(AuditFormRow, AuditFormRow.id == AuditFormVersion.form_id)
        .where(AuditFormVersion.number == newest.c.number)
        .order_by(AuditFormRow.key)
    )
    choices = []
    for version_id, number, content in rows:
        form = form_from_json(content)
        if kind.value in {served.value for served in form.cohort_kinds}:
            choices.append(FormChoice(version_id, form.title, number, form.plan_types))
    return tuple(choices)
