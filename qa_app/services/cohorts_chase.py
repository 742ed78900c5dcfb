"""Reminding the reviewers of a cohort of what is still open."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select

from qa_app.domain.access import Viewer
from qa_app.domain.cohort_rules import require_whole_service
from qa_app.domain.cohorts import CohortState, ReviewState
from qa_app.domain.dates import as_written
from qa_app.domain.errors import Conflict, NotFound
from qa_app.domain.notices import NoticeKind, chase_words
from qa_app.extensions import db
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.notices import Notice
from qa_app.models.reviews import Review
from qa_app.services import history
from qa_app.services.notices import tell


@dataclass(frozen=True)
class Chase:
    """What a reminder did: people told, their open reviews, and people left in peace because they were told today."""

    n_people: int
    n_reviews: int
    n_told_already: int


def chase_cohort(viewer: Viewer, cohort_id: int, *, at: datetime) -> Chase:
    """Remind everybody with an open review of a cohort, at most once a day each.

    Errors: NotAllowed, NotFound, Conflict for a closed cohort.
    """
    require_whole_service(viewer)
    cohort = db.session.get(Cohort, cohort_id)
    if cohort is None:
        raise NotFound()
    if cohort.state is CohortState.CLOSED:
        raise Conflict("This cohort is closed, so nobody is reminded.")
    due_on = func.coalesce(CohortCase.due_on, Cohort.due_on)
    rows = db.session.execute(
        select(Review.reviewer_id, due_on)
        .join(CohortCase, CohortCase.id == Review.cohort_case_id)
        .join(Cohort, Cohort.id == CohortCase.cohort_id)
        .where(
            CohortCase.cohort_id == cohort_id,
            CohortCase.set_aside_at.is_(None),
            Review.state != ReviewState.SUBMITTED,
        )
    )
    open_by_person: dict[int, list[date]] = defaultdict(list)
    for reviewer_id, due in rows:
        open_by_person[reviewer_id].append(due)
    told = _told_today(cohort_id, at)
    people = sorted(set(open_by_person) - told)
    for person in people:
        days = open_by_person[person]
        words = chase_words(len(days), cohort.title, as_written(min(days)))
        tell(viewer, person, NoticeKind.CHASE, words, "/reviews", about=("cohort", cohort_id), at=at)
    n_reviews = sum(len(open_by_person[person]) for person in people)
    if people:
        history.record(
            viewer, "reminded reviewers", "cohort", cohort_id, at=at,
            after={"people": len(people), "reviews": n_reviews},
        )  # fmt: skip
    return Chase(len(people), n_reviews, len(set(open_by_person) & told))


def _told_today(cohort_id: int, at: datetime) -> set[int]:
    start = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return set(
        db.session.scalars(
            select(Notice.user_id).where(
                Notice.kind == NoticeKind.CHASE,
                Notice.subject_kind == "cohort",
                Notice.subject_id == cohort_id,
                Notice.raised_at >= start,
                Notice.raised_at < start + timedelta(days=1),
            )
        )
    )
