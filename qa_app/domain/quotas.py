"""How many cases each stratum of a cohort gives: in proportion to its population, or fixed by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qa_app.domain.errors import Invalid


@dataclass(frozen=True, slots=True)
class Stratum:
    """One part of the population that gets a quota of its own, such as a plan type.

    `fixed` is the number set by hand; without it the quota follows the population.
    """

    key: str
    label: str
    fixed: int | None = None


@dataclass(frozen=True, slots=True)
class StratumQuota:
    """What one stratum is asked for, what it can give and what it gives.

    Units: all numbers are children. `population` is everybody in the stratum, `available` those left after
    exclusions. `quota` is the fixed number or the share of the population; `places` is what is drawn, above
    `quota` when this stratum took over places that another could not fill.
    """

    key: str
    label: str
    is_fixed: bool
    population: int
    available: int
    quota: int
    places: int

    @property
    def n_short(self) -> int:
        """How many of the quota this stratum could not give."""
        return max(0, self.quota - self.places)

    @property
    def n_taken_over(self) -> int:
        """How many places this stratum took over from others."""
        return max(0, self.places - self.quota)

    @property
    def note(self) -> str:
        """What is out of the ordinary about this quota, in words; empty when nothing is."""
        if self.n_short and self.available > self.places:
            return (
                f"{self.n_short} of {self.quota} could not be filled: the others of the {self.available} "
                "available are siblings of children who are taken."
            )
        if self.n_short and self.is_fixed:
            return (
                f"{self.n_short} of {self.quota} could not be filled: {self.available} available. "
                "A fixed quota is not made up from elsewhere."
            )
        if self.n_short:
            return f"{self.n_short} of {self.quota} could not be filled: {self.available} available."
        if self.n_taken_over:
            return f"{self.n_taken_over} more than its share, taken over from strata that had too few."
        if self.population and not self.quota and not self.is_fixed:
            return "Too small a share of the population for one case. Fix a quota by hand to include it."
        return ""


@dataclass(frozen=True, slots=True)
class QuotaPlan:
    """The quotas of a whole cohort beside its size."""

    size: int
    strata: tuple[StratumQuota, ...]

    @property
    def n_places(self) -> int:
        """How many cases will be drawn."""
        return sum(stratum.places for stratum in self.strata)

    @property
    def n_unfilled(self) -> int:
        """How many of the cohort's cases nobody can be drawn for."""
        return self.size - self.n_places

    @property
    def shortfalls(self) -> tuple[str, ...]:
        """Every stratum that could not give its quota, and what that leaves of the cohort, in words."""
        said = [f"{stratum.label}: {stratum.note}" for stratum in self.strata if stratum.n_short]
        if self.n_unfilled:
            said.append(f"The cohort will hold {self.n_places} cases, not {self.size}.")
        return tuple(said)


def share_out(places: int, populations: Mapping[str, int]) -> dict[str, int]:
    """Places shared out in proportion to population by the largest remainder, so that they add up.

    Whole-number arithmetic only. Equal remainders go to the larger population, then in order of the key.
    """
    total = sum(populations.values())
    if total == 0 or places == 0:
        return dict.fromkeys(populations, 0)
    shares = {key: places * population // total for key, population in populations.items()}
    by_remainder = sorted(
        populations, key=lambda key: (-(places * populations[key] % total), -populations[key], key)
    )
    for key in by_remainder[: places - sum(shares.values())]:
        shares[key] += 1
    return shares


def fill_within(
    quotas: Mapping[str, int], populations: Mapping[str, int], available: Mapping[str, int]
) -> dict[str, int]:
    """What each stratum gives when none gives more than it has.

    What a stratum can't hold is shared out among those with room, by population. None gives up a place.
    """
    filled = {key: min(quota, available[key]) for key, quota in quotas.items()}
    left = sum(quotas.values()) - sum(filled.values())
    while left:
        with_room = {key: populations[key] for key in filled if filled[key] < available[key]}
        if not with_room:
            break
        for key, share in share_out(left, with_room).items():
            filled[key] += min(share, available[key] - filled[key])
        left = sum(quotas.values()) - sum(filled.values())
    return filled


def plan_quotas(
    size: int, strata: Sequence[Stratum], populations: Mapping[str, int], available: Mapping[str, int]
) -> QuotaPlan:
    """The quota of each stratum, beside what it can give.

    Fixed quotas come first; what remains of the size is shared among the other strata by population. A
    proportional place that a stratum cannot hold goes to the other proportional strata. A fixed quota that
    cannot be filled stays short: whoever fixed it asked for that stratum and no other.

    Errors: Invalid for a size below 1, a negative quota, quotas that add up to more than the size, a stratum
    twice.
    """
    check_quotas(size, strata)
    proportional = {
        stratum.key: populations.get(stratum.key, 0) for stratum in strata if stratum.fixed is None
    }
    can_give = {
        key: min(available.get(key, 0), populations.get(key, 0)) for key in (each.key for each in strata)
    }
    remaining = size - sum(stratum.fixed or 0 for stratum in strata)
    quotas = share_out(remaining, proportional)
    places = fill_within(quotas, proportional, can_give)
    for stratum in strata:
        if stratum.fixed is not None:
            quotas[stratum.key] = stratum.fixed
            places[stratum.key] = min(stratum.fixed, can_give[stratum.key])
    return QuotaPlan(
        size,
        tuple(
            StratumQuota(
                key=stratum.key,
                label=stratum.label,
                is_fixed=stratum.fixed is not None,
                population=populations.get(stratum.key, 0),
                available=can_give[stratum.key],
                quota=quotas[stratum.key],
                places=places[stratum.key],
            )
            for stratum in strata
        ),
    )


def check_quotas(size: int, strata: Sequence[Stratum]) -> None:
    """Refuse a size or fixed quotas that cannot be meant.

    Errors: Invalid; `field` is "size", "strata" or the key of the stratum.
    """
    if size < 1:
        raise Invalid("size", "A cohort needs at least one case. Enter a size of 1 or more.")
    if len({stratum.key for stratum in strata}) < len(strata):
        raise Invalid("strata", "A stratum is listed twice. List each stratum once.")
    for stratum in strata:
        if stratum.fixed is not None and stratum.fixed < 0:
            raise Invalid(stratum.key, f"The quota of {stratum.label} is below zero. Enter 0 or more.")
    fixed = sum(stratum.fixed or 0 for stratum in strata)
    if fixed > size:
        raise Invalid(
            "size",
            f"The quotas fixed by hand add up to {fixed}, and the cohort is to hold {size}. "
            "Lower a quota or raise the size.",
        )
