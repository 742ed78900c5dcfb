"""From the rows of a sheet of flags to flags: whose child, which kind, which person, and what a person must say."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from qa_app.domain.alike_names import name_key, people_like
from qa_app.domain.case_flag_changes import RowLeftOut
from qa_app.domain.case_flags import FlagKind, FlagToKeep, FlagValue, ReadFlag, kind_named, words_key

NEW = "new"
LEAVE = "leave"
NAME_ONLY = "name"


@dataclass(frozen=True)
class KnownPerson:
    """A practitioner whom a flag may name."""

    practitioner_id: int
    name: str
    team: str

    @property
    def words(self) -> str:
        """The name with the team, to tell two of one name apart."""
        return f"{self.name}, {self.team}" if self.team else self.name


@dataclass(frozen=True)
class SheetDoubt:
    """Something about a sheet that a person decides. `chosen` is the answer in force; an empty one is none."""

    key: str
    words: str
    question: str
    n_rows: int
    options: tuple[tuple[str, str], ...]
    chosen: str

    @property
    def is_open(self) -> bool:
        """Whether nobody has said anything and nothing follows by itself."""
        return self.chosen == ""


@dataclass
class Resolution:
    """The rows of a sheet as flags to keep, and everything that came up. `re_read`: row, sent, understood."""

    rows: list[FlagToKeep] = field(default_factory=list)
    left_out: list[RowLeftOut] = field(default_factory=list)
    unknown: list[RowLeftOut] = field(default_factory=list)
    doubts: list[SheetDoubt] = field(default_factory=list)
    new_kinds: list[str] = field(default_factory=list)
    new_people: list[str] = field(default_factory=list)
    told_people: dict[str, int] = field(default_factory=dict)
    told_kinds: dict[str, str] = field(default_factory=dict)
    re_read: list[tuple[int, str, str]] = field(default_factory=list)


def resolve(
    flags: Sequence[ReadFlag],
    children: Mapping[str, int],
    kinds: Sequence[FlagKind],
    people: Sequence[KnownPerson],
    said: Mapping[str, str],
) -> Resolution:
    """What the rows of a sheet mean, given what a person `said` about its doubts.

    `told_people` and `told_kinds` hold what is to be remembered: names by key, words by key.
    """
    found = Resolution()
    by_words = _read_kinds(flags, kinds, said, found)
    named = [flag for flag in flags if _value_kind(by_words, flag) is FlagValue.PRACTITIONER and flag.value]
    person_of = _read_people(named, people, said, found)
    refs = _loose_refs(children)
    for flag in flags:
        kind = by_words.get(words_key(flag.kind))
        why = _why_not(flag, kind)
        if why:
            found.left_out.append(RowLeftOut(flag.row, flag.child_ref, why))
            continue
        assert kind is not None
        ref = flag.child_ref if flag.child_ref in children else refs.get(_loose(flag.child_ref), "")
        if not ref:
            found.unknown.append(
                RowLeftOut(flag.row, flag.child_ref, "No upload of the lists knows this child.")
            )
            continue
        if ref != flag.child_ref:
            found.re_read.append((flag.row, flag.child_ref, ref))
        answer = person_of.get(name_key(flag.value)) if kind.value_kind is FlagValue.PRACTITIONER else None
        if answer == LEAVE:
            found.left_out.append(RowLeftOut(flag.row, ref, "You said to leave out the rows of this person."))
            continue
        found.rows.append(_to_keep(flag, kind, ref, children[ref], answer))
    return found


def doubt_key(what: str, key: str) -> str:
    """The name under which a doubt is decided: it tells nobody's name."""
    return f"{what}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def _read_kinds(
    flags: Iterable[ReadFlag], kinds: Sequence[FlagKind], said: Mapping[str, str], found: Resolution
) -> dict[str, FlagKind | None]:
    """By the key of the words of a sheet, the kind that is meant; none for words that stay out."""
    by_key = {kind.key: kind for kind in kinds}
    n_rows = Counter(words_key(flag.kind) for flag in flags)
    written = {words_key(flag.kind): flag.kind for flag in reversed(list(flags))}
    meant: dict[str, FlagKind | None] = {}
    for key, words in sorted(written.items()):
        known = kind_named(words, kinds)
        if known is not None:
            meant[key] = known
            continue
        alike = people_like(words, [kind.label for kind in kinds])
        doubt = doubt_key("kind", key)
        options = (
            (NEW, "A kind of our own: keep it"),
            *((kind.key, f"The same as {kind.label}") for kind in kinds if kind.is_in_use),
            (LEAVE, "Leave these rows out"),
        )
        answer = said.get(doubt, "" if alike else NEW)
        if answer not in {value for value, _ in options}:
            answer = ""
        question = f"May be {alike[0]}" if alike else "Not known so far"
        found.doubts.append(SheetDoubt(doubt, words, question, n_rows[key], options, answer))
        if answer == NEW:
            found.new_kinds.append(words)
            meant[key] = FlagKind(f"new:{key}", words, is_shipped=False)
        else:
            meant[key] = by_key.get(answer)
            if meant[key] is not None:
                found.told_kinds[key] = answer
    return meant


def _value_kind(by_words: Mapping[str, FlagKind | None], flag: ReadFlag) -> FlagValue | None:
    kind = by_words.get(words_key(flag.kind))
    return kind.value_kind if kind else None


def _read_people(
    named: Iterable[ReadFlag], people: Sequence[KnownPerson], said: Mapping[str, str], found: Resolution
) -> dict[str, str]:
    """By the key of a name, the answer in force: a practitioner's number, NEW, NAME_ONLY or LEAVE."""
    by_name: dict[str, list[KnownPerson]] = defaultdict(list)
    for person in people:
        by_name[name_key(person.name)].append(person)
    n_rows = Counter(name_key(flag.value) for flag in named)
    written = {name_key(flag.value): flag.value for flag in named}
    answers: dict[str, str] = {}
    for key, name in sorted(written.items()):
        same = by_name.get(key, [])
        if len(same) == 1:
            answers[key] = str(same[0].practitioner_id)
            found.told_people[key] = same[0].practitioner_id
            continue
        alike = [] if same else people_like(name, [person.name for person in people])
        candidates = same or [person for other in alike for person in by_name[name_key(other)]]
        candidates = list(dict.fromkeys(candidates))
        doubt = doubt_key("person", key)
        options = (
            *((str(person.practitioner_id), f"This is {person.words}") for person in candidates),
            *(() if same else ((NEW, "Somebody new"),)),
            (NAME_ONLY, "Keep the name only, decide later"),
            (LEAVE, "Leave these rows out"),
        )
        answer = said.get(doubt, "" if candidates else NEW)
        if answer not in {value for value, _ in options}:
            answer = ""
        question = "Two or more practitioners have this name" if same else "A name that is not known"
        if alike:
            question = f"May be {candidates[0].words}"
        found.doubts.append(SheetDoubt(doubt, name, question, n_rows[key], options, answer))
        answers[key] = answer or NAME_ONLY
        if answer == NEW:
            found.new_people.append(name)
        elif answer.isdigit():
            found.told_people[key] = int(answer)
    return answers


def _why_not(flag: ReadFlag, kind: FlagKind | None) -> str:
    if kind is None:
        return f"Nobody has said what “{flag.kind}” means, or it was to be left out."
    if not kind.is_in_use:
        return f"{kind.label} is no longer used here. Take it into use again on the page of kinds if it is."
    if kind.value_kind is FlagValue.GROUP and not flag.value:
        return f"{kind.label} needs the group's name or number, and the row gives none."
    if kind.value_kind is FlagValue.PRACTITIONER and not flag.value:
        return f"{kind.label} needs a person's name, and the row gives none."
    return ""


def _to_keep(flag: ReadFlag, kind: FlagKind, ref: str, child_id: int, answer: str | None) -> FlagToKeep:
    is_plain = kind.value_kind is FlagValue.NOTHING
    return FlagToKeep(
        flag.row,
        child_id,
        ref,
        kind,
        "" if is_plain else flag.value,
        int(answer) if answer is not None and answer.isdigit() else None,
        flag.starts_on,
        flag.ends_on,
        flag.reason or (flag.value if is_plain else ""),
    )


def _loose(ref: str) -> str:
    return ref.casefold().lstrip("0")


def _loose_refs(children: Iterable[str]) -> dict[str, str]:
    """References by what is left of them when a spreadsheet took the zeros before them; two alike give none."""
    found: dict[str, str] = {}
    twice = set()
    for ref in children:
        key = _loose(ref)
        if key in found:
            twice.add(key)
        found[key] = ref
    return {key: ref for key, ref in found.items() if key and key not in twice}
