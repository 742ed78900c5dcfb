"""Who reviews which case: evenly, and nobody a case of their own team.

Even means: the sum of the squared numbers of cases is the lowest that the conflicts allow. No other split
has a lower maximum or a higher minimum, so the numbers differ by more than one only where a conflict, or what
was given out before, forces it. Where people can take on different numbers, even means in proportion to them,
and nobody gets more than they can.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class TeamTie(StrEnum):
    """How an auditor is tied to a team: any tie bars the auditor from the team's cases."""

    MEMBER = "member"
    MANAGER = "manager"
    HEAD = "head"

    @property
    def in_words(self) -> str:
        """The tie as the end of a sentence about the auditor."""
        return {
            TeamTie.MEMBER: "belongs to the case's team",
            TeamTie.MANAGER: "manages the case's team",
            TeamTie.HEAD: "heads the service area of the case's team",
        }[self]


@dataclass(frozen=True, slots=True)
class Auditor:
    """Somebody who may be given cases, and the teams that this person is tied to.

    `capacity` is the most cases that they can hold, leave taken off; none where nobody has said.
    """

    auditor_id: int
    ties: Mapping[str, TeamTie] = field(default_factory=dict)
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class CaseToAllocate:
    """A case that needs an auditor. `barred` gives the reason why a single auditor may not take it."""

    case_id: int
    team: str | None
    barred: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unallocated:
    """A case that nobody may take, and why."""

    case_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Allocation:
    """Who takes which case. The loads include what was given out before; `note` says why they are uneven."""

    auditor_by_case: dict[int, int]
    unallocated: tuple[Unallocated, ...]
    load_by_auditor: dict[int, int]
    note: str


def conflict_between(case: CaseToAllocate, auditor: Auditor) -> str | None:
    """Why this auditor may not review this case, as the end of a sentence; None when nothing bars it."""
    if auditor.auditor_id in case.barred:
        return case.barred[auditor.auditor_id]
    tie = auditor.ties.get(case.team) if case.team is not None else None
    return tie.in_words if tie is not None else None


_LEAST_BAD_FIRST = (TeamTie.HEAD, TeamTie.MEMBER, TeamTie.MANAGER)
"""Whose distance from the child's case is greatest, when nobody without a tie is there."""
USUAL_CAPACITY = 4
"""What somebody counts for beside people whose capacity is known. Source: councils ask two to four a month."""


def least_bad(
    case: CaseToAllocate, auditors: Sequence[Auditor], loads: Mapping[int, int] | None = None
) -> tuple[int, str] | None:
    """Who could take a case that nobody may take, with the least tie, and which; none if all ties are personal.

    A tie to the child itself (`barred`) is never overridden. Among equals, whoever holds fewer cases.
    """
    loads = loads or {}
    tied = [
        (_LEAST_BAD_FIRST.index(tie), loads.get(auditor.auditor_id, 0), auditor.auditor_id, tie)
        for auditor in auditors
        if auditor.auditor_id not in case.barred
        and case.team is not None
        and (tie := auditor.ties.get(case.team)) is not None
        and (auditor.capacity is None or loads.get(auditor.auditor_id, 0) < auditor.capacity)
    ]
    if not tied:
        return None
    _, _, auditor_id, tie = min(tied)
    return auditor_id, tie.in_words


def allocate(
    cases: Sequence[CaseToAllocate], auditors: Sequence[Auditor], existing: Mapping[int, int] | None = None
) -> Allocation:
    """Give every case to an auditor, evenly and without conflict; what was given out before stays as it is.

    `existing` is auditor by case, and counts towards each auditor's number. The same input in any order gives
    the same allocation. The cases of one team are spread over several auditors where evenness allows it.
    """
    kept = dict(existing or {})
    loads = {auditor.auditor_id: 0 for auditor in sorted(auditors, key=lambda each: each.auditor_id)}
    loads.update({auditor_id: n for auditor_id, n in Counter(kept.values()).items() if auditor_id in loads})
    groups: dict[tuple[int, ...], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    unallocated: list[Unallocated] = []
    for case in sorted(cases, key=lambda each: each.case_id):
        if case.case_id in kept:
            continue
        conflicts = {auditor.auditor_id: conflict_between(case, auditor) for auditor in auditors}
        may_take = tuple(sorted(auditor_id for auditor_id, why in conflicts.items() if why is None))
        if may_take:
            groups[may_take][case.team or ""].append(case.case_id)
        else:
            unallocated.append(Unallocated(case.case_id, _nobody_because(conflicts)))
    alike = [
        (may_take, case_ids)
        for may_take, by_team in sorted(groups.items())
        for _, case_ids in sorted(by_team.items())
    ]
    capacities = {auditor.auditor_id: auditor.capacity for auditor in auditors}
    given = _even_flow(alike, loads, capacities)
    for auditor_id in given.values():
        loads[auditor_id] += 1
    waiting = sorted(case_id for _, case_ids in alike for case_id in case_ids if case_id not in given)
    unallocated += [Unallocated(case_id, _FULL) for case_id in waiting]
    return Allocation({**kept, **given}, tuple(unallocated), loads, _note(loads, capacities))


_FULL = (
    "Everybody who may take it has as many cases as they can. Raise somebody's capacity, choose more auditors, or "
    "make the cohort smaller."
)


def _even_flow(
    alike: Sequence[tuple[tuple[int, ...], list[int]]],
    loads: Mapping[int, int],
    capacities: Mapping[int, int | None],
) -> dict[int, int]:
    """Auditor by case, for groups of cases that the same auditors may take.

    The k-th case of an auditor costs the k-th odd number, so that the whole costs the sum of squares; beside
    known capacities it costs that over the capacity. Where all cases fit under a ceiling of cost, the best
    split lies under it too: a low one only keeps the network small. A case left over costs more than any way
    to give it.
    """
    n_cases = sum(len(case_ids) for _, case_ids in alike)
    if n_cases == 0:
        return {}
    import networkx as nx

    costs = _costs(loads, capacities, n_cases)
    ascending = sorted(cost for each in costs.values() for cost in each)
    ceiling = ascending[min(n_cases, len(ascending)) - 1] if ascending else 0
    while True:
        rooms = {each: [cost for cost in costs[each] if cost <= ceiling] for each in costs}
        is_whole = not ascending or ceiling >= ascending[-1]
        try:
            _, flow = nx.network_simplex(_network(alike, rooms, n_cases, leaves_over=is_whole))
            break
        except nx.NetworkXUnfeasible:
            ceiling = ceiling * 2
    given: dict[int, int] = {}
    for index, (may_take, case_ids) in enumerate(alike):
        left = {
            auditor_id: sum(flow[("group", index)].get(("auditor", auditor_id), {}).values())
            for auditor_id in may_take
        }
        # Taking turns, so that cases that lie side by side in the list do not all go to one person.
        turns = [
            auditor_id
            for turn in range(max(left.values()))
            for auditor_id in may_take
            if left[auditor_id] > turn
        ]
        given.update(zip(case_ids, turns, strict=False))
    return given


def _costs(
    loads: Mapping[int, int], capacities: Mapping[int, int | None], n_cases: int
) -> dict[int, list[int]]:
    """What each further case costs each auditor; as many as they have room for."""
    known = any(capacity is not None for capacity in capacities.values())
    costs: dict[int, list[int]] = {}
    for auditor_id, load in loads.items():
        capacity = capacities.get(auditor_id)
        share = max(1, USUAL_CAPACITY if capacity is None else capacity) if known else 1
        room = n_cases if capacity is None else min(n_cases, max(0, capacity - load))
        costs[auditor_id] = [(2 * nth + 1) * 10_000 // share for nth in range(load, load + room)]
    return costs


def _network(
    alike: Sequence[tuple[tuple[int, ...], list[int]]],
    rooms: Mapping[int, list[int]],
    n_cases: int,
    *,
    leaves_over: bool,
) -> Any:
    """The flow from groups of cases through auditors to one sink; evenness weighs more than spread.

    With `leaves_over`, a case may stay without an auditor, at a cost above every other.
    """
    import networkx as nx

    network = nx.MultiDiGraph()
    network.add_node("sink", demand=n_cases)
    dearest = max((cost for costs in rooms.values() for cost in costs), default=1) * (n_cases + 1)
    for auditor_id, costs in rooms.items():
        for cost in costs:
            network.add_edge(("auditor", auditor_id), "sink", weight=cost * (n_cases + 1), capacity=1)
    for index, (may_take, case_ids) in enumerate(alike):
        network.add_node(("group", index), demand=-len(case_ids))
        if leaves_over:
            network.add_edge(("group", index), "sink", weight=(dearest + 1) * (n_cases + 1), capacity=n_cases)
        for auditor_id in may_take:
            group, taker = ("group", index), ("auditor", auditor_id)
            network.add_edge(group, taker, weight=0, capacity=1)
            if len(case_ids) > 1:
                network.add_edge(group, taker, weight=1, capacity=len(case_ids) - 1)
    return network


def _nobody_because(conflicts: Mapping[int, str | None]) -> str:
    if not conflicts:
        return "Nobody is there to take it: there are no auditors. Add an auditor."
    reasons = Counter(why for why in conflicts.values() if why is not None)
    if len(conflicts) == 1:
        return (
            f"Nobody may take it. The only auditor {next(iter(reasons))}. Add an auditor from another team."
        )
    listed = "; ".join(f"{why} ({n})" for why, n in sorted(reasons.items()))
    return (
        f"Nobody may take it. Of {len(conflicts)} auditors, each {listed}. Add an auditor from another team."
    )


def _note(loads: Mapping[int, int], capacities: Mapping[int, int | None]) -> str:
    if not loads or max(loads.values()) - min(loads.values()) <= 1:
        return ""
    known = any(capacity is not None for capacity in capacities.values())
    why = "what each can take on, ties to teams" if known else "ties to teams"
    return (
        f"The numbers run from {min(loads.values())} to {max(loads.values())}: {why}, or cases given out before, "
        "leave no more even way."
    )
