"""How many reviews somebody can take on in a stretch of days: what they said, less their leave."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from qa_app.domain.errors import Invalid

LONGEST_LEAVE_DAYS = 400
MOST_REVIEWS = 200


@dataclass(frozen=True, slots=True)
class Leave:
    """Days on which somebody reviews nothing, both ends included."""

    starts_on: date
    ends_on: date


def working_days(starts_on: date, ends_on: date) -> frozenset[date]:
    """Mondays to Fridays of a stretch of days, both ends included."""
    n_days = (ends_on - starts_on).days + 1
    days = (starts_on + timedelta(days=n) for n in range(max(0, n_days)))
    return frozenset(day for day in days if day.weekday() < 5)


def capacity_between(
    n_reviews: int | None, leave: Iterable[Leave], starts_on: date, ends_on: date
) -> int | None:
    """The most reviews that somebody can take on from one day to another; none where nobody has said.

    Leave takes off its share of the working days, rounded down; somebody away all the time takes none.
    """
    days = working_days(starts_on, ends_on)
    away = frozenset().union(*(working_days(each.starts_on, each.ends_on) for each in leave)) & days
    if not days or not away:
        return n_reviews
    if away == days:
        return 0
    return None if n_reviews is None else n_reviews * (len(days) - len(away)) // len(days)


def check_capacity(n_reviews: int | None) -> None:
    """Refuse a number that cannot be meant. Errors: Invalid."""
    if n_reviews is not None and not 0 <= n_reviews <= MOST_REVIEWS:
        raise Invalid("n_reviews", f"Enter 0 to {MOST_REVIEWS} reviews a month, or leave the box empty.")


def check_leave(leave: Leave) -> None:
    """Refuse leave that ends before it begins or lasts longer than anybody's. Errors: Invalid."""
    if leave.ends_on < leave.starts_on:
        raise Invalid("ends_on", "The leave would end before it begins. Enter a later last day.")
    if (leave.ends_on - leave.starts_on).days > LONGEST_LEAVE_DAYS:
        raise Invalid("ends_on", f"Enter leave of up to {LONGEST_LEAVE_DAYS} days.")
