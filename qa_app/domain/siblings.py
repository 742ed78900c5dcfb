"""One child of a family at most: how many places can still be filled when siblings bar one another.

A draw that takes one sibling loses the others. Where siblings stand in different strata, a careless choice can
leave a stratum short that another choice would have filled. What is counted here is unique: it is the same by
any algorithm, so that a selection record never depends on ours.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence

Spreads = Mapping[frozenset[str], int]
"""How many families have children who may be drawn in exactly these strata."""


class Families:
    """The families of the children who may be drawn; a child without siblings is a family of one."""

    def __init__(self, stratum_of: Mapping[str, str], groups: Mapping[str, str]) -> None:
        """`stratum_of` every child who may be drawn; `groups` names the families of more than one."""
        self._groups = groups
        strata: dict[str, set[str]] = {}
        self._spreads: Counter[frozenset[str]] = Counter()
        for child_ref, key in stratum_of.items():
            if child_ref in groups:
                strata.setdefault(groups[child_ref], set()).add(key)
            else:
                self._spreads[frozenset({key})] += 1
        self._strata = {group: frozenset(keys) for group, keys in strata.items()}
        self._spreads.update(self._strata.values())
        self._taken: set[str] = set()

    def places_to_fill(self, places: Mapping[str, int], order: Sequence[str]) -> dict[str, int]:
        """How many of its places each stratum can fill, as many as can be in all.

        Where not all can be filled, the strata that come earlier in `order` come first.
        """
        filled: dict[str, int] = {}
        before = 0
        for n, key in enumerate(order, start=1):
            now = n_fillable(self._spreads, {each: places[each] for each in order[:n]})
            filled[key] = now - before
            before = now
        return filled

    def take_in_order(
        self, in_order: Iterable[str], stratum_of: Mapping[str, str], places: Mapping[str, int]
    ) -> dict[str, list[str]]:
        """Who is taken in each stratum, going through the children in an order. The places can all be filled.

        A child is passed over only when the stratum is full, a sibling was taken, or taking the child would
        leave a place empty that can still be filled.
        """
        left = dict(places)
        taken: dict[str, list[str]] = {key: [] for key in left}
        for child_ref in in_order:
            key = stratum_of[child_ref]
            if left[key] and self._may_take(child_ref, key, left):
                self._take(child_ref, key)
                left[key] -= 1
                taken[key].append(child_ref)
        return taken

    def _may_take(self, child_ref: str, key: str, left: Mapping[str, int]) -> bool:
        group = self._groups.get(child_ref)
        if group is None:
            return True
        if group in self._taken:
            return False
        spread = self._strata[group]
        if len(spread) == 1:
            return True
        rest = {**left, key: left[key] - 1}
        without = {**self._spreads, spread: self._spreads[spread] - 1}
        return n_fillable(without, rest) == sum(rest.values())

    def _take(self, child_ref: str, key: str) -> None:
        group = self._groups.get(child_ref)
        self._spreads[self._strata[group] if group is not None else frozenset({key})] -= 1
        if group is not None:
            self._taken.add(group)


def n_fillable(spreads: Spreads, places: Mapping[str, int]) -> int:
    """The most places that can be filled when each family gives one child at most."""
    return sum(_fill(spreads, places).values())


def _fill(families: Spreads, places: Mapping[str, int]) -> dict[str, int]:
    """Places filled by stratum: first by families of one stratum, then by augmenting paths for the rest."""
    filled: dict[str, int] = {}
    spread: dict[frozenset[str], int] = {}
    for strata, n in families.items():
        if len(strata) > 1:
            spread[strata] = n
    for key, wanted in places.items():
        filled[key] = min(wanted, families.get(frozenset({key}), 0))
    given: dict[frozenset[str], Counter[str]] = {strata: Counter() for strata in spread}
    for key, wanted in places.items():
        while filled[key] < wanted and _augment(key, spread, given):
            filled[key] += 1
    return filled


def _augment(
    key: str, spread: Mapping[frozenset[str], int], given: dict[frozenset[str], Counter[str]]
) -> bool:
    """Give one more family to a stratum, moving others where that frees one. Says whether it could."""
    came_from: dict[str, tuple[str, frozenset[str]]] = {}
    seen = {key}
    waiting = deque([key])
    while waiting:
        at = waiting.popleft()
        for strata, n in spread.items():
            if at not in strata:
                continue
            if given[strata].total() < n:
                _move(at, strata, key, came_from, given)
                return True
            for other, n_given in given[strata].items():
                if n_given and other not in seen:
                    seen.add(other)
                    came_from[other] = (at, strata)
                    waiting.append(other)
    return False


def _move(
    at: str,
    strata: frozenset[str],
    key: str,
    came_from: Mapping[str, tuple[str, frozenset[str]]],
    given: dict[frozenset[str], Counter[str]],
) -> None:
    given[strata][at] += 1
    while at != key:
        before, through = came_from[at]
        given[through][at] -= 1
        given[through][before] += 1
        at = before
