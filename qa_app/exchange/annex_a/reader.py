"""The caseload read from the child-level lists: one workbook, or one CSV file for each list."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from qa_app.domain.caseload import CaseloadExtract, ListReading
from qa_app.domain.errors import Invalid
from qa_app.domain.house_words import NOTHING_TOLD, HouseWords
from qa_app.exchange.annex_a.cases import cases_of
from qa_app.exchange.annex_a.checks import checked
from qa_app.exchange.annex_a.counting import count_lists, names_in
from qa_app.exchange.annex_a.names import settle_names
from qa_app.exchange.annex_a.places import find_lists
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
    places, faults = find_lists(read_tabs(files))
    lists = {number: ListReader(place, as_at, told.codes).read() for number, place in sorted(places.items())}
    if not lists[6].rows:
        place = lists[6].place
        raise Invalid(
            "file",
            f"Tab '{place.tab.name}' has the headings of List 6 and no row with a usable Child Unique ID "
            "below them. Export the list again and send the file.",
        )
    faults += [fault for one in lists.values() for fault in one.faults]
    name_faults, doubts = settle_names(lists.values(), told)
    faults += name_faults
    faults += checked(lists)
    return CaseloadExtract(
        as_at=as_at,
        lists={number: _reading(one) for number, one in lists.items()},
        counts=count_lists(lists),
        cases=cases_of(lists),
        faults=tuple(sorted(faults, key=lambda fault: (fault.list_number or 0, fault.row or 0))),
        teams=names_in(lists, "team"),
        workers=_workers(lists),
        doubts=doubts,
    )


def _reading(one: ListRows) -> ListReading:
    return ListReading(one.place.tab.name, one.n_read, len(one.rows), one.n_rejected, one.n_repeats)


def _workers(lists: Mapping[int, ListRows]) -> tuple[tuple[str, str | None], ...]:
    """Every worker with the team most of the worker's rows name."""
    teams: dict[str, Counter[str]] = {}
    for one in lists.values():
        for row in one.rows:
            worker, team = row.values.get("worker"), row.values.get("team")
            if isinstance(worker, str) and isinstance(team, str):
                teams.setdefault(worker, Counter())[team] += 1
    return tuple(
        (worker, teams[worker].most_common(1)[0][0] if worker in teams else None)
        for worker in names_in(lists, "worker")
    )
