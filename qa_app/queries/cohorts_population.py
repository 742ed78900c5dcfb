"""What may be chosen when a cohort is planned: uploads, forms, and what the months already hold."""

from dataclasses import dataclass
from datetime import date, datetime
from textwrap import shorten

from sqlalchemy import func, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.audit_forms.versions import form_from_json
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohort_rules import require_whole_service
from qa_app.domain.cohorts import CohortKind
from qa_app.extensions import db
from qa_app.models.audit_forms import AuditFormRow, AuditFormVersion
from qa_app.models.caseload import CaseloadImport, CaseRecord
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.improvement import PlanAction
from qa_app.queries.scope_plan import actions_within


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


def list_action_choices(viewer: Viewer) -> tuple[tuple[int, str], ...]:
    """The actions of the plan that a cohort may deliver or evidence: number, and the start of its words."""
    require_whole_service(viewer)
    viewer.require(Permission.SEE_PLAN)
    rows = db.session.execute(
        select(PlanAction.id, PlanAction.ref, PlanAction.words)
        .where(actions_within(viewer, Permission.SEE_PLAN))
        .order_by(PlanAction.position, PlanAction.id)
    )
    return tuple((number, f"{ref} {shorten(words, 90, placeholder=' …')}") for number, ref, words in rows)


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
