"""Counts out of counts, and what chance alone does to them: intervals, control charts, many themes looked at once.

Sources: Wilson (1927) and Newcombe (1998), Statistics in Medicine 17:857-872 and 873-890, method 10; Fisher's exact
test, one-sided; Benjamini and Hochberg (1995), JRSS B 57:289-300; Shewhart's p-chart with the run of eight as in
Montgomery, Introduction to Statistical Quality Control.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import comb, sqrt
from statistics import NormalDist

Z95 = NormalDist().inv_cdf(0.975)
RUN = 8
FEWEST_POINTS = 8
"""With fewer months a chart tells nothing yet."""
RARE = 0.00135
"""How seldom chance alone gives a point beyond a limit of three standard errors, on one side."""
FEWEST_EXPECTED = 5
"""Below so many expected on either side, limits come from the binomial distribution itself."""


@dataclass(frozen=True)
class Interval:
    """A range that holds the true value in 95 of 100 such samples."""

    low: float
    high: float


def wilson(n: int, total: int) -> Interval | None:
    """Wilson's score interval of a share; nothing without a base. Errors: ValueError when n is no part of the total."""
    _check(n, total)
    if total == 0:
        return None
    share, square = n / total, Z95 * Z95
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = Z95 * sqrt(share * (1 - share) / total + square / (4 * total * total)) / (1 + square / total)
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def newcombe(n_now: int, total_now: int, n_before: int, total_before: int) -> Interval | None:
    """Newcombe's hybrid score interval of a difference of shares, now less before; nothing without both bases."""
    now, before = wilson(n_now, total_now), wilson(n_before, total_before)
    if now is None or before is None:
        return None
    share_now, share_before = n_now / total_now, n_before / total_before
    difference = share_now - share_before
    down = sqrt((share_now - now.low) ** 2 + (before.high - share_before) ** 2)
    up = sqrt((now.high - share_now) ** 2 + (share_before - before.low) ** 2)
    return Interval(max(-1.0, difference - down), min(1.0, difference + up))


def chance_of_rise(n_now: int, total_now: int, n_before: int, total_before: int) -> float:
    """How often chance alone gives so many now or more, if nothing has changed: Fisher's exact test, one-sided.

    1 where there is no base. Errors: ValueError when n is no part of its total.
    """
    _check(n_now, total_now)
    _check(n_before, total_before)
    n_all, total = n_now + n_before, total_now + total_before
    if not total_now or not total_before:
        return 1.0
    ways = comb(total, total_now)
    most = min(n_all, total_now)
    tail = sum(comb(n_all, k) * comb(total - n_all, total_now - k) for k in range(n_now, most + 1))
    return min(1.0, tail / ways)


def benjamini_hochberg(chances: Sequence[float], share: float = 0.05) -> tuple[bool, ...]:
    """Which of many looks are called, so that at most this share of the calls is expected to be false.

    Where nothing has changed at all, that is also how often there is any call.
    """
    order = sorted(range(len(chances)), key=lambda place: chances[place])
    n_called = 0
    for rank, place in enumerate(order, 1):
        if chances[place] <= share * rank / len(chances):
            n_called = rank
    called = set(order[:n_called])
    return tuple(place in called for place in range(len(chances)))


class PointState(StrEnum):
    """What a month on a chart says."""

    NOISE = "noise"
    HIGH = "high"
    LOW = "low"
    RUN_HIGH = "run_high"
    RUN_LOW = "run_low"
    EMPTY = "empty"

    @property
    def is_news(self) -> bool:
        """Whether it is more than chance would do."""
        return self not in (PointState.NOISE, PointState.EMPTY)


@dataclass(frozen=True)
class ChartPoint:
    """One month: its share, its limits, and what it says. Limits and share are none in a month without a base."""

    n: int
    total: int
    low: float | None
    high: float | None
    state: PointState

    @property
    def share(self) -> float | None:
        """Its share; none without a base."""
        return self.n / self.total if self.total else None


@dataclass(frozen=True)
class Chart:
    """A p-chart. `can_tell`: there are months enough with a base to judge by."""

    centre: float | None
    points: tuple[ChartPoint, ...]
    can_tell: bool

    @property
    def has_news(self) -> bool:
        """Whether any month is more than chance would do."""
        return any(point.state.is_news for point in self.points)


def p_chart(counts: Sequence[tuple[int, int]]) -> Chart:
    """A p-chart of n of N by month. Too few months are drawn and judge nothing.

    News is a month beyond its limits, or the eighth and each later month in a row on one side of the centre. Limits
    are three standard errors; where so few are expected that they would mislead, a month is news when chance gives
    one so far out less than once in 740 times.
    """
    for n, total in counts:
        _check(n, total)
    n_all, total_all = sum(n for n, _ in counts), sum(total for _, total in counts)
    can_tell = sum(total > 0 for _, total in counts) >= FEWEST_POINTS
    if not total_all:
        return Chart(
            None, tuple(ChartPoint(n, total, None, None, PointState.EMPTY) for n, total in counts), False
        )
    centre = n_all / total_all
    points, above, below = [], 0, 0
    for n, total in counts:
        if not total:
            points.append(ChartPoint(n, total, None, None, PointState.EMPTY))
            continue
        share = n / total
        above = above + 1 if share > centre else 0
        below = below + 1 if share < centre else 0
        low, high = _limits(centre, total)
        state = _state(n, total, centre, above, below) if can_tell else PointState.NOISE
        points.append(ChartPoint(n, total, low, high, state))
    return Chart(centre, tuple(points), can_tell)


def _limits(centre: float, total: int) -> tuple[float, float]:
    error = sqrt(centre * (1 - centre) / total)
    return max(0.0, centre - 3 * error), min(1.0, centre + 3 * error)


def _state(n: int, total: int, centre: float, above: int, below: int) -> PointState:
    if min(total * centre, total * (1 - centre)) >= FEWEST_EXPECTED:
        low, high = _limits(centre, total)
        is_high, is_low = n / total > high, n / total < low
    else:
        is_high, is_low = _tail(n, total, centre) < RARE, _tail(total - n, total, 1 - centre) < RARE
    if is_high:
        return PointState.HIGH
    if is_low:
        return PointState.LOW
    if above >= RUN:
        return PointState.RUN_HIGH
    return PointState.RUN_LOW if below >= RUN else PointState.NOISE


def _tail(n: int, total: int, share: float) -> float:
    """How often a binomial count is n or more."""
    return sum(comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(n, total + 1))


def _check(n: int, total: int) -> None:
    if not 0 <= n <= total:
        raise ValueError(f"{n} is no part of {total}")
