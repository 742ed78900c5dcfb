"""History: recorded, sealed, checked, and refused to be changed."""

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM
from qa_app.models.history import HistoryErasure
from qa_app.models.immutability import trigger_names
from qa_app.services import history
from qa_app.services.history_seal import check_history, seal_history

pytestmark = pytest.mark.database


def write(at: datetime, words: str = "something") -> int:
    return history.record(SYSTEM, "change", "theme", 1, at=at, after={"words": words}).id


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
    ("statement", "words"),
    [
        ("UPDATE history_entry SET action = 'other' WHERE id = :id", "is not as it was sealed"),
        (
            'UPDATE history_detail SET after = \'{"words": "other"}\' WHERE entry_id = :id',
            "not as they were recorded",
        ),
        ("DELETE FROM history_detail WHERE entry_id = :id", "gone without an order"),
    ],
)
def test_whoever_gets_round_the_triggers_is_still_found_out(
    session: Session, at: datetime, statement: str, words: str
) -> None:
    entry_id = write(at)
    session.flush()
    seal_history(session())
    for name, table in trigger_names().items():
        where = f" ON {table}" if session.get_bind().dialect.name == "postgresql" else ""
        session.execute(text(f"DROP TRIGGER {name}{where}"))
    session.execute(text(statement), {"id": entry_id})
    session.expire_all()
    assert any(words in fault for fault in check_history(session(), at=at).faults)


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
    seal_history(session())
    session.add(
        HistoryErasure(entry_id=entry_id, ordered_at=at, reason="An order of the data protection officer")
    )
    session.flush()
    session.execute(text("DELETE FROM history_detail WHERE entry_id = :id"), {"id": entry_id})
    session.expire_all()
    found = check_history(session(), at=at)
    assert (found.erased, found.faults) == (1, [])
