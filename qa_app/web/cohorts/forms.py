"""The forms of the cohort pages."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from qa_app.domain.case_filters import FILTERS
from qa_app.domain.case_flags import FlagKind
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohort_plan import LONGEST_LOOK_BACK_MONTHS, CohortRules, FilterRule, read_named
from qa_app.domain.cohort_rules import DEFAULT_SIZE, LARGEST_SIZE, month_label, months_before, read_month
from qa_app.domain.cohorts import CohortKind
from qa_app.domain.strata import StratumColumn
from qa_app.queries.cohorts_population import FormChoice, ImportChoice
from qa_app.services.cohorts import LONGEST_TITLE, CohortPlan
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.date_fields import DayField

MONTHS_AHEAD, MONTHS_BACK = 6, 18
NO_FORM = SelectChoice("0", "No form")
NO_COLUMN = SelectChoice("", "Nothing more")
QUOTA = "quota:"
"""Before the key of a stratum in the name of the box for its quota."""
USUAL_SIZE = {CohortKind.MONTHLY_AUDIT: DEFAULT_SIZE}
KINDS_THAT_LOOK_BACK = (CohortKind.MONTHLY_AUDIT, CohortKind.THEMATIC, CohortKind.MULTI_AGENCY)
"""Kinds that usually leave out whoever was reviewed in the last year; the others pick cases for what they are."""


class CohortForm(BaseForm):
    """What makes a cohort. Fields for filters and for the form of each plan type are added when it is built."""

    title = StringField(
        "Title",
        description="Leave empty for the usual one: the kind and its month.",
        validators=[Optional(), Length(max=LONGEST_TITLE)],
    )
    month = SelectField("Month")
    caseload_import_id = SelectField("Caseload to draw from", coerce=int)
    due_on = DayField("Reviews due on", validators=[InputRequired("Enter the day by which reviews are due.")])
    how = RadioField(
        "How many",
        choices={"sample": "A sample of the size below", "census": "Everybody who meets the rules"},
        default="sample",
    )
    size = IntegerField(
        "Number of cases",
        default=20,
        validators=[Optional(), NumberRange(1, LARGEST_SIZE, f"Enter a number from 1 to {LARGEST_SIZE}.")],
    )
    column_1 = SelectField(
        "Share the cases out by",
        choices={each.value: each.label for each in StratumColumn},
        default=StratumColumn.PLAN_TYPE.value,
    )
    column_2 = SelectField(
        "and within that by",
        choices=[NO_COLUMN, *(SelectChoice(each.value, each.label) for each in StratumColumn)],
        default="",
    )
    plan_types = SelectMultipleField(
        "Only these plan types",
        description="Tick none to take all of them.",
        choices={plan.value: plan.label for plan in PlanType},
    )
    look_back_months = IntegerField(
        "Months to look back for a graded review",
        description="Children with a submitted graded review in that time are left out; 0 leaves nobody out.",
        validators=[InputRequired("Enter 0 or more months."), NumberRange(0, LONGEST_LOOK_BACK_MONTHS)],
    )
    open_under_weeks = IntegerField(
        "Leave out cases open for less than so many weeks",
        description="0 leaves nobody out.",
        default=0,
        validators=[InputRequired("Enter 0 or more weeks."), NumberRange(0, 104)],
    )
    flags = SelectMultipleField("Leave out children flagged as")
    named = TextAreaField(
        "Leave out these children",
        description="One a line: the reference, a comma, and why. For example, C1042, court on the day.",
        validators=[Length(max=20_000)],
    )
    one_of_a_family = BooleanField("Take one child of a sibling group at most", default=True)
    seed = StringField(
        "Seed",
        description="Leave empty for a fresh one. The same seed and rules always draw the same cases.",
        validators=[Optional(), Length(max=64)],
    )
    plan_action_id = SelectField("Action of the improvement plan that it delivers", coerce=int, default=0)
    seen = HiddenField()
    """What the last preview was made of: a plan is drawn only as it was seen."""

    @property
    def filter_fields(self) -> list[tuple[str, BooleanField, IntegerField | None]]:
        """The ready-made filters: key, box to tick, and box for the number where there is one."""
        return [
            (key, self[f"filter_{key}"], self[f"n_{key}"] if each.unit else None)
            for key, each in FILTERS.items()
        ]

    @property
    def form_fields(self) -> list[tuple[PlanType, SelectField]]:
        """The plan types, each with the choice of its form."""
        return [(plan, self[f"form_{plan.value}"]) for plan in PlanType]

    def rules(self, kind: CohortKind, flag_kinds: Sequence[FlagKind], quotas: dict[str, int]) -> CohortRules:
        """The rules that were asked for; only of a form that has been validated.

        Errors: Invalid for a list of children left out that cannot be read.
        """
        reasons = {each.key: each.exclusion for each in flag_kinds}
        columns = [StratumColumn(each) for each in (self.column_1.data, self.column_2.data) if each]
        return CohortRules(
            kind=kind,
            month=read_month(self.month.data),
            size=None if self.how.data == "census" else self.size.data or 0,
            columns=tuple(columns),
            quotas={} if self.how.data == "census" else quotas,
            plan_types=tuple(PlanType(each) for each in self.plan_types.data or []),
            filters=tuple(
                FilterRule(key=key, n=number.data if number is not None else None)
                for key, tick, number in self.filter_fields
                if tick.data
            ),
            look_back_months=self.look_back_months.data or 0,
            open_under_weeks=self.open_under_weeks.data or 0,
            flags={key: reasons[key] for key in self.flags.data or []},
            named=read_named(self.named.data or ""),
            one_of_a_family=bool(self.one_of_a_family.data),
        )

    def plan(self, rules: CohortRules) -> CohortPlan:
        """The cohort that was asked for; only of a form that has been validated."""
        assert self.due_on.data is not None
        return CohortPlan(
            rules,
            due_on=self.due_on.data,
            caseload_import_id=self.caseload_import_id.data,
            form_versions={plan: int(form.data) for plan, form in self.form_fields if form.data != "0"},
            seed=self.seed.data or "",
            title=self.title.data or "",
            plan_action_id=self.plan_action_id.data or None,
        )


class _CohortFormBySubmit(CohortForm):
    """Base of the form classes built for a request; a class of its own, as fields belong to classes."""


def cohort_form(
    kind: CohortKind,
    today: date,
    uploads: Sequence[ImportChoice],
    forms: Sequence[FormChoice],
    flag_kinds: Sequence[FlagKind],
    actions: Sequence[tuple[int, str]],
    taken: Collection[date],
    formdata: object,
) -> CohortForm:
    """The form with its choices, offering the first month from now on that has no audit yet (is not `taken`)."""
    fields: dict[str, object] = {}
    for plan in PlanType:
        fields[f"form_{plan.value}"] = SelectField(
            f"Form for {plan.label}", choices=_form_choices(plan, forms)
        )
    for key, each in FILTERS.items():
        fields[f"filter_{key}"] = BooleanField(each.label)
        if each.unit:
            fields[f"n_{key}"] = IntegerField(
                f"{each.label}: {each.unit}",
                default=each.usual,
                validators=[Optional(), NumberRange(0, 600, "Enter a whole number from 0 to 600.")],
            )
    built = type("BuiltCohortForm", (_CohortFormBySubmit,), fields)
    this_month = today.replace(day=1)
    months = [months_before(this_month, n) for n in range(-MONTHS_AHEAD, MONTHS_BACK + 1)]
    free = (month for month in reversed(months) if month >= this_month and month not in taken)
    offered = next(free, this_month) if kind is CohortKind.MONTHLY_AUDIT else this_month
    form: CohortForm = built(
        formdata,
        due_on=_last_day(offered),
        size=USUAL_SIZE.get(kind, 20),
        how="census" if kind is CohortKind.MANAGER_REVIEW else "sample",
        look_back_months=12 if kind in KINDS_THAT_LOOK_BACK else 0,
        flags=[each.key for each in flag_kinds if each.excludes],
        filter_graded_inadequate=kind is CohortKind.RE_AUDIT,
    )
    form.flags.choices = [SelectChoice(each.key, each.label) for each in flag_kinds]
    form.plan_action_id.choices = [
        SelectChoice("0", "None"),
        *(SelectChoice(str(number), words) for number, words in actions),
    ]
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
    hand_over = BooleanField("Hand over what is written in the review; each answer keeps who wrote it")
    despite_tie = BooleanField("I approve this choice although there is a tie to the case's team")


def _form_choices(plan: PlanType, forms: Sequence[FormChoice]) -> list[SelectChoice]:
    """The forms meant for a plan type first, so that the first is chosen unless somebody chooses another.

    A form that names no plan type is for a subject of its own and serves all of them.
    """
    meant = [each for each in forms if plan in each.plan_types or not each.plan_types]
    others = [each for each in forms if each not in meant]
    meant.sort(key=lambda each: not each.plan_types)
    named = [
        SelectChoice(str(each.version_id), f"{each.title}, version {each.number}")
        for each in [*meant, *others]
    ]
    return [*named, NO_FORM] if meant else [NO_FORM, *named]


def _last_day(month: date) -> date:
    return months_before(month, -1) - timedelta(days=1)
