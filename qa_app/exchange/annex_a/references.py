"""References that one list writes with zeros in front and another, made numbers by a spreadsheet, without."""

from collections.abc import Iterator, Mapping

from qa_app.domain.caseload import Handling, ImportFault
from qa_app.exchange.annex_a.rows import ListRows
from qa_app.exchange.annex_a.spec import CHILD_LISTS


def settle_references(lists: Mapping[int, ListRows]) -> Iterator[ImportFault]:
    """Give a reference back the zeros that other lists write in front of it, and tell where that was done.

    Where one list knows both ways of writing, they are two people and nothing is changed.
    """
    read = [lists[number] for number in CHILD_LISTS if number in lists]
    with_zeros = {
        person for one in read for person in set(one.persons) if person.startswith("0") and person.isdigit()
    }
    if not with_zeros:
        return
    whole: dict[str, str] = {}
    doubtful: set[str] = set()
    for person in sorted(with_zeros):
        bare = person.lstrip("0")
        if whole.setdefault(bare, person) != person:
            doubtful.add(bare)
    for one in read:
        persons = set(one.persons)
        doubtful |= {bare for bare, person in whole.items() if bare in persons and person in persons}
    for one in read:
        for index, person in enumerate(one.persons):
            if person in whole and person not in doubtful:
                one.persons[index] = whole[person]
                yield one.fault(
                    "id_zeros_lost",
                    Handling.NORMALISE,
                    one.numbers[index],
                    one.place.spec.id_field,
                    person,
                    whole[person],
                )
