"""The matrix of roles and permissions, and how far each reaches: asked of the very rules that every page asks."""

from dataclasses import dataclass
from enum import StrEnum

from qa_app.domain.access import DEFAULT_SCOPES, ROLE_PERMISSIONS, Grant, Permission, Role, ScopeKind, Viewer
from qa_app.domain.access_words import PERMISSION_WORDS, Narrowing

SOMEWHERE = 1


class Reached(StrEnum):
    """How far a role with its usual scope reaches with one permission; the value stands in the matrix."""

    NOTHING = ""
    ALL = "All"
    AREA = "Area"
    TEAM = "Team"
    OWN = "Own"
    AGENCY = "Agency"
    BOARD = "Board"
    PUBLIC = "Public"

    @property
    def meaning(self) -> str:
        """The mark explained, for the key of the matrix."""
        return {
            Reached.NOTHING: "Not allowed",
            Reached.ALL: "Everywhere",
            Reached.AREA: "The teams of their service area",
            Reached.TEAM: "Their team",
            Reached.OWN: "What is theirs: reviews given to them, reviews of their practice, actions they lead",
            Reached.AGENCY: "The actions that name their agency",
            Reached.BOARD: "Reports issued to their board, and public ones",
            Reached.PUBLIC: "Public reports",
        }[self]


@dataclass(frozen=True)
class MatrixLine:
    """One permission, and how far each role reaches with it, in the order of the roles."""

    part: str
    words: str
    reached: tuple[Reached, ...]


def matrix_lines() -> list[MatrixLine]:
    """Every permission with how far every role reaches by it."""
    return [
        MatrixLine(said.part, said.words, tuple(reached_by(role, permission) for role in Role))
        for permission, said in PERMISSION_WORDS.items()
    ]


def matrix_parts() -> list[tuple[str, list[MatrixLine]]]:
    """The lines of the matrix by the part of the work, in the order of the list of permissions."""
    parts: dict[str, list[MatrixLine]] = {}
    for line in matrix_lines():
        parts.setdefault(line.part, []).append(line)
    return list(parts.items())


def reached_by(role: Role, permission: Permission) -> Reached:
    """How far a role over its usual scope reaches with a permission: what the viewer's own rules say."""
    if permission not in ROLE_PERMISSIONS[role]:
        return Reached.NOTHING
    scope = DEFAULT_SCOPES.get(role, ScopeKind.WHOLE_SERVICE)
    viewer = Viewer(
        SOMEWHERE,
        role.label,
        (Grant(role, scope, SOMEWHERE, SOMEWHERE, "An agency", SOMEWHERE),),
        {SOMEWHERE: frozenset({SOMEWHERE})},
    )
    if permission in (Permission.SEE_PLAN, Permission.UPDATE_ACTIONS):
        plan = viewer.plan_reach(permission)
        return Reached.ALL if plan.whole_plan else Reached.OWN if plan.own else Reached.AGENCY
    if permission is Permission.SEE_ISSUED_REPORTS:
        boards = viewer.board_reach(permission)
        return Reached.ALL if boards.whole else Reached.BOARD if boards.board_ids else Reached.PUBLIC
    if PERMISSION_WORDS[permission].narrowing is Narrowing.NOT_NARROWED:
        return Reached.ALL
    if permission is Permission.SEE_OWN_PRACTICE:
        return Reached.OWN
    reach = viewer.reach(permission)
    if reach.whole_service:
        return Reached.ALL
    if reach.team_ids:
        return Reached.AREA if scope is ScopeKind.SERVICE_AREA else Reached.TEAM
    return Reached.OWN if reach.own else Reached.NOTHING
