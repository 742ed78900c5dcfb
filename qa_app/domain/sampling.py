"""The draw: which children of a population come into a cohort, by a rule that anybody can check again.

Each child's lot is the SHA-256 of the seed and the child's reference; the lowest lots of a stratum are drawn.
Nothing here depends on a random number generator, on the order of the input or on the machine, so that a
selection record reproduces its draw years later. One lot can be checked by hand:
`printf '%s' 'SEED|REFERENCE' | sha256sum`.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from qa_app.domain.errors import Invalid
from qa_app.domain.quotas import QuotaPlan, Stratum, StratumQuota, plan_quotas
from qa_app.domain.siblings import Families

METHOD = "sha256-lowest-first/1"
METHOD_ONE_OF_A_FAMILY = "sha256-lowest-first-one-of-a-family/1"
CENSUS = "census/1"
METHOD_IN_WORDS = (
    "Each child gets a lot: the SHA-256 of the seed, an upright bar and the child's reference. Within each "
    "stratum the children who may be drawn are put in order of their lots, lowest first, and the first are "
    "taken up to the stratum's places. The rest, in the same order, are the reserves."
)
FAMILIES_IN_WORDS = (
    "No two children of a sibling group are taken. The children who may be drawn are gone through in order of "
    "their lots, over all strata; a child is passed over when the stratum is full, when a sibling was taken, or "
    "when taking the child would leave a place empty, here or in another stratum, that can still be filled."
)
CENSUS_IN_WORDS = "Everybody who meets the rules and is not excluded is taken: nobody is drawn by lot."
_SEED = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One child of the population, and the stratum the child counts in."""

    child_ref: str
    stratum: str


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One child of the population who may not be drawn, and why. `reason` is the same text for all alike."""

    child_ref: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sibling:
    """A child of the population who belongs to a sibling group, under the council's own name for it."""

    child_ref: str
    group: str


@dataclass(frozen=True, slots=True)
class DrawnCase:
    """One child who was drawn. `position` counts from 1 in the stratum's order of lots."""

    child_ref: str
    stratum: str
    position: int
    lot: str
    reason: str


@dataclass(frozen=True, slots=True)
class DrawPreview:
    """What a draw would rest on, before anything is drawn.

    `n_excluded_by_reason` counts a child under each reason that holds; `n_excluded` counts each child once.
    """

    n_population: int
    n_excluded: int
    n_excluded_by_reason: dict[str, int]
    quotas: QuotaPlan


@dataclass(frozen=True, slots=True)
class SelectionRecord:
    """Everything that makes a draw and everything it gave: enough to draw again without any other source."""

    method: str
    seed: str
    size: int
    strata: tuple[Stratum, ...]
    population: tuple[Candidate, ...]
    exclusions: tuple[Exclusion, ...]
    quotas: tuple[StratumQuota, ...]
    drawn: tuple[DrawnCase, ...]
    siblings: tuple[Sibling, ...] = ()

    @property
    def method_in_words(self) -> str:
        """How the cases were found, for somebody who wants to check it."""
        if self.method == CENSUS:
            return CENSUS_IN_WORDS
        if self.method == METHOD_ONE_OF_A_FAMILY:
            return f"{METHOD_IN_WORDS} {FAMILIES_IN_WORDS}"
        return METHOD_IN_WORDS

    @property
    def n_excluded(self) -> int:
        """How many children were excluded, each counted once."""
        return len({exclusion.child_ref for exclusion in self.exclusions})

    @property
    def n_excluded_by_reason(self) -> dict[str, int]:
        """How many children each reason excluded; a child with two reasons counts under both."""
        return _count_reasons(self.exclusions)

    @property
    def quota_plan(self) -> QuotaPlan:
        """The quotas beside the size, with what could not be filled."""
        return QuotaPlan(self.size, self.quotas)

    @property
    def fingerprint(self) -> str:
        """A hash of the whole record: two prints of it are the same record if this is the same."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def reserves(self, stratum: str, inside: frozenset[str] | None = None) -> tuple[str, ...]:
        """The children of a stratum who were not drawn, in the order in which they would come next.

        `inside`: who is in the cohort now, those drawn if nothing is said. Their siblings are no reserves.
        """
        drawn = frozenset(case.child_ref for case in self.drawn)
        inside = drawn if inside is None else inside
        group_of = {each.child_ref: each.group for each in self.siblings}
        taken = {group_of[ref] for ref in inside if ref in group_of}
        barred = drawn | inside | {exclusion.child_ref for exclusion in self.exclusions}
        barred |= {ref for ref, group in group_of.items() if group in taken}
        open_to_draw = (
            candidate.child_ref
            for candidate in self.population
            if candidate.stratum == stratum and candidate.child_ref not in barred
        )
        return tuple(in_order_of_lots(self.seed, open_to_draw))

    def draw_again(self) -> "SelectionRecord":
        """The same draw made afresh from what this record says went into it.

        Errors: Invalid when the record was made by a method that this version does not know.
        """
        if self.method == CENSUS:
            return take_all(self.strata, self.population, self.exclusions)
        if self.method not in (METHOD, METHOD_ONE_OF_A_FAMILY):
            raise Invalid(
                "method", f"This record was drawn by the method {self.method}, which is not known here."
            )
        return draw(self.seed, self.size, self.strata, self.population, self.exclusions, self.siblings)

    def reproduces(self) -> bool:
        """Whether drawing again gives exactly the quotas and cases that the record holds."""
        return self.draw_again() == self

    def to_json(self) -> str:
        """The record as JSON text: the same record always gives the same text."""
        # Records from before sibling groups were known must keep the text that their hash was made from.
        without = None if self.siblings else {"siblings"}
        return _RECORD.dump_json(self, exclude=without).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> "SelectionRecord":
        """The record that a JSON text holds.

        Errors: Invalid when the text is no selection record.
        """
        try:
            return _RECORD.validate_json(text)
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "the whole text"
            raise Invalid("record", f"This is not a selection record: see {where}.") from None


_RECORD: TypeAdapter[SelectionRecord] = TypeAdapter(SelectionRecord)


def lot_of(seed: str, child_ref: str) -> str:
    """A child's lot under a seed, as 64 hexadecimal digits."""
    return hashlib.sha256(f"{seed}|{child_ref}".encode()).hexdigest()


def in_order_of_lots(seed: str, child_refs: Iterable[str]) -> list[str]:
    """Children in the order of their lots, lowest first."""
    return sorted(child_refs, key=lambda child_ref: (lot_of(seed, child_ref), child_ref))


def check_seed(seed: str) -> None:
    """Refuse a seed that could not be copied from paper without doubt.

    Errors: Invalid.
    """
    if not _SEED.fullmatch(seed):
        raise Invalid("seed", "A seed is 1 to 64 letters, digits or hyphens, without spaces.")


def preview_draw(
    size: int,
    strata: Sequence[Stratum],
    population: Sequence[Candidate],
    exclusions: Sequence[Exclusion],
    siblings: Sequence[Sibling] = (),
) -> DrawPreview:
    """Population, exclusions and quotas of a draw that has not been made.

    Errors: Invalid as `draw`.
    """
    available = _available(strata, population, exclusions)
    return DrawPreview(
        n_population=len(population),
        n_excluded=len({exclusion.child_ref for exclusion in exclusions}),
        n_excluded_by_reason=_count_reasons(exclusions),
        quotas=_plan(size, strata, population, available, _groups(siblings, available)),
    )


def draw(
    seed: str,
    size: int,
    strata: Sequence[Stratum],
    population: Sequence[Candidate],
    exclusions: Sequence[Exclusion],
    siblings: Sequence[Sibling] = (),
) -> SelectionRecord:
    """Draw a cohort: the lowest lots of each stratum, up to its places. The order of the input is no matter.

    With `siblings`, one child of a sibling group is taken at most, and as many places are filled as can be.

    Errors: Invalid for a child listed twice, a stratum that is not listed, an exclusion of somebody outside
    the population, and sizes or quotas that cannot be meant.
    """
    check_seed(seed)
    available = _available(strata, population, exclusions)
    groups = _groups(siblings, available)
    plan = _plan(size, strata, population, available, groups)
    drawn: list[DrawnCase] = []
    stratum_of = {ref: key for key, refs in available.items() for ref in refs}
    taken = Families(stratum_of, groups).take_in_order(
        in_order_of_lots(seed, stratum_of), stratum_of, {quota.key: quota.places for quota in plan.strata}
    )
    for quota in plan.strata:
        ordered = taken[quota.key]
        drawn += [
            DrawnCase(
                child_ref=child_ref,
                stratum=quota.key,
                position=position,
                lot=lot_of(seed, child_ref),
                reason=_reason(quota, plan, position, seed),
            )
            for position, child_ref in enumerate(ordered, start=1)
        ]
    return SelectionRecord(
        method=METHOD_ONE_OF_A_FAMILY if groups else METHOD,
        seed=seed,
        size=size,
        strata=tuple(strata),
        population=tuple(sorted(population, key=lambda candidate: candidate.child_ref)),
        exclusions=_sorted_exclusions(exclusions),
        quotas=plan.strata,
        drawn=tuple(drawn),
        siblings=tuple(Sibling(ref, group) for ref, group in sorted(groups.items())),
    )


def take_all(
    strata: Sequence[Stratum], population: Sequence[Candidate], exclusions: Sequence[Exclusion]
) -> SelectionRecord:
    """Take a census: everybody in the population who is not excluded, in order of reference.

    Errors: Invalid as `draw`.
    """
    available = _available(strata, population, exclusions)
    n_all = sum(len(child_refs) for child_refs in available.values())
    plain = [Stratum(each.key, each.label) for each in strata]
    plan = _plan(max(1, n_all), plain, population, available, {})
    drawn = [
        DrawnCase(
            child_ref=child_ref,
            stratum=quota.key,
            position=position,
            lot="",
            reason=f"{quota.label}: census, everybody who meets the rules is reviewed "
            f"({quota.available:,} of {quota.population:,} after exclusions).",
        )
        for quota in plan.strata
        for position, child_ref in enumerate(sorted(available[quota.key]), start=1)
    ]
    return SelectionRecord(
        method=CENSUS,
        seed="",
        size=max(1, n_all),
        strata=tuple(strata),
        population=tuple(sorted(population, key=lambda candidate: candidate.child_ref)),
        exclusions=_sorted_exclusions(exclusions),
        quotas=plan.strata,
        drawn=tuple(drawn),
    )


def _sorted_exclusions(exclusions: Iterable[Exclusion]) -> tuple[Exclusion, ...]:
    return tuple(sorted(set(exclusions), key=lambda exclusion: (exclusion.child_ref, exclusion.reason)))


def _groups(siblings: Iterable[Sibling], available: Mapping[str, list[str]]) -> dict[str, str]:
    """The group of each child who may be drawn and has a sibling who may be drawn as well."""
    may_be_drawn = {ref for refs in available.values() for ref in refs}
    known = {each.child_ref: each.group for each in siblings if each.child_ref in may_be_drawn}
    sizes = Counter(known.values())
    return {ref: group for ref, group in known.items() if sizes[group] > 1}


def _plan(
    size: int,
    strata: Sequence[Stratum],
    population: Sequence[Candidate],
    available: Mapping[str, list[str]],
    groups: Mapping[str, str],
) -> QuotaPlan:
    """The quotas, with what siblings keep from being filled taken off and shared out again."""
    populations = Counter(candidate.stratum for candidate in population)
    can_give = {key: len(child_refs) for key, child_refs in available.items()}
    plan = plan_quotas(size, strata, populations, can_give)
    if not groups:
        return plan
    families = Families({ref: key for key, refs in available.items() for ref in refs}, groups)
    scarce_first = sorted(can_give, key=lambda key: (can_give[key], key))
    limits = dict(can_give)
    while True:
        wanted = {quota.key: quota.places for quota in plan.strata}
        filled = families.places_to_fill(wanted, scarce_first)
        if filled == wanted:
            break
        limits = {
            key: min(limits[key], filled[key]) if filled[key] < wanted[key] else limits[key] for key in limits
        }
        plan = plan_quotas(size, strata, populations, limits)
    counted = tuple(replace(quota, available=can_give[quota.key]) for quota in plan.strata)
    return QuotaPlan(size, counted)


def _available(
    strata: Sequence[Stratum], population: Sequence[Candidate], exclusions: Sequence[Exclusion]
) -> Mapping[str, list[str]]:
    excluded = {exclusion.child_ref for exclusion in exclusions}
    available: dict[str, list[str]] = {stratum.key: [] for stratum in strata}
    seen: set[str] = set()
    for candidate in population:
        if candidate.child_ref in seen:
            raise Invalid(
                "population", "A child is in the population twice. Each child can be drawn only once."
            )
        seen.add(candidate.child_ref)
        if candidate.stratum not in available:
            raise Invalid(
                "strata",
                f"The population holds the stratum {candidate.stratum}, which the rules do not list.",
            )
        if candidate.child_ref not in excluded:
            available[candidate.stratum].append(candidate.child_ref)
    if not excluded <= seen:
        raise Invalid("exclusions", "An exclusion names a child who is not in the population.")
    return available


def _count_reasons(exclusions: Iterable[Exclusion]) -> dict[str, int]:
    counts = Counter(reason for _, reason in {(each.child_ref, each.reason) for each in exclusions})
    return dict(sorted(counts.items()))


def _reason(quota: StratumQuota, plan: QuotaPlan, position: int, seed: str) -> str:
    if quota.is_fixed:
        basis = f"a quota of {quota.quota} fixed by hand"
    else:
        basis = f"its share of the population ({quota.population:,} children) in a cohort of {plan.size}"
    if quota.n_taken_over:
        basis += f", and {quota.n_taken_over} that other strata could not fill"
    places = "1 place" if quota.places == 1 else f"{quota.places} places"
    return (
        f"{quota.label}: number {position} of {quota.places} in order of lots, from {quota.available:,} who "
        f"could be drawn. {places} by {basis}. Seed {seed}."
    )
