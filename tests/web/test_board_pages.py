"""Boards on screen: setting one up, preparing a report, stating, issuing, reading, correcting."""

import json
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import Role
from qa_app.domain.boards import Marking, canonical_sha256
from qa_app.models.accounts import User
from qa_app.models.boards import Board, IssuedReport, ReportDraft
from tests.builders import make_board, make_user
from tests.builders_boards import STATEMENT, issued_report, prepared_report
from tests.builders_improvement import published_plan

pytestmark = pytest.mark.database
SignIn = Callable[[User], FlaskClient]


def cover_data(board: Board, plan_id: int, officer: User) -> dict[str, str]:
    """The form of a report's cover, filled in."""
    return {
        "board": str(board.id),
        "plan": str(plan_id),
        "as_at-day": "30",
        "as_at-month": "9",
        "as_at-year": "2016",
        "marking": "restricted",
        "title": "Exception report, September 2016",
        "lead_officer": "Director",
        "officer": str(officer.id),
        "officer_post": "Director of children's services",
    }


def test_from_the_board_set_up_to_the_report_read(sign_in: SignIn, session: Session) -> None:
    plan_id = published_plan().plan_id
    officer = make_user("The director", Role.DIRECTOR)
    improver = sign_in(make_user("Improver", Role.IMPROVEMENT_TEAM))
    answer = improver.post("/boards/new", data={"name": "Improvement board", "purpose": "Monthly"})
    assert answer.status_code == 303
    board = session.scalars(select(Board)).one()
    answer = improver.post("/boards/drafts/new", data=cover_data(board, plan_id, officer))
    draft = session.scalars(select(ReportDraft)).one()
    page = improver.get(answer.location).text
    assert "Asked of The director" in page
    assert "Issue to" not in page
    assert improver.post(f"/boards/drafts/{draft.id}/issue").status_code == 409

    director = sign_in(officer)
    assert "Your safeguarding statement is asked for" in director.get("/").text
    page = director.get(f"/boards/drafts/{draft.id}").text
    figures = re.search(r'name="figures"[^>]*value="([0-9a-f]{64})"', page)
    assert figures is not None
    state = f"/boards/drafts/{draft.id}/statement"
    assert director.post(state, data={"statement": "Fine", "figures": figures[1]}).status_code == 422
    assert director.post(state, data={"statement": STATEMENT, "figures": figures[1]}).status_code == 303
    assert "Issue to Improvement board" in improver.get(f"/boards/drafts/{draft.id}").text
    answer = improver.post(f"/boards/drafts/{draft.id}/issue")
    assert answer.status_code == 303

    member = sign_in(make_user("Member", Role.BOARD_MEMBER, board=board))
    assert "Exception report, September 2016" in member.get("/").text
    page = member.get(answer.location).text
    assert STATEMENT in page
    assert "7 of 61" in page
    assert "/plan/actions/" not in page
    sent = member.get(f"{answer.location}/data")
    report = session.scalars(select(IssuedReport)).one()
    assert canonical_sha256(json.loads(sent.text)) == report.sha256
    assert member.get("/plan/exceptions").status_code == 403
    assert "was issued" in improver.get(f"/boards/drafts/{draft.id}").text
    assert improver.get(f"/boards/drafts/{draft.id}/cover").status_code == 404


def test_a_member_of_another_board_finds_no_restricted_report(sign_in: SignIn, session: Session) -> None:
    plan_id = published_plan().plan_id
    mine, other = make_board("Mine"), make_board("Other")
    hidden = issued_report(plan_id, other, Marking.RESTRICTED)
    public = issued_report(plan_id, other, Marking.PUBLIC)
    member = sign_in(make_user("Member", Role.BOARD_MEMBER, board=mine))
    assert member.get(f"/boards/reports/{hidden.id}").status_code == 404
    assert member.get(f"/boards/reports/{hidden.id}/data").status_code == 404
    assert member.get(f"/boards/reports/{public.id}").status_code == 200
    page = member.get("/boards").text
    assert f"/boards/reports/{public.id}" in page
    assert f"/boards/reports/{hidden.id}" not in page


def test_a_correction_says_what_it_corrects_and_the_old_one_says_so(
    sign_in: SignIn, session: Session
) -> None:
    plan_id = published_plan().plan_id
    board = make_board("Improvement board")
    old = issued_report(plan_id, board)
    officer = make_user("The director", Role.DIRECTOR)
    improver = sign_in(make_user("Improver", Role.IMPROVEMENT_TEAM))
    page = improver.get(f"/boards/drafts/new?corrects={old.id}").text
    assert f"Correct BR{old.id}" in page
    data = cover_data(board, plan_id, officer) | {"corrects": str(old.id)}
    answer = improver.post("/boards/drafts/new", data=data)
    assert answer.status_code == 422
    assert "what is corrected" in answer.text
    data["correction_reason"] = "The date on the cover was wrong."
    answer = improver.post("/boards/drafts/new", data=data)
    assert "Corrects" in improver.get(answer.location).text
    assert improver.get(f"{answer.location}/cover").status_code == 200
    assert improver.post(f"{answer.location}/cover", data=data).status_code == 303
    assert improver.post(f"{answer.location}/drop").status_code == 303


def test_a_cover_with_gaps_names_the_fields(sign_in: SignIn, session: Session) -> None:
    plan_id = published_plan().plan_id
    board, officer = make_board(), make_user("The director", Role.DIRECTOR)
    improver = sign_in(make_user("Improver", Role.IMPROVEMENT_TEAM))
    whole = cover_data(board, plan_id, officer)
    for gone, words in {
        "board": "Choose the board",
        "plan": "Choose the plan",
        "as_at-day": "day",
        "marking": "public or restricted",
        "title": "Enter the title",
        "officer": "Choose the officer",
    }.items():
        answer = improver.post("/boards/drafts/new", data={k: v for k, v in whole.items() if k != gone})
        assert answer.status_code == 422, gone
        assert words in answer.text


def test_an_altered_report_says_so(
    sign_in: SignIn, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = issued_report(published_plan().plan_id)
    monkeypatch.setattr("qa_app.queries.boards.canonical_sha256", lambda _: "0" * 64)
    page = sign_in(make_user("Improver", Role.IMPROVEMENT_TEAM)).get(f"/boards/reports/{report.id}").text
    assert "no longer has the hash" in page


def test_an_administrator_sets_boards_up_and_reads_no_report(sign_in: SignIn, session: Session) -> None:
    board = make_board("Improvement board")
    report = issued_report(published_plan().plan_id, board)
    administrator = sign_in(make_user("Administrator", Role.ADMINISTRATOR))
    page = administrator.get("/boards").text
    assert "Improvement board" in page
    assert "Issued" not in page
    assert administrator.get(f"/boards/reports/{report.id}").status_code == 403
    change = f"/boards/{board.id}"
    assert administrator.post(change, data={"name": "", "purpose": ""}).status_code == 422
    assert administrator.post(change, data={"name": "Governance board", "purpose": ""}).status_code == 303
    assert administrator.post(f"{change}/close").status_code == 303
    assert "Open it again" in administrator.get(change).text
    assert administrator.post(f"{change}/reopen").status_code == 303
    assert administrator.post("/boards/new", data={"name": "governance board"}).status_code == 422


def test_a_statement_on_figures_that_have_changed_is_refused(sign_in: SignIn, session: Session) -> None:
    draft = prepared_report(published_plan().plan_id)
    officer = session.get(User, draft.officer_id)
    assert officer is not None
    answer = sign_in(officer).post(
        f"/boards/drafts/{draft.id}/statement", data={"statement": STATEMENT, "figures": "0" * 64}
    )
    assert answer.status_code == 409
    assert "figures have changed" in answer.text
