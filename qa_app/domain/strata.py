"""The columns by which a population may be divided into strata, each child in exactly one part."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from qa_app.domain.case_facts import CaseFacts
from qa_app.domain.caseload import PlanType
from qa_app.domain.errors import Invalid
from qa_app.domain.quotas import Stratum

NOT_RECORDED = "not_recorded"
"""The stratum of children for whom the lists say nothing in a column: shown, never left out in silence."""
JOINT = " | "
_AGE_BANDS = (
    (0, "Under 1"),
    (4, "1 to 4"),
    (9, "5 to 9"),
    (15, "10 to 15"),
    (17, "16 and 17"),
    (999, "18 or over"),
)


class StratumColumn(StrEnum):
    """One way to divide the population. Stored by value in selection records."""

    PLAN_TYPE = "plan_type"
    SERVICE_AREA = "service_area"
    TEAM = "team"
    AGE_BAND = "age_band"
    NEED = "need"
    GENDER = "gender"
    ETHNICITY = "ethnicity"
    DISABILITY = "disability"
    LEGAL_STATUS = "legal_status"
    PLACEMENT_TYPE = "placement_type"
    PLACEMENT_PROVIDER = "placement_provider"
    PLACEMENT_LOCATION = "placement_in_out"
    ABUSE_CATEGORY = "cp_latest_category"
    PERMANENCE_PLAN = "permanence_plan"
    CEASED_REASON = "cla_end_reason"
    CLOSURE_REASON = "closure_reason"
    LEAVER_CATEGORY = "cl_eligibility"
    ACCOMMODATION = "cl_accommodation"
    ACTIVITY = "cl_activity"

    @property
    def label(self) -> str:
        """The column as people say it."""
        return _LABELS.get(self, self.value.replace("_", " ").capitalize())


_LABELS = {
    StratumColumn.PLACEMENT_LOCATION: "Placement in or out of the area",
    StratumColumn.ABUSE_CATEGORY: "Category of abuse",
    StratumColumn.CEASED_REASON: "Reason care ceased",
    StratumColumn.LEAVER_CATEGORY: "Care leaver category",
    StratumColumn.ACTIVITY: "Activity of the care leaver",
}
_OWN: Mapping[StratumColumn, Callable[[CaseFacts], str | None]] = {
    StratumColumn.PLAN_TYPE: lambda case: case.reviewed_as.value,
    StratumColumn.SERVICE_AREA: lambda case: case.service_area,
    StratumColumn.TEAM: lambda case: case.team,
    StratumColumn.AGE_BAND: lambda case: age_band(case.age, is_unborn=case.is_unborn),
    StratumColumn.NEED: lambda case: case.need,
    StratumColumn.GENDER: lambda case: case.gender,
    StratumColumn.ETHNICITY: lambda case: case.ethnicity,
    StratumColumn.DISABILITY: lambda case: case.disability,
}


@dataclass(frozen=True, slots=True)
class Division:
    """A population divided: the stratum of every child, and the strata in order of their size, then label."""

    stratum_by_ref: Mapping[str, str]
    strata: tuple[Stratum, ...]


def age_band(age: int | None, *, is_unborn: bool = False) -> str | None:
    """The band of an age in whole years, or none where it is not known."""
    if is_unborn:
        return "Unborn"
    if age is None:
        return None
    return next(label for upper, label in _AGE_BANDS if age <= upper)


def stratum_of(case: CaseFacts, columns: Iterable[StratumColumn]) -> str:
    """The key of the stratum in which a child counts, over one column or several together."""
    return JOINT.join(_value(case, column) or NOT_RECORDED for column in columns)


def stratum_label(key: str, columns: Iterable[StratumColumn]) -> str:
    """A stratum in the words that people read."""
    return ", ".join(
        _part_label(part, column) for part, column in zip(key.split(JOINT), columns, strict=True)
    )


def divide(
    cases: Iterable[CaseFacts], columns: tuple[StratumColumn, ...], fixed: Mapping[str, int]
) -> Division:
    """Put every case into its stratum; `fixed` sets quotas by hand, by stratum key.

    Errors: Invalid for no column, more than two, one twice, and a quota for a stratum nobody is in.
    """
    if not 1 <= len(columns) <= 2 or len(set(columns)) < len(columns):
        raise Invalid("columns", "Choose one column to divide the population by, or two different ones.")
    stratum_by_ref = {case.child_ref: stratum_of(case, columns) for case in cases}
    sizes: dict[str, int] = {}
    for key in stratum_by_ref.values():
        sizes[key] = sizes.get(key, 0) + 1
    for key, quota in fixed.items():
        if key.count(JOINT) + 1 != len(columns):
            raise Invalid("quotas", "A quota is fixed for a stratum of other columns. Fix the quotas again.")
        if key not in sizes and quota:
            raise Invalid(
                "quotas",
                f"{stratum_label(key, columns)}: a quota is fixed at {quota}, and the population holds nobody there.",
            )
    ordered = sorted(sizes, key=lambda key: (-sizes[key], stratum_label(key, columns)))
    return Division(
        stratum_by_ref,
        tuple(Stratum(key, stratum_label(key, columns), fixed.get(key)) for key in ordered),
    )


def _value(case: CaseFacts, column: StratumColumn) -> str | None:
    own = _OWN.get(column)
    value = own(case) if own is not None else case.facts.get(column.value)
    return value.replace(JOINT, " / ") if value else None


def _part_label(part: str, column: StratumColumn) -> str:
    if part == NOT_RECORDED:
        return f"{column.label} not recorded"
    if column is StratumColumn.PLAN_TYPE:
        return PlanType(part).label
    return part
