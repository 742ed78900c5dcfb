"""Flags on a child's case: what the lists do not hold and a draw, or an allocation, must know."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from qa_app.domain.alike_names import name_key

LONGEST_LABEL = 80
LONGEST_VALUE = 160
LONGEST_REASON = 1000


class FlagValue(StrEnum):
    """What a flag says beside being there."""

    NOTHING = "nothing"
    GROUP = "group"
    PRACTITIONER = "practitioner"

    @property
    def label(self) -> str:
        """The words people use."""
        return {"nothing": "Nothing more", "group": "A group's name", "practitioner": "A person"}[self.value]


@dataclass(frozen=True)
class FlagKind:
    """One kind of flag. `excludes`: a child under it is left out of a draw. `spellings` are compared words."""

    key: str
    label: str
    value_kind: FlagValue = FlagValue.NOTHING
    excludes: bool = False
    is_in_use: bool = True
    is_shipped: bool = True
    spellings: tuple[str, ...] = ()

    @property
    def one_at_a_time(self) -> bool:
        """Whether a child has at most one of them on a day, so that a new one ends the one before."""
        return self.value_kind is not FlagValue.NOTHING

    @property
    def exclusion(self) -> str:
        """The reason for leaving a child out of a draw, as the record of the draw keeps it."""
        return f"Flagged: {self.label[:1].lower()}{self.label[1:]}"


REVIEWING_OFFICER = "reviewing_officer"
SIBLING_GROUP = "sibling_group"

SHIPPED_KINDS: tuple[FlagKind, ...] = (
    FlagKind(
        "complaint_open",
        "Complaint open",
        excludes=True,
        spellings=("complaint", "active complaint", "open complaint", "current complaint"),
    ),
    FlagKind(
        "pre_proceedings",
        "Pre-proceedings",
        spellings=("plo", "public law outline", "pre proceedings plo", "letter before proceedings"),
    ),
    FlagKind(
        "placed_at_home",
        "Placed at home",
        spellings=("placed with parents", "placement with parents", "pwp", "placement at home"),
    ),
    FlagKind("closing", "Closing", spellings=("case closing", "about to close", "closing soon", "closure")),
    FlagKind(
        SIBLING_GROUP,
        "Sibling group",
        FlagValue.GROUP,
        spellings=("siblings", "family group", "family", "sibling", "family id", "sibling group id"),
    ),
    FlagKind(
        REVIEWING_OFFICER,
        "Reviewing officer or conference chair",
        FlagValue.PRACTITIONER,
        spellings=(
            "reviewing officer", "iro", "independent reviewing officer", "conference chair", "chair",
            "cp chair", "child protection chair", "cpc chair", "conference and reviewing officer",
        ),
    ),
)  # fmt: skip


class ReadFlag(BaseModel):
    """One row of a sheet of flags, as it was read. Without a start it holds from the sheet's as-at day."""

    model_config = ConfigDict(frozen=True)

    tab: str
    row: int
    child_ref: str
    kind: str
    value: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    reason: str = ""


@dataclass(frozen=True)
class FlagToKeep:
    """A row of a sheet whose child, kind and person are known."""

    row: int
    child_id: int
    child_ref: str
    kind: FlagKind
    value: str
    practitioner_id: int | None
    starts_on: date | None
    ends_on: date | None
    reason: str

    @property
    def subject(self) -> str:
        """What tells this flag from another one of its kind on the same child."""
        return subject_of(self.kind.value_kind, self.value, self.practitioner_id)


@dataclass(frozen=True)
class KnownFlag:
    """A flag that is stored."""

    flag_id: int
    child_id: int
    child_ref: str
    kind: FlagKind
    value: str
    practitioner_id: int | None
    starts_on: date
    ends_on: date | None

    @property
    def subject(self) -> str:
        """What tells this flag from another one of its kind on the same child."""
        return subject_of(self.kind.value_kind, self.value, self.practitioner_id)

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day; the day on which it ends is the first without it."""
        return self.starts_on <= day and not self.is_over(day)

    def is_over(self, day: date) -> bool:
        """Whether it had ended by a day."""
        return self.ends_on is not None and self.ends_on <= day


def subject_of(value_kind: FlagValue, value: str, practitioner_id: int | None) -> str:
    """What tells one flag from another one of its kind on the same child."""
    if value_kind is FlagValue.NOTHING:
        return ""
    if value_kind is FlagValue.PRACTITIONER and practitioner_id is not None:
        return f"#{practitioner_id}"
    return name_key(value)


def words_key(words: str) -> str:
    """What two ways to write a kind share: letters and digits in one case, single spaces."""
    return " ".join(re.findall(r"[^\W_]+", name_key(words)))


def kind_named(words: str, kinds: Iterable[FlagKind]) -> FlagKind | None:
    """The kind that a sheet means by its words: its label, its key, or another spelling told or known."""
    key = words_key(words)
    return next(
        (
            kind
            for kind in kinds
            if key and key in {words_key(kind.label), words_key(kind.key), *map(words_key, kind.spellings)}
        ),
        None,
    )


def new_key(label: str, taken: Iterable[str]) -> str:
    """A key for a kind of the council's own, unlike those taken."""
    stem = re.sub(r"[^a-z0-9]+", "_", words_key(label))[:34].strip("_") or "flag"
    used, key, n = set(taken), stem, 1
    while key in used:
        n += 1
        key = f"{stem}_{n}"
    return key
