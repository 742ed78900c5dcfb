"""The caseload read from the child-level lists: one workbook, or one CSV file for each list."""

import gc
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

from qa_app.domain.caseload import CaseloadExtract, ListReading, folded
from qa_app.domain.errors import Invalid
from qa_app.domain.house_words import NOTHING_TOLD, HouseWords
from qa_app.exchange.annex_a.cases import cases_of
from qa_app.exchange.annex_a.checks import checked
from qa_app.exchange.annex_a.counting import count_lists, names_in
from qa_app.exchange.annex_a.names import settle_names
from qa_app.exchange.annex_a.places import find_lists
from qa_app.exchange.annex_a.references import settle_references
from qa_app.exchange.annex_a.rows import ListReader, ListRows
from qa_app.exchange.annex_a.tabs import read_tabs
from qa_app.exchange.uploads import UploadedFile


def read_caseload(
    files: Sequence[UploadedFile], as_at: date, told: HouseWords = NOTHING_TOLD
) -> CaseloadExtract:
    """Read the child-level lists as they stood on a date: cases, counts, and every fault with its place.

    `told`: the council's own spellings of codes, and which names are one team or worker.

    Errors: `Invalid` when the files cannot be read, are no such lists, or lack what the caseload needs.
    """
    with _collector_at_rest():
        return _read(files, as_at, told)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Hundreds of thousands of records are made here, none in a circle: walking them again and again is in vain."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read(files: Sequence[UploadedFile], as_at: date, told: HouseWords) -> CaseloadExtract:
    places, faults = find_lists(read_tabs(files))
    lists = {number: ListReader(place, as_at, told.codes).read() for number, place in sorted(places.items())}
    if not lists[6].numbers:
        place = lists[6].place
        raise Invalid(
            "file",
            f"Tab '{place.tab.name}' has the headings of List 6 and no row with a usable Child Unique ID "
            "below them. Export the list again and send the file.",
        )
    faults += settle_references(lists)
    faults += [fault for one in lists.values() for fault in one.faults]
    name_faults, doubts = settle_names(lists.values(), told)
    faults += name_faults
    faults += checked(lists)
    return CaseloadExtract(
        as_at=as_at,
        lists={number: _reading(one) for number, one in lists.items()},
        counts=count_lists(lists),
        cases=cases_of(lists),
        faults=folded(faults),
        teams=names_in(lists, "team"),
        workers=_workers(lists),
        doubts=doubts,
    )


def _reading(one: ListRows) -> ListReading:
    return ListReading(one.place.tab.name, one.n_read, len(one), one.n_rejected, one.n_repeats)


def _workers(lists: Mapping[int, ListRows]) -> tuple[tuple[str, str | None], ...]:
    """Every worker with the team most of the worker's rows name."""
    teams: dict[str, Counter[str]] = {}
    for one in lists.values():
        pairs = Counter(zip(one.column("worker"), one.column("team"), strict=True))
        for (worker, team), n in pairs.items():
            if isinstance(worker, str) and isinstance(team, str):
                teams.setdefault(worker, Counter())[team] += n
    return tuple(
        (
            worker,
            min(teams[worker], key=lambda team: (-teams[worker][team], team)) if worker in teams else None,
        )
        for worker in names_in(lists, "worker")
    )
