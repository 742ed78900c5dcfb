"""Teams and workers in one spelling each: case and spaces are settled, what is merely alike is told."""

import re
from collections import Counter
from collections.abc import Iterable

from qa_app.domain.alike_names import alike_teams, alike_workers, name_key
from qa_app.domain.caseload import Handling, ImportFault
from qa_app.domain.house_words import NOTHING_TOLD, HouseWords, NameDoubt, NameKind
from qa_app.exchange.annex_a.rows import ListRows, Row

_NOBODY = re.compile(
    r"^(?:un-?allocated|not allocated|unassigned|not assigned|awaiting allocation|to be allocated|tba|tbc"
    r"|vacant|vacancy|none|no worker|n/?a|duty|-+)$|^(?:left|leaver|ex)\b\s*[-:(]",
    re.IGNORECASE,
)
Names = Counter[str]


def settle_names(
    lists: Iterable[ListRows], told: HouseWords = NOTHING_TOLD
) -> tuple[list[ImportFault], tuple[NameDoubt, ...]]:
    """Bring every team and worker to its commonest spelling, and tell which seem to be another one misspelt.

    A worker who is nobody (*unallocated*, *left*) becomes blank. Names that a person `told` are the same
    become one; all others stay two.
    """
    read = list(lists)
    doubts: list[NameDoubt] = []
    faults: list[ImportFault] = []
    for name in ("worker", "personal_adviser"):
        faults += _clear_nobody(read, name)
    for kind in NameKind:
        name = kind.value
        spellings = Counter(
            value for one in read for row in one.rows if isinstance(value := row.values.get(name), str)
        )
        settled = _merged(_commonest(spellings), told.names_for(kind))
        known: Names = Counter()
        for spelling, n in spellings.items():
            known[settled[spelling]] += n
        find = alike_teams if kind is NameKind.TEAM else alike_workers
        alike = find(known, told.apart_for(kind))
        doubts += [NameDoubt(kind, one, other, known[one]) for one, other in sorted(alike.items())]
        for one in read:
            for row in one.rows:
                faults += _settle(one, row, name, settled, alike)
    return faults, tuple(doubts)


def _clear_nobody(lists: Iterable[ListRows], name: str) -> list[ImportFault]:
    faults = []
    for one in lists:
        for row in one.rows:
            value = row.values.get(name)
            if isinstance(value, str) and _NOBODY.search(value):
                row.values[name] = None
                faults.append(one.fault("worker_unallocated", Handling.FLAG, row.number, name, value))
    return faults


def _settle(
    one: ListRows, row: Row, name: str, settled: dict[str, str], alike: dict[str, str]
) -> Iterable[ImportFault]:
    value = row.values.get(name)
    if not isinstance(value, str):
        return
    right = settled[value]
    if right != value:
        row.values[name] = right
        yield one.fault(f"{name}_variant", Handling.NORMALISE, row.number, name, value, right)
    if right in alike:
        yield one.fault(f"{name}_may_be_another", Handling.FLAG, row.number, name, value)


def _merged(settled: dict[str, str], instead: dict[str, str]) -> dict[str, str]:
    """The settled spellings with those brought to another name that a person said are that one."""
    written = {name_key(right): right for right in settled.values()}
    merged: dict[str, str] = {}
    for spelling, right in settled.items():
        other = instead.get(name_key(right))
        merged[spelling] = right if other is None else written.get(name_key(other), other)
    return merged


def _commonest(spellings: Names) -> dict[str, str]:
    """For every spelling, the one that is used most of those that differ only in case and spaces."""
    by_key: dict[str, list[str]] = {}
    for spelling in spellings:
        by_key.setdefault(name_key(spelling), []).append(spelling)
    best = {
        key: max(sorted(same), key=lambda one: (spellings[one], not one.isupper(), not one.islower()))
        for key, same in by_key.items()
    }
    return {spelling: best[name_key(spelling)] for spelling in spellings}
