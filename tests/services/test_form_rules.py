"""The eight rules that keep old audits true, one by one."""

from copy import deepcopy
from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.audit_forms.scores import Score
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohorts import AnswerOutcome
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.models.audit_form_proposals import ReviewScore
from qa_app.models.history import HistoryEntry
from qa_app.models.reviews import AnswerRow, ReviewSnapshot
from qa_app.queries.form_exports import get_form_export
from qa_app.queries.measure_trends import MeasureSlice, get_measure_trend
from qa_app.queries.review_scores import get_review_score
from qa_app.queries.reviews import get_own_sheet
from qa_app.services.audit_forms import publish_form
from qa_app.services.cohorts_forms import repin_cohort
from qa_app.services.reviews import SentAnswer, save_parts
from qa_app.services.reviews_moves import look_at_move, move_review
from qa_app.services.reviews_scores import score_earlier_reviews
from tests.builders import make_team, make_user, viewer_of
from tests.builders_reviews import SMALL_FORM, fill, make_cohort, make_form, make_review, submit

pytestmark = pytest.mark.database


@pytest.fixture
def lead(session):
    return viewer_of(make_user("QA lead", Role.QA_LEAD))


@pytest.fixture
def auditor(session):
    return make_user("Auditor")


def changed(change):
    data = deepcopy(AuditForm.from_data(SMALL_FORM).to_data())
    change(data)
    return data


def reworded(data):
    data["sections"][0]["questions"][0]["text"] = "Was the child seen alone and heard?"


def without_date(data):
    reworded(data)
    data["sections"][0]["questions"][2]["retired"] = True


def version(change, at):
    return publish_form(SYSTEM, AuditForm.from_data(changed(change)), at=at, accepts_breaking=True)


def test_rule_1_a_version_never_changes_and_a_review_keeps_its_own(session, lead, auditor, at):
    first = make_form()
    cohort = make_cohort(first)
    begun, waiting = make_review(auditor, cohort), make_review(auditor, cohort)
    fill(viewer_of(auditor), begun, at)
    newer = version(reworded, at)
    done = repin_cohort(lead, cohort.id, PlanType.CHILD_PROTECTION, newer.id, at=at)
    assert (done.n_moved, done.n_staying) == (1, 1)
    assert get_own_sheet(viewer_of(auditor), begun.id).form_number == 1
    assert get_own_sheet(viewer_of(auditor), waiting.id).form_number == 2
    with pytest.raises(Conflict, match="version 2 already"):
        repin_cohort(lead, cohort.id, PlanType.CHILD_PROTECTION, first.id, at=at)
    session.flush()
    with pytest.raises(DBAPIError, match="never changed"), session.begin_nested():
        session.execute(text("UPDATE audit_form_version SET content = '{}'"))


def test_rule_1_a_cohort_moves_to_the_same_form_only(session, lead, at):
    cohort = make_cohort(make_form())
    other = make_form(form="another", title="Another")
    with pytest.raises(Conflict, match="another form"):
        repin_cohort(lead, cohort.id, PlanType.CHILD_PROTECTION, other.id, at=at)
    with pytest.raises(NotFound):
        repin_cohort(lead, cohort.id, PlanType.CARE_LEAVER, other.id, at=at)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda d: d["sections"][0]["questions"][0].update(
                type="yes_no", finding={"when": {"is": "no"}, "as": "weakness"}
            ),
            "keeps its type",
        ),
        (lambda d: d["sections"][0]["questions"].pop(), "keep it and retire it"),
    ],
)
def test_rule_2_keys_and_types_are_frozen_and_nothing_is_deleted(session, change, words, at):
    make_form()
    data = changed(change)
    if "keeps" in words:
        data["sections"][0]["questions"][1]["show_when"] = {"question": "seen_alone", "is": "no"}
    with pytest.raises(Invalid, match=words):
        publish_form(SYSTEM, AuditForm.from_data(data), at=at, accepts_breaking=True)


def test_rule_3_what_breaks_comparison_needs_a_second_person(session, at):
    make_form()
    assert make_form(changed(reworded)).number == 2
    with pytest.raises(Invalid, match="a second person has to agree: Retired"):
        make_form(changed(without_date))


def test_rule_4_a_started_review_moves_by_choice_alone_and_a_submitted_one_never(session, lead, auditor, at):
    viewer = viewer_of(auditor)
    cohort = make_cohort(make_form())
    review, done = make_review(auditor, cohort), make_review(auditor, cohort)
    fill(viewer, review, at, seen_on="3 11 2026")
    submit(viewer, done)
    newer = version(without_date, at)
    with pytest.raises(Conflict, match="nothing to move to"):
        look_at_move(viewer, review.id)
    repin_cohort(lead, cohort.id, PlanType.CHILD_PROTECTION, newer.id, at=at)
    move = look_at_move(viewer, review.id)
    assert [(loss.key, loss.stands) for loss in move.losses] == [("seen_on", "3 November 2026")]
    with pytest.raises(Conflict, match="Read again"):
        move_review(viewer, review.id, "", at=at)
    move_review(viewer, review.id, move.mark, at=at)
    sheet = get_own_sheet(viewer, review.id)
    assert sheet.form_number == 2
    assert sheet.content.answer("seen_alone").value == "yes"
    assert session.scalar(select(HistoryEntry.id).where(HistoryEntry.action == "review_moved_to_version"))
    with pytest.raises(Conflict, match="for ever"):
        look_at_move(viewer, done.id)
    with pytest.raises(NotFound):
        look_at_move(viewer_of(make_user("Somebody else")), review.id)


def test_rule_4_a_choice_no_longer_offered_is_answered_again(session, lead, auditor, at):
    choices = [{"choice": key, "label": key.title()} for key in ("home", "school", "park")]
    where = {"question": "where", "text": "Where?", "type": "choice", "choices": choices, "required": True}

    def with_where(data):
        data["sections"][0]["questions"].append(deepcopy(where))

    viewer = viewer_of(auditor)
    cohort = make_cohort(make_form(changed(with_where)))
    review = make_review(auditor, cohort)
    fill(viewer, review, at, where="park")

    def disabled(data):
        with_where(data)
        data["sections"][0]["questions"][-1]["choices"][2]["disabled"] = True

    repin_cohort(lead, cohort.id, PlanType.CHILD_PROTECTION, version(disabled, at).id, at=at)
    move = move_review(viewer, review.id, look_at_move(viewer, review.id).mark, at=at)
    assert [(loss.key, loss.stands, loss.is_cleared) for loss in move.losses] == [("where", "Park", True)]
    session.expire_all()
    assert get_own_sheet(viewer, review.id).content.answer("where").value is None


def test_rule_5_trends_join_on_the_measure_and_not_on_wording(session, lead, auditor, at):
    team = make_team()
    viewer = viewer_of(auditor)
    submit(viewer, make_review(auditor, make_cohort(make_form(), date(2026, 10, 1)), team), seen="yes")

    def renewed(data):
        """The question retired, and a new one under a new key that carries its measure on."""
        old = data["sections"][0]["questions"][0]
        new = {**deepcopy(old), "question": "seen_and_heard", "text": "Seen and heard?"}
        old["retired"] = True
        data["sections"][0]["questions"][1]["show_when"]["question"] = "seen_and_heard"
        data["limits"][0]["when"]["question"] = "seen_and_heard"
        data["sections"][0]["questions"].append(new)

    cohort = make_cohort(version(renewed, at), date(2026, 11, 1))
    review = make_review(auditor, cohort, team)
    save_parts(
        viewer, review.id, [SentAnswer("seen_and_heard", "partly"), SentAnswer("why_not", "Away.")], [], at=at
    )
    from qa_app.domain.grades import Grade
    from qa_app.services.reviews import SentJudgement
    from qa_app.services.reviews_submission import submit_review
    from tests.builders_reviews import TALK

    judged = [SentJudgement(place, Grade.GOOD, rationale="Seen.") for place in ("voice", "overall")]
    save_parts(viewer, review.id, [SentAnswer("practitioner", dict(TALK))], judged, at=at)
    assert submit_review(viewer, review.id, at=at).is_done
    trend = get_measure_trend(lead, "seen_alone", MeasureSlice())
    assert [(cell.month.month, dict(cell.values), cell.n_base) for cell in trend.cells] == [
        (10, {'"yes"': 1}, 1),
        (11, {'"partly"': 1}, 1),
    ]
    assert {one.question.text for one in trend.versions} == {"Was the child seen alone?", "Seen and heard?"}


def test_rule_5_a_measure_keeps_one_answer_type(session, at):
    make_form()
    other = changed(lambda data: data.update(form="other", title="Other"))
    other["sections"][0]["questions"][2]["measure"] = "seen_alone"
    other["sections"][0]["questions"][0].pop("measure")
    with pytest.raises(Invalid, match="a measure keeps one answer type"):
        publish_form(SYSTEM, AuditForm.from_data(other), at=at)


def test_rule_6_scores_are_stored_with_the_review_and_grades_are_not_scored(session, auditor, at):
    viewer = viewer_of(auditor)
    cohort = make_cohort(make_form())
    met, partly = make_review(auditor, cohort), make_review(auditor, cohort)
    submit(viewer, met, seen="yes")
    submit(viewer, partly, seen="partly", why_not="Away.")

    def scores():
        rows = session.scalars(select(ReviewScore).order_by(ReviewScore.review_id, ReviewScore.section_key))
        return [(row.review_id, row.section_key, row.n_counted, row.n_met, row.n_partly) for row in rows]

    expected = [
        (met.id, "overall", 1, 1, 0), (met.id, "voice", 1, 1, 0),
        (partly.id, "overall", 1, 0, 1), (partly.id, "voice", 1, 0, 1),
    ]  # fmt: skip
    assert scores() == expected
    assert get_review_score(viewer, partly.id) == Score(1, 0, 1)
    assert get_review_score(viewer_of(make_user("Somebody else")), partly.id) is None
    version(lambda data: data["sections"][0]["questions"][0]["finding"].update(when={"is": "yes"}), at)
    assert scores() == expected
    session.execute(text("DELETE FROM review_score"))
    assert score_earlier_reviews(SYSTEM, at=at) == 2
    session.expire_all()
    assert scores() == expected
    assert score_earlier_reviews(SYSTEM, at=at) == 0


def test_rule_7_hidden_answers_are_kept_and_left_out(session, auditor, at):
    viewer = viewer_of(auditor)
    review = make_review(auditor, make_cohort(make_form()))
    fill(viewer, review, at, seen="partly", why_not="Away.")
    submit(viewer, review, seen="yes")
    row = session.scalars(
        select(AnswerRow).where(AnswerRow.review_id == review.id, AnswerRow.question_key == "why_not")
    ).one()
    session.refresh(row)
    assert (row.value, row.outcome) == ("Away.", AnswerOutcome.NOT_ASKED)
    snapshot = session.scalars(
        select(ReviewSnapshot.content).where(ReviewSnapshot.review_id == review.id)
    ).one()
    assert "Away." not in snapshot
    [exported] = get_form_export(viewer, "visits").rows
    assert exported["why_not.standing"] == "not asked"
    assert "why_not" not in exported


def test_rule_8_an_export_has_every_key_ever_used_and_the_version(session, lead, auditor, at):
    team = make_team()
    viewer = viewer_of(auditor)
    submit(viewer, make_review(auditor, make_cohort(make_form()), team), seen_on="3 11 2026")

    def more(data):
        without_date(data)
        data["sections"][1]["questions"].append(
            {"question": "extra", "text": "=Extra?", "type": "short_text"}
        )

    submit(viewer, make_review(auditor, make_cohort(version(more, at)), team), extra="=1+1")
    found = get_form_export(lead, "visits")
    keys = [column.key for column in found.columns]
    assert len(keys) == len(set(keys))
    assert {
        "seen_on",
        "extra",
        "practitioner.held",
        "family.said",
        "grade.voice",
        "rationale.overall",
    } <= set(keys)
    assert [(row["form_version"], row.get("seen_on"), row.get("extra")) for row in found.rows] == [
        (1, "2026-11-03", None),
        (2, None, "=1+1"),
    ]
    assert found.rows[0]["items_counted"] == 1
