"""The year's programme: what is planned, what is drawn, and whether there are hands for it."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM
from qa_app.domain.capacity import Leave
from qa_app.domain.cohorts import CohortKind, ProgrammeKind
from qa_app.domain.errors import Invalid, NotAllowed, NotFound
from qa_app.queries.programme import ProgrammeMonth, get_programme_page
from qa_app.services.cohorts_capacity import add_leave, set_capacity
from qa_app.services.programme import Planned, add_entry, drop_entry
from tests.builders import make_user, viewer_of
from tests.builders_cohorts import AT, make_cohort
from tests.query_counter import count_selects

pytestmark = pytest.mark.database
FIRST = date(2026, 9, 1)


def month_of(month: date) -> ProgrammeMonth:
    return next(each for each in get_programme_page(SYSTEM, FIRST).months if each.month == month)


def test_needed_against_what_auditors_can_take_on(session: Session) -> None:
    person = make_user("Auditor")
    monthly = Planned(
        ProgrammeKind.PLANNED_COHORT,
        "Monthly",
        date(2026, 11, 1),
        date(2026, 11, 30),
        53,
        CohortKind.MONTHLY_AUDIT,
    )
    add_entry(SYSTEM, monthly, at=AT)
    add_entry(
        SYSTEM,
        Planned(ProgrammeKind.PRACTICE_WEEK, "Autumn", date(2026, 11, 9), date(2026, 11, 13), 6),
        at=AT,
    )
    planned = month_of(date(2026, 11, 1))
    assert (planned.n_needed, planned.n_capacity, planned.n_unknown, planned.warning) == (59, 0, 1, "")
    set_capacity(SYSTEM, person.id, 4, at=AT)
    assert month_of(date(2026, 11, 1)).warning == "59 reviews, and auditors can take on 4."
    make_cohort(size=10)
    drawn = month_of(date(2026, 11, 1))
    assert (drawn.n_drawn, drawn.n_needed) == (10, 16)
    add_leave(SYSTEM, person.id, Leave(date(2026, 12, 1), date(2026, 12, 31)), at=AT)
    assert month_of(date(2026, 12, 1)).n_capacity == 0


def test_a_month_kept_free_says_when_something_stands_in_it(session: Session) -> None:
    free = Planned(ProgrammeKind.NO_AUDITS, "Summer", date(2027, 8, 1), date(2027, 8, 31))
    entry = add_entry(SYSTEM, free, at=AT)
    august = month_of(date(2027, 8, 1))
    assert august.is_without_audits
    assert august.warning == ""
    add_entry(
        SYSTEM, Planned(ProgrammeKind.REVISIT, "Revisit", date(2027, 7, 20), date(2027, 8, 5), 5), at=AT
    )
    assert month_of(date(2027, 8, 1)).warning == "Kept without audits, and 5 reviews stand in it."
    drop_entry(SYSTEM, entry.id, at=AT)
    assert not month_of(date(2027, 8, 1)).is_without_audits
    with pytest.raises(NotFound):
        drop_entry(SYSTEM, entry.id, at=AT)


@pytest.mark.parametrize(
    ("planned", "field"),
    [
        (Planned(ProgrammeKind.REVISIT, " ", FIRST, FIRST), "title"),
        (Planned(ProgrammeKind.REVISIT, "x", FIRST, date(2026, 8, 1)), "ends_on"),
        (Planned(ProgrammeKind.REVISIT, "x", FIRST, date(2028, 8, 1)), "ends_on"),
        (Planned(ProgrammeKind.REVISIT, "x", FIRST, FIRST, -1), "n_cases"),
        (Planned(ProgrammeKind.NO_AUDITS, "x", FIRST, FIRST, 1), "n_cases"),
        (Planned(ProgrammeKind.PLANNED_COHORT, "x", FIRST, FIRST, 1), "cohort_kind"),
    ],
)
def test_what_cannot_be_meant_is_refused(session: Session, planned: Planned, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        add_entry(SYSTEM, planned, at=AT)
    assert refused.value.field == field


def test_it_takes_the_role_and_a_fixed_number_of_statements(session: Session) -> None:
    with pytest.raises(NotAllowed):
        add_entry(viewer_of(make_user()), Planned(ProgrammeKind.REVISIT, "x", FIRST, FIRST), at=AT)
    with pytest.raises(NotAllowed):
        get_programme_page(viewer_of(make_user("Other")), FIRST)
    with count_selects() as counted:
        get_programme_page(SYSTEM, FIRST)
    assert len(counted) <= 4
