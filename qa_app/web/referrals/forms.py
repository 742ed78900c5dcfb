"""The forms of audits before an event."""

from collections.abc import Sequence

from wtforms import SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from qa_app.domain.caseload import PlanType
from qa_app.queries.cohorts_population import FormChoice
from qa_app.services.cohorts_referral import LONGEST_TITLE
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.date_fields import DayField


class RoundForm(BaseForm):
    """A cohort that takes referrals. A choice of form per plan type is added when it is built."""

    title = StringField(
        "Title",
        description="For example, Every return home, January to March 2027.",
        validators=[InputRequired("Give it a title."), Length(max=LONGEST_TITLE)],
    )
    ends_on = DayField(
        "Takes events until",
        description="Each case is due on the day of its own event.",
        validators=[InputRequired("Enter the last day.")],
    )
    plan_action_id = SelectField("Action of the improvement plan that it delivers", coerce=int, default=0)

    @property
    def form_fields(self) -> list[tuple[PlanType, SelectField]]:
        """The plan types, each with the choice of its form."""
        return [(plan, self[f"form_{plan.value}"]) for plan in PlanType]


class ReferralForm(BaseForm):
    """One case for an audit before an event."""

    child_ref = StringField(
        "Reference of the child",
        description="As the case system and the caseload lists write it.",
        validators=[InputRequired("Enter the child's reference."), Length(max=80)],
    )
    due_on = DayField(
        "Day of the event",
        description="The review is due on this day: it is read before the child returns.",
        validators=[InputRequired("Enter the day on which the event is planned.")],
    )
    reason = TextAreaField(
        "What is planned",
        description="No names: the reference says who it is.",
        validators=[InputRequired("Say what is planned."), Length(max=400)],
    )


def round_form(
    forms: Sequence[FormChoice], actions: Sequence[tuple[int, str]], formdata: object
) -> RoundForm:
    """The form of a new round with the forms and actions that can be chosen."""
    fields: dict[str, object] = {}
    for plan in PlanType:
        fitting = [each for each in forms if plan in each.plan_types or not each.plan_types]
        named = [
            SelectChoice(str(each.version_id), f"{each.title}, version {each.number}") for each in fitting
        ]
        fields[f"form_{plan.value}"] = SelectField(
            f"Form for {plan.label}", choices=[*named, SelectChoice("0", "No form: not referred")]
        )
    built = type("BuiltRoundForm", (RoundForm,), fields)
    form: RoundForm = built(formdata)
    form.plan_action_id.choices = [
        SelectChoice("0", "None"),
        *(SelectChoice(str(number), words) for number, words in actions),
    ]
    return form
