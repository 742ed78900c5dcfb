"""Statistics of shares, against published worked tables and a second implementation."""

import random
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_app.domain.proportions import (
    PointState,
    benjamini_hochberg,
    chance_of_rise,
    newcombe,
    p_chart,
    wilson,
)

COUNTS = st.integers(1, 60).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


@pytest.mark.parametrize(
    ("n", "total", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17:857-872, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_published(n: int, total: int, low: float, high: float) -> None:
    found = wilson(n, total)
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17:873-890, table II, method 10.
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_newcombe_as_published(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    found = newcombe(*first, *second)
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_without_a_base_there_is_no_interval() -> None:
    assert wilson(0, 0) is None
    assert newcombe(0, 0, 1, 2) is None
    assert chance_of_rise(0, 0, 1, 2) == 1.0
    with pytest.raises(ValueError, match="no part"):
        wilson(3, 2)


@settings(max_examples=60, deadline=None)
@given(now=COUNTS, before=COUNTS)
def test_fishers_test_equals_scipys(now: tuple[int, int], before: tuple[int, int]) -> None:
    from scipy.stats import fisher_exact

    table = [[now[0], now[1] - now[0]], [before[0], before[1] - before[0]]]
    assert chance_of_rise(*now, *before) == pytest.approx(fisher_exact(table, alternative="greater").pvalue)


@settings(max_examples=60, deadline=None)
@given(now=COUNTS, before=COUNTS)
def test_intervals_equal_another_way_to_work_them_out(now: tuple[int, int], before: tuple[int, int]) -> None:
    from scipy.stats import binomtest

    for n, total in (now, before):
        ours = wilson(n, total)
        theirs = binomtest(n, total).proportion_ci(method="wilson")
        assert ours is not None
        assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    found = newcombe(*now, *before)
    turned = newcombe(*before, *now)
    assert found is not None
    assert turned is not None
    assert (found.low, found.high) == pytest.approx((-turned.high, -turned.low))
    assert found.low - 1e-12 <= now[0] / now[1] - before[0] / before[1] <= found.high + 1e-12


def test_benjamini_and_hochbergs_own_example() -> None:
    # Benjamini and Hochberg (1995), section 4.1: fifteen tests, of which the first four are called at 0.05.
    chances = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
               0.6528, 0.7590, 1.000]  # fmt: skip
    assert benjamini_hochberg(chances) == (True,) * 4 + (False,) * 11
    mixed = list(range(15))
    random.Random(7).shuffle(mixed)
    called = benjamini_hochberg([chances[place] for place in mixed])
    assert {mixed[place] for place, one in enumerate(called) if one} == {0, 1, 2, 3}
    assert benjamini_hochberg([]) == ()


def test_montgomerys_orange_juice_cans() -> None:
    # Montgomery, Introduction to Statistical Quality Control: 30 samples of 50 cans; centre 0.2313, limits 0.0524 and
    # 0.4102; samples 15 and 23 lie above.
    cans = [
        12,
        15,
        8,
        10,
        4,
        7,
        16,
        9,
        14,
        10,
        5,
        6,
        17,
        12,
        22,
        8,
        10,
        5,
        13,
        11,
        20,
        18,
        24,
        15,
        9,
        12,
        7,
        13,
        9,
        6,
    ]
    chart = p_chart([(n, 50) for n in cans])
    assert chart.centre == pytest.approx(0.2313, abs=5e-5)
    assert chart.points[0].low == pytest.approx(0.0524, abs=5e-4)
    assert chart.points[0].high == pytest.approx(0.4102, abs=5e-4)
    assert [place for place, point in enumerate(chart.points, 1) if point.state is PointState.HIGH] == [
        15,
        23,
    ]
    assert chart.has_news


def test_a_run_of_eight_is_news_from_its_eighth_month() -> None:
    counts = [(20, 100)] * 8 + [(30, 100)] * 9
    states = [point.state for point in p_chart(counts).points]
    assert states == (
        [PointState.NOISE] * 7 + [PointState.RUN_LOW] + [PointState.NOISE] * 7 + [PointState.RUN_HIGH] * 2
    )


def test_few_months_and_few_reviews_judge_nothing() -> None:
    few = p_chart([(0, 10)] * 6 + [(10, 10)])
    assert not few.can_tell
    assert not few.has_news
    # One weakness among two reviews lies beyond three standard errors of a rare theme, and is still no news.
    rare = p_chart([(0, 20)] * 10 + [(1, 2)])
    assert (rare.points[-1].share or 0) > (rare.points[-1].high or 1)
    assert rare.points[-1].state is PointState.NOISE
    assert p_chart([(0, 20)] * 10 + [(6, 8)]).points[-1].state is PointState.HIGH
    empty = p_chart([(0, 0), (0, 0)])
    assert (empty.centre, empty.can_tell) == (None, False)
    gap = p_chart([(5, 20)] * 5 + [(0, 0)] + [(5, 20)] * 5)
    assert gap.points[5].state is PointState.EMPTY
    assert gap.can_tell


@given(st.lists(COUNTS, min_size=1, max_size=30))
def test_a_chart_is_sound_whatever_the_counts(counts: list[tuple[int, int]]) -> None:
    chart = p_chart(counts)
    assert chart.centre is not None
    assert 0 <= chart.centre <= 1
    for point in chart.points:
        assert point.low is not None
        assert point.high is not None
        assert 0 <= point.low <= chart.centre + 1e-12
        assert chart.centre - 1e-12 <= point.high <= 1


def test_services_in_which_nothing_changes_are_seldom_called() -> None:
    """The promise of the page: at most 5 of 100 such services get any false call in one look."""
    chance, n_services, n_called = random.Random(20261124), 1200, 0
    for _ in range(n_services):
        chances = []
        for _ in range(17):
            share, now, before = chance.uniform(0.05, 0.5), chance.randint(20, 60), chance.randint(60, 200)
            n_now = sum(chance.random() < share for _ in range(now))
            n_before = sum(chance.random() < share for _ in range(before))
            chances.append(chance_of_rise(n_now, now, n_before, before))
        n_called += any(benjamini_hochberg(chances))
    # The page says at most 5%. Sixty are expected at the most; chance gives more than 84 of 1,200 once in a thousand.
    limit = 84
    share = Fraction(1, 20)
    beyond = sum(
        comb(n_services, k) * share**k * (1 - share) ** (n_services - k) for k in range(limit + 1, limit + 40)
    )
    assert float(beyond) < 0.0012
    assert n_called <= limit


def test_a_real_rise_is_called() -> None:
    chances = [chance_of_rise(24, 40, 30, 150), *(chance_of_rise(8, 40, 30, 150) for _ in range(16))]
    assert benjamini_hochberg(chances) == (True, *(False,) * 16)
