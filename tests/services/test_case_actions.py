"""Actions for children: who may do what, in which order, and that nobody verifies their own work."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qa_app.domain.access import Role
from qa_app.domain.case_action_filters import Asked
from qa_app.domain.case_actions import Impact, Priority, Timing
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.domain.notices import NoticeKind
from qa_app.models.case_actions import CaseAction
from qa_app.models.history import HistoryEntry
from qa_app.models.notices import Notice
from qa_app.queries.case_actions import get_register
from qa_app.services.case_actions import (
    check_impact,
    finish_case_action,
    name_owner,
    update_case_action,
    verify_case_action,
    withdraw_case_action,
)
from qa_app.services.case_actions_reminders import chase_late, remind_of_case_actions
from qa_app.services.reviews_submission import submit_review
from tests.builders import AT, make_user, viewer_of
from tests.builders_case_work import Place, make_place
from tests.builders_reviews import fill

pytestmark = pytest.mark.database


@pytest.fixture
def place(session: Session) -> Place:
    return make_place()


def told(session: Session, action: CaseAction) -> list[int]:
    """Who was told of an action, in order."""
    mine = (Notice.kind == NoticeKind.CASE_ACTION, Notice.subject_id == action.id)
    return list(session.scalars(select(Notice.user_id).where(*mine).order_by(Notice.id)))


def actions_of(session: Session, action: CaseAction) -> list[str]:
    mine = (HistoryEntry.subject_kind == "case_action", HistoryEntry.subject_id == action.id)
    return list(session.scalars(select(HistoryEntry.action).where(*mine).order_by(HistoryEntry.id)))


def verify(place: Place, action: CaseAction, *, by: object, accepted: bool = True, words: str = "") -> None:
    verify_case_action(viewer_of(by), action.id, Timing(), is_accepted=accepted, words=words, at=AT)  # type: ignore[arg-type]


def test_a_critical_one_reaches_the_team_at_once_and_the_others_with_the_submission(
    session: Session, place: Place
) -> None:
    critical = place.act(priority=Priority.CRITICAL, owner=place.worker)
    waiting = place.act("Write the chronology.", Priority.HIGH)
    assert critical.told_at == AT
    assert critical.due_at == AT + timedelta(hours=24)
    assert set(told(session, critical)) == {place.worker.id, place.manager.id}
    assert waiting.told_at is None
    assert told(session, waiting) == []
    assert [line.words for line in get_register(viewer_of(place.manager), Asked(), at=AT).lines] == [
        "See the child alone."
    ]
    later = AT + timedelta(days=3)
    fill(viewer_of(place.auditor), place.review, later)
    submit_review(viewer_of(place.auditor), place.review.id, at=later)
    assert waiting.told_at == later
    # 27 November 2026 is a Friday: five working days on is Friday 4 December, to its end.
    assert waiting.due_at.date() == date(2026, 12, 4)
    assert told(session, waiting) == [place.manager.id]


def test_an_owner_is_of_the_childs_team(session: Session, place: Place) -> None:
    stranger = make_user("Stranger", Role.PRACTITIONER)
    with pytest.raises(Invalid, match="child's team"):
        place.act(owner=stranger)
    with pytest.raises(Invalid, match="has to be done"):
        place.act("   ")
    assert session.scalars(select(CaseAction)).all() == []
    action = place.act(priority=Priority.CRITICAL)
    with pytest.raises(Invalid, match="child's team"):
        name_owner(viewer_of(place.manager), action.id, stranger.id, at=AT)
    with pytest.raises(NotFound):
        name_owner(viewer_of(place.worker), action.id, place.worker.id, at=AT)
    name_owner(viewer_of(place.manager), action.id, place.worker.id, at=AT)
    assert action.owner_id == place.worker.id
    assert told(session, action)[-1] == place.worker.id


def test_from_raised_to_its_effect(session: Session, place: Place) -> None:
    action = place.act(priority=Priority.CRITICAL, owner=place.worker)
    worker, manager = viewer_of(place.worker), viewer_of(place.manager)
    update_case_action(worker, action.id, "Visit arranged for tomorrow.", at=AT)
    finish_case_action(worker, action.id, "Seen alone on 25 November: case note of that day.", at=AT)
    assert told(session, action)[-1] == place.auditor.id
    with pytest.raises(Conflict, match="moved on"):
        update_case_action(worker, action.id, "Once more.", at=AT)
    verify(place, action, by=place.manager)
    assert action.impact_due_on == date(2026, 12, 22)
    with pytest.raises(Invalid, match="later day"):
        check_impact(manager, action.id, Impact.TOO_SOON, "Only just done.", None, at=AT)
    check_impact(manager, action.id, Impact.TOO_SOON, "Only just done.", date(2027, 1, 20), at=AT)
    assert action.impact_due_on == date(2027, 1, 20)
    check_impact(manager, action.id, Impact.YES, "The child asks for the worker by name.", None, at=AT)
    with pytest.raises(Conflict):
        check_impact(manager, action.id, Impact.NO, "After all not.", None, at=AT)
    assert actions_of(session, action) == [
        "case_action.raised",
        "case_action.updated",
        "case_action.done",
        "case_action.verified",
        "case_action.checked_the_impact",
        "case_action.checked_the_impact",
    ]


def test_nobody_verifies_what_is_theirs_to_do_or_what_they_did(session: Session, place: Place) -> None:
    action = place.act(priority=Priority.CRITICAL, owner=place.manager)
    finish_case_action(viewer_of(place.manager), action.id, "Done: case note.", at=AT)
    with pytest.raises(NotAllowed, match="cannot verify"):
        verify(place, action, by=place.manager)
    other = place.act("Ring the school.", Priority.CRITICAL, place.worker)
    # The manager reports it in the worker's stead: neither may verify it then.
    finish_case_action(viewer_of(place.manager), other.id, "Rung: case note.", at=AT)
    for person in (place.manager, place.worker):
        with pytest.raises(NotAllowed):
            verify(place, other, by=person)
    verify(place, other, by=place.head)
    with pytest.raises(NotAllowed):
        check_impact(viewer_of(place.worker), other.id, Impact.YES, "It did.", None, at=AT)


@pytest.mark.parametrize("column", ["owner_id", "done_by_id"])
def test_the_database_refuses_it_as_well(session: Session, place: Place, column: str) -> None:
    action = place.act(priority=Priority.CRITICAL, owner=place.worker)
    finish_case_action(viewer_of(place.worker), action.id, "Done: case note.", at=AT)
    verify(place, action, by=place.manager)
    session.flush()
    changed = update(CaseAction).where(CaseAction.id == action.id).values({column: place.manager.id})
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(changed)


def test_what_is_sent_back_is_open_again_with_the_reason(session: Session, place: Place) -> None:
    action = place.act(priority=Priority.CRITICAL, owner=place.worker)
    finish_case_action(viewer_of(place.worker), action.id, "Done.", at=AT)
    with pytest.raises(Invalid, match="still missing"):
        verify(place, action, by=place.auditor, accepted=False)
    verify(place, action, by=place.auditor, accepted=False, words="No case note of the visit.")
    assert (action.done_at, action.n_sent_back) == (None, 1)
    assert told(session, action)[-1] == place.worker.id
    line = get_register(viewer_of(place.worker), Asked(), at=AT).lines[0]
    assert (line.said, line.n_sent_back) == ("Sent back: No case note of the visit.", 1)
    finish_case_action(viewer_of(place.worker), action.id, "Case note of 24 November.", at=AT)
    verify(place, action, by=place.auditor)


def test_taking_back(session: Session, place: Place) -> None:
    draft = place.act()
    withdraw_case_action(viewer_of(place.auditor), draft.id, "Written twice.", at=AT)
    known = place.act(priority=Priority.CRITICAL)
    with pytest.raises(NotAllowed, match="QA lead"):
        withdraw_case_action(viewer_of(place.auditor), known.id, "Written twice.", at=AT)
    lead = make_user("Lead", Role.QA_LEAD)
    with pytest.raises(Invalid, match="why"):
        withdraw_case_action(viewer_of(lead), known.id, " ", at=AT)
    withdraw_case_action(viewer_of(lead), known.id, "Another child's.", at=AT)
    fill(viewer_of(place.auditor), place.review, AT)
    submit_review(viewer_of(place.auditor), place.review.id, at=AT)
    assert draft.told_at is None, "what was taken back never reaches the team"


def test_strangers_see_nothing_and_change_nothing(session: Session, place: Place) -> None:
    action = place.act(priority=Priority.CRITICAL, owner=place.worker)
    elsewhere = make_place()
    for person in (elsewhere.manager, elsewhere.worker, elsewhere.head, elsewhere.auditor):
        viewer = viewer_of(person)
        assert get_register(viewer, Asked(), at=AT).lines == ()
        with pytest.raises(NotFound):
            update_case_action(viewer, action.id, "Hello.", at=AT)
    with pytest.raises(NotAllowed):
        get_register(viewer_of(make_user("Board", Role.BOARD_MEMBER)), Asked(), at=AT)


def test_the_ladder_of_reminders(session: Session, place: Place) -> None:
    action = place.act("Write the chronology.", Priority.STANDARD, place.worker)
    fill(viewer_of(place.auditor), place.review, AT)
    submit_review(viewer_of(place.auditor), place.review.id, at=AT)
    n = len(told(session, action))
    due = action.due_at
    assert remind_of_case_actions(at=due - timedelta(days=6)) == 0
    assert remind_of_case_actions(at=due - timedelta(days=4)) == 1
    assert remind_of_case_actions(at=due - timedelta(days=3)) == 0, "each step once"
    assert remind_of_case_actions(at=due + timedelta(hours=1)) == 2
    assert remind_of_case_actions(at=due + timedelta(days=8)) == 3
    assert remind_of_case_actions(at=due + timedelta(days=90)) == 0
    assert told(session, action)[n:] == [
        place.worker.id,
        place.worker.id,
        place.manager.id,
        place.worker.id,
        place.manager.id,
        place.head.id,
    ]


def test_chasing_by_hand_tells_nobody_twice_in_a_day(session: Session, place: Place) -> None:
    action = place.act(priority=Priority.CRITICAL, owner=place.worker)
    elsewhere = make_place()
    elsewhere.act(priority=Priority.CRITICAL, owner=elsewhere.worker)
    late = AT + timedelta(days=3)
    head = viewer_of(place.head)
    assert chase_late(head, Asked(), at=late) == (1, 1)
    assert chase_late(head, Asked(), at=late + timedelta(hours=5)) == (0, 0)
    assert chase_late(head, Asked(), at=late + timedelta(hours=30)) == (1, 1)
    assert actions_of(session, action).count("case_action.chased") == 2
    with pytest.raises(NotAllowed):
        chase_late(viewer_of(place.worker), Asked(), at=late)
