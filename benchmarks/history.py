"""`python -m benchmarks.history`: what keeping the history costs a write, and how fast a long history is searched.

    python -m benchmarks.history write                  one writer and 32, with and without history, both databases
    python -m benchmarks.history search --entries 1000000 [--plans]

The milliseconds belong to this machine; the ratios can be compared between machines.
"""

import argparse
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from sqlalchemy import update

from benchmarks.long_history import fill_history, measure_search
from qa_app import clock
from qa_app.config import Settings
from qa_app.domain.access import SYSTEM
from qa_app.extensions import db, own_transaction
from qa_app.factory import create_app
from qa_app.jobs.sealing import sealing
from qa_app.models.immutability import create_triggers
from qa_app.models.organisation import ServiceArea
from qa_app.models.tables import metadata
from qa_app.services import history
from tests.postgresql import fresh_database

SECONDS, TURNS = 4.0, 3
WRITERS = (1, 32)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["write", "search"])
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--plans", action="store_true")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    asked = parser.parse_args()
    databases = ("sqlite", "postgresql") if asked.database == "both" else (asked.database,)
    for database in databases:
        with house(database) as app:
            if asked.what == "write":
                measure_writing(app, database)
            else:
                print(f"\n{database}, {asked.entries:,} entries")
                fill_history(asked.entries)
                measure_search(show_plans=asked.plans)


@contextmanager
def house(database: str) -> Iterator[Flask]:
    """An app on an empty database of its own, gone afterwards."""
    with TemporaryDirectory() as folder:
        address = (
            fresh_database() if database == "postgresql" else f"sqlite:///{Path(folder) / 'history.sqlite3'}"
        )
        app = create_app(
            Settings(
                database_url=address,
                secret_key="benchmark",
                secure_cookies=False,
                instance_folder=Path(folder),
                log_level="ERROR",
            )
        )
        with app.app_context():
            metadata.create_all(db.engine)
            with db.engine.begin() as connection:
                create_triggers(connection)
            yield app
            db.session.remove()
            db.engine.dispose()


def measure_writing(app: Flask, database: str) -> None:
    """Writes in a second, without history and with it, in turns; the median of the turns."""
    with own_transaction() as session:
        session.add_all(
            [
                ServiceArea(id=number + 1, name=f"Area {number}", created_at=clock.now())
                for number in range(max(WRITERS))
            ]
        )
    for n_writers in WRITERS:
        rates: dict[str, list[float]] = {"bare": [], "kept": [], "sealed": []}
        for _ in range(TURNS):
            rates["bare"].append(rate(app, n_writers, with_history=False))
            rates["kept"].append(rate(app, n_writers, with_history=True))
            with sealing(app):
                rates["sealed"].append(rate(app, n_writers, with_history=True))
        bare, kept, sealed = (statistics.median(each) for each in rates.values())
        print(
            f"{database:<11}{n_writers:>3} writers: {bare:>7.0f} changes a second without history, "
            f"{kept:>6.0f} with it ({kept / bare:.2f}x), {sealed:>6.0f} with the sealer at work ({sealed / bare:.2f}x)"
        )


def rate(app: Flask, n_writers: int, *, with_history: bool) -> float:
    """Committed changes in a second by so many writers, each on a row of its own."""
    done = [0] * n_writers
    faults: list[BaseException] = []
    stop = threading.Event()
    ready = threading.Barrier(n_writers + 1)

    def write(number: int) -> None:
        ready.wait()
        try:
            with app.app_context():
                while not stop.is_set():
                    change(number, done[number], with_history=with_history)
                    done[number] += 1
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(n_writers)]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.perf_counter()
    time.sleep(SECONDS)
    stop.set()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return sum(done) / (time.perf_counter() - began)


def change(number: int, turn: int, *, with_history: bool) -> None:
    """One change of one row, committed."""
    name = f"Area {number}, turn {turn}"
    db.session.execute(update(ServiceArea).where(ServiceArea.id == number + 1).values(name=name))
    if with_history:
        history.record(
            SYSTEM,
            "service_area.changed",
            "service_area",
            number + 1,
            at=clock.now(),
            before={"name": "before", "head_user_id": None},
            after={"name": name, "head_user_id": 7},
        )
    db.session.commit()


if __name__ == "__main__":
    main()
