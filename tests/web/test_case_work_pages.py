"""The pages of actions for children and of concerns: the register's counts, updates in place, files, two clicks."""

import io
from collections.abc import Callable
from datetime import timedelta

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app import clock
from qa_app.domain.access import Role
from qa_app.domain.case_action_filters import Asked, Show, read_asked
from qa_app.domain.case_actions import Ageing, Impact, Priority, Timing
from qa_app.models.accounts import User
from qa_app.models.case_actions import CaseAction, CaseActionUpdate
from qa_app.models.safeguarding_concerns import SafeguardingConcern
from qa_app.queries.case_actions import get_register
from qa_app.services.case_actions import check_impact, finish_case_action, verify_case_action
from tests.builders import AT, make_user, viewer_of
from tests.builders_case_work import Place, make_place
from tests.query_counter import count_selects

pytestmark = pytest.mark.database
SignIn = Callable[[User], FlaskClient]


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages think it is the day of the tests."""
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def place(session: Session) -> Place:
    return make_place()


def done(place: Place, action: CaseAction, after: timedelta) -> None:
    finish_case_action(viewer_of(place.worker), action.id, "Case note.", at=action.raised_at + after)


def verified(place: Place, action: CaseAction, impact: Impact | None = None) -> None:
    """Done in time and verified, perhaps with its effect."""
    done(place, action, timedelta(hours=1))
    manager = viewer_of(place.manager)
    verify_case_action(manager, action.id, Timing(), is_accepted=True, words="", at=AT)
    if impact:
        again = AT.date() + timedelta(days=30) if impact is Impact.TOO_SOON else None
        check_impact(manager, action.id, impact, "Read the record.", again, at=AT)


def register_of_ten(place: Place) -> None:
    """Ten critical actions (due 24 hours after they were raised), raised on chosen days before AT."""

    def raised(days: float) -> CaseAction:
        return place.act(priority=Priority.CRITICAL, owner=place.worker, at=AT - timedelta(days=days))

    for days in (0, 2, 5, 20, 60):
        raised(days)  # open: due within 7 days; 1 day late, 4, 19 and 59 days late
    done(place, raised(3), timedelta(hours=30))  # done late, not verified
    for impact in (None, Impact.YES, Impact.PARTLY, Impact.TOO_SOON):
        verified(place, raised(10), impact)


def test_the_registers_counts_by_hand(session: Session, place: Place) -> None:
    register_of_ten(place)
    make_place().act(priority=Priority.CRITICAL)
    tally = get_register(viewer_of(place.manager), Asked(), at=AT).tally
    assert (tally.n_all, tally.n_open, tally.n_late) == (10, 5, 4)
    assert (tally.n_done, tally.n_to_verify, tally.n_verified) == (5, 1, 4)
    # Due or done: the five done and the four late. By their day: the four verified.
    assert (tally.n_on_time, tally.n_due) == (4, 9)
    assert (tally.n_helped, tally.n_partly, tally.n_not, tally.n_too_soon) == (1, 1, 0, 1)
    assert tally.n_checked == 2
    assert tally.by_ageing == {
        Ageing.VERY_LATE: 1,
        Ageing.LATE: 1,
        Ageing.JUST_LATE: 2,
        Ageing.THIS_WEEK: 1,
        Ageing.LATER: 0,
    }


def test_each_stage_lists_what_its_count_says(session: Session, place: Place) -> None:
    register_of_ten(place)
    viewer = viewer_of(place.head)

    def n(asked: Asked, days: int = 0) -> int:
        return get_register(viewer, asked, at=AT + timedelta(days=days)).n_listed

    assert [n(Asked(show=show)) for show in Show] == [5, 4, 1, 0, 2, 10]
    assert n(Asked(show=Show.TO_CHECK), days=29) == 1, (
        "the one that was never looked at; the other comes later"
    )
    assert n(Asked(show=Show.TO_CHECK), days=31) == 2
    assert [n(Asked(ageing=band)) for band in Ageing] == [1, 1, 2, 1, 0]
    assert n(Asked(priority=Priority.HIGH)) == 0
    assert n(Asked(mine=True)) == 0
    assert get_register(viewer_of(place.worker), Asked(mine=True), at=AT).n_listed == 5
    assert n(Asked(team_id=place.team.id)) == 5
    assert n(Asked(team_id=place.team.id + 1)) == 0
    late = get_register(viewer, Asked(), at=AT).lines
    assert [line.due_at for line in late] == sorted(line.due_at for line in late), "the latest first"


def test_a_page_of_the_register_takes_the_same_statements_however_long(
    session: Session, place: Place, sign_in: SignIn
) -> None:
    place.act(priority=Priority.CRITICAL)
    browser = sign_in(place.manager)
    with count_selects() as few:
        browser.get("/case-actions")
    for _ in range(8):
        place.act(priority=Priority.CRITICAL, owner=place.worker)
    session.commit()
    with count_selects() as many:
        browser.get("/case-actions")
    assert len(many) == len(few)


def test_an_update_from_the_register_comes_back_with_its_filters(
    session: Session, place: Place, sign_in: SignIn
) -> None:
    action = place.act(priority=Priority.CRITICAL, owner=place.worker)
    browser = sign_in(place.worker)
    page = browser.get("/case-actions?mine=yes").get_data(as_text=True)
    assert "See the child alone." in page
    sent = {
        "line-words": "Visit booked <for> Friday.",
        "back": "register",
        "mine": "yes",
        "priority": "critical",
    }
    reply = browser.post(f"/case-actions/{action.id}/update", data=sent)
    assert reply.status_code == 302
    assert reply.location == "/case-actions?priority=critical&mine=yes"
    assert session.scalars(select(CaseActionUpdate.words)).all() == ["Visit booked <for> Friday."]
    assert "Visit booked &lt;for&gt; Friday." in browser.get(reply.location).get_data(as_text=True)
    empty = browser.post(f"/case-actions/{action.id}/update", data={"line-words": " ", "back": "register"})
    assert empty.status_code == 422
    assert "Write how it is going, in a line." in empty.get_data(as_text=True)


def test_the_whole_way_of_an_action_on_its_page(session: Session, place: Place, sign_in: SignIn) -> None:
    auditor = sign_in(place.auditor)
    asked = f"/case-actions/new?review_id={place.review.id}&question=seen_alone"
    page = auditor.get(asked).get_data(as_text=True)
    assert "within 24 hours, nights and weekends included" in page
    assert place.worker.name in page
    refused = auditor.post(asked, data={"words": "", "priority": "soon", "owner": "0"})
    assert refused.status_code == 422
    assert session.scalars(select(CaseAction)).all() == []
    sent = {"words": "Ring the school.", "priority": "critical", "owner": str(place.worker.id)}
    reply = auditor.post(asked, data=sent)
    assert reply.location == f"/reviews/{place.review.id}?question=seen_alone#question-seen_alone"
    action = session.scalars(select(CaseAction)).one()
    here = f"/case-actions/{action.id}"
    worker, manager = sign_in(place.worker), sign_in(place.manager)
    assert "It is done" in worker.get(here).get_data(as_text=True)
    assert worker.post(f"{here}/done", data={"done-evidence": ""}).status_code == 422
    worker.post(f"{here}/done", data={"done-evidence": "Rung on Monday: case note."})
    assert "Verify it, or send it back" not in worker.get(here).get_data(as_text=True)
    assert worker.post(f"{here}/verdict", data={"verdict-verdict": "accept"}).status_code == 403
    assert manager.post(f"{here}/verdict", data={"verdict-verdict": "back"}).status_code == 422
    manager.post(f"{here}/verdict", data={"verdict-verdict": "accept"})
    assert "Did it help this child?" in manager.get(here).get_data(as_text=True)
    manager.post(f"{here}/impact", data={"impact-impact": "partly", "impact-words": "Some school now."})
    session.refresh(action)
    assert action.impact is Impact.PARTLY
    story = manager.get(f"/history/case_action/{action.id}").get_data(as_text=True)
    assert "said whether it helped" in story


def test_the_register_as_files(session: Session, place: Place, sign_in: SignIn) -> None:
    place.act("=1+1 and more", Priority.CRITICAL, place.worker)
    browser = sign_in(place.manager)
    table = browser.get("/case-actions/register.csv").get_data(as_text=True)
    assert "'=1+1 and more" in table
    book = openpyxl.load_workbook(io.BytesIO(browser.get("/case-actions/register.xlsx").data))
    rows = list(book.active.iter_rows(min_row=4, values_only=True))  # type: ignore[union-attr]
    assert len(rows) == 1
    assert rows[0][1:4] == ("=1+1 and more", "Critical", "Open")
    assert rows[0][4].isoformat()[:10] == "2026-11-25"
    nothing = browser.get("/case-actions/register.csv?priority=standard").get_data(as_text=True)
    assert nothing.count("\n") == 1
    assert browser.get("/case-actions/register.pdf").status_code == 404


def test_whoever_is_not_told_yet_does_not_know(session: Session, place: Place, sign_in: SignIn) -> None:
    waiting = place.act("Write the plan again.", Priority.STANDARD, place.worker)
    for person in (place.worker, place.manager):
        assert sign_in(person).get(f"/case-actions/{waiting.id}").status_code == 404
    assert "Not yet with the team" in sign_in(place.auditor).get("/case-actions").get_data(as_text=True)
    # The review itself stays closed to those who worked with the child; the action shows its own words alone.
    critical = place.act("See the child.", Priority.CRITICAL, place.worker)
    page = sign_in(place.worker).get(f"/case-actions/{critical.id}").get_data(as_text=True)
    assert "The review it came from" not in page
    assert sign_in(place.worker).get(f"/reviews/{place.review.id}").status_code == 404


def test_a_concern_is_two_clicks_from_a_question(session: Session, place: Place, sign_in: SignIn) -> None:
    auditor = sign_in(place.auditor)
    page = auditor.get(f"/reviews/{place.review.id}", follow_redirects=True).get_data(as_text=True)
    asked = f"/concerns/new?review_id={place.review.id}&question=seen_alone"
    assert asked.replace("&", "&amp;") in page
    form = auditor.get(asked).get_data(as_text=True)
    assert f"Phone the team manager first: {place.manager.name}" in form
    assert auditor.post(asked, data={"kind": "safeguarding", "words": ""}).status_code == 422
    reply = auditor.post(asked, data={"kind": "safeguarding", "words": "A bruise nobody asked about."})
    assert reply.status_code == 303
    concern = session.scalars(select(SafeguardingConcern)).one()
    here = f"/concerns/{concern.id}"
    assert reply.location == here
    assert auditor.post(f"{here}/safe", data={"safe-words": "I rang."}).status_code == 403
    assert auditor.post(f"{here}/close", data={"close-words": "Fine."}).status_code == 409
    head = sign_in(place.head)
    assert "4 h left" in head.get("/concerns").get_data(as_text=True)
    assert "1 open concern" in head.get("/").get_data(as_text=True)
    head.post(f"{here}/acknowledge")
    assert head.post(f"{here}/acknowledge").status_code == 409
    assert head.post(f"{here}/safe", data={"safe-words": " "}).status_code == 422
    head.post(f"{here}/safe", data={"safe-words": "Seen today by the duty worker."})
    assert auditor.post(f"{here}/close", data={"close-words": "Read the record."}).status_code == 303
    page = head.get(here).get_data(as_text=True)
    for words in (
        "Seen today by the duty worker.",
        "Read the record.",
        "A bruise nobody asked about.",
        "Met after",
    ):
        assert words in page


def test_the_next_reviewer_sees_what_is_still_open(session: Session, place: Place, sign_in: SignIn) -> None:
    from qa_app.models.cohorts import CohortCase
    from tests.builders_reviews import make_review, submit

    place.act("Find the missing chronology.", Priority.HIGH)
    submit(viewer_of(place.auditor), place.review)
    another = make_user("Another auditor", Role.AUDITOR)
    again = make_review(another, team=place.team)
    first = session.get_one(CohortCase, place.review.cohort_case_id)
    session.get_one(CohortCase, again.cohort_case_id).child_id = first.child_id
    session.flush()
    page = sign_in(another).get(f"/reviews/{again.id}", follow_redirects=True).get_data(as_text=True)
    assert "The last review" in page
    assert "Find the missing chronology." in page
    assert "1 action for this child still open" in page


def test_filters_of_the_address_bar(session: Session, place: Place, sign_in: SignIn) -> None:
    browser = sign_in(place.manager)
    for nonsense in ("show=x&ageing=y", "team=99999999999999", "page=-3", "page=2147483647", "theme=1"):
        assert browser.get(f"/case-actions?{nonsense}").status_code == 200
    assert read_asked({"page": "3"}).page == 3
