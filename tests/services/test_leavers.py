"""Leaving: the work goes on, item by item or all at once, and the account closes when the last day is over."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role, Viewer
from qa_app.domain.boards import Marking, ReportKind
from qa_app.domain.case_actions import Priority
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.domain.leavers import WorkKind, is_over
from qa_app.domain.plan_people import LeadKind
from qa_app.extensions import db
from qa_app.models.accounts import User, UserSession
from qa_app.models.boards import Board, ReportDraft
from qa_app.models.case_actions import CaseAction
from qa_app.models.caseload import CaseFlag
from qa_app.models.history import HistoryEntry
from qa_app.models.improvement import ActionLead
from qa_app.models.leavers import Leaving
from qa_app.models.organisation import Practitioner
from qa_app.models.reviews import AnswerRow
from qa_app.queries.leavers import get_leaving_page, list_leavers, list_open_work, list_people_who_stay
from qa_app.services import accounts
from qa_app.services.improvement_leads import assign_lead
from qa_app.services.leavers import (
    HandOverOutcome,
    cancel_leaving,
    change_last_day,
    close_left_accounts,
    hand_over,
    mark_leaving,
)
from qa_app.services.reviews_submission import submit_review
from tests.builders import AT, make_service_area, make_team, make_user, viewer_of
from tests.builders_case_work import make_place
from tests.builders_improvement import action_of, published_plan
from tests.builders_reviews import fill
from tests.builders_ties import hand_in, make_practitioner, make_tied_case, name_officer

pytestmark = pytest.mark.database
TODAY = date(2026, 11, 24)
FRIDAY = TODAY + timedelta(days=3)


@pytest.fixture
def lead(session: Session) -> Viewer:
    make_user("Administrator", Role.ADMINISTRATOR)
    return viewer_of(make_user("Lead", Role.QA_LEAD))


def leaves(lead: Viewer, user: User, last_day: date = FRIDAY) -> Leaving:
    return mark_leaving(lead, user.id, last_day, "Moves to another council.", today=TODAY, at=AT)


def give(lead: Viewer, leaving: Leaving, to: User | None, keys: list[str] | None = None) -> HandOverOutcome:
    return hand_over(
        lead, leaving.id, keys, to.id if to else None, "Takes over the desk.", today=TODAY, at=AT
    )


def actions_of(session: Session, kind: str, subject_id: int) -> list[str]:
    return list(
        session.scalars(
            select(HistoryEntry.action)
            .where(HistoryEntry.subject_kind == kind, HistoryEntry.subject_id == subject_id)
            .order_by(HistoryEntry.id)
        )
    )


def to_do_for_a_child(leaver: User, successor: User) -> CaseAction:
    """An action for a child that the leaver has to do; the successor works in the same team."""
    place = make_place()
    for user in (leaver, successor):
        worker = session_practitioner(user)
        worker.team_id = place.team.id
    return place.act(priority=Priority.CRITICAL, owner=leaver)


def session_practitioner(user: User) -> Practitioner:
    """The practitioner that a user is."""
    return db.session.scalars(select(Practitioner).where(Practitioner.user_id == user.id)).one()


def test_everything_open_is_listed_and_goes_to_one_person(session: Session, lead: Viewer) -> None:
    leaver, successor = make_user("Leaver"), make_user("Successor")
    supervisor, new_supervisor = make_practitioner(leaver), make_practitioner(successor)
    area = make_service_area()
    team = make_team(service_area=area)
    area.head_user_id = team.manager_user_id = leaver.id
    supervised = make_practitioner(supervisor=supervisor)
    tied = make_tied_case(leaver)
    done = make_tied_case(leaver)
    hand_in(done)
    flag = name_officer(make_tied_case(make_user("Another")), supervisor, date(2026, 1, 5))
    action = action_of(published_plan().plan_id, "1.1.1")
    assign_lead(SYSTEM, action.id, leaver.id, LeadKind.OPERATIONAL, at=AT)
    to_do = to_do_for_a_child(leaver, successor)
    leaving = leaves(lead, leaver)
    work = list_open_work(lead, leaver.id)
    assert {item.kind for item in work} == set(WorkKind)
    assert len(work) == len(WorkKind), "what is handed in is no open work"
    outcome = give(lead, leaving, successor)
    assert (outcome.n_done, outcome.refused) == (len(WorkKind), ())
    assert list_open_work(lead, leaver.id) == ()
    assert tied.review.reviewer_id == successor.id
    assert (team.manager_user_id, area.head_user_id) == (successor.id, successor.id)
    assert supervised.supervisor_id == new_supervisor.id
    assert (flag.ends_on, flag.practitioner_id) == (TODAY, supervisor.id)
    taken = session.scalars(select(CaseFlag).where(CaseFlag.practitioner_id == new_supervisor.id)).one()
    assert (taken.child_id, taken.starts_on, taken.ends_on) == (flag.child_id, TODAY, None)
    leads = session.scalars(select(ActionLead.user_id).where(ActionLead.removed_at.is_(None))).all()
    assert leads == [successor.id]
    assert to_do.owner_id == successor.id
    assert actions_of(session, "user", leaver.id).count("handed over work") == len(WorkKind)
    assert actions_of(session, "user", successor.id).count("took over work") == len(WorkKind)
    assert actions_of(session, "review", tied.review.id)[-1] == "handed over"
    page = get_leaving_page(lead, leaving.id)
    assert {line.to for line in page.handed_over} == {"Successor"}


def test_a_started_review_keeps_who_wrote_what_and_is_finished_by_the_successor(
    session: Session, lead: Viewer
) -> None:
    leaver, successor = make_user("Leaver"), make_user("Successor")
    tied = make_tied_case(leaver)
    fill(viewer_of(leaver), tied.review, AT)
    give(lead, leaves(lead, leaver), successor, [f"review-{tied.review.id}"])
    writers = set(session.scalars(select(AnswerRow.saved_by_id).where(AnswerRow.review_id == tied.review.id)))
    assert writers == {leaver.id}
    with pytest.raises(NotFound):
        submit_review(viewer_of(leaver), tied.review.id, at=AT)
    assert submit_review(viewer_of(successor), tied.review.id, at=AT).is_done


def test_a_tie_or_a_missing_role_stops_that_piece_alone(session: Session, lead: Viewer) -> None:
    leaver, worker, clerk = make_user("Leaver"), make_user("Worker"), make_user("Clerk", Role.DIRECTOR)
    tied = make_tied_case(leaver, worker=make_practitioner(worker))
    free = make_tied_case(leaver)
    leaving = leaves(lead, leaver)
    outcome = give(lead, leaving, worker)
    assert outcome.n_done == 1
    assert "is the child's worker" in outcome.refused[0].why
    assert (tied.review.reviewer_id, free.review.reviewer_id) == (leaver.id, worker.id)
    assert "no role that reviews" in give(lead, leaving, clerk).refused[0].why
    assert "always has a reviewer" in give(lead, leaving, None).refused[0].why


def test_what_cannot_be_meant_is_refused_in_words(session: Session, lead: Viewer) -> None:
    leaver, other = make_user("Leaver"), make_user("Other")
    tied = make_tied_case(leaver)
    leaving = leaves(lead, leaver)
    key = f"review-{tied.review.id}"
    with pytest.raises(Invalid, match="Choose what"):
        give(lead, leaving, other, ["review-999999"])
    with pytest.raises(Invalid, match="not leaving"):
        give(lead, leaving, leaver, [key])
    leaves(lead, other)
    with pytest.raises(Invalid, match="not leaving"):
        give(lead, leaving, other, [key])
    with pytest.raises(Invalid, match="reason"):
        hand_over(lead, leaving.id, None, make_user("Third").id, " ", today=TODAY, at=AT)
    with pytest.raises(Conflict, match="already"):
        leaves(lead, leaver)
    with pytest.raises(Invalid, match="last day"):
        leaves(lead, make_user("Far"), TODAY + timedelta(days=5000))
    with pytest.raises(NotAllowed):
        leaves(viewer_of(other), leaver)
    with pytest.raises(NotFound):
        give(lead, Leaving(id=999_999), other)


def test_a_ring_of_supervision_is_refused(session: Session, lead: Viewer) -> None:
    leaver, under = make_user("Leaver"), make_user("Under")
    over = make_practitioner(leaver)
    person = make_practitioner(under, supervisor=over)
    leaving = leaves(lead, leaver)
    assert "same person" in give(lead, leaving, under).refused[0].why
    assert "matched with no practitioner" in give(lead, leaving, make_user("No worker")).refused[0].why
    assert give(lead, leaving, None).n_done == 1
    assert person.supervisor_id is None


def test_the_account_closes_when_the_last_day_is_over(session: Session, lead: Viewer) -> None:
    leaver = make_user("Leaver")
    accounts.start_session(session, leaver.id, browser="test", at=AT)
    leaving = leaves(lead, leaver)
    assert (is_over(FRIDAY, FRIDAY), is_over(FRIDAY, FRIDAY + timedelta(days=1))) == (False, True)
    assert close_left_accounts(today=FRIDAY, at=AT) == 0
    assert close_left_accounts(today=FRIDAY + timedelta(days=1), at=AT) == 1
    assert close_left_accounts(today=FRIDAY + timedelta(days=1), at=AT) == 0
    assert not leaver.is_active
    assert leaving.closed_at == AT
    standing = session.scalars(select(UserSession).where(UserSession.user_id == leaver.id)).all()
    assert all(one.ended_at for one in standing)
    with pytest.raises(Conflict, match="have left"):
        cancel_leaving(lead, leaving.id, at=AT)


def test_work_can_be_handed_over_after_the_account_has_closed(session: Session, lead: Viewer) -> None:
    leaver = make_user("Leaver")
    tied = make_tied_case(leaver)
    leaving = leaves(lead, leaver, TODAY - timedelta(days=1))
    assert not leaver.is_active
    assert list_leavers(lead)[0].n_open == 1
    successor = make_user("Successor")
    assert give(lead, leaving, successor).n_done == 1
    assert tied.review.reviewer_id == successor.id


def test_what_nobody_hands_over_by_hand_is_told_with_what_becomes_of_it(
    session: Session, lead: Viewer
) -> None:
    leaver = make_user("Leaver")
    tied = make_tied_case(make_user("Another"), worker=make_practitioner(leaver))
    plan_id = published_plan().plan_id
    board = Board(name="Improvement board", purpose="", created_at=AT)
    session.add(board)
    session.flush()
    draft = ReportDraft(
        board_id=board.id,
        kind=next(iter(ReportKind)),
        plan_id=plan_id,
        as_at=TODAY,
        marking=Marking.RESTRICTED,
        title="Report of November",
        officer_id=leaver.id,
        prepared_at=AT,
        prepared_by_id=tied.review.reviewer_id,
    )
    session.add(draft)
    session.flush()
    leaving = leaves(lead, leaver)
    notes = " ".join(get_leaving_page(lead, leaving.id).notes)
    assert "worker of 1 child." in notes
    assert "Report of November" in notes
    draft.dropped_at = AT
    session.flush()
    assert "Report of November" not in " ".join(get_leaving_page(lead, leaving.id).notes)


def test_they_may_stay_after_all_and_leave_again_later(session: Session, lead: Viewer) -> None:
    leaver = make_user("Leaver")
    leaving = leaves(lead, leaver)
    assert (leaver.id, "Leaver") not in list_people_who_stay(lead)
    cancel_leaving(lead, leaving.id, at=AT)
    assert (leaver.id, "Leaver") in list_people_who_stay(lead)
    assert close_left_accounts(today=FRIDAY + timedelta(days=9), at=AT) == 0
    again = leaves(lead, leaver)
    change_last_day(lead, again.id, FRIDAY + timedelta(days=7), today=TODAY, at=AT)
    assert close_left_accounts(today=FRIDAY + timedelta(days=1), at=AT) == 0


def test_administrators_are_marked_by_administrators_and_the_last_one_stays(session: Session) -> None:
    first = make_user("First", Role.ADMINISTRATOR)
    administrator = viewer_of(first)
    lead = viewer_of(make_user("Lead", Role.QA_LEAD))
    with pytest.raises(Conflict, match="last administrator"):
        leaves(administrator, first)
    second = make_user("Second", Role.ADMINISTRATOR)
    with pytest.raises(NotAllowed):
        leaves(lead, second)
    leaving = leaves(administrator, second)
    accounts.close_account(SYSTEM, first.id, at=AT)
    assert close_left_accounts(today=FRIDAY + timedelta(days=1), at=AT) == 0, "nobody could sign in otherwise"
    assert second.is_active
    assert leaving.closed_at is None
