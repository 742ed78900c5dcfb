"""Allocation within what each can take on, managers' own reviews, and the least bad choice."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.capacity import Leave
from qa_app.domain.cohorts import CohortKind
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.models.cohorts import AuditorCapacity, AuditorLeave, CohortCase
from qa_app.models.organisation import Practitioner, Team
from qa_app.models.reviews import Review
from qa_app.queries.cohorts_auditors import list_capacity
from qa_app.services.cohorts_allocation import (
    allocate_cohort,
    allocate_to_managers,
    find_least_bad,
    reallocate_case,
)
from qa_app.services.cohorts_capacity import add_leave, drop_leave, set_capacity
from tests.builders import make_user, viewer_of
from tests.builders_caseload import make_case, make_caseload
from tests.builders_cohorts import AT, make_auditor_of, make_cohort

pytestmark = pytest.mark.database
NO_TEAM = [make_case(f"child-{n}", team=None, worker=None) for n in range(9)]


def test_nobody_is_given_more_than_they_can_take_on(session: Session) -> None:
    cohort = make_cohort(make_caseload(NO_TEAM), size=9)
    small, away, free = (make_user(name) for name in ("Small", "Away", "Free"))
    set_capacity(SYSTEM, small.id, 2, at=AT)
    add_leave(SYSTEM, away.id, Leave(date(2026, 11, 20), date(2026, 12, 31)), at=AT)
    given = allocate_cohort(SYSTEM, cohort.id, [small.id, away.id, free.id], at=AT)
    assert given.load_by_auditor == {small.id: 2, away.id: 0, free.id: 7}
    set_capacity(SYSTEM, free.id, 7, at=AT)
    other = make_cohort(make_caseload(NO_TEAM, sha256="b" * 64), size=1, month=date(2026, 11, 1))
    left = allocate_cohort(SYSTEM, other.id, [small.id, free.id], at=AT)
    assert "as many cases as they can" in left.unallocated[0].reason


def test_capacity_and_leave_are_kept_and_taken_back(session: Session) -> None:
    person = make_user("Auditor")
    set_capacity(SYSTEM, person.id, 4, at=AT)
    set_capacity(SYSTEM, person.id, 5, at=AT)
    leave = add_leave(SYSTEM, person.id, Leave(date(2026, 11, 25), date(2026, 11, 27)), at=AT)
    (line,) = list_capacity(SYSTEM, AT.date())
    assert (line.n_reviews, line.leave[0][0]) == (5, leave.id)
    assert line.room_between(date(2026, 11, 23), date(2026, 11, 27)) == 2
    drop_leave(SYSTEM, leave.id, at=AT)
    set_capacity(SYSTEM, person.id, None, at=AT)
    assert not session.scalars(select(AuditorCapacity)).all()
    assert not session.scalars(select(AuditorLeave)).all()
    with pytest.raises(NotAllowed):
        set_capacity(viewer_of(person), person.id, 1, at=AT)
    with pytest.raises(NotFound):
        set_capacity(SYSTEM, person.id + 99, 1, at=AT)
    with pytest.raises(NotFound):
        drop_leave(SYSTEM, leave.id, at=AT)
    with pytest.raises(Invalid):
        set_capacity(SYSTEM, person.id, 201, at=AT)


def test_in_a_managers_own_review_each_manager_reviews_their_own(session: Session) -> None:
    cases = [make_case("one", team="Team North"), make_case("two", team="Team South")]
    cohort = make_cohort(make_caseload(cases), size=None, kind=CohortKind.MANAGER_REVIEW, look_back_months=0)
    manager = make_user("Manager", Role.AUDITOR)
    session.scalars(select(Team).where(Team.name == "Team North")).one().manager_user_id = manager.id
    session.flush()
    assert not cohort.counts_in_rates
    given = allocate_to_managers(SYSTEM, cohort.id, at=AT)
    assert list(given.auditor_by_case.values()) == [manager.id]
    assert "no manager with an account" in given.unallocated[0].reason
    assert session.scalars(select(Review)).one().reviewer_id == manager.id
    supervisor = make_user("Supervisor")
    above = Practitioner(name="Supervisor", user_id=supervisor.id, created_at=AT)
    session.add(above)
    session.flush()
    south = session.scalars(select(Team).where(Team.name == "Team South")).one()
    worker = session.scalars(select(Practitioner).where(Practitioner.team_id == south.id)).one()
    worker.supervisor_id = above.id
    session.flush()
    assert supervisor.id in allocate_to_managers(SYSTEM, cohort.id, at=AT).auditor_by_case.values()
    with pytest.raises(Conflict, match="managers' own review"):
        allocate_to_managers(SYSTEM, make_cohort(make_caseload(NO_TEAM, sha256="c" * 64), size=1).id, at=AT)


def test_the_least_bad_choice_takes_an_approval_and_leaves_its_words(session: Session) -> None:
    upload = make_caseload([make_case("one", team="Team North", worker=None)])
    cohort = make_cohort(upload, size=1)
    case = session.scalars(select(CohortCase)).one()
    tied = make_auditor_of("Team North", "Tied")
    assert find_least_bad(SYSTEM, cohort.id, case.id) == (tied.id, "belongs to the case's team")
    with pytest.raises(Conflict, match="without a tie"):
        reallocate_case(SYSTEM, cohort.id, case.id, tied.id, "Nobody else", at=AT)
    reallocate_case(SYSTEM, cohort.id, case.id, tied.id, "Nobody else", despite_tie=True, at=AT)
    assert session.scalars(select(Review)).one().reviewer_id == tied.id
    make_user("Free")
    assert find_least_bad(SYSTEM, cohort.id, case.id) is None
    with pytest.raises(Conflict, match="without a tie"):
        reallocate_case(SYSTEM, cohort.id, case.id, tied.id, "Somebody is free", despite_tie=True, at=AT)
