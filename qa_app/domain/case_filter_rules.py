"""What each ready-made filter asks of a case, on the day of the lists, for the number set."""

from collections.abc import Callable
from datetime import date

from qa_app.domain.case_facts import CaseFacts, months_earlier, weeks_earlier
from qa_app.domain.caseload import CaseStatus, PlanType
from qa_app.domain.grades import Grade

Holds = Callable[[CaseFacts, date, int], bool]
"""Whether a case meets a rule, on the day of the lists, for the number set."""


def _before(day: date | None, limit: date) -> bool:
    return day is not None and day < limit


def _within(day: date | None, since: date, as_at: date) -> bool:
    return day is not None and since <= day <= as_at


def section_20(case: CaseFacts, as_at: date, n: int) -> bool:
    """In Section 20 care that began more than so many months before the lists."""
    return (
        case.is_looked_after_now
        and case.has_code("legal_status", "V2")
        and _before(case.day("legal_status_start"), months_earlier(as_at, n))
    )


def care_proceedings(case: CaseFacts, _as_at: date, _n: int) -> bool:
    """In care under an interim care order."""
    return case.is_looked_after_now and case.has_code("legal_status", "C1")


def home_on_full_order(case: CaseFacts, _as_at: date, _n: int) -> bool:
    """Under a full care order, and placed with parents."""
    is_home = case.has_code("placement_type", "P1") or "placed_at_home" in case.flags
    return case.is_looked_after_now and case.has_code("legal_status", "C2") and is_home


def ceased(case: CaseFacts, as_at: date, n: int) -> bool:
    """Care ceased in the last so many months."""
    return _within(case.day("cla_end"), months_earlier(as_at, n), as_at)


def ceased_section_20_home(case: CaseFacts, as_at: date, n: int) -> bool:
    """Section 20 care of more than so many months ended with a return home."""
    ended, started = case.day("cla_end"), case.day("cla_start")
    return (
        ended is not None
        and ended <= as_at
        and case.has_code("legal_status", "V2")
        and case.has_code("cla_end_reason", "E4A", "E4B")
        and _before(started, months_earlier(ended, n))
    )


def no_visit(case: CaseFacts, as_at: date, n: int) -> bool:
    """Not visited or seen for so many weeks, or never on the lists."""
    if case.plan_type is None:
        return False
    visited = case.last_visited_on
    return visited is None or visited < weeks_earlier(as_at, n)


def no_permanence(case: CaseFacts, as_at: date, n: int) -> bool:
    """In care for more than so many months without a permanence plan."""
    is_long = _before(case.day("cla_start"), months_earlier(as_at, n))
    return case.is_looked_after_now and is_long and not case.facts.get("permanence_plan")


def at_least(name: str) -> Holds:
    """A number of the lists is so high or higher."""

    def holds(case: CaseFacts, _as_at: date, n: int) -> bool:
        number = case.number(name)
        return number is not None and number >= n

    return holds


def plan_started_before(plan: PlanType, name: str) -> Holds:
    """On a plan type whose date lies more than so many months back."""

    def holds(case: CaseFacts, as_at: date, n: int) -> bool:
        return case.plan_type is plan and _before(case.day(name), months_earlier(as_at, n))

    return holds


def long_plan(case: CaseFacts, as_at: date, n: int) -> bool:
    """On a child protection plan for more than so many months."""
    return case.is_on_plan_now and _before(case.day("cp_start"), months_earlier(as_at, n))


def repeat_plan(case: CaseFacts, _as_at: date, n: int) -> bool:
    """On a child protection plan after so many earlier ones or more."""
    previous = case.number("cp_previous_plans")
    return case.is_on_plan_now and previous is not None and previous >= n


def no_return_interview(case: CaseFacts, _as_at: date, n: int) -> bool:
    """Missing so many times or more, and no return interview accepted after the last."""
    missing = case.number("missing_12m")
    return missing is not None and missing >= n and not case.says("rhi_accepted", "Yes")


def assessment_late(case: CaseFacts, as_at: date, n: int) -> bool:
    """Under an assessment for more than so many days."""
    started = case.day("cin_start")
    return case.plan_type is PlanType.OPEN_ASSESSMENT and started is not None and (as_at - started).days > n


def closed(case: CaseFacts, as_at: date, n: int) -> bool:
    """Closed in the last so many weeks."""
    since = weeks_earlier(as_at, n)
    return case.case_status is CaseStatus.CLOSED and _within(case.day("cin_closed"), since, as_at)


def flagged(kind: str) -> Holds:
    """Under a flag of a kind."""
    return lambda case, _as_at, _n: kind in case.flags


def leaver(name: str, words: str) -> Holds:
    """A care leaver of whom a column of List 9 says so."""

    def holds(case: CaseFacts, _as_at: date, _n: int) -> bool:
        return case.plan_type is PlanType.CARE_LEAVER and case.says(name, words)

    return holds


def graded(grade: Grade) -> Holds:
    """The last independent review gave this overall grade, in the last so many months."""

    def holds(case: CaseFacts, as_at: date, n: int) -> bool:
        return case.last_grade is grade and _within(case.last_reviewed_on, months_earlier(as_at, n), as_at)

    return holds


def unborn(case: CaseFacts, _as_at: date, _n: int) -> bool:
    """Not yet born on the day of the lists."""
    return case.is_unborn


def protected_lately(case: CaseFacts, _as_at: date, _n: int) -> bool:
    """Under police or emergency protection in the last six months."""
    return case.says("epo_or_police_6m", "Yes")
