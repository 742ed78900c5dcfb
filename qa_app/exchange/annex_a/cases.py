"""From the rows of Lists 6 to 9 to one case for each person, with what may be kept."""

import datetime
from collections.abc import Mapping

from qa_app.domain.caseload import CaseloadCase, CaseStatus, PlanType, plan_type_of
from qa_app.exchange.annex_a.checks import is_open
from qa_app.exchange.annex_a.codes import without_letter
from qa_app.exchange.annex_a.rows import ListRows, Row
from qa_app.exchange.annex_a.spec import CASE_LISTS, CHILD_LISTS, list_specs

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
    rows = {
        number: {row.person: row for row in lists[number].rows} for number in CASE_LISTS if number in lists
    }
    on_lists: dict[str, list[int]] = {person: [] for by_person in rows.values() for person in by_person}
    for number in CHILD_LISTS:
        for person in {row.person for row in lists[number].rows} if number in lists else ():
            if person in on_lists:
                on_lists[person].append(number)
    return tuple(
        _case(person, numbers, {n: by[person] for n, by in rows.items() if person in by})
        for person, numbers in sorted(on_lists.items())
    )


def _case(person: str, numbers: list[int], rows: Mapping[int, Row]) -> CaseloadCase:
    label = rows[6].values.get("case_status") if 6 in rows else None
    status = CaseStatus.from_label(label) if isinstance(label, str) else None
    plan = plan_type_of(
        status,
        on_child_protection_plan=7 in rows and is_open(rows[7], "cp_end"),
        is_looked_after=8 in rows and is_open(rows[8], "cla_end"),
        is_care_leaver=9 in rows,
    )
    order = _FIRST_LIST.get(plan, CASE_LISTS) if plan else CASE_LISTS
    ordered = [rows[number] for number in order if number in rows]
    age = _first(ordered, "age")
    need = _first(ordered, "need_code") or _first(ordered, "need_code_cla")
    started = _first(ordered, _STARTED.get(plan, "cin_start") if plan else "cin_start")
    return CaseloadCase(
        child_ref=person,
        plan_type=plan,
        case_status=status,
        lists=tuple(sorted(numbers)),
        age=age if isinstance(age, int) and age >= 0 else None,
        is_unborn=age == _UNBORN,
        gender=_words(_first(ordered, "gender")),
        ethnicity=_words(_first(ordered, "ethnicity")),
        disability=_words(_first(ordered, "disability")),
        need=_words(need),
        team=_words(_first(ordered, "team")),
        worker=_words(_first(ordered, "worker")),
        started_on=started
        if isinstance(started, datetime.date) and plan is not PlanType.CARE_LEAVER
        else None,
        facts=_facts(rows),
    )


def _first(rows: list[Row], name: str) -> object:
    return next((row.values[name] for row in rows if row.values.get(name) is not None), None)


def _facts(rows: Mapping[int, Row]) -> dict[str, str]:
    """The other kept columns, by field name."""
    facts: dict[str, str] = {}
    for number, row in sorted(rows.items()):
        for column in list_specs()[number].columns:
            value = row.values.get(column.field)
            if value is None or column.is_withheld or column.field in _OWN_FIELDS:
                continue
            facts.setdefault(column.field, _words(value) or "")
    return facts


def _words(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime.date):
        return value.isoformat()
    return without_letter(value) if isinstance(value, str) else str(value)
