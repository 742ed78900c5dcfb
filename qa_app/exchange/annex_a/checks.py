"""What one list says against another: a status without its plan, a plan without its episode."""

from collections import Counter
from collections.abc import Iterator, Mapping

from qa_app.domain.caseload import CaseStatus, Handling, ImportFault
from qa_app.exchange.annex_a.cells import Value, shown
from qa_app.exchange.annex_a.rows import ListRows
from qa_app.exchange.annex_a.spec import CHILD_LISTS


def open_rows(one: ListRows, end_field: str) -> dict[str, int]:
    """By reference, the row of everybody of List 7 or 8 for whom it goes on: the end date is blank.

    An end date that cannot be true still says that it ended, unless it is a placeholder or a word.
    """
    ended = one.ended.get(end_field, set())
    return {
        person: number
        for person, number, end in zip(one.persons, one.numbers, one.column(end_field), strict=True)
        if end is None and number not in ended
    }


def checked(lists: Mapping[int, ListRows]) -> Iterator[ImportFault]:
    """Every contradiction between lists, told where it can be put right."""
    on_plan = open_rows(lists[7], "cp_end") if 7 in lists else None
    in_care = open_rows(lists[8], "cla_end") if 8 in lists else None
    yield from _statuses(lists[6], on_plan, in_care)
    persons = set(lists[6].persons)
    for number, kind, open_ones in (
        (7, "protection_plan_not_on_list_6", on_plan),
        (8, "looked_after_not_on_list_6", in_care),
    ):
        for person, row in (open_ones or {}).items():
            if person not in persons:
                yield lists[number].fault(kind, Handling.FLAG, row, None, None)
    yield from _birthdays(lists)


def _statuses(
    cases: ListRows, on_plan: Mapping[str, int] | None, in_care: Mapping[str, int] | None
) -> Iterator[ImportFault]:
    closing_dates = cases.filled.get("cin_closed", set())
    for person, number, label in zip(cases.persons, cases.numbers, cases.column("case_status"), strict=True):
        status = CaseStatus.from_label(label) if isinstance(label, str) else None
        if status is CaseStatus.CLOSED:
            if number not in closing_dates:
                yield cases.fault("closed_without_date", Handling.FLAG, number, "case_status", label)
            if person in (on_plan or ()) or person in (in_care or ()):
                yield cases.fault("closed_but_open_elsewhere", Handling.FLAG, number, "case_status", label)
        elif (status is CaseStatus.CHILD_PROTECTION and on_plan is not None and person not in on_plan) or (
            status is CaseStatus.LOOKED_AFTER and in_care is not None and person not in in_care
        ):
            yield cases.fault("status_not_supported", Handling.FLAG, number, "case_status", label)


def _birthdays(lists: Mapping[int, ListRows]) -> Iterator[ImportFault]:
    """Dates of birth that differ from what most of the child's rows say."""
    read = [lists[number] for number in CHILD_LISTS if number in lists]
    born: dict[str, Value] = {}
    differing: set[str] = set()
    for one in read:
        for person, day in zip(one.persons, one.column("dob"), strict=True):
            if day is not None and born.setdefault(person, day) != day:
                differing.add(person)
    if not differing:
        return
    said: dict[str, Counter[Value]] = {person: Counter() for person in differing}
    for one in read:
        for person, day in zip(one.persons, one.column("dob"), strict=True):
            if person in differing and day is not None:
                said[person][day] += 2 if one.number == 6 else 1
    usual = {person: days.most_common(1)[0][0] for person, days in said.items()}
    for one in read:
        for person, number, day in zip(one.persons, one.numbers, one.column("dob"), strict=True):
            if person in usual and day is not None and day != usual[person]:
                yield one.fault("date_of_birth_differs", Handling.FLAG, number, "dob", shown(day))
