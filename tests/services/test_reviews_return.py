"""A submitted review goes back: reasons at questions, what was submitted is kept, and when it may not."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role, Viewer
from qa_app.domain.boards import Marking, ReportKind
from qa_app.domain.cohorts import CohortState, ReviewState
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.domain.grades import Grade
from qa_app.domain.review_returns import ReturnKind
from qa_app.models.accounts import User
from qa_app.models.boards import IssuedReport, IssuedReportReview
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.notices import Notice
from qa_app.models.reviews import AnswerRow, Review, ReviewSnapshot
from qa_app.queries.reviews_return import get_open_return, list_submissions
from qa_app.services.reviews import SentAnswer, SentJudgement, save_parts
from qa_app.services.reviews_release import release_reviews
from qa_app.services.reviews_return import ReturnReasons, let_point_stand, reopen_review, return_review
from qa_app.services.reviews_submission import submit_review
from tests.builders import AT, make_board, make_team, make_user, viewer_of
from tests.builders_reviews import make_review, submit

pytestmark = pytest.mark.database
LATER = AT + timedelta(days=1)
REASONS = ReturnReasons(
    questions={"seen_alone": "Which visit was it?"}, grades={"voice": "The rationale names no example."}
)


@pytest.fixture
def auditor(session: Session) -> User:
    return make_user("Auditor", Role.AUDITOR)


@pytest.fixture
def lead(session: Session) -> Viewer:
    return viewer_of(make_user("Lead", Role.QA_LEAD))


@pytest.fixture
def review(session: Session, auditor: User) -> Review:
    review = make_review(auditor, team=make_team())
    submit(viewer_of(auditor), review)
    return review


def test_it_comes_back_with_its_reasons_and_counts_nowhere_until_it_is_handed_in(
    session: Session, auditor: User, lead: Viewer, review: Review
) -> None:
    return_review(lead, review.id, REASONS, at=LATER)
    session.refresh(review)
    assert (review.state, review.submitted_at, review.overall_grade) == (ReviewState.IN_PROGRESS, None, None)
    outcomes = set(session.scalars(select(AnswerRow.outcome).where(AnswerRow.review_id == review.id)))
    assert outcomes == {None}
    assert session.scalars(select(Notice.user_id)).all() == [auditor.id]
    back = get_open_return(viewer_of(auditor), review.id)
    assert back is not None
    assert [(point.question, point.section, point.is_settled) for point in back.points] == [
        ("seen_alone", "voice", False),
        (None, "voice", False),
    ]
    assert get_open_return(lead, review.id) is None, "the reasons are for the reviewer to deal with"


def test_every_point_is_answered_again_or_said_to_stand(
    session: Session, auditor: User, lead: Viewer, review: Review
) -> None:
    mine = viewer_of(auditor)
    return_review(lead, review.id, REASONS, at=LATER)
    gaps = submit_review(mine, review.id, at=LATER + timedelta(hours=1)).gaps
    assert [(gap.section, gap.question) for gap in gaps] == [("voice", "seen_alone"), ("voice", None)]
    assert "Which visit was it?" in gaps[0].words
    save_parts(mine, review.id, [SentAnswer("seen_alone", "partly"), SentAnswer("why_not", "Only once.")], [],
               at=LATER + timedelta(hours=2))  # fmt: skip
    back = get_open_return(mine, review.id)
    assert back is not None
    (point,) = back.unsettled
    with pytest.raises(Invalid, match="why it stands"):
        let_point_stand(mine, point.point_id, " ", at=LATER)
    with pytest.raises(NotFound):
        let_point_stand(viewer_of(make_user("Other", Role.AUDITOR)), point.point_id, "It stands.", at=LATER)
    let_point_stand(mine, point.point_id, "The example is in the answer above.", at=LATER)
    again = LATER + timedelta(hours=3)
    assert submit_review(mine, review.id, at=again).is_done
    with pytest.raises(Conflict, match="handed in again"):
        let_point_stand(mine, point.point_id, "Still.", at=again)
    assert session.scalars(select(ReviewSnapshot.number).order_by(ReviewSnapshot.number)).all() == [1, 2]
    second, first = list_submissions(lead, review.id)
    assert (first.number, first.changes, first.kind) == (1, (), None)
    assert (second.kind, second.returned_by) == (ReturnKind.RETURNED, "Lead")
    assert ("Was the child seen alone?", "Yes", "Partly") in [
        (c.title, c.before, c.now) for c in second.changes
    ]
    assert get_open_return(mine, review.id) is None


def test_only_the_qa_lead_returns_and_never_their_own_childs_or_released_ones(
    session: Session, auditor: User, lead: Viewer, review: Review
) -> None:
    for role in (Role.DIRECTOR, Role.IMPROVEMENT_TEAM, Role.MODERATOR, Role.AUDITOR):
        with pytest.raises(NotAllowed):
            return_review(viewer_of(make_user(role.label, role)), review.id, REASONS, at=LATER)
    with pytest.raises(Invalid, match="reason at one question"):
        return_review(lead, review.id, ReturnReasons(questions={"seen_alone": "  "}), at=LATER)
    with pytest.raises(NotFound):
        return_review(lead, review.id, ReturnReasons(questions={"no_such": "Why?"}), at=LATER)
    with pytest.raises(NotFound):
        return_review(lead, make_review(auditor).id, REASONS, at=LATER)
    release_reviews(SYSTEM, [review.id], at=LATER)
    with pytest.raises(Conflict, match="Reopen it instead"):
        return_review(lead, review.id, REASONS, at=LATER)


def test_reopening_takes_a_reason_and_a_new_release(
    session: Session, auditor: User, lead: Viewer, review: Review
) -> None:
    release_reviews(SYSTEM, [review.id], at=LATER)
    with pytest.raises(Invalid, match="why it is opened again"):
        reopen_review(lead, review.id, "", at=LATER)
    reopen_review(lead, review.id, "The wrong child's visit was read.", at=LATER)
    session.refresh(review)
    assert (review.submitted_at, review.released_at) == (None, None)
    mine, again = viewer_of(auditor), LATER + timedelta(hours=1)
    judged = [SentJudgement("overall", Grade.REQUIRES_IMPROVEMENT, rationale="Seen once only.")]
    save_parts(mine, review.id, [], judged, at=again)
    assert submit_review(mine, review.id, at=again).is_done, (
        "a reopened review has no points of its own to settle"
    )
    session.refresh(review)
    assert review.overall_grade is Grade.REQUIRES_IMPROVEMENT
    assert review.released_at is None
    assert list_submissions(lead, review.id)[0].words == "The wrong child's visit was read."


def test_never_after_a_report_with_it_was_issued(session: Session, lead: Viewer, review: Review) -> None:
    officer = make_user("Director", Role.DIRECTOR)
    report = IssuedReport(
        board_id=make_board("Board").id, kind=ReportKind.EXCEPTION, title="Report", as_at=AT.date(),
        marking=Marking.PUBLIC, data={}, sha256="0" * 64, history_head="0:0", issued_at=AT,
        issued_by_id=officer.id, statement_by_id=officer.id,
    )  # fmt: skip
    session.add(report)
    session.flush()
    session.add(IssuedReportReview(report_id=report.id, review_id=review.id))
    session.flush()
    with pytest.raises(Conflict, match=f"BR{report.id}"):
        reopen_review(lead, review.id, "Wrong.", at=LATER)
    session.refresh(review)
    assert review.state is ReviewState.SUBMITTED


def test_a_review_of_a_closed_cohort_stays(session: Session, lead: Viewer, review: Review) -> None:
    case = session.get_one(CohortCase, review.cohort_case_id)
    cohort = session.get_one(Cohort, case.cohort_id)
    cohort.closed_at, cohort.state = AT, CohortState.CLOSED
    session.flush()
    with pytest.raises(Conflict, match="cohort"):
        return_review(lead, review.id, REASONS, at=LATER)
    with pytest.raises(Conflict, match="cohort"):
        reopen_review(lead, review.id, "Wrong.", at=LATER)
