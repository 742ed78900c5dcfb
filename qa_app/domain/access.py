"""Who somebody is to the system: roles, what each role may do, and how far each grant reaches."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from qa_app.domain.access_reaches import BoardReach, PlanReach
from qa_app.domain.access_roles import ROLE_PERMISSIONS, Permission, Role, ScopeKind
from qa_app.domain.errors import NotAllowed

__all__ = [
    "DEFAULT_SCOPES",
    "NARROW_ROLES",
    "ONLY_SCOPES",
    "ONLY_WORDS",
    "ROLE_PERMISSIONS",
    "SYSTEM",
    "Grant",
    "Permission",
    "Reach",
    "Role",
    "ScopeKind",
    "Viewer",
    "check_grants",
]


@dataclass(frozen=True)
class Grant:
    """One role with the stretch of the service over which it holds."""

    role: Role
    scope: ScopeKind
    service_area_id: int | None = None
    team_id: int | None = None
    agency: str | None = None
    board_id: int | None = None


@dataclass(frozen=True)
class Reach:
    """Over what part of the service one permission holds for somebody.

    `team_ids` are all the teams reached, those of service areas included. With `whole_service`, everything.
    `own` says that their own reviews are reached as well, whatever the team.
    """

    whole_service: bool = False
    team_ids: frozenset[int] = frozenset()
    own: bool = False

    @property
    def is_nothing(self) -> bool:
        """Whether nothing at all is reached."""
        return not (self.whole_service or self.team_ids or self.own)


@dataclass(frozen=True)
class Viewer:
    """Somebody who asks, as every floor below the web knows them. Without a user it is the system itself.

    `teams_by_area`: the teams of the service areas named in the grants, read once at sign-in to the request.
    """

    user_id: int | None
    name: str
    grants: tuple[Grant, ...]
    teams_by_area: dict[int, frozenset[int]] = field(default_factory=dict, compare=False)

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles held, in the order of the list of roles."""
        held = {grant.role for grant in self.grants}
        return tuple(role for role in Role if role in held)

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything that at least one of the roles may do."""
        return frozenset().union(*(ROLE_PERMISSIONS[role] for role in self.roles))

    def may(self, permission: Permission) -> bool:
        """Whether any role allows this at all; the reach says where."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Go on only if a role allows this.

        Errors: NotAllowed.
        """
        if not self.may(permission):
            raise NotAllowed(
                "Your roles here do not allow this. Ask an administrator if you need it for your work."
            )

    def reach(self, permission: Permission) -> Reach:
        """The part of the service over which this permission holds: the union over all grants that carry it."""
        whole = False
        own = False
        teams: set[int] = set()
        for grant in self.grants:
            if permission not in ROLE_PERMISSIONS[grant.role]:
                continue
            if grant.scope is ScopeKind.WHOLE_SERVICE:
                whole = True
            elif grant.scope is ScopeKind.SERVICE_AREA and grant.service_area_id is not None:
                teams |= self.teams_by_area.get(grant.service_area_id, frozenset())
            elif grant.scope is ScopeKind.TEAM and grant.team_id is not None:
                teams.add(grant.team_id)
            elif grant.scope is ScopeKind.OWN_REVIEWS:
                own = True
        return Reach(whole, frozenset(teams), own)

    def plan_reach(self, permission: Permission) -> PlanReach:
        """The actions of the plan over which this permission holds: the union over all grants that carry it.

        The plan is the council's one plan and names no service area, so a head of service reads all of it. Saying
        how an action stands is for its leads, and for those who look after the plan.
        """
        whole = own = False
        agencies: set[str] = set()
        for grant in self.grants:
            held = ROLE_PERMISSIONS[grant.role]
            if permission not in held:
                continue
            scope = ONLY_SCOPES.get(grant.role, grant.scope)
            only_own = permission is Permission.UPDATE_ACTIONS and Permission.MANAGE_PLAN not in held
            if scope is ScopeKind.AGENCY:
                agencies |= {grant.agency} if grant.agency else set()
            elif scope is ScopeKind.OWN_ACTIONS or only_own:
                own = True
            else:
                whole = True
        return PlanReach(whole, own, frozenset(agencies))

    def board_reach(self, permission: Permission) -> BoardReach:
        """The boards over which this permission holds. A restricted report is read by its own board's members.

        Those who read reports over the whole service read all; whoever reads them over a part, the public ones.
        """
        carrying = [grant for grant in self.grants if permission in ROLE_PERMISSIONS[grant.role]]
        whole = any(
            grant.scope is ScopeKind.WHOLE_SERVICE and grant.role is not Role.BOARD_MEMBER
            for grant in carrying
        )
        boards = {
            grant.board_id
            for grant in carrying
            if grant.scope is ScopeKind.BOARD and grant.board_id is not None
        }
        return BoardReach(whole, frozenset(boards), bool(carrying))


SYSTEM = Viewer(None, "The system", tuple(Grant(role, ScopeKind.WHOLE_SERVICE) for role in Role))
"""Commands typed by whoever runs the installation act as this."""

DEFAULT_SCOPES: dict[Role, ScopeKind] = {
    Role.AUDITOR: ScopeKind.OWN_REVIEWS,
    Role.EXTERNAL_REVIEWER: ScopeKind.OWN_REVIEWS,
    Role.TRIPLE_LOCK_CONSULTANT: ScopeKind.OWN_REVIEWS,
    Role.PRACTITIONER: ScopeKind.OWN_REVIEWS,
    Role.ACTION_LEAD: ScopeKind.OWN_ACTIONS,
    Role.PARTNER_AGENCY: ScopeKind.AGENCY,
    Role.BOARD_MEMBER: ScopeKind.BOARD,
    Role.TEAM_MANAGER: ScopeKind.TEAM,
    Role.HEAD_OF_SERVICE: ScopeKind.SERVICE_AREA,
}
"""The scope that a role is given unless somebody says otherwise; the whole service for those not named."""

NARROW_ROLES: frozenset[Role] = frozenset(DEFAULT_SCOPES)
"""Roles that must never be granted over the whole service by default."""


ONLY_SCOPES: dict[Role, ScopeKind] = {
    Role.ACTION_LEAD: ScopeKind.OWN_ACTIONS,
    Role.PARTNER_AGENCY: ScopeKind.AGENCY,
    Role.BOARD_MEMBER: ScopeKind.BOARD,
}
"""Roles that can't be given over anything else, and nobody else can be given their scope."""


ONLY_WORDS: dict[ScopeKind, str] = {
    ScopeKind.OWN_ACTIONS: "the person's own actions",
    ScopeKind.AGENCY: "one agency",
    ScopeKind.BOARD: "one board",
}


def check_grants(grants: Iterable[Grant]) -> list[str]:
    """What is unsound about grants, in words; an empty list if nothing is."""
    faults = []
    for grant in grants:
        if grant.scope is ScopeKind.SERVICE_AREA and grant.service_area_id is None:
            faults.append(f"{grant.role.label}: choose the service area.")
        if grant.scope is ScopeKind.TEAM and grant.team_id is None:
            faults.append(f"{grant.role.label}: choose the team.")
        if grant.scope is ScopeKind.AGENCY and not grant.agency:
            faults.append(f"{grant.role.label}: name the agency.")
        if grant.scope is ScopeKind.BOARD and grant.board_id is None:
            faults.append(f"{grant.role.label}: choose the board.")
        only = ONLY_SCOPES.get(grant.role)
        if only is not None and grant.scope is not only:
            faults.append(f"{grant.role.label}: this role holds only over {ONLY_WORDS[only]}.")
        elif only is None and grant.scope in ONLY_WORDS:
            faults.append(f"{grant.role.label}: this role cannot hold over {ONLY_WORDS[grant.scope]}.")
    return faults
