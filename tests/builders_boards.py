"""Makes reports for boards in tests, through the services that make them in life."""

from datetime import UTC, date, datetime

from qa_app.domain.access import Role
from qa_app.domain.boards import Marking, canonical_sha256
from qa_app.models.accounts import User
from qa_app.models.boards import Board, IssuedReport, ReportDraft
from qa_app.queries.accounts import get_viewer
from qa_app.services.boards_reports import Cover, figures_of, issue_report, make_statement, prepare_report
from tests.builders import make_board, make_user, viewer_of
from tests.builders_improvement import SEPTEMBER

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
STATEMENT = "No child is left unsafe by these delays: each is seen as planned, and the risks were looked at."


def cover_of(
    plan_id: int,
    board: Board,
    officer: User,
    *,
    marking: Marking = Marking.RESTRICTED,
    as_at: date = SEPTEMBER,
    title: str = "Exception report",
) -> Cover:
    """The cover of an exception report."""
    return Cover(
        board_id=board.id,
        plan_id=plan_id,
        as_at=as_at,
        marking=marking,
        title=title,
        purpose="To report what has not progressed.",
        recommendations="To note the report.",
        lead_officer="Director",
        contact_officer="Improvement officer",
        officer_id=officer.id,
        officer_post="Director of children's services",
    )


def prepared_report(
    plan_id: int, board: Board | None = None, marking: Marking = Marking.RESTRICTED
) -> ReportDraft:
    """A report in preparation, whose statement is asked of a director."""
    officer = make_user("Director", Role.DIRECTOR)
    improver = viewer_of(make_user("Improver", Role.IMPROVEMENT_TEAM))
    cover = cover_of(plan_id, board or make_board(), officer, marking=marking)
    return prepare_report(improver, cover, today=TODAY, at=AT)


def state(draft: ReportDraft, officer_id: int | None = None, words: str = STATEMENT) -> None:
    """The safeguarding statement on the figures of this moment, by the officer who is asked."""
    viewer = get_viewer(officer_id or draft.officer_id)
    figures = canonical_sha256(figures_of(viewer, draft.plan_id, draft.as_at))
    make_statement(viewer, draft.id, words, figures, at=AT)


def issued_report(
    plan_id: int, board: Board | None = None, marking: Marking = Marking.RESTRICTED
) -> IssuedReport:
    """A report issued to a board."""
    draft = prepared_report(plan_id, board, marking)
    state(draft)
    improver = viewer_of(make_user("Improver", Role.IMPROVEMENT_TEAM))
    return issue_report(improver, draft.id, at=AT)
