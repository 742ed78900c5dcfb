"""Who is tied to a child, and what that keeps from them: auditing, and seeing the review before its release."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role, ScopeKind, Viewer
from qa_app.domain.child_ties import LOOK_BACK_DAYS, ChildTie
from qa_app.domain.cohorts import CohortKind
from qa_app.domain.errors import Conflict, NotFound
from qa_app.domain.findings import finding_draft
from qa_app.models.accounts import User
from qa_app.models.cohorts import Cohort
from qa_app.queries.cohorts import get_board
from qa_app.queries.cohorts_auditors import find_conflict, list_child_ties
from qa_app.queries.findings import get_finding_page
from qa_app.queries.reviews import get_review_sheet
from qa_app.services.cohorts_allocation import allocate_cohort, reallocate_case
from qa_app.services.findings import raise_finding
from qa_app.services.reviews_release import release_reviews
from qa_app.services.reviews_submission import submit_review
from tests.builders import AT, make_service_area, make_team, make_user, viewer_of
from tests.builders_reviews import fill
from tests.builders_ties import (
    TiedCase,
    hand_in,
    make_earlier_record,
    make_practitioner,
    make_tied_case,
    name_officer,
)

pytestmark = pytest.mark.database


def ties_of(tied: TiedCase, user: User) -> ChildTie | None:
    return list_child_ties(SYSTEM, tied.case.cohort_id).get(tied.case.id, {}).get(user.id)


def test_the_worker_their_supervisor_and_the_teams_manager_are_tied(session: Session) -> None:
    team = make_team()
    worker, supervisor, named, granted, stranger = (
        make_user(name) for name in ("Worker", "Supervisor", "Named", "Granted", "Stranger")
    )
    team.manager_user_id = named.id
    manager_by_role = make_user("By role", Role.TEAM_MANAGER, team=team)
    over = make_practitioner(supervisor)
    tied = make_tied_case(make_user("Reviewer"), team, make_practitioner(worker, team, over))
    assert ties_of(tied, worker) is ChildTie.WORKER
    assert ties_of(tied, supervisor) is ChildTie.SUPERVISOR
    assert ties_of(tied, named) is ChildTie.TEAM_MANAGER
    assert ties_of(tied, manager_by_role) is ChildTie.TEAM_MANAGER
    assert ties_of(tied, granted) is None
    assert ties_of(tied, stranger) is None


@pytest.mark.parametrize(
    ("days_before", "is_tied"), [(-30, True), (0, True), (LOOK_BACK_DAYS, True), (LOOK_BACK_DAYS + 1, False)]
)
def test_earlier_and_later_uploads_tie_within_twelve_months(
    session: Session, days_before: int, is_tied: bool
) -> None:
    worker, manager = make_user("Earlier worker"), make_user("Earlier manager")
    team = make_team("Earlier team")
    team.manager_user_id = manager.id
    tied = make_tied_case(make_user("Reviewer"))
    if days_before:
        day = tied.day - timedelta(days=days_before)
        make_earlier_record(tied, day, make_practitioner(worker), team)
    else:
        tied.record.practitioner_id, tied.record.team_id = make_practitioner(worker).id, team.id
    session.flush()
    assert (ties_of(tied, worker) is not None) == is_tied
    assert (ties_of(tied, manager) is not None) == is_tied


@pytest.mark.parametrize(
    ("ended_days_before", "is_tied"),
    [(None, True), (-10, True), (LOOK_BACK_DAYS - 1, True), (LOOK_BACK_DAYS, False)],
)
def test_a_reviewing_officer_is_tied_while_named_and_for_a_year_after(
    session: Session, ended_days_before: int | None, is_tied: bool
) -> None:
    officer = make_user("Officer", Role.REVIEWING_OFFICER)
    tied = make_tied_case(make_user("Reviewer"))
    ends = None if ended_days_before is None else tied.day - timedelta(days=ended_days_before)
    name_officer(tied, make_practitioner(officer), date(2020, 1, 1), ends)
    assert (ties_of(tied, officer) is ChildTie.REVIEWING_OFFICER) == is_tied


def test_nobody_tied_is_given_the_case_not_even_by_hand(session: Session) -> None:
    reviewer, worker, supervisor, officer = (
        make_user(name) for name in ("R", "Worker", "Supervisor", "Chair")
    )
    tied = make_tied_case(
        reviewer, worker=make_practitioner(worker, supervisor=make_practitioner(supervisor))
    )
    name_officer(tied, make_practitioner(officer), date(2026, 1, 1))
    cohort_id, case_id = tied.case.cohort_id, tied.case.id
    session.delete(tied.review)
    session.flush()
    given = allocate_cohort(SYSTEM, cohort_id, [worker.id, supervisor.id, officer.id], at=AT)
    assert given.auditor_by_case == {}
    for user, words in (
        (worker, "is the child's worker"),
        (supervisor, "supervises the child's worker"),
        (officer, "reviewing officer or conference chair"),
    ):
        assert words in given.unallocated[0].reason
        with pytest.raises(Conflict, match=words):
            reallocate_case(SYSTEM, cohort_id, case_id, user.id, "Free this week", at=AT)
        assert words in (find_conflict(SYSTEM, case_id, user.id) or "")
    assert find_conflict(SYSTEM, case_id, reviewer.id) is None


def test_a_round_of_managers_own_reviews_knows_no_conflict(session: Session) -> None:
    worker = make_user("Worker")
    tied = make_tied_case(make_user("R"), worker=make_practitioner(worker))
    session.get_one(Cohort, tied.case.cohort_id).kind = CohortKind.MANAGER_REVIEW
    session.flush()
    assert find_conflict(SYSTEM, tied.case.id, worker.id) is None
    assert list_child_ties(SYSTEM, tied.case.cohort_id) == {}


def test_a_reviewer_who_becomes_tied_keeps_the_words_and_hands_nothing_in(session: Session) -> None:
    reviewer = make_user("Reviewer")
    tied = make_tied_case(reviewer)
    viewer = viewer_of(reviewer)
    fill(viewer, tied.review, AT)
    make_earlier_record(tied, tied.day + timedelta(days=3), make_practitioner(reviewer))
    with pytest.raises(Conflict, match="who is the child's worker"):
        submit_review(viewer, tied.review.id, at=AT)
    assert get_review_sheet(viewer, tied.review.id).content.answers["seen_alone"].value == "yes"
    board = get_board(SYSTEM, tied.case.cohort_id, today=tied.day)
    assert [case.is_tied for case in board.cases] == [True]
    other = make_user("Other")
    reallocate_case(SYSTEM, tied.case.cohort_id, tied.case.id, other.id, "The child moved to her.", at=AT)
    assert submit_review(viewer_of(other), tied.review.id, at=AT).is_done


def test_a_started_review_stays_with_a_reviewer_who_is_there_and_not_tied(session: Session) -> None:
    reviewer, other = make_user("Reviewer"), make_user("Other")
    tied = make_tied_case(reviewer)
    fill(viewer_of(reviewer), tied.review, AT)
    with pytest.raises(Conflict, match="has been started"):
        reallocate_case(SYSTEM, tied.case.cohort_id, tied.case.id, other.id, "Faster.", at=AT)
    reviewer.is_active = False
    session.flush()
    reallocate_case(SYSTEM, tied.case.cohort_id, tied.case.id, other.id, "She left.", at=AT)
    assert tied.review.reviewer_id == other.id


def test_the_board_leads_nobody_tied_to_the_review(session: Session) -> None:
    lead = make_user("Lead", Role.QA_LEAD)
    tied = make_tied_case(make_user("Reviewer"), worker=make_practitioner(lead))
    hand_in(tied)
    day = tied.day

    def opens(user: User) -> list[bool]:
        return [case.may_open for case in get_board(viewer_of(user), tied.case.cohort_id, today=day).cases]

    assert opens(lead) == [False]
    assert opens(make_user("Another lead", Role.QA_LEAD)) == [True]
    release_reviews(SYSTEM, [tied.review.id], at=AT)
    assert opens(lead) == [True]


def refused(viewer: Viewer, tied: TiedCase, finding_id: int) -> bool:
    """Whether review and finding are both out of reach; one without the other fails the test."""
    found = []
    for read in (
        lambda: get_review_sheet(viewer, tied.review.id),
        lambda: get_finding_page(viewer, finding_id),
    ):
        try:
            read()
        except NotFound:
            found.append(True)
        else:
            found.append(False)
    assert len(set(found)) == 1
    return found[0]


@pytest.mark.parametrize("other_role", [Role.QA_LEAD, Role.DIRECTOR, Role.HEAD_OF_SERVICE, Role.MODERATOR])
def test_nobody_tied_reads_the_review_before_release_whatever_else_they_are(
    session: Session, other_role: Role
) -> None:
    area = make_service_area()
    team = make_team(service_area=area)
    reader = make_user("Reader", other_role, service_area=area)
    free = make_user("Free", other_role, service_area=area)
    tied = make_tied_case(make_user("Reviewer"), team, make_practitioner(reader, team))
    draft = finding_draft("strength", "minor", "She was heard.", [])
    finding_id = raise_finding(
        viewer_of(session.get_one(User, tied.review.reviewer_id)), tied.review.id, None, draft, at=AT
    )
    hand_in(tied)
    assert refused(viewer_of(reader), tied, finding_id)
    assert not refused(viewer_of(free), tied, finding_id)
    release_reviews(SYSTEM, [tied.review.id], at=AT)
    assert not refused(viewer_of(reader), tied, finding_id)


def test_a_team_manager_reads_after_release_and_a_head_of_service_from_submission(session: Session) -> None:
    area = make_service_area()
    team = make_team(service_area=area)
    manager = viewer_of(make_user("Manager", Role.TEAM_MANAGER, team=team))
    head = viewer_of(make_user("Head", Role.HEAD_OF_SERVICE, service_area=area))
    tied = make_tied_case(make_user("Reviewer"), team)
    hand_in(tied)
    assert get_review_sheet(head, tied.review.id).ref
    with pytest.raises(NotFound):
        get_review_sheet(manager, tied.review.id)
    release_reviews(SYSTEM, [tied.review.id], at=AT)
    assert get_review_sheet(manager, tied.review.id).release.released_at == AT


def test_a_practitioner_reads_their_own_released_review_and_no_other(session: Session) -> None:
    team = make_team()
    mine, colleague = (make_user(name, Role.PRACTITIONER) for name in ("Mine", "Colleague"))
    make_practitioner(colleague, team)
    tied = make_tied_case(make_user("Reviewer"), team, make_practitioner(mine, team))
    hand_in(tied)
    for viewer in (viewer_of(mine), viewer_of(colleague)):
        with pytest.raises(NotFound):
            get_review_sheet(viewer, tied.review.id)
    release_reviews(SYSTEM, [tied.review.id], at=AT)
    assert get_review_sheet(viewer_of(mine), tied.review.id).is_own_practice
    with pytest.raises(NotFound):
        get_review_sheet(viewer_of(colleague), tied.review.id)


def test_a_grant_over_the_area_or_the_whole_service_makes_a_manager_of_every_team_in_it(
    session: Session,
) -> None:
    area = make_service_area()
    team = make_team(service_area=area)
    tied = make_tied_case(make_user("Reviewer"), team)
    over_area = make_user("Area", Role.TEAM_MANAGER, ScopeKind.SERVICE_AREA, service_area=area)
    over_all = make_user("All", Role.TEAM_MANAGER, ScopeKind.WHOLE_SERVICE)
    elsewhere = make_user("Elsewhere", Role.TEAM_MANAGER, team=make_team("Other"))
    assert ties_of(tied, over_area) is ChildTie.TEAM_MANAGER
    assert ties_of(tied, over_all) is ChildTie.TEAM_MANAGER
    assert ties_of(tied, elsewhere) is None
