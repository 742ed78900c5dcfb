"""Making a cohort: its forms pinned, its cases drawn and the record of the draw kept."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select

from qa_app.domain.access import Viewer
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohort_rules import LARGEST_SIZE, look_back_rule, month_label
from qa_app.domain.cohorts import CohortKind, CohortState
from qa_app.domain.errors import Invalid
from qa_app.domain.sampling import SelectionRecord, check_seed, draw
from qa_app.extensions import db
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.caseload import CaseRecord, Child
from qa_app.models.cohorts import Cohort, CohortCase, CohortForm, Selection
from qa_app.queries.cohorts_population import get_draw_input, plan_type_strata, require_whole_service
from qa_app.services import history


@dataclass(frozen=True)
class CohortPlan:
    """What a QA lead asks for when making a monthly audit.

    `form_versions`: the version pinned for each plan type. `fixed`: quotas set by hand; plan types that are not
    in it get their share. An empty `seed` means a fresh one.
    """

    month: date
    due_on: date
    size: int
    caseload_import_id: int
    form_versions: Mapping[PlanType, int]
    fixed: Mapping[PlanType, int] = field(default_factory=dict)
    seed: str = ""


def make_monthly_audit(viewer: Viewer, plan: CohortPlan, *, at: datetime) -> Cohort:
    """Make a month's audit: draw its cases, pin its forms, and keep the record of the draw.

    Errors: NotAllowed, NotFound for an upload that is not there, Invalid for a size, quota, date, seed or form
    that cannot be meant, and for rules under which nobody can be drawn.
    """
    require_whole_service(viewer)
    seed = plan.seed.strip() or secrets.token_hex(8)
    check_seed(seed)
    check_plan(plan)
    drawn_from = get_draw_input(viewer, plan.caseload_import_id, plan.month)
    strata = plan_type_strata(plan.fixed)
    record = draw(seed, plan.size, strata, drawn_from.population, drawn_from.exclusions)
    if not record.drawn:
        raise Invalid(
            "caseload_import_id",
            "Under these rules there is nobody to draw. Choose another upload or change the quotas.",
        )
    cohort = Cohort(
        kind=CohortKind.MONTHLY_AUDIT,
        title=f"Monthly audit, {month_label(plan.month)}",
        month=plan.month,
        due_on=plan.due_on,
        state=CohortState.DRAWN,
        size=plan.size,
        caseload_import_id=plan.caseload_import_id,
        created_at=at,
        created_by_id=viewer.user_id,
    )
    db.session.add(cohort)
    db.session.flush()
    _pin_forms(cohort, plan, record)
    _keep_record(viewer, cohort, plan, record, at)
    _add_cases(cohort, record)
    db.session.flush()
    history.record(
        viewer,
        "drew a cohort",
        "cohort",
        cohort.id,
        at=at,
        after={
            "title": cohort.title,
            "size": cohort.size,
            "seed": seed,
            "cases": len(record.drawn),
            "record_sha256": record.fingerprint,
        },
    )
    return cohort


def check_plan(plan: CohortPlan) -> None:
    """Refuse a plan whose size or due day cannot be meant.

    Errors: Invalid.
    """
    if plan.size > LARGEST_SIZE:
        raise Invalid("size", f"A cohort holds {LARGEST_SIZE:,} cases at most. Enter a smaller size.")
    if plan.due_on < plan.month:
        raise Invalid(
            "due_on", "The reviews would be due before the month of the cohort. Enter a later date."
        )


def _pin_forms(cohort: Cohort, plan: CohortPlan, record: SelectionRecord) -> None:
    known = set(
        db.session.scalars(
            select(AuditFormVersion.id).where(AuditFormVersion.id.in_(plan.form_versions.values()))
        )
    )
    drawn_types = {PlanType(each.stratum) for each in record.drawn}
    for plan_type in PlanType:
        version_id = plan.form_versions.get(plan_type)
        if version_id in known:
            db.session.add(CohortForm(cohort_id=cohort.id, plan_type=plan_type, form_version_id=version_id))
        elif plan_type in drawn_types:
            raise Invalid(
                f"form_{plan_type.value}",
                f"{plan_type.label}: choose the form on which these cases are reviewed, or fix the quota at 0.",
            )


def _keep_record(
    viewer: Viewer, cohort: Cohort, plan: CohortPlan, record: SelectionRecord, at: datetime
) -> None:
    db.session.add(
        Selection(
            cohort_id=cohort.id,
            seed=record.seed,
            rules={
                "size": plan.size,
                "fixed": {plan_type.value: quota for plan_type, quota in plan.fixed.items()},
                "exclusions": [look_back_rule(plan.month)],
            },
            record=record.to_json(),
            record_sha256=record.fingerprint,
            drawn_at=at,
            drawn_by_id=viewer.user_id,
        )
    )


def _add_cases(cohort: Cohort, record: SelectionRecord) -> None:
    rows = db.session.execute(
        select(Child.ref, CaseRecord.id, CaseRecord.child_id, CaseRecord.team_id)
        .join(CaseRecord, CaseRecord.child_id == Child.id)
        .where(
            CaseRecord.caseload_import_id == cohort.caseload_import_id,
            Child.ref.in_([each.child_ref for each in record.drawn]),
        )
    )
    by_ref = {row.ref: row for row in rows}
    for position, each in enumerate(record.drawn, start=1):
        row = by_ref[each.child_ref]
        db.session.add(
            CohortCase(
                cohort_id=cohort.id,
                child_id=row.child_id,
                case_record_id=row.id,
                plan_type=PlanType(each.stratum),
                team_id=row.team_id,
                position=position,
                reason=each.reason,
            )
        )
