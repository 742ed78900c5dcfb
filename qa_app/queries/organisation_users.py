"""Users who may be a practitioner that nobody matched: by their names, proposed and never taken for granted."""

from dataclasses import dataclass

from sqlalchemy import func, select

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.alike_names import name_key, people_like
from qa_app.domain.errors import NotFound
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.organisation import Practitioner, Team

CANDIDATES = 3


@dataclass(frozen=True)
class UserProposal:
    """A user and the practitioners they may be: number and name with the team, most alike first."""

    user_id: int
    name: str
    email: str
    candidates: tuple[tuple[int, str], ...]


def list_user_proposals(viewer: Viewer) -> tuple[UserProposal, ...]:
    """Active users who are no practitioner yet and share a name with one who is no user, by name.

    Errors: NotAllowed; NotFound where the permission does not reach over the whole service.
    """
    viewer.require(Permission.MANAGE_ORGANISATION)
    if not viewer.reach(Permission.MANAGE_ORGANISATION).whole_service:
        raise NotFound
    matched = select(Practitioner.user_id).where(Practitioner.user_id.is_not(None))
    users = db.session.execute(
        select(User.id, User.name, User.email)
        .where(User.is_active, User.id.not_in(matched))
        .order_by(func.lower(User.name), User.id)
    ).all()
    rows = db.session.execute(
        select(Practitioner.id, Practitioner.name, Team.name)
        .outerjoin(Team, Team.id == Practitioner.team_id)
        .where(
            Practitioner.user_id.is_(None),
            Practitioner.merged_into_id.is_(None),
            Practitioner.hidden_at.is_(None),
        )
        .order_by(func.lower(Practitioner.name), Practitioner.id)
    ).all()
    by_key: dict[str, list[tuple[int, str]]] = {}
    for number, name, team in rows:
        by_key.setdefault(name_key(name), []).append((number, f"{name}, {team}" if team else name))
    names = [name for _, name, _ in rows]
    found = []
    for user_id, name, email in users:
        keys = dict.fromkeys([name_key(name), *(name_key(other) for other in people_like(name, names))])
        near = tuple(one for key in keys for one in by_key.get(key, ()))
        if near:
            found.append(UserProposal(user_id, name, email, near[:CANDIDATES]))
    return tuple(found)
