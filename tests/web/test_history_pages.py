"""The history to read: on each record for whoever may open it, and searched by those who read all of it."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.grades import Grade
from qa_app.models.accounts import User
from qa_app.models.reviews import Review
from qa_app.services import history
from qa_app.services.organisation import add_service_area, place_team
from qa_app.services.reviews import SentAnswer, SentJudgement, save_parts
from tests.builders import AT, make_service_area, make_team, make_user, viewer_of
from tests.builders_improvement import action_of, involve_agency, published_plan
from tests.builders_reviews import fill, make_review, submit
from tests.query_counter import count_selects

pytestmark = pytest.mark.database
SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def auditor(session: Session) -> User:
    return make_user("Auditor One")


@pytest.fixture
def review(auditor: User) -> Review:
    return make_review(auditor, team=make_team())


def story(browser: FlaskClient, kind: str, number: int) -> str:
    return browser.get(f"/history/{kind}/{number}").text


def test_a_review_tells_which_grade_became_which(
    auditor: User, review: Review, sign_in: SignIn, at: datetime
) -> None:
    viewer = viewer_of(auditor)
    save_parts(viewer, review.id, [], [SentJudgement("voice", Grade.GOOD, rationale="Heard.")], at=at)
    save_parts(
        viewer,
        review.id,
        [SentAnswer("seen_alone", "partly")],
        [SentJudgement("voice", Grade.REQUIRES_IMPROVEMENT, rationale="Heard.", expected_revision=1)],
        at=at + timedelta(hours=2),
    )
    page = story(sign_in(auditor), "review", review.id)
    assert "Grade of The child&#39;s voice" in page
    assert "Requires improvement" in page
    assert "Was the child seen alone?" in page
    assert "Partly" in page
    assert "24 November 2026 at 12.00pm" in page


def test_saves_in_quick_succession_are_told_as_one(
    auditor: User, review: Review, sign_in: SignIn, at: datetime
) -> None:
    viewer = viewer_of(auditor)
    for turn, words in enumerate(("no", "partly", "yes")):
        save_parts(
            viewer,
            review.id,
            [SentAnswer("seen_alone", words, expected_revision=turn)],
            [],
            at=at + timedelta(minutes=turn),
        )
    page = story(sign_in(auditor), "review", review.id)
    assert "saved answers 3 times" in page
    assert "10.00am to 10.02am" in " ".join(page.split())


def test_what_was_typed_on_the_way_is_for_the_reviewer_alone(
    auditor: User, review: Review, sign_in: SignIn
) -> None:
    viewer = viewer_of(auditor)
    save_parts(viewer, review.id, [SentAnswer("why_not", "A first thought, taken back")], [], at=AT)
    save_parts(
        viewer, review.id, [SentAnswer("why_not", "", expected_revision=1)], [], at=AT + timedelta(days=1)
    )
    submit(viewer, review, AT + timedelta(days=2))
    reader = make_user("Improver", Role.IMPROVEMENT_TEAM)
    page = story(sign_in(reader), "review", review.id)
    assert "A first thought" not in page
    assert "saved answers" in page
    assert "handed the review in" in page
    assert "A first thought" in story(sign_in(auditor), "review", review.id)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.DIRECTOR, Role.ADMINISTRATOR, Role.QA_LEAD])
def test_nobody_reads_the_story_of_a_review_that_they_may_not_open(
    auditor: User, review: Review, sign_in: SignIn, role: Role
) -> None:
    fill(viewer_of(auditor), review, AT)
    other = sign_in(make_user("Somebody", role))
    assert other.get(f"/reviews/{review.id}").status_code in (403, 404)
    assert other.get(f"/history/review/{review.id}").status_code == 404


def test_seeing_a_record_and_seeing_its_story_are_the_same(sign_in: SignIn, session: Session) -> None:
    north, south = make_service_area("North"), make_service_area("South")
    mine, other = make_team("A", north), make_team("B", south)
    author = make_user("Author")
    reviews = {team.id: make_review(author, team=team) for team in (mine, other)}
    for each in reviews.values():
        submit(viewer_of(author), each)
    head = sign_in(make_user("Head", Role.HEAD_OF_SERVICE, service_area=north))
    for team in (mine, other):
        number = reviews[team.id].id
        assert (
            head.get(f"/reviews/{number}").status_code
            == head.get(f"/history/review/{number}").status_code
            == (200 if team is mine else 404)
        )
        assert head.get(f"/history/team/{team.id}").status_code == (200 if team is mine else 404)


@pytest.mark.parametrize("kind", ["nothing", "job", "history_entry", "<script>"])
def test_kinds_without_a_story_are_not_found(sign_in: SignIn, session: Session, kind: str) -> None:
    browser = sign_in(make_user("Admin", Role.ADMINISTRATOR))
    assert browser.get(f"/history/{kind}/1").status_code == 404


def test_names_stand_for_numbers(sign_in: SignIn, session: Session) -> None:
    area = add_service_area(SYSTEM, "Safeguarding", None, at=AT)
    manager = make_user("Manager North", Role.TEAM_MANAGER, team=make_team("Other"))
    team = make_team("Team North")
    place_team(SYSTEM, team.id, area.id, manager.id, at=AT)
    page = story(sign_in(make_user("Lead", Role.QA_LEAD)), "team", team.id)
    assert "Manager North" in page
    assert "Safeguarding" in page
    assert "The system" in page


def test_a_long_story_goes_on_from_page_to_page(sign_in: SignIn, session: Session) -> None:
    team = make_team("Team North")
    for number in range(130):
        history.record(
            SYSTEM,
            "team.placed",
            "team",
            team.id,
            at=AT + timedelta(minutes=number // 3),
            after={"n": number},
        )
    browser = sign_in(make_user("Lead", Role.QA_LEAD))
    first = browser.get(f"/history/team/{team.id}").text
    assert first.count("placed the team") == 100
    link = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = browser.get(link).text
    assert second.count("placed the team") == 30
    numbers = {piece.split("</ins>")[0] for page in (first, second) for piece in page.split("<ins>")[1:]}
    assert numbers == {str(number) for number in range(130)}


def test_the_search_finds_by_who_what_record_and_day(sign_in: SignIn, session: Session) -> None:
    admin = make_user("Admin", Role.ADMINISTRATOR)
    team, other = make_team("A"), make_team("B")
    by = viewer_of(admin)
    history.record(by, "team.placed", "team", team.id, at=AT, after={"note": "first thing"})
    history.record(
        SYSTEM, "team.added", "team", other.id, at=AT + timedelta(days=3), after={"note": "other thing"}
    )
    browser = sign_in(admin)

    def finds(query: str) -> tuple[bool, bool]:
        page = browser.get(f"/history?{query}").text
        return "first thing" in page, "other thing" in page

    assert finds("") == (True, True)
    assert finds(f"who={admin.id}") == (True, False)
    assert finds("who=system") == (False, True)
    assert finds("what=team.added") == (False, True)
    assert finds(f"kind=team&record={team.id}") == (True, False)
    assert finds("until=2026-11-24") == (True, False)
    assert finds("since=2026-11-25") == (False, True)
    assert finds("kind=review") == (False, False)
    page = browser.get("/history?record=R12+or&since=yesterday").text
    assert "The record is not a reference" in page
    assert "From is not a day" in page


def test_the_search_does_not_tell_what_a_review_says(auditor: User, review: Review, sign_in: SignIn) -> None:
    save_parts(
        viewer_of(auditor),
        review.id,
        [],
        [SentJudgement("voice", Grade.INADEQUATE, rationale="Unheard.")],
        at=AT,
    )
    for role in (Role.ADMINISTRATOR, Role.DIRECTOR, Role.QA_LEAD):
        page = sign_in(make_user("Reader", role)).get(f"/history?record=R{review.id}").text
        assert f"Review R{review.id}" in page
        assert "Inadequate" not in page
        assert "Unheard" not in page


def test_pages_of_the_search_follow_one_another_without_gap_or_repeat(
    sign_in: SignIn, session: Session
) -> None:
    for number in range(120):
        history.record(
            SYSTEM, "team.placed", "team", 1, at=AT + timedelta(seconds=number // 7), after={"n": number}
        )
    browser = sign_in(make_user("Admin", Role.ADMINISTRATOR))
    address, seen = "/history?kind=team", []
    while address:
        page = browser.get(address).text
        seen += [int(piece.split("</ins>")[0]) for piece in page.split("<ins>")[1:]]
        after = page.split('rel="next" href="')
        address = after[1].split('"')[0].replace("&amp;", "&") if len(after) > 1 else ""
    assert seen == list(range(119, -1, -1))


def test_the_search_asks_the_same_number_of_questions_for_one_entry_and_for_many(
    sign_in: SignIn, session: Session
) -> None:
    browser = sign_in(make_user("Admin", Role.ADMINISTRATOR))
    team = make_team()

    def questions() -> int:
        session.commit()
        with count_selects() as counted:
            assert browser.get("/history?kind=team").status_code == 200
        return len(counted)

    history.record(SYSTEM, "team.placed", "team", team.id, at=AT, after={"team_id": team.id})
    few = questions()
    for _ in range(45):
        history.record(SYSTEM, "team.placed", "team", team.id, at=AT, after={"team_id": team.id})
    assert questions() == few


def test_a_page_of_a_record_leads_to_its_story(sign_in: SignIn, session: Session) -> None:
    team = make_team()
    browser = sign_in(make_user("Lead", Role.QA_LEAD))
    assert f'href="/history/team/{team.id}"' in browser.get(f"/organisation/teams/{team.id}").text
    assert 'href="/history/team/999' not in browser.get("/organisation/teams/999999").text


def test_what_was_found_can_be_taken_as_a_file_and_that_is_logged(sign_in: SignIn, session: Session) -> None:
    admin = make_user("=Admin", Role.ADMINISTRATOR)
    team = make_team("=HYPERLINK(A1)")
    history.record(
        viewer_of(admin), "team.placed", "team", team.id, at=AT, after={"note": "=1+1, first thing"}
    )
    history.record(SYSTEM, "team.placed", "team", team.id, at=AT, after={"note": "other thing"})
    admin_id = admin.id
    browser = sign_in(admin)
    page = browser.get(f"/history?kind=team&who={admin_id}").text
    assert f'href="/history.csv?who={admin_id}&amp;kind=team"' in page
    reply = browser.get(f"/history.csv?who={admin_id}&kind=team")
    lines = list(csv.reader(io.StringIO(reply.get_data().decode("utf-8-sig"), newline="")))
    assert lines[0] == ["When (UTC)", "Who", "What", "Record", "From what to what"]
    assert len(lines) == 2
    assert lines[1][1] == "'=Admin"
    assert "first thing" in lines[1][4]
    assert not [cell for cell in lines[1] if cell.startswith("=")]
    log = browser.get("/access-log.csv?what=export").get_data().decode("utf-8-sig")
    assert "history.index_file" in log
    assert browser.get("/access-log.csv?kind=review").get_data().decode("utf-8-sig").count("\n") == 1


def test_a_partner_reads_the_story_of_an_action_without_what_reviews_told(
    sign_in: SignIn, session: Session
) -> None:
    action = action_of(published_plan().plan_id, "1.1.1")
    involve_agency(action, "Health")
    history.record(
        SYSTEM,
        "finding.linked",
        "plan_action",
        action.id,
        at=AT,
        after={"finding": "F1", "reason": "Her mother"},
    )
    partner = sign_in(make_user("Partner", Role.PARTNER_AGENCY))
    page = story(partner, "plan_action", action.id)
    assert "linked a finding" in page
    assert "Her mother" not in page
    lead = sign_in(make_user("Improver", Role.IMPROVEMENT_TEAM))
    assert "Her mother" in story(lead, "plan_action", action.id)
