"""The organisation as a whole: areas, teams, people, accounts; and what a sheet would make of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from qa_app.domain.case_flag_sheets import SheetDoubt
from qa_app.domain.sheets import SheetFault


class SheetRow(BaseModel):
    """One row of a sheet: its filled cells by field, and the letters of their columns."""

    model_config = ConfigDict(frozen=True)

    tab: str
    row: int
    cells: dict[str, str]
    letters: dict[str, str]


@dataclass(frozen=True)
class Area:
    """A service area. New ones have negative numbers until they are stored."""

    area_id: int
    name: str
    head_id: int | None = None


@dataclass(frozen=True)
class TeamPlace:
    """A team with its place."""

    team_id: int
    name: str
    area_id: int | None = None
    manager_id: int | None = None
    in_use: bool = True


@dataclass(frozen=True)
class Person:
    """A practitioner with their place."""

    person_id: int
    name: str
    team_id: int | None = None
    supervisor_id: int | None = None
    user_id: int | None = None
    in_use: bool = True

    @property
    def number(self) -> str:
        """The number by which a sheet names them for certain."""
        return f"P{self.person_id}"


@dataclass(frozen=True)
class Account:
    """Somebody who signs in."""

    user_id: int
    name: str
    email: str
    is_active: bool = True


@dataclass(frozen=True)
class Structure:
    """The organisation as it is known, or as a sheet would have it."""

    areas: Mapping[int, Area] = field(default_factory=dict)
    teams: Mapping[int, TeamPlace] = field(default_factory=dict)
    people: Mapping[int, Person] = field(default_factory=dict)
    accounts: Mapping[int, Account] = field(default_factory=dict)


@dataclass
class StructurePlan:
    """What a sheet makes of the structure, what could not be taken, and what a person decides."""

    before: Structure
    areas: dict[int, Area]
    teams: dict[int, TeamPlace]
    people: dict[int, Person]
    faults: list[SheetFault] = field(default_factory=list)
    doubts: list[SheetDoubt] = field(default_factory=list)
    n_rows: int = 0

    @property
    def changed_areas(self) -> list[Area]:
        """Service areas that are new or changed."""
        return [one for number, one in self.areas.items() if self.before.areas.get(number) != one]

    @property
    def changed_teams(self) -> list[TeamPlace]:
        """Teams that are new or changed."""
        return [one for number, one in self.teams.items() if self.before.teams.get(number) != one]

    @property
    def changed_people(self) -> list[Person]:
        """Practitioners who are new or changed."""
        return [one for number, one in self.people.items() if self.before.people.get(number) != one]

    @property
    def is_nothing(self) -> bool:
        """Whether storing would change nothing."""
        return not (self.changed_areas or self.changed_teams or self.changed_people)
