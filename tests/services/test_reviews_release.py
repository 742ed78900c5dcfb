"""Releasing reviews: by hand, by itself, held back; to the right people and with its history."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.domain.findings import finding_draft
from qa_app.domain.releases import ReleaseState
from qa_app.models.history import HistoryDetail, HistoryEntry
from qa_app.models.reviews import Review
from qa_app.queries.reviews_practice import get_practice_page
from qa_app.queries.reviews_release import get_release_page
from qa_app.services.findings import raise_finding
from qa_app.services.reviews_release import (
    hold_back_release,
    let_release_go,
    release_due_reviews,
    release_reviews,
)
from tests.builders import AT, make_team, make_user, viewer_of
from tests.builders_ties import TiedCase, hand_in, make_practitioner, make_tied_case, name_officer
from tests.query_counter import count_selects

pytestmark = pytest.mark.database
DAYS = 10


def submitted(worker: object = None) -> TiedCase:
    tied = make_tied_case(make_user("Reviewer"), worker=worker)  # type: ignore[arg-type]
    hand_in(tied)
    return tied


def actions(session: Session, review_id: int) -> list[tuple[str, object]]:
    rows = session.execute(
        select(HistoryEntry.action, HistoryDetail.after)
        .join(HistoryDetail, HistoryDetail.entry_id == HistoryEntry.id)
        .where(HistoryEntry.subject_kind == "review", HistoryEntry.subject_id == review_id)
        .order_by(HistoryEntry.id)
    )
    return [(action, after) for action, after in rows]


def test_many_are_released_at_once_and_twice_is_harmless(session: Session) -> None:
    lead = viewer_of(make_user("Lead", Role.QA_LEAD))
    first, second = submitted(), submitted()
    assert release_reviews(lead, [first.review.id, second.review.id], at=AT) == 2
    assert release_reviews(lead, [first.review.id, second.review.id], at=AT + timedelta(days=1)) == 0
    assert first.review.released_at == AT
    assert first.review.released_by_id == lead.user_id
    assert actions(session, first.review.id)[-1] == (
        "released a review",
        {"released": True, "by_itself": False},
    )


def test_only_the_qa_lead_releases_and_only_what_is_submitted(session: Session) -> None:
    lead = viewer_of(make_user("Lead", Role.QA_LEAD))
    to_do = make_tied_case(make_user("Reviewer"))
    with pytest.raises(NotFound):
        release_reviews(lead, [to_do.review.id, submitted().review.id], at=AT)
    with pytest.raises(Invalid):
        release_reviews(lead, [], at=AT)
    for role in (Role.AUDITOR, Role.TEAM_MANAGER, Role.PRACTITIONER, Role.DIRECTOR, Role.ADMINISTRATOR):
        with pytest.raises(NotAllowed):
            release_reviews(viewer_of(make_user("Other", role, team=make_team(role.value))), [1], at=AT)


def test_a_tied_qa_lead_releases_nothing_of_the_child(session: Session) -> None:
    lead = make_user("Lead", Role.QA_LEAD)
    tied = submitted(make_practitioner(lead))
    with pytest.raises(NotFound):
        release_reviews(viewer_of(lead), [tied.review.id], at=AT)
    assert get_release_page(viewer_of(lead), days=DAYS).lines == ()
    assert len(get_release_page(viewer_of(make_user("Other", Role.QA_LEAD)), days=DAYS).lines) == 1


def test_reviews_release_themselves_when_their_days_are_over(session: Session) -> None:
    tied, held = submitted(), submitted()
    hold_back_release(SYSTEM, held.review.id, "A complaint is open.", at=AT)
    almost = AT + timedelta(days=DAYS) - timedelta(seconds=1)
    assert release_due_reviews(DAYS, at=almost) == 0
    assert release_due_reviews(0, at=AT + timedelta(days=900)) == 0
    due = AT + timedelta(days=DAYS)
    assert release_due_reviews(DAYS, at=due) == 1
    assert release_due_reviews(DAYS, at=due) == 0
    assert (tied.review.released_at, tied.review.released_by_id) == (due, None)
    assert held.review.released_at is None
    assert actions(session, tied.review.id)[-1][1] == {"released": True, "by_itself": True}
    let_release_go(SYSTEM, held.review.id, at=due)
    assert release_due_reviews(DAYS, at=due) == 1


def test_holding_back_needs_a_reason_and_comes_before_the_release(session: Session) -> None:
    tied = submitted()
    with pytest.raises(Invalid):
        hold_back_release(SYSTEM, tied.review.id, "  ", at=AT)
    hold_back_release(SYSTEM, tied.review.id, "Moderation first.", at=AT)
    page = get_release_page(SYSTEM, ReleaseState.HELD, days=DAYS)
    assert [line.held_reason for line in page.lines] == ["Moderation first."]
    assert page.lines[0].by_itself_at is None
    release_reviews(SYSTEM, [tied.review.id], at=AT)
    assert tied.review.release_held_at is None
    with pytest.raises(Conflict, match="released already"):
        hold_back_release(SYSTEM, tied.review.id, "Too late", at=AT)


def test_the_database_releases_nothing_that_is_not_submitted(session: Session) -> None:
    tied = make_tied_case(make_user("Reviewer"))
    statement = update(Review).where(Review.id == tied.review.id).values(released_at=AT)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(statement)


def test_the_list_counts_and_says_who_can_read(session: Session) -> None:
    worker = make_user("Worker", Role.PRACTITIONER)
    tied, other = submitted(make_practitioner(worker)), submitted(make_practitioner())
    release_reviews(SYSTEM, [other.review.id], at=AT)
    page = get_release_page(SYSTEM, days=DAYS)
    assert page.n_of_state == {ReleaseState.WAITING: 1, ReleaseState.HELD: 0, ReleaseState.RELEASED: 1}
    assert page.lines[0].by_itself_at == AT + timedelta(days=DAYS)
    assert page.lines[0].worker_can_read
    released = get_release_page(SYSTEM, ReleaseState.RELEASED, days=DAYS)
    assert not released.lines[0].worker_can_read
    assert (
        get_release_page(SYSTEM, cohort_id=tied.case.cohort_id, days=DAYS).n_of_state[ReleaseState.WAITING]
        == 1
    )
    assert get_release_page(SYSTEM, cohort_id=999_999, days=DAYS).lines == ()


def test_my_practice_shows_strengths_and_each_review_once(session: Session) -> None:
    mine, over, chair = (
        make_user(name, role)
        for name, role in (
            ("Mine", Role.PRACTITIONER),
            ("Over", Role.PRACTITIONER),
            ("Chair", Role.REVIEWING_OFFICER),
        )
    )
    supervisor = make_practitioner(over)
    reviewer = make_user("Reviewer")
    tied = make_tied_case(reviewer, worker=make_practitioner(mine, supervisor=supervisor))
    name_officer(tied, make_practitioner(chair), tied.day)
    name_officer(tied, supervisor, tied.day)
    for kind, words in (("strength", "She was heard."), ("weakness", "The plan has no dates.")):
        raise_finding(
            viewer_of(reviewer), tied.review.id, None, finding_draft(kind, "minor", words, []), at=AT
        )
    hand_in(tied)
    for user in (mine, over, chair):
        assert get_practice_page(viewer_of(user)).is_empty
    release_reviews(SYSTEM, [tied.review.id], at=AT)
    page = get_practice_page(viewer_of(mine))
    assert [strength.words for strength in page.strengths] == ["She was heard."]
    assert [(one.n_strengths, one.n_weaknesses) for one in page.own] == [(1, 1)]
    assert page.supervised == page.reviewed == page.managed == ()
    assert [one.review_id for one in get_practice_page(viewer_of(over)).supervised] == [tied.review.id]
    assert [one.review_id for one in get_practice_page(viewer_of(chair)).reviewed] == [tied.review.id]
    assert get_practice_page(viewer_of(chair)).strengths == ()
    stranger = get_practice_page(viewer_of(make_user("Stranger", Role.PRACTITIONER)))
    assert stranger.is_empty
    assert not stranger.is_practitioner


def test_a_manager_finds_the_released_reviews_of_the_team(session: Session) -> None:
    team = make_team()
    manager = viewer_of(make_user("Manager", Role.TEAM_MANAGER, team=team))
    tied = make_tied_case(make_user("Reviewer"), team, make_practitioner())
    hand_in(tied)
    assert get_practice_page(manager).is_empty
    release_reviews(SYSTEM, [tied.review.id, submitted().review.id], at=AT)
    assert [one.review_id for one in get_practice_page(manager).managed] == [tied.review.id]


def test_many_released_reviews_take_no_more_reading(session: Session) -> None:
    worker = make_user("Worker", Role.PRACTITIONER)
    practitioner = make_practitioner(worker)
    viewer = viewer_of(worker)
    counts = []
    for n in (1, 6):
        for _ in range(n):
            release_reviews(SYSTEM, [submitted(practitioner).review.id], at=AT)
        with count_selects() as sent:
            get_practice_page(viewer)
            get_release_page(SYSTEM, ReleaseState.RELEASED, days=DAYS)
        counts.append(len(sent))
    assert counts[0] == counts[1]
