"""Releasing reviews, reading one's own practice, and handing over work, as people do it in pages."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app import clock
from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.findings import finding_draft
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.history import AccessEntry
from qa_app.models.leavers import Leaving
from qa_app.models.reviews import Review
from qa_app.services.findings import raise_finding
from qa_app.services.reviews_release import release_reviews
from tests.builders import AT, make_team, make_user, viewer_of
from tests.builders_ties import TiedCase, hand_in, make_practitioner, make_tied_case, name_officer

pytestmark = pytest.mark.database
SignIn = Callable[[User], FlaskClient]


def page_of(browser: FlaskClient, address: str, status: int = 200) -> str:
    response = browser.get(address)
    assert response.status_code == status, response.get_data(as_text=True)[:2000]
    return unescape(response.get_data(as_text=True))


def handed_in(worker: User | None = None) -> TiedCase:
    tied = make_tied_case(make_user("Reviewer"), make_team(), make_practitioner(worker))
    reviewer = viewer_of(db.session.get_one(User, tied.review.reviewer_id))
    for kind, words in (("strength", "She was heard."), ("weakness", "The plan has no dates.")):
        raise_finding(reviewer, tied.review.id, None, finding_draft(kind, "minor", words, []), at=AT)
    hand_in(tied)
    return tied


def test_the_qa_lead_releases_chosen_reviews_from_the_list(session: Session, sign_in: SignIn) -> None:
    tied = handed_in()
    review_id = tied.review.id
    browser = sign_in(make_user("Lead", Role.QA_LEAD))
    page = page_of(browser, "/releases")
    assert f"Choose R{review_id}" in page
    assert "No account" in page
    refused = browser.post("/releases", data={})
    assert refused.status_code == 422
    assert "Choose at least one review" in refused.get_data(as_text=True)
    done = browser.post("/releases", data={"review": [str(review_id)]}, follow_redirects=True)
    assert "1 review is released" in done.get_data(as_text=True)
    assert session.get_one(Review, review_id).released_at is not None
    assert f"R{review_id}" in page_of(browser, "/releases?state=released")
    assert "Released" in page_of(browser, f"/reviews/{review_id}")
    for asked in ("state=nothing", "cohort=99999999999999999999", "page=-3", "cohort=x"):
        page_of(browser, f"/releases?{asked}")


def test_a_review_is_held_back_and_let_go_from_its_own_page(session: Session, sign_in: SignIn) -> None:
    tied = handed_in()
    address = f"/reviews/{tied.review.id}"
    browser = sign_in(make_user("Lead", Role.QA_LEAD))
    assert "releases itself on" in page_of(browser, address)
    hold = browser.post(
        f"/releases/{tied.review.id}/hold", data={"reason": "A complaint is open.", "from": "review"}
    )
    assert (hold.status_code, hold.location) == (302, address)
    assert "Held back since" in page_of(browser, address)
    assert "A complaint is open." in page_of(browser, "/releases?state=held")
    assert browser.post(f"/releases/{tied.review.id}/hold", data={"reason": ""}).status_code == 422
    browser.post(f"/releases/{tied.review.id}/let-go", data={"from": "review"})
    assert "releases itself on" in page_of(browser, address)
    assert browser.post("/releases/999999/hold", data={"reason": "x"}).status_code == 404


def test_a_practitioner_reads_strengths_first_and_only_after_release(
    session: Session, sign_in: SignIn
) -> None:
    worker = make_user("Worker", Role.PRACTITIONER)
    tied = handed_in(worker)
    review_id = tied.review.id
    browser = sign_in(worker)
    assert "No review of your work has been released yet" in page_of(browser, "/my-practice")
    page_of(browser, f"/reviews/{review_id}", 404)
    release_reviews(SYSTEM, [review_id], at=AT)
    session.commit()
    page = page_of(browser, "/my-practice")
    assert "She was heard." in page
    assert "The plan has no dates." not in page
    read = page_of(browser, f"/reviews/{review_id}")
    assert read.index("What went well") < read.index("What to work on") < read.index('id="section-')
    assert "/findings/" not in read, "a practitioner has no page of findings"
    views = session.scalars(
        select(AccessEntry.endpoint)
        .where(AccessEntry.subject_kind == "review", AccessEntry.what == "view")
        .order_by(AccessEntry.id)
    ).all()
    assert views == ["my_practice.index", "reviews.show"]


def test_every_new_role_has_a_sensible_first_page(session: Session, sign_in: SignIn) -> None:
    for role in (Role.PRACTITIONER, Role.REVIEWING_OFFICER):
        browser = sign_in(make_user(role.label[:40], role))
        assert "My practice" in page_of(browser, "/")
        assert "matched with no practitioner" in page_of(browser, "/my-practice")


def test_a_reviewing_officer_reads_released_reviews_of_their_children(
    session: Session, sign_in: SignIn
) -> None:
    chair = make_user("Chair", Role.REVIEWING_OFFICER)
    tied = handed_in()
    name_officer(tied, make_practitioner(chair), tied.day)
    release_reviews(SYSTEM, [tied.review.id], at=AT)
    browser = sign_in(chair)
    assert "Children you are reviewing officer or conference chair for" in page_of(browser, "/my-practice")
    page_of(browser, f"/reviews/{tied.review.id}")


def test_work_is_handed_over_on_a_page(session: Session, sign_in: SignIn) -> None:
    leaver, successor = make_user("Leaver"), make_user("Successor")
    tied = make_tied_case(leaver)
    review_id = tied.review.id
    lead = make_user("Lead", Role.QA_LEAD)
    leaver_id, successor_id = leaver.id, successor.id
    browser = sign_in(lead)
    day = clock.today() + timedelta(days=5)
    data = {
        "user_id": str(leaver_id),
        "last_day-day": str(day.day),
        "last_day-month": str(day.month),
        "last_day-year": str(day.year),
        "reason": "Leaves the council.",
    }
    assert browser.post("/leavers/new", data={}).status_code == 422
    assert browser.post("/leavers/new", data={**data, "last_day-year": "1999"}).status_code == 422
    marked = browser.post("/leavers/new", data=data)
    leaving = session.scalars(select(Leaving)).one()
    assert marked.location == f"/leavers/{leaving.id}"
    page = page_of(browser, marked.location)
    assert f"R{review_id}" in page
    address = f"/leavers/{leaving.id}/hand-over"
    for wrong in (
        {},
        {"to": str(successor_id), "reason": "x", "which": "chosen"},
        {"to": "", "reason": "x", "which": "all"},
        {"to": str(leaver_id), "reason": "x", "which": "all"},
    ):
        assert browser.post(address, data=wrong).status_code == 422
    nobody = browser.post(
        address, data={"to": "0", "reason": "x", "which": "all"}, follow_redirects=True
    ).get_data(as_text=True)
    assert "always has a reviewer" in nobody
    browser.post(
        address,
        data={
            "to": str(successor_id),
            "reason": "Same area.",
            "which": "chosen",
            "work": f"review-{review_id}",
        },
    )
    assert session.get_one(Review, review_id).reviewer_id == successor_id
    assert "Nothing is open" in page_of(browser, marked.location)
    assert "Leaver" in page_of(browser, "/leavers")
    move = f"/leavers/{leaving.id}/last-day"
    assert browser.post(move, data={}).status_code == 422
    later = {key: value for key, value in data.items() if key.startswith("last_day")}
    assert browser.post(move, data=later).status_code == 302
    assert browser.post(f"/leavers/{leaving.id}/stay").status_code == 302
    assert "Nobody is marked as leaving" in page_of(browser, "/leavers")


def test_a_sign_in_ends_with_the_last_day_even_before_the_account_is_closed(
    session: Session, sign_in: SignIn
) -> None:
    user = make_user("Leaver")
    browser = sign_in(user)
    page_of(browser, "/")
    row = Leaving(
        user_id=user.id,
        last_day=clock.today() - timedelta(days=1),
        reason="Left.",
        marked_at=AT,
    )
    session.add(row)
    session.commit()
    assert browser.get("/").status_code == 302
    row.last_day = clock.today()
    session.commit()
    page_of(browser, "/")
