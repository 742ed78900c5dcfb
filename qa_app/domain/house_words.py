"""What a council told about its own way of writing: its spellings of codes, and names that are one or two."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from qa_app.domain.alike_names import name_key


class NameKind(StrEnum):
    """Whose name it is."""

    TEAM = "team"
    WORKER = "worker"

    @property
    def label(self) -> str:
        """The word people use."""
        return self.value.capitalize()


class NameVerdict(StrEnum):
    """What a person said about two names that look alike."""

    OPEN = "open"
    SAME = "same"
    DIFFERENT = "different"

    @property
    def label(self) -> str:
        """The verdict in words."""
        return {"open": "Not decided", "same": "The same", "different": "Two different ones"}[self.value]


@dataclass(frozen=True)
class NameDoubt:
    """A name that may be another one written differently, and how many rows use it."""

    kind: NameKind
    name: str
    other: str
    n_rows: int


@dataclass(frozen=True)
class HouseWords:
    """What was told so far. The reader follows it, and tells each place where it did.

    `codes`: by code set, from a spelling as it is compared to the code. `same`: by kind, from a name to the one
    to use instead. `apart`: pairs of names that are two, whichever way round.
    """

    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    same: Mapping[NameKind, Mapping[str, str]] = field(default_factory=dict)
    apart: frozenset[tuple[NameKind, str, str]] = frozenset()

    def names_for(self, kind: NameKind) -> dict[str, str]:
        """By the key of a name, the name to use instead. Chains are followed; a circle changes nothing."""
        told = {name_key(name): other for name, other in self.same.get(kind, {}).items()}
        found: dict[str, str] = {}
        for first in told:
            seen, last = {first}, told[first]
            while (key := name_key(last)) in told and key not in seen:
                seen.add(key)
                last = told[key]
            if name_key(last) not in seen:
                found[first] = last
        return found

    def apart_for(self, kind: NameKind) -> frozenset[tuple[str, str]]:
        """Pairs of keys of names that are two, both ways round."""
        pairs = {(name_key(one), name_key(other)) for what, one, other in self.apart if what is kind}
        return frozenset(pairs | {(other, one) for one, other in pairs})


NOTHING_TOLD = HouseWords()
