import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.errors import Invalid
from qa_app.domain.quotas import Stratum, plan_quotas, share_out

KEYS = ["looked_after", "child_protection", "child_in_need", "open_assessment", "care_leaver"]


def strata(**fixed: int) -> list[Stratum]:
    return [Stratum(key, key.replace("_", " ").capitalize(), fixed.get(key)) for key in KEYS]


@st.composite
def councils(draw):
    populations = {key: draw(st.integers(0, 60)) for key in KEYS}
    available = {key: draw(st.integers(0, populations[key])) for key in KEYS}
    fixed = draw(st.dictionaries(st.sampled_from(KEYS), st.integers(0, 12), max_size=5))
    size = draw(st.integers(max(1, sum(fixed.values())), 90))
    return size, fixed, populations, available


def test_53_cases_over_a_borough_by_hand():
    # 53 * 300 / 2,530 = 6.28; 230: 4.82; 1,500: 31.42; 350: 7.33; 150: 3.14. Floors give 51; the two largest
    # remainders are .82 and .42.
    populations = dict(zip(KEYS, [300, 230, 1500, 350, 150], strict=True))
    assert share_out(53, populations) == dict(zip(KEYS, [6, 5, 32, 7, 3], strict=True))


def test_equal_remainders_go_to_the_larger_population_and_then_by_key():
    # 3 places over 3, 1, 1, 1: exact 1.5, 0.5, 0.5, 0.5.
    assert share_out(3, {"c": 1, "b": 1, "big": 3, "a": 1}) == {"big": 2, "a": 1, "b": 0, "c": 0}


def test_a_place_that_a_proportional_stratum_cannot_hold_goes_to_the_others_and_is_said():
    populations = dict(zip(KEYS, [50, 50, 0, 0, 0], strict=True))
    plan = plan_quotas(10, strata(), populations, populations | {"looked_after": 2})
    by_key = {stratum.key: stratum for stratum in plan.strata}
    assert (by_key["looked_after"].quota, by_key["looked_after"].places) == (5, 2)
    assert by_key["child_protection"].places == 8
    assert by_key["child_protection"].n_taken_over == 3
    assert plan.n_unfilled == 0
    assert plan.shortfalls == ("Looked after: 3 of 5 could not be filled: 2 available.",)


def test_a_fixed_quota_that_cannot_be_filled_stays_short():
    populations = dict(zip(KEYS, [50, 50, 0, 0, 0], strict=True))
    plan = plan_quotas(10, strata(looked_after=5), populations, populations | {"looked_after": 2})
    by_key = {stratum.key: stratum for stratum in plan.strata}
    assert (by_key["looked_after"].places, by_key["child_protection"].places) == (2, 5)
    assert plan.n_unfilled == 3
    assert plan.shortfalls == (
        "Looked after: 3 of 5 could not be filled: 2 available. A fixed quota is not made up from elsewhere.",
        "The cohort will hold 7 cases, not 10.",
    )


def test_a_stratum_too_small_for_one_case_says_so():
    plan = plan_quotas(
        2, strata(), {"looked_after": 99, "care_leaver": 1}, {"looked_after": 99, "care_leaver": 1}
    )
    assert plan.strata[-1].places == 0
    assert "Too small a share" in plan.strata[-1].note


@pytest.mark.parametrize(
    ("size", "fixed", "field", "says"),
    [
        (0, {}, "size", "at least one case"),
        (10, {"looked_after": 6, "care_leaver": 5}, "size", "add up to 11"),
        (10, {"care_leaver": -1}, "care_leaver", "below zero"),
    ],
)
def test_what_cannot_be_meant_is_refused(size, fixed, field, says):
    with pytest.raises(Invalid, match=says) as refusal:
        plan_quotas(size, strata(**fixed), {}, {})
    assert refusal.value.field == field


def test_a_stratum_listed_twice_is_refused():
    with pytest.raises(Invalid, match="listed twice"):
        plan_quotas(3, [Stratum("a", "A"), Stratum("a", "A")], {}, {})


@given(st.integers(0, 300), st.dictionaries(st.text(max_size=3), st.integers(0, 500), min_size=1, max_size=8))
def test_shares_add_up_and_lie_within_one_of_exact_proportion(places, populations):
    shares = share_out(places, populations)
    total = sum(populations.values())
    assert sum(shares.values()) == (places if total else 0)
    for key, share in shares.items():
        assert abs(share * total - places * populations[key]) < max(total, 1)


@given(councils())
def test_nothing_is_padded_and_everything_that_can_be_filled_is(council):
    size, fixed, populations, available = council
    plan = plan_quotas(size, strata(**fixed), populations, available)
    by_key = {stratum.key: stratum for stratum in plan.strata}
    for stratum in plan.strata:
        assert 0 <= stratum.places <= available[stratum.key]
        if stratum.is_fixed:
            assert stratum.places == min(stratum.quota, available[stratum.key])
        else:
            assert stratum.places >= min(stratum.quota, available[stratum.key])
    remaining = size - sum(fixed.values())
    room = sum(available[key] for key in KEYS if key not in fixed)
    assert sum(by_key[key].places for key in KEYS if key not in fixed) == min(remaining, room)
    assert plan.n_unfilled == size - plan.n_places >= 0
    assert bool(plan.shortfalls) == (any(stratum.n_short for stratum in plan.strata) or plan.n_unfilled > 0)


@given(councils(), st.randoms(use_true_random=False))
def test_the_order_in_which_strata_are_listed_is_no_matter(council, random):
    size, fixed, populations, available = council
    listed = strata(**fixed)
    shuffled = list(listed)
    random.shuffle(shuffled)
    one = plan_quotas(size, listed, populations, available)
    other = plan_quotas(size, shuffled, populations, available)
    assert set(one.strata) == set(other.strata)


def test_53_cases_over_the_borough_of_the_test_workbook():
    # Populations as its truth file counts them, 2,680 in all: 5.93, 4.55, 27.69, 11.87 and 2.97 cases. The floors
    # give 49; the four places left go to all but the smallest remainder, .55.
    populations = dict(zip(KEYS, [300, 230, 1400, 600, 150], strict=True))
    plan = plan_quotas(53, strata(), populations, populations)
    assert [stratum.places for stratum in plan.strata] == [6, 4, 28, 12, 3]
