"""What a QA lead asks for when planning a cohort, and what that makes of a caseload: whom a draw is made from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qa_app.domain.case_facts import CaseFacts, weeks_earlier
from qa_app.domain.case_filters import ChosenFilter, cases_within, check_filters
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohort_rules import LARGEST_SIZE, month_label, months_before
from qa_app.domain.cohorts import CohortKind
from qa_app.domain.dates import as_written
from qa_app.domain.errors import Invalid
from qa_app.domain.quotas import Stratum
from qa_app.domain.sampling import (
    Candidate,
    DrawPreview,
    Exclusion,
    SelectionRecord,
    Sibling,
    draw,
    preview_draw,
    take_all,
)
from qa_app.domain.strata import StratumColumn, divide

LONGEST_LOOK_BACK_MONTHS = 60


class NamedExclusion(BaseModel):
    """One child left out by name of reference, with somebody's reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    child_ref: str = Field(min_length=1, max_length=80)
    reason: str = Field(min_length=3, max_length=400)


class FilterRule(BaseModel):
    """A ready-made filter with its number, or its usual one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    n: int | None = None

    def chosen(self) -> ChosenFilter:
        """The filter as the rules of the field know it."""
        return ChosenFilter(self.key, self.n)


class CohortRules(BaseModel):
    """Whom a cohort is drawn from and how. Kept with the selection as it was asked for.

    `size` none means a census. `look_back_months` 0 means no look-back. `quotas` are set by hand, by stratum.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: CohortKind
    month: date
    size: int | None
    columns: tuple[StratumColumn, ...] = (StratumColumn.PLAN_TYPE,)
    quotas: Mapping[str, int] = Field(default_factory=dict)
    plan_types: tuple[PlanType, ...] = ()
    """Only these plan types; all of them when none is named."""
    filters: tuple[FilterRule, ...] = ()
    look_back_months: int = 12
    open_under_weeks: int = 0
    flags: Mapping[str, str] = Field(default_factory=dict)
    """A child with a flag of these kinds in force is not drawn: kind by key, and the reason in words."""
    named: tuple[NamedExclusion, ...] = ()
    one_of_a_family: bool = True

    @property
    def is_census(self) -> bool:
        """Whether everybody who meets the rules is reviewed."""
        return self.size is None

    @classmethod
    def from_json(cls, text: str | bytes) -> "CohortRules":
        """The rules that a selection keeps.

        Errors: Invalid when the text holds no rules.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "the whole text"
            raise Invalid("rules", f"These are not the rules of a cohort: see {where}.") from None


@dataclass(frozen=True, slots=True)
class Frame:
    """Whom a draw is made from: the population in its strata, who is left out and why, and who are siblings.

    `words`: the rules one by one, as a person reads them.
    """

    strata: tuple[Stratum, ...]
    population: tuple[Candidate, ...]
    exclusions: tuple[Exclusion, ...]
    siblings: tuple[Sibling, ...]
    words: tuple[str, ...]


def check_rules(rules: CohortRules) -> None:
    """Refuse rules that cannot be meant.

    Errors: Invalid; `field` names the part of the plan.
    """
    if rules.size is not None and not 1 <= rules.size <= LARGEST_SIZE:
        raise Invalid("size", f"A cohort holds 1 to {LARGEST_SIZE:,} cases. Enter such a size, or a census.")
    if not 0 <= rules.look_back_months <= LONGEST_LOOK_BACK_MONTHS:
        raise Invalid("look_back_months", f"Enter 0 to {LONGEST_LOOK_BACK_MONTHS} months to look back.")
    if not 0 <= rules.open_under_weeks <= 104:
        raise Invalid("open_under_weeks", "Enter 0 to 104 weeks for cases opened lately.")
    if rules.is_census and any(rules.quotas.values()):
        raise Invalid(
            "quotas", "A census takes everybody, so it has no quotas. Take the quotas away, or sample."
        )
    check_filters(rule.chosen() for rule in rules.filters)


def frame_of(cases: Sequence[CaseFacts], reviewed: Iterable[str], rules: CohortRules, as_at: date) -> Frame:
    """The population of a plan in its strata, and everybody who is left out, each with every reason that holds.

    `reviewed`: children with a submitted graded review in the months looked back over. `as_at`: the day of the
    lists. Errors: Invalid for rules that cannot be meant, and for a named child who is not on the lists.
    """
    check_rules(rules)
    unknown = sorted({each.child_ref for each in rules.named} - {case.child_ref for case in cases})
    if unknown:
        raise Invalid(
            "named",
            f"Not on these lists: {', '.join(unknown[:10])}. Check the references of the children left out.",
        )
    within = [
        case
        for case in cases_within(cases, [rule.chosen() for rule in rules.filters], as_at)
        if not rules.plan_types or case.reviewed_as in rules.plan_types
    ]
    division = divide(within, rules.columns, rules.quotas)
    population = tuple(Candidate(ref, key) for ref, key in sorted(division.stratum_by_ref.items()))
    takes_siblings = rules.one_of_a_family and not rules.is_census
    return Frame(
        strata=division.strata,
        population=population,
        exclusions=tuple(_exclusions(within, set(reviewed), rules, as_at)),
        siblings=tuple(
            Sibling(case.child_ref, case.sibling_group)
            for case in within
            if takes_siblings and case.sibling_group is not None
        ),
        words=rules_in_words(rules, as_at),
    )


def read_named(text: str) -> tuple[NamedExclusion, ...]:
    """Children left out one by one, as somebody typed them: a reference, a comma and a reason on each line.

    Errors: Invalid; the message gives the line.
    """
    named: dict[str, NamedExclusion] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        ref, _, reason = (part.strip() for part in line.partition(","))
        if not ref or len(ref) > 80 or not 3 <= len(reason) <= 400:
            raise Invalid(
                "named", f"Line {number}: write the reference, a comma, and why this child is left out."
            )
        if ref in named:
            raise Invalid("named", f"Line {number}: {ref} stands on another line already. Keep one of them.")
        named[ref] = NamedExclusion(child_ref=ref, reason=reason)
    return tuple(named.values())


def preview(frame: Frame, rules: CohortRules) -> DrawPreview:
    """Population, exclusions and quotas before anything is drawn.

    Errors: Invalid for a size and quotas that do not go together.
    """
    size = rules.size if rules.size is not None else max(1, len(frame.population))
    return preview_draw(size, frame.strata, frame.population, frame.exclusions, frame.siblings)


def draw_from(frame: Frame, rules: CohortRules, seed: str) -> SelectionRecord:
    """Draw the cases of a plan, or take them all.

    Errors: Invalid as `preview`, and for a seed that could not be copied from paper.
    """
    if rules.size is None:
        return take_all(frame.strata, frame.population, frame.exclusions)
    return draw(seed, rules.size, frame.strata, frame.population, frame.exclusions, frame.siblings)


def look_back_words(rules: CohortRules) -> str:
    """The look-back as a rule, which is the reason of its exclusions too.

    Dip samples and triple lock reviews do not count: they give no grade.
    """
    first = months_before(rules.month, rules.look_back_months)
    return f"Graded review submitted in a cohort from {month_label(first)} to {month_label(rules.month)}"


def rules_in_words(rules: CohortRules, as_at: date) -> tuple[str, ...]:
    """Every rule of a plan as a sentence, in the order in which they apply."""
    words = [f"Children on the lists as at {as_written(as_at)}."]
    if rules.plan_types:
        words.append("Only: " + ", ".join(plan.label for plan in rules.plan_types) + ".")
    words += [rule.chosen().in_words(as_at) for rule in rules.filters]
    columns = " and ".join(column.label.lower() for column in rules.columns)
    if rules.is_census:
        words.append("Census: everybody who is left after the exclusions is reviewed.")
    else:
        words.append(f"{rules.size} cases, shared among strata by {columns}.")
    words += [f"{reason}: not drawn." for reason in _reasons(rules, as_at)]
    if rules.named:
        words.append(f"Named children with reasons: {len(rules.named)} not drawn.")
    if rules.one_of_a_family and not rules.is_census:
        words.append("Siblings of a drawn child: not drawn.")
    return tuple(words)


def _reasons(rules: CohortRules, as_at: date) -> list[str]:
    reasons = [look_back_words(rules)] if rules.look_back_months else []
    if rules.open_under_weeks:
        reasons.append(_too_new(rules))
    return [*reasons, *rules.flags.values()]


def _exclusions(
    cases: Sequence[CaseFacts], reviewed: set[str], rules: CohortRules, as_at: date
) -> Iterable[Exclusion]:
    opened_after = weeks_earlier(as_at, rules.open_under_weeks)
    known = {case.child_ref for case in cases}
    for case in cases:
        if rules.look_back_months and case.child_ref in reviewed:
            yield Exclusion(case.child_ref, look_back_words(rules))
        if rules.open_under_weeks and case.started_on is not None and case.started_on > opened_after:
            yield Exclusion(case.child_ref, _too_new(rules))
        for kind, reason in rules.flags.items():
            if kind in case.flags:
                yield Exclusion(case.child_ref, reason)
    for each in rules.named:
        if each.child_ref in known:
            yield Exclusion(each.child_ref, each.reason)


def _too_new(rules: CohortRules) -> str:
    return f"Open for less than {rules.open_under_weeks} weeks"
