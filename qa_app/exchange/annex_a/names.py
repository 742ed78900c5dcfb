"""Teams and workers in one spelling each: case and spaces are settled, what is merely alike is told."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from qa_app.domain.alike_names import alike_teams, alike_workers, name_key
from qa_app.domain.caseload import Handling, ImportFault
from qa_app.domain.house_words import NOTHING_TOLD, HouseWords, NameDoubt, NameKind
from qa_app.exchange.annex_a.cells import Value, shown
from qa_app.exchange.annex_a.layout_faults import fault_over
from qa_app.exchange.annex_a.rows import ListRows

_NOBODY = re.compile(
    r"^(?:un-?allocated|not allocated|unassigned|not assigned|awaiting allocation|to be allocated|tba|tbc"
    r"|vacant|vacancy|none|no worker|n/?a|duty|-+)$|^(?:left|leaver|ex)\b\s*[-:(]",
    re.IGNORECASE,
)
Names = Counter[str]
# With more names than any council has workers, the column holds something else, and comparing takes for ever.
MOST_NAMES = 5_000


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
        for one in read:
            faults += _clear_nobody(one, name)
    for kind in NameKind:
        name = kind.value
        counted: Counter[object] = Counter()
        for one in read:
            counted.update(one.column(name))
        spellings = Counter({value: n for value, n in counted.items() if isinstance(value, str)})
        settled = _merged(_commonest(spellings), told.names_for(kind))
        known: Names = Counter()
        for spelling, n in spellings.items():
            known[settled[spelling]] += n
        alike: dict[str, str] = {}
        if len(known) <= MOST_NAMES:
            find = alike_teams if kind is NameKind.TEAM else alike_workers
            alike = find(known, told.apart_for(kind))
        doubts += [NameDoubt(kind, one, other, known[one]) for one, other in sorted(alike.items())]
        for one in read:
            faults += _settle(one, name, settled, alike)
    return faults, tuple(doubts)


def _clear_nobody(one: ListRows, name: str) -> Iterable[ImportFault]:
    nobody: dict[Value, Value] = {
        value: None for value in set(one.column(name)) if isinstance(value, str) and _NOBODY.search(value)
    }
    for value, rows in one.replace_values(name, nobody).items():
        yield fault_over(one.place, "worker_unallocated", Handling.FLAG, rows, name, shown(value))


def _settle(
    one: ListRows, name: str, settled: Mapping[str, str], alike: Mapping[str, str]
) -> Iterable[ImportFault]:
    there = {value for value in set(one.column(name)) if isinstance(value, str)}
    doubted = {
        value: rows for value in there if settled[value] in alike and (rows := one.rows_with(name, value))
    }
    changed: dict[Value, Value] = {value: settled[value] for value in there if settled[value] != value}
    for value, rows in one.replace_values(name, changed).items():
        yield fault_over(
            one.place, f"{name}_variant", Handling.NORMALISE, rows, name, shown(value), changed[value]
        )
    for spelling, rows in sorted(doubted.items()):
        yield fault_over(one.place, f"{name}_may_be_another", Handling.FLAG, rows, name, spelling)


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
