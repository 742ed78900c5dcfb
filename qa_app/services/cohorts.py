"""Making a cohort: its forms pinned, its cases drawn and the record of the draw kept."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from qa_app.domain.access import Viewer
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohort_plan import CohortRules, Frame, draw_from, frame_of
from qa_app.domain.cohort_rules import month_label, require_whole_service
from qa_app.domain.cohorts import CaseSource, CohortKind, CohortState
from qa_app.domain.errors import Invalid
from qa_app.domain.sampling import SelectionRecord, check_seed
from qa_app.extensions import db
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.caseload import CaseRecord, Child
from qa_app.models.cohorts import Cohort, CohortCase, CohortForm, Selection
from qa_app.queries.cohorts_frame import get_caseload, get_reviewed_refs
from qa_app.services import history

LONGEST_TITLE = 200


@dataclass(frozen=True)
class CohortPlan:
    """What a QA lead asks for when making a cohort.

    `form_versions`: the version pinned for each plan type. An empty `seed` means a fresh one, an empty `title` the
    usual one of its kind and month. `plan_action_id`: the action of the improvement plan that it delivers.
    """

    rules: CohortRules
    due_on: date
    caseload_import_id: int
    form_versions: Mapping[PlanType, int]
    seed: str = ""
    title: str = ""
    plan_action_id: int | None = None


def draw_cohort(viewer: Viewer, plan: CohortPlan, *, at: datetime) -> Cohort:
    """Make a cohort: draw its cases or take them all, pin its forms, and keep the record of the draw.

    Errors: NotAllowed, NotFound for an upload that is not there, Invalid for rules, a date, a seed or a form that
    cannot be meant, and for rules under which nobody can be drawn.
    """
    require_whole_service(viewer)
    seed = plan.seed.strip() or secrets.token_hex(8)
    check_seed(seed)
    check_plan(plan)
    caseload = get_caseload(viewer, plan.caseload_import_id)
    frame = frame_of(caseload.cases, get_reviewed_refs(viewer, plan.rules), plan.rules, caseload.as_at)
    record = draw_from(frame, plan.rules, seed)
    if not record.drawn:
        raise Invalid(
            "caseload_import_id",
            "Under these rules there is nobody to draw. Choose another upload or change the rules.",
        )
    cohort = Cohort(
        kind=plan.rules.kind,
        title=plan.title.strip() or usual_title(plan.rules),
        month=plan.rules.month,
        due_on=plan.due_on,
        state=CohortState.DRAWN,
        size=record.size,
        is_graded=plan.rules.kind not in (CohortKind.DIP_SAMPLE, CohortKind.TRIPLE_LOCK),
        counts_in_rates=counts_in_rates(plan.rules),
        caseload_import_id=plan.caseload_import_id,
        plan_action_id=plan.plan_action_id,
        created_at=at,
        created_by_id=viewer.user_id,
    )
    db.session.add(cohort)
    db.session.flush()
    reviewed_as = {case.child_ref: case.reviewed_as for case in caseload.cases}
    _pin_forms(cohort, plan, {reviewed_as[case.child_ref] for case in record.drawn})
    _keep_record(viewer, cohort, plan, frame, record, at)
    _add_cases(cohort, record, reviewed_as)
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
            "seed": record.seed,
            "cases": len(record.drawn),
            "record_sha256": record.fingerprint,
        },
    )
    return cohort


def usual_title(rules: CohortRules) -> str:
    """The title of a cohort that was given none."""
    return f"{rules.kind.label}, {month_label(rules.month)}"


def counts_in_rates(rules: CohortRules) -> bool:
    """Whether a cohort's findings enter rates: drawn at random or a census, and about practice in general.

    Cases picked because of what was known about them (deep dives, triple lock, re-audits) never mix into rates;
    neither do managers' reviews of their own cases.
    """
    return rules.kind in (
        CohortKind.MONTHLY_AUDIT,
        CohortKind.THEMATIC,
        CohortKind.MULTI_AGENCY,
        CohortKind.DIP_SAMPLE,
    )


def check_plan(plan: CohortPlan) -> None:
    """Refuse a plan whose title or due day cannot be meant.

    Errors: Invalid.
    """
    if len(plan.title.strip()) > LONGEST_TITLE:
        raise Invalid("title", f"A title has {LONGEST_TITLE} characters at most. Shorten it.")
    if plan.due_on < plan.rules.month:
        raise Invalid(
            "due_on", "The reviews would be due before the month of the cohort. Enter a later date."
        )


def _pin_forms(cohort: Cohort, plan: CohortPlan, drawn_types: set[PlanType]) -> None:
    known = set(
        db.session.scalars(
            select(AuditFormVersion.id).where(AuditFormVersion.id.in_(plan.form_versions.values()))
        )
    )
    for plan_type in PlanType:
        version_id = plan.form_versions.get(plan_type)
        if version_id in known:
            db.session.add(CohortForm(cohort_id=cohort.id, plan_type=plan_type, form_version_id=version_id))
        elif plan_type in drawn_types:
            raise Invalid(
                f"form_{plan_type.value}",
                f"{plan_type.label}: choose the form on which these cases are reviewed, or leave them out.",
            )


def _keep_record(
    viewer: Viewer, cohort: Cohort, plan: CohortPlan, frame: Frame, record: SelectionRecord, at: datetime
) -> None:
    db.session.add(
        Selection(
            cohort_id=cohort.id,
            seed=record.seed,
            rules={"asked": plan.rules.model_dump(mode="json"), "words": list(frame.words)},
            record=record.to_json(),
            record_sha256=record.fingerprint,
            drawn_at=at,
            drawn_by_id=viewer.user_id,
        )
    )


def _add_cases(cohort: Cohort, record: SelectionRecord, reviewed_as: Mapping[str, PlanType]) -> None:
    source = CaseSource.DRAWN if record.seed else CaseSource.CENSUS
    found = records_of(cohort.caseload_import_id, [each.child_ref for each in record.drawn])
    for position, each in enumerate(record.drawn, start=1):
        row = found[each.child_ref]
        db.session.add(
            CohortCase(
                cohort_id=cohort.id,
                child_id=row.child_id,
                case_record_id=row.id,
                plan_type=reviewed_as[each.child_ref],
                team_id=row.team_id,
                position=position,
                reason=each.reason,
                source=source,
            )
        )


def records_of(import_id: int, child_refs: list[str]) -> dict[str, CaseRecord]:
    """The case records of children in one upload, by reference."""
    rows = db.session.execute(
        select(Child.ref, CaseRecord)
        .join(CaseRecord, CaseRecord.child_id == Child.id)
        .where(CaseRecord.caseload_import_id == import_id, Child.ref.in_(child_refs))
    )
    return {ref: record for ref, record in rows}  # noqa: C416
