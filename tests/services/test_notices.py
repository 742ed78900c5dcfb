"""Reminders, decisions and mails: everybody is told once, nobody twice, and nothing about a child leaves."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.errors import Conflict, NotAllowed, NotFound
from qa_app.domain.notices import MailState, NoticeKind
from qa_app.models.accounts import User
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.notices import Notice, OutboxMail
from qa_app.queries.notices import get_chases, list_notices
from qa_app.services.cohorts_allocation import allocate_cohort
from qa_app.services.cohorts_cases import ask_for_exemption, close_cohort, decide_request
from qa_app.services.cohorts_chase import chase_cohort
from qa_app.services.notices import mark_seen, note_refused, note_sent, take_mail, tell
from tests.builders import make_user, viewer_of
from tests.builders_caseload import make_case, make_caseload
from tests.builders_cohorts import AT, make_cohort

pytestmark = pytest.mark.database


@pytest.fixture
def people(session: Session) -> list[User]:
    return [make_user("One"), make_user("Two")]


@pytest.fixture
def cohort(session: Session, people: list[User]) -> Cohort:
    cases = [make_case(f"child-{n}", team=None, worker=None) for n in range(6)]
    made = make_cohort(make_caseload(cases), size=4)
    allocate_cohort(SYSTEM, made.id, [each.id for each in people], at=AT)
    return made


def told(session: Session) -> Notice:
    notice = tell(
        SYSTEM, make_user("Somebody").id, NoticeKind.CHASE, "Words", "/reviews", about=("cohort", 1), at=AT
    )
    session.flush()
    return notice


def test_everybody_with_open_reviews_is_reminded_once_a_day(
    session: Session, cohort: Cohort, people: list[User]
) -> None:
    lead = make_user("QA lead", Role.QA_LEAD)
    first = chase_cohort(viewer_of(lead), cohort.id, at=AT)
    assert (first.n_people, first.n_reviews, first.n_told_already) == (2, 4, 0)
    again = chase_cohort(viewer_of(lead), cohort.id, at=AT + timedelta(hours=2))
    assert (again.n_people, again.n_told_already) == (0, 2)
    assert chase_cohort(viewer_of(lead), cohort.id, at=AT + timedelta(days=1)).n_people == 2
    assert get_chases(viewer_of(lead), cohort.id).n == 4
    (newest, _) = list_notices(viewer_of(people[0]))
    assert (
        newest.words
        == "2 reviews of Monthly audit, November 2026 wait for you, the first due on 30 November 2026."
    )
    assert "child-" not in newest.words
    with pytest.raises(NotAllowed):
        chase_cohort(viewer_of(people[0]), cohort.id, at=AT)
    close_cohort(viewer_of(lead), cohort.id, "The month is over.", at=AT)
    with pytest.raises(Conflict, match="closed"):
        chase_cohort(viewer_of(lead), cohort.id, at=AT)


def test_whoever_asked_is_told_the_decision(session: Session, cohort: Cohort, people: list[User]) -> None:
    case = session.scalars(select(CohortCase).order_by(CohortCase.id)).first()
    assert case is not None
    lead, director = make_user("QA lead", Role.QA_LEAD), make_user("Director", Role.DIRECTOR)
    change = ask_for_exemption(viewer_of(lead), cohort.id, case.id, "Moved", at=AT)
    decide_request(viewer_of(director), change.id, is_approved=False, reason="Still open", at=AT)
    (line,) = list_notices(viewer_of(lead))
    assert (
        line.words == "Your request for an exemption for a review of Monthly audit, November 2026 is refused."
    )
    assert line.by == "Director"


def test_a_notice_is_taken_away_by_its_owner_alone(session: Session) -> None:
    notice = told(session)
    owner = session.get_one(User, notice.user_id)
    with pytest.raises(NotFound):
        mark_seen(viewer_of(make_user("Other")), notice.id, at=AT)
    mark_seen(viewer_of(owner), notice.id, at=AT)
    mark_seen(viewer_of(owner), notice.id, at=AT + timedelta(hours=1))
    assert notice.seen_at == AT
    assert list_notices(viewer_of(owner), unseen_only=True) == ()
    assert len(list_notices(viewer_of(owner))) == 1


def test_a_mail_goes_out_once_or_says_that_it_may_have(session: Session) -> None:
    notice = told(session)
    mail = session.scalars(select(OutboxMail)).one()
    taken = take_mail(session, at=AT)
    assert taken is not None
    assert taken.to == session.get_one(User, notice.user_id).email
    assert take_mail(session, at=AT) is None
    assert take_mail(session, at=AT + timedelta(minutes=6)) is None
    session.refresh(mail)
    assert mail.state is MailState.UNSURE


def test_a_refused_mail_is_tried_again_and_then_given_up(session: Session) -> None:
    told(session)
    mail = session.scalars(select(OutboxMail)).one()
    for attempt in range(5):
        taken = take_mail(session, at=AT)
        assert taken is not None, attempt
        note_refused(session, taken.mail_id, "SMTPServerDisconnected", at=AT)
        session.flush()
    assert take_mail(session, at=AT) is None
    session.refresh(mail)
    assert (mail.state, mail.fault) == (MailState.FAILED, "SMTPServerDisconnected")


def test_a_mail_that_waited_too_long_is_not_sent(session: Session) -> None:
    told(session)
    assert take_mail(session, at=AT + timedelta(days=3)) is None
    session.expire_all()
    assert session.scalars(select(OutboxMail)).one().state is MailState.FAILED


def test_a_mail_sent_is_kept_as_sent(session: Session) -> None:
    told(session)
    taken = take_mail(session, at=AT)
    assert taken is not None
    note_sent(session, taken.mail_id, at=AT)
    session.flush()
    assert take_mail(session, at=AT + timedelta(hours=1)) is None
    assert session.scalars(select(OutboxMail)).one().state is MailState.SENT
