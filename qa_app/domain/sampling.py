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
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from qa_app.domain.errors import Invalid
from qa_app.domain.quotas import QuotaPlan, Stratum, StratumQuota, plan_quotas

METHOD = "sha256-lowest-first/1"
METHOD_IN_WORDS = (
    "Each child gets a lot: the SHA-256 of the seed, an upright bar and the child's reference. Within each "
    "stratum the children who may be drawn are put in order of their lots, lowest first, and the first are "
    "taken up to the stratum's places. The rest, in the same order, are the reserves."
)
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

    def reserves(self, stratum: str) -> tuple[str, ...]:
        """The children of a stratum who were not drawn, in the order in which they would come next."""
        n_drawn = sum(1 for case in self.drawn if case.stratum == stratum)
        excluded = {exclusion.child_ref for exclusion in self.exclusions}
        open_to_draw = (
            candidate.child_ref
            for candidate in self.population
            if candidate.stratum == stratum and candidate.child_ref not in excluded
        )
        return tuple(in_order_of_lots(self.seed, open_to_draw))[n_drawn:]

    def draw_again(self) -> "SelectionRecord":
        """The same draw made afresh from what this record says went into it.

        Errors: Invalid when the record was made by a method that this version does not know.
        """
        if self.method != METHOD:
            raise Invalid(
                "method", f"This record was drawn by the method {self.method}, which is not known here."
            )
        return draw(self.seed, self.size, self.strata, self.population, self.exclusions)

    def reproduces(self) -> bool:
        """Whether drawing again gives exactly the quotas and cases that the record holds."""
        return self.draw_again() == self

    def to_json(self) -> str:
        """The record as JSON text: the same record always gives the same text."""
        return _RECORD.dump_json(self).decode()

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
    size: int, strata: Sequence[Stratum], population: Sequence[Candidate], exclusions: Sequence[Exclusion]
) -> DrawPreview:
    """Population, exclusions and quotas of a draw that has not been made.

    Errors: Invalid as `draw`.
    """
    available = _available(strata, population, exclusions)
    quotas = plan_quotas(
        size,
        strata,
        Counter(candidate.stratum for candidate in population),
        {key: len(child_refs) for key, child_refs in available.items()},
    )
    return DrawPreview(
        n_population=len(population),
        n_excluded=len({exclusion.child_ref for exclusion in exclusions}),
        n_excluded_by_reason=_count_reasons(exclusions),
        quotas=quotas,
    )


def draw(
    seed: str,
    size: int,
    strata: Sequence[Stratum],
    population: Sequence[Candidate],
    exclusions: Sequence[Exclusion],
) -> SelectionRecord:
    """Draw a cohort: the lowest lots of each stratum, up to its places. The order of the input is no matter.

    Errors: Invalid for a child listed twice, a stratum that is not listed, an exclusion of somebody outside
    the population, and sizes or quotas that cannot be meant.
    """
    check_seed(seed)
    plan = preview_draw(size, strata, population, exclusions).quotas
    available = _available(strata, population, exclusions)
    drawn: list[DrawnCase] = []
    for quota in plan.strata:
        ordered = in_order_of_lots(seed, available[quota.key])[: quota.places]
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
        method=METHOD,
        seed=seed,
        size=size,
        strata=tuple(strata),
        population=tuple(sorted(population, key=lambda candidate: candidate.child_ref)),
        exclusions=tuple(
            sorted(set(exclusions), key=lambda exclusion: (exclusion.child_ref, exclusion.reason))
        ),
        quotas=plan.strata,
        drawn=tuple(drawn),
    )


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
