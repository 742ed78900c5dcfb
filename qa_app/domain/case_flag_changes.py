"""What a sheet of flags would change: new, ended, with another date, unchanged, and rows that stay out."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from qa_app.domain.case_flags import FlagToKeep, KnownFlag


@dataclass(frozen=True)
class FlagEnd:
    """A stored flag that ends, and why."""

    flag: KnownFlag
    ends_on: date
    reason: str


@dataclass(frozen=True)
class FlagDates:
    """A stored flag to which the sheet gives other dates."""

    flag: KnownFlag
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class RowLeftOut:
    """A row that changes nothing, and why."""

    row: int
    child_ref: str
    why: str


@dataclass
class FlagChanges:
    """Everything a sheet would change, before anything is kept."""

    new: list[FlagToKeep] = field(default_factory=list)
    ended: list[FlagEnd] = field(default_factory=list)
    dated: list[FlagDates] = field(default_factory=list)
    unchanged: list[KnownFlag] = field(default_factory=list)
    left_out: list[RowLeftOut] = field(default_factory=list)

    @property
    def is_nothing(self) -> bool:
        """Whether storing would change no flag."""
        return not (self.new or self.ended or self.dated)


def changes_of(
    rows: Iterable[FlagToKeep],
    known: Iterable[KnownFlag],
    as_at: date,
    *,
    replaces: bool,
    kinds: Collection[str],
) -> FlagChanges:
    """What the rows of a sheet change about the flags that are stored.

    With `replaces`, flags of these kinds that hold on the as-at day and are not in the sheet end on it.
    """
    stored: dict[tuple[int, str], list[KnownFlag]] = defaultdict(list)
    for flag in known:
        stored[flag.child_id, flag.kind.key].append(flag)
    changes = FlagChanges()
    touched: set[int] = set()
    said: dict[tuple[int, str], dict[str, int]] = defaultdict(dict)
    for row in sorted(rows, key=lambda one: one.row):
        before = said[row.child_id, row.kind.key]
        why = _repeated(row, before, as_at)
        if why:
            changes.left_out.append(RowLeftOut(row.row, row.child_ref, why))
            continue
        if not _is_past(row, as_at):
            before[row.subject] = row.row
        touched |= _take(row, stored[row.child_id, row.kind.key], as_at, replaces, changes)
    if replaces:
        for flags in stored.values():
            for flag in flags:
                if flag.kind.key in kinds and flag.flag_id not in touched and flag.holds_on(as_at):
                    changes.ended.append(FlagEnd(flag, as_at, "It is not in the sheet that replaces it."))
    return changes


def _repeated(row: FlagToKeep, before: dict[str, int], as_at: date) -> str:
    if _is_past(row, as_at) or not before:
        return ""
    if row.subject in before:
        return f"It says what row {before[row.subject]} says."
    if row.kind.one_at_a_time:
        first = next(iter(before.values()))
        return (
            f"Row {first} names another one for the same child, and a child has one at a time. "
            "Row by row, the first one counts: give the earlier one an end date if both are right."
        )
    return ""


def _is_past(row: FlagToKeep, as_at: date) -> bool:
    return row.ends_on is not None and row.ends_on <= as_at


def _take(
    row: FlagToKeep, stored: list[KnownFlag], as_at: date, replaces: bool, changes: FlagChanges
) -> set[int]:
    """Note what one row changes; gives the stored flags that it speaks of."""
    same = [flag for flag in stored if flag.subject == row.subject]
    running = next((flag for flag in same if not flag.is_over(as_at)), None)
    if row.ends_on is not None and row.ends_on <= as_at:
        return _take_past(row, same, running, changes)
    if running is not None:
        _compare(row, running, changes)
        return {running.flag_id}
    starts_on = row.starts_on or as_at
    changes.new.append(row)
    if not row.kind.one_at_a_time:
        return set()
    others = [flag for flag in stored if flag.subject != row.subject and not flag.is_over(as_at)]
    # One that only begins later ends the other then, unless the sheet replaces and so says that it is over.
    follows = min(starts_on, as_at) if replaces else starts_on
    for flag in others:
        ends_on = follows if follows > flag.starts_on else max(as_at, flag.starts_on)
        changes.ended.append(FlagEnd(flag, ends_on, "Another one followed."))
    return {flag.flag_id for flag in others}


def _take_past(
    row: FlagToKeep, same: list[KnownFlag], running: KnownFlag | None, changes: FlagChanges
) -> set[int]:
    assert row.ends_on is not None
    over = next((flag for flag in same if flag.ends_on == row.ends_on), None)
    if over is not None and row.starts_on in (None, over.starts_on):
        changes.unchanged.append(over)
    elif running is not None and running.starts_on <= row.ends_on:
        changes.ended.append(FlagEnd(running, row.ends_on, row.reason or "The sheet gives its end."))
        return {running.flag_id}
    elif row.starts_on is not None:
        changes.new.append(row)
    else:
        why = "It has ended and was not known before, and no start is given."
        changes.left_out.append(RowLeftOut(row.row, row.child_ref, why))
    return set()


def _compare(row: FlagToKeep, running: KnownFlag, changes: FlagChanges) -> None:
    starts_on = row.starts_on or running.starts_on
    ends_on = row.ends_on or running.ends_on
    if ends_on is not None and ends_on < starts_on:
        why = "With the dates that are stored its start would lie after its end. Give both dates."
        changes.left_out.append(RowLeftOut(row.row, row.child_ref, why))
    elif (starts_on, ends_on) == (running.starts_on, running.ends_on):
        changes.unchanged.append(running)
    else:
        changes.dated.append(FlagDates(running, starts_on, ends_on))
