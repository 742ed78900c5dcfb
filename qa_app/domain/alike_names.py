"""Which names of teams and workers seem to be another one written differently. They are never merged by rule."""

import difflib
import re
import unicodedata
from collections.abc import Collection, Mapping
from functools import cache

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

Pairs = Collection[tuple[str, str]]


@cache
def name_key(name: str) -> str:
    """What two spellings of one name share: letters and digits in one case, single spaces."""
    words = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(words.split())


def alike_teams(known: Mapping[str, int], apart: Pairs = ()) -> dict[str, str]:
    """Rare team names that are nearly a common one. Teams that differ in a number or letter are not alike.

    `known` says how often each name is used. `apart` holds pairs of keys that a person said are two teams.
    """
    alike: dict[str, str] = {}
    for rare, n in known.items():
        common = [one for one, m in known.items() if one != rare and m >= n * TIMES_AS_COMMON]
        for one in common:
            if _last_mark(rare) != _last_mark(one) or (name_key(rare), name_key(one)) in apart:
                continue
            if _long_form(rare) == _long_form(one) or _ratio(rare, one) >= ALIKE:
                alike[rare] = one
                break
    return alike


def alike_workers(known: Mapping[str, int], apart: Pairs = ()) -> dict[str, str]:
    """Worker names that are another one turned round or with a note in brackets behind it.

    `known` says how often each name is used. `apart` holds pairs of keys that a person said are two workers.
    """
    by_form: dict[str, str] = {}
    for name in sorted(known, key=lambda one: -known[one]):
        by_form.setdefault(" ".join(sorted(re.findall(r"\w+", name_key(name)))), name)
    alike: dict[str, str] = {}
    for name, n in known.items():
        bare = _BRACKETS.sub("", name)
        turned = " ".join(sorted(re.findall(r"\w+", name_key(bare))))
        other = by_form.get(turned)
        if other is None or other == name or (name_key(name), name_key(other)) in apart:
            continue
        if known[other] >= n and name not in alike.values():
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
