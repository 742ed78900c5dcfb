"""The forms of what is done about single cases of a cohort."""

from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.date_fields import DayField


class ReasonForm(BaseForm):
    """Why something is done about a case."""

    reason = TextAreaField("Why", validators=[Length(max=400)])


class MoreTimeForm(ReasonForm):
    """A later day for a review."""

    due_on = DayField("New day", validators=[InputRequired("Enter the new day.")])


class DecisionForm(BaseForm):
    """What somebody decides about a request."""

    decision = RadioField(
        "Decision",
        choices={"approve": "Approve", "refuse": "Refuse"},
        validators=[InputRequired("Choose whether you approve or refuse.")],
    )
    reason = StringField("Reason, if you refuse", validators=[Length(max=400)])


class ClosingForm(BaseForm):
    """The words with which a cohort is closed."""

    note = TextAreaField(
        "What was and was not done, and why",
        description="Needed when reviews are missing. It is kept with the cohort.",
        validators=[Length(max=4000)],
    )
