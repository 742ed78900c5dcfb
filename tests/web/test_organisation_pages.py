"""Telling the structure of the council in a browser."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import Role
from qa_app.models.accounts import User
from qa_app.models.organisation import Practitioner, ServiceArea, Team
from tests.builders import make_service_area, make_team, make_user
from tests.builders_caseload import make_case, make_caseload

pytestmark = pytest.mark.database
SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def lead(session: Session, sign_in: SignIn) -> FlaskClient:
    make_caseload([make_case("1"), make_case("2", team="Team South", worker="Worker Two")])
    return sign_in(make_user("Lead One", Role.QA_LEAD))


def team_named(session: Session, name: str) -> Team:
    return session.scalars(select(Team).where(Team.name == name)).one()


def test_an_empty_organisation_says_where_teams_come_from(session: Session, sign_in: SignIn) -> None:
    browser = sign_in(make_user("Admin One", Role.ADMINISTRATOR))
    assert "Teams come with the first upload" in browser.get("/organisation").text
    assert "No practitioner fits" in browser.get("/organisation/practitioners").text


def test_a_service_area_is_added_and_changed(lead: FlaskClient, session: Session) -> None:
    head = make_user("Head One", None)
    session.commit()
    assert lead.get("/organisation/service-areas/new").status_code == 200
    added = lead.post("/organisation/service-areas/new", data={"name": "Safeguarding", "head": head.id})
    assert added.status_code == 302
    page = lead.get(added.location).text
    assert "Safeguarding was added." in page
    assert "Head One" in page
    area = session.scalars(select(ServiceArea)).one()
    address = f"/organisation/service-areas/{area.id}"
    assert 'value="Safeguarding"' in lead.get(address).text
    assert lead.post(address, data={"name": "Care", "head": ""}).status_code == 302
    session.refresh(area)
    assert (area.name, area.head_user_id) == ("Care", None)
    again = lead.post("/organisation/service-areas/new", data={"name": "care", "head": ""})
    assert again.status_code == 422
    assert "There is a service area called care already" in again.text


def test_a_team_is_placed(lead: FlaskClient, session: Session) -> None:
    area, manager = make_service_area(), make_user("Manager One", None)
    session.commit()
    team = team_named(session, "Team North")
    address = f"/organisation/teams/{team.id}"
    assert "Team North" in lead.get(address).text
    sent = lead.post(address, data={"service_area": area.id, "manager": manager.id})
    assert sent.status_code == 302
    page = lead.get("/organisation").text
    assert "Manager One" in page
    assert "50%" in page
    assert "1 of 2" in page


def test_a_practitioner_is_matched_with_a_user(lead: FlaskClient, session: Session) -> None:
    user = make_user("Auditor One")
    session.commit()
    person = session.scalars(select(Practitioner).where(Practitioner.name == "Worker One")).one()
    address = f"/organisation/practitioners/{person.id}"
    assert lead.get(address).status_code == 200
    sent = lead.post(address, data={"team": person.team_id, "user": user.id})
    assert sent.status_code == 302
    assert "Auditor One" in lead.get("/organisation/practitioners?user=known").text
    assert "Worker Two" not in lead.get(f"/organisation/practitioners?team={person.team_id}").text
    other = session.scalars(select(Practitioner).where(Practitioner.name == "Worker Two")).one()
    refused = lead.post(f"/organisation/practitioners/{other.id}", data={"team": "", "user": user.id})
    assert refused.status_code == 422
    assert "This user is matched with Worker One already" in refused.text


@pytest.mark.parametrize("value", ["987654", "x", "1e9", "-1"])
def test_a_choice_that_was_not_offered_is_refused(lead: FlaskClient, session: Session, value: str) -> None:
    team = team_named(session, "Team North")
    sent = lead.post(f"/organisation/teams/{team.id}", data={"service_area": value, "manager": ""})
    assert sent.status_code == 422
    session.refresh(team)
    assert team.service_area_id is None


def test_things_that_are_not_there_are_not_found(lead: FlaskClient) -> None:
    for address in ("service-areas/987654", "teams/987654", "practitioners/987654"):
        assert lead.get(f"/organisation/{address}").status_code == 404
        assert lead.post(f"/organisation/{address}", data={"name": "x"}).status_code == 404


def test_numbers_too_large_for_a_database_find_nothing(lead: FlaskClient) -> None:
    page = lead.get(f"/organisation/practitioners?team={10**30}&page={10**30}")
    assert page.status_code == 200
    assert "No practitioner fits" in page.text


def test_a_manager_reads_the_own_team_and_changes_nothing(session: Session, sign_in: SignIn) -> None:
    north, south = make_team("Team North"), make_team("Team South")
    browser = sign_in(make_user("Manager One", Role.TEAM_MANAGER, team=north))
    page = browser.get("/organisation").text
    assert "Team North" in page
    assert "Team South" not in page
    assert browser.get(f"/organisation/teams/{south.id}").status_code == 403
    assert browser.post(f"/organisation/teams/{north.id}", data={}).status_code == 403
    assert browser.get("/organisation/service-areas/new").status_code == 403


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.BOARD_MEMBER, Role.IMPROVEMENT_TEAM, Role.PRACTITIONER])
def test_other_roles_see_no_structure(session: Session, sign_in: SignIn, role: Role) -> None:
    assert sign_in(make_user("Person One", role)).get("/organisation").status_code == 403


def test_the_chart_names_what_is_missing_with_the_way_to_mend_it(lead: FlaskClient, session: Session) -> None:
    page = lead.get("/organisation").text
    north = team_named(session, "Team North")
    assert "What is missing" in page
    assert "without a service area" in page
    assert f'href="/organisation/teams/{north.id}"' in page
    assert "1 child" in page
    for name in ("Worker One", "Worker Two"):
        assert name in page


def test_teams_and_practitioners_are_added_by_hand(lead: FlaskClient, session: Session) -> None:
    assert lead.get("/organisation/teams/new").status_code == 200
    added = lead.post("/organisation/teams/new", data={"name": " New  Team "})
    assert added.location == f"/organisation/teams/{team_named(session, 'New Team').id}"
    again = lead.post("/organisation/teams/new", data={"name": "new team"})
    assert "There is a team called new team already" in again.text
    assert lead.get("/organisation/practitioners/new").status_code == 200
    sent = lead.post("/organisation/practitioners/new", data={"name": "Officer One", "team": ""})
    assert sent.status_code == 302
    assert "Officer One was added" in lead.get(sent.location).text
    assert (
        lead.post("/organisation/practitioners/new", data={"name": "Officer One", "team": ""}).status_code
        == 422
    )


def test_supervision_is_told_and_never_comes_round(lead: FlaskClient, session: Session) -> None:
    one, two = (
        session.scalars(select(Practitioner).where(Practitioner.name == name)).one()
        for name in ("Worker One", "Worker Two")
    )
    address = "/organisation/practitioners/{}".format
    data = {"team": one.team_id, "user": "", "supervisor": two.id}
    assert lead.post(address(one.id), data=data).status_code == 302
    assert "Worker Two" in lead.get(f"/organisation/practitioners?team={one.team_id}").text
    refused = lead.post(address(two.id), data={"team": two.team_id, "user": "", "supervisor": one.id})
    assert refused.status_code == 422
    assert "come round to where it began" in refused.text
    assert "Supervises" in lead.get(address(two.id)).text


def test_a_team_is_hidden_once_nobody_is_with_it(lead: FlaskClient, session: Session) -> None:
    north = team_named(session, "Team North")
    kept = lead.post(f"/organisation/teams/{north.id}/use", data={"in_use": "no"}, follow_redirects=True)
    assert "1 child is with Team North" in kept.text
    lead.post("/organisation/teams/new", data={"name": "Old Team"})
    old = team_named(session, "Old Team")
    hidden = lead.post(f"/organisation/teams/{old.id}/use", data={"in_use": "no"}, follow_redirects=True)
    assert "Old Team is hidden" in hidden.text
    assert "Teams no longer in use" in lead.get("/organisation").text
    shown = lead.post(f"/organisation/teams/{old.id}/use", data={"in_use": "yes"}, follow_redirects=True)
    assert "in use again" in shown.text
    person = session.scalars(select(Practitioner).where(Practitioner.name == "Worker One")).one()
    kept = lead.post(
        f"/organisation/practitioners/{person.id}/use", data={"in_use": "no"}, follow_redirects=True
    )
    assert "1 child is with Worker One" in kept.text


def test_practitioners_are_found_by_a_part_of_their_name(lead: FlaskClient) -> None:
    page = lead.get("/organisation/practitioners?name=TWO").text
    assert "Worker Two" in page
    assert "Worker One" not in page
    assert "No practitioner fits" in lead.get("/organisation/practitioners?name=%25").text
