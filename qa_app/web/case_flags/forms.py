"""Forms of the flags on cases: a sheet to upload, one flag on one child, a kind of flag."""

from wtforms import BooleanField, FileField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from qa_app.domain.case_flags import LONGEST_LABEL, LONGEST_REASON, LONGEST_VALUE, FlagKind, FlagValue
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.date_fields import DayField


def number_or_none(value: object) -> int | None:
    """The number of a choice, or nothing for the empty one."""
    return None if value in (None, "") else int(str(value))


class SheetForm(BaseForm):
    """A sheet of flags, the day it holds for, and what becomes of flags that it does not hold."""

    as_at = DayField("As at", [InputRequired("As at: enter the day for which the sheet is right")])
    file = FileField("File")
    kind = SelectField("Flag, if the file has no column for it", default="")
    mode = RadioField(
        "What the sheet is",
        [InputRequired("What the sheet is: choose one")],
        choices={
            "replace": "The whole of its kinds: flags of these kinds that it does not hold end on that day",
            "add": "Something to add: everything that is not in it stays as it is",
        },
    )


class FlagForm(BaseForm):
    """One flag on one child."""

    kind = SelectField("Flag", [InputRequired("Flag: choose one")])
    starts_on = DayField("From", [InputRequired("From: enter the day from which it holds")])
    value = StringField("Group", [Optional(), Length(max=LONGEST_VALUE)])
    practitioner = SelectField("Person", coerce=number_or_none)
    reason = TextAreaField("Reason", [InputRequired("Reason: say why"), Length(max=LONGEST_REASON)])


class EndForm(BaseForm):
    """The end of one flag."""

    ends_on = DayField(
        "Ended on", [InputRequired("Ended on: enter the first day on which it no longer holds")]
    )
    end_reason = TextAreaField(
        "Reason", [InputRequired("Reason: say why it ends"), Length(max=LONGEST_REASON)]
    )


class KindForm(BaseForm):
    """A kind of flag."""

    label = StringField(
        "Name", [InputRequired("Name: say how the flag is called"), Length(max=LONGEST_LABEL)]
    )
    excludes = BooleanField("A child under this flag is left out of a draw")
    is_in_use = BooleanField("In use", default=True)


class NewKindForm(KindForm):
    """A kind of flag of the council's own."""

    value_kind = RadioField(
        "What it says beside being there",
        choices={one.value: one.label for one in FlagValue},
        default=FlagValue.NOTHING.value,
    )


def with_kinds(form: FlagForm, kinds: tuple[FlagKind, ...], people: tuple[tuple[int, str], ...]) -> FlagForm:
    """The form with the kinds and the people to choose from."""
    form.kind.choices = [("", "Choose a flag"), *((one.key, one.label) for one in kinds if one.is_in_use)]
    form.practitioner.choices = [("", "Nobody"), *people]
    return form
