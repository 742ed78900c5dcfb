"""History: recorded, sealed, checked, and refused to be changed."""

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM
from qa_app.domain.errors import Conflict, Invalid, NotFound
from qa_app.models.history import HistoryErasure
from qa_app.services import history
from qa_app.services.history_check import check_history
from qa_app.services.history_seal import seal_history

pytestmark = pytest.mark.database


def write(at: datetime, words: str = "something") -> int:
    return history.record(SYSTEM, "change", "theme", 1, at=at, after={"words": words})


def test_entries_are_sealed_in_a_chain(session: Session, at: datetime) -> None:
    for number in range(3):
        write(at, str(number))
    session.flush()
    assert check_history(session(), at=at).unsealed == 3
    assert seal_history(session(), most=2) == 2
    assert seal_history(session()) == 1
    assert seal_history(session()) == 0
    found = check_history(session(), at=at)
    assert (found.entries, found.sealed, found.unsealed, found.faults) == (3, 3, 0, [])
    assert len(found.head) == 64


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history_entry SET action = 'other'",
        "DELETE FROM history_entry",
        "UPDATE history_detail SET after = '{}'",
        "DELETE FROM history_detail",
        "UPDATE history_seal SET hash = ''",
        "DELETE FROM history_seal",
    ],
)
def test_the_database_refuses_to_change_history(session: Session, at: datetime, statement: str) -> None:
    write(at)
    session.flush()
    seal_history(session())
    with pytest.raises(DatabaseError, match="never changed"):
        session.execute(text(statement))


def test_words_go_only_by_an_order_and_the_chain_stays_whole(session: Session, at: datetime) -> None:
    entry_id = write(at)
    session.flush()
    history.erase_words(SYSTEM, entry_id, "Ordered by the data protection officer on 20 November", at=at)
    seal_history(session())
    found = check_history(session(), at=at)
    assert (found.entries, found.erased, found.faults) == (2, 1, [])
    with pytest.raises(Conflict, match="erased already"):
        history.erase_words(SYSTEM, entry_id, "Again", at=at)


def test_an_order_needs_a_reason_and_an_entry(session: Session, at: datetime) -> None:
    entry_id = write(at)
    session.flush()
    with pytest.raises(Invalid, match="who ordered this"):
        history.erase_words(SYSTEM, entry_id, "  ", at=at)
    with pytest.raises(NotFound):
        history.erase_words(SYSTEM, entry_id + 1000, "Ordered", at=at)


def test_an_order_slipped_in_beside_the_history_is_found(session: Session, at: datetime) -> None:
    entry_id = write(at)
    session.flush()
    seal_history(session())
    session.add(HistoryErasure(entry_id=entry_id, ordered_at=at, reason="An order that nobody gave"))
    session.flush()
    session.execute(text("DELETE FROM history_detail WHERE entry_id = :id"), {"id": entry_id})
    found = check_history(session(), at=at)
    assert found.faults == [
        f"The order to erase the words of entry {entry_id} does not stand in the history."
    ]
