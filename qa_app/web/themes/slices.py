"""The period and slice of a theme page, as they stand in its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from qa_app.domain.caseload import PlanType
from qa_app.domain.errors import Invalid
from qa_app.queries.themes.counts import ThemeSlice
from qa_app.queries.themes.pages import SliceOptions

PARAMETERS = ("from", "to", "area", "team", "plan_type")


@dataclass(frozen=True)
class AskedSlice:
    """A slice as the address has it, so that every link and filter keeps it."""

    first: str
    last: str
    area: str
    team: str
    plan_type: str

    def as_query(self, **changes: str) -> dict[str, Any]:
        """The slice as parameters of an address, with some of them changed; an empty one is left out."""
        kept = {
            "from": self.first,
            "to": self.last,
            "area": self.area,
            "team": self.team,
            "plan_type": self.plan_type,
        }
        kept.update(changes)
        return {key: value for key, value in kept.items() if value}


@dataclass(frozen=True)
class SliceChoices:
    """What the filters offer."""

    areas: list[tuple[str, str]]
    teams: list[tuple[str, str]]
    plan_types: list[tuple[str, str]]


def read_slice(typed: Mapping[str, str]) -> tuple[AskedSlice, ThemeSlice]:
    """The slice that an address asks for.

    Errors: Invalid for a month, team, service area or plan type that cannot be read, or months the wrong way round.
    """
    asked = AskedSlice(*(typed.get(name, "").strip() for name in PARAMETERS))
    first = _month("from", asked.first)
    last = _month("to", asked.last)
    if first and last and first > last:
        raise Invalid("from", "The first month lies after the last. Swap them, or clear one.")
    if asked.plan_type and asked.plan_type not in set(PlanType):
        raise Invalid("plan_type", "There is no such plan type. Choose one from the list.")
    chosen = ThemeSlice(
        first,
        last,
        _number("area", asked.area),
        _number("team", asked.team),
        PlanType(asked.plan_type) if asked.plan_type else None,
    )
    return asked, chosen


def period_words(asked: AskedSlice) -> str:
    """The period in words."""
    if asked.first and asked.last:
        return f"{_in_words(asked.first)} to {_in_words(asked.last)}"
    if asked.first:
        return f"from {_in_words(asked.first)}"
    if asked.last:
        return f"up to {_in_words(asked.last)}"
    return "all months"


def slice_words(asked: AskedSlice, choices: SliceChoices) -> str:
    """The slice in words, for a heading: the period, then where in the service."""
    parts = [period_words(asked)]
    for value, offered, absent in (
        (asked.area, choices.areas, "no service area recorded"),
        (asked.team, choices.teams, "no team recorded"),
        (asked.plan_type, choices.plan_types, ""),
    ):
        if value:
            parts.append(dict(offered).get(value, absent if value == "0" else "a slice outside your reach"))
    return ", ".join(parts)


def slice_choices(options: SliceOptions) -> SliceChoices:
    """The options as the filters take them."""
    return SliceChoices(
        [(str(number), name) for number, name in options.areas],
        [(str(number), name) for number, name in options.teams],
        [(plan_type.value, plan_type.label) for plan_type in PlanType],
    )


def _month(field: str, typed: str) -> date | None:
    if not typed:
        return None
    try:
        if len(typed) != 7:
            raise ValueError
        return date.fromisoformat(f"{typed}-01")
    except ValueError:
        raise Invalid(field, "A month is written as year and month, for example 2026-11.") from None


def _number(field: str, typed: str) -> int | None:
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise Invalid(field, "Choose one from the list.")
    return int(typed)


def _in_words(month: str) -> str:
    return f"{date.fromisoformat(month + '-01'):%B %Y}"
