"""Forms for people who leave and for the work they hand over."""

from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from qa_app.domain.leavers import LONGEST_REASON
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.date_fields import DayField


def number(value: object) -> int | None:
    """The number of a choice; nothing for the empty one."""
    return int(str(value)) if str(value or "").isdecimal() else None


class LeavingForm(BaseForm):
    """Who leaves, when, and why."""

    user_id = SelectField("Who leaves", coerce=number, validators=[InputRequired("Choose who leaves.")])
    last_day = DayField("Last day", validators=[InputRequired("Enter the last day.")])
    reason = StringField(
        "Reason", validators=[InputRequired("Say why: it is kept."), Length(max=LONGEST_REASON)]
    )


class LastDayForm(BaseForm):
    """Another last day."""

    last_day = DayField("Last day", validators=[InputRequired("Enter the last day.")])


class HandOverForm(BaseForm):
    """To whom the work chosen goes, and why."""

    to = SelectField("Who takes over", coerce=number)
    reason = StringField(
        "Reason", validators=[InputRequired("Say why: it is kept."), Length(max=LONGEST_REASON)]
    )
