"""The demonstration's case flags, as one sheet that was stored, and who supervises whom in its teams."""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from qa_app.demo.caseload import demonstration_caseload
from qa_app.demo.lots import lot
from qa_app.demo.places import TEAMS, workers_of
from qa_app.domain.access import Viewer
from qa_app.domain.case_flags import REVIEWING_OFFICER, ReadFlag
from qa_app.domain.caseload import CaseloadCase, PlanType
from qa_app.queries.case_flags import get_kind, list_flag_rows
from qa_app.queries.organisation_people import get_practitioners_page
from qa_app.services import organisation
from qa_app.services.case_flag_sheets import store_flags

OFFICERS = 5
SHARES: dict[str, tuple[PlanType, float]] = {
    "Complaint open": (PlanType.CHILD_IN_NEED, 0.012),
    "Pre-proceedings": (PlanType.CHILD_PROTECTION, 0.16),
    "Placed at home": (PlanType.LOOKED_AFTER, 0.04),
    "Closing": (PlanType.CHILD_IN_NEED, 0.05),
}
"""For each kind of flag, of which children and how many of them."""


def flag_cases(viewer: Viewer, day: date, *, at: datetime) -> None:
    """Store the flags of the invented council as at a day. Children who have a reviewing officer keep theirs."""
    label = get_kind(viewer, REVIEWING_OFFICER).label
    taken = {row[0] for row in list_flag_rows(viewer, at.date()) if row[1] == label}
    flags = tuple(_flags(day, taken))
    sha256 = hashlib.sha256(f"demonstration flags {day}".encode()).hexdigest()
    store_flags(viewer, flags, day, False, {}, sha256, at=at)


def supervise_teams(viewer: Viewer, *, at: datetime) -> None:
    """Let the last worker of each team supervise the two before."""
    people: dict[str, int] = {}
    page, n_pages = 1, 1
    while page <= n_pages:
        shown = get_practitioners_page(viewer, page=page)
        people |= {one.name: one.practitioner_id for one in shown.practitioners}
        page, n_pages = page + 1, shown.n_pages
    for teams in TEAMS.values():
        for team in teams:
            *_, one, other, above = workers_of(team)
            for worker in (one, other):
                if worker in people and above in people:
                    organisation.name_supervisor(viewer, people[worker], people[above], at=at)


def _flags(day: date, taken: set[str]) -> Iterator[ReadFlag]:
    row = 1
    cases = demonstration_caseload(day).cases
    for case in cases:
        for kind, value in _of(case, taken):
            row += 1
            starts_on = day - timedelta(days=1 + int(lot(case.child_ref, kind, "since") * 120))
            yield ReadFlag(
                tab="Flags", row=row, child_ref=case.child_ref, kind=kind, value=value, starts_on=starts_on
            )


def _of(case: CaseloadCase, taken: set[str]) -> Iterator[tuple[str, str]]:
    for kind, (plan_type, share) in SHARES.items():
        if case.plan_type is plan_type and lot(case.child_ref, kind) < share:
            yield kind, ""
    in_care = case.plan_type in (PlanType.LOOKED_AFTER, PlanType.CHILD_PROTECTION)
    if in_care and lot(case.child_ref, "siblings") < 0.4:
        group = 1 + int(lot(case.child_ref, "group") * 80)
        yield "Sibling group", f"{'L' if case.plan_type is PlanType.LOOKED_AFTER else 'P'}{group:03}"
    if in_care and case.child_ref not in taken:
        number = 1 + int(lot(case.child_ref, "officer") * OFFICERS)
        yield "Reviewing officer or conference chair", f"Independent reviewing officer {number}"
