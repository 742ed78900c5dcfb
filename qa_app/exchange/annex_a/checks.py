"""What one list says against another: a status without its plan, a plan without its episode."""

import datetime
from collections import Counter
from collections.abc import Iterator, Mapping

from qa_app.domain.caseload import CaseStatus, Handling, ImportFault
from qa_app.exchange.annex_a.cells import shown
from qa_app.exchange.annex_a.rows import ListRows, Row
from qa_app.exchange.annex_a.spec import CHILD_LISTS


def is_open(row: Row, end_field: str) -> bool:
    """Whether a row of List 7 or 8 goes on: its end date is blank.

    An end date that cannot be true still says that it ended, unless it is a placeholder or a word.
    """
    return row.values.get(end_field) is None and end_field not in row.ended


def checked(lists: Mapping[int, ListRows]) -> Iterator[ImportFault]:
    """Every contradiction between lists, told where it can be put right."""
    yield from _statuses(lists)
    for number in (7, 8):
        yield from _not_on_list_6(lists, number)
    yield from _birthdays(lists)


def _statuses(lists: Mapping[int, ListRows]) -> Iterator[ImportFault]:
    cases = lists[6]
    on_plan = {row.person for row in lists[7].rows if is_open(row, "cp_end")} if 7 in lists else None
    in_care = {row.person for row in lists[8].rows if is_open(row, "cla_end")} if 8 in lists else None
    for row in cases.rows:
        label = row.values.get("case_status")
        status = CaseStatus.from_label(label) if isinstance(label, str) else None
        if status is CaseStatus.CLOSED:
            if "cin_closed" not in row.filled:
                yield cases.fault("closed_without_date", Handling.FLAG, row.number, "case_status", label)
            if (on_plan is not None and row.person in on_plan) or (
                in_care is not None and row.person in in_care
            ):
                yield cases.fault(
                    "closed_but_open_elsewhere", Handling.FLAG, row.number, "case_status", label
                )
        elif (
            status is CaseStatus.CHILD_PROTECTION and on_plan is not None and row.person not in on_plan
        ) or (status is CaseStatus.LOOKED_AFTER and in_care is not None and row.person not in in_care):
            yield cases.fault("status_not_supported", Handling.FLAG, row.number, "case_status", label)


def _not_on_list_6(lists: Mapping[int, ListRows], number: int) -> Iterator[ImportFault]:
    if number not in lists:
        return
    cases = {row.person for row in lists[6].rows}
    end = "cp_end" if number == 7 else "cla_end"
    for row in lists[number].rows:
        if row.person not in cases and is_open(row, end):
            kind = "protection_plan_not_on_list_6" if number == 7 else "looked_after_not_on_list_6"
            yield lists[number].fault(kind, Handling.FLAG, row.number, None, None)


def _birthdays(lists: Mapping[int, ListRows]) -> Iterator[ImportFault]:
    """Dates of birth that differ from what most of the child's rows say."""
    by_child: dict[str, Counter[datetime.date]] = {}
    for number in CHILD_LISTS:
        for row in lists[number].rows if number in lists else ():
            born = row.values.get("dob")
            if isinstance(born, datetime.date):
                by_child.setdefault(row.person, Counter())[born] += 2 if number == 6 else 1
    differing = {child: born.most_common(1)[0][0] for child, born in by_child.items() if len(born) > 1}
    for number in CHILD_LISTS:
        for row in lists[number].rows if number in lists else ():
            born = row.values.get("dob")
            if row.person in differing and isinstance(born, datetime.date) and born != differing[row.person]:
                yield lists[number].fault(
                    "date_of_birth_differs", Handling.FLAG, row.number, "dob", shown(born)
                )
