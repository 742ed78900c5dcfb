"""Audits before an event: who may refer whom, until when, and how it shows."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohorts import CaseSource, CohortKind, CohortState
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.models.accounts import User
from qa_app.models.cohorts import Cohort
from qa_app.models.organisation import Team
from qa_app.queries.cohorts import get_board, get_cohorts_page
from qa_app.queries.cohorts_referral import get_referral_cohort, get_referrals_page
from qa_app.services.cohorts_allocation import allocate_cohort
from qa_app.services.cohorts_cases import close_cohort
from qa_app.services.cohorts_referral import ReferralRound, open_referral_cohort, refer_case
from tests.builders import make_user, viewer_of
from tests.builders_caseload import make_case, make_caseload
from tests.builders_cohorts import AT, make_cohort, make_form_version

pytestmark = pytest.mark.database
ENDS = date(2027, 3, 31)
DAY = date(2026, 12, 10)


@pytest.fixture
def gate(session: Session) -> Cohort:
    make_caseload(
        [
            make_case("north-1", PlanType.LOOKED_AFTER, "Team North"),
            make_case("south-1", PlanType.LOOKED_AFTER, "Team South"),
            make_case("need-1", PlanType.CHILD_IN_NEED, "Team North"),
        ]
    )
    version = make_form_version()
    asked = ReferralRound(
        CohortKind.GATE_AUDIT,
        "Every return home",
        date(2026, 11, 1),
        ENDS,
        {PlanType.LOOKED_AFTER: version.id},
    )
    return open_referral_cohort(SYSTEM, asked, at=AT)


@pytest.fixture
def manager(session: Session, gate: Cohort) -> User:
    team = session.query(Team).filter_by(name="Team North").one()
    return make_user("Manager", Role.TEAM_MANAGER, team=team)


def test_a_manager_refers_their_own_case_and_sees_how_it_goes(gate: Cohort, manager: User) -> None:
    case = refer_case(viewer_of(manager), gate.id, "north-1", DAY, "Returns to her mother", at=AT)
    assert (case.source, case.due_on) == (CaseSource.REFERRAL, DAY)
    assert case.reason == "Referred by Manager: Returns to her mother"
    page = get_referrals_page(viewer_of(manager), AT.date())
    assert [each.child_ref for each in page.cases] == ["north-1"]
    assert page.cases[0].state_key == "not_allocated"
    assert get_referrals_page(viewer_of(manager), date(2026, 12, 11)).cases[0].is_late
    board = get_board(SYSTEM, gate.id, today=AT.date())
    assert (board.seed, board.sees_selection, board.cases[0].due_on) == (None, False, DAY)
    allocate_cohort(SYSTEM, gate.id, [make_user().id], at=AT)
    assert gate.state is CohortState.ALLOCATED
    refer_case(SYSTEM, gate.id, "south-1", DAY, "Returns too", at=AT)
    assert gate.state is CohortState.DRAWN
    assert [each.child_ref for each in get_referrals_page(viewer_of(manager), AT.date()).cases] == ["north-1"]


def test_an_empty_cohort_is_seen_by_whoever_runs_it(gate: Cohort, session: Session) -> None:
    assert [line.n_cases for line in get_cohorts_page(SYSTEM).cohorts] == [0]
    assert get_board(SYSTEM, gate.id, today=AT.date()).cases == ()
    assert get_referral_cohort(SYSTEM, gate.id).title == "Every return home"
    assert not gate.counts_in_rates


@pytest.mark.parametrize(
    ("ref", "day", "reason", "field"),
    [
        ("south-1", DAY, "Another's team", "child_ref"),
        ("nobody", DAY, "Mistyped", "child_ref"),
        ("need-1", DAY, "No form for that", "child_ref"),
        ("north-1", date(2026, 11, 23), "Yesterday", "due_on"),
        ("north-1", date(2027, 4, 1), "After it ends", "due_on"),
        ("north-1", DAY, " ", "reason"),
    ],
)
def test_what_cannot_be_referred(
    gate: Cohort, manager: User, ref: str, day: date, reason: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        refer_case(viewer_of(manager), gate.id, ref, day, reason, at=AT)
    assert refused.value.field == field


def test_a_case_comes_once_and_never_into_a_closed_or_drawn_cohort(gate: Cohort, manager: User) -> None:
    refer_case(viewer_of(manager), gate.id, "north-1", DAY, "Returns", at=AT)
    with pytest.raises(Conflict, match="already"):
        refer_case(viewer_of(manager), gate.id, "north-1", DAY, "Again", at=AT)
    drawn = make_cohort(make_caseload([make_case("x")], sha256="b" * 64), size=1)
    with pytest.raises(NotFound):
        refer_case(SYSTEM, drawn.id, "north-1", DAY, "Drawn", at=AT)
    close_cohort(SYSTEM, gate.id, "The panel ended.", at=AT)
    with pytest.raises(Conflict, match="closed"):
        refer_case(viewer_of(manager), gate.id, "need-1", DAY, "Late", at=AT)
    with pytest.raises(NotFound):
        get_referral_cohort(viewer_of(manager), gate.id)
    with pytest.raises(NotAllowed):
        refer_case(viewer_of(make_user("Auditor")), gate.id, "north-1", DAY, "No", at=AT)


def test_opening_takes_a_title_a_form_and_a_caseload(session: Session) -> None:
    asked = ReferralRound(CohortKind.GATE_AUDIT, "Returns", date(2026, 11, 1), ENDS, {})
    with pytest.raises(Invalid, match="no caseload"):
        open_referral_cohort(SYSTEM, asked, at=AT)
    make_caseload([make_case("one")])
    with pytest.raises(Invalid, match="Choose a form"):
        open_referral_cohort(SYSTEM, asked, at=AT)
    version = make_form_version()
    forms = {PlanType.CHILD_IN_NEED: version.id}
    for wrong in (
        ReferralRound(CohortKind.GATE_AUDIT, " ", date(2026, 11, 1), ENDS, forms),
        ReferralRound(CohortKind.GATE_AUDIT, "Returns", date(2027, 11, 1), ENDS, forms),
        ReferralRound(CohortKind.MONTHLY_AUDIT, "Returns", date(2026, 11, 1), ENDS, forms),
    ):
        with pytest.raises(Invalid):
            open_referral_cohort(SYSTEM, wrong, at=AT)
