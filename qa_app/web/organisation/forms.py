"""Forms with which the structure of the council is told."""

from collections.abc import Sequence

from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from qa_app.web.shared.base_form import BaseForm

NOBODY = ("", "Nobody")
NONE_YET = ("", "Not placed")


def whole_or_none(value: object) -> int | None:
    """The number of a choice, or nothing for the empty one."""
    return None if value in (None, "") else int(str(value))


def with_none(first: tuple[str, str], choices: Sequence[tuple[int, str]]) -> list[tuple[object, str]]:
    """Choices with the empty one before them."""
    return [first, *choices]


class AreaForm(BaseForm):
    """A service area and its head."""

    name = StringField("Name", [InputRequired("Name: give the service area a name"), Length(max=120)])
    head = SelectField("Head of service", coerce=whole_or_none)


class TeamForm(BaseForm):
    """Where a team belongs and who manages it."""

    service_area = SelectField("Service area", coerce=whole_or_none)
    manager = SelectField("Manager", coerce=whole_or_none)


class NewTeamForm(BaseForm):
    """A team that the lists have not named yet."""

    name = StringField("Name", [InputRequired("Name: give the team a name"), Length(max=160)])


class PractitionerForm(BaseForm):
    """In which team a practitioner works, who supervises them, and which user they are."""

    team = SelectField("Team", coerce=whole_or_none)
    supervisor = SelectField("Supervisor", coerce=whole_or_none)
    user = SelectField("User", coerce=whole_or_none)


class NewPractitionerForm(BaseForm):
    """A practitioner whom the lists do not name."""

    name = StringField("Name", [InputRequired("Name: give the practitioner a name"), Length(max=160)])
    team = SelectField("Team", coerce=whole_or_none)
