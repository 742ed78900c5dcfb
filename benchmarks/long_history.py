"""A history of a million entries, sealed, searched and verified."""

import random
import resource
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, text
from sqlalchemy.dialects import postgresql, sqlite

from qa_app import clock
from qa_app.domain.access import SYSTEM
from qa_app.domain.keyset import Place
from qa_app.extensions import db, own_transaction
from qa_app.models.accounts import User
from qa_app.models.history import HistoryDetail, HistoryEntry
from qa_app.queries.history.search import Asked, find_entries, list_actions, search_statement
from qa_app.services.history import digest_of
from qa_app.services.history_check import check_history
from qa_app.services.history_seal import is_anything_unsealed, seal_history

BEGIN = datetime(2021, 1, 1, tzinfo=UTC)
PEOPLE, CHUNK = 200, 20_000
ACTIONS = (
    (700, "answers_saved", "review", 60_000),
    (100, "review_submitted", "review", 60_000),
    (100, "raised", "finding", 90_000),
    (60, "action.updated", "plan_action", 600),
    (30, "finding.linked", "plan_action", 600),
    (8, "practitioner.matched", "practitioner", 900),
    (1, "team.placed", "team", 90),
    (1, "give_role", "user", PEOPLE),
)


def fill_history(n: int) -> None:
    """Entries over five years, as councils make them: mostly saves of answers."""
    chance = random.Random(20261124)
    weights = [each[0] for each in ACTIONS]
    with own_transaction() as session:
        session.execute(
            insert(User),
            [
                {
                    "id": number + 1,
                    "email": f"p{number}@example.org",
                    "name": f"Person {number}",
                    "created_at": BEGIN,
                }
                for number in range(PEOPLE)
            ],
        )
    began, step = time.perf_counter(), timedelta(days=5 * 365) / n
    for first in range(0, n, CHUNK):
        entries, details = [], []
        for number in range(first, min(first + CHUNK, n)):
            _, action, kind, most = chance.choices(ACTIONS, weights)[0]
            detail = {"before": {"grade": "good"}, "after": {"grade": "inadequate", "n": number}}
            salt = f"{number:032x}"
            # The last person is rare: one entry in fifty thousand.
            actor = PEOPLE if number % 50_000 == 7 else min(int(chance.expovariate(0.03)) + 1, PEOPLE - 1)
            entries.append(
                {
                    "id": number + 1,
                    "at": BEGIN + number * step,
                    "actor_id": actor,
                    "action": action,
                    "subject_kind": kind,
                    "subject_id": chance.randrange(most) + 1,
                    "salt": salt,
                    "digest": digest_of(salt, detail),
                }
            )
            details.append({"entry_id": number + 1, **detail})
        with own_transaction() as session:
            session.execute(insert(HistoryEntry), entries)
            session.execute(insert(HistoryDetail), details)
    print(f"  written in {time.perf_counter() - began:.0f} s")
    _seal(n)
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))


def _seal(n: int) -> None:
    began, longest = time.perf_counter(), 0.0
    while True:
        turn = time.perf_counter()
        with own_transaction() as session:
            n_sealed = seal_history(session)
        longest = max(longest, time.perf_counter() - turn)
        if not n_sealed:
            break
    took = time.perf_counter() - began
    print(
        f"  sealed {n / took:,.0f} a second; writers waited at most {longest * 1000:.0f} ms for a thousand links"
    )
    idle = _median(lambda: is_anything_unsealed(db.session()))
    print(
        f"  a sealer with nothing to do looks for {idle:.1f} ms, thoroughly "
        f"{_median(lambda: is_anything_unsealed(db.session(), thorough=True), 3):.0f} ms"
    )
    db.session.rollback()


SEARCHES: dict[str, Asked] = {
    "nothing asked for": Asked(),
    "one person": Asked(user_id=3),
    "one person, very rare": Asked(user_id=PEOPLE),
    "one action": Asked(action="review_submitted"),
    "one action, very rare": Asked(action="team.placed"),
    "one kind of record": Asked(kind="plan_action"),
    "one record": Asked(kind="review", subject_id=1042),
    "one day three years ago": Asked(since=BEGIN + timedelta(days=700), until=BEGIN + timedelta(days=701)),
    "a person and an action": Asked(user_id=40, action="finding.linked"),
    "two rare things that never met": Asked(user_id=PEOPLE, action="give_role"),
    "a person on one record": Asked(user_id=5, kind="review", subject_id=77),
    "a kind in one month": Asked(
        kind="team", since=BEGIN + timedelta(days=700), until=BEGIN + timedelta(days=730)
    ),
}


def measure_search(*, show_plans: bool) -> None:
    """Each search's first page, and one from the middle; then the walk over the whole chain."""
    for name, asked in SEARCHES.items():
        took = _median(lambda asked=asked: find_entries(SYSTEM, asked))
        print(f"  {name:<34}{took:>8.1f} ms")
        if show_plans:
            _plan(asked)
    middle = Place(BEGIN + timedelta(days=900), 500_000)
    print(
        f"  {'a page from the middle':<34}{_median(lambda: find_entries(SYSTEM, Asked(), before=middle)):>8.1f} ms"
    )
    print(f"  {'the list of actions to choose from':<34}{_median(lambda: list_actions(SYSTEM)):>8.1f} ms")
    db.session.rollback()
    began = time.perf_counter()
    found = check_history(db.session(), at=clock.now())
    took = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"  verified {found.sealed:,} in {took:.0f} s, {len(found.faults)} faults; most memory {memory} MB")
    db.session.rollback()


def _plan(asked: Asked) -> None:
    is_sqlite = db.engine.dialect.name == "sqlite"
    dialect = sqlite.dialect() if is_sqlite else postgresql.dialect()  # type: ignore[no-untyped-call]
    statement = str(
        search_statement(asked, None, 51).compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    )
    words = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN (COSTS OFF) "
    for row in db.session.connection().exec_driver_sql(words + statement.replace("%", "%%")):
        print(f"        {row[-1]}")


def _median(act: Callable[[], object], rounds: int = 7) -> float:
    act()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)
