"""The demonstration's reports for its board: one issued, one that waits for its safeguarding statement."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from qa_app.demo.plan import AS_AT
from qa_app.domain.access import SYSTEM, Viewer
from qa_app.domain.boards import Marking, canonical_sha256
from qa_app.extensions import db
from qa_app.queries.boards import list_boards
from qa_app.services.boards_reports import Cover, figures_of, issue_report, make_statement, prepare_report
from qa_app.services.history_seal import seal_history

PREPARED_AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
STATED_AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
ISSUED_AT = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
NEXT_AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NEXT_DAY = date(2016, 12, 31)
STATEMENT = (
    "I have looked at each red action. None of the delays leaves a child without a plan or a visit. Until "
    "managers' appraisals hold the audit objective, I read every audit myself in the week it is handed in."
)


def issue_reports(viewer_of: Callable[[str], Viewer], plan_id: int, director_id: int) -> None:
    """Issue one exception report to the board, and prepare the next."""
    improver, director = viewer_of("improvement"), viewer_of("director")
    first = prepare_report(
        improver, _cover(plan_id, director_id, AS_AT), today=PREPARED_AT.date(), at=PREPARED_AT
    )
    figures = canonical_sha256(figures_of(director, plan_id, AS_AT))
    make_statement(director, first.id, STATEMENT, figures, at=STATED_AT)
    seal_history(db.session(), most=1_000_000)
    issue_report(improver, first.id, at=ISSUED_AT)
    prepare_report(improver, _cover(plan_id, director_id, NEXT_DAY), today=NEXT_AT.date(), at=NEXT_AT)


def _cover(plan_id: int, director_id: int, as_at: date) -> Cover:
    return Cover(
        board_id=list_boards(SYSTEM)[0].board_id,
        plan_id=plan_id,
        as_at=as_at,
        marking=Marking.RESTRICTED,
        title=f"Exception report, {as_at:%B %Y}",
        purpose="To report the actions that were due and have not progressed.",
        recommendations="The board is asked to note and comment on the report.",
        lead_officer="Director of children's services",
        contact_officer="Improvement officer",
        officer_id=director_id,
        officer_post="Director of children's services",
    )
