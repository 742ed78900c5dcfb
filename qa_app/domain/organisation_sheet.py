"""What a sheet of the organisation would change: rows matched with what is known, doubts told, nothing deleted."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from qa_app.domain.alike_names import name_key, people_like, teams_like
from qa_app.domain.case_flag_sheets import LEAVE, NEW, SheetDoubt, doubt_key
from qa_app.domain.organisation_structure import (
    Area,
    Person,
    SheetRow,
    Structure,
    StructurePlan,
    TeamPlace,
)
from qa_app.domain.sheets import SheetFault
from qa_app.domain.supervision import line_of

CLEAR = frozenset({"-", "–", "—", "none", "nobody", "no one", "n/a"})
"""Words by which a cell says that there is nobody, or no place; a blank cell says nothing."""
_NUMBER = re.compile(r"^P(\d{1,9})(?:\s+(.*))?$", re.IGNORECASE)
_TEAM_BEHIND = re.compile(r"^(.*\S)\s*\(([^()]*)\)$")
_YES = frozenset({"yes", "y", "true", "1", "in use", "active"})
_NO = frozenset({"no", "n", "false", "0", "not in use", "inactive", "left", "closed"})


def plan_structure(rows: Sequence[SheetRow], known: Structure, said: Mapping[str, str]) -> StructurePlan:
    """What the rows of a sheet make of the structure, given what was `said` about doubts. Columns have no order."""
    plan = StructurePlan(known, dict(known.areas), dict(known.teams), dict(known.people), n_rows=len(rows))
    _Planning(plan, said).take(rows)
    return plan


class _Planning:
    """One sheet on its way into a structure."""

    def __init__(self, plan: StructurePlan, said: Mapping[str, str]) -> None:
        self.plan = plan
        self.said = said
        self.told: dict[tuple[str, int, str], tuple[SheetRow, object]] = {}
        self.answers: dict[str, int | None] = {}
        self.by_email = {one.email.casefold(): one for one in plan.before.accounts.values()}
        self.named = {one.head_id for one in plan.areas.values()}
        self.named |= {one.manager_id for one in plan.teams.values()}
        self.named |= {one.user_id for one in plan.people.values()}

    def take(self, rows: Sequence[SheetRow]) -> None:
        placed: list[tuple[SheetRow, int]] = []
        area_of: dict[int, int | None] = {}
        team_of: dict[int, int | None] = {}
        for place, row in enumerate(rows):
            area_of[place] = self._area(row)
        for place, row in enumerate(rows):
            team_of[place] = self._team(row, area_of[place])
        for place, row in enumerate(rows):
            person = self._person(row, team_of[place])
            if person is not None:
                placed.append((row, person))
        self._refuse_doubles()
        for row, person in placed:
            if person in self.plan.people:
                self._supervisor(row, person)

    def fault(self, row: SheetRow, name: str, what: str) -> None:
        fault = SheetFault(tab=row.tab, row=row.row, column=row.letters.get(name), what=what)
        if fault not in self.plan.faults:
            self.plan.faults.append(fault)

    def _area(self, row: SheetRow) -> int | None:
        name = row.cells.get("area", "")
        if not name or self._clears(name, (one.name for one in self.plan.areas.values())):
            return None
        named = {one.area_id: one.name for one in self.plan.areas.values()}
        area_id = self._find(row, "area", name, named, self._new_area, "service area")
        if area_id is not None and "head" in row.cells:
            self._set(row, "head", self.plan.areas, area_id, "head_id", self._account(row, "head"))
        return area_id

    def _new_area(self, name: str) -> int:
        number = min([0, *self.plan.areas]) - 1
        self.plan.areas[number] = Area(number, name)
        return number

    def _team(self, row: SheetRow, area_id: int | None) -> int | None:
        name = row.cells.get("team", "")
        if not name or self._clears(name, (one.name for one in self.plan.teams.values())):
            return None
        named = {one.team_id: one.name for one in self.plan.teams.values()}
        team_id = self._find(row, "team", name, named, self._new_team, "team")
        if team_id is None:
            return None
        if "area" in row.cells:
            if area_id is not None:
                self._set(row, "area", self.plan.teams, team_id, "area_id", (area_id,))
            elif self._clears(row.cells["area"], (one.name for one in self.plan.areas.values())):
                self._set(row, "area", self.plan.teams, team_id, "area_id", (None,))
        if "manager" in row.cells:
            self._set(row, "manager", self.plan.teams, team_id, "manager_id", self._account(row, "manager"))
        if "in_use" in row.cells and "person" not in row.cells:
            self._set(row, "in_use", self.plan.teams, team_id, "in_use", self._yes_no(row))
        return team_id

    def _new_team(self, name: str) -> int:
        number = min([0, *self.plan.teams]) - 1
        self.plan.teams[number] = TeamPlace(number, name)
        return number

    def _person(self, row: SheetRow, team_id: int | None) -> int | None:
        name = row.cells.get("person", "")
        if not name:
            if any(cell in row.cells for cell in ("email", "supervisor", "number")):
                self.fault(row, "person", "The row names no practitioner, so the rest of it was left out.")
            return None
        person_id = self._numbered(row, name) if "number" in row.cells else self._named(row, name, team_id)
        if person_id is None:
            return None
        written = row.cells.get("team", "")
        if team_id is not None:
            self._set(row, "team", self.plan.people, person_id, "team_id", (team_id,))
        elif written and self._clears(written, (one.name for one in self.plan.teams.values())):
            self._set(row, "team", self.plan.people, person_id, "team_id", (None,))
        if "email" in row.cells:
            self._set(row, "email", self.plan.people, person_id, "user_id", self._account(row, "email"))
        if "in_use" in row.cells:
            self._set(row, "in_use", self.plan.people, person_id, "in_use", self._yes_no(row))
        return person_id

    def _numbered(self, row: SheetRow, name: str) -> int | None:
        found = _NUMBER.match(row.cells["number"])
        person = self.plan.people.get(int(found[1])) if found else None
        if person is None:
            self.fault(row, "number", f"{row.cells['number']} is nobody's number. The row was left out.")
            return None
        if name_key(person.name) != name_key(name) and not people_like(name, [person.name]):
            what = f"{person.number} is {person.name}, not {name}. The row was left out: clear the number if it is new."
            self.fault(row, "number", what)
            return None
        return person.person_id

    def _named(self, row: SheetRow, name: str, team_id: int | None) -> int | None:
        same = [one for one in self.plan.people.values() if name_key(one.name) == name_key(name)]
        here = [one for one in same if one.team_id == team_id]
        if len(here) == 1 and (team_id is not None or len(same) == 1):
            return here[0].person_id
        if len(same) == 1:
            return same[0].person_id
        named = {
            one.person_id: one.name
            if one.team_id is None
            else f"{one.name}, {self.plan.teams[one.team_id].name}"
            for one in self.plan.people.values()
        }
        if same:
            return self._decide(
                row, "person", name, {one.person_id: named[one.person_id] for one in same}, None
            )
        alike = dict.fromkeys(people_like(name, [one.name for one in self.plan.people.values()]))
        close = {
            one.person_id: named[one.person_id] for one in self.plan.people.values() if one.name in alike
        }

        def new() -> int:
            number = min([0, *self.plan.people]) - 1
            self.plan.people[number] = Person(number, name, team_id)
            return number

        return self._decide(row, "person", name, close, new)

    def _supervisor(self, row: SheetRow, person_id: int) -> None:
        written = row.cells.get("supervisor", "")
        if not written:
            return
        if self._clears(written, (one.name for one in self.plan.people.values())):
            self._set(row, "supervisor", self.plan.people, person_id, "supervisor_id", (None,))
            return
        above = self._someone(row, written, self.plan.people[person_id].team_id)
        if above is None:
            return
        lines = {one.person_id: one.supervisor_id for one in self.plan.people.values()}
        if person_id in line_of(lines, above):
            name = self.plan.people[person_id].name
            self.fault(
                row,
                "supervisor",
                f"{name} would supervise themselves, directly or through others. Not taken.",
            )
            return
        self._set(row, "supervisor", self.plan.people, person_id, "supervisor_id", (above,))

    def _someone(self, row: SheetRow, written: str, team_id: int | None) -> int | None:
        numbered = _NUMBER.match(written)
        person = self.plan.people.get(int(numbered[1])) if numbered else None
        if numbered and person and (not numbered[2] or name_key(numbered[2]) == name_key(person.name)):
            return person.person_id
        people = list(self.plan.people.values())
        found = [one for one in people if name_key(one.name) == name_key(written)]
        behind = _TEAM_BEHIND.match(written)
        if not found and behind:
            found = [
                one
                for one in people
                if name_key(one.name) == name_key(behind[1])
                and one.team_id is not None
                and name_key(self.plan.teams[one.team_id].name) == name_key(behind[2])
            ]
        if len(found) > 1:
            found = [one for one in found if one.team_id == team_id] or found
        if len(found) == 1:
            return found[0].person_id
        alike = people_like(written, [one.name for one in people])
        if found:
            what = f"There are {len(found)} called {written}. Write the team behind the name in brackets. Not taken."
        elif alike:
            what = (
                f"Nobody is called {written}. Is {alike[0]} meant? Write the name as it is known. Not taken."
            )
        else:
            what = f"Nobody is called {written}. Add them in a row of their own. Not taken."
        self.fault(row, "supervisor", what)
        return None

    def _account(self, row: SheetRow, name: str) -> tuple[int | None] | None:
        """The account a cell names, as a value to set; nothing where it names none that is there."""
        written = row.cells[name]
        if written.casefold() in CLEAR:
            return (None,)
        account = self.by_email.get(written.casefold())
        if account is None and "@" not in written:
            same = [one for one in self.by_email.values() if name_key(one.name) == name_key(written)]
            account = same[0] if len(same) == 1 else None
        if account is None:
            self.fault(
                row, name, f"No account has the e-mail {written}. Ask an administrator for one. Not taken."
            )
            return None
        if not account.is_active and account.user_id not in self.named:
            self.fault(row, name, f"The account of {account.name} is closed. Not taken.")
            return None
        return (account.user_id,)

    def _yes_no(self, row: SheetRow) -> tuple[bool] | None:
        written = row.cells["in_use"].casefold()
        if written in _YES or written in _NO:
            return (written in _YES,)
        self.fault(row, "in_use", f"“{row.cells['in_use']}” says neither yes nor no. Not taken.")
        return None

    def _set(
        self,
        row: SheetRow,
        cell: str,
        kept: dict[int, Any],
        number: int,
        name: str,
        value: tuple[Any] | None,
    ) -> None:
        """Set one value, unless an earlier row said something else about it."""
        if value is None:
            return
        what = (type(kept[number]).__name__, number, name)
        first = self.told.get(what)
        if first is not None and first[1] != value[0]:
            where = f"row {first[0].row}" + (f" of {first[0].tab}" if first[0].tab != row.tab else "")
            self.fault(row, cell, f"The sheet says something else in {where}. The first one counts.")
            return
        self.told.setdefault(what, (row, value[0]))
        kept[number] = replace(kept[number], **{name: value[0]})

    def _find(
        self,
        row: SheetRow,
        cell: str,
        name: str,
        named: Mapping[int, str],
        new: Callable[[str], int],
        what: str,
    ) -> int | None:
        """The area or team of a name: the one spelt so, a new one, or what was said where it looks like another."""
        exact = [number for number, other in named.items() if other == name]
        same = exact or [number for number, other in named.items() if name_key(other) == name_key(name)]
        if len(same) == 1:
            return same[0]
        if same:
            return self._decide(row, cell, name, {number: named[number] for number in same}, None)
        alike = set(teams_like(name, named.values()))
        close = {number: other for number, other in named.items() if other in alike}
        return self._decide(row, cell, name, close, lambda: new(name))

    def _decide(
        self, row: SheetRow, cell: str, name: str, close: Mapping[int, str], new: Callable[[], int] | None
    ) -> int | None:
        """What a person said about a name that looks like another one; new where it looks like none."""
        key = doubt_key(cell, f"{name_key(name)}|{sorted(close)}")
        if key in self.answers:
            self._count(key)
            return self.answers[key]
        if not close and new is not None:
            self.answers[key] = new()
            return self.answers[key]
        options = (
            *((str(number), f"This is {words}") for number, words in close.items()),
            *(((NEW, "A new one"),) if new else ()),
            (LEAVE, "Leave these rows out"),
        )
        answer = self.said.get(key, "")
        if answer not in {value for value, _ in options}:
            answer = ""
        words = next(iter(close.values()))
        question = f"May be {words}" if new else "Two or more are called so"
        self.plan.doubts.append(SheetDoubt(key, name, question, 1, options, answer))
        if answer == NEW and new is not None:
            self.answers[key] = new()
        else:
            self.answers[key] = int(answer) if answer.lstrip("-").isdigit() else None
        return self.answers[key]

    def _count(self, key: str) -> None:
        self.plan.doubts[:] = [
            replace(one, n_rows=one.n_rows + 1) if one.key == key else one for one in self.plan.doubts
        ]

    def _clears(self, written: str, names: Iterable[str]) -> bool:
        return written.casefold() in CLEAR and written not in set(names)

    def _refuse_doubles(self) -> None:
        """Take back what would make one user two people, or name one person twice in a team."""
        self._refuse_double(
            "user_id",
            "email",
            lambda one: one.user_id,
            "This account is matched with {other} as well. Not taken.",
        )
        self._refuse_double(
            "team_id",
            "team",
            lambda one: None if one.team_id is None else (one.name, one.team_id),
            "{other} is in that team already. Not taken: merge the two if they are one.",
        )

    def _refuse_double(self, name: str, cell: str, key: Callable[[Person], object], what: str) -> None:
        again = True
        while again:
            groups: dict[object, list[Person]] = defaultdict(list)
            for one in self.plan.people.values():
                groups[key(one)].append(one)
            doubles = [group for held, group in groups.items() if held is not None and len(group) > 1]
            again = sum(self._take_back(group, name, cell, what) for group in doubles) > 0

    def _take_back(self, group: list[Person], name: str, cell: str, what: str) -> bool:
        for one in reversed(group):
            before = self.plan.before.people.get(one.person_id)
            was: Any = getattr(before, name) if before else None
            now = getattr(one, name)
            if now == was:
                continue
            told = self.told.pop(("Person", one.person_id, name), None)
            other = next(each for each in group if each is not one)
            if told is not None:
                self.fault(told[0], cell, what.format(other=other.name))
            if before is None and name == "team_id":
                del self.plan.people[one.person_id]
            else:
                self.plan.people[one.person_id] = replace(one, **{name: was})
            return True
        return False
