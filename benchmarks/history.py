"""`python -m benchmarks.history`: what keeping the history costs a write, and how fast a long history is searched.

    python -m benchmarks.history write                  one writer and 32, with and without history, both databases
    python -m benchmarks.history search --entries 1000000 [--plans]

The milliseconds belong to this machine; the ratios can be compared between machines.
"""

import argparse
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from flask import Flask
from sqlalchemy import update

from benchmarks.long_history import fill_history, measure_search
from qa_app import clock
from qa_app.config import Settings
from qa_app.domain.access import Viewer
from qa_app.extensions import db
from qa_app.factory import create_app
from qa_app.jobs.sealing import sealing
from qa_app.models.immutability import create_triggers
from qa_app.models.organisation import ServiceArea
from qa_app.models.tables import metadata
from qa_app.queries.reviews import NEVER_SAVED, get_own_sheet
from qa_app.services import history
from qa_app.services.reviews import SentAnswer, save_parts
from tests.builders import make_team, make_user, viewer_of
from tests.builders_reviews import make_cohort, make_form, make_review
from tests.postgresql import fresh_database

SECONDS, TURNS = 2.5, 5
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
    """Changes in a second, without history and with it, in turns; the median of the turns."""
    reviews = make_reviews(max(WRITERS))
    print(f"\n{database}: committed changes in a second")
    print(f"  {'':<24}{'writers':>8}{'without':>9}{'with history':>18}{'and the sealer':>18}")
    for name, change in (("one row, nothing else", change_row), ("an answer of a review", save_answer)):
        for n_writers in WRITERS:
            rates: dict[str, list[float]] = {"bare": [], "kept": [], "sealed": []}
            rate(app, reviews[:n_writers], change)  # the first time warms up what is kept in memory
            for _ in range(TURNS):
                with without_history():
                    rates["bare"].append(rate(app, reviews[:n_writers], change))
                rates["kept"].append(rate(app, reviews[:n_writers], change))
                with sealing(app):
                    rates["sealed"].append(rate(app, reviews[:n_writers], change))
            bare, kept, sealed = (statistics.median(each) for each in rates.values())
            print(
                f"  {name:<24}{n_writers:>8}{bare:>9.0f}{kept:>9.0f} ({kept / bare:.2f}x){sealed:>9.0f} "
                f"({sealed / bare:.2f}x)",
                flush=True,
            )


@dataclass
class Writer:
    """Somebody who writes: their review, and how often they have written."""

    viewer: Viewer
    review_id: int
    area_id: int
    turn: int = 0


def make_reviews(n: int) -> list[Writer]:
    """So many reviewers with a review each."""
    version, team, writers = make_form(), make_team(), []
    for number in range(n):
        user = make_user(f"Reviewer {number}")
        review = make_review(user, make_cohort(version), team)
        area = ServiceArea(name=f"Area {number}", created_at=clock.now())
        db.session.add(area)
        db.session.flush()
        writers.append(Writer(viewer_of(user), review.id, area.id))
    db.session.commit()
    return writers


@contextmanager
def without_history() -> Iterator[None]:
    """What is written meanwhile leaves no entry."""
    with patch.object(history, "record", lambda *_args, **_more: 0):
        yield


def rate(app: Flask, writers: list[Writer], change: Callable[[Writer], None]) -> float:
    """Committed changes in a second by so many writers, each on a row of its own."""
    done = [0] * len(writers)
    faults: list[BaseException] = []
    stop = threading.Event()
    ready = threading.Barrier(len(writers) + 1)

    def write(number: int) -> None:
        ready.wait()
        try:
            with app.app_context():
                while not stop.is_set():
                    change(writers[number])
                    db.session.commit()
                    writers[number].turn += 1
                    done[number] += 1
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(len(writers))]
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


def change_row(writer: Writer) -> None:
    """The least that a change can be: one row."""
    name = f"Area of {writer.review_id}, turn {writer.turn}"
    db.session.execute(update(ServiceArea).where(ServiceArea.id == writer.area_id).values(name=name))
    history.record(
        writer.viewer,
        "service_area.changed",
        "service_area",
        writer.area_id,
        at=clock.now(),
        before={"name": "before", "head_user_id": None},
        after={"name": name, "head_user_id": 7},
    )


def save_answer(writer: Writer) -> None:
    """One answer of a review, as the page saves it while somebody types."""
    sheet = get_own_sheet(writer.viewer, writer.review_id)
    stands = sheet.answers_saved.get("why_not", NEVER_SAVED)
    sent = SentAnswer("why_not", f"What was seen, word {writer.turn}", expected_revision=stands.revision)
    save_parts(writer.viewer, writer.review_id, [sent], [], at=clock.now())


if __name__ == "__main__":
    main()
