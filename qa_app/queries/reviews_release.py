"""Submitted reviews on their way to the people whose practice they judge."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import aliased

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohorts import ReviewState
from qa_app.domain.grades import Grade
from qa_app.domain.references import review_ref
from qa_app.domain.releases import ReleaseState, release_stand
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.caseload import CaseRecord
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.organisation import Practitioner, Team
from qa_app.models.reviews import Review
from qa_app.queries.scope import reviews_within

N_PER_PAGE = 50


@dataclass(frozen=True)
class ReleaseLine:
    """One submitted review. `worker`: whose practice it judges; `worker_can_read`: they have an open account."""

    review_id: int
    cohort: str
    plan_type: PlanType
    team: str | None
    worker: str | None
    worker_can_read: bool
    reviewer: str
    grade: Grade | None
    submitted_at: datetime
    state: ReleaseState
    by_itself_at: datetime | None
    held_reason: str
    released_at: datetime | None
    released_by: str | None

    @property
    def ref(self) -> str:
        """The review's reference: R1042."""
        return review_ref(self.review_id)


@dataclass(frozen=True)
class ReleasePage:
    """A page of submitted reviews in one state, those that wait longest first; and how many there are in each.

    `n_of_state` counts all of the viewer's reach in the cohort chosen.
    """

    lines: tuple[ReleaseLine, ...]
    n_of_state: dict[ReleaseState, int]
    state: ReleaseState
    cohort_id: int | None
    cohorts: tuple[tuple[int, str], ...]
    number: int
    n_pages: int


def get_release_page(
    viewer: Viewer,
    state: ReleaseState = ReleaseState.WAITING,
    cohort_id: int | None = None,
    number: int = 1,
    *,
    days: int,
) -> ReleasePage:
    """Submitted reviews by how far their release is.

    Units: days after submission on which a review releases itself. Errors: NotAllowed.
    """
    viewer.require(Permission.RELEASE_REVIEWS)
    within = (
        Review.state == ReviewState.SUBMITTED,
        reviews_within(viewer, Permission.RELEASE_REVIEWS),
        Cohort.id == cohort_id if cohort_id is not None else true(),
    )
    counted = (
        select(func.count())
        .select_from(Review)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
    )
    n_of_state = {
        each: db.session.scalar(counted.where(*within, _in_state(each))) or 0 for each in ReleaseState
    }
    n_pages = max(1, -(-n_of_state[state] // N_PER_PAGE))
    number = min(max(1, number), n_pages)
    return ReleasePage(
        _lines(within, state, number, days),
        n_of_state,
        state,
        cohort_id,
        _cohorts(viewer),
        number,
        n_pages,
    )


def _in_state(state: ReleaseState) -> ColumnElement[bool]:
    if state is ReleaseState.RELEASED:
        return Review.released_at.is_not(None)
    is_held = Review.release_held_at.is_not(None)
    return Review.released_at.is_(None) & (is_held if state is ReleaseState.HELD else ~is_held)


def _lines(
    within: tuple[ColumnElement[bool], ...], state: ReleaseState, number: int, days: int
) -> tuple[ReleaseLine, ...]:
    worker_user, reviewer, releaser = aliased(User), aliased(User), aliased(User)
    newest_first = (Review.released_at.desc(), Review.id.desc())
    rows = db.session.execute(
        select(
            Review,
            Cohort.title,
            CohortCase.plan_type,
            Team.name.label("team"),
            Practitioner.name.label("worker"),
            worker_user.is_active.label("worker_can_read"),
            reviewer.name.label("reviewer"),
            releaser.name.label("released_by"),
        )
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .join(CaseRecord, CaseRecord.id == CohortCase.case_record_id)
        .join(reviewer, reviewer.id == Review.reviewer_id)
        .outerjoin(Team, Team.id == CohortCase.team_id)
        .outerjoin(Practitioner, Practitioner.id == CaseRecord.practitioner_id)
        .outerjoin(worker_user, worker_user.id == Practitioner.user_id)
        .outerjoin(releaser, releaser.id == Review.released_by_id)
        .where(*within, _in_state(state))
        .order_by(
            *(newest_first if state is ReleaseState.RELEASED else (Review.submitted_at, Review.id)),
        )
        .limit(N_PER_PAGE)
        .offset((number - 1) * N_PER_PAGE)
    )
    found = []
    for row in rows:
        review = row.Review
        stand = release_stand(review.submitted_at, review.released_at, review.release_held_at, days)
        found.append(
            ReleaseLine(
                review_id=review.id,
                cohort=row.title,
                plan_type=row.plan_type,
                team=row.team,
                worker=row.worker,
                worker_can_read=bool(row.worker_can_read),
                reviewer=row.reviewer,
                grade=review.overall_grade,
                submitted_at=review.submitted_at,
                state=stand.state,
                by_itself_at=stand.by_itself_at,
                held_reason=review.release_held_reason,
                released_at=review.released_at,
                released_by=row.released_by,
            )
        )
    return tuple(found)


def _cohorts(viewer: Viewer) -> tuple[tuple[int, str], ...]:
    rows = db.session.execute(
        select(Cohort.id, Cohort.title)
        .join(CohortCase, CohortCase.cohort_id == Cohort.id)
        .join(Review, Review.cohort_case_id == CohortCase.id)
        .where(Review.state == ReviewState.SUBMITTED, reviews_within(viewer, Permission.RELEASE_REVIEWS))
        .group_by(Cohort.id, Cohort.title, Cohort.month)
        .order_by(Cohort.month.desc(), Cohort.id.desc())
    )
    return tuple((cohort_id, title) for cohort_id, title in rows)
