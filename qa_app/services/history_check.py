"""Was anything in the history altered? A walk over the whole chain that says where.

Everything is read as the database holds it, byte by byte, never as the program would kindly understand it: an entry
whose moment was written in another way is an altered entry.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from qa_app.services.history import ENTRY_KIND, ERASED, digest_of
from qa_app.services.history_seal import FIRST, link_hash

MOST_FAULTS = 200
PAGE, BEFORE_ALL = 5000, -(2**31)
MOMENT = "%Y-%m-%d %H:%M:%S.%f"

ENTRY = "e.id, {at}, e.actor_id, e.action, e.subject_kind, e.subject_id, e.salt, e.digest"
SEALED = (
    "SELECT s.seq, s.entry_id, s.hash, {entry}, {words} FROM history_seal s "
    "LEFT JOIN history_entry e ON e.id = s.entry_id LEFT JOIN history_detail d ON d.entry_id = e.id "
    "WHERE s.seq > :last ORDER BY s.seq"
)
UNSEALED = (
    "SELECT {entry}, {words} FROM history_entry e "
    "LEFT JOIN history_seal s ON s.entry_id = e.id LEFT JOIN history_detail d ON d.entry_id = e.id "
    "WHERE s.entry_id IS NULL AND e.id > :last ORDER BY e.id"
)
AS_HELD = {
    "sqlite": {"at": "e.at", "words": 'd.entry_id, d."before", d."after"'},
    "postgresql": {
        "at": "to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
        "words": 'd.entry_id, CAST(d."before" AS TEXT), CAST(d."after" AS TEXT)',
    },
}
"""How each database is asked for a moment and for words, so that both come as the text they are held as."""
TYPES: tuple[tuple[type, ...], ...] = (
    (int,),
    (datetime,),
    (int, type(None)),
    (str,),
    (str,),
    (int,),
    (str,),
    (str,),
)


@dataclass(frozen=True)
class Anchor:
    """A link of the chain as it was written down elsewhere: on an issued report, in a log, in a backup's name."""

    seq: int
    hash: str


@dataclass(frozen=True)
class HistoryCheck:
    """What a walk over the whole chain found. `faults` is empty when nothing was altered."""

    entries: int
    sealed: int
    unsealed: int
    oldest_unsealed_seconds: int
    erased: int
    head: str
    head_seq: int = 0
    faults: list[str] = field(default_factory=list)


def check_history(session: Session, *, at: datetime, anchors: Sequence[Anchor] = ()) -> HistoryCheck:
    """Walk the whole chain: is every entry as it was sealed, and are its words as they were?

    Whoever can write to the database can write the whole chain anew, or cut off its end; `anchors` show both, and so
    do the heads that stand on issued reports.
    """
    walk = _Walk(session)
    walk.anchor(*anchors)
    walk.anchors_of_reports()
    walk.sealed()
    walk.unsealed()
    walk.orders()
    walk.anchors_beyond()
    return HistoryCheck(
        entries=walk.n_entries,
        sealed=walk.n_sealed,
        unsealed=walk.n_unsealed,
        oldest_unsealed_seconds=max(0, int((at - walk.oldest).total_seconds())) if walk.oldest else 0,
        erased=len(walk.erased),
        head=walk.head if walk.n_sealed else "",
        head_seq=walk.seq,
        faults=walk.told(),
    )


class _Walk:
    """One walk over seals, entries and words, in the order of the chain."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.as_held = AS_HELD[session.get_bind().dialect.name]
        self.anchors: dict[int, set[str]] = {}
        self.erased = set(self._read("SELECT entry_id FROM history_erasure").scalars())
        self.ordered = set(
            self._read(
                "SELECT subject_id FROM history_entry WHERE subject_kind = :kind AND action = :action",
                kind=ENTRY_KIND,
                action=ERASED,
            ).scalars()
        )
        self.head, self.seq = FIRST, 0
        self.other_head: str | None = None
        """What the last seal should have been, where it is not: tells an altered seal from an altered entry."""
        self.suspect: tuple[int, int] | None = None
        self.n_entries = self.n_sealed = self.n_unsealed = self.n_faults = 0
        self.oldest: datetime | None = None
        self.faults: list[str] = []

    def anchor(self, *anchors: Anchor) -> None:
        """Hold the chain to these anchors."""
        for anchor in anchors:
            self.anchors.setdefault(anchor.seq, set()).add(anchor.hash)

    def anchors_of_reports(self) -> None:
        """Hold the chain to the heads that stand on issued reports."""
        for report_id, written in self._read("SELECT id, history_head FROM issued_report ORDER BY id"):
            anchor = parse_anchor(str(written))
            if anchor is None:
                self._fault(f"The head of the history on issued report {report_id} cannot be read.")
            elif anchor.seq:
                self.anchor(anchor)

    def sealed(self) -> None:
        """Every seal, with the entry it seals and the entry's words."""
        rows = self._pages(SEALED)
        for row in rows:
            self.n_sealed += 1
            self._place(row[0])
            said = self._said(row[3:11])
            if row[3] is None:
                self._blame_nobody_else()
                self._fault(f"Entry {row[1]}, sealed as {row[0]}, is gone.")
                self.head, self.other_head = row[2], None
            else:
                self.n_entries += 1
                self._link(row, said)
            self._anchor(row[0], row[2])
            if row[3] is not None:
                self._check_words(row[3], row[9], row[10], row[11:])
        self._blame_nobody_else()

    def unsealed(self) -> None:
        """Every entry that waits for its seal."""
        rows = self._pages(UNSEALED)
        for row in rows:
            self.n_entries += 1
            self.n_unsealed += 1
            self._check_words(row[0], row[6], row[7], row[8:])
            said = self._said(row[:8])
            if said is None:
                self._fault(f"Entry {row[0]}, not sealed yet, cannot be read.")
            elif self.oldest is None or said[1] < self.oldest:
                self.oldest = said[1]

    def orders(self) -> None:
        """Every order to erase words must itself stand in the history: one slipped in beside it is none."""
        for entry_id in sorted(self.erased - self.ordered):
            self._fault(f"The order to erase the words of entry {entry_id} does not stand in the history.")

    def anchors_beyond(self) -> None:
        """Anchors that the chain does not reach: its end was cut off."""
        for seq in sorted(self.anchors):
            self._fault(
                f"The anchor names seal {seq}, and the chain ends at {self.seq}: its end was taken away."
                if seq > self.seq
                else f"Seal {seq}, which an anchor names, is missing."
            )

    def told(self) -> list[str]:
        """The faults, the first of them if there are very many."""
        more = self.n_faults - len(self.faults)
        return [*self.faults, f"... and {more} more."] if more else self.faults

    def _place(self, seq: object) -> None:
        if seq != self.seq + 1:
            self._blame_nobody_else()
            self._fault(f"Seal {self.seq + 1} is missing: the chain goes on with {seq}.")
        self.seq = seq if isinstance(seq, int) else self.seq + 1

    def _link(self, row: tuple[Any, ...], said: tuple[Any, ...] | None) -> None:
        seq, kept = row[0], row[2]
        made = link_hash(self.head, seq, said) if said is not None else None
        other = (
            link_hash(self.other_head, seq, said)
            if self.other_head is not None and said is not None and made != kept
            else None
        )
        if made == kept:
            self._blame_nobody_else()
            self.other_head = None
        elif other is not None and other == kept:
            # The link before fits once its seal is read as it should have been: the seal was altered, not the entry.
            assert self.suspect is not None
            self._fault(f"Seal {self.suspect[0]} itself was altered; entry {self.suspect[1]} is as it was.")
            self.suspect, self.other_head = None, None
        else:
            self._blame_nobody_else()
            self.suspect, self.other_head = (seq, row[1]), made
        self.head = kept

    def _blame_nobody_else(self) -> None:
        if self.suspect is not None:
            seq, entry_id = self.suspect
            self._fault(f"Entry {entry_id}, sealed as {seq}, is not as it was sealed.")
            self.suspect = None

    def _anchor(self, seq: int, kept: str) -> None:
        anchored = self.anchors.pop(seq, {kept})
        if anchored != {kept}:
            self._fault(f"Seal {seq} is not the one of the anchor: the chain was written anew up to there.")

    def _check_words(self, entry_id: int, salt: object, digest: object, words: Sequence[Any]) -> None:
        owner, before, after = words
        if owner is None:
            if entry_id not in self.erased:
                self._fault(f"The words of entry {entry_id} are gone without an order to erase them.")
            return
        try:
            detail = {"before": _as_written(before), "after": _as_written(after)}
            is_whole = digest_of(str(salt), detail) == digest
        except (ValueError, TypeError, RecursionError):
            is_whole = False
        if not is_whole:
            self._fault(f"The words of entry {entry_id} are not as they were recorded.")

    def _said(self, row: Sequence[Any]) -> tuple[Any, ...] | None:
        """The entry's columns as the sealer saw them; nothing when one is not even of its kind."""
        said = list(row)
        try:
            said[1] = _moment(said[1])
        except (ValueError, TypeError):
            return None
        fits = all(type(value) in types for value, types in zip(said, TYPES, strict=True))
        return tuple(said) if fits else None

    def _fault(self, words: str) -> None:
        self.n_faults += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(words)

    def _pages(self, template: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement ordered by its first column, never more than a page of them in memory."""
        entry = ENTRY.format(at=self.as_held["at"])
        statement = template.format(entry=entry, words=self.as_held["words"]) + f" LIMIT {PAGE}"
        last = BEFORE_ALL
        while True:
            page = [tuple(row) for row in self._read(statement, last=last)]
            yield from page
            if len(page) < PAGE:
                return
            last = page[-1][0]

    def _read(self, statement: str, **values: object) -> Any:
        return self.session.connection().execute(text(statement), values)


def parse_anchor(written: str) -> Anchor | None:
    """An anchor as people write it, `1204:9f3a...`; nothing when it is none."""
    seq, _, hashed = written.strip().partition(":")
    hashed = hashed.strip().lower()
    if not (
        seq.isdecimal() and seq.isascii() and len(hashed) == 64 and set(hashed) <= set("0123456789abcdef")
    ):
        return None
    return Anchor(int(seq), hashed)


def _moment(held: str) -> datetime:
    moment = datetime.strptime(held, MOMENT)  # noqa: DTZ007  # the zone is added on the way out
    if moment.strftime(MOMENT) != held:
        raise ValueError(held)
    return moment.replace(tzinfo=UTC)


def _as_written(value: object) -> Any:
    """The words of a detail, if the text is exactly what was written down and not merely means the same."""
    if not isinstance(value, str):
        raise TypeError(value)
    read = json.loads(value)
    if json.dumps(read) != value:
        raise ValueError
    return read
