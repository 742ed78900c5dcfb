"""One report from each panel meeting: by lot, in the open, once."""

from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohorts import CaseChange, CaseSource, CohortKind, CohortState
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.domain.panel_meetings import Heard, MeetingDraw, read_heard
from qa_app.domain.sampling import lot_of
from qa_app.models.caseload import CaseloadImport
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.organisation import Team
from qa_app.queries.cohorts import get_board
from qa_app.queries.panel_meetings import get_meetings_page
from qa_app.services.cohorts_cases import close_cohort, replace_case
from qa_app.services.cohorts_referral import ReferralRound, open_referral_cohort
from qa_app.services.panel_meetings import MeetingHeld, record_meeting
from tests.builders import make_user, viewer_of
from tests.builders_caseload import make_case, make_caseload
from tests.builders_cohorts import AT, make_cohort, make_form_version

pytestmark = pytest.mark.database
REFS = [f"child-{n}" for n in range(1, 7)]
DUE = AT.date() + timedelta(days=20)


@pytest.fixture
def panels(session: Session) -> Cohort:
    make_caseload(
        [
            *(make_case(ref, PlanType.LOOKED_AFTER, "Team North") for ref in REFS),
            make_case("need-1", PlanType.CHILD_IN_NEED, "Team South"),
        ]
    )
    asked = ReferralRound(
        CohortKind.DIP_SAMPLE, "One report from each panel", date(2026, 11, 1), date(2027, 3, 31),
        {PlanType.LOOKED_AFTER: make_form_version().id},
    )  # fmt: skip
    return open_referral_cohort(SYSTEM, asked, at=AT)


def held(
    refs: list[str], *, days_ago: int = 1, seed: str = "s1", panel: str = "Permanency panel"
) -> MeetingHeld:
    return MeetingHeld(panel, AT.date() - timedelta(days=days_ago), refs, DUE, seed)


def test_the_lowest_lot_of_those_who_can_be_taken_is_taken(session: Session, panels: Cohort) -> None:
    meeting = record_meeting(SYSTEM, panels.id, held([*REFS[:4], "need-1", "unknown-9"]), at=AT)
    page = get_meetings_page(SYSTEM, panels.id)
    line = page.meetings[0]
    assert line.child_ref == min(REFS[:4], key=lambda ref: lot_of("s1", ref))
    assert {each.child_ref: each.why_not for each in line.heard if each.why_not} == {
        "need-1": "no form here for: child in need plan",
        "unknown-9": "not in the newest upload of the caseload",
    }
    case = session.get(CohortCase, meeting.cohort_case_id)
    assert case is not None
    assert (case.source, case.due_on) == (CaseSource.PANEL, DUE)
    assert "of 4 reports that could be taken, of 6 heard" in case.reason
    assert (panels.size, panels.is_graded, panels.counts_in_rates) == (1, False, False)


def test_a_meeting_is_recorded_once(panels: Cohort) -> None:
    record_meeting(SYSTEM, panels.id, held(REFS[:3]), at=AT)
    with pytest.raises(Conflict, match="recorded already"):
        record_meeting(SYSTEM, panels.id, held(REFS[3:], seed="other", panel="permanency  PANEL"), at=AT)
    record_meeting(SYSTEM, panels.id, held(REFS, days_ago=2), at=AT)
    assert len(get_meetings_page(SYSTEM, panels.id).meetings) == 2


def test_a_child_reviewed_in_the_round_is_not_taken_again(panels: Cohort) -> None:
    record_meeting(SYSTEM, panels.id, held(REFS[:1], days_ago=3), at=AT)
    record_meeting(SYSTEM, panels.id, held(REFS[:2], days_ago=2), at=AT)
    assert [each.child_ref for each in get_meetings_page(SYSTEM, panels.id).meetings] == REFS[:2][::-1]
    with pytest.raises(Invalid, match="No report of this meeting can be taken"):
        record_meeting(SYSTEM, panels.id, held(REFS[:2]), at=AT)


def test_a_report_that_cannot_be_reviewed_gives_way_to_the_next_lot_of_its_meeting(panels: Cohort) -> None:
    meeting = record_meeting(SYSTEM, panels.id, held(REFS[:2]), at=AT)
    order = MeetingDraw("s1", tuple(Heard(each) for each in REFS[:2])).order
    new = replace_case(SYSTEM, panels.id, meeting.cohort_case_id, "The report is not on file", at=AT)
    assert (new.source, new.due_on) == (CaseSource.PANEL, DUE)
    assert get_meetings_page(SYSTEM, panels.id).meetings[0].child_ref == order[1]
    board = get_board(SYSTEM, panels.id, today=AT.date())
    assert [each.set_aside_as for each in board.set_aside] == [CaseChange.REPLACED]
    assert board.total.n_cases == 1
    with pytest.raises(Conflict, match="No other report"):
        replace_case(SYSTEM, panels.id, new.id, "Nor is this one", at=AT)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"held_on": AT.date() + timedelta(days=1)}, "has not been held"),
        ({"held_on": date(2027, 5, 1)}, "has not been held"),
        ({"due_on": AT.date() - timedelta(days=1)}, "has passed"),
        ({"panel": " "}, "Name the panel"),
        ({"panel": "x" * 200}, "Name the panel"),
        ({"seed": "a b"}, "A seed is"),
    ],
)
def test_what_cannot_be_meant_is_refused(panels: Cohort, change: dict[str, object], words: str) -> None:
    asked = MeetingHeld(**{**held(REFS).__dict__, **change})  # type: ignore[arg-type]
    with pytest.raises(Invalid, match=words):
        record_meeting(SYSTEM, panels.id, asked, at=AT)
    assert get_meetings_page(SYSTEM, panels.id).meetings == ()


def test_only_the_whole_service_records_and_reads_and_only_rounds_of_meetings_take_them(
    session: Session, panels: Cohort
) -> None:
    team = session.query(Team).filter_by(name="Team North").one()
    manager = viewer_of(make_user("Manager", Role.TEAM_MANAGER, team=team))
    with pytest.raises((NotAllowed, NotFound)):
        record_meeting(manager, panels.id, held(REFS), at=AT)
    with pytest.raises((NotAllowed, NotFound)):
        get_meetings_page(manager, panels.id)
    drawn = make_cohort(session.query(CaseloadImport).one(), size=2)
    with pytest.raises(NotFound):
        record_meeting(SYSTEM, drawn.id, held(REFS), at=AT)
    with pytest.raises(NotFound):
        get_meetings_page(SYSTEM, drawn.id)


def test_a_closed_round_takes_no_more(session: Session, panels: Cohort) -> None:
    close_cohort(SYSTEM, panels.id, "All done", at=AT)
    assert panels.state is CohortState.CLOSED
    with pytest.raises(Conflict, match="closed"):
        record_meeting(SYSTEM, panels.id, held(REFS), at=AT)


def test_over_many_meetings_each_child_heard_has_the_same_chance() -> None:
    heard = tuple(Heard(each) for each in REFS)
    firsts = Counter(MeetingDraw(f"seed-{n}", heard).order[0] for n in range(3000))
    # 3,000 draws of six: each 500 with a standard deviation of 20.4; five of them are 102.
    assert all(abs(firsts[each] - 500) < 102 for each in REFS)


@pytest.mark.parametrize(
    ("text", "refs"),
    [("a1\nb2\r\n c3 ", ("a1", "b2", "c3")), ("a1, b2;c3", ("a1", "b2", "c3")), ("a1", ("a1",))],
)
def test_references_are_read_as_people_paste_them(text: str, refs: tuple[str, ...]) -> None:
    assert read_heard(text) == refs


@pytest.mark.parametrize(
    ("text", "words"),
    [(" \n", "Enter the references"), ("a1\na1", "Named twice: a1"), (" ".join(map(str, range(201))), "200")],
)
def test_lists_that_cannot_be_drawn_from_are_refused(text: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        read_heard(text)
