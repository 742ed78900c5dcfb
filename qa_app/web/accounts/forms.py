"""Forms about accounts: adding somebody, giving a role."""

from collections.abc import Iterable

from wtforms import EmailField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from qa_app.domain.access import DEFAULT_SCOPES, Grant, Role, ScopeKind
from qa_app.domain.errors import Invalid
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.password_fields import storable


class GrantForm(BaseForm):
    """A role, and where it holds.

    The place is `whole`, `area-3`, `team-12`, `board-2` or `agency-Health`; empty for what the role usually has.
    """

    role = SelectField("Role", choices={"": "Choose a role"} | {role.value: role.label for role in Role})
    place = SelectField("Where the role holds", validate_choice=True)
    agency = StringField(
        "Agency",
        [Length(max=120)],
        filters=[storable],
        description="Only for a partner agency that the list above does not name yet",
    )

    def offer_places(
        self,
        areas: Iterable[tuple[int, str]],
        teams: Iterable[tuple[int, str]],
        boards: Iterable[tuple[int, str]],
        agencies: Iterable[str],
    ) -> None:
        """Fill the list of places with the council's own."""
        self.place.choices = (
            {"": "As usual for the role", "whole": "Whole service"}
            | {f"area-{number}": f"Service area: {name}" for number, name in areas}
            | {f"team-{number}": f"Team: {name}" for number, name in teams}
            | {f"board-{number}": f"Board: {name}" for number, name in boards}
            | {f"agency-{name}": f"Agency: {name}" for name in agencies}
        )

    def grant(self) -> Grant:
        """The role that was chosen, with its scope.

        Errors: Invalid when the role needs a place that was not chosen.
        """
        if not self.role.data:
            raise Invalid("role", "Choose a role")
        role = Role(self.role.data)
        kind, _, number = (self.place.data or "").partition("-")
        if kind == "whole":
            return Grant(role, ScopeKind.WHOLE_SERVICE)
        if kind == "area":
            return Grant(role, ScopeKind.SERVICE_AREA, service_area_id=int(number))
        if kind == "team":
            return Grant(role, ScopeKind.TEAM, team_id=int(number))
        if kind == "board":
            return Grant(role, ScopeKind.BOARD, board_id=int(number))
        if kind == "agency":
            return Grant(role, ScopeKind.AGENCY, agency=number)
        usual = DEFAULT_SCOPES.get(role, ScopeKind.WHOLE_SERVICE)
        if usual is ScopeKind.SERVICE_AREA:
            raise Invalid("place", f"Choose the service area of this {role.label.lower()}")
        if usual is ScopeKind.TEAM:
            raise Invalid("place", f"Choose the team of this {role.label.lower()}")
        if usual is ScopeKind.BOARD:
            raise Invalid("place", "Choose the board of this board member")
        if usual is ScopeKind.AGENCY and not (self.agency.data or "").strip():
            raise Invalid("agency", "Name the agency")
        agency = (self.agency.data or "").strip() or None
        return Grant(role, usual, agency=agency if usual is ScopeKind.AGENCY else None)


class AccountForm(GrantForm):
    """A new account with its first role."""

    name = StringField("Name", [InputRequired("Enter a name"), Length(max=120)], filters=[storable])
    email = EmailField(
        "Email address", [InputRequired("Enter an email address"), Length(max=254)], filters=[storable]
    )
