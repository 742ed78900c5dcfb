"""Raising a finding in the browser, with scripts and without, and the page of one finding."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import Role
from qa_app.models.accounts import User
from qa_app.models.findings import Finding, FindingTheme
from qa_app.models.reviews import Review
from qa_app.models.themes import Theme
from tests.builders import make_team, make_user
from tests.builders_findings import make_submitted, make_themed_version
from tests.builders_reviews import make_cohort, make_review

pytestmark = pytest.mark.database
SignIn = Callable[[User], FlaskClient]
SENT = {
    "kind": "weakness",
    "severity": "significant",
    "words": "Nobody <b>asked</b> the child.",
    "themes": ["visits", "planning"],
}


@pytest.fixture
def auditor(session: Session) -> User:
    return make_user()


@pytest.fixture
def review(session: Session, auditor: User) -> Review:
    return make_review(auditor, make_cohort(make_themed_version()), make_team())


def address(review: Review, question: str | None = "seen", **more: str) -> str:
    asked = {"review_id": str(review.id), **({"question": question} if question else {}), **more}
    return "/findings/new?" + "&".join(f"{key}={value}" for key, value in asked.items())


def test_the_form_holds_the_question_and_ticks_its_themes(
    sign_in: SignIn, auditor: User, review: Review
) -> None:
    page = sign_in(auditor).get(address(review)).get_data(as_text=True)
    assert "Is seen right?" in page
    assert "Not answered" in page
    assert 'value="visits" checked' in page
    assert 'value="smart_plans" checked' not in page
    assert 'value="weakness" checked' in page  # what the question offers
    asked_for = sign_in(auditor).get(address(review, kind="strength")).get_data(as_text=True)
    assert 'value="strength" checked' in asked_for


def test_a_finding_says_where_the_record_shows_it(
    sign_in: SignIn, auditor: User, review: Review, session: Session
) -> None:
    browser = sign_in(auditor)
    too_long = browser.post(address(review), data={**SENT, "record_place": "x" * 201})
    assert too_long.status_code == 422
    assert "Up to 200 characters" in too_long.get_data(as_text=True)
    browser.post(address(review), data={**SENT, "record_place": "Case note of  3 November 2026"})
    finding = session.scalars(select(Finding)).one()
    page = browser.get(f"/findings/{finding.id}").get_data(as_text=True)
    assert "Case note of 3 November 2026" in page


def test_a_finding_saved_without_scripts_leads_back_to_its_question(
    sign_in: SignIn, auditor: User, review: Review, session: Session
) -> None:
    browser = sign_in(auditor)
    reply = browser.post(address(review), data=SENT)
    assert reply.status_code == 303
    assert reply.location.endswith(f"/reviews/{review.id}?question=seen#question-seen")
    finding = session.scalars(select(Finding)).one()
    assert (finding.review_id, finding.question_key, finding.raised_by_id) == (review.id, "seen", auditor.id)
    keys = session.scalars(select(Theme.key).join(FindingTheme).order_by(Theme.key)).all()
    assert keys == ["planning", "visits"]
    again = browser.get(address(review)).get_data(as_text=True)
    assert "Already raised here" in again
    assert f"F{finding.id}" in again


def test_a_script_gets_the_finding_as_data(sign_in: SignIn, auditor: User, review: Review) -> None:
    reply = sign_in(auditor).post(
        address(review), data=SENT, headers={"Accept": "application/json, text/html;q=0.9"}
    )
    assert reply.status_code == 201
    told = reply.get_json()
    assert told["href"] == f"/findings/{told['ref'].removeprefix('F')}"
    assert (told["question"], told["kind_label"], told["words"]) == ("seen", "Weakness", SENT["words"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"words": " "}, "Write the finding in a sentence or two"),
        ({"kind": ""}, "Say whether this is a strength or a weakness"),
        ({"severity": "dreadful"}, "Choose how much this finding matters"),
        ({"themes": ["no_such_theme"]}, "There is no theme"),
    ],
)
def test_a_refused_finding_keeps_what_was_typed(
    sign_in: SignIn, auditor: User, review: Review, session: Session, change: dict[str, object], said: str
) -> None:
    reply = sign_in(auditor).post(address(review), data={**SENT, **change})
    page = reply.get_data(as_text=True)
    assert reply.status_code == 422
    assert said in page
    assert "There is a problem" in page
    if "words" not in change:
        assert "Nobody &lt;b&gt;asked&lt;/b&gt; the child." in page
    if "themes" not in change:
        assert 'value="planning" checked' in page
    assert session.scalars(select(Finding)).all() == []


def test_all_that_a_finding_lacks_is_said_at_once(
    sign_in: SignIn, auditor: User, review: Review, session: Session
) -> None:
    reply = sign_in(auditor).post(address(review), data={"words": "  ", "themes": []})
    page = reply.get_data(as_text=True)
    assert reply.status_code == 422
    for said in (
        "Say whether this is a strength",
        "Choose how much this finding matters",
        "Write the finding in",
    ):
        assert said in page
    assert session.scalars(select(Finding)).all() == []


def test_a_review_or_question_that_is_not_there(sign_in: SignIn, auditor: User, review: Review) -> None:
    browser, other = sign_in(auditor), sign_in(make_user("Auditor Two"))
    assert browser.get("/findings/new?review_id=999999").status_code == 404
    assert browser.get("/findings/new").status_code == 404
    assert browser.get(f"/findings/new?review_id={10**20}").status_code == 404
    assert browser.get(address(review, "no_such_question")).status_code == 404
    assert browser.post(address(review, "no_such_question"), data=SENT).status_code == 404
    assert other.get(address(review)).status_code == 404
    assert other.post(address(review), data=SENT).status_code == 404


def test_the_page_of_a_finding_leads_up_and_down(sign_in: SignIn, auditor: User, session: Session) -> None:
    team = make_team()
    review = make_submitted(
        auditor, make_cohort(make_themed_version()), team, findings=[("seen", "weakness", ["visits"])]
    )
    finding = session.scalars(select(Finding)).one()
    theme = session.scalars(select(Theme).where(Theme.key == "visits")).one()
    improvement = make_user("Improvement", Role.IMPROVEMENT_TEAM)
    page = sign_in(improvement).get(f"/findings/{finding.id}").get_data(as_text=True)
    assert f'href="/reviews/{review.id}?question=seen#question-seen"' in page
    assert f'href="/themes/{theme.id}"' in page
    assert "What was found: weakness." in page
    assert "No plan action answers this finding" in page
    own = sign_in(auditor).get(f"/findings/{finding.id}").get_data(as_text=True)
    assert f'href="/themes/{theme.id}"' not in own  # an auditor does not see themes
    assert "plan actions" not in own
    elsewhere = make_user("Manager", Role.TEAM_MANAGER, team=make_team("Team South"))
    assert sign_in(elsewhere).get(f"/findings/{finding.id}").status_code == 404


def test_a_finding_is_taken_back_from_its_page(
    sign_in: SignIn, auditor: User, review: Review, session: Session
) -> None:
    browser = sign_in(auditor)
    browser.post(address(review), data=SENT)
    finding = session.scalars(select(Finding)).one()
    assert "Take this finding back" in browser.get(f"/findings/{finding.id}").get_data(as_text=True)
    reply = browser.post(f"/findings/{finding.id}/withdraw")
    assert reply.location == f"/reviews/{review.id}"
    assert browser.get(f"/findings/{finding.id}").status_code == 404
