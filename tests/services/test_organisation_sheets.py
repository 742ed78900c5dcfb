"""The organisation by sheet: carried out as it was shown, and sound whatever was sent."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.errors import Conflict, NotAllowed
from qa_app.exchange.organisation_sheet import organisation_workbook, read_organisation
from qa_app.exchange.uploads import UploadedFile
from qa_app.models.history import HistoryEntry
from qa_app.models.organisation import Practitioner, Team
from qa_app.queries.organisation import get_organisation_page
from qa_app.services.organisation_sheets import get_structure, preview_organisation, store_organisation
from tests.builders import make_user, viewer_of
from tests.builders_caseload import make_case, make_caseload
from tests.builders_flags import csv_sheet, xlsx_sheet

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def lists(session: Session) -> None:
    make_caseload([make_case("1"), make_case("2", team="Team South", worker="Worker Two")])


def test_three_tabs_are_carried_out_with_their_history(session: Session, at: datetime) -> None:
    head, manager, user = (make_user(f"Person {n}", None) for n in range(3))
    session.flush()
    file = xlsx_sheet(
        {
            "People": [
                ["E-mail", "Supervisor", "Practitioner", "Team"],
                [user.email.upper(), "Worker Two", "Worker One", "Team North"],
                ["", "", "Officer One", ""],
            ],
            "Teams": [["Team manager e-mail", "Team", "Service area"], [manager.email, "Team North", "Care"]],
            "Service areas": [["Service area", "Head of service e-mail"], ["Care", head.email]],
        }
    )
    rows = read_organisation(file).rows
    plan, lines, seen = preview_organisation(SYSTEM, rows, {})
    assert not plan.faults
    assert session.scalars(select(Practitioner).where(Practitioner.name == "Officer One")).all() == []
    store_organisation(SYSTEM, rows, {}, file.sha256, at=at, seen=seen)
    page = get_organisation_page(SYSTEM)
    assert [(area.name, area.head, area.n_teams) for area in page.areas] == [("Care", "Person 0", 1)]
    north = next(team for team in page.teams if team.name == "Team North")
    assert (north.area, north.manager) == ("Care", "Person 1")
    (member,) = page.members[north.team_id]
    assert (member.supervisor, member.user) == ("Worker Two", "Person 2")
    actions = set(session.scalars(select(HistoryEntry.action)))
    assert {"service_area.added", "team.placed", "practitioner.matched", "practitioner.supervised"} <= actions
    assert "organisation.imported" in actions
    assert len(lines) == 6
    assert preview_organisation(SYSTEM, rows, {})[0].is_nothing


def test_what_was_downloaded_changes_nothing(session: Session, at: datetime) -> None:
    content = organisation_workbook(get_structure(SYSTEM))
    plan, lines, _ = preview_organisation(SYSTEM, read_organisation(UploadedFile("o.xlsx", content)).rows, {})
    assert plan.is_nothing
    assert not lines
    assert not plan.faults


def test_what_changed_since_one_looked_is_refused(session: Session, at: datetime) -> None:
    rows = read_organisation(csv_sheet("Team,Service area\nTeam North,Care\n")).rows
    _, _, seen = preview_organisation(SYSTEM, rows, {})
    store_organisation(SYSTEM, rows, {}, "a" * 64, at=at, seen=seen)
    with pytest.raises(Conflict):
        store_organisation(SYSTEM, rows, {}, "a" * 64, at=at, seen=seen)


def test_supervision_is_turned_round_in_one_sheet(session: Session, at: datetime) -> None:
    first = read_organisation(csv_sheet("Practitioner,Supervisor\nWorker One,Worker Two\n")).rows
    store_organisation(SYSTEM, first, {}, "a" * 64, at=at)
    turned = read_organisation(
        csv_sheet("Practitioner,Supervisor\nWorker One,-\nWorker Two,Worker One\n")
    ).rows
    plan, _ = store_organisation(SYSTEM, turned, {}, "a" * 64, at=at)
    assert not plan.faults
    by_name = {one.name: one for one in session.scalars(select(Practitioner))}
    assert by_name["Worker One"].supervisor_id is None
    assert by_name["Worker Two"].supervisor_id == by_name["Worker One"].id


def test_a_team_with_children_is_never_hidden_by_a_sheet(session: Session, at: datetime) -> None:
    rows = read_organisation(csv_sheet("Team,In use\nTeam North,no\n")).rows
    with pytest.raises(Conflict) as refused:
        store_organisation(SYSTEM, rows, {}, "a" * 64, at=at)
    assert "Team North" in refused.value.message
    assert session.scalars(select(Team.hidden_at).where(Team.name == "Team North")).one() is None


def test_only_organisers_import(session: Session, at: datetime) -> None:
    viewer = viewer_of(make_user("Director One", Role.DIRECTOR))
    for wrong in (lambda: get_structure(viewer), lambda: store_organisation(viewer, (), {}, "a" * 64, at=at)):
        with pytest.raises(NotAllowed):
            wrong()
