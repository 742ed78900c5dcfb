"""Replies to released reviews, challenges with their day, and supervision that is ticked."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.domain.review_replies import ChallengeOutcome, ReplyKind
from qa_app.models.accounts import User
from qa_app.models.notices import Notice
from qa_app.models.organisation import Practitioner
from qa_app.queries.reviews_replies import list_replies, list_waiting_challenges
from qa_app.queries.supervision import get_supervision_page, get_supervision_sheet
from qa_app.services.reviews_release import release_reviews
from qa_app.services.reviews_replies import (
    ReplyDraft,
    answer_challenge,
    note_supervision,
    reply_to_review,
    take_back_supervision,
)
from tests.builders import AT, make_team, make_user, viewer_of
from tests.builders_reviews import submit
from tests.builders_ties import TiedCase, make_practitioner, make_tied_case

pytestmark = pytest.mark.database
TODAY = date(2026, 11, 24)
CHALLENGE = ReplyDraft(ReplyKind.CHALLENGE, "She was seen on 3 November.", "seen_alone")


class Judged:
    """A released review of a worker, with their manager and reviewer."""

    def __init__(self) -> None:
        self.auditor = make_user("Auditor", Role.AUDITOR)
        self.worker = make_user("Worker", Role.PRACTITIONER)
        self.team = make_team("Judged team")
        self.manager = make_user("Manager", Role.TEAM_MANAGER, team=self.team)
        self.team.manager_user_id = self.manager.id
        self.practitioner: Practitioner = make_practitioner(self.worker, self.team)
        self.tied: TiedCase = make_tied_case(self.auditor, self.team, self.practitioner)
        submit(viewer_of(self.auditor), self.tied.review)

    def release(self) -> int:
        release_reviews(SYSTEM, [self.tied.review.id], at=AT)
        return self.tied.review.id


@pytest.fixture
def judged(session: Session) -> Judged:
    return Judged()


@pytest.fixture
def lead(session: Session) -> User:
    return make_user("Lead", Role.QA_LEAD)


def reply(judged: Judged, draft: ReplyDraft, by: User) -> int:
    review_id = judged.tied.review.id
    return reply_to_review(viewer_of(by), review_id, draft, challenge_days=10, at=AT).id


def test_nothing_is_said_before_the_release(judged: Judged, lead: User) -> None:
    for person in (judged.worker, judged.manager):
        with pytest.raises(NotFound):
            reply(judged, CHALLENGE, person)
    with pytest.raises(NotAllowed):
        reply(judged, CHALLENGE, judged.auditor)


def test_a_challenge_has_its_day_and_is_answered_by_somebody_else(
    session: Session, judged: Judged, lead: User
) -> None:
    review_id = judged.release()
    number = reply(judged, CHALLENGE, judged.worker)
    (line,) = list_replies(viewer_of(judged.worker), review_id)
    # Ten working days after Tuesday 24 November 2026.
    assert (line.due_on, line.waits, line.may_answer) == (date(2026, 12, 8), True, False)
    assert line.question == "Was the child seen alone?"
    assert set(session.scalars(select(Notice.user_id))) == {judged.auditor.id, lead.id}
    for person in (judged.auditor, lead):
        assert [one.reply_id for one in list_waiting_challenges(viewer_of(person))] == [number]
    assert list_waiting_challenges(viewer_of(make_user("Other", Role.AUDITOR))) == ()
    for person in (judged.worker, judged.manager):
        with pytest.raises(NotFound):
            answer_challenge(viewer_of(person), number, ChallengeOutcome.CORRECTED, "Yes.", at=AT)
    with pytest.raises(Invalid, match="what was found"):
        answer_challenge(viewer_of(judged.auditor), number, ChallengeOutcome.STANDS, " ", at=AT)
    answer_challenge(viewer_of(judged.auditor), number, ChallengeOutcome.PARTLY, "Seen, not alone.", at=AT)
    with pytest.raises(Conflict):
        answer_challenge(viewer_of(lead), number, ChallengeOutcome.STANDS, "No.", at=AT)
    (line,) = list_replies(viewer_of(judged.manager), review_id)
    assert (line.outcome, line.answer, line.waits) == (ChallengeOutcome.PARTLY, "Seen, not alone.", False)
    assert list_waiting_challenges(viewer_of(lead)) == ()


def test_a_comment_waits_for_nobody(session: Session, judged: Judged, lead: User) -> None:
    review_id = judged.release()
    with pytest.raises(Invalid):
        reply(judged, ReplyDraft(ReplyKind.COMMENT, "  "), judged.manager)
    with pytest.raises(NotFound):
        reply(judged, ReplyDraft(ReplyKind.COMMENT, "Thanks.", "no_such"), judged.manager)
    reply(judged, ReplyDraft(ReplyKind.COMMENT, "Thank you: fair."), judged.manager)
    (line,) = list_replies(viewer_of(judged.worker), review_id)
    assert (line.due_on, line.waits, line.written_by) == (None, False, "Manager")
    assert session.scalars(select(Notice.id)).all() == []
    assert list_replies(viewer_of(make_user("Stranger", Role.PRACTITIONER)), review_id) == ()


def test_supervision_is_ticked_by_whoever_answers_for_the_practitioner(
    session: Session, judged: Judged, lead: User
) -> None:
    review_id, practitioner_id = judged.release(), judged.practitioner.id
    manager, worker = viewer_of(judged.manager), viewer_of(judged.worker)
    with pytest.raises(NotAllowed, match="whoever supervises"):
        note_supervision(worker, review_id, practitioner_id, TODAY, "", at=AT)
    with pytest.raises(Invalid, match="future"):
        note_supervision(manager, review_id, practitioner_id, TODAY + timedelta(days=1), "", at=AT)
    with pytest.raises(Invalid, match="released"):
        note_supervision(manager, review_id, practitioner_id, TODAY - timedelta(days=1), "", at=AT)
    with pytest.raises(NotFound):
        note_supervision(manager, review_id, make_practitioner().id, TODAY, "", at=AT)
    page = get_supervision_page(manager)
    assert [(one.name, one.n_discussed, one.n_released) for one in page.people] == [("Worker", 0, 1)]
    note_supervision(manager, review_id, practitioner_id, TODAY, "Visit the father.", at=AT)
    with pytest.raises(Conflict, match="24 November 2026"):
        note_supervision(manager, review_id, practitioner_id, TODAY, "", at=AT)
    page = get_supervision_page(viewer_of(lead))
    assert [(one.team, one.n_discussed, one.n_released) for one in page.rates] == [("Judged team", 1, 1)]
    sheet = get_supervision_sheet(worker, practitioner_id)
    assert (sheet.is_self, sheet.to_discuss) == (True, ())
    assert [one.agreed for one in sheet.discussed] == ["Visit the father."]
    with pytest.raises(NotFound):
        take_back_supervision(
            viewer_of(make_user("Else", Role.PRACTITIONER)), review_id, practitioner_id, at=AT
        )
    take_back_supervision(manager, review_id, practitioner_id, at=AT)
    assert get_supervision_page(manager).n_discussed == 0


def test_a_sheet_is_for_its_practitioner_and_those_above(judged: Judged) -> None:
    judged.release()
    stranger = make_user("Stranger", Role.TEAM_MANAGER, team=make_team("Another team"))
    with pytest.raises(NotFound):
        get_supervision_sheet(viewer_of(stranger), judged.practitioner.id)
    assert get_supervision_page(viewer_of(stranger)).people == ()
    assert len(get_supervision_sheet(viewer_of(judged.manager), judged.practitioner.id).to_discuss) == 1
