from collections import Counter
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from qa_app.domain.allocation import (
    Auditor,
    CaseToAllocate,
    TeamTie,
    allocate,
    conflict_between,
    least_bad,
)

TEAMS = ["north", "south", "east"]


@st.composite
def small_rounds(draw):
    cases = [
        CaseToAllocate(
            n, draw(st.sampled_from([*TEAMS, None])), {2: "is the child's worker"} if barred else {}
        )
        for n, barred in enumerate(draw(st.lists(st.booleans(), max_size=6)))
    ]
    auditors = [
        Auditor(n, ties)
        for n, ties in enumerate(
            draw(
                st.lists(
                    st.dictionaries(st.sampled_from(TEAMS), st.sampled_from(TeamTie), max_size=3),
                    min_size=1,
                    max_size=3,
                )
            )
        )
    ]
    before = draw(st.lists(st.sampled_from([auditor.auditor_id for auditor in auditors]), max_size=4))
    return cases, auditors, {100 + n: auditor_id for n, auditor_id in enumerate(before)}


def fairest_by_trying_all(cases, auditors, existing):
    """The loads of the fairest split, highest first, found by trying every one."""
    choices = [
        [auditor.auditor_id for auditor in auditors if conflict_between(case, auditor) is None]
        for case in cases
    ]
    splits = product(*(choice for choice in choices if choice))
    before = Counter({auditor.auditor_id: 0 for auditor in auditors})
    before.update(existing.values())
    return min(
        sorted((before + Counter(split))[each.auditor_id] for each in auditors)[::-1] for split in splits
    )


@settings(max_examples=60, deadline=None)
@given(small_rounds())
def test_as_fair_as_the_best_of_all_splits(small_round):
    cases, auditors, existing = small_round
    allocation = allocate(cases, auditors, existing)
    loads = sorted(allocation.load_by_auditor.values(), reverse=True)
    assert loads == fairest_by_trying_all(cases, auditors, existing)
    assert bool(allocation.note) == (loads[0] - loads[-1] > 1)


@settings(max_examples=60, deadline=None)
@given(small_rounds())
def test_nobody_gets_a_case_they_are_tied_to_and_none_is_lost(small_round):
    cases, auditors, existing = small_round
    allocation = allocate(cases, auditors, existing)
    by_id = {auditor.auditor_id: auditor for auditor in auditors}
    for case in cases:
        conflicts = [conflict_between(case, auditor) for auditor in auditors]
        if case.case_id in allocation.auditor_by_case:
            taker = by_id[allocation.auditor_by_case[case.case_id]]
            assert conflict_between(case, taker) is None
        else:
            assert all(conflicts)
            assert case.case_id in {left.case_id for left in allocation.unallocated}
    assert allocation.load_by_auditor == {
        auditor_id: list(allocation.auditor_by_case.values()).count(auditor_id) for auditor_id in by_id
    }


@settings(max_examples=40, deadline=None)
@given(small_rounds(), st.randoms(use_true_random=False))
def test_the_order_of_cases_and_auditors_is_no_matter(small_round, random):
    cases, auditors, existing = small_round
    shuffled_cases, shuffled_auditors = list(cases), list(auditors)
    random.shuffle(shuffled_cases)
    random.shuffle(shuffled_auditors)
    assert allocate(cases, auditors, existing) == allocate(shuffled_cases, shuffled_auditors, existing)


@settings(max_examples=40, deadline=None)
@given(small_rounds(), st.integers(0, 6))
def test_what_was_given_out_stays_when_cases_are_added(small_round, n_first):
    cases, auditors, existing = small_round
    first = allocate(cases[:n_first], auditors, existing)
    both = allocate(cases, auditors, first.auditor_by_case)
    assert first.auditor_by_case.items() <= both.auditor_by_case.items()


def test_each_tie_bars_in_words():
    case = CaseToAllocate(1, "north", {9: "is the child's worker"})
    said = [conflict_between(case, Auditor(1, {"north": tie})) for tie in TeamTie]
    assert said == [
        "belongs to the case's team",
        "manages the case's team",
        "heads the service area of the case's team",
    ]
    assert conflict_between(case, Auditor(9)) == "is the child's worker"
    assert conflict_between(case, Auditor(1, {"south": TeamTie.MEMBER})) is None


def test_a_case_that_nobody_may_take_says_why():
    tied = [Auditor(1, {"north": TeamTie.MEMBER}), Auditor(2, {"north": TeamTie.MEMBER})]
    allocation = allocate([CaseToAllocate(1, "north")], [*tied, Auditor(3, {"north": TeamTie.HEAD})])
    assert allocation.auditor_by_case == {}
    assert allocation.unallocated[0].reason == (
        "Nobody may take it. Of 3 auditors, each belongs to the case's team (2); heads the service area of "
        "the case's team (1). Add an auditor from another team."
    )
    assert "no auditors" in allocate([CaseToAllocate(1, "north")], []).unallocated[0].reason


def test_a_conflict_that_forces_unevenness_is_said():
    auditors = [Auditor(1, {"north": TeamTie.MANAGER}), Auditor(2)]
    allocation = allocate([CaseToAllocate(n, "north") for n in range(3)], auditors)
    assert allocation.load_by_auditor == {1: 0, 2: 3}
    assert allocation.note.startswith("The numbers run from 0 to 3")


def test_the_cases_of_one_team_are_spread_over_auditors():
    cases = [CaseToAllocate(n, TEAMS[n // 3]) for n in range(9)]
    allocation = allocate(cases, [Auditor(n) for n in range(3)])
    teams_by_auditor = {(allocation.auditor_by_case[case.case_id], case.team) for case in cases}
    assert len(teams_by_auditor) == 9


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 12),
    st.lists(st.one_of(st.none(), st.integers(0, 5)), min_size=1, max_size=4),
)
def test_nobody_gets_more_than_they_can_and_nothing_is_left_that_fits(n_cases, capacities):
    auditors = [Auditor(n, capacity=capacity) for n, capacity in enumerate(capacities)]
    allocation = allocate([CaseToAllocate(n, None) for n in range(n_cases)], auditors)
    for auditor in auditors:
        assert auditor.capacity is None or allocation.load_by_auditor[auditor.auditor_id] <= auditor.capacity
    room = n_cases if None in capacities else min(n_cases, sum(capacities))
    assert len(allocation.auditor_by_case) == room
    assert len(allocation.unallocated) == n_cases - room
    assert all("as many cases as they can" in each.reason for each in allocation.unallocated)


def test_the_share_follows_the_capacity():
    auditors = [Auditor(1, capacity=2), Auditor(2, capacity=4), Auditor(3, capacity=6)]
    allocation = allocate([CaseToAllocate(n, None) for n in range(6)], auditors)
    assert allocation.load_by_auditor == {1: 1, 2: 2, 3: 3}
    assert "what each can take on" in allocation.note


def test_the_least_bad_is_the_most_distant_tie_and_never_a_tie_to_the_child():
    auditors = [
        Auditor(1, {"north": TeamTie.MANAGER}),
        Auditor(2, {"north": TeamTie.HEAD}),
        Auditor(3, {"north": TeamTie.MEMBER}),
    ]
    assert least_bad(CaseToAllocate(1, "north"), auditors) == (2, TeamTie.HEAD.in_words)
    barred = CaseToAllocate(1, "north", {2: "is the child's worker"})
    assert least_bad(barred, auditors) == (3, TeamTie.MEMBER.in_words)
    assert least_bad(CaseToAllocate(1, "north", dict.fromkeys((1, 2, 3), "worker")), auditors) is None
    assert least_bad(CaseToAllocate(1, None), auditors) is None
