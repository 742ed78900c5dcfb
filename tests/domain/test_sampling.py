import hashlib
import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_app.domain.errors import Invalid
from qa_app.domain.quotas import Stratum
from qa_app.domain.sampling import Candidate, Exclusion, SelectionRecord, draw, lot_of, preview_draw

STRATA = (Stratum("looked_after", "Looked after"), Stratum("child_in_need", "Child in need"))
AUDITED = "Reviewed in the last 12 months"


def population(n_looked_after: int, n_in_need: int) -> list[Candidate]:
    return [Candidate(f"L{n}", "looked_after") for n in range(n_looked_after)] + [
        Candidate(f"N{n}", "child_in_need") for n in range(n_in_need)
    ]


@st.composite
def draws(draw_from):
    children = population(draw_from(st.integers(0, 15)), draw_from(st.integers(0, 15)))
    excluded = draw_from(
        st.lists(
            st.builds(
                Exclusion,
                st.sampled_from([child.child_ref for child in children] or ["none"]),
                st.sampled_from([AUDITED, "Complaint open"]),
            ),
            max_size=12 if children else 0,
        )
    )
    seed = draw_from(st.text(alphabet="abcXYZ0189-", min_size=1, max_size=12))
    return seed, draw_from(st.integers(1, 30)), children, excluded


def test_a_draw_by_hand():
    # The lots are recomputed here from the sentence that the record prints, not from the code under test.
    children = population(6, 4)
    record = draw("2026-11", 5, STRATA, children, [])
    by_lot = sorted(
        (f"L{n}" for n in range(6)), key=lambda ref: hashlib.sha256(f"2026-11|{ref}".encode()).digest()
    )
    assert [case.child_ref for case in record.drawn if case.stratum == "looked_after"] == by_lot[:3]
    assert record.reserves("looked_after") == tuple(by_lot[3:])
    assert [case.position for case in record.drawn] == [1, 2, 3, 1, 2]


def test_a_known_lot_never_changes():
    # printf '%s' '20261101|C0001' | sha256sum
    assert lot_of("20261101", "C0001").startswith("0b35d98db0e2206a")


def test_each_case_says_why_it_was_drawn():
    record = draw("s1", 5, STRATA, population(6, 4), [Exclusion("L0", AUDITED)])
    assert record.drawn[0].reason == (
        "Looked after: number 1 of 3 in order of lots, from 5 who could be drawn. 3 places by its share of "
        "the population (6 children) in a cohort of 5. Seed s1."
    )
    fixed = draw("s1", 5, (STRATA[0], Stratum("child_in_need", "Child in need", 1)), population(6, 4), [])
    assert "1 places" not in fixed.drawn[-1].reason
    assert "a quota of 1 fixed by hand" in fixed.drawn[-1].reason


def test_a_preview_counts_population_exclusions_and_quotas():
    excluded = [Exclusion("L0", AUDITED), Exclusion("L0", "Complaint open"), Exclusion("L1", AUDITED)]
    preview = preview_draw(4, STRATA, population(4, 4), excluded)
    assert (preview.n_population, preview.n_excluded) == (8, 2)
    assert preview.n_excluded_by_reason == {"Complaint open": 1, AUDITED: 2}
    assert [(quota.population, quota.available) for quota in preview.quotas.strata] == [(4, 2), (4, 4)]


@pytest.mark.parametrize(
    ("children", "excluded", "seed", "says"),
    [
        ([Candidate("A", "looked_after")] * 2, [], "s", "twice"),
        ([Candidate("A", "adopted")], [], "s", "do not list"),
        ([], [Exclusion("A", AUDITED)], "s", "not in the population"),
        ([], [], "two words", "without spaces"),
    ],
)
def test_what_cannot_be_drawn_from_is_refused(children, excluded, seed, says):
    with pytest.raises(Invalid, match=says):
        draw(seed, 5, STRATA, children, excluded)


@pytest.mark.parametrize("text", ["", "[]", '{"method": "x"}', "\x00"])
def test_a_text_that_is_no_record_is_refused(text):
    with pytest.raises(Invalid, match="not a selection record"):
        SelectionRecord.from_json(text)


def test_a_record_that_was_touched_does_not_reproduce():
    record = json.loads(draw("s1", 5, STRATA, population(6, 4), []).to_json())
    assert SelectionRecord.from_json(json.dumps(record)).reproduces()
    reserve = SelectionRecord.from_json(json.dumps(record)).reserves("looked_after")[0]
    record["drawn"][0]["child_ref"] = reserve
    assert not SelectionRecord.from_json(json.dumps(record)).reproduces()


def test_a_record_of_an_unknown_method_is_not_guessed_at():
    record = json.loads(draw("s1", 5, STRATA, population(6, 4), []).to_json())
    record["method"] = "dice"
    with pytest.raises(Invalid, match="dice"):
        SelectionRecord.from_json(json.dumps(record)).reproduces()


@given(draws(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_is_no_matter(given_draw, random):
    seed, size, children, excluded = given_draw
    shuffled, shuffled_out = list(children), list(excluded)
    random.shuffle(shuffled)
    random.shuffle(shuffled_out)
    assert draw(seed, size, STRATA, children, excluded) == draw(seed, size, STRATA, shuffled, shuffled_out)


@given(draws())
def test_the_record_alone_reproduces_the_draw(given_draw):
    record = draw(*given_draw[:2], STRATA, *given_draw[2:])
    read_back = SelectionRecord.from_json(record.to_json())
    assert read_back == record
    assert read_back.reproduces()
    assert read_back.fingerprint == record.fingerprint


@given(draws())
def test_nobody_excluded_is_drawn_and_everybody_else_is_drawn_or_in_reserve(given_draw):
    seed, size, children, excluded = given_draw
    record = draw(seed, size, STRATA, children, excluded)
    drawn = [case.child_ref for case in record.drawn]
    reserves = [ref for stratum in STRATA for ref in record.reserves(stratum.key)]
    out = {exclusion.child_ref for exclusion in excluded}
    assert sorted(drawn + reserves) == sorted({child.child_ref for child in children} - out)
    assert len(drawn) == record.quota_plan.n_places == min(size, len(children) - len(out))


@settings(max_examples=30)
@given(st.integers(2, 9), st.text(alphabet="abc123", min_size=1, max_size=6))
def test_a_reserve_is_who_a_larger_draw_would_have_taken_next(places, seed):
    children = population(12, 0)
    smaller = draw(seed, places, STRATA, children, [])
    larger = draw(seed, places + 1, STRATA, children, [])
    assert larger.drawn[-1].child_ref == smaller.reserves("looked_after")[0]


def test_every_child_has_the_same_chance():
    # 2,000 draws of 3 out of 10: each child is expected 600 times, with a standard deviation of about 20.5.
    children = population(10, 0)
    drawn = Counter(
        case.child_ref for n in range(2000) for case in draw(f"seed-{n}", 3, STRATA, children, []).drawn
    )
    assert set(drawn) == {child.child_ref for child in children}
    assert all(500 < times < 700 for times in drawn.values())
