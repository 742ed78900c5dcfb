"""What the numbers in the history stand for, looked up all at once."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from qa_app.domain.history_words import kind_words, record_words
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.audit_forms import AuditFormRow
from qa_app.models.boards import Board
from qa_app.models.cohorts import Cohort
from qa_app.models.improvement import Plan
from qa_app.models.organisation import Practitioner, ServiceArea, Team
from qa_app.models.themes import Theme

THE_SYSTEM = "The system"
Named = tuple[InstrumentedAttribute[int], InstrumentedAttribute[str]]
PEOPLE: Named = (User.id, User.name)
PRACTITIONERS: Named = (Practitioner.id, Practitioner.name)
NAMED: dict[str, Named] = {
    "team_id": (Team.id, Team.name),
    "service_area_id": (ServiceArea.id, ServiceArea.name),
    "practitioner_id": PRACTITIONERS,
    "supervisor_id": PRACTITIONERS,
    "theme_id": (Theme.id, Theme.title),
}
ABOUT_PEOPLE = ("user_id", "reviewer_id", "auditor_id", "successor_id", "actor_id")

TITLED: dict[str, Named] = {
    "team": NAMED["team_id"],
    "service_area": NAMED["service_area_id"],
    "practitioner": PRACTITIONERS,
    "theme": NAMED["theme_id"],
    "user": PEOPLE,
    "cohort": (Cohort.id, Cohort.title),
    "plan": (Plan.id, Plan.title),
    "board": (Board.id, Board.name),
    "audit_form": (AuditFormRow.id, AuditFormRow.title),
}
"""Kinds of record that people know by a name, not by a number."""


def titles_of(records: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """How records are called, by (kind, number): `Team: Family Support 1`, `Review R1042`."""
    wanted: dict[str, set[int]] = {}
    for kind, number in records:
        wanted.setdefault(kind, set()).add(number)
    titles: dict[tuple[str, int], str] = {}
    for kind, numbers in wanted.items():
        found = _found(TITLED[kind], numbers) if kind in TITLED else {}
        for number in numbers:
            title = found.get(number)
            titles[kind, number] = (
                f"{kind_words(kind).noun}: {title}" if title else record_words(kind, number)
            )
    return titles


def names_of(numbered: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The names behind numbers, by (key, number). A number that leads nowhere is left out."""
    wanted: dict[Named, set[tuple[str, int]]] = {}
    for key, number in numbered:
        named = PEOPLE if key.endswith(ABOUT_PEOPLE) else NAMED.get(key)
        if named is not None:
            wanted.setdefault(named, set()).add((key, number))
    names: dict[tuple[str, int], str] = {}
    for (number_column, name_column), pairs in wanted.items():
        found = _found((number_column, name_column), {number for _, number in pairs})
        names |= {pair: found[pair[1]] for pair in pairs if pair[1] in found}
    return names


def _found(named: Named, numbers: set[int]) -> dict[int, str]:
    statement = select(*named).where(named[0].in_(sorted(numbers)))
    return {row[0]: row[1] for row in db.session.execute(statement)}
