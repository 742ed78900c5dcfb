"""The pages of a review: listed, answered with and without scripts, checked, handed in, read."""

import pytest
from sqlalchemy import select

from qa_app.domain.access import Role
from qa_app.models.history import AccessEntry
from qa_app.models.reviews import AnswerRow, Review
from tests.builders import make_team, make_user, viewer_of
from tests.builders_reviews import fill, make_review

pytestmark = pytest.mark.database

JSON = {"Accept": "application/json"}


@pytest.fixture
def auditor(session):
    return make_user("Auditor One")


@pytest.fixture
def review(auditor):
    return make_review(auditor, team=make_team())


@pytest.fixture
def browser(auditor, review, sign_in):
    return sign_in(auditor)


def send(browser, review, question, revision=0, mark="a", **fields):
    data = {f"{question}-{name}": value for name, value in fields.items()}
    data |= {"revision": revision, "save_id": mark}
    return browser.post(f"/reviews/{review.id}/answers/{question}", data=data, headers=JSON)


def test_my_reviews_lists_what_is_mine(browser, review, sign_in):
    page = browser.get("/reviews").text
    assert f"R{review.id}" in page
    assert "Visits audit" in page
    other = sign_in(make_user("Auditor Two"))
    page = other.get("/reviews").text
    assert f"R{review.id}" not in page
    assert "No review is waiting for you" in page


def test_a_review_opens_where_work_goes_on(browser, review):
    assert browser.get(f"/reviews/{review.id}").location == f"/reviews/{review.id}/sections/voice"
    page = browser.get(f"/reviews/{review.id}/sections/voice").text
    assert "Was the child seen alone?" in page
    assert "Look at the last three visits." in page
    assert "Category of abuse" in page
    assert "The child is heard." in page
    assert browser.get(f"/reviews/{review.id}?question=practitioner").location.endswith(
        "/sections/talk#question-practitioner"
    )


@pytest.mark.parametrize("section", ["voice", "talk", "overall"])
def test_every_section_is_a_sound_page(browser, review, section):
    assert browser.get(f"/reviews/{review.id}/sections/{section}").status_code == 200


def test_an_unknown_section_is_not_found(browser, review):
    assert browser.get(f"/reviews/{review.id}/sections/nothing").status_code == 404
    assert browser.post(f"/reviews/{review.id}/sections/nothing").status_code == 404


def test_an_answer_saves_itself_and_tells_what_changes_on_the_page(browser, review):
    reply = send(browser, review, "seen_alone", value="partly")
    assert reply.status_code == 200
    told = reply.get_json()
    assert told["revision"] == 1
    assert told["offers"] is True
    assert "why_not" in told["shown"]
    assert told["sections"][0] == {"section": "voice", "words": "1 of 3", "is_complete": False}
    assert send(browser, review, "seen_alone", value="partly").get_json()["revision"] == 1


def test_a_stale_answer_is_told_with_both_values(browser, review):
    send(browser, review, "seen_alone", value="yes")
    reply = send(browser, review, "seen_alone", revision=0, mark="b", value="no")
    assert reply.status_code == 409
    assert reply.get_json() == {"revision": 1, "theirs": "Yes", "yours": "No"}


def test_a_value_that_cannot_be_read_is_kept_and_marked(browser, review):
    told = send(browser, review, "seen_on", value="in spring").get_json()
    assert "real date" in told["fault"]
    page = browser.get(f"/reviews/{review.id}/sections/voice").text
    assert 'value="in spring"' in page


@pytest.mark.parametrize(
    ("question", "fields", "status"),
    [
        ("nothing", {"value": "x"}, 404),
        ("seen_alone", {"value": "x" * 60_000}, 422),
        ("why_not", {"value": "kept though hidden"}, 200),
        ("practitioner", {"held": "yes", "said": "words"}, 200),
        ("family", {"gathered": "maybe", "heard_from": "nobody"}, 200),
        ("seen_alone", {"value": "excuse-not_applicable", "reason": "Unborn.\x00"}, 200),
        ("why_not", {"value": "no\x00thing"}, 200),
        ("seen_on", {"value": "\x00"}, 200),
    ],
)
def test_odd_posts_are_answered_in_words(browser, review, question, fields, status):
    assert send(browser, review, question, **fields).status_code == status


def test_a_page_out_of_step_is_told_to_load_again(browser, review):
    reply = browser.post(f"/reviews/{review.id}/answers/seen_alone", data={"revision": "x"}, headers=JSON)
    assert reply.status_code == 422
    assert "Load it again" in reply.get_json()["error"]


def test_a_grade_saves_itself_and_limits_explain_themselves(browser, review):
    send(browser, review, "seen_alone", value="no")
    data = {"judgement-grade": "good", "judgement-rationale": "Fine.", "revision": 0, "save_id": "j"}
    told = browser.post(f"/reviews/{review.id}/judgements/overall", data=data, headers=JSON).get_json()
    assert told["limits"] == {
        "ceilings": ["No higher than inadequate: Nobody saw the child."],
        "departs": True,
    }
    page = browser.get(f"/reviews/{review.id}/sections/overall").text
    assert "Nobody saw the child." in page
    assert browser.post(
        f"/reviews/{review.id}/judgements/overall", data={**data, "judgement-grade": "superb"}, headers=JSON
    ).status_code == 422  # fmt: skip


def section_data(**changes):
    data = {
        "seen_alone-revision": 0,
        "seen_alone-value": "yes",
        "why_not-revision": 0,
        "why_not-value": "",
        "seen_on-revision": 0,
        "seen_on-value": "3 11 2026",
        "judgement-revision": 0,
        "judgement-grade": "good",
        "judgement-rationale": "Seen and heard.",
        "then": "next",
    }
    return {**data, **changes}


def test_without_scripts_a_section_is_saved_whole(browser, review, session):
    reply = browser.post(f"/reviews/{review.id}/sections/voice", data=section_data())
    assert reply.location == f"/reviews/{review.id}/sections/talk"
    rows = session.scalars(select(AnswerRow).where(AnswerRow.review_id == review.id)).all()
    assert {row.question_key: row.value for row in rows} == {"seen_alone": "yes", "seen_on": "2026-11-03"}


def test_without_scripts_a_clash_shows_both_and_can_be_sent_again(browser, review, session):
    send(browser, review, "seen_alone", value="no")
    page = browser.post(f"/reviews/{review.id}/sections/voice", data=section_data())
    assert page.status_code == 200
    assert "Another answer was saved since you opened this page." in page.text
    assert 'name="seen_alone-revision" value="1"' in page.text
    again = section_data(**{"seen_alone-revision": 1, "seen_on-revision": 1, "judgement-revision": 1})
    assert browser.post(f"/reviews/{review.id}/sections/voice", data=again).status_code == 302
    row = session.scalars(select(AnswerRow).where(AnswerRow.question_key == "seen_alone")).one()
    session.refresh(row)
    assert row.value == "yes"


def test_submitting_with_gaps_lists_them_as_links(browser, review):
    send(browser, review, "seen_alone", value="no")
    reply = browser.post(f"/reviews/{review.id}/submit")
    assert reply.status_code == 422
    assert f'href="/reviews/{review.id}/sections/voice#question-why_not"' in reply.text
    assert f'href="/reviews/{review.id}/sections/voice#judgement-voice"' in reply.text
    assert 'href="#gaps"' in reply.text


def test_a_submitted_review_is_read_and_no_longer_edited(browser, auditor, review, at, session, sign_in):
    fill(viewer_of(auditor), review, at)
    assert browser.post(f"/reviews/{review.id}/submit").location == f"/reviews/{review.id}"
    page = browser.get(f"/reviews/{review.id}").text
    assert "Was the child seen alone?" in page
    assert "We know the family well." in page
    assert "is submitted. Thank you." in page
    assert browser.get(f"/reviews/{review.id}/sections/voice").status_code == 302
    assert send(browser, review, "seen_alone", revision=1, mark="z", value="no").status_code == 409
    lead = sign_in(make_user("Lead", Role.QA_LEAD))
    assert lead.get(f"/reviews/{review.id}").status_code == 200


def test_an_unfinished_review_is_seen_by_its_reviewer_alone(review, sign_in, session):
    for role in (Role.QA_LEAD, Role.DIRECTOR, Role.AUDITOR):
        other = sign_in(make_user(f"Other {role.value}", role))
        assert other.get(f"/reviews/{review.id}").status_code == 404
        assert send(other, review, "seen_alone", value="yes").status_code in (403, 404)
    assert session.scalar(select(AnswerRow.id).where(AnswerRow.review_id == review.id)) is None


def test_looking_at_a_review_is_logged(browser, review, session):
    browser.get(f"/reviews/{review.id}/sections/voice")
    entries = session.scalars(select(AccessEntry).where(AccessEntry.subject_kind == "review")).all()
    assert [entry.subject_id for entry in entries] == [review.id]


def test_no_child_reference_is_in_an_address(browser, review, session):
    ref = session.get(Review, review.id).cohort_case.child.ref
    page = browser.get("/reviews").text
    assert ref in page
    assert f"/{ref}" not in page
    assert f"={ref}" not in page
