"""Publishing on screen: the differences, the second person, cohorts and reviews that move."""

import re
from copy import deepcopy
from datetime import date

import pytest
from sqlalchemy import select

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.models.audit_form_proposals import AuditFormProposal
from qa_app.models.audit_forms import AuditFormVersion
from qa_app.models.cohorts import CohortForm
from qa_app.services.audit_form_drafts import change_draft, start_draft
from qa_app.services.audit_forms import publish_form
from tests.builders import make_team, make_user, viewer_of
from tests.builders_reviews import SMALL_FORM, fill, make_cohort, make_form, make_review, submit

pytestmark = pytest.mark.database


@pytest.fixture
def lead(session):
    return make_user("QA lead", Role.QA_LEAD)


@pytest.fixture
def director(session):
    return make_user("Director", Role.DIRECTOR)


def draft_of(user, at, change):
    draft = start_draft(viewer_of(user), "visits", at=at)

    def changed(data, _):
        new = deepcopy(data)
        change(new)
        return new

    change_draft(viewer_of(user), draft.id, changed, what="Changed", at=at)
    return draft.id


def hidden(page, name):
    return re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.text).group(1)


def sent(page, **more):
    return {"revision": hidden(page, "revision"), "against": hidden(page, "against"), **more}


def reword(data):
    data["sections"][0]["questions"][0]["text"] = "Was the child seen alone and heard?"


def retire(data):
    data["sections"][0]["questions"][2]["retired"] = True


def spoil(data):
    data["sections"][0]["questions"][0]["text"] = ""
    data["sections"][0]["questions"][1]["show_when"] = {"question": "nowhere", "is": "no"}


def test_wording_is_shown_word_by_word_and_published(session, sign_in, lead, at):
    make_form()
    draft_id = draft_of(lead, at, reword)
    session.commit()
    browser = sign_in(lead)
    page = browser.get(f"/forms/drafts/{draft_id}/check")
    assert re.search(r"<ins>[^<]*heard", page.text)
    assert "Wording" in page.text
    assert browser.post(f"/forms/drafts/{draft_id}/publish", data=sent(page)).status_code == 302
    assert session.scalars(select(AuditFormVersion.number).order_by(AuditFormVersion.number)).all() == [1, 2]
    after = browser.get("/forms/visits/changes")
    assert "From version 1 to version 2: 1 change" in after.text
    assert browser.post(f"/forms/drafts/{draft_id}/publish", data=sent(page)).status_code == 409


def test_faults_are_listed_with_their_places(session, sign_in, lead, at):
    version = make_form()
    draft_id = draft_of(lead, at, spoil)
    session.commit()
    browser = sign_in(lead)
    page = browser.get(f"/forms/drafts/{draft_id}/check")
    assert "2 things to put right first" in page.text
    assert "Publish version" not in page.text
    told = {"revision": "2", "against": str(version.id)}
    answer = browser.post(f"/forms/drafts/{draft_id}/publish", data=told)
    assert answer.status_code == 422
    assert "nowhere" in answer.text


def test_a_second_person_decides(session, sign_in, lead, director, at):
    make_form()
    draft_id = draft_of(lead, at, retire)
    session.commit()
    browser = sign_in(lead)
    page = browser.get(f"/forms/drafts/{draft_id}/check")
    assert "Breaks comparison" in page.text
    assert "Director" in page.text
    empty = browser.post(f"/forms/drafts/{draft_id}/propose", data=sent(page, reason=" "))
    assert empty.status_code == 422
    assert "Say why the change is worth" in empty.text
    assert (
        browser.post(
            f"/forms/drafts/{draft_id}/propose", data=sent(page, reason="Nobody reads it.")
        ).status_code
        == 302
    )
    proposal_id = session.scalars(select(AuditFormProposal.id)).one()
    assert "waits for a second person" in browser.get(f"/forms/drafts/{draft_id}/check").text
    assert "Agree and publish" not in browser.get(f"/forms/proposals/{proposal_id}").text
    assert browser.post(f"/forms/proposals/{proposal_id}/approve", data={"decision": "x"}).status_code == 403

    other = sign_in(director)
    assert "1 new version waits" in other.get("/").text
    assert "new version waits" not in browser.get("/").text
    other = sign_in(director)
    assert "Can decide" in other.get("/forms/proposals").text
    assert "Nobody reads it." in other.get(f"/forms/proposals/{proposal_id}").text
    assert other.post(f"/forms/proposals/{proposal_id}/refuse", data={"decision": ""}).status_code == 422
    assert other.post(f"/forms/proposals/{proposal_id}/approve", data={"decision": "Yes."}).status_code == 302
    assert session.scalars(select(AuditFormVersion.number).order_by(AuditFormVersion.number)).all() == [1, 2]
    assert "Approved" in other.get(f"/forms/proposals/{proposal_id}").text


def test_a_proposal_can_be_taken_back(session, sign_in, lead, at):
    make_form()
    draft_id = draft_of(lead, at, retire)
    session.commit()
    browser = sign_in(lead)
    page = browser.get(f"/forms/drafts/{draft_id}/check")
    browser.post(f"/forms/drafts/{draft_id}/propose", data=sent(page, reason="Why."))
    proposal_id = session.scalars(select(AuditFormProposal.id)).one()
    assert browser.post(f"/forms/proposals/{proposal_id}/withdraw").status_code == 302
    assert "No version waits" in browser.get("/forms/proposals").text


def newer_form(**changes):
    data = AuditForm.from_data(SMALL_FORM).to_data()
    data["sections"][0]["questions"][0]["text"] = "Was the child seen alone and heard?"
    data.update(changes)
    return data


def test_a_cohort_moves_and_reviews_not_started_follow(session, sign_in, lead, at):
    auditor = make_user("Auditor")
    cohort = make_cohort(make_form())
    waiting, begun = make_review(auditor, cohort), make_review(auditor, cohort)
    fill(viewer_of(auditor), begun, at)
    newer = make_form(newer_form())
    session.commit()
    browser = sign_in(lead)
    page = browser.get("/forms/visits/cohorts")
    assert "Move to version 2" in page.text
    address = f"/forms/publishing/cohorts/{cohort.id}/child_protection/{newer.id}"
    assert browser.post(address).status_code == 302
    assert session.scalars(select(CohortForm.form_version_id)).all() == [newer.id]
    assert begun.form_version_id != newer.id
    own = sign_in(auditor)
    assert "alone and heard" in own.get(f"/reviews/{waiting.id}/sections/voice").text
    assert "alone and heard" not in own.get(f"/reviews/{begun.id}/sections/voice").text
    assert browser.post(address).status_code == 409
    assert browser.post(address.replace("child_protection", "nothing")).status_code == 404


def test_a_started_review_moves_by_choice_knowing_what_is_lost(session, sign_in, lead, at):
    auditor = make_user("Auditor")
    cohort = make_cohort(make_form())
    review = make_review(auditor, cohort)
    fill(viewer_of(auditor), review, at, seen_on="3 11 2026")
    data = newer_form()
    data["sections"][0]["questions"][2]["retired"] = True
    newer = publish_form(SYSTEM, AuditForm.from_data(data), at=at, accepts_breaking=True)
    session.commit()
    browser = sign_in(auditor)
    assert "has moved to version 2" not in browser.get(f"/reviews/{review.id}/sections/voice").text
    assert browser.get(f"/forms/publishing/reviews/{review.id}").status_code == 409
    sign_in(lead).post(f"/forms/publishing/cohorts/{cohort.id}/child_protection/{newer.id}")
    browser = sign_in(auditor)
    assert "has moved to version 2" in browser.get(f"/reviews/{review.id}/sections/voice").text
    page = browser.get(f"/forms/publishing/reviews/{review.id}")
    assert "does not ask this any more" in page.text
    assert "3 November 2026" in page.text
    stale = browser.post(f"/forms/publishing/reviews/{review.id}", data={"agreed": "something else"})
    assert stale.status_code == 409
    done = browser.post(f"/forms/publishing/reviews/{review.id}", data={"agreed": hidden(page, "agreed")})
    assert done.status_code == 302
    session.refresh(review)
    assert review.form_version_id == newer.id
    assert "has moved to version 2" not in browser.get(f"/reviews/{review.id}/sections/voice").text
    assert (
        sign_in(make_user("Somebody else")).get(f"/forms/publishing/reviews/{review.id}").status_code == 404
    )


def test_a_submitted_review_never_moves(session, sign_in, at):
    auditor = make_user("Auditor")
    review = make_review(auditor, make_cohort(make_form()))
    submit(viewer_of(auditor), review)
    make_form(newer_form())
    session.commit()
    browser = sign_in(auditor)
    assert browser.get(f"/forms/publishing/reviews/{review.id}").status_code == 409
    read = browser.get(f"/reviews/{review.id}").text
    assert "Compliance items met" in read
    assert "100% (1 of 1)" in read


def test_old_and_new_reviews_of_a_changed_question_stand_side_by_side(session, sign_in, lead, at):
    auditor, team = make_user("Auditor"), make_team()
    first = make_cohort(make_form(), date(2026, 10, 1))
    for seen in ("yes", "partly", "partly"):
        submit(viewer_of(auditor), make_review(auditor, first, team), seen=seen, why_not="Away.", at=at)
    second = make_cohort(make_form(newer_form()), date(2026, 11, 1))
    submit(viewer_of(auditor), make_review(auditor, second, team), seen="yes", at=at)
    session.commit()
    browser = sign_in(lead)
    listed = browser.get("/measures/?words=heard")
    assert "/measures/seen_alone" in listed.text
    page = browser.get("/measures/seen_alone")
    assert page.text.index("October 2026") < page.text.index("November 2026")
    assert "Version 2 begins" in page.text
    assert "Wording changed" in page.text
    assert "67% (2 of 3)" in page.text
    assert "100% (1 of 1)" in page.text
    assert "100% (1 of 1)" not in browser.get("/measures/seen_alone?to=2026-10").text
    assert browser.get("/measures/nothing").status_code == 404
    assert browser.get("/measures/seen_alone?from=rubbish&form=visits").status_code == 200
