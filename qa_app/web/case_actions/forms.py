"""The forms of actions for children."""

from collections.abc import Sequence

from wtforms import RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from qa_app.domain.case_actions import LONGEST_UPDATE, LONGEST_WORDS, Impact, Priority, Timing
from qa_app.services.case_actions import NO_EVIDENCE, NO_WORDS
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.date_fields import DayField


class NewActionForm(BaseForm):
    """An action for the child of a review."""

    words = TextAreaField(
        "What has to be done for this child?", validators=[InputRequired(NO_WORDS), Length(max=LONGEST_WORDS)]
    )
    priority = RadioField(
        "How soon?",
        choices=[SelectChoice(each.value, each.label) for each in Priority],
        validators=[InputRequired("Choose how soon it has to be done.")],
    )
    owner = SelectField("Who does it?", coerce=int, default=0)


class UpdateForm(BaseForm):
    """A line on how an action is going."""

    words = StringField(
        "How it is going",
        validators=[InputRequired("Write how it is going, in a line."), Length(max=LONGEST_UPDATE)],
    )


class DoneForm(BaseForm):
    """That an action is done."""

    evidence = TextAreaField(
        "What was done, and where does the record show it?",
        validators=[InputRequired(NO_EVIDENCE), Length(max=LONGEST_WORDS)],
    )


class VerdictForm(BaseForm):
    """Whether an action is accepted as done."""

    verdict = RadioField(
        "Is it done?",
        choices=[SelectChoice("accept", "Yes: verify it"), SelectChoice("back", "No: send it back")],
        validators=[InputRequired("Say whether it is done.")],
    )
    words = TextAreaField(
        "What is still missing? Needed to send it back.", validators=[Length(max=LONGEST_UPDATE)]
    )


class ImpactForm(BaseForm):
    """Whether an action helped."""

    impact = RadioField(
        "Did it help this child?",
        choices=[SelectChoice(each.value, each.label) for each in Impact],
        validators=[InputRequired("Say whether it helped this child.")],
    )
    words = TextAreaField(
        "How do you know?", validators=[InputRequired("Say how you know."), Length(max=LONGEST_UPDATE)]
    )
    again_on = DayField("If it is too soon to tell: look at it again on")


class OwnerForm(BaseForm):
    """Who does an action."""

    owner = SelectField("Who does it?", coerce=int)


class ReasonForm(BaseForm):
    """Why an action is taken back."""

    reason = StringField(
        "Why is it taken back?",
        validators=[InputRequired("Say why it is taken back."), Length(max=LONGEST_UPDATE)],
    )


def with_owners(field: SelectField, owners: Sequence[tuple[int, str]], team: str | None) -> None:
    """Fill in who may be named; nobody named means the team."""
    team_words = f"{team}: its manager decides" if team else "Nobody yet"
    field.choices = [
        SelectChoice("0", team_words),
        *(SelectChoice(str(number), name) for number, name in owners),
    ]


def priority_hints(timing: Timing) -> dict[str, str]:
    """How soon each priority is due, in words."""
    return {each.value: f"Due {timing.in_words(each)}." for each in Priority}
