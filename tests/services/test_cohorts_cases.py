"""What is done about cases after the draw: reserves in order, time by rank, exemptions by two, a close in words."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohorts import CaseSource, CohortState, ReviewState
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.models.accounts import User
from qa_app.models.caseload import Child
from qa_app.models.cohorts import Cohort, CohortCase, CohortCaseChange, CohortForm
from qa_app.models.improvement import PlanAction
from qa_app.models.organisation import Practitioner, Team
from qa_app.models.reviews import Review
from qa_app.queries.cohorts import get_board
from qa_app.queries.cohorts_cases import (
    get_case_page,
    get_own_case_page,
    list_cohorts_of_action,
    list_requests,
)
from qa_app.queries.cohorts_selection import get_selection_page
from qa_app.queries.reviews_own import list_my_reviews
from qa_app.services.cohorts_allocation import allocate_cohort
from qa_app.services.cohorts_cases import (
    ask_for_exemption,
    ask_for_more_time,
    close_cohort,
    decide_request,
    extend_case,
    replace_case,
)
from qa_app.services.reviews_submission import submit_review
from tests.builders import make_user, viewer_of
from tests.builders_caseload import make_case, make_caseload
from tests.builders_cohorts import AT, make_cohort
from tests.builders_improvement import keep_plan, plan_file

pytestmark = pytest.mark.database
DUE = date(2026, 11, 30)


def ref_of(session: Session, case: CohortCase) -> str:
    return session.get_one(Child, case.child_id).ref


def one_plan_cohort(size: int = 3, n: int = 6) -> Cohort:
    """A cohort of children in need, no team in common with any auditor."""
    return make_cohort(
        make_caseload([make_case(f"child-{i}", team=None, worker=None) for i in range(n)]), size=size
    )


def cases_in(session: Session, cohort: Cohort) -> list[CohortCase]:
    statement = select(CohortCase).where(CohortCase.cohort_id == cohort.id).order_by(CohortCase.position)
    return list(session.scalars(statement))


@pytest.fixture
def lead(session: Session) -> User:
    return make_user("QA lead", Role.QA_LEAD)


@pytest.fixture
def auditor(session: Session) -> User:
    return make_user("Auditor", Role.AUDITOR)


@pytest.fixture
def allocated(session: Session, auditor: User) -> Cohort:
    cohort = one_plan_cohort()
    allocate_cohort(SYSTEM, cohort.id, [auditor.id], at=AT)
    return cohort


def managed_by_somebody(session: Session, user: User) -> User:
    manager = make_user("Line manager", Role.AUDITOR)
    team = Team(name="Audit team", manager_user_id=manager.id, created_at=AT)
    session.add(team)
    session.flush()
    session.add(Practitioner(name=user.name, team_id=team.id, user_id=user.id, created_at=AT))
    session.flush()
    return manager


def test_the_next_reserve_in_order_takes_the_place(session: Session, lead: User, allocated: Cohort) -> None:
    record = get_selection_page(SYSTEM, allocated.id).record
    expected = record.reserves("child_in_need")
    first, second, _ = cases_in(session, allocated)
    new = replace_case(viewer_of(lead), allocated.id, first.id, "The file is under legal hold", at=AT)
    assert ref_of(session, new) == expected[0]
    assert new.source is CaseSource.RESERVE
    assert "in place of" in new.reason
    assert first.set_aside_at == AT
    assert session.scalar(select(Review).where(Review.cohort_case_id == first.id)) is None
    assert allocated.state is CohortState.DRAWN
    newer = replace_case(viewer_of(lead), allocated.id, second.id, "Moved to another council", at=AT)
    assert ref_of(session, newer) == expected[1]
    board = get_board(viewer_of(lead), allocated.id, today=DUE)
    assert board.total.n_cases == 3
    assert len(board.set_aside) == 2
    page = get_case_page(viewer_of(lead), allocated.id, first.id)
    assert page.changes[0].reason == "The file is under legal hold"
    assert not page.is_open


def test_a_replaced_case_takes_no_part_in_allocation(session: Session, lead: User, allocated: Cohort) -> None:
    first = cases_in(session, allocated)[0]
    new = replace_case(viewer_of(lead), allocated.id, first.id, "Cannot be opened", at=AT)
    given = allocate_cohort(SYSTEM, allocated.id, [make_user("Another").id], at=AT)
    assert new.id in given.auditor_by_case
    assert first.id not in given.auditor_by_case
    assert allocated.state is CohortState.ALLOCATED


def test_without_a_reserve_or_with_words_written_nothing_is_replaced(session: Session, lead: User) -> None:
    cohort = one_plan_cohort(size=2, n=2)
    allocate_cohort(SYSTEM, cohort.id, [make_user().id], at=AT)
    first, second = cases_in(session, cohort)
    with pytest.raises(Conflict, match="No reserve is left"):
        replace_case(viewer_of(lead), cohort.id, first.id, "No", at=AT)
    review = session.scalars(select(Review).where(Review.cohort_case_id == second.id)).one()
    review.form_version_id = session.scalar(select(CohortForm.form_version_id))
    review.state = ReviewState.IN_PROGRESS
    session.flush()
    with pytest.raises(Conflict, match="has been begun"):
        replace_case(viewer_of(lead), cohort.id, second.id, "No", at=AT)
    with pytest.raises(Invalid, match="Say why"):
        replace_case(viewer_of(lead), cohort.id, first.id, "  ", at=AT)
    assert not session.scalars(select(CohortCaseChange)).all()


def test_a_line_manager_gives_up_to_a_week_and_the_lead_more(
    session: Session, lead: User, auditor: User, allocated: Cohort
) -> None:
    manager = managed_by_somebody(session, auditor)
    first, second, _ = cases_in(session, allocated)
    extend_case(viewer_of(manager), allocated.id, first.id, DUE + timedelta(days=7), "Sick leave", at=AT)
    assert first.due_on == DUE + timedelta(days=7)
    with pytest.raises(NotAllowed, match="up to 7 days"):
        extend_case(viewer_of(manager), allocated.id, second.id, DUE + timedelta(days=8), "Longer", at=AT)
    extend_case(viewer_of(lead), allocated.id, second.id, DUE + timedelta(days=21), "Court", at=AT)
    board = get_board(viewer_of(lead), allocated.id, today=DUE + timedelta(days=8))
    assert [each.is_late for each in board.cases] == [True, False, True]
    assert board.total.n_extended == 2
    with pytest.raises(NotAllowed, match="themselves"):
        extend_case(viewer_of(auditor), allocated.id, second.id, DUE + timedelta(days=25), "Mine", at=AT)
    with pytest.raises(NotFound):
        extend_case(
            viewer_of(make_user("Stranger")), allocated.id, second.id, DUE + timedelta(days=25), "x", at=AT
        )
    with pytest.raises(Invalid, match="later day"):
        extend_case(viewer_of(lead), allocated.id, second.id, DUE, "Earlier", at=AT)


def test_time_is_asked_for_and_decided_once(
    session: Session, lead: User, auditor: User, allocated: Cohort
) -> None:
    manager = managed_by_somebody(session, auditor)
    case = cases_in(session, allocated)[0]
    review = session.scalars(select(Review).where(Review.cohort_case_id == case.id)).one()
    change = ask_for_more_time(viewer_of(auditor), review.id, DUE + timedelta(days=5), "Leave", at=AT)
    with pytest.raises(Conflict, match="asked already"):
        ask_for_more_time(viewer_of(auditor), review.id, DUE + timedelta(days=6), "Leave", at=AT)
    assert [line.change_id for line in list_requests(viewer_of(manager))] == [change.id]
    assert [line.change_id for line in list_requests(viewer_of(lead))] == [change.id]
    assert list_requests(viewer_of(auditor)) == ()
    assert list_requests(viewer_of(make_user("Director", Role.DIRECTOR))) == ()
    with pytest.raises(Invalid, match="Say why"):
        decide_request(viewer_of(manager), change.id, is_approved=False, reason="", at=AT)
    decide_request(viewer_of(manager), change.id, is_approved=True, reason="", at=AT)
    assert case.due_on == DUE + timedelta(days=5)
    with pytest.raises(Conflict, match="decided this already"):
        decide_request(viewer_of(lead), change.id, is_approved=False, reason="No", at=AT)
    with pytest.raises(NotFound):
        ask_for_more_time(viewer_of(make_user("Other")), review.id, DUE + timedelta(days=9), "x", at=AT)


def test_an_exemption_takes_a_second_person_who_may(
    session: Session, lead: User, auditor: User, allocated: Cohort
) -> None:
    case = cases_in(session, allocated)[0]
    change = ask_for_exemption(viewer_of(lead), allocated.id, case.id, "Transferred out", at=AT)
    with pytest.raises(NotAllowed, match="second person"):
        decide_request(viewer_of(lead), change.id, is_approved=True, reason="", at=AT)
    with pytest.raises(NotAllowed, match="second person"):
        decide_request(viewer_of(auditor), change.id, is_approved=True, reason="", at=AT)
    director = make_user("Director", Role.DIRECTOR)
    assert [line.change_id for line in list_requests(viewer_of(director))] == [change.id]
    decide_request(viewer_of(director), change.id, is_approved=True, reason="", at=AT)
    assert case.set_aside_at == AT
    assert get_board(viewer_of(lead), allocated.id, today=DUE).total.n_cases == 2
    with pytest.raises(NotAllowed):
        ask_for_exemption(
            viewer_of(make_user("Other")), allocated.id, cases_in(session, allocated)[1].id, "x", at=AT
        )


def test_a_refused_exemption_leaves_the_case(
    session: Session, auditor: User, lead: User, allocated: Cohort
) -> None:
    case = cases_in(session, allocated)[0]
    review = session.scalars(select(Review).where(Review.cohort_case_id == case.id)).one()
    page = get_own_case_page(viewer_of(auditor), review.id)
    change = ask_for_exemption(viewer_of(auditor), page.cohort_id, page.case_id, "Too long", at=AT)
    decide_request(viewer_of(lead), change.id, is_approved=False, reason="It can be read in parts", at=AT)
    assert case.set_aside_at is None
    assert (
        get_own_case_page(viewer_of(auditor), review.id).changes[0].decision_reason
        == "It can be read in parts"
    )


def test_a_cohort_closes_with_what_was_not_done_in_words(
    session: Session, lead: User, allocated: Cohort
) -> None:
    with pytest.raises(Invalid, match="3 of 3 reviews are not submitted"):
        close_cohort(viewer_of(lead), allocated.id, "", at=AT)
    close_cohort(viewer_of(lead), allocated.id, "Two auditors were on leave.", at=AT)
    board = get_board(viewer_of(lead), allocated.id, today=DUE)
    assert (board.state, board.closing_note) == (CohortState.CLOSED, "Two auditors were on leave.")
    case = cases_in(session, allocated)[0]
    for refused in (
        lambda: replace_case(viewer_of(lead), allocated.id, case.id, "Late", at=AT),
        lambda: extend_case(viewer_of(lead), allocated.id, case.id, DUE + timedelta(days=3), "Late", at=AT),
        lambda: close_cohort(viewer_of(lead), allocated.id, "Again", at=AT),
        lambda: allocate_cohort(viewer_of(lead), allocated.id, [make_user().id], at=AT),
    ):
        with pytest.raises(Conflict, match="closed"):
            refused()


def test_a_census_has_nobody_in_reserve(session: Session, lead: User) -> None:
    upload = make_caseload([make_case(f"child-{n}", PlanType.CHILD_IN_NEED) for n in range(3)])
    cohort = make_cohort(upload, size=None, look_back_months=0)
    cases = cases_in(session, cohort)
    assert [case.source for case in cases] == [CaseSource.CENSUS] * 3
    with pytest.raises(Conflict, match="No reserve"):
        replace_case(viewer_of(lead), cohort.id, cases[0].id, "Cannot be opened", at=AT)


def test_a_case_set_aside_leaves_the_reviewers_list_and_cannot_be_handed_in(
    session: Session, auditor: User, lead: User, allocated: Cohort
) -> None:
    first, second, _ = cases_in(session, allocated)
    extend_case(viewer_of(lead), allocated.id, second.id, DUE + timedelta(days=3), "Court", at=AT)
    review = session.scalars(select(Review).where(Review.cohort_case_id == first.id)).one()
    before = list_my_reviews(viewer_of(auditor))
    assert sorted(line.due_on for line in before.to_do) == [DUE, DUE, DUE + timedelta(days=3)]
    change = ask_for_exemption(viewer_of(auditor), allocated.id, first.id, "Moved away", at=AT)
    decide_request(viewer_of(lead), change.id, is_approved=True, reason="", at=AT)
    assert len(list_my_reviews(viewer_of(auditor)).to_do) == 2
    with pytest.raises(Conflict, match="can no longer be handed in"):
        submit_review(viewer_of(auditor), review.id, at=AT)
    close_cohort(viewer_of(lead), allocated.id, "The month is over.", at=AT)
    assert not list_my_reviews(viewer_of(auditor)).to_do


def test_a_cohort_shows_its_progress_on_the_action_it_delivers(session: Session) -> None:
    keep_plan(plan_file())
    action = session.scalars(select(PlanAction).where(PlanAction.ref == "1.1")).one()
    upload = make_caseload([make_case(f"child-{n}") for n in range(4)])
    cohort = make_cohort(upload, size=3, plan_action_id=action.id)
    (line,) = list_cohorts_of_action(SYSTEM, action.id)
    assert (line.cohort_id, line.n_submitted, line.n_cases, line.is_open) == (cohort.id, 0, 3, True)
    lead = make_user("Action lead", Role.ACTION_LEAD)
    assert list_cohorts_of_action(viewer_of(lead), action.id) == ()
