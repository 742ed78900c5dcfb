"""Makes people and teams for tests, through the services that make them in life."""

from datetime import UTC, datetime
from itertools import count

from qa_app.domain.access import DEFAULT_SCOPES, SYSTEM, Grant, Role, ScopeKind, Viewer
from qa_app.extensions import db
from qa_app.models.accounts import User
from qa_app.models.boards import Board
from qa_app.models.organisation import ServiceArea, Team
from qa_app.queries.accounts import get_viewer
from qa_app.services.accounts import add_user
from qa_app.services.boards import add_board

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
_numbers = count(1)


def make_service_area(name: str = "Safeguarding") -> ServiceArea:
    """A service area."""
    area = ServiceArea(name=name, created_at=AT)
    db.session.add(area)
    db.session.flush()
    return area


def make_team(name: str = "Team North", service_area: ServiceArea | None = None) -> Team:
    """A team, in a service area if one is given."""
    team = Team(name=name, service_area_id=service_area.id if service_area else None, created_at=AT)
    db.session.add(team)
    db.session.flush()
    return team


def make_board(name: str = "") -> Board:
    """A board that receives reports."""
    return add_board(SYSTEM, name or f"Improvement board {next(_numbers)}", "", at=AT)


def make_user(
    name: str = "Auditor One",
    role: Role | None = Role.AUDITOR,
    scope: ScopeKind | None = None,
    team: Team | None = None,
    service_area: ServiceArea | None = None,
    password: str | None = None,
    board: Board | None = None,
) -> User:
    """Somebody with one role (or none), over the scope that the role usually has."""
    grants = []
    if role is not None:
        kind = scope or DEFAULT_SCOPES.get(role, ScopeKind.WHOLE_SERVICE)
        grants.append(
            Grant(
                role,
                kind,
                service_area_id=service_area.id if service_area and kind is ScopeKind.SERVICE_AREA else None,
                team_id=team.id if team and kind is ScopeKind.TEAM else None,
                agency="Health" if kind is ScopeKind.AGENCY else None,
                board_id=(board or make_board()).id if kind is ScopeKind.BOARD else None,
            )
        )
    email = f"person{next(_numbers)}@example.org"
    return add_user(SYSTEM, email=email, name=name, password=password, grants=grants, at=AT)


def viewer_of(user: User) -> Viewer:
    """The user as the services know them."""
    db.session.flush()
    return get_viewer(user.id)
