"""Which names of teams and workers seem to be another one written differently. They are never merged by rule."""

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from functools import cache, lru_cache

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

_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr"})
_FILLERS = frozenset({"team", "service", "services", "the", "and", "of", "unit"})
ONE_WORD = 0.75
"""Two words as like as this may be one with a letter astray: Jon and John, Assesment and Assessment."""

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


def people_like(name: str, known: Iterable[str]) -> list[str]:
    """Names of the known ones that may be the same person as this one, nearest first; never the name itself.

    The same words turned round, with a hyphen, a title or a note in brackets; an initial for a first name; a name
    in the middle left out; one letter astray. Names that differ in a number are two.
    """
    own, key = _name_words(name), name_key(name)
    found = []
    for other in known:
        if name_key(other) == key:
            continue
        likeness = _likeness(own, _name_words(other))
        if likeness:
            found.append((-likeness, name_key(other), other))
    return [other for _, _, other in sorted(found)]


def pairs_of_people(known: Collection[str]) -> list[tuple[str, str]]:
    """Every two of the known names that may be one person. Only names that share a whole word are compared."""
    by_word: dict[str, list[str]] = {}
    for name in sorted(known):
        for word in set(_name_words(name)):
            if len(word) > 1:
                by_word.setdefault(word, []).append(name)
    pairs = {
        (one, other)
        for names in by_word.values()
        for place, one in enumerate(names)
        for other in names[place + 1 :]
    }
    return sorted(
        (one, other)
        for one, other in pairs
        if name_key(one) != name_key(other) and _likeness(_name_words(one), _name_words(other))
    )


def pairs_of_teams(known: Collection[str]) -> list[tuple[str, str]]:
    """Every two of the known team names that differ by little else than spelling. A number or a whole word apart
    are two teams: North is not South."""
    names = sorted(known)
    return [
        (one, other)
        for place, one in enumerate(names)
        for other in names[place + 1 :]
        if name_key(one) != name_key(other) and _are_one_team(_team_words(one), _team_words(other))
    ]


def teams_like(name: str, known: Iterable[str]) -> list[str]:
    """Known team names that differ from this one by little else than spelling."""
    own = _team_words(name)
    return [
        other
        for other in known
        if name_key(other) != name_key(name) and _are_one_team(own, _team_words(other))
    ]


@cache
def _team_words(name: str) -> tuple[str, ...]:
    words = re.findall(r"[^\W_]+|&", name_key(_BRACKETS.sub("", name)))
    said = tuple(_SHORT_FORMS.get(word, word) for word in words)
    return tuple(word for word in said if word not in _FILLERS) or said


def _are_one_team(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    if "".join(one) == "".join(other):
        return True
    return len(one) == len(other) and all(_one_slip(a, b) for a, b in zip(one, other, strict=True))


def _one_slip(one: str, other: str) -> bool:
    """Whether two words are one, or one mistyped. Short words and numbers are never mistyped."""
    if one == other:
        return True
    if min(len(one), len(other)) < 4 or one.isdigit() or other.isdigit():
        return False
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio() >= ONE_WORD


@cache
def _name_words(name: str) -> tuple[str, ...]:
    words = re.findall(r"[^\W_]+", name_key(_BRACKETS.sub("", name)).replace("'", "").replace("\u2019", ""))
    bare = [word for word in words if word not in _TITLES] or words
    # Numbers keep their order: worker 4 of team 6 is not worker 6 of team 4.
    numbers = [word for word in bare if word.isdigit()]
    return (*sorted(word for word in bare if not word.isdigit()), *numbers)


def _likeness(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """How alike two names are as words: 1 for the same words, 0 for two people."""
    if one == other:
        return 1.0
    if [word for word in one if word.isdigit()] != [word for word in other if word.isdigit()]:
        return 0.0
    left, right = set(one), set(other)
    whole = {word for word in left & right if len(word) > 1}
    if len(whole) >= 2 and (left <= right or right <= left):
        return 0.9
    few, many = sorted((sorted(left - right), sorted(right - left)), key=len)
    if whole and few and _are_initials(few, many):
        return 0.8
    if whole and len(few) == len(many) == 1 and _one_slip_of_a_name(few[0], many[0]):
        return 0.5
    return 0.0


@lru_cache(maxsize=50_000)
def _one_slip_of_a_name(one: str, other: str) -> bool:
    # A slip leaves the first or the last letter: said first, for the many who share a surname.
    if min(len(one), len(other)) < 3 or (one[0] != other[0] and one[-1] != other[-1]):
        return False
    if 2 * min(len(one), len(other)) < ONE_WORD * (len(one) + len(other)):
        return False
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio() >= ONE_WORD


def _are_initials(few: list[str], many: list[str]) -> bool:
    """Whether each word left over on one side is the initial of one left over on the other."""
    rest = list(many)
    for word in few:
        match = next(
            (
                one
                for one in rest
                if one[0] == word[0] and (len(one) == 1 or len(word) == 1) and not one.isdigit()
            ),
            None,
        )
        if match is None:
            return False
        rest.remove(match)
    return True


def _last_mark(name: str) -> str:
    """The number or single letter that tells one team from its sister: the 2 of `Assessment Team 2`."""
    return " ".join(word for word in name_key(name).split() if word.isdigit() or len(word) == 1)


def _long_form(name: str) -> str:
    return "".join(_SHORT_FORMS.get(word, word) for word in name_key(name).split())


def _ratio(one: str, other: str) -> float:
    matcher = difflib.SequenceMatcher(None, name_key(one), name_key(other), autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= ALIKE else 0.0
