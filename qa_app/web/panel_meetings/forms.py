"""The forms of one report from each panel meeting."""

from collections.abc import Sequence

from wtforms import SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from qa_app.domain.caseload import PlanType
from qa_app.domain.panel_meetings import LONGEST_PANEL
from qa_app.queries.cohorts_population import FormChoice
from qa_app.services.cohorts_referral import LONGEST_TITLE
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.date_fields import DayField


class PanelRoundForm(BaseForm):
    """A round that takes one report from each meeting. One form serves all its reports."""

    title = StringField(
        "Title",
        description="For example, One report from each permanency panel, 2027.",
        validators=[InputRequired("Give it a title."), Length(max=LONGEST_TITLE)],
    )
    ends_on = DayField(
        "Takes meetings until",
        description="Each review is due on a day of its own.",
        validators=[InputRequired("Enter the last day.")],
    )
    form_version = SelectField("Form on which the reports are reviewed", coerce=int)
    plan_action_id = SelectField("Action of the improvement plan that it delivers", coerce=int, default=0)


class MeetingForm(BaseForm):
    """One meeting that was held, and everybody heard there."""

    panel = StringField(
        "Panel",
        description="The name of the panel, the same each time.",
        validators=[InputRequired("Name the panel."), Length(max=LONGEST_PANEL)],
    )
    held_on = DayField("Day of the meeting", validators=[InputRequired("Enter the day of the meeting.")])
    heard = TextAreaField(
        "References of all children heard",
        description="As the case system writes them, one to a line. One of them is taken by lot: nobody chooses.",
        validators=[InputRequired("Enter the references of all children heard."), Length(max=20_000)],
    )
    due_on = DayField(
        "Review due on", validators=[InputRequired("Enter the day on which the review is due.")]
    )


def panel_round_form(forms: Sequence[FormChoice], actions: Sequence[tuple[int, str]]) -> PanelRoundForm:
    """The form of a new round with the forms and actions that can be chosen."""
    form = PanelRoundForm()
    form.form_version.choices = [
        SelectChoice(str(each.version_id), f"{each.title}, version {each.number}") for each in forms
    ]
    form.plan_action_id.choices = [
        SelectChoice("0", "None"),
        *(SelectChoice(str(number), words) for number, words in actions),
    ]
    return form


def plan_types_of(forms: Sequence[FormChoice], version_id: int) -> dict[PlanType, int]:
    """The form for every plan type that it is meant for; one that names none serves all."""
    chosen = next((each for each in forms if each.version_id == version_id), None)
    if chosen is None:
        return {}
    return dict.fromkeys(chosen.plan_types or tuple(PlanType), version_id)
