"""The forms of the programme's pages."""

from wtforms import IntegerField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from qa_app.domain.capacity import MOST_REVIEWS
from qa_app.domain.cohort_rules import LARGEST_SIZE
from qa_app.domain.cohorts import CohortKind, ProgrammeKind
from qa_app.services.programme import LONGEST_TITLE, Planned
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


class EntryForm(BaseForm):
    """Something planned in the year."""

    kind = SelectField("What", choices={each.value: each.label for each in ProgrammeKind})
    cohort_kind = SelectField(
        "Kind of cohort",
        description="For a planned cohort: it counts as planned until a cohort of this kind is drawn in the month.",
        choices=[SelectChoice("", "None"), *(SelectChoice(each.value, each.label) for each in CohortKind)],
    )
    title = StringField("Title", validators=[InputRequired("Give it a title."), Length(max=LONGEST_TITLE)])
    starts_on = DayField("First day", validators=[InputRequired("Enter the first day.")])
    ends_on = DayField("Last day", validators=[InputRequired("Enter the last day.")])
    n_cases = IntegerField(
        "Reviews that it takes",
        default=0,
        validators=[InputRequired("Enter 0 or more reviews."), NumberRange(0, LARGEST_SIZE)],
    )

    def planned(self) -> Planned:
        """The entry that was asked for; only of a form that has been validated."""
        assert self.starts_on.data is not None
        assert self.ends_on.data is not None
        return Planned(
            ProgrammeKind(self.kind.data),
            self.title.data or "",
            self.starts_on.data,
            self.ends_on.data,
            self.n_cases.data or 0,
            CohortKind(self.cohort_kind.data) if self.cohort_kind.data else None,
        )
