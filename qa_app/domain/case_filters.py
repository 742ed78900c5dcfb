"""Ready-made ways to say which cases a cohort is about, each with its rule in words.

Source: the samples that inspectors took from the monthly cohort of the borough that this system was first built
for (Section 20 for over a year, pre-proceedings, care proceedings; progress report, March 2017), and the topics
that councils audit by theme. Every number that a rule rests on can be set.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from qa_app.domain import case_filter_rules as rules
from qa_app.domain.case_facts import CaseFacts, months_earlier, weeks_earlier
from qa_app.domain.caseload import PlanType
from qa_app.domain.dates import as_written
from qa_app.domain.errors import Invalid
from qa_app.domain.grades import Grade

_IN_GENERAL = (
    ("since before {day} ({n} months)", "for more than N months"),
    ("before {day} ({n} months)", "more than N months before the lists"),
    ("between {day} and the day of the lists ({n} months)", "in the N months before the lists"),
    ("between {day} and the day of the lists ({n} weeks)", "in the N weeks before the lists"),
    ("since {day} ({n} weeks)", "in the N weeks before the lists"),
)


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """One ready-made rule. `rule` is its sentence, with {n} for the number and {day} for the day it reaches to.

    `unit` is "months", "weeks", "days", "times" or empty where there is no number. `includes_ended`: the rule is
    about cases that have ended, which are not in the population otherwise.
    """

    key: str
    label: str
    rule: str
    holds: rules.Holds
    unit: str = ""
    usual: int = 0
    includes_ended: bool = False

    @property
    def in_general(self) -> str:
        """The rule before its number and the day of the lists are known, for somebody who chooses."""
        words = self.rule
        for exact, general in _IN_GENERAL:
            words = words.replace(exact, general)
        return words.format(n="N", day="that day")

    def in_words(self, as_at: date, n: int | None = None) -> str:
        """The rule as it stands in a selection record."""
        number = self.usual if n is None else n
        return self.rule.format(n=number, day=as_written(_reaches_to(self.unit, as_at, number)))


@dataclass(frozen=True, slots=True)
class ChosenFilter:
    """A ready-made rule as somebody set it for a cohort."""

    key: str
    n: int | None = None

    @property
    def filter(self) -> CaseFilter:
        """The rule itself.

        Errors: Invalid for a key that is not known here.
        """
        try:
            return FILTERS[self.key]
        except KeyError:
            raise Invalid("filters", f"There is no ready-made filter called {self.key}.") from None

    @property
    def number(self) -> int:
        """The number in force: the one set, or the usual one."""
        return self.filter.usual if self.n is None else self.n

    def in_words(self, as_at: date) -> str:
        """The rule as it stands in a selection record."""
        return self.filter.in_words(as_at, self.n)

    def holds(self, case: CaseFacts, as_at: date) -> bool:
        """Whether a case meets the rule on the day of the lists."""
        return self.filter.holds(case, as_at, self.number)


def check_filters(chosen: Iterable[ChosenFilter]) -> None:
    """Refuse filters that cannot be meant.

    Errors: Invalid for an unknown filter, one chosen twice, and a number below 0 or above 600.
    """
    seen: set[str] = set()
    for each in chosen:
        label = each.filter.label
        if each.key in seen:
            raise Invalid("filters", f"{label}: this filter is chosen twice. Choose it once.")
        seen.add(each.key)
        if not 0 <= each.number <= 600:
            raise Invalid(f"filter_{each.key}", f"{label}: enter a whole number from 0 to 600.")


def cases_within(
    cases: Sequence[CaseFacts], chosen: Sequence[ChosenFilter], as_at: date
) -> tuple[CaseFacts, ...]:
    """The cases that meet every filter chosen.

    Cases without a plan type have ended: they are left out unless a filter is about ended cases.
    """
    takes_ended = any(each.filter.includes_ended for each in chosen)
    return tuple(
        case
        for case in cases
        if (takes_ended or case.plan_type is not None) and all(each.holds(case, as_at) for each in chosen)
    )


def _reaches_to(unit: str, as_at: date, n: int) -> date:
    if unit == "months":
        return months_earlier(as_at, n)
    if unit == "weeks":
        return weeks_earlier(as_at, n)
    return as_at


_ALL = (
    CaseFilter(
        "section_20_long",
        "Section 20 for a long time",
        "Looked after under Section 20 (legal status V2) that began before {day} ({n} months).",
        rules.section_20,
        "months",
        12,
    ),
    CaseFilter(
        "pre_proceedings",
        "Pre-proceedings",
        "Flagged by the council as in pre-proceedings: the lists do not hold this.",
        rules.flagged("pre_proceedings"),
    ),
    CaseFilter(
        "care_proceedings",
        "In care proceedings",
        "Looked after under an interim care order (legal status C1).",
        rules.care_proceedings,
    ),
    CaseFilter(
        "plan_long",
        "On a child protection plan for a long time",
        "On a child protection plan that began before {day} ({n} months).",
        rules.long_plan,
        "months",
        15,
    ),
    CaseFilter(
        "plan_repeat",
        "Repeat child protection plan",
        "On a child protection plan after {n} or more earlier plans with this council.",
        rules.repeat_plan,
        "times",
        1,
    ),
    CaseFilter(
        "home_on_full_order",
        "Placed at home on a full care order",
        "Looked after under a full care order (C2) and placed with parents (P1), or flagged as placed at home.",
        rules.home_on_full_order,
    ),
    CaseFilter(
        "ceased",
        "Ceased to be looked after",
        "Ceased to be looked after between {day} and the day of the lists ({n} months).",
        rules.ceased,
        "months",
        6,
        includes_ended=True,
    ),
    CaseFilter(
        "ceased_section_20_home",
        "Returned home after long Section 20 care",
        "Ceased to be looked after under Section 20 (V2) after more than {n} months, and returned home (E4A, E4B).",
        rules.ceased_section_20_home,
        "months in care",
        12,
        includes_ended=True,
    ),
    CaseFilter(
        "missing",
        "Missing episodes",
        "Missing from placement {n} times or more in the 12 months before the lists.",
        rules.at_least("missing_12m"),
        "times",
        1,
    ),
    CaseFilter(
        "missing_no_interview",
        "Missing without an accepted return interview",
        "Missing {n} times or more in 12 months, and no return interview accepted after the last episode.",
        rules.no_return_interview,
        "times",
        1,
    ),
    CaseFilter(
        "no_visit",
        "No visit for some weeks",
        "Not visited or seen since {day} ({n} weeks), or no visit recorded.",
        rules.no_visit,
        "weeks",
        6,
    ),
    CaseFilter(
        "placement_moves",
        "Many placements",
        "{n} placements or more in the 12 months before the lists.",
        rules.at_least("placements_12m"),
        "times",
        3,
    ),
    CaseFilter(
        "no_permanence_plan",
        "No permanence plan",
        "Looked after since before {day} ({n} months) without a permanence plan on the lists.",
        rules.no_permanence,
        "months",
        4,
    ),
    CaseFilter(
        "need_long",
        "Child in need for a long time",
        "On a child in need plan in an episode that began before {day} ({n} months).",
        rules.plan_started_before(PlanType.CHILD_IN_NEED, "cin_start"),
        "months",
        9,
    ),
    CaseFilter(
        "assessment_long",
        "Assessment open for a long time",
        "Open assessment whose referral is more than {n} days old.",
        rules.assessment_late,
        "days",
        63,
    ),
    CaseFilter(
        "protected_lately",
        "Police or emergency protection",
        "Under police protection or an emergency protection order in the six months before the lists.",
        rules.protected_lately,
    ),
    CaseFilter(
        "leaver_not_in_touch",
        "Care leaver out of touch",
        "Care leaver with whom the council is not in touch, by the lists.",
        rules.leaver("cl_in_touch", "No"),
    ),
    CaseFilter(
        "leaver_unsuitable_home",
        "Care leaver in unsuitable accommodation",
        "Care leaver whose accommodation the lists call unsuitable.",
        rules.leaver("cl_suitability", "Unsuitable"),
    ),
    CaseFilter("unborn", "Unborn children", "Unborn on the day of the lists.", rules.unborn),
    CaseFilter(
        "closed",
        "Closed lately",
        "Closed on List 6 between {day} and the day of the lists ({n} weeks).",
        rules.closed,
        "weeks",
        12,
        includes_ended=True,
    ),
    CaseFilter(
        "graded_inadequate",
        "Last review: inadequate",
        "Graded inadequate overall by the last independent review, handed in between {day} and the day of the "
        "lists ({n} months).",
        rules.graded(Grade.INADEQUATE),
        "months",
        6,
    ),
    CaseFilter(
        "graded_requires_improvement",
        "Last review: requires improvement",
        "Graded requires improvement overall by the last independent review, handed in between {day} and the day of "
        "the lists ({n} months).",
        rules.graded(Grade.REQUIRES_IMPROVEMENT),
        "months",
        9,
    ),
    CaseFilter(
        "closing",
        "About to close",
        "Flagged by the council as closing: the lists do not hold this.",
        rules.flagged("closing"),
    ),
)
FILTERS: dict[str, CaseFilter] = {each.key: each for each in _ALL}
"""The ready-made filters by key, in the order in which they are offered."""
