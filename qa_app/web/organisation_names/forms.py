"""The form with which one name becomes another spelling of a second one."""

from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from qa_app.web.shared.base_form import BaseForm


def number_or_none(value: object) -> int | None:
    """The number of a choice, or nothing for the empty one."""
    return None if value in (None, "") else int(str(value))


class MergeForm(BaseForm):
    """The name that stays, and how it is known that the two are one."""

    into = SelectField(
        "The name that stays", [InputRequired("The name that stays: choose one")], coerce=number_or_none
    )
    reason = TextAreaField(
        "How do you know?", [InputRequired("How do you know: say what it rests on"), Length(max=1000)]
    )
