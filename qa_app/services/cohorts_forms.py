"""Moving a cohort to a newer version of the form that it pins."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohort_rules import require_whole_service
from qa_app.domain.cohorts import CohortState, ReviewState
from qa_app.domain.errors import Conflict, NotFound
from qa_app.extensions import db
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.cohorts import Cohort, CohortCase, CohortForm
from qa_app.models.reviews import Review
from qa_app.services import history


@dataclass(frozen=True)
class Repinned:
    """What moving a cohort did: reviews that follow as they were not started, and those that stay where they are."""

    n_moved: int
    n_staying: int


def repin_cohort(
    viewer: Viewer, cohort_id: int, plan_type: PlanType, version_id: int, *, at: datetime
) -> Repinned:
    """Pin a newer version of the same form for a plan type of a cohort.

    Reviews that are not started follow; a review that is started or submitted keeps the version it has.
    Errors: NotAllowed; NotFound; Conflict for a closed cohort, another form, or a version that is not newer.
    """
    viewer.require(Permission.MANAGE_COHORTS)
    require_whole_service(viewer)
    cohort = db.session.get(Cohort, cohort_id)
    pinned = db.session.scalar(
        select(CohortForm)
        .where(CohortForm.cohort_id == cohort_id, CohortForm.plan_type == plan_type)
        .with_for_update()
    )
    newer = db.session.get(AuditFormVersion, version_id)
    if cohort is None or pinned is None or newer is None:
        raise NotFound
    older = db.session.get_one(AuditFormVersion, pinned.form_version_id)
    if cohort.state is CohortState.CLOSED:
        raise Conflict(f"{cohort.title} is closed, so its forms stay as they are.")
    if newer.form_id != older.form_id:
        raise Conflict(
            "That is a version of another form. A cohort moves to a newer version of the same form only."
        )
    if newer.number <= older.number:
        raise Conflict(f"{cohort.title} is on version {older.number} already.")
    of_cohort = select(CohortCase.id).where(
        CohortCase.cohort_id == cohort_id, CohortCase.plan_type == plan_type
    )
    not_started = (Review.state == ReviewState.NOT_STARTED) & Review.cohort_case_id.in_(of_cohort)
    counts = dict(
        db.session.execute(
            select(Review.state, func.count())
            .where(Review.cohort_case_id.in_(of_cohort))
            .group_by(Review.state)
        ).all()
    )
    n_moved = counts.pop(ReviewState.NOT_STARTED, 0)
    pinned.form_version_id = newer.id
    # A review that is not started has the cohort's version; one that was given its own follows as well.
    db.session.execute(
        update(Review)
        .where(not_started, Review.form_version_id.is_not(None))
        .values(form_version_id=newer.id)
        .execution_options(synchronize_session="fetch")
    )
    db.session.flush()
    history.record(
        viewer,
        "cohort_moved_to_version",
        "cohort",
        cohort_id,
        at=at,
        before={"plan_type": plan_type.value, "version": older.number},
        after={"plan_type": plan_type.value, "version": newer.number, "reviews": n_moved},
    )
    return Repinned(n_moved, sum(counts.values()))
