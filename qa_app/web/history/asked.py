"""What was asked for in the address of a search, and what of it could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from qa_app.clock import LONDON
from qa_app.domain.history_words import KINDS, read_reference
from qa_app.domain.keyset import LARGEST_NUMBER, Place, read_place
from qa_app.queries.history.search import Asked

BY_SYSTEM = "system"


@dataclass(frozen=True)
class Question:
    """A search as it was sent: `sent` goes back into the fields as it came."""

    asked: Asked
    before: Place | None
    sent: dict[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    @property
    def filled(self) -> dict[str, str]:
        """What was asked for, without what was left empty."""
        return {name: value for name, value in self.sent.items() if value}

    @property
    def is_filtered(self) -> bool:
        """Whether anything was asked for at all."""
        return any(self.sent.values())


NAMES = ("who", "what", "record", "kind", "since", "until")


def read_question(arguments: Mapping[str, str]) -> Question:
    """Who, what, which record, from when to when: whatever cannot be read is said, and narrows nothing."""
    sent = {name: arguments.get(name, "").strip()[:80] for name in NAMES}
    faults: list[str] = []
    kind, subject_id = sent["kind"] if sent["kind"] in KINDS else "", None
    if sent["record"]:
        found = read_reference(sent["record"])
        if found is None:
            faults.append(
                "The record is not a reference. Write it as R1042, F310 or A57, or as a number beside a kind."
            )
        else:
            kind, subject_id = found[0] or kind, min(found[1], LARGEST_NUMBER)
    since, until = _day(sent["since"], "From", faults), _day(sent["until"], "To", faults)
    if since and until and since > until:
        faults.append("The first day comes after the last one.")
    who = sent["who"]
    user_id = int(who) if who.isascii() and who.isdecimal() and int(who) <= LARGEST_NUMBER else None
    asked = Asked(
        user_id=user_id,
        by_system=who == BY_SYSTEM,
        action=sent["what"],
        kind=kind,
        subject_id=subject_id,
        since=_begin(since) if since else None,
        until=_begin(until + timedelta(days=1)) if until else None,
    )
    return Question(asked, read_place(arguments.get("before", "")), sent, tuple(faults))


def _day(written: str, label: str, faults: list[str]) -> date | None:
    if not written:
        return None
    try:
        day = date.fromisoformat(written)
    except ValueError:
        faults.append(f"{label} is not a day. Write it as 2026-11-24.")
        return None
    if not 2000 <= day.year <= 2200:
        faults.append(f"{label} lies outside the years 2000 to 2200.")
        return None
    return day


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, LONDON)
