"""The forms about who leads an action, which agencies it involves, and how it stands."""

import re

from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField

from qa_app.domain.errors import Invalid
from qa_app.domain.plan_people import LeadKind
from qa_app.domain.plan_records import Rating
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.date_fields import DayField
from qa_app.web.shared.typed import plain

NEW_AGENCY = "new"


class WordsForm(BaseForm):
    """Words of the plan, and whom or which agency they mean."""

    words = HiddenField(filters=[plain])
    kind = HiddenField(filters=[plain])
    user = HiddenField(filters=[plain])
    agency = HiddenField(filters=[plain])


class LeadForm(BaseForm):
    """Somebody who leads an action, and in which way."""

    user = SelectField("Who leads it", choices={}, validate_choice=False)
    kind = RadioField(
        "In which way",
        choices={
            LeadKind.STRATEGIC.value: "Strategic lead: answers for it",
            LeadKind.OPERATIONAL.value: "Operational lead: sees to it",
        },
        validate_choice=False,
    )

    def kind_chosen(self) -> LeadKind:
        """The way that was chosen. Errors: Invalid("kind", ...)."""
        if self.kind.data not in set(LeadKind):
            raise Invalid("kind", "Choose in which way they lead it.")
        return LeadKind(self.kind.data)


class AgencyForm(BaseForm):
    """An agency that an action involves: one that is known, or a new one."""

    agency = SelectField("Agency", choices={}, validate_choice=False)
    new_name = StringField("Name of a new agency", filters=[plain])


class UpdateForm(BaseForm):
    """How an action stands: since when, its colour, a few words, and the story."""

    effective_on = DayField("Since when does this hold?")
    rating = RadioField(
        "Rating", choices={rating.value: rating.label for rating in Rating}, validate_choice=False
    )
    status_text = StringField("Status in a few words", filters=[plain])
    progress = TextAreaField("What was done, and what comes next", filters=[plain])

    def rating_chosen(self) -> Rating | None:
        """The colour that was chosen, if one was."""
        return Rating(self.rating.data) if self.rating.data in set(Rating) else None


def number_of(value: str | None, field: str, message: str) -> int:
    """A number picked from a list. Errors: Invalid with the message for anything else."""
    if value is None or not re.fullmatch(r"[0-9]{1,9}", value):
        raise Invalid(field, message)
    return int(value)
