"""Saving and handing in a review."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.answers import AnswerState
from qa_app.domain.cohorts import AnswerOutcome, ReviewState
from qa_app.domain.errors import Conflict, NotAllowed, NotFound
from qa_app.domain.grades import Grade
from qa_app.models.history import HistoryDetail, HistoryEntry
from qa_app.models.reviews import AnswerRow, ReviewSnapshot, SectionJudgement
from qa_app.queries.reviews import get_own_sheet, get_review_sheet
from qa_app.queries.reviews_own import list_my_reviews
from qa_app.services.reviews import SentAnswer, SentJudgement, _Saving, save_answer, save_parts
from qa_app.services.reviews_release import release_reviews
from qa_app.services.reviews_submission import submit_review
from tests.builders import make_team, make_user, viewer_of
from tests.builders_reviews import fill, make_cohort, make_form, make_review
from tests.query_counter import count_selects, count_statements

pytestmark = pytest.mark.database


@pytest.fixture
def auditor(session):
    return make_user("Auditor One")


@pytest.fixture
def viewer(auditor):
    return viewer_of(auditor)


@pytest.fixture
def review(auditor):
    return make_review(auditor)


def answer_row(session, review, key="seen_alone"):
    statement = select(AnswerRow).where(AnswerRow.review_id == review.id, AnswerRow.question_key == key)
    return session.scalars(statement.execution_options(populate_existing=True)).one_or_none()


def test_the_first_save_starts_the_review_and_fixes_its_form(session, viewer, review, at):
    result = save_answer(viewer, review.id, "seen_alone", "partly", 0, "a", at=at)
    session.refresh(review)
    assert review.state is ReviewState.IN_PROGRESS
    assert review.started_at == at
    assert review.form_version_id == result.sheet.form_version_id
    assert answer_row(session, review).value == "partly"
    assert result.sheet.answers_saved["seen_alone"].revision == 1


def test_a_review_keeps_its_form_when_the_cohort_moves_on(session, auditor, viewer, at):
    cohort = make_cohort()
    started, fresh = make_review(auditor, cohort), make_review(auditor, cohort)
    save_answer(viewer, started.id, "seen_alone", "yes", 0, "a", at=at)
    newer = make_form(title="Visits audit, revised")
    from qa_app.models.cohorts import CohortForm

    session.scalars(
        select(CohortForm).where(CohortForm.cohort_id == cohort.id)
    ).one().form_version_id = newer.id
    session.flush()
    assert get_review_sheet(viewer, started.id).form.title == "Visits audit"
    assert get_review_sheet(viewer, fresh.id).form.title == "Visits audit, revised"


def test_the_same_save_again_changes_nothing(session, viewer, review, at):
    save_answer(viewer, review.id, "seen_alone", "yes", 0, "a", at=at)
    again = save_answer(viewer, review.id, "seen_alone", "yes", 0, "a", at=at)
    assert again.sheet.answers_saved["seen_alone"].revision == 1
    assert not again.clashes


def test_a_stale_save_of_another_value_shows_both_and_stores_nothing(session, viewer, review, at):
    save_answer(viewer, review.id, "seen_alone", "yes", 0, "a", at=at)
    result = save_answer(viewer, review.id, "seen_alone", "no", 0, "b", at=at)
    clash = result.clashes["seen_alone"]
    assert (clash.theirs.value, clash.yours.value, clash.revision) == ("yes", "no", 1)
    assert answer_row(session, review).value == "yes"
    save_answer(viewer, review.id, "seen_alone", "no", clash.revision, "c", at=at)
    assert answer_row(session, review).value == "no"


def test_what_cannot_be_read_is_kept_as_typed(session, viewer, review, at):
    result = save_answer(viewer, review.id, "seen_on", "some time in May", 0, "a", at=at)
    row = answer_row(session, review, "seen_on")
    assert row.state is AnswerState.UNREADABLE
    assert row.as_typed == "some time in May"
    assert "real date" in result.sheet.content.answer("seen_on").fault


def test_one_save_sends_at_most_six_statements(session, viewer, review, at):
    save_answer(viewer, review.id, "seen_alone", "yes", 0, "a", at=at)
    session.flush()
    with count_statements() as sent:
        save_answer(viewer, review.id, "seen_alone", "no", 1, "b", at=at)
        session.flush()
    assert len(sent) <= 6, sent


def test_another_persons_review_cannot_be_found(session, review, at):
    other = viewer_of(make_user("Auditor Two"))
    lead = viewer_of(make_user("Lead", Role.QA_LEAD))
    with pytest.raises(NotFound):
        save_answer(other, review.id, "seen_alone", "yes", 0, "a", at=at)
    with pytest.raises(NotFound):
        get_review_sheet(other, review.id)
    with pytest.raises(NotFound):
        get_review_sheet(lead, review.id)
    with pytest.raises(NotAllowed):
        save_answer(lead, review.id, "seen_alone", "yes", 0, "a", at=at)


def test_a_submitted_review_is_seen_within_its_teams_only(session, auditor, viewer, at):
    north, south = make_team("North"), make_team("South")
    review = make_review(auditor, team=north)
    fill(viewer, review, at)
    submit_review(viewer, review.id, at=at)
    manager = viewer_of(make_user("Manager North", Role.TEAM_MANAGER, team=north))
    other = viewer_of(make_user("Manager South", Role.TEAM_MANAGER, team=south))
    with pytest.raises(NotFound):
        get_review_sheet(manager, review.id)
    release_reviews(SYSTEM, [review.id], at=at)
    assert get_review_sheet(manager, review.id).may_edit is False
    with pytest.raises(NotFound):
        get_review_sheet(other, review.id)


def test_submitting_with_gaps_lists_them_and_changes_nothing(session, viewer, review, at):
    save_answer(viewer, review.id, "seen_alone", "no", 0, "a", at=at)
    result = submit_review(viewer, review.id, at=at)
    assert [(gap.section, gap.question) for gap in result.gaps] == [
        ("voice", "why_not"),
        ("voice", None),
        ("voice", None),
        ("talk", "practitioner"),
        ("overall", None),
        ("overall", None),
    ]
    session.refresh(review)
    assert review.state is ReviewState.IN_PROGRESS
    assert session.scalars(select(ReviewSnapshot)).all() == []


def test_submitting_settles_every_question_and_takes_a_snapshot(session, viewer, review, at):
    fill(viewer, review, at, why_not="Kept in the draft only.")
    assert submit_review(viewer, review.id, at=at + timedelta(hours=1)).is_done
    session.expire_all()
    assert review.state is ReviewState.SUBMITTED
    assert review.overall_grade is Grade.GOOD
    outcomes = {
        row.question_key: row.outcome
        for row in session.scalars(select(AnswerRow).where(AnswerRow.review_id == review.id))
    }
    assert outcomes == {
        "seen_alone": AnswerOutcome.ANSWERED,
        "why_not": AnswerOutcome.NOT_ASKED,
        "seen_on": AnswerOutcome.BLANK,
        "practitioner": AnswerOutcome.ANSWERED,
        "family": AnswerOutcome.BLANK,
    }
    kept = json.loads(session.scalars(select(ReviewSnapshot.content)).one())
    assert kept["answers"]["seen_alone"]["words"] == "Yes"
    assert "why_not" not in kept["answers"]
    assert kept["overall"] == {"state": "answered", "grade": "good", "rationale": "Good work."}


def test_a_submitted_review_takes_no_more_answers(session, viewer, review, at):
    fill(viewer, review, at)
    submit_review(viewer, review.id, at=at)
    with pytest.raises(Conflict):
        save_answer(viewer, review.id, "seen_alone", "no", 1, "z", at=at)
    with pytest.raises(Conflict):
        submit_review(viewer, review.id, at=at)


def test_going_above_a_limit_needs_a_reason(session, viewer, review, at):
    fill(viewer, review, at, seen="no", why_not="Away.")
    [gap] = submit_review(viewer, review.id, at=at).gaps
    assert gap.words == "Say why the overall grade stands above the limit that applies."
    told = SentJudgement("overall", Grade.GOOD, rationale="Good work.", departure_reason="Seen since.")
    save_parts(viewer, review.id, [], [told], at=at)
    assert submit_review(viewer, review.id, at=at).is_done


def test_a_section_that_cannot_be_judged_needs_its_reason_and_no_grade(session, viewer, review, at):
    fill(viewer, review, at)
    save_parts(viewer, review.id, [], [SentJudgement("voice", cannot_judge=True)], at=at)
    assert [gap.words for gap in submit_review(viewer, review.id, at=at).gaps] == [
        "Say why this cannot be judged."
    ]
    save_parts(viewer, review.id, [], [SentJudgement("voice", cannot_judge=True, rationale="New.")], at=at)
    assert submit_review(viewer, review.id, at=at).is_done
    row = session.scalars(select(SectionJudgement).where(SectionJudgement.section_key == "voice")).one()
    assert row.grade is None


def test_every_save_leaves_history_with_the_words_in_its_detail(session, viewer, review, at):
    save_answer(viewer, review.id, "seen_alone", "yes", 0, "a", at=at)
    save_answer(viewer, review.id, "seen_alone", "no", 1, "b", at=at)
    session.flush()
    entries = session.scalars(
        select(HistoryEntry).where(HistoryEntry.subject_kind == "review").order_by(HistoryEntry.id)
    ).all()
    assert [(one.action, one.subject_id) for one in entries] == [("answers_saved", review.id)] * 2
    detail = session.get(HistoryDetail, entries[1].id)
    assert detail.before["seen_alone"]["value"] == "yes"
    assert detail.after["seen_alone"]["value"] == "no"


def test_my_reviews_takes_as_many_selects_for_one_as_for_many(session, auditor, viewer, at):
    cohort = make_cohort()
    first = make_review(auditor, cohort)
    save_answer(viewer, first.id, "seen_alone", "yes", 0, "a", at=at)
    with count_selects() as few:
        list_my_reviews(viewer)
    for _ in range(12):
        more = make_review(auditor, cohort)
        save_answer(viewer, more.id, "seen_alone", "yes", 0, "a", at=at)
    session.expire_all()
    with count_selects() as many:
        mine = list_my_reviews(viewer)
    assert len(many) == len(few)
    assert len(mine.to_do) == 13
    assert mine.to_do[0].n_answered == 1


def test_a_save_that_lost_a_race_is_told_to_try_again(session, viewer, review, at):
    save_answer(viewer, review.id, "seen_alone", "yes", 0, "a", at=at)
    seen_before = get_own_sheet(viewer, review.id)
    save_answer(viewer, review.id, "seen_alone", "no", 1, "b", at=at)
    late = _Saving(viewer, seen_before, at)
    with pytest.raises(Conflict, match="Save again"):
        late.take_answer(SentAnswer("seen_alone", "partly", expected_revision=1, save_id="c"))
    assert answer_row(session, review).value == "no"
