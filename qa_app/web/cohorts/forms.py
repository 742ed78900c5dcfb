"""The forms of the cohort pages."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from wtforms import IntegerField, SelectChoice, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from qa_app.domain.caseload import PlanType
from qa_app.domain.cohort_rules import DEFAULT_SIZE, LARGEST_SIZE, month_label, months_before, read_month
from qa_app.queries.cohorts_population import FormChoice, ImportChoice
from qa_app.services.cohorts import CohortPlan
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.date_fields import DayField

MONTHS_AHEAD, MONTHS_BACK = 6, 18
NO_FORM = SelectChoice("0", "No form")


class CohortForm(BaseForm):
    """What makes a monthly audit. One quota and one form field per plan type are added when it is built."""

    month = SelectField("Month")
    caseload_import_id = SelectField("Caseload to draw from", coerce=int)
    size = IntegerField(
        "Number of cases",
        default=DEFAULT_SIZE,
        validators=[
            InputRequired("Enter how many cases the cohort holds."),
            NumberRange(1, LARGEST_SIZE, f"Enter a number from 1 to {LARGEST_SIZE}."),
        ],
    )
    due_on = DayField("Reviews due on", validators=[InputRequired("Enter the day by which reviews are due.")])
    seed = StringField(
        "Seed",
        description="Leave empty for a fresh one. The same seed and rules always draw the same cases.",
        validators=[Optional(), Length(max=64)],
    )

    @property
    def quota_fields(self) -> list[tuple[PlanType, IntegerField, SelectField]]:
        """The plan types, each with its quota and its form."""
        return [(plan, self[f"quota_{plan.value}"], self[f"form_{plan.value}"]) for plan in PlanType]

    def plan(self) -> CohortPlan:
        """The cohort that was asked for; only of a form that has been validated."""
        assert self.size.data is not None
        assert self.due_on.data is not None
        return CohortPlan(
            month=read_month(self.month.data),
            due_on=self.due_on.data,
            size=self.size.data,
            caseload_import_id=self.caseload_import_id.data,
            form_versions={plan: int(form.data) for plan, _, form in self.quota_fields if form.data != "0"},
            fixed={plan: quota.data for plan, quota, _ in self.quota_fields if quota.data is not None},
            seed=self.seed.data or "",
        )


class _CohortFormBySubmit(CohortForm):
    """Base of the form classes built for a request; a class of its own, as fields belong to classes."""


def cohort_form(
    today: date,
    uploads: Sequence[ImportChoice],
    forms: Sequence[FormChoice],
    taken: Collection[date],
    formdata: object,
    *,
    is_preview: bool,
) -> CohortForm:
    """The form with its choices, offering the first month from now on that has no audit yet (is not `taken`).

    A preview comes by GET: it changes nothing and needs no token.
    """
    fields = {}
    for plan in PlanType:
        fields[f"quota_{plan.value}"] = IntegerField(
            f"Fixed quota for {plan.label}", validators=[Optional(), NumberRange(0, LARGEST_SIZE)]
        )
        fields[f"form_{plan.value}"] = SelectField(
            f"Form for {plan.label}", choices=_form_choices(plan, forms)
        )
    built = type("BuiltCohortForm", (_CohortFormBySubmit,), fields)
    this_month = today.replace(day=1)
    months = [months_before(this_month, n) for n in range(-MONTHS_AHEAD, MONTHS_BACK + 1)]
    offered = next(
        (month for month in reversed(months) if month >= this_month and month not in taken), this_month
    )
    form: CohortForm = built(formdata, meta={"csrf": False} if is_preview else {}, due_on=_last_day(offered))
    form.month.choices = [SelectChoice(f"{month:%Y-%m}", month_label(month)) for month in months]
    form.caseload_import_id.choices = [
        SelectChoice(
            str(each.import_id), f"As at {each.as_at.day} {each.as_at:%B %Y}: {each.n_children:,} open cases"
        )
        for each in uploads
    ]
    if formdata is None:
        form.month.data = f"{offered:%Y-%m}"
        form.caseload_import_id.data = uploads[0].import_id if uploads else None
    return form


class AllocationForm(BaseForm):
    """Who takes part in the allocation of a cohort."""

    auditors = SelectMultipleField("Auditors who take part", coerce=int)


class ReallocationForm(BaseForm):
    """One case given to an auditor by hand."""

    auditor_id = SelectField("Auditor", coerce=int)
    reason = StringField(
        "Reason", validators=[InputRequired("Say why this auditor is chosen by hand."), Length(max=400)]
    )


def _form_choices(plan: PlanType, forms: Sequence[FormChoice]) -> list[SelectChoice]:
    """The forms meant for a plan type first, so that the first is chosen unless somebody chooses another."""
    meant = [each for each in forms if plan in each.plan_types]
    others = [each for each in forms if plan not in each.plan_types]
    named = [
        SelectChoice(str(each.version_id), f"{each.title}, version {each.number}")
        for each in [*meant, *others]
    ]
    return [*named, NO_FORM] if meant else [NO_FORM, *named]


def _last_day(month: date) -> date:
    return months_before(month, -1) - timedelta(days=1)
