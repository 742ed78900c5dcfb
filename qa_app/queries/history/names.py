"""What the numbers in the history stand for, looked up all at once."""

from collections.abc import Iterable

from sqlalchemy import select

from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.organisation import Practitioner, ServiceArea, Team
from qa_app.models.themes import Theme

THE_SYSTEM = "The system"
TABLES = {
    "team_id": Team,
    "service_area_id": ServiceArea,
    "practitioner_id": Practitioner,
    "supervisor_id": Practitioner,
    "officer_id": Practitioner,
    "theme_id": Theme,
}
PEOPLE = ("user_id", "reviewer_id", "auditor_id", "successor_id", "lead_id", "actor_id")


def names_of(numbered: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The names behind numbers, by (key, number). A number that leads nowhere is left out."""
    wanted: dict[type, set[tuple[str, int]]] = {}
    for key, number in numbered:
        table = User if key.endswith(PEOPLE) else TABLES.get(key)
        if table is not None:
            wanted.setdefault(table, set()).add((key, number))
    names: dict[tuple[str, int], str] = {}
    for table, pairs in wanted.items():
        column = Theme.title if table is Theme else table.name  # type: ignore[attr-defined]
        numbers = sorted({number for _, number in pairs})
        statement = select(table.id, column).where(table.id.in_(numbers))  # type: ignore[attr-defined]
        found = {row[0]: row[1] for row in db.session.execute(statement)}
        names |= {pair: found[pair[1]] for pair in pairs if pair[1] in found}
    return names
