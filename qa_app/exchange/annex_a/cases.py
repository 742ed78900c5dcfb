"""From the rows of Lists 6 to 9 to one case for each person, with what may be kept."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from qa_app.domain.caseload import CaseloadCase, CaseStatus, PlanType, plan_type_of
from qa_app.exchange.annex_a.cells import Value
from qa_app.exchange.annex_a.checks import open_rows
from qa_app.exchange.annex_a.codes import without_letter
from qa_app.exchange.annex_a.rows import ListRows
from qa_app.exchange.annex_a.spec import CASE_LISTS, CHILD_LISTS

# What a case holds in fields of its own, or what is not kept at all.
_OWN_FIELDS = frozenset(
    {"child_id", "age", "gender", "ethnicity", "disability", "team", "worker", "case_status"}
)
# The list that knows most about a case of each plan type, then the others.
_FIRST_LIST = {
    PlanType.LOOKED_AFTER: (8, 6, 7, 9),
    PlanType.CHILD_PROTECTION: (7, 6, 8, 9),
    PlanType.CARE_LEAVER: (9, 8, 6, 7),
}
_STARTED = {
    PlanType.LOOKED_AFTER: "cla_start",
    PlanType.CHILD_PROTECTION: "cp_start",
    PlanType.CHILD_IN_NEED: "cin_start",
    PlanType.OPEN_ASSESSMENT: "cin_start",
}
_UNBORN = -1


def cases_of(lists: Mapping[int, ListRows]) -> tuple[CaseloadCase, ...]:
    """One case for each person on Lists 6 to 9, in the order of their references."""
    read = {number: _CaseList(lists[number]) for number in CASE_LISTS if number in lists}
    on_lists: dict[str, list[int]] = {person: [] for one in read.values() for person in one.rows.persons}
    for number in CHILD_LISTS:
        if number in lists:
            for person in set(lists[number].persons):
                if person in on_lists:
                    on_lists[person].append(number)
    on_plan = open_rows(lists[7], "cp_end") if 7 in lists else {}
    in_care = open_rows(lists[8], "cla_end") if 8 in lists else {}
    return tuple(
        _case(
            person,
            tuple(numbers),
            {number: (one, at) for number, one in read.items() if (at := one.places.get(person)) is not None},
            on_plan=person in on_plan,
            in_care=person in in_care,
        )
        for person, numbers in sorted(on_lists.items())
    )


class _CaseList:
    """One of Lists 6 to 9 as cases are made of it: where each person stands, and each column in words."""

    def __init__(self, rows: ListRows) -> None:
        self.rows = rows
        self.places = {person: index for index, person in enumerate(rows.persons)}
        kept = [
            column.field
            for column in rows.place.spec.columns
            if column.field in rows.values and not column.is_withheld and column.field not in _OWN_FIELDS
        ]
        in_words = [_in_words(rows.values[name]) for name in kept]
        self.facts = [
            {name: words for name, words in zip(kept, row, strict=True) if words is not None}
            for row in zip(*in_words, strict=True)
        ] or [{} for _ in rows.numbers]
        self.sent: dict[int, dict[str, str]] = {}
        withheld = {column.field for column in rows.place.spec.columns if column.is_withheld}
        for name, by_row in rows.sent.items():
            if name not in withheld:
                for number, words in by_row.items():
                    self.sent.setdefault(number, {})[name] = words

    def value(self, name: str, at: int) -> Value:
        """What one field says of the person who stands there."""
        column = self.rows.values.get(name)
        return None if column is None else column[at]

    def as_sent(self, at: int) -> Mapping[str, str]:
        """The words of the list where they are not what was understood."""
        return self.sent.get(self.rows.numbers[at], {})


Standing = tuple[_CaseList, int]


def _case(
    person: str, numbers: tuple[int, ...], rows: Mapping[int, Standing], *, on_plan: bool, in_care: bool
) -> CaseloadCase:
    label = rows[6][0].value("case_status", rows[6][1]) if 6 in rows else None
    status = CaseStatus.from_label(label) if isinstance(label, str) else None
    plan = plan_type_of(
        status, on_child_protection_plan=on_plan, is_looked_after=in_care, is_care_leaver=9 in rows
    )
    order = _FIRST_LIST.get(plan, CASE_LISTS) if plan else CASE_LISTS
    ordered = [rows[number] for number in order if number in rows]
    age = _first(ordered, "age")
    started = _first(ordered, _STARTED.get(plan, "cin_start") if plan else "cin_start")
    facts: dict[str, str] = {}
    as_sent: dict[str, str] = {}
    for one, at in reversed(
        list(rows.values())
    ):  # what an earlier list says comes before what a later one says
        facts.update(one.facts[at])
        as_sent.update(one.as_sent(at))
    return CaseloadCase(
        child_ref=person,
        plan_type=plan,
        case_status=status,
        lists=numbers,
        age=age if isinstance(age, int) and age >= 0 else None,
        is_unborn=age == _UNBORN,
        gender=_words(_first(ordered, "gender")),
        ethnicity=_words(_first(ordered, "ethnicity")),
        disability=_words(_first(ordered, "disability")),
        need=_words(_first(ordered, "need_code") or _first(ordered, "need_code_cla")),
        team=_words(_first(ordered, "team")),
        worker=_words(_first(ordered, "worker")),
        started_on=started
        if isinstance(started, datetime.date) and plan is not PlanType.CARE_LEAVER
        else None,
        facts=facts,
        as_sent=as_sent,
    )


def _first(rows: Iterable[Standing], name: str) -> Value:
    for one, at in rows:
        value = one.value(name, at)
        if value is not None:
            return value
    return None


def _in_words(column: Sequence[Value]) -> list[str | None]:
    """A column in words; each different value is put in words once."""
    words = {value: _words(value) for value in set(column)}
    return list(map(words.__getitem__, column))


@lru_cache(maxsize=20_000)
def _words(value: Value) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime.date):
        return value.isoformat()
    return without_letter(value) if isinstance(value, str) else str(value)
