"""Pages of very long lists: each page goes on from where the last one ended, however long the list is."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
LARGEST_NUMBER = 2**31 - 1


@dataclass(frozen=True)
class Place:
    """A place in a list that is ordered by moment and number. It says nothing about anybody, so it may stand in an
    address."""

    at: datetime
    number: int

    def __str__(self) -> str:
        """As it stands in an address: microseconds since 1970, and the number."""
        return f"{(self.at - BEGINNING) // timedelta(microseconds=1)}-{self.number}"


def read_place(written: str) -> Place | None:
    """A place as it stands in an address; nothing for anything else."""
    found = re.fullmatch(r"(\d{1,17})-(\d{1,10})", written, re.ASCII)
    if found is None or int(found[2]) > LARGEST_NUMBER:
        return None
    return Place(BEGINNING + timedelta(microseconds=int(found[1])), int(found[2]))
