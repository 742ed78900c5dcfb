"""Reviews in supervision: one sheet for each practitioner, and how many released reviews were talked over."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, case, distinct, func, or_, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.audit_forms.kinds import FindingKind
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohorts import ReviewState
from qa_app.domain.errors import NotFound
from qa_app.domain.grades import Grade
from qa_app.domain.references import review_ref
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.caseload import CaseRecord, Child
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.findings import Finding
from qa_app.models.organisation import Practitioner, Team
from qa_app.models.review_replies import SupervisionTalk
from qa_app.models.reviews import Review
from qa_app.queries.scope import own_practice_within, reviews_within

MOST_ON_A_SHEET = 3
MOST_FINDINGS = 3
"""A sheet holds the newest reviews that were not talked over yet, with the first findings of each: one page."""


@dataclass(frozen=True)
class SupervisedPerson:
    """A practitioner with released reviews that the viewer answers for. `is_self`: it is the viewer."""

    practitioner_id: int
    name: str
    team: str | None
    n_released: int
    n_discussed: int
    is_self: bool


@dataclass(frozen=True)
class TeamRate:
    """How many released reviews of a team were talked over in supervision: n of N."""

    team: str
    n_released: int
    n_discussed: int


@dataclass(frozen=True)
class SupervisionPage:
    """The people whose sheets the viewer may open, and the rates of the teams within reach."""

    people: tuple[SupervisedPerson, ...]
    rates: tuple[TeamRate, ...]
    n_released: int
    n_discussed: int


@dataclass(frozen=True)
class SheetReview:
    """One released review on a practitioner's sheet. `held_on`: when it was talked over."""

    review_id: int
    case_ref: str
    plan_type: PlanType
    cohort: str
    grade: Grade | None
    released_at: datetime
    held_on: date | None
    agreed: str
    noted_by: str | None
    noted_by_id: int | None
    strengths: tuple[str, ...] = field(default=())
    weaknesses: tuple[str, ...] = field(default=())
    n_more: int = 0
    """Findings that the page has no room for."""

    @property
    def ref(self) -> str:
        """The review's reference."""
        return review_ref(self.review_id)


@dataclass(frozen=True)
class SupervisionSheet:
    """What there is to talk over with one practitioner."""

    practitioner_id: int
    name: str
    team: str | None
    to_discuss: tuple[SheetReview, ...]
    n_more: int
    discussed: tuple[SheetReview, ...]
    is_self: bool


def get_supervision_page(viewer: Viewer) -> SupervisionPage:
    """Who has reviews to talk over, and the rates by team. Errors: NotAllowed."""
    if not viewer.may(Permission.SEE_OWN_PRACTICE):
        viewer.require(Permission.SEE_REVIEWS)
    people = tuple(
        SupervisedPerson(
            row.id, row.name, row.team, row.n_released, row.n_discussed, row.user_id == viewer.user_id
        )
        for row in db.session.execute(
            _counted(Practitioner.id, Practitioner.name, Practitioner.user_id, Team.name.label("team"))
            .where(own_practice_within(viewer))
            .group_by(Practitioner.id, Practitioner.name, Practitioner.user_id, Team.name)
            .order_by(Practitioner.name, Practitioner.id)
        )
    )
    within = and_(
        Review.released_at.is_not(None),
        or_(reviews_within(viewer, Permission.SEE_REVIEWS), own_practice_within(viewer)),
    )
    rates = tuple(
        TeamRate(row.team or "No team", row.n_released, row.n_discussed)
        for row in db.session.execute(
            _counted(Team.name.label("team")).where(within).group_by(Team.name).order_by(Team.name)
        )
    )
    return SupervisionPage(
        people, rates, sum(one.n_released for one in rates), sum(one.n_discussed for one in rates)
    )


def get_supervision_sheet(viewer: Viewer, practitioner_id: int) -> SupervisionSheet:
    """One practitioner's sheet: for themselves, and whoever supervises or manages them.

    Errors: NotAllowed; NotFound when there is no released review of theirs within reach.
    """
    viewer.require(Permission.SEE_OWN_PRACTICE)
    person = db.session.execute(
        select(Practitioner.name, Practitioner.user_id, Team.name.label("team"))
        .outerjoin(Team, Team.id == Practitioner.team_id)
        .where(Practitioner.id == practitioner_id)
    ).one_or_none()
    lines = _reviews(viewer, practitioner_id)
    if person is None or not lines:
        raise NotFound()
    waiting = [line for line in lines if line.held_on is None]
    return SupervisionSheet(
        practitioner_id,
        person.name,
        person.team,
        to_discuss=_with_findings(waiting[:MOST_ON_A_SHEET]),
        n_more=max(0, len(waiting) - MOST_ON_A_SHEET),
        discussed=tuple(line for line in lines if line.held_on is not None),
        is_self=person.user_id is not None and person.user_id == viewer.user_id,
    )


def _counted(*columns: Any) -> Any:
    discussed = case((SupervisionTalk.id.is_not(None), Review.id))
    return (
        select(
            *columns,
            func.count(distinct(Review.id)).label("n_released"),
            func.count(distinct(discussed)).label("n_discussed"),
        )
        .select_from(Review)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(CaseRecord, CaseRecord.id == CohortCase.case_record_id)
        .join(Practitioner, Practitioner.id == CaseRecord.practitioner_id)
        .outerjoin(Team, Team.id == CohortCase.team_id)
        .outerjoin(
            SupervisionTalk,
            and_(SupervisionTalk.review_id == Review.id, SupervisionTalk.practitioner_id == Practitioner.id),
        )
        .where(Review.state == ReviewState.SUBMITTED)
    )


def _reviews(viewer: Viewer, practitioner_id: int) -> list[SheetReview]:
    rows = db.session.execute(
        select(
            Review.id,
            Child.ref,
            CohortCase.plan_type,
            Cohort.title,
            Review.overall_grade,
            Review.released_at,
            SupervisionTalk.held_on,
            SupervisionTalk.words,
            SupervisionTalk.noted_by_id,
            User.name.label("noted_by"),
        )
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .join(Child, Child.id == CohortCase.child_id)
        .join(CaseRecord, CaseRecord.id == CohortCase.case_record_id)
        .outerjoin(
            SupervisionTalk,
            and_(SupervisionTalk.review_id == Review.id, SupervisionTalk.practitioner_id == practitioner_id),
        )
        .outerjoin(User, User.id == SupervisionTalk.noted_by_id)
        .where(
            CaseRecord.practitioner_id == practitioner_id,
            Review.state == ReviewState.SUBMITTED,
            own_practice_within(viewer),
        )
        .order_by(Review.released_at.desc(), Review.id.desc())
    )
    return [
        SheetReview(
            row.id,
            row.ref,
            row.plan_type,
            row.title,
            row.overall_grade,
            row.released_at,
            row.held_on,
            row.words or "",
            row.noted_by,
            row.noted_by_id,
        )
        for row in rows
    ]


def _with_findings(lines: list[SheetReview]) -> tuple[SheetReview, ...]:
    rows = db.session.execute(
        select(Finding.review_id, Finding.kind, Finding.words)
        .where(Finding.review_id.in_([line.review_id for line in lines]), Finding.withdrawn_at.is_(None))
        .order_by(Finding.id)
    ).all()
    found = []
    for line in lines:
        said = {
            kind: [row.words for row in rows if row.review_id == line.review_id and row.kind is kind]
            for kind in FindingKind
        }
        strengths, weaknesses = said[FindingKind.STRENGTH], said[FindingKind.WEAKNESS]
        n_more = sum(max(0, len(one) - MOST_FINDINGS) for one in (strengths, weaknesses))
        kept = {
            "strengths": tuple(strengths[:MOST_FINDINGS]),
            "weaknesses": tuple(weaknesses[:MOST_FINDINGS]),
        }
        found.append(SheetReview(**{**line.__dict__, **kept, "n_more": n_more}))
    return tuple(found)
