"""The council's own sign-in service: who it says somebody is, and which of our roles its roles stand for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from qa_app.domain.access import DEFAULT_SCOPES, Role, ScopeKind
from qa_app.domain.errors import Invalid, QaError

LINK_DAYS = 14
"""How long a prepared account waits for its owner's first sign-in with their council account."""
PLACELESS = frozenset({ScopeKind.WHOLE_SERVICE, ScopeKind.OWN_REVIEWS, ScopeKind.OWN_ACTIONS})
"""Scopes that a role can be given without saying where."""


@dataclass(frozen=True)
class CouncilPerson:
    """Somebody as the council's sign-in service tells us. `subject` never changes; the address may.

    `proved_at`: when they last proved there who they are, if the service says so.
    """

    issuer: str
    subject: str
    address: str
    roles: frozenset[str]
    proved_at: datetime | None = None


class SignOnRefused(QaError):
    """The council's sign-in service, or what it told us, does not open this site. The message says what to do."""

    status = 403


class SignOnUnavailable(SignOnRefused):
    """The council's sign-in service does not answer, or not as it should."""

    status = 503


def read_roles(text: str) -> frozenset[Role]:
    """The roles named in a setting: `all`, `none`, or role names between commas.

    Errors: Invalid.
    """
    names = [part.strip() for part in text.split(",") if part.strip()]
    if names in ([], ["none"]):
        return frozenset()
    if names == ["all"]:
        return frozenset(Role)
    return frozenset(_role(name, "QA_SECOND_FACTOR_ROLES") for name in names)


def read_role_map(text: str) -> dict[str, Role]:
    """Which role of ours each role of the council's service stands for: `theirs=ours` between commas.

    Errors: Invalid.
    """
    found: dict[str, Role] = {}
    for part in (each.strip() for each in text.split(",")):
        if not part:
            continue
        theirs, sign, ours = part.rpartition("=")
        if not sign or not theirs.strip():
            raise Invalid("", f"QA_SSO_ROLES: write '{part}' as their-role=our-role.")
        found[theirs.strip()] = _role(ours.strip(), "QA_SSO_ROLES")
    return found


def check_role_settings(second_factor_roles: str, sso_roles: str) -> None:
    """Refuse settings that name roles which there are not, before anything starts.

    Errors: Invalid.
    """
    read_roles(second_factor_roles)
    read_role_map(sso_roles)


def mapped_roles(theirs: Iterable[str], role_map: Mapping[str, Role]) -> frozenset[Role]:
    """The roles of ours that somebody's roles there stand for; those not in the map stand for nothing.

    Errors: SignOnRefused when none of them stands for anything.
    """
    found = frozenset(role_map[name] for name in theirs if name in role_map)
    if not found:
        raise SignOnRefused(
            "Your council account has no role for this site. Ask whoever looks after the council's sign-in service "
            "to give you one."
        )
    return found


def is_placeless(role: Role) -> bool:
    """Whether a role usually holds over something that needs no naming."""
    return DEFAULT_SCOPES.get(role, ScopeKind.WHOLE_SERVICE) in PLACELESS


def _role(name: str, setting: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        known = ", ".join(role.value for role in Role)
        raise Invalid("", f"{setting}: there is no role '{name}'. There are: {known}.") from None
