"""The lists counted: people by reference, never rows."""

from collections import Counter
from collections.abc import Mapping

from qa_app.domain.alike_names import name_key
from qa_app.domain.caseload import CaseloadCounts, CaseStatus
from qa_app.exchange.annex_a.checks import open_rows
from qa_app.exchange.annex_a.rows import ListRows
from qa_app.exchange.annex_a.spec import CHILD_LISTS


def count_lists(lists: Mapping[int, ListRows]) -> CaseloadCounts:
    """Count what a set of lists holds."""
    not_current = (None, CaseStatus.CLOSED.label)
    cases = lists[6]
    current = {
        person
        for person, status in zip(cases.persons, cases.column("case_status"), strict=True)
        if status not in not_current
    }
    leavers = set(lists[9].persons) if 9 in lists else set()
    n_protected = len(open_rows(lists[7], "cp_end")) if 7 in lists else 0
    n_in_care = len(open_rows(lists[8], "cla_end")) if 8 in lists else 0
    return CaseloadCounts(
        rows_by_list={number: len(one) for number, one in lists.items()},
        list6_by_case_status=_by_words(lists, 6, "case_status"),
        list7_open=n_protected,
        list7_ended=_n_rows(lists, 7) - n_protected,
        list8_open=n_in_care,
        list8_ceased=_n_rows(lists, 8) - n_in_care,
        list9_by_eligibility=_by_words(lists, 9, "cl_eligibility"),
        current_children_list6=len(current),
        current_children_including_care_leavers=len(current | leavers),
        distinct_people_all_child_lists=len(
            set().union(*(lists[number].persons for number in CHILD_LISTS if number in lists))
        ),
        teams=len(names_in(lists, "team")),
        workers=len(names_in(lists, "worker")),
        unborn_on_list6=sum(age == -1 for age in cases.column("age")),
    )


def names_in(lists: Mapping[int, ListRows], field: str) -> tuple[str, ...]:
    """The different teams or workers of all lists, in alphabetical order."""
    found = {value for one in lists.values() for value in set(one.column(field)) if isinstance(value, str)}
    return tuple(sorted(found, key=lambda name: (name_key(name), name)))


def _n_rows(lists: Mapping[int, ListRows], number: int) -> int:
    return len(lists[number]) if number in lists else 0


def _by_words(lists: Mapping[int, ListRows], number: int, field: str) -> dict[str, int]:
    counted = Counter(lists[number].column(field)) if number in lists else Counter()
    return {value: n for value, n in counted.items() if isinstance(value, str)}
