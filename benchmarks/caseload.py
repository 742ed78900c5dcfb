"""`python -m benchmarks.caseload`: how long a caseload takes to read and to store, beside what pandas takes to load it.

Both take turns in one process and the quickest of each counts, so that what else the machine does weighs little. Memory
is that of a process which does nothing but one import. The longest save is that of another user while a thread of the
same server imports.
"""

import gc
import json
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from sqlalchemy import text

from benchmarks.large_caseload import write_large_workbook
from qa_app import clock
from qa_app.config import Settings
from qa_app.domain.access import SYSTEM
from qa_app.exchange.annex_a.reader import read_caseload
from qa_app.exchange.caseload_packed import pack_extract, unpack_extract
from qa_app.exchange.uploads import UploadedFile, sha256_of
from qa_app.extensions import db, own_transaction
from qa_app.factory import create_app
from qa_app.models.tables import metadata
from qa_app.services.caseload import store_extract

BOROUGH = Path(__file__).parent.parent / "tests" / "data" / "annexa" / "borough_clean.xlsx"
AS_AT = date(2026, 10, 30)
ROUNDS = 5


@dataclass(frozen=True)
class CaseloadMeasure:
    """One workbook. Units: seconds, megabytes. `import_s`: read, packed, unpacked, stored and committed."""

    name: str
    n_rows: int
    n_children: int
    pandas_s: float
    parse_s: float
    import_s: float
    peak_mb: float
    store_s: float
    longest_save_alone_s: float
    longest_save_meanwhile_s: float


@contextmanager
def empty_site(folder: Path) -> Iterator[Flask]:
    """The app on an empty embedded database."""
    address = f"sqlite:///{folder / 'caseload.sqlite3'}"
    app = create_app(
        Settings(database_url=address, secret_key="benchmark", secure_cookies=False, instance_folder=folder)
    )
    with app.app_context():
        metadata.create_all(db.engine)
        with own_transaction() as session:
            session.execute(text("CREATE TABLE saved (id INTEGER PRIMARY KEY, n INTEGER)"))
            session.execute(text("INSERT INTO saved VALUES (1, 0)"))
        yield app
        db.session.remove()
        db.engine.dispose()


def import_once(path: Path, day: date) -> float:
    """Read and store one workbook as the pages do, waiting in between; gives the seconds in which it was stored."""
    files = [UploadedFile(path.name, path.read_bytes())]
    packed = pack_extract(read_caseload(files, day))
    extract = unpack_extract(packed)
    began = time.perf_counter()
    store_extract(SYSTEM, extract, sha256_of(files), at=clock.now())
    db.session.commit()
    return time.perf_counter() - began


def measure(name: str, path: Path) -> CaseloadMeasure:
    """Everything about one workbook."""
    import pandas

    n_rows = 0

    def load() -> None:
        nonlocal n_rows
        sheets = pandas.read_excel(path, sheet_name=None, engine="calamine")
        n_rows = sum(map(len, sheets.values()))

    extract = read_caseload([UploadedFile(path.name, path.read_bytes())], AS_AT)
    with TemporaryDirectory() as folder, empty_site(Path(folder)) as app:
        days = iter(AS_AT - timedelta(days=n) for n in range(100))
        stored: list[float] = []
        times = _quickest(
            load,
            lambda: read_caseload([UploadedFile(path.name, path.read_bytes())], AS_AT),
            lambda: stored.append(import_once(path, next(days))),
        )
        alone = _longest_save(app, lambda: time.sleep(1.0))
        meanwhile = _longest_save(app, lambda: import_once(path, next(days)))
    return CaseloadMeasure(
        name,
        n_rows,
        extract.counts.current_children_list6,
        *times,
        peak_mb=_peak_of_child(path),
        store_s=min(stored),
        longest_save_alone_s=alone,
        longest_save_meanwhile_s=meanwhile,
    )


def _quickest(*acts: Callable[[], object]) -> tuple[float, ...]:
    times: list[list[float]] = [[] for _ in acts]
    for _ in range(ROUNDS):
        for kept, act in zip(times, acts, strict=True):
            gc.collect()
            began = time.perf_counter()
            act()
            kept.append(time.perf_counter() - began)
    return tuple(map(min, times))


def _longest_save(app: Flask, act: Callable[[], object]) -> float:
    """The longest that a save by somebody else took while something was done in another thread."""
    faults: list[BaseException] = []

    def work() -> None:
        try:
            with app.app_context():
                act()
                db.session.remove()
        except BaseException as fault:
            faults.append(fault)

    db.session.rollback()
    longest = 0.0
    thread = threading.Thread(target=work)
    thread.start()
    while thread.is_alive():
        began = time.perf_counter()
        with own_transaction() as session:
            session.execute(text("UPDATE saved SET n = n + 1 WHERE id = 1"))
        longest = max(longest, time.perf_counter() - began)
        time.sleep(0.02)
    thread.join()
    assert not faults, faults
    return longest


def _peak_of_child(path: Path) -> float:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.caseload", "--once", str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1])


def _print_peak(path: Path) -> None:
    with TemporaryDirectory() as folder, empty_site(Path(folder)):
        import_once(path, AS_AT)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    """Measure the borough workbook and one of 15,000 children, and print a table; with `--json`, one object."""
    if sys.argv[1:2] == ["--once"]:
        _print_peak(Path(sys.argv[2]))
        return
    with TemporaryDirectory() as folder:
        large = Path(folder) / "large.xlsx"
        write_large_workbook(BOROUGH, large)
        measures = [measure("borough", BOROUGH), measure("large county", large)]
    if "--json" in sys.argv[1:]:
        print(json.dumps([asdict(each) for each in measures]))
        return
    for each in measures:
        print_measure(each)


def print_measure(each: CaseloadMeasure) -> None:
    """One workbook's figures beside the goals."""
    parse, whole = each.parse_s / each.pandas_s, each.import_s / each.pandas_s
    print(f"{each.name}: {each.n_rows:,} rows, {each.n_children:,} current children")
    print(f"  pandas loads the sheets         {each.pandas_s:6.2f} s")
    print(f"  read, checked, cases made       {each.parse_s:6.2f} s  {parse:4.2f}x  (at most 1.5x)")
    print(f"  whole import with its wait      {each.import_s:6.2f} s  {whole:4.2f}x  (at most 3x)")
    print(f"  of which the write lock is held {each.store_s:6.2f} s")
    print(f"  memory of a process             {each.peak_mb:6.0f} MB        (at most 500 MB)")
    print(
        f"  longest save by somebody else   {each.longest_save_meanwhile_s:6.2f} s meanwhile, "
        f"{each.longest_save_alone_s:.3f} s without"
    )


if __name__ == "__main__":
    main()
