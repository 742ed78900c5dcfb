"""The lists counted: people by reference, never rows."""

from collections import Counter
from collections.abc import Mapping

from qa_app.domain.alike_names import name_key
from qa_app.domain.caseload import CaseloadCounts, CaseStatus
from qa_app.exchange.annex_a.checks import is_open
from qa_app.exchange.annex_a.rows import ListRows, Row
from qa_app.exchange.annex_a.spec import CHILD_LISTS


def count_lists(lists: Mapping[int, ListRows]) -> CaseloadCounts:
    """Count what a set of lists holds."""
    current = {
        row.person
        for row in _rows(lists, 6)
        if row.values.get("case_status") not in (None, CaseStatus.CLOSED.label)
    }
    leavers = {row.person for row in _rows(lists, 9)}
    n_protected = sum(is_open(row, "cp_end") for row in _rows(lists, 7))
    n_in_care = sum(is_open(row, "cla_end") for row in _rows(lists, 8))
    return CaseloadCounts(
        rows_by_list={number: len(one.rows) for number, one in lists.items()},
        list6_by_case_status=_by_words(lists, 6, "case_status"),
        list7_open=n_protected,
        list7_ended=len(_rows(lists, 7)) - n_protected,
        list8_open=n_in_care,
        list8_ceased=len(_rows(lists, 8)) - n_in_care,
        list9_by_eligibility=_by_words(lists, 9, "cl_eligibility"),
        current_children_list6=len(current),
        current_children_including_care_leavers=len(current | leavers),
        distinct_people_all_child_lists=len(
            {row.person for number in CHILD_LISTS for row in _rows(lists, number)}
        ),
        teams=len(names_in(lists, "team")),
        workers=len(names_in(lists, "worker")),
        unborn_on_list6=sum(row.values.get("age") == -1 for row in _rows(lists, 6)),
    )


def names_in(lists: Mapping[int, ListRows], field: str) -> tuple[str, ...]:
    """The different teams or workers of all lists, in alphabetical order."""
    found = {
        value: None
        for one in lists.values()
        for row in one.rows
        if isinstance(value := row.values.get(field), str)
    }
    return tuple(sorted(found, key=name_key))


def _rows(lists: Mapping[int, ListRows], number: int) -> list[Row]:
    return lists[number].rows if number in lists else []


def _by_words(lists: Mapping[int, ListRows], number: int, field: str) -> dict[str, int]:
    return dict(
        Counter(value for row in _rows(lists, number) if isinstance(value := row.values.get(field), str))
    )
