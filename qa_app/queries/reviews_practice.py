"""Released reviews for the people whose practice they judge: worker, supervisor, manager, officer or chair."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select

from qa_app.domain.access import Permission, Role, Viewer
from qa_app.domain.audit_forms.kinds import FindingKind
from qa_app.domain.caseload import PlanType
from qa_app.domain.child_ties import ChildTie
from qa_app.domain.cohorts import ReviewState
from qa_app.domain.grades import Grade
from qa_app.domain.references import review_ref
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.caseload import CaseRecord, Child
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.findings import Finding
from qa_app.models.organisation import Practitioner, Team
from qa_app.models.reviews import Review
from qa_app.queries.scope import own_practice, own_practice_within

MOST = 200
"""Reviews on the page: the newest."""


@dataclass(frozen=True)
class PracticeReview:
    """One released review of somebody's practice. `tie`: why it is theirs to read, the nearest reason of several."""

    review_id: int
    tie: ChildTie
    case_ref: str
    plan_type: PlanType
    cohort: str
    team: str | None
    worker: str | None
    reviewer: str
    grade: Grade | None
    n_strengths: int
    n_weaknesses: int
    released_at: datetime

    @property
    def ref(self) -> str:
        """The review's reference: R1042."""
        return review_ref(self.review_id)


@dataclass(frozen=True)
class Strength:
    """Something that a review found to be good in somebody's own work."""

    review_id: int
    words: str
    cohort: str

    @property
    def ref(self) -> str:
        """The reference of its review."""
        return review_ref(self.review_id)


@dataclass(frozen=True)
class PracticePage:
    """What reviews say of the viewer's practice: strengths of their own work first, then the reviews.

    `is_practitioner`: the account is matched with a worker of the caseload; without that only a manager finds any.
    """

    strengths: tuple[Strength, ...]
    own: tuple[PracticeReview, ...]
    supervised: tuple[PracticeReview, ...]
    reviewed: tuple[PracticeReview, ...]
    managed: tuple[PracticeReview, ...]
    is_practitioner: bool
    manages: bool

    @property
    def is_empty(self) -> bool:
        """Whether no review is there to read."""
        return not (self.own or self.supervised or self.reviewed or self.managed)


def get_practice_page(viewer: Viewer) -> PracticePage:
    """Every released review of the viewer's practice, the newest release first; three statements.

    Errors: NotAllowed.
    """
    viewer.require(Permission.SEE_OWN_PRACTICE)
    reviews = _reviews(viewer)
    own = tuple(one for one in reviews if one.tie is ChildTie.WORKER)
    return PracticePage(
        strengths=_strengths(viewer, [one.review_id for one in own]),
        own=own,
        supervised=tuple(one for one in reviews if one.tie is ChildTie.SUPERVISOR),
        reviewed=tuple(one for one in reviews if one.tie is ChildTie.REVIEWING_OFFICER),
        managed=tuple(one for one in reviews if one.tie is ChildTie.TEAM_MANAGER),
        is_practitioner=db.session.scalar(
            select(Practitioner.id).where(Practitioner.user_id == viewer.user_id).limit(1)
        )
        is not None,
        manages=Role.TEAM_MANAGER in viewer.roles,
    )


def _reviews(viewer: Viewer) -> list[PracticeReview]:
    mine = own_practice(viewer).subquery("mine")
    nearest = {tie: place for place, tie in enumerate(ChildTie)}
    rank = case({tie.value: place for tie, place in nearest.items()}, value=mine.c.tie)
    nearest_tie = (
        select(func.min(rank))
        .where(mine.c.case_id == Review.cohort_case_id)
        .correlate(Review)
        .scalar_subquery()
    )
    count = (
        select(func.count(Finding.id))
        .where(Finding.review_id == Review.id, Finding.withdrawn_at.is_(None))
        .correlate(Review)
    )
    rows = db.session.execute(
        select(
            Review,
            nearest_tie.label("nearest"),
            Child.ref,
            CohortCase.plan_type,
            Cohort.title,
            Team.name.label("team"),
            Practitioner.name.label("worker"),
            User.name.label("reviewer"),
            count.where(Finding.kind == FindingKind.STRENGTH).scalar_subquery().label("n_strengths"),
            count.where(Finding.kind == FindingKind.WEAKNESS).scalar_subquery().label("n_weaknesses"),
        )
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .join(Child, Child.id == CohortCase.child_id)
        .join(CaseRecord, CaseRecord.id == CohortCase.case_record_id)
        .join(User, User.id == Review.reviewer_id)
        .outerjoin(Practitioner, Practitioner.id == CaseRecord.practitioner_id)
        .outerjoin(Team, Team.id == CohortCase.team_id)
        .where(Review.state == ReviewState.SUBMITTED, own_practice_within(viewer))
        .order_by(Review.released_at.desc(), Review.id.desc())
        .limit(MOST)
    )
    ties = list(ChildTie)
    return [
        PracticeReview(
            row.Review.id,
            ties[row.nearest],
            row.ref,
            row.plan_type,
            row.title,
            row.team,
            row.worker,
            row.reviewer,
            row.Review.overall_grade,
            row.n_strengths,
            row.n_weaknesses,
            row.Review.released_at,
        )
        for row in rows
    ]


def _strengths(viewer: Viewer, review_ids: list[int]) -> tuple[Strength, ...]:
    rows = db.session.execute(
        select(Review.id, Finding.words, Cohort.title)
        .join(Review, Review.id == Finding.review_id)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .where(
            Finding.review_id.in_(review_ids),
            Finding.kind == FindingKind.STRENGTH,
            Finding.withdrawn_at.is_(None),
            own_practice_within(viewer),
        )
        .order_by(Review.released_at.desc(), Finding.id)
    )
    return tuple(Strength(*row) for row in rows)
