"""The boards that receive reports."""

from datetime import datetime

from sqlalchemy import func, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.boards import LONGEST_NAME, one_line
from qa_app.domain.errors import Invalid, NotFound
from qa_app.extensions import db
from qa_app.models.boards import Board
from qa_app.services import history

LONGEST_PURPOSE = 400


def add_board(viewer: Viewer, name: str, purpose: str, *, at: datetime) -> Board:
    """Set up a board, to which reports can be issued.

    Errors: NotAllowed; Invalid without a name, or under a name that is taken.
    """
    viewer.require(Permission.MANAGE_BOARDS)
    board = Board(
        name=_free_name(name, None),
        purpose=one_line(purpose, "purpose", "the purpose", LONGEST_PURPOSE, needed=False),
        created_at=at,
        created_by_id=viewer.user_id,
    )
    db.session.add(board)
    db.session.flush()
    said = {"name": board.name, "purpose": board.purpose}
    history.record(viewer, "board.added", "board", board.id, at=at, after=said)
    return board


def change_board(viewer: Viewer, board_id: int, name: str, purpose: str, *, at: datetime) -> Board:
    """Give a board another name or purpose. What was issued keeps the name of its day.

    Errors: NotAllowed; NotFound; Invalid.
    """
    viewer.require(Permission.MANAGE_BOARDS)
    board = board_of(board_id)
    before = {"name": board.name, "purpose": board.purpose}
    board.name = _free_name(name, board_id)
    board.purpose = one_line(purpose, "purpose", "the purpose", LONGEST_PURPOSE, needed=False)
    after = {"name": board.name, "purpose": board.purpose}
    if after != before:
        history.record(viewer, "board.changed", "board", board_id, at=at, before=before, after=after)
        db.session.flush()
    return board


def close_board(viewer: Viewer, board_id: int, *, at: datetime) -> None:
    """Issue no more reports to a board; its members go on reading what it received. Twice is harmless.

    Errors: NotAllowed; NotFound.
    """
    viewer.require(Permission.MANAGE_BOARDS)
    board = board_of(board_id)
    if board.closed_at is None:
        board.closed_at = at
        history.record(viewer, "board.closed", "board", board_id, at=at)
        db.session.flush()


def reopen_board(viewer: Viewer, board_id: int, *, at: datetime) -> None:
    """Let a closed board receive reports again. Twice is harmless. Errors: NotAllowed; NotFound."""
    viewer.require(Permission.MANAGE_BOARDS)
    board = board_of(board_id)
    if board.closed_at is not None:
        board.closed_at = None
        history.record(viewer, "board.reopened", "board", board_id, at=at)
        db.session.flush()


def board_of(board_id: int) -> Board:
    """The board of a number. Errors: NotFound."""
    board = db.session.get(Board, board_id)
    if board is None:
        raise NotFound("There is no such board.")
    return board


def _free_name(name: str, own_id: int | None) -> str:
    kept = one_line(name, "name", "the board's name", LONGEST_NAME)
    taken = db.session.scalar(select(Board.id).where(func.lower(Board.name) == kept.lower()))
    if taken is not None and taken != own_id:
        raise Invalid("name", f"There is a board called “{kept}” already. Choose another name.")
    return kept
