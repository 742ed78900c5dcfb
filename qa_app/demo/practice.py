"""The demonstration's people whose practice is reviewed: a practitioner, and a reviewing officer with children."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta

from qa_app.domain.access import SYSTEM, Viewer
from qa_app.domain.child_ties import REVIEWING_OFFICER_FLAG
from qa_app.domain.releases import ReleaseState
from qa_app.queries.case_flags import find_child
from qa_app.queries.cohorts import get_board, get_cohorts_page
from qa_app.queries.organisation_people import get_practitioners_page
from qa_app.queries.reviews_release import get_release_page
from qa_app.services import case_flags, organisation
from qa_app.services.reviews_release import hold_back_release, release_due_reviews

DAYS = 10
N_CHAIRED = 8
HELD_BECAUSE = "A complaint about this case is open: released when it is answered."


def release_round(due_on: date) -> int:
    """Let the reviews of a round release themselves, two weeks after they were due."""
    day = due_on + timedelta(days=14)
    return release_due_reviews(DAYS, at=datetime(day.year, day.month, day.day, 9, 0, tzinfo=UTC))


def match_practice(
    viewer_of: Callable[[str], Viewer], team: str, team_id: int, days: Iterable[date], *, at: datetime
) -> None:
    """Say which worker of a team the practitioner is, and of which children the reviewing officer."""
    lead = viewer_of("qa.lead")
    released = get_release_page(SYSTEM, ReleaseState.RELEASED, days=DAYS)
    counted = Counter(line.worker for line in released.lines if line.team == team and line.worker)
    listed = get_practitioners_page(SYSTEM, team_id=team_id).practitioners
    name = counted.most_common(1)[0][0] if counted else listed[0].name
    worker = next(line for line in listed if line.name == name)
    practitioner = viewer_of("practitioner")
    organisation.match_practitioner(SYSTEM, worker.practitioner_id, team_id, practitioner.user_id, at=at)
    chair = organisation.add_practitioner(SYSTEM, "Reviewing officer 1", None, at=at)
    officer = viewer_of("reviewing.officer")
    organisation.match_practitioner(SYSTEM, chair.id, None, officer.user_id, at=at)
    first = min(days)
    latest = get_cohorts_page(lead).cohorts[-1]
    for case in get_board(lead, latest.cohort_id, today=first).cases[:N_CHAIRED]:
        case_flags.raise_flag(
            lead,
            find_child(lead, case.child_ref),
            REVIEWING_OFFICER_FLAG,
            first,
            "Named in the case system.",
            at=at,
            practitioner_id=chair.id,
        )


def hold_one_back(lead: Viewer, *, at: datetime) -> None:
    """One of the reviews that wait is held back, with the reason."""
    waiting = get_release_page(lead, days=DAYS).lines
    if waiting:
        hold_back_release(lead, waiting[-1].review_id, HELD_BECAUSE, at=at)
