"""The caseload as the rules of a draw see it, and whom a plan would be drawn from."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from qa_app.domain.access import Viewer
from qa_app.domain.case_facts import CaseFacts
from qa_app.domain.case_flags import SIBLING_GROUP
from qa_app.domain.child_ties import OWN_WORK_KINDS
from qa_app.domain.cohort_plan import CohortRules, Frame, frame_of
from qa_app.domain.cohort_rules import months_before, require_whole_service
from qa_app.domain.cohorts import CohortKind, ReviewState
from qa_app.domain.errors import NotFound
from qa_app.domain.grades import Grade
from qa_app.extensions import db
from qa_app.models.caseload import CaseFlag, CaseloadImport, CaseRecord, Child
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.organisation import ServiceArea, Team
from qa_app.models.reviews import Review
from qa_app.queries.scope import flags_in_force

UNGRADED_KINDS = (CohortKind.DIP_SAMPLE, CohortKind.TRIPLE_LOCK)
"""Kinds whose reviews keep nobody out of a later draw."""
NOT_INDEPENDENT_KINDS = (*UNGRADED_KINDS, *OWN_WORK_KINDS)


@dataclass(frozen=True)
class CaseloadOnDay:
    """The cases of one upload, as at its day."""

    as_at: date
    cases: tuple[CaseFacts, ...]


def get_caseload(viewer: Viewer, import_id: int) -> CaseloadOnDay:
    """Every case of an upload with its flags in force on that day, ended ones too, in order of reference.

    Errors: NotAllowed, NotFound for an upload that is not there.
    """
    require_whole_service(viewer)
    upload = db.session.get(CaseloadImport, import_id)
    if upload is None:
        raise NotFound("There is no such upload of the caseload. Choose one from the list.")
    flags, family = _flags_in_force(upload.as_at)
    graded = _last_grades(upload.as_at)
    rows = db.session.execute(
        select(
            Child.ref,
            CaseRecord.child_id,
            CaseRecord.plan_type,
            CaseRecord.case_status,
            CaseRecord.age,
            CaseRecord.is_unborn,
            CaseRecord.gender,
            CaseRecord.ethnicity,
            CaseRecord.disability,
            CaseRecord.need,
            Team.name.label("team"),
            ServiceArea.name.label("service_area"),
            CaseRecord.started_on,
            CaseRecord.facts,
        )
        .join(Child, Child.id == CaseRecord.child_id)
        .outerjoin(Team, Team.id == CaseRecord.team_id)
        .outerjoin(ServiceArea, ServiceArea.id == Team.service_area_id)
        .where(CaseRecord.caseload_import_id == import_id)
        .order_by(Child.ref)
    )
    cases = tuple(
        CaseFacts(
            child_ref=row.ref,
            plan_type=row.plan_type,
            case_status=row.case_status,
            age=row.age,
            is_unborn=row.is_unborn,
            gender=row.gender,
            ethnicity=row.ethnicity,
            disability=row.disability,
            need=row.need,
            team=row.team,
            service_area=row.service_area,
            started_on=row.started_on,
            facts=row.facts,
            flags=frozenset(flags.get(row.child_id, ())),
            sibling_group=family.get(row.child_id),
            last_grade=graded[row.child_id][0] if row.child_id in graded else None,
            last_reviewed_on=graded[row.child_id][1] if row.child_id in graded else None,
        )
        for row in rows
    )
    return CaseloadOnDay(upload.as_at, cases)


def get_frame(viewer: Viewer, import_id: int, rules: CohortRules) -> Frame:
    """Whom a plan would be drawn from: population, strata, exclusions and siblings.

    Errors: NotAllowed, NotFound for an upload that is not there, Invalid for rules that cannot be meant.
    """
    caseload = get_caseload(viewer, import_id)
    return frame_of(caseload.cases, get_reviewed_refs(viewer, rules), rules, caseload.as_at)


def get_reviewed_refs(viewer: Viewer, rules: CohortRules) -> frozenset[str]:
    """Children with a submitted graded review in the cohort months looked back over, the plan's own included.

    Errors: NotAllowed.
    """
    require_whole_service(viewer)
    if not rules.look_back_months:
        return frozenset()
    first = months_before(rules.month, rules.look_back_months)
    return frozenset(
        db.session.scalars(
            select(Child.ref)
            .distinct()
            .join(CohortCase, CohortCase.child_id == Child.id)
            .join(Cohort, Cohort.id == CohortCase.cohort_id)
            .join(Review, Review.cohort_case_id == CohortCase.id)
            .where(
                Review.state == ReviewState.SUBMITTED,
                Cohort.is_graded,
                Cohort.kind.not_in(NOT_INDEPENDENT_KINDS),
                Cohort.month.between(first, rules.month),
            )
        )
    )


def _flags_in_force(day: date) -> tuple[dict[int, list[str]], dict[int, str]]:
    """Kinds of flag by child, and the sibling group by child, on a day."""
    flags: dict[int, list[str]] = defaultdict(list)
    family: dict[int, str] = {}
    rows = db.session.execute(
        select(CaseFlag.child_id, CaseFlag.kind, CaseFlag.value)
        .where(flags_in_force(day))
        .order_by(CaseFlag.id)
    )
    for child_id, kind, value in rows:
        flags[child_id].append(kind)
        if kind == SIBLING_GROUP and value:
            family[child_id] = value
    return flags, family


def _last_grades(day: date) -> dict[int, tuple[Grade | None, date]]:
    """The overall grade of each child's last independent review handed in by a day, and when that was."""
    rows = db.session.execute(
        select(CohortCase.child_id, Review.overall_grade, Review.submitted_at)
        .join(Review, Review.cohort_case_id == CohortCase.id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .where(
            Review.state == ReviewState.SUBMITTED, Cohort.is_graded, Cohort.kind.not_in(NOT_INDEPENDENT_KINDS)
        )
        .order_by(Review.submitted_at, Review.id)
    )
    return {
        child_id: (grade, submitted_at.date())
        for child_id, grade, submitted_at in rows
        if submitted_at is not None and submitted_at.date() <= day
    }
