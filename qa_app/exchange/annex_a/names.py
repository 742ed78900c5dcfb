"""Teams and workers in one spelling each: case and spaces are settled, what is merely alike is told."""

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache

from qa_app.domain.caseload import Handling, ImportFault
from qa_app.exchange.annex_a.rows import ListRows, Row

_NOBODY = re.compile(
    r"^(?:un-?allocated|not allocated|unassigned|not assigned|awaiting allocation|to be allocated|tba|tbc"
    r"|vacant|vacancy|none|no worker|n/?a|duty|-+)$|^(?:left|leaver|ex)\b\s*[-:(]",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\s*[(\[][^)\]]*[)\]]")
# A spelling is taken for a slip only when another one like it is this many times as common.
TIMES_AS_COMMON = 4
ALIKE = 0.85
_SHORT_FORMS = {
    "tm": "team",
    "svc": "service",
    "svcs": "services",
    "cwd": "childrenwithdisabilities",
    "&": "and",
}

Names = Counter[str]


@cache
def name_key(name: str) -> str:
    """What two spellings of one name share: letters and digits in one case, single spaces."""
    words = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(words.split())


def settle_names(lists: Iterable[ListRows]) -> list[ImportFault]:
    """Bring every team and worker to its commonest spelling, and tell which seem to be another one misspelt.

    A worker who is nobody (*unallocated*, *left*) becomes blank.
    """
    read = list(lists)
    faults: list[ImportFault] = []
    for name in ("worker", "personal_adviser"):
        faults += _clear_nobody(read, name)
    for name in ("team", "worker"):
        spellings = Counter(
            value for one in read for row in one.rows if isinstance(value := row.values.get(name), str)
        )
        settled = _commonest(spellings)
        known: Names = Counter()
        for spelling, n in spellings.items():
            known[settled[spelling]] += n
        alike = _alike_teams(known) if name == "team" else _alike_workers(known)
        for one in read:
            for row in one.rows:
                faults += _settle(one, row, name, settled, alike)
    return faults


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


def _alike_teams(known: Names) -> dict[str, str]:
    """Rare team names that are nearly a common one. Teams that differ in a number or letter are not alike."""
    alike: dict[str, str] = {}
    for rare, n in known.items():
        common = [one for one, m in known.items() if one != rare and m >= n * TIMES_AS_COMMON]
        for one in common:
            if _last_mark(rare) != _last_mark(one):
                continue
            if _long_form(rare) == _long_form(one) or _ratio(rare, one) >= ALIKE:
                alike[rare] = one
                break
    return alike


def _alike_workers(known: Names) -> dict[str, str]:
    """Worker names that are another one turned round or with a note in brackets behind it."""
    by_form: dict[str, str] = {}
    for name, _ in known.most_common():
        by_form.setdefault(" ".join(sorted(re.findall(r"\w+", name_key(name)))), name)
    alike: dict[str, str] = {}
    for name, n in known.items():
        bare = _BRACKETS.sub("", name)
        turned = " ".join(sorted(re.findall(r"\w+", name_key(bare))))
        other = by_form.get(turned)
        if other is not None and other != name and known[other] >= n and name not in alike.values():
            alike[name] = other
    return alike


def _last_mark(name: str) -> str:
    """The number or single letter that tells one team from its sister: the 2 of `Assessment Team 2`."""
    return " ".join(word for word in name_key(name).split() if word.isdigit() or len(word) == 1)


def _long_form(name: str) -> str:
    return "".join(_SHORT_FORMS.get(word, word) for word in name_key(name).split())


def _ratio(one: str, other: str) -> float:
    matcher = difflib.SequenceMatcher(None, name_key(one), name_key(other), autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= ALIKE else 0.0
