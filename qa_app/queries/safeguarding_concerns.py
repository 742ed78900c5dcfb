"""Immediate concerns with their clocks: the list, and one whole."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.errors import NotFound
from qa_app.domain.references import concern_ref, review_ref
from qa_app.domain.safeguarding_concerns import Clock, ClockState, ConcernKind
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.caseload import Child
from qa_app.models.cohorts import CohortCase
from qa_app.models.organisation import Team
from qa_app.models.reviews import Review
from qa_app.models.safeguarding_concerns import SafeguardingConcern
from qa_app.queries.scope import readable_reviews, reviews_within
from qa_app.queries.scope_case_work import concerns_within

MOST_CLOSED = 100


@dataclass(frozen=True)
class ConcernLine:
    """One concern with its clocks at the moment of asking. `safe`: none where the question is the threshold."""

    concern_id: int
    kind: ConcernKind
    words: str
    phoned: str
    child_ref: str
    plan_type: str
    team: str | None
    review_id: int
    may_open_review: bool
    raised_at: datetime
    raised_by_id: int
    raised_by: str
    acknowledge: Clock
    acknowledged_by: str | None
    safe: Clock | None
    safe_at: datetime | None
    safe_by: str | None
    safety_action: str
    closed_at: datetime | None
    closed_by: str | None
    closing_words: str
    has_climbed: bool

    @property
    def ref(self) -> str:
        """Its reference, S12."""
        return concern_ref(self.concern_id)

    @property
    def review_ref(self) -> str:
        """The reference of its review."""
        return review_ref(self.review_id)

    def is_overdue(self, at: datetime) -> bool:
        """Whether one of its clocks has run out and still runs."""
        clocks = [self.acknowledge, *([self.safe] if self.safe else [])]
        return self.closed_at is None and any(each.state(at) is ClockState.OVERDUE for each in clocks)


@dataclass(frozen=True)
class ConcernsPage:
    """The concerns within reach. The shares are over all concerns, open and closed."""

    open: tuple[ConcernLine, ...]
    closed: tuple[ConcernLine, ...]
    n_all: int
    n_acknowledged_in_time: int
    n_acknowledge_known: int
    n_safe_in_time: int
    n_safe_known: int
    n_overdue: int


@dataclass(frozen=True)
class ConcernPage:
    """One concern, and what the viewer may do about it."""

    line: ConcernLine
    may_acknowledge: bool
    may_make_safe: bool
    may_close: bool


@dataclass(frozen=True)
class ConcernContext:
    """What somebody sees who is about to raise a concern: whom to phone."""

    review_id: int
    child_ref: str
    team: str | None
    manager: str | None


def get_concerns_page(viewer: Viewer, *, at: datetime) -> ConcernsPage:
    """Open concerns, the longest overdue first, and the latest closed ones. Errors: NotAllowed."""
    viewer.require(Permission.SEE_CONCERNS)
    within = concerns_within(viewer)
    is_open = SafeguardingConcern.closed_at.is_(None)
    still = _lines(_select(viewer).where(within, is_open).order_by(SafeguardingConcern.raised_at))
    closed = _lines(
        _select(viewer)
        .where(within, ~is_open)
        .order_by(SafeguardingConcern.closed_at.desc(), SafeguardingConcern.id.desc())
        .limit(MOST_CLOSED)
    )
    n_all, n_ack, n_ack_known, n_safe, n_safe_known = db.session.execute(_counts(at).where(within)).one()
    still = tuple(sorted(still, key=lambda line: (not line.is_overdue(at), line.raised_at)))
    return ConcernsPage(
        open=still,
        closed=closed,
        n_all=n_all,
        n_acknowledged_in_time=n_ack,
        n_acknowledge_known=n_ack_known,
        n_safe_in_time=n_safe,
        n_safe_known=n_safe_known,
        n_overdue=Counter(line.is_overdue(at) for line in still)[True],
    )


def get_concern(viewer: Viewer, concern_id: int) -> ConcernPage:
    """One concern. Errors: NotAllowed, NotFound out of reach."""
    viewer.require(Permission.SEE_CONCERNS)
    found = _lines(_select(viewer).where(SafeguardingConcern.id == concern_id, concerns_within(viewer)))
    if not found:
        raise NotFound()
    line = found[0]
    answers = _reaches(viewer, Permission.ANSWER_CONCERNS, concern_id)
    needed = Permission.ANSWER_CONCERNS if line.kind.is_about_threshold else Permission.ACKNOWLEDGE_CONCERNS
    is_open, raised_it = line.closed_at is None, line.raised_by_id == viewer.user_id
    return ConcernPage(
        line,
        may_acknowledge=is_open
        and line.acknowledge.stopped_at is None
        and not raised_it
        and _reaches(viewer, needed, concern_id),
        may_make_safe=is_open and line.safe_at is None and not raised_it and answers,
        may_close=is_open and line.safe_at is not None and (raised_it or answers),
    )


def get_concern_context(viewer: Viewer, review_id: int) -> ConcernContext:
    """Whom to phone about the child of a review. Errors: NotAllowed, NotFound out of reach."""
    viewer.require(Permission.RAISE_FINDINGS)
    row = db.session.execute(
        select(Child.ref, Team.name.label("team"), User.name.label("manager"))
        .select_from(Review)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Child, Child.id == CohortCase.child_id)
        .outerjoin(Team, Team.id == CohortCase.team_id)
        .outerjoin(User, User.id == Team.manager_user_id)
        .where(Review.id == review_id, reviews_within(viewer, Permission.RAISE_FINDINGS))
    ).one_or_none()
    if row is None:
        raise NotFound()
    return ConcernContext(review_id, row.ref, row.team, row.manager)


def list_concerns_of_review(viewer: Viewer, review_id: int) -> tuple[ConcernLine, ...]:
    """The concerns raised from one review, those that the viewer may see."""
    if not viewer.may(Permission.SEE_CONCERNS):
        return ()
    return _lines(
        _select(viewer)
        .where(SafeguardingConcern.review_id == review_id, concerns_within(viewer))
        .order_by(SafeguardingConcern.id)
    )


def count_open_concerns(viewer: Viewer, *, at: datetime) -> tuple[int, int]:
    """How many concerns within reach are open, and how many of them are past one of their clocks."""
    if not viewer.may(Permission.SEE_CONCERNS):
        return 0, 0
    late = or_(
        and_(SafeguardingConcern.acknowledged_at.is_(None), SafeguardingConcern.acknowledge_due_at < at),
        and_(SafeguardingConcern.safe_at.is_(None), SafeguardingConcern.safe_due_at < at),
    )
    row = db.session.execute(
        select(func.count(SafeguardingConcern.id), func.count(SafeguardingConcern.id).filter(late)).where(
            concerns_within(viewer), SafeguardingConcern.closed_at.is_(None)
        )
    ).one()
    return row[0], row[1]


def _reaches(viewer: Viewer, permission: Permission, concern_id: int) -> bool:
    statement = select(SafeguardingConcern.id).where(
        SafeguardingConcern.id == concern_id, concerns_within(viewer, permission)
    )
    return db.session.scalar(statement) is not None


def _counts(at: datetime) -> Any:
    def n(condition: Any) -> Any:
        return func.count(SafeguardingConcern.id).filter(condition)

    table = SafeguardingConcern
    in_time = table.acknowledged_at <= table.acknowledge_due_at
    known = or_(table.acknowledged_at.is_not(None), table.acknowledge_due_at < at)
    safe_in_time = table.safe_at <= table.safe_due_at
    safe_known = and_(table.safe_due_at.is_not(None), or_(table.safe_at.is_not(None), table.safe_due_at < at))
    return select(func.count(table.id), n(in_time), n(known), n(safe_in_time), n(safe_known))


def _select(viewer: Viewer) -> Any:
    raiser, acknowledger, saver, closer = (aliased(User) for _ in range(4))
    return (
        select(
            SafeguardingConcern,
            Child.ref.label("child_ref"),
            CohortCase.plan_type,
            Team.name.label("team"),
            raiser.name.label("raised_by"),
            acknowledger.name.label("acknowledged_by"),
            saver.name.label("safe_by"),
            closer.name.label("closed_by"),
            or_(readable_reviews(viewer), Review.reviewer_id == viewer.user_id).label("may_open"),
        )
        .join(Review, Review.id == SafeguardingConcern.review_id)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Child, Child.id == CohortCase.child_id)
        .join(raiser, raiser.id == SafeguardingConcern.raised_by_id)
        .outerjoin(Team, Team.id == SafeguardingConcern.team_id)
        .outerjoin(acknowledger, acknowledger.id == SafeguardingConcern.acknowledged_by_id)
        .outerjoin(saver, saver.id == SafeguardingConcern.safe_by_id)
        .outerjoin(closer, closer.id == SafeguardingConcern.closed_by_id)
    )


def _lines(statement: Any) -> tuple[ConcernLine, ...]:
    return tuple(_line(row) for row in db.session.execute(statement))


def _line(row: Any) -> ConcernLine:
    one: SafeguardingConcern = row.SafeguardingConcern
    return ConcernLine(
        concern_id=one.id,
        kind=one.kind,
        words=one.words,
        phoned=one.phoned,
        child_ref=row.child_ref,
        plan_type=row.plan_type.label,
        team=row.team,
        review_id=one.review_id,
        may_open_review=bool(row.may_open),
        raised_at=one.raised_at,
        raised_by_id=one.raised_by_id,
        raised_by=row.raised_by,
        acknowledge=Clock(one.acknowledge_due_at, one.acknowledged_at, one.raised_at),
        acknowledged_by=row.acknowledged_by,
        safe=Clock(one.safe_due_at, one.safe_at, one.raised_at) if one.safe_due_at else None,
        safe_at=one.safe_at,
        safe_by=row.safe_by,
        safety_action=one.safety_action,
        closed_at=one.closed_at,
        closed_by=row.closed_by,
        closing_words=one.closing_words,
        has_climbed=one.acknowledge_climbed_at is not None or one.safe_climbed_at is not None,
    )
