"""Reports for boards: prepared, stated upon, issued for good, and read by those they were issued to."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from qa_app.domain.access import Permission, Role, ScopeKind, Viewer
from qa_app.domain.board_reports import exception_figures, exception_report_of
from qa_app.domain.boards import Marking, canonical_sha256
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.domain.plan_records import Rating
from qa_app.domain.plan_tally import PlanLine, report_exceptions
from qa_app.domain.timescales import TimescaleKind
from qa_app.extensions import db
from qa_app.models.boards import Board, IssuedReport
from qa_app.models.history import HistoryEntry
from qa_app.queries.accounts import get_viewer
from qa_app.queries.boards import get_draft, get_report, list_drafts, list_reports
from qa_app.services import boards
from qa_app.services.boards_reports import (
    change_cover,
    drop_draft,
    issue_report,
    make_statement,
    prepare_report,
)
from qa_app.services.history_seal import chain_head, seal_history
from qa_app.services.improvement_updates import Said, update_action
from tests.builders import make_board, make_user, viewer_of
from tests.builders_boards import STATEMENT, TODAY, cover_of, issued_report, prepared_report, state
from tests.builders_improvement import SEPTEMBER, action_of, keep_plan, plan_file, published_plan

database = pytest.mark.database

LINES = st.builds(
    PlanLine,
    ref=st.from_regex(r"[1-9]\.[1-9]\.[1-9]", fullmatch=True),
    ref_as_written=st.text(max_size=5),
    priority=st.sampled_from(["1", "2", "10", ""]),
    priority_title=st.none() | st.text(max_size=8),
    text=st.text(max_size=20),
    lead=st.none() | st.text(max_size=5),
    agencies=st.none() | st.text(max_size=5),
    timescale_as_written=st.text(max_size=5),
    timescale_kind=st.sampled_from(TimescaleKind),
    window_ends_on=st.none() | st.dates(date(2015, 1, 1), date(2018, 1, 1)),
    status_text=st.text(max_size=5),
    rating=st.none() | st.sampled_from(Rating),
    action_id=st.integers(1, 99),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(LINES, max_size=12), st.dates(date(2015, 1, 1), date(2018, 1, 1)))
def test_a_report_comes_back_from_its_data_as_it_was(lines: list[PlanLine], as_at: date) -> None:
    report = report_exceptions(lines, as_at)
    assert exception_report_of(exception_figures(report)) == report


def improver() -> Viewer:
    """Somebody of the improvement team."""
    return viewer_of(make_user("Improver", Role.IMPROVEMENT_TEAM))


@database
def test_a_report_is_issued_only_with_the_named_officers_statement(session: Session, at: datetime) -> None:
    draft = prepared_report(published_plan().plan_id)
    with pytest.raises(Conflict, match="statement"):
        issue_report(improver(), draft.id, at=at)
    officer = get_viewer(draft.officer_id)
    with pytest.raises(Invalid, match="own words"):
        make_statement(officer, draft.id, "Fine.", "x", at=at)
    with pytest.raises(Conflict, match="figures have changed"):
        make_statement(officer, draft.id, STATEMENT, "0" * 64, at=at)
    other = viewer_of(make_user("Another director", Role.DIRECTOR))
    with pytest.raises(NotAllowed):
        make_statement(other, draft.id, STATEMENT, "0" * 64, at=at)
    with pytest.raises(NotAllowed):
        make_statement(improver(), draft.id, STATEMENT, "0" * 64, at=at)
    state(draft)
    report = issue_report(improver(), draft.id, at=at)
    assert report.data["statement"]["words"] == STATEMENT
    with pytest.raises(Conflict, match="was issued"):
        issue_report(improver(), draft.id, at=at)
    with pytest.raises(Conflict, match="was issued"):
        drop_draft(improver(), draft.id, at=at)


@database
def test_an_issued_report_keeps_its_figures_whatever_the_plan_says_later(
    session: Session, at: datetime
) -> None:
    plan_id = published_plan().plan_id
    seal_history(db.session())
    report = issued_report(plan_id)
    before = dict(report.data)
    assert (before["figures"]["due"], before["figures"]["red"]) == (61, 7)
    red = action_of(plan_id, before["figures"]["red_actions"][0]["ref"])
    said = Said(SEPTEMBER, Rating.GREEN, "Done after all", "")
    update_action(improver(), red.id, said, today=TODAY, at=at + timedelta(hours=1))
    session.expire_all()
    sheet = get_report(improver(), report.id)
    assert sheet.data == before
    assert sheet.is_sound
    assert canonical_sha256(before) == report.sha256
    seq, head = chain_head(db.session())
    assert report.history_head == f"{seq}:{head}" != f"0:{'0' * 64}"
    draft = prepared_report(plan_id)
    state(draft)
    assert issue_report(improver(), draft.id, at=at).data["figures"]["red"] == 6


@database
def test_the_database_refuses_to_change_what_was_issued(session: Session) -> None:
    report = issued_report(published_plan().plan_id)
    for statement in (
        "UPDATE issued_report SET title = 'x'",
        "UPDATE issued_report SET data = '{}'",
        "DELETE FROM issued_report",
    ):
        with pytest.raises(DatabaseError, match="never changed"), session.begin_nested():
            session.execute(text(statement))
    assert get_report(improver(), report.id).is_sound


@database
def test_other_figures_need_another_statement(session: Session, at: datetime) -> None:
    plan_id = published_plan().plan_id
    draft = prepared_report(plan_id)
    state(draft)
    update_action(
        improver(),
        action_of(plan_id, "1.1.1").id,
        Said(SEPTEMBER, Rating.RED, "Undone", ""),
        today=TODAY,
        at=at,
    )
    with pytest.raises(Conflict, match="changed since"):
        issue_report(improver(), draft.id, at=at)
    state(draft)
    officer = make_user("Second director", Role.DIRECTOR)
    board = session.get(Board, draft.board_id)
    assert board is not None
    change_cover(improver(), draft.id, cover_of(plan_id, board, officer), today=TODAY, at=at)
    assert draft.statement is None


@database
def test_a_correction_is_another_issue_that_names_the_old_one(session: Session, at: datetime) -> None:
    plan_id = published_plan().plan_id
    board = make_board()
    old = issued_report(plan_id, board)
    officer = make_user("Director", Role.DIRECTOR)
    cover = cover_of(plan_id, board, officer)
    with pytest.raises(Invalid, match="what is corrected"):
        prepare_report(improver(), cover, corrects_id=old.id, today=TODAY, at=at)
    elsewhere = cover_of(plan_id, make_board(), officer)
    with pytest.raises(Invalid, match="goes to the board"):
        prepare_report(
            improver(), elsewhere, corrects_id=old.id, correction_reason="Typo.", today=TODAY, at=at
        )
    drafts = [
        prepare_report(improver(), cover, corrects_id=old.id, correction_reason="Typo.", today=TODAY, at=at)
        for _ in range(2)
    ]
    for draft in drafts:
        state(draft)
    new = issue_report(improver(), drafts[0].id, at=at)
    assert new.data["issue"]["corrects"] == f"BR{old.id}"
    assert new.data["issue"]["corrects_sha256"] == old.sha256
    assert get_report(improver(), old.id).line.corrected_by_id == new.id
    with pytest.raises(Conflict, match="corrected already"):
        issue_report(improver(), drafts[1].id, at=at)
    with pytest.raises(Conflict, match="corrected already"):
        prepare_report(improver(), cover, corrects_id=old.id, correction_reason="Again.", today=TODAY, at=at)


@database
def test_a_board_member_reads_public_reports_and_those_of_their_own_board(session: Session) -> None:
    plan_id = published_plan().plan_id
    mine, other = make_board(), make_board()
    own = issued_report(plan_id, mine, Marking.RESTRICTED)
    public = issued_report(plan_id, other, Marking.PUBLIC)
    hidden = issued_report(plan_id, other, Marking.RESTRICTED)
    member = viewer_of(make_user("Member", Role.BOARD_MEMBER, board=mine))
    assert {line.report_id for line in list_reports(member)} == {own.id, public.id}
    assert get_report(member, own.id).line.report_id == own.id
    with pytest.raises(NotFound):
        get_report(member, hidden.id)
    head = viewer_of(make_user("Head", Role.HEAD_OF_SERVICE, scope=ScopeKind.WHOLE_SERVICE))
    assert {line.report_id for line in list_reports(head)} == {own.id, public.id, hidden.id}
    assert list_drafts(member) == ()
    assert not member.may(Permission.SEE_EXCEPTION_REPORT)
    assert not member.may(Permission.SEE_PLAN)


@database
def test_an_officer_sees_only_the_drafts_that_ask_for_their_statement(session: Session, at: datetime) -> None:
    plan_id = published_plan().plan_id
    lead, other = make_user("QA lead", Role.QA_LEAD), make_user("Other QA lead", Role.QA_LEAD)
    draft = prepare_report(improver(), cover_of(plan_id, make_board(), lead), today=TODAY, at=at)
    assert [line.is_mine_to_state for line in list_drafts(viewer_of(lead))] == [True]
    assert list_drafts(viewer_of(other)) == ()
    with pytest.raises(NotFound):
        get_draft(viewer_of(other), draft.id)
    with pytest.raises(NotAllowed):
        issue_report(viewer_of(lead), draft.id, at=at)
    drop_draft(improver(), draft.id, at=at)
    assert list_drafts(improver()) == ()
    with pytest.raises(Conflict, match="dropped"):
        state(draft)


@database
def test_a_cover_says_at_which_field_something_is_wrong(session: Session, at: datetime) -> None:
    plan_id = published_plan().plan_id
    board, officer = make_board(), make_user("Director", Role.DIRECTOR)
    whole = cover_of(plan_id, board, officer)
    nobody = make_user("Auditor")
    for change, field in (
        ({"board_id": None}, "board"),
        ({"plan_id": None}, "plan"),
        ({"as_at": None}, "as_at"),
        ({"as_at": date(2030, 1, 1)}, "as_at"),
        ({"marking": None}, "marking"),
        ({"title": "  "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"lead_officer": ""}, "lead_officer"),
        ({"officer_id": nobody.id}, "officer"),
        ({"officer_post": ""}, "officer_post"),
        ({"purpose": "x" * 7000}, "purpose"),
    ):
        with pytest.raises(Invalid) as refused:
            prepare_report(improver(), replace(whole, **change), today=TODAY, at=at)  # type: ignore[arg-type]
        assert refused.value.field == field
    boards.close_board(improver(), board.id, at=at)
    with pytest.raises(Invalid, match="Choose the board"):
        prepare_report(improver(), whole, today=TODAY, at=at)


@database
def test_boards_are_set_up_renamed_closed_and_opened_again(session: Session, at: datetime) -> None:
    viewer = improver()
    board = boards.add_board(viewer, "  Improvement   board ", "Each month", at=at)
    assert board.name == "Improvement board"
    with pytest.raises(Invalid, match="already"):
        boards.add_board(viewer, "IMPROVEMENT BOARD", "", at=at)
    with pytest.raises(Invalid, match="Enter"):
        boards.add_board(viewer, " ", "", at=at)
    boards.change_board(viewer, board.id, "Governance board", "Each month", at=at)
    boards.change_board(viewer, board.id, "Governance board", "Each month", at=at)
    boards.close_board(viewer, board.id, at=at)
    boards.close_board(viewer, board.id, at=at)
    assert board.closed_at is not None
    boards.reopen_board(viewer, board.id, at=at)
    assert board.closed_at is None
    entries = session.scalar(
        select(func.count(HistoryEntry.id)).where(
            HistoryEntry.subject_kind == "board", HistoryEntry.subject_id == board.id
        )
    )
    assert entries == 4
    with pytest.raises(NotAllowed):
        boards.add_board(viewer_of(make_user("Auditor")), "Another", "", at=at)
    with pytest.raises(NotFound):
        boards.close_board(viewer, 999_999, at=at)


@database
def test_a_report_on_a_plan_of_three_actions_counts_three(session: Session) -> None:
    report = issued_report(keep_plan(plan_file()).plan_id)
    figures = report.data["figures"]
    n = sum(len(figures[name]) for name in ("not_due", "completed_early", "outside_base")) + figures["due"]
    assert n == 3
    assert session.scalar(select(func.count(IssuedReport.id))) == 1
