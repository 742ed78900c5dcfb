"""The forms of the programme's pages."""

from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange, Optional

from qa_app.domain.capacity import MOST_REVIEWS
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.date_fields import DayField


class CapacityForm(BaseForm):
    """How many reviews somebody can take on."""

    n_reviews = IntegerField(
        "Reviews a month",
        description="Leave empty if nobody has said: then as many as anybody.",
        validators=[Optional(), NumberRange(0, MOST_REVIEWS, f"Enter 0 to {MOST_REVIEWS}.")],
    )


class LeaveForm(BaseForm):
    """Days on which somebody reviews nothing."""

    starts_on = DayField("First day", validators=[InputRequired("Enter the first day.")])
    ends_on = DayField("Last day", validators=[InputRequired("Enter the last day.")])
