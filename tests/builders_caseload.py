"""Makes caseloads for tests: small ones of invented cases, stored as an upload stores them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from qa_app.domain.access import SYSTEM
from qa_app.domain.caseload import (
    CaseloadCase,
    CaseloadCounts,
    CaseloadExtract,
    CaseStatus,
    ImportFault,
    ListReading,
    PlanType,
)
from qa_app.models.caseload import CaseloadImport
from qa_app.services.caseload import store_extract

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
STATUS = {
    PlanType.LOOKED_AFTER: CaseStatus.LOOKED_AFTER,
    PlanType.CHILD_PROTECTION: CaseStatus.CHILD_PROTECTION,
    PlanType.CHILD_IN_NEED: CaseStatus.CHILD_IN_NEED,
    PlanType.OPEN_ASSESSMENT: CaseStatus.OPEN_ASSESSMENT,
    None: CaseStatus.CLOSED,
}


def make_case(
    ref: str,
    plan_type: PlanType | None = PlanType.CHILD_IN_NEED,
    team: str | None = "Team North",
    worker: str | None = "Worker One",
) -> CaseloadCase:
    """One case as the reader gives it."""
    return CaseloadCase(ref, plan_type, STATUS.get(plan_type), (6,), age=11, team=team, worker=worker)


def make_extract(
    cases: Sequence[CaseloadCase], as_at: date = date(2026, 10, 30), faults: Sequence[ImportFault] = ()
) -> CaseloadExtract:
    """A reading that holds these cases, with counts that fit."""
    teams = sorted({case.team for case in cases if case.team})
    workers = {case.worker: case.team for case in cases if case.worker}
    current = [case for case in cases if case.plan_type is not None]
    n_children = sum(case.plan_type is not PlanType.CARE_LEAVER for case in current)
    by_status: dict[str, int] = {}
    for case in cases:
        if case.case_status is not None:
            by_status[case.case_status.label] = by_status.get(case.case_status.label, 0) + 1
    counts = CaseloadCounts(
        {6: len(cases)},
        by_status,
        0,
        0,
        0,
        0,
        {},
        n_children,
        len(current),
        len(cases),
        len(teams),
        len(workers),
        0,
    )
    lists = {6: ListReading("List 6", len(cases), len(cases), 0, 0)}
    return CaseloadExtract(
        as_at, lists, counts, tuple(cases), tuple(faults), tuple(teams), tuple(sorted(workers.items()))
    )


def make_caseload(
    cases: Sequence[CaseloadCase], as_at: date = date(2026, 10, 30), sha256: str = "a" * 64
) -> CaseloadImport:
    """An upload of these cases, stored."""
    return store_extract(SYSTEM, make_extract(cases, as_at), sha256, at=AT)
