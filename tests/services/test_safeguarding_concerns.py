"""Immediate concerns: clocks from the moment they are raised, a second person, and what climbs."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qa_app.domain.access import Role
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.domain.notices import NoticeKind
from qa_app.domain.safeguarding_concerns import ConcernKind
from qa_app.models.accounts import User
from qa_app.models.notices import Notice
from qa_app.models.safeguarding_concerns import SafeguardingConcern
from qa_app.queries.safeguarding_concerns import count_open_concerns, get_concern, get_concerns_page
from qa_app.services.safeguarding_concerns import (
    acknowledge_concern,
    climb_overdue,
    close_concern,
    make_safe,
)
from tests.builders import AT, make_user, viewer_of
from tests.builders_case_work import Place, make_place

pytestmark = pytest.mark.database


@pytest.fixture
def lead(session: Session) -> User:
    return make_user("Lead", Role.QA_LEAD)


@pytest.fixture
def place(session: Session, lead: User) -> Place:
    return make_place()


def told(session: Session, concern: SafeguardingConcern) -> list[int]:
    mine = (Notice.kind == NoticeKind.CONCERN, Notice.subject_id == concern.id)
    return list(session.scalars(select(Notice.user_id).where(*mine).order_by(Notice.id)))


def test_it_is_known_at_once_before_anything_is_submitted(session: Session, place: Place, lead: User) -> None:
    concern = place.worry()
    assert set(told(session, concern)) == {place.manager.id, place.head.id, lead.id}
    assert concern.acknowledge_due_at == AT + timedelta(hours=4)
    assert concern.safe_due_at == AT + timedelta(hours=24)
    for person in (place.manager, place.head, place.auditor, lead):
        assert get_concern(viewer_of(person), concern.id).line.words == "Not seen for seven weeks."
    assert not [words for words in session.scalars(select(Notice.words)) if "weeks" in words], (
        "mail names no child"
    )
    with pytest.raises(NotAllowed):
        get_concern(viewer_of(place.worker), concern.id)
    with pytest.raises(NotFound):
        get_concern(viewer_of(make_place().head), concern.id)


def test_a_second_person_records_what_keeps_the_child_safe(session: Session, place: Place) -> None:
    concern = place.worry()
    auditor, manager, head = (viewer_of(each) for each in (place.auditor, place.manager, place.head))
    with pytest.raises(Conflict, match="second person"):
        close_concern(auditor, concern.id, "All well.", at=AT)
    with pytest.raises(NotAllowed, match="second person"):
        make_safe(auditor, concern.id, "I rang them.", at=AT)
    with pytest.raises(NotAllowed, match="head of service"):
        acknowledge_concern(manager, concern.id, at=AT)
    acknowledge_concern(head, concern.id, at=AT + timedelta(hours=1))
    with pytest.raises(Conflict, match="already"):
        acknowledge_concern(head, concern.id, at=AT)
    with pytest.raises(Invalid, match="what makes the child safe"):
        make_safe(manager, concern.id, "  ", at=AT)
    make_safe(manager, concern.id, "Seen at home today by the duty worker.", at=AT + timedelta(hours=5))
    with pytest.raises(Conflict):
        make_safe(manager, concern.id, "Again.", at=AT)
    close_concern(auditor, concern.id, "Read the record of the visit.", at=AT + timedelta(hours=6))
    page = get_concerns_page(head, at=AT + timedelta(days=2))
    assert (page.open, page.n_all) == ((), 1)
    assert (page.n_acknowledged_in_time, page.n_acknowledge_known) == (1, 1)
    assert (page.n_safe_in_time, page.n_safe_known) == (1, 1)


def test_a_manager_who_raises_one_needs_somebody_else(session: Session, place: Place) -> None:
    concern = place.worry(by=viewer_of(place.auditor))
    concern.raised_by_id = place.head.id
    session.flush()
    with pytest.raises(NotAllowed):
        acknowledge_concern(viewer_of(place.head), concern.id, at=AT)
    with pytest.raises(NotAllowed, match="second person"):
        make_safe(viewer_of(place.head), concern.id, "Done.", at=AT)
    make_safe(viewer_of(place.manager), concern.id, "Seen today.", at=AT)


def test_the_database_lets_nobody_keep_a_child_safe_alone(session: Session, place: Place) -> None:
    concern = place.worry()
    alone = {"safe_at": AT, "safe_by_id": place.auditor.id, "safety_action": "I did."}
    too_early = {"closed_at": AT, "closed_by_id": place.head.id}
    for values in (alone, too_early):
        changed = update(SafeguardingConcern).where(SafeguardingConcern.id == concern.id).values(values)
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(changed)


def test_a_clock_that_runs_out_climbs_to_the_director_once(session: Session, place: Place) -> None:
    director = make_user("Director", Role.DIRECTOR)
    concern = place.worry()
    n = len(told(session, concern))
    assert climb_overdue(at=AT + timedelta(hours=4)) == 0, "due is not overdue"
    assert climb_overdue(at=AT + timedelta(hours=4, minutes=1)) == 1
    assert climb_overdue(at=AT + timedelta(hours=5)) == 0
    assert set(told(session, concern)[n:]) == {director.id, place.head.id}
    acknowledge_concern(viewer_of(place.head), concern.id, at=AT + timedelta(hours=6))
    assert climb_overdue(at=AT + timedelta(hours=25)) == 1, "the second clock climbs for itself"
    page = get_concerns_page(viewer_of(director), at=AT + timedelta(hours=25))
    assert page.n_overdue == 1
    assert (page.n_acknowledged_in_time, page.n_acknowledge_known) == (0, 1)
    assert (page.n_safe_in_time, page.n_safe_known) == (0, 1)
    assert page.open[0].has_climbed
    assert count_open_concerns(viewer_of(director), at=AT + timedelta(hours=25)) == (1, 1)


def test_a_wrong_threshold_goes_to_the_team_which_answers(session: Session, place: Place) -> None:
    concern = place.worry(ConcernKind.STEP_UP)
    assert place.manager.id in told(session, concern)
    assert concern.safe_due_at is None
    assert concern.acknowledge_due_at == AT + timedelta(hours=24)
    acknowledge_concern(viewer_of(place.manager), concern.id, at=AT)
    with pytest.raises(Invalid, match="decided about the threshold"):
        make_safe(viewer_of(place.manager), concern.id, "", at=AT)
    make_safe(viewer_of(place.manager), concern.id, "Strategy discussion held: conference asked for.", at=AT)
    close_concern(viewer_of(place.auditor), concern.id, "Agreed.", at=AT)
    page = get_concerns_page(viewer_of(place.head), at=AT)
    assert (page.n_safe_in_time, page.n_safe_known) == (0, 0), "no clock of safety for a threshold"


def test_the_longest_overdue_stands_first(session: Session, place: Place) -> None:
    newer = place.worry(at=AT)
    older = place.worry(at=AT - timedelta(hours=3))
    latest = place.worry(at=AT + timedelta(hours=3))
    page = get_concerns_page(viewer_of(place.head), at=AT + timedelta(hours=5))
    assert [line.concern_id for line in page.open] == [older.id, newer.id, latest.id]
    assert page.n_overdue == 2
