"""One child of a family at most: quotas met whenever they can be, held against trying everything out."""

from collections import Counter
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from qa_app.domain.quotas import Stratum
from qa_app.domain.sampling import Candidate, Exclusion, SelectionRecord, Sibling, draw, lot_of, preview_draw
from qa_app.domain.siblings import Families

KEYS = ("cin", "cp", "cla")
STRATA = tuple(Stratum(key, key.upper()) for key in KEYS)
children = st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from("ABCDE")), min_size=1, max_size=9)


def most_by_trying(rows: list[tuple[str, str]], places: dict[str, int]) -> int:
    """The most places that any choice of children fills, found by looking at every choice."""
    for size in range(len(rows), 0, -1):
        for chosen in combinations(rows, size):
            if max(Counter(group for _, group in chosen).values()) > 1:
                continue
            if all(n <= places[key] for key, n in Counter(key for key, _ in chosen).items()):
                return size
    return 0


@settings(max_examples=150, deadline=None)
@given(children, st.tuples(*[st.integers(0, 3)] * 3), st.integers(0, 10_000))
def test_as_many_places_are_filled_as_any_choice_could(
    rows: list[tuple[str, str]], wanted: tuple[int, int, int], lot: int
) -> None:
    places = dict(zip(KEYS, wanted, strict=True))
    stratum_of = {f"C{n}": key for n, (key, _) in enumerate(rows)}
    groups = {f"C{n}": group for n, (_, group) in enumerate(rows)}
    families = Families(stratum_of, groups)
    filled = families.places_to_fill(places, KEYS)
    assert sum(filled.values()) == most_by_trying(rows, places)
    order = sorted(stratum_of, key=lambda ref: lot_of(str(lot), ref))
    taken = Families(stratum_of, groups).take_in_order(order, stratum_of, filled)
    assert {key: len(refs) for key, refs in taken.items()} == filled
    everybody = [ref for refs in taken.values() for ref in refs]
    assert max(Counter(groups[ref] for ref in everybody).values(), default=0) <= 1


def test_a_careless_choice_would_leave_a_stratum_short() -> None:
    # The only looked-after child has a sister in need: whatever the lots, the sister must make room.
    population = [Candidate("A1", "cla"), *(Candidate(f"B{n}", "cin") for n in range(1, 5))]
    siblings = [Sibling("A1", "family"), Sibling("B1", "family")]
    strata = (Stratum("cla", "Looked after", 1), Stratum("cin", "In need", 2))
    for seed in map(str, range(60)):
        record = draw(seed, 3, strata, population, [], siblings)
        drawn = {case.child_ref for case in record.drawn}
        assert "A1" in drawn
        assert "B1" not in drawn
        assert len(drawn) == 3
        assert record.reproduces()
        assert SelectionRecord.from_json(record.to_json()) == record
        assert "B1" not in record.reserves("cin")
        assert "B1" in record.reserves("cin", frozenset(drawn - {"A1"}))


def test_what_siblings_keep_from_being_filled_is_said_and_goes_to_others() -> None:
    population = [Candidate(f"A{n}", "cp") for n in range(4)] + [Candidate(f"B{n}", "cin") for n in range(4)]
    siblings = [Sibling(f"A{n}", "one family") for n in range(4)]
    quotas = preview_draw(4, STRATA[:2], population, [], siblings).quotas
    by_key = {quota.key: quota for quota in quotas.strata}
    assert (by_key["cp"].quota, by_key["cp"].places, by_key["cin"].places) == (2, 1, 3)
    assert "siblings of children who are taken" in by_key["cp"].note
    assert quotas.n_unfilled == 0


def test_an_excluded_sibling_bars_nobody() -> None:
    population = [Candidate("A1", "cp"), Candidate("A2", "cp")]
    siblings = [Sibling("A1", "f"), Sibling("A2", "f")]
    record = draw("s", 1, STRATA, population, [Exclusion("A1", "Complaint open")], siblings)
    assert [case.child_ref for case in record.drawn] == ["A2"]
    assert not record.siblings


def test_a_record_without_siblings_keeps_the_text_it_always_had() -> None:
    record = draw("s", 1, STRATA, [Candidate("A1", "cp")], [])
    assert "siblings" not in record.to_json()
    assert SelectionRecord.from_json(record.to_json()) == record


def test_every_child_of_a_stratum_without_siblings_has_the_same_chance() -> None:
    population = [Candidate(f"C{n}", "cin") for n in range(20)]
    times = Counter(
        case.child_ref for seed in range(2000) for case in draw(f"d{seed}", 5, STRATA, population, []).drawn
    )
    # 2,000 draws of 5 in 20: each child 500 times, standard deviation 19.4; 4.5 of them on both sides.
    assert set(times) == {f"C{n}" for n in range(20)}
    assert all(abs(n - 500) < 88 for n in times.values()), times
