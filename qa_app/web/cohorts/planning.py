"""Planning a cohort: its questions, what a draw would be made from, and the draw of what was seen."""

import hashlib
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.case_filters import FILTERS
from qa_app.domain.cohort_plan import CohortRules, preview
from qa_app.domain.cohorts import CohortKind
from qa_app.domain.errors import Invalid, NotFound
from qa_app.domain.quotas import StratumQuota
from qa_app.domain.sampling import DrawPreview
from qa_app.queries import case_flags, cohorts_frame, cohorts_population
from qa_app.services import cohorts as cohort_service
from qa_app.web.cohorts.forms import QUOTA, CohortForm, cohort_form
from qa_app.web.shared.access import current_viewer

KINDS = (
    CohortKind.MONTHLY_AUDIT,
    CohortKind.THEMATIC,
    CohortKind.DEEP_DIVE,
    CohortKind.MULTI_AGENCY,
    CohortKind.DIP_SAMPLE,
    CohortKind.RE_AUDIT,
    CohortKind.MANAGER_REVIEW,
)
"""Kinds whose cases are found in the caseload by rule. The others come by referral, or are no cases."""


@dataclass(frozen=True)
class Seen:
    """What a preview shows: the draw as it would be, the rules in words, and what the month holds already."""

    draw: DrawPreview
    words: tuple[str, ...]
    n_already: int

    @property
    def numbered(self) -> list[tuple[int, StratumQuota]]:
        """The strata with a number each, for the names of their boxes."""
        return list(enumerate(self.draw.quotas.strata, start=1))


def kind_asked() -> CohortKind:
    """The kind in the address; a monthly audit where there is none.

    Errors: NotFound for a kind that is not planned so.
    """
    asked = request.args.get("kind", CohortKind.MONTHLY_AUDIT.value)
    found = next((kind for kind in KINDS if kind.value == asked), None)
    if found is None:
        raise NotFound()
    return found


def show_plan(kind: CohortKind) -> str:
    """The questions, with the usual answers of the kind."""
    return _page(kind, build_form(kind, None), None, {})


def take_plan(kind: CohortKind) -> ResponseReturnValue:
    """Preview what was asked for, or draw it when it is exactly what was previewed."""
    form = build_form(kind, request.form)
    quotas, faults = quotas_asked()
    if form.validate() and not faults:
        try:
            rules = form.rules(kind, case_flags.list_kinds(current_viewer()), quotas)
            plan = form.plan(rules)
            cohort_service.check_plan(plan)
            if request.form.get("act") == "draw" and form.seen.data == mark_of_form():
                cohort = cohort_service.draw_cohort(current_viewer(), plan, at=clock.now())
                flash("The cohort is drawn. Next, give its cases to auditors.", "success")
                return redirect(url_for("cohorts.show", cohort_id=cohort.id))
            seen = look_ahead(form, rules)
        except Invalid as refusal:
            faults |= place(form, refusal)
        else:
            form.seen.data = mark_of_form()
            return _page(kind, form, seen, faults)
    return _page(kind, form, None, faults), 422


def build_form(kind: CohortKind, formdata: object) -> CohortForm:
    """The form of a kind with everything that can be chosen."""
    viewer = current_viewer()
    flag_kinds = [each for each in case_flags.list_kinds(viewer) if each.is_in_use and not each.one_at_a_time]
    return cohort_form(
        kind,
        clock.today(),
        cohorts_population.list_import_choices(viewer),
        cohorts_population.list_form_choices(viewer, kind),
        flag_kinds,
        cohorts_population.list_action_choices(viewer) if viewer.may(Permission.SEE_PLAN) else (),
        cohorts_population.count_cases_by_month(viewer),
        formdata,
    )


def quotas_asked() -> tuple[dict[str, int], dict[str, str]]:
    """The quotas typed beside the strata, by stratum, and what is wrong with others."""
    quotas: dict[str, int] = {}
    faults: dict[str, str] = {}
    for name, typed in request.form.items():
        key = name.removeprefix(QUOTA)
        if key == name or not typed.strip():
            continue
        if typed.strip().isascii() and typed.strip().isdigit() and len(typed.strip()) <= 4:
            quotas[key] = int(typed)
        else:
            faults[key] = "Enter a whole number, or leave the box empty for the share of the population."
    return quotas, faults


def look_ahead(form: CohortForm, rules: CohortRules) -> Seen:
    """What the plan would draw from. Quotas of strata that the plan no longer has are let go.

    Errors: Invalid for rules that cannot be meant.
    """
    viewer = current_viewer()
    import_id = form.caseload_import_id.data
    frame = cohorts_frame.get_frame(viewer, import_id, rules)
    already = (
        cohorts_population.count_cases_by_month(viewer) if rules.kind is CohortKind.MONTHLY_AUDIT else {}
    )
    return Seen(preview(frame, rules), frame.words, already.get(rules.month, 0))


def mark_of_form() -> str:
    """A mark of everything that was answered, so that a plan changed after its preview is seen again first."""
    answered = sorted(
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in ("csrf_token", "act", "seen") and (value.strip() or not name.startswith(QUOTA))
    )
    return hashlib.sha256(repr(answered).encode()).hexdigest()[:32]


def place(form: CohortForm, refusal: Invalid) -> dict[str, str]:
    """Put a refusal at the field that it speaks of; one that speaks of a stratum is given back by its key."""
    if refusal.field in form:
        form[refusal.field].errors = [*form[refusal.field].errors, refusal.message]
        return {}
    fallback = {"columns": "column_1", "filters": "filter_section_20_long"}.get(refusal.field, "size")
    form[fallback].errors = [*form[fallback].errors, refusal.message]
    return {}


def _page(kind: CohortKind, form: CohortForm, seen: Seen | None, faults: dict[str, str]) -> str:
    errors = [
        {"text": message, "href": f"#quota-{number}"}
        for number, message in enumerate(faults.values(), start=1)
    ]
    typed = {
        name.removeprefix(QUOTA): value for name, value in request.form.items() if name.startswith(QUOTA)
    }
    return render_template(
        "cohorts/new.html", form=form, seen=seen, kind=kind, kinds=KINDS, typed=typed, faults=faults,
        quota_errors=errors, plan_month=_month_words(form),
        rules={key: each.in_general for key, each in FILTERS.items()},
    )  # fmt: skip


def _month_words(form: CohortForm) -> str:
    choices = {str(value): words for value, words, *_ in form.month.iter_choices()}
    return str(choices.get(form.month.data, "This month"))
