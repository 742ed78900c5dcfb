"""What changed from one upload of the caseload to the next: people, plan types, workers, and the size of each list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from qa_app.domain.caseload import PlanType


class CaseChange(StrEnum):
    """One way in which a case differs from the upload before. A case may show more than one."""

    NEW = "new"
    LEFT = "left"
    PLAN_TYPE = "plan-type"
    TEAM = "team"
    WORKER = "worker"

    @property
    def label(self) -> str:
        """The change in words."""
        return _CHANGE_LABELS[self]


_CHANGE_LABELS = {
    CaseChange.NEW: "New since then",
    CaseChange.LEFT: "No longer open",
    CaseChange.PLAN_TYPE: "Another plan type",
    CaseChange.TEAM: "Another team",
    CaseChange.WORKER: "Another worker",
}


@dataclass(frozen=True)
class CaseStanding:
    """How one open case stands in one upload."""

    plan_type: PlanType
    team: str | None
    worker: str | None


@dataclass(frozen=True)
class ChangedCase:
    """One case that changed: before and now; one of them is missing for a case that is new or no longer open."""

    child_ref: str
    before: CaseStanding | None
    now: CaseStanding | None

    @property
    def changes(self) -> tuple[CaseChange, ...]:
        """In which ways it changed."""
        if self.before is None:
            return (CaseChange.NEW,)
        if self.now is None:
            return (CaseChange.LEFT,)
        differs = {
            CaseChange.PLAN_TYPE: self.before.plan_type != self.now.plan_type,
            CaseChange.TEAM: self.before.team != self.now.team,
            CaseChange.WORKER: self.before.worker != self.now.worker,
        }
        return tuple(change for change, is_so in differs.items() if is_so)


@dataclass(frozen=True)
class ListChange:
    """Rows that one list had before and has now."""

    number: int
    n_before: int
    n_now: int

    @property
    def is_a_fall(self) -> bool:
        """Whether a fifth or more of the rows are gone: the list may have been cut, and somebody must say so."""
        return self.n_before > 0 and self.n_now * 5 <= self.n_before * 4

    @property
    def difference(self) -> int:
        """Rows more than before; below nought for fewer."""
        return self.n_now - self.n_before


@dataclass(frozen=True)
class Comparison:
    """Two uploads side by side. `n_before` and `n_now` count open cases; `n_in_both` those open in both.

    `n_but_for_zeros` references differ from one of the other upload in zeros in front only.
    """

    changed: tuple[ChangedCase, ...]
    n_before: int
    n_now: int
    n_in_both: int
    n_but_for_zeros: int = 0

    def having(self, change: CaseChange) -> tuple[ChangedCase, ...]:
        """The cases that changed in one way, in the order of their references."""
        return tuple(case for case in self.changed if change in case.changes)

    def counts(self) -> dict[CaseChange, int]:
        """How many cases changed in each way; every way is there, with 0 if none."""
        counted = dict.fromkeys(CaseChange, 0)
        for case in self.changed:
            for change in case.changes:
                counted[change] += 1
        return counted

    def base(self, change: CaseChange) -> int:
        """Of how many cases a change is counted: N beside its n."""
        if change is CaseChange.NEW:
            return self.n_now
        return self.n_before if change is CaseChange.LEFT else self.n_in_both


def compare_cases(before: Mapping[str, CaseStanding], now: Mapping[str, CaseStanding]) -> Comparison:
    """The open cases of two uploads side by side, by reference."""
    pairs = (
        ChangedCase(ref, before.get(ref), now.get(ref))
        for ref in sorted(before.keys() | now.keys())
        if before.get(ref) != now.get(ref)
    )
    return Comparison(
        tuple(pairs), len(before), len(now), len(before.keys() & now.keys()), alike_but_for_zeros(before, now)
    )


def alike_but_for_zeros(before: Iterable[str], now: Iterable[str]) -> int:
    """How many references are new only because zeros in front were lost or put there since the import before."""
    known, seen = set(before), set(now)
    gone = {ref.lstrip("0") for ref in known - seen}
    return sum(ref.lstrip("0") in gone for ref in seen - known if ref.isdigit())


def compare_lists(before: Mapping[int, int], now: Mapping[int, int]) -> tuple[ListChange, ...]:
    """Rows by list, before and now, for every list that either has."""
    return tuple(
        ListChange(number, before.get(number, 0), now.get(number, 0))
        for number in sorted(before.keys() | now.keys())
    )


def falls_in(changes: Iterable[ListChange]) -> tuple[ListChange, ...]:
    """The lists that fell by a fifth or more."""
    return tuple(change for change in changes if change.is_a_fall)
