"""When those who worked with a child may read the review of their practice."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LONGEST_REASON = 400


class ReleaseState(StrEnum):
    """How far a submitted review is on its way to the people whose practice it judges."""

    WAITING = "waiting"
    HELD = "held"
    RELEASED = "released"

    @property
    def label(self) -> str:
        """The state as people say it."""
        return {
            ReleaseState.WAITING: "Waiting",
            ReleaseState.HELD: "Held back",
            ReleaseState.RELEASED: "Released",
        }[self]


@dataclass(frozen=True)
class ReleaseStand:
    """Where one submitted review stands.

    `by_itself_at`: when it releases itself if nobody acts; None if it does not (held back, released, or the
    council releases by hand only).
    """

    state: ReleaseState
    by_itself_at: datetime | None


def release_stand(
    submitted_at: datetime, released_at: datetime | None, held_at: datetime | None, days: int
) -> ReleaseStand:
    """Where a review stands. Units: days after submission; 0 means by hand only."""
    if released_at is not None:
        return ReleaseStand(ReleaseState.RELEASED, None)
    if held_at is not None:
        return ReleaseStand(ReleaseState.HELD, None)
    return ReleaseStand(ReleaseState.WAITING, submitted_at + timedelta(days=days) if days else None)


def submitted_before(at: datetime, days: int) -> datetime | None:
    """Reviews submitted up to this moment release themselves now; None when none ever does."""
    return at - timedelta(days=days) if days else None
