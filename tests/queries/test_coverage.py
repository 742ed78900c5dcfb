"""Coverage: n of N by hand, in the viewer's teams, in a fixed number of statements."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohorts import CohortKind, ReviewState
from qa_app.models.cohorts import Cohort, CohortCase, CohortForm
from qa_app.models.organisation import Team
from qa_app.models.reviews import Review
from qa_app.queries.coverage import get_coverage_page
from qa_app.services.cohorts_allocation import allocate_cohort
from tests.builders import make_service_area, make_user, viewer_of
from tests.builders_caseload import make_case, make_caseload
from tests.builders_cohorts import AT, make_cohort
from tests.query_counter import count_selects

pytestmark = pytest.mark.database
TODAY = AT.date()


def reviewed_cohort(session: Session, n: int = 4, **changes: object) -> Cohort:
    """Two of the children drawn and reviewed; they are of both teams only if the lots say so."""
    cases = [
        make_case(
            f"c{i}", PlanType.CHILD_IN_NEED, "Team North" if i < n // 2 else "Team South", f"Worker {i}"
        )
        for i in range(n)
    ]
    cohort = make_cohort(make_caseload([*cases, make_case("closed", None)]), size=2, **changes)
    allocate_cohort(SYSTEM, cohort.id, [make_user("Auditor").id], at=AT)
    version = session.scalar(select(CohortForm.form_version_id))
    for review in session.scalars(select(Review)):
        review.form_version_id, review.state, review.submitted_at = version, ReviewState.SUBMITTED, AT
    session.flush()
    return cohort


def test_n_of_n_by_every_part(session: Session) -> None:
    reviewed_cohort(session)
    page = get_coverage_page(SYSTEM, TODAY)
    assert (page.total.n_reviewed, page.total.n_children) == (2, 4)
    for name, lines in page.parts:
        assert sum(line.n_children for line in lines) == 4, name
        assert sum(line.n_reviewed for line in lines) == 2, name
    assert dict(page.parts)["Age"][0].name == "10 to 15"
    assert dict(page.parts)["Ethnicity"][0].name == "Not recorded"
    assert (page.n_never, len(page.practitioners)) == (2, 4)
    assert [line.n_reviews for line in page.practitioners] == [0, 0, 1, 1]


def test_what_is_too_old_or_no_independent_audit_does_not_count(session: Session) -> None:
    cohort = reviewed_cohort(session)
    assert get_coverage_page(SYSTEM, TODAY + timedelta(days=366)).total.n_reviewed == 0
    assert get_coverage_page(SYSTEM, TODAY - timedelta(days=1)).total.n_reviewed == 0
    cohort.kind = CohortKind.MANAGER_REVIEW
    session.flush()
    page = get_coverage_page(SYSTEM, TODAY)
    assert (page.total.n_reviewed, page.n_never) == (0, 4)


def test_a_head_of_service_sees_their_teams_and_an_empty_council_says_so(session: Session) -> None:
    assert get_coverage_page(SYSTEM, TODAY).as_at is None
    reviewed_cohort(session)
    area = make_service_area("North")
    session.scalars(select(Team).where(Team.name == "Team North")).one().service_area_id = area.id
    session.flush()
    head = make_user("Head", Role.HEAD_OF_SERVICE, service_area=area)
    page = get_coverage_page(viewer_of(head), TODAY)
    assert [line.name for line in dict(page.parts)["Team"]] == ["Team North"]
    assert page.total.n_children == 2
    n_north = (
        session.query(CohortCase)
        .join(Team, Team.id == CohortCase.team_id)
        .filter_by(name="Team North")
        .count()
    )
    assert page.total.n_reviewed == n_north


def test_the_statements_do_not_grow_with_the_caseload(session: Session) -> None:
    reviewed_cohort(session, n=40)
    with count_selects() as counted:
        get_coverage_page(SYSTEM, TODAY)
    assert len(counted) <= 7
