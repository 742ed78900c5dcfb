"""An invented caseload of about 2,700 children, of the shape the reader of the child-level lists gives."""

from collections import Counter
from datetime import date, timedelta

from qa_app.demo.lots import lot, one_of, weighed
from qa_app.demo.places import TEAMS_OF_PLAN_TYPE, workers_of
from qa_app.domain.caseload import (
    CaseloadCase,
    CaseloadCounts,
    CaseloadExtract,
    CaseStatus,
    ListReading,
    PlanType,
)

N_BY_PLAN_TYPE: dict[PlanType | None, int] = {
    PlanType.LOOKED_AFTER: 318,
    PlanType.CHILD_PROTECTION: 236,
    PlanType.CHILD_IN_NEED: 874,
    PlanType.OPEN_ASSESSMENT: 701,
    PlanType.CARE_LEAVER: 243,
    None: 352,
}
"""How many children there are of each kind; those without a plan type have a closed episode."""

STATUS_OF: dict[PlanType | None, CaseStatus | None] = {
    PlanType.LOOKED_AFTER: CaseStatus.LOOKED_AFTER,
    PlanType.CHILD_PROTECTION: CaseStatus.CHILD_PROTECTION,
    PlanType.CHILD_IN_NEED: CaseStatus.CHILD_IN_NEED,
    PlanType.OPEN_ASSESSMENT: CaseStatus.OPEN_ASSESSMENT,
    PlanType.CARE_LEAVER: None,
    None: CaseStatus.CLOSED,
}
LISTS_OF: dict[PlanType | None, tuple[int, ...]] = {
    PlanType.LOOKED_AFTER: (6, 8),
    PlanType.CHILD_PROTECTION: (6, 7),
    PlanType.CARE_LEAVER: (9,),
}
AGES_OF: dict[PlanType | None, tuple[int, int]] = {PlanType.CARE_LEAVER: (18, 24)}
LONGEST_OPEN_DAYS: dict[PlanType | None, int] = {
    PlanType.OPEN_ASSESSMENT: 44,
    PlanType.CHILD_IN_NEED: 420,
    PlanType.CHILD_PROTECTION: 540,
}

ETHNICITIES = (
    ("WBRI", 55.0),
    ("WOTH", 8.0),
    ("MWBC", 7.0),
    ("BAFR", 8.0),
    ("BCRB", 6.0),
    ("AIND", 4.0),
    ("NOBT", 2.0),
)
NEEDS = (("N1 - Abuse or neglect", 58.0), ("N2 - Child’s disability", 9.0), ("N4 - Family in acute stress", 14.0),
         ("N5 - Family dysfunction", 19.0))  # fmt: skip

LEGAL_STATUSES = (("C2: FCO", 45.0), ("C1: ICO", 20.0), ("V2: S20 (single)", 25.0), ("E1: PO", 10.0))
PLACEMENTS = (
    ("U6: Foster placement - not FFA", 55.0),
    ("U3: Foster placement with relative or friend", 20.0),
    ("K2: Children's homes", 15.0),
    ("P1: Placed with own parents", 10.0),
)


def demonstration_caseload(as_at: date) -> CaseloadExtract:
    """The caseload of the invented council on a day: always the same for the same day."""
    cases = []
    for plan_type, n in N_BY_PLAN_TYPE.items():
        for number in range(1, n + 1):
            cases.append(case_of(plan_type, number, as_at))
    teams = tuple(sorted({case.team for case in cases if case.team}))
    workers = tuple((worker, team) for team in teams for worker in workers_of(team))
    return CaseloadExtract(as_at, readings(cases), counts(cases), tuple(cases), (), teams, workers)


def case_of(plan_type: PlanType | None, number: int, as_at: date) -> CaseloadCase:
    """One invented child."""
    kind = plan_type.value if plan_type else "closed"
    letters = {
        "looked_after": "L",
        "child_protection": "P",
        "child_in_need": "N",
        "open_assessment": "A",
    }.get(kind, "C")
    ref = f"DEMO-{'X' if plan_type is None else letters}{number:04d}"
    home = plan_type or PlanType.CHILD_IN_NEED
    team = one_of(TEAMS_OF_PLAN_TYPE[home], ref, "team")
    youngest, oldest = AGES_OF.get(plan_type, (0, 17))
    started = as_at - timedelta(days=1 + int(lot(ref, "days") * LONGEST_OPEN_DAYS.get(plan_type, 1500)))
    return CaseloadCase(
        child_ref=ref,
        plan_type=plan_type,
        case_status=STATUS_OF[plan_type],
        lists=LISTS_OF.get(plan_type, (6,)),
        age=youngest + int(lot(ref, "age") * (oldest - youngest + 1)),
        gender=one_of(("Female", "Male"), ref, "gender"),
        ethnicity=weighed(ETHNICITIES, ref, "ethnicity"),
        disability="No" if lot(ref, "disability") > 0.12 else "Yes",
        need=weighed(NEEDS, ref, "need"),
        team=team,
        worker=one_of(workers_of(team), ref, "worker"),
        started_on=started,
        facts=facts_of(plan_type, ref, started, as_at),
    )


def facts_of(plan_type: PlanType | None, ref: str, started: date, as_at: date) -> dict[str, str]:
    """The other kept columns of one case, by the reader's names for them."""
    seen = max(as_at - timedelta(days=int(lot(ref, "seen") * 30)), started).isoformat()
    if plan_type is PlanType.CHILD_PROTECTION:
        category = one_of(("Neglect", "Emotional abuse", "Physical abuse", "Sexual abuse"), ref, "category")
        return {
            "cp_start": started.isoformat(),
            "cp_initial_category": category,
            "cp_latest_category": category,
            "cp_last_visit": seen,
            "cp_seen_alone": "Yes" if lot(ref, "alone") < 0.8 else "No",
            "cp_previous_plans": str(int(lot(ref, "plans") * 3)),
        }
    if plan_type is PlanType.LOOKED_AFTER:
        return {
            "cla_start": started.isoformat(),
            "legal_status": weighed(LEGAL_STATUSES, ref, "legal"),
            "placement_type": weighed(PLACEMENTS, ref, "placement"),
            "cla_last_visit": seen,
            "placements_12m": str(1 + int(lot(ref, "placements") * 3)),
            "missing_12m": str(int(lot(ref, "missing") ** 3 * 5)),
        }
    if plan_type is PlanType.CARE_LEAVER:
        return {"cl_last_contact": seen, "cl_in_touch": "Yes" if lot(ref, "touch") < 0.9 else "No"}
    return {"cin_start": started.isoformat(), "last_seen": seen}


def readings(cases: list[CaseloadCase]) -> dict[int, ListReading]:
    """What each list would have held."""
    rows = rows_by_list(cases)
    return {number: ListReading(f"List_{number}", n, n, 0, 0) for number, n in rows.items()}


def rows_by_list(cases: list[CaseloadCase]) -> dict[int, int]:
    """How many rows each of Lists 6 to 9 holds."""
    found = Counter(number for case in cases for number in case.lists)
    return {number: found[number] for number in (6, 7, 8, 9)}


def counts(cases: list[CaseloadCase]) -> CaseloadCounts:
    """What the lists hold, counted from the cases themselves."""
    rows = rows_by_list(cases)
    statuses = Counter(case.case_status.label for case in cases if case.case_status)
    closed = sum(case.case_status is CaseStatus.CLOSED for case in cases)
    leavers = sum(case.plan_type is PlanType.CARE_LEAVER for case in cases)
    return CaseloadCounts(
        rows_by_list=rows,
        list6_by_case_status=dict(statuses),
        list7_open=rows[7],
        list7_ended=0,
        list8_open=rows[8],
        list8_ceased=0,
        list9_by_eligibility={"d) Former relevant child": leavers},
        current_children_list6=rows[6] - closed,
        current_children_including_care_leavers=rows[6] - closed + leavers,
        distinct_people_all_child_lists=len(cases),
        teams=len({case.team for case in cases}),
        workers=len({case.worker for case in cases}),
        unborn_on_list6=0,
    )
