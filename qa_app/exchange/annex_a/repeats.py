"""Which rows of a list are used, and what rows that repeat a person say differently."""

from collections.abc import Iterator, Mapping, Sequence

from qa_app.domain.caseload import Handling, ImportFault
from qa_app.exchange.annex_a.cells import Value, shown
from qa_app.exchange.annex_a.layout_faults import fault_at
from qa_app.exchange.annex_a.places import Place

Columns = Mapping[str, Sequence[Value]]


def used_rows(
    place: Place, persons: Sequence[str], numbers: Sequence[int], values: Columns
) -> tuple[list[bool], list[ImportFault]]:
    """Which rows are used: those with a reference, and of a person who should stand once only the first."""
    is_used = [bool(person) for person in persons]
    faults: list[ImportFault] = []
    if not place.spec.is_one_row_each or len(set(persons)) == len(persons):
        return is_used, faults
    firsts: dict[str, int] = {}
    for index, person in enumerate(persons):
        if not person:
            continue
        first = firsts.setdefault(person, index)
        if first != index:
            is_used[index] = False
            faults += _repeat(place, first, index, numbers, values)
    return is_used, faults


def _repeat(
    place: Place, first: int, again: int, numbers: Sequence[int], values: Columns
) -> Iterator[ImportFault]:
    differing = [name for name, column in values.items() if column[first] != column[again]]
    if not differing:
        for one, other in ((first, again), (again, first)):
            words = f"same as row {numbers[other]}"
            yield fault_at(place, "row_repeated", Handling.IGNORE, numbers[one], None, words)
    for name in differing:
        words = shown(values[name][again])
        yield fault_at(place, "row_repeated_differently", Handling.FLAG, numbers[again], name, words or None)
