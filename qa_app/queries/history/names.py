"""What the numbers in the history stand for, looked up all at once."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from qa_app.extensions import db
from qa_app.models.accounts import User
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


def names_of(numbered: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The names behind numbers, by (key, number). A number that leads nowhere is left out."""
    wanted: dict[Named, set[tuple[str, int]]] = {}
    for key, number in numbered:
        named = PEOPLE if key.endswith(ABOUT_PEOPLE) else NAMED.get(key)
        if named is not None:
            wanted.setdefault(named, set()).add((key, number))
    names: dict[tuple[str, int], str] = {}
    for (number_column, name_column), pairs in wanted.items():
        numbers = sorted({number for _, number in pairs})
        statement = select(number_column, name_column).where(number_column.in_(numbers))
        found = {row[0]: row[1] for row in db.session.execute(statement)}
        names |= {pair: found[pair[1]] for pair in pairs if pair[1] in found}
    return names
