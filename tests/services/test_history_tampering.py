"""Whoever gets round the triggers is still found out: any byte of what is sealed, on both databases, and where."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM
from qa_app.models.immutability import trigger_names
from qa_app.services import history
from qa_app.services.history_check import Anchor, HistoryCheck, check_history, parse_anchor
from qa_app.services.history_seal import chain_head, is_anything_unsealed, seal_history
from tests.builders import AT, make_user
from tests.builders_boards import issued_report
from tests.builders_improvement import published_plan

pytestmark = pytest.mark.database
N = 6


def is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


@pytest.fixture
def sealed(session: Session, at: datetime) -> Iterator[list[int]]:
    """A sealed history of several entries in a database whose guards are taken away; the entries' numbers."""
    writer = make_user()
    session.flush()
    viewer = SYSTEM.__class__(writer.id, "A", ())
    ids = [
        history.record(
            viewer,
            "changed",
            "theme",
            number + 1,
            at=at + timedelta(minutes=number),
            before={"words": f"Before {number}"},
            after={"words": f"After {number}", "n": number, "is": True},
        )
        for number in range(N)
    ]
    session.flush()
    while seal_history(session()):
        pass
    take_guards_away(session)
    assert check_history(session(), at=at).faults == []
    yield ids
    if not is_sqlite(session):
        session.execute(text("SET session_replication_role = DEFAULT"))


def take_guards_away(session: Session) -> None:
    if is_sqlite(session):
        for name in trigger_names():
            session.execute(text(f"DROP TRIGGER {name}"))
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
    else:
        session.execute(text("SET session_replication_role = replica"))


def check(session: Session, *anchors: Anchor) -> HistoryCheck:
    return check_history(session(), at=AT, anchors=anchors)  # type: ignore[operator]


def seq_of(session: Session, entry_id: int) -> int:
    return int(
        session.scalar(text("SELECT seq FROM history_seal WHERE entry_id = :id"), {"id": entry_id}) or 0
    )


ALTERED = {
    "another person": "UPDATE history_entry SET actor_id = NULL WHERE id = :id",
    "another action": "UPDATE history_entry SET action = action || ' ' WHERE id = :id",
    "another kind": "UPDATE history_entry SET subject_kind = 'Theme' WHERE id = :id",
    "another record": "UPDATE history_entry SET subject_id = subject_id + 1 WHERE id = :id",
    "another salt": "UPDATE history_entry SET salt = '00' || substr(salt, 3) WHERE id = :id",
    "another digest": "UPDATE history_entry SET digest = upper(digest) WHERE id = :id",
    "an empty digest": "UPDATE history_entry SET digest = '' WHERE id = :id",
}


@pytest.mark.parametrize("how", ALTERED)
def test_an_altered_entry_is_named(session: Session, sealed: list[int], how: str) -> None:
    entry_id = sealed[2]
    session.execute(text(ALTERED[how]), {"id": entry_id})
    where = f"Entry {entry_id}, sealed as {seq_of(session, entry_id)}, is not as it was sealed."
    faults = check(session).faults
    assert where in faults
    assert all(str(entry_id) in fault for fault in faults), faults


def test_an_entry_moved_by_one_microsecond_is_named(session: Session, sealed: list[int]) -> None:
    moved = "substr(at, 1, 25) || '1'" if is_sqlite(session) else "at + interval '1 microsecond'"
    session.execute(text(f"UPDATE history_entry SET at = {moved} WHERE id = :id"), {"id": sealed[-1]})
    assert any(f"Entry {sealed[-1]}, sealed" in fault for fault in check(session).faults)


@pytest.mark.parametrize("tail", ["x", "0", " ", "+00:00"])
def test_a_moment_written_otherwise_is_found_even_if_it_means_the_same(
    session: Session, sealed: list[int], tail: str
) -> None:
    if not is_sqlite(session):
        pytest.skip("PostgreSQL holds a moment as a number")
    session.execute(
        text("UPDATE history_entry SET at = at || :tail WHERE id = :id"), {"tail": tail, "id": sealed[0]}
    )
    assert any(f"Entry {sealed[0]}, sealed" in fault for fault in check(session).faults)


def test_an_altered_seal_is_told_from_an_altered_entry(session: Session, sealed: list[int]) -> None:
    seq = seq_of(session, sealed[1])
    session.execute(
        text("UPDATE history_seal SET hash = :hash WHERE seq = :seq"), {"hash": "a" * 64, "seq": seq}
    )
    assert check(session).faults == [f"Seal {seq} itself was altered; entry {sealed[1]} is as it was."]


def test_an_entry_taken_out_is_named(session: Session, sealed: list[int]) -> None:
    seq = seq_of(session, sealed[3])
    for table, column in (("history_detail", "entry_id"), ("history_entry", "id")):
        session.execute(text(f"DELETE FROM {table} WHERE {column} = :id"), {"id": sealed[3]})
    assert check(session).faults == [f"Entry {sealed[3]}, sealed as {seq}, is gone."]


def test_an_entry_taken_out_with_its_seal_is_named(session: Session, sealed: list[int]) -> None:
    seq = seq_of(session, sealed[3])
    take_out(session, sealed[3])
    faults = check(session).faults
    assert faults[0] == f"Seal {seq} is missing: the chain goes on with {seq + 1}."


def test_an_entry_taken_out_and_the_seals_counted_anew_is_found(session: Session, sealed: list[int]) -> None:
    seq = seq_of(session, sealed[3])
    take_out(session, sealed[3])
    for later in range(seq + 1, seq + 1 + N - 4):
        session.execute(
            text("UPDATE history_seal SET seq = :to WHERE seq = :seq"), {"to": later - 1, "seq": later}
        )
    assert f"Entry {sealed[4]}, sealed as {seq}, is not as it was sealed." in check(session).faults


def test_two_seals_that_changed_places_are_found(session: Session, sealed: list[int]) -> None:
    one, other = seq_of(session, sealed[1]), seq_of(session, sealed[2])
    for seq, to in ((one, -1), (other, one), (-1, other)):
        session.execute(text("UPDATE history_seal SET seq = :to WHERE seq = :seq"), {"to": to, "seq": seq})
    assert len(check(session).faults) >= 2


def test_two_entries_that_changed_words_are_found(session: Session, sealed: list[int]) -> None:
    for entry_id, to in ((sealed[1], -1), (sealed[2], sealed[1]), (-1, sealed[2])):
        session.execute(
            text("UPDATE history_detail SET entry_id = :to WHERE entry_id = :id"), {"to": to, "id": entry_id}
        )
    assert check(session).faults == [
        f"The words of entry {one} are not as they were recorded." for one in sealed[1:3]
    ]


def test_words_taken_away_are_found(session: Session, sealed: list[int]) -> None:
    session.execute(text("DELETE FROM history_detail WHERE entry_id = :id"), {"id": sealed[0]})
    assert check(session).faults == [
        f"The words of entry {sealed[0]} are gone without an order to erase them."
    ]


def test_an_end_cut_off_is_found_by_the_anchor(session: Session, sealed: list[int]) -> None:
    anchor = Anchor(*chain_head(session()))  # type: ignore[operator]
    assert check(session, anchor).faults == []
    take_out(session, sealed[-1])
    assert check(session).faults == [], "nobody can tell without an anchor: that is why it is written down"
    assert check(session, anchor).faults == [
        f"The anchor names seal {anchor.seq}, and the chain ends at {anchor.seq - 1}: its end was taken away."
    ]


def test_a_chain_written_anew_is_found_by_the_anchor(session: Session, sealed: list[int]) -> None:
    anchor = Anchor(*chain_head(session()))  # type: ignore[operator]
    session.execute(text("UPDATE history_entry SET action = 'other' WHERE id = :id"), {"id": sealed[0]})
    session.execute(text("DELETE FROM history_seal"))
    while seal_history(session(), thorough=True):  # type: ignore[operator]
        pass
    assert check(session).faults == []
    assert check(session, anchor).faults == [
        f"Seal {anchor.seq} is not the one of the anchor: the chain was written anew up to there."
    ]


def test_the_head_on_an_issued_report_is_an_anchor(session: Session, at: datetime) -> None:
    history.record(SYSTEM, "changed", "theme", 1, at=at)
    while seal_history(session()):
        pass
    report = issued_report(published_plan().plan_id)
    while seal_history(session()):
        pass
    assert check(session).faults == []
    take_guards_away(session)
    seq = int(report.history_head.split(":")[0])
    assert seq > 0
    session.execute(text("UPDATE history_entry SET action = 'other' WHERE action = 'changed'"))
    session.execute(text("DELETE FROM history_seal"))
    while seal_history(session(), thorough=True):  # type: ignore[operator]
        pass
    assert check(session).faults == [
        f"Seal {seq} is not the one of the anchor: the chain was written anew up to there."
    ]
    session.execute(text("UPDATE issued_report SET history_head = 'nothing'"))
    assert check(session).faults == [f"The head of the history on issued report {report.id} cannot be read."]
    if not is_sqlite(session):
        session.execute(text("SET session_replication_role = DEFAULT"))


def take_out(session: Session, entry_id: int) -> None:
    for table, column in (
        ("history_detail", "entry_id"),
        ("history_seal", "entry_id"),
        ("history_entry", "id"),
    ):
        session.execute(text(f"DELETE FROM {table} WHERE {column} = :id"), {"id": entry_id})


COLUMNS = {
    "history_entry": (
        "id",
        ("action", "subject_kind", "salt", "digest", "at", "actor_id", "subject_id", "id"),
    ),
    "history_seal": ("entry_id", ("hash", "seq", "entry_id")),
    "history_detail": ("entry_id", ("before", "after")),
}
PLACES = [(table, column) for table, (_, columns) in COLUMNS.items() for column in columns]


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(place=st.sampled_from(PLACES), which=st.integers(0, N - 1), seed=st.integers(0, 10_000))
def one_byte_is_found(
    session: Session, ids: list[int], place: tuple[str, str], which: int, seed: int
) -> None:
    table, column = place
    key = COLUMNS[table][0]
    with session.begin_nested() as point:
        held = session.scalar(
            text(f'SELECT CAST("{column}" AS TEXT) FROM {table} WHERE {key} = :id'), {"id": ids[which]}
        )
        assert isinstance(held, str)
        altered = one_other_letter(held, random.Random(seed), is_number=held.isdecimal())
        try:
            with session.begin_nested():
                session.execute(
                    text(f'UPDATE {table} SET "{column}" = {cast(session, place)} WHERE {key} = :id'),
                    {"new": altered, "id": ids[which]},
                )
                now = session.scalar(
                    text(f'SELECT CAST("{column}" AS TEXT) FROM {table} WHERE {key} = :id'),
                    {"id": ids[which] if column != key else int(altered)},
                )
        except DBAPIError:
            now = held  # the database can't even hold it
        assert now == held or check(session).faults, f"{table}.{column}: {held!r} became {now!r} unnoticed"
        point.rollback()


def cast(session: Session, place: tuple[str, str]) -> str:
    if is_sqlite(session):
        return ":new"
    kinds = {"at": "timestamptz", "before": "json", "after": "json"}
    numbers = {"actor_id", "subject_id", "id", "seq", "entry_id"}
    kind = "integer" if place[1] in numbers else kinds.get(place[1], "text")
    return f"CAST(:new AS {kind})"


def one_other_letter(held: str, chance: random.Random, *, is_number: bool) -> str:
    where = chance.randrange(len(held))
    if is_number:
        return held[:where] + chance.choice([d for d in "123456789" if d != held[where]]) + held[where + 1 :]
    letters = [chr(code) for code in range(32, 127) if chr(code) != held[where]]
    return held[:where] + chance.choice(letters) + held[where + 1 :]


def test_any_byte_of_what_is_sealed_that_changes_is_found(session: Session, sealed: list[int]) -> None:
    one_byte_is_found(session, sealed)


def test_a_sealer_passes_over_nothing_that_was_committed_late(session: Session, at: datetime) -> None:
    ids = [history.record(SYSTEM, "changed", "theme", 1, at=at) for _ in range(3)]
    session.flush()
    held_back: Any = session.execute(
        text("SELECT salt, digest FROM history_entry WHERE id = :id"), {"id": ids[0]}
    ).one()
    assert held_back
    while seal_history(session()):  # type: ignore[operator]
        pass
    take_guards_away(session)
    session.execute(text("DELETE FROM history_seal WHERE entry_id = :id"), {"id": ids[0]})
    assert is_anything_unsealed(session(), thorough=True)  # type: ignore[operator]
    # SQLite numbers entries in the order of their commits, so only a thorough pass looks back there.
    assert is_anything_unsealed(session()) is not is_sqlite(session)  # type: ignore[operator]
    if not is_sqlite(session):
        session.execute(text("SET session_replication_role = DEFAULT"))


@pytest.mark.parametrize(
    "written",
    ["", "12", "12:", ":abc", "12:xyz", "-1:" + "a" * 64, "1:" + "a" * 63, "1:" + "g" * 64, "٣:" + "a" * 64],
)
def test_what_is_no_anchor_is_refused(written: str) -> None:
    assert parse_anchor(written) is None


def test_an_anchor_is_read_as_it_is_printed() -> None:
    assert parse_anchor(f" 120:{'A' * 64} ") == Anchor(120, "a" * 64)
