"""One report from each panel meeting: of the children heard there, one is taken by lot."""

import re
from dataclasses import dataclass
from datetime import date

from qa_app.domain.dates import as_written
from qa_app.domain.errors import Invalid
from qa_app.domain.sampling import in_order_of_lots

LONGEST_PANEL = 120
MOST_HEARD = 200
_BREAKS = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True)
class Heard:
    """A child heard at a meeting. `why_not` says why their report cannot be taken; empty when it can."""

    child_ref: str
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class MeetingDraw:
    """Who was heard and the lots: from these the draw can be made again by hand."""

    seed: str
    heard: tuple[Heard, ...]

    @property
    def order(self) -> tuple[str, ...]:
        """The children whose report can be taken, in order of lots."""
        return tuple(in_order_of_lots(self.seed, [each.child_ref for each in self.heard if not each.why_not]))

    def next_after(self, used: frozenset[str]) -> str | None:
        """The first in order of lots who is not used yet; None when nobody is left."""
        return next((each for each in self.order if each not in used), None)


def read_heard(text: str) -> tuple[str, ...]:
    """The references of the children heard, one to a line or with commas between, as they were typed.

    Errors: Invalid for none, for more than a meeting can hear, and for one that is named twice.
    """
    refs = [each for each in _BREAKS.split(text.strip()) if each]
    if not refs:
        raise Invalid("heard", "Enter the references of all children heard at the meeting, one to a line.")
    if len(refs) > MOST_HEARD:
        raise Invalid(
            "heard", f"A meeting hears {MOST_HEARD} children at most; here are {len(refs)}. Check the list."
        )
    twice = sorted({each for each in refs if refs.count(each) > 1})
    if twice:
        raise Invalid("heard", f"Named twice: {', '.join(twice)}. Each child has one place in the draw.")
    return tuple(refs)


def check_panel(panel: str) -> str:
    """The name of the panel as it is kept. Errors: Invalid without one, or for one that is too long."""
    name = " ".join(panel.split())
    if not name or len(name) > LONGEST_PANEL:
        raise Invalid("panel", f"Name the panel in up to {LONGEST_PANEL} characters.")
    return name


def check_days(held_on: date, due_on: date, today: date, takes_until: date) -> None:
    """Refuse a meeting that has not been held, or a review due before it. Errors: Invalid."""
    if held_on > today:
        raise Invalid("held_on", "This meeting has not been held yet. Record it once it is over.")
    if held_on > takes_until:
        raise Invalid("held_on", f"This round takes meetings until {as_written(takes_until)}.")
    if due_on < today:
        raise Invalid("due_on", "This day has passed. Enter the day on which the review is due.")


def reason_words(panel: str, held_on: date, n_eligible: int, n_heard: int, position: int, seed: str) -> str:
    """Why a report was taken, in words."""
    return (
        f"{panel}, {as_written(held_on)}: number {position} in order of lots of {n_eligible} reports that could "
        f"be taken, of {n_heard} heard. Seed {seed}."
    )
