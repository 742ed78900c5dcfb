"""Names in doubt, merging and taking apart, in a browser; and the organisation as a sheet."""

import io
from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from qa_app.domain.access import Role
from qa_app.models.accounts import User
from qa_app.models.caseload import CaseFlag
from qa_app.models.organisation import NameMerge, Practitioner, Team
from tests.builders import make_user
from tests.builders_caseload import make_case, make_caseload
from tests.builders_flags import child_named

pytestmark = pytest.mark.database
SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def lead(session: Session, sign_in: SignIn) -> FlaskClient:
    make_caseload(
        [
            make_case("1", team="Assessment North", worker="Amara Okafor"),
            make_case("2", team="Assesment North", worker="Okafor, Amara"),
            make_case("3", team="Leaving Care", worker="Li Wen"),
        ]
    )
    return sign_in(make_user("Lead One", Role.QA_LEAD))


def team_named(session: Session, name: str) -> Team:
    return session.scalars(select(Team).where(Team.name == name)).one()


def send(browser: FlaskClient, content: str | bytes, name: str = "sheet.csv") -> TestResponse:
    sent = content.encode() if isinstance(content, str) else content
    return browser.post("/organisation/sheet", data={"file": (io.BytesIO(sent), name)})


def seen_in(page: str) -> str:
    return page.split('name="seen" value="', 1)[1].split('"', 1)[0]


def test_two_teams_are_merged_and_taken_apart(lead: FlaskClient, session: Session) -> None:
    page = lead.get("/organisation/names").text
    assert "Two names that may be one (2)" in page
    slip, north = team_named(session, "Assesment North"), team_named(session, "Assessment North")
    address = f"/organisation/names/team/{slip.id}/merge"
    chosen = lead.get(f"{address}?into={north.id}").text
    assert "Cases in the lists: 1" in chosen
    assert lead.get(address).status_code == 200
    assert lead.get(f"{address}?into=987654").status_code == 404
    assert lead.post(address, data={"into": north.id, "reason": ""}).status_code == 422
    assert lead.post(address, data={"into": "987654", "reason": "x"}).status_code == 422
    merged = lead.post(address, data={"into": north.id, "reason": "A slip"}, follow_redirects=True)
    assert "is now another spelling" in merged.text
    assert "Assesment North" not in lead.get("/organisation").text
    assert "another spelling of" in lead.get(f"/organisation/teams/{slip.id}").text
    assert lead.get(address).status_code == 404
    merge_id = session.scalars(select(NameMerge.id)).one()
    apart = lead.post(f"/organisation/names/merges/{merge_id}/apart", follow_redirects=True)
    assert "taken apart" in apart.text
    assert "Assesment North" in lead.get("/organisation").text
    again = lead.post(f"/organisation/names/merges/{merge_id}/apart", follow_redirects=True)
    assert "taken apart already" in again.text


def test_two_names_are_said_to_be_two(lead: FlaskClient) -> None:
    pair = {"kind": "worker", "name": "Amara Okafor", "other": "Okafor, Amara"}
    said = lead.post(
        "/organisation/names/apart", data={**pair, "verdict": "different"}, follow_redirects=True
    )
    assert "Two names that may be one (1)" in said.text
    again = lead.post("/organisation/names/apart", data={**pair, "verdict": "open"}, follow_redirects=True)
    assert "Two names that may be one (2)" in again.text
    assert lead.post("/organisation/names/apart", data={**pair, "name": ""}).status_code == 422
    assert lead.post("/organisation/names/apart", data={**pair, "kind": "cat"}).status_code == 404
    assert lead.get("/organisation/names/cat/1/merge").status_code == 404


def test_an_officer_nobody_matched_is_named(lead: FlaskClient, session: Session) -> None:
    for ref in ("1", "2"):
        session.add(
            CaseFlag(
                child_id=child_named(ref).id,
                kind="reviewing_officer",
                value="A Okafor",
                reason="Told",
                starts_on=date(2026, 10, 1),
            )
        )
    session.commit()
    page = lead.get("/organisation/names").text
    assert "A Okafor" in page
    assert "written alike" in page
    nobody = lead.post("/organisation/names/officers", data={"name": "A Okafor"}, follow_redirects=True)
    assert "Choose who A Okafor is" in nobody.text
    person = session.scalars(select(Practitioner).where(Practitioner.name == "Amara Okafor")).one()
    said = lead.post(
        "/organisation/names/officers",
        data={"name": "A Okafor", "practitioner": str(person.id)},
        follow_redirects=True,
    )
    assert "2 flags now name a practitioner" in said.text
    assert set(session.scalars(select(CaseFlag.practitioner_id))) == {person.id}


def test_users_who_may_be_a_practitioner_are_proposed_and_matched(
    lead: FlaskClient, session: Session
) -> None:
    user, stranger = make_user("Okafor Amara", None), make_user("Somebody Else", None)
    session.commit()
    person = session.scalars(select(Practitioner).where(Practitioner.name == "Amara Okafor")).one()
    page = lead.get("/organisation/names").text
    assert "Users who may be a practitioner (1)" in page
    assert user.email in page
    assert stranger.email not in page
    address = f"/organisation/names/users/{user.id}"
    assert lead.post(address, data={"practitioner": "x"}).status_code == 404
    said = lead.post(address, data={"practitioner": str(person.id)}, follow_redirects=True)
    assert "is matched with the user" in said.text
    assert "Users who may be a practitioner" not in said.text
    again = lead.post(
        address,
        data={
            "practitioner": str(
                session.scalars(select(Practitioner.id).where(Practitioner.name == "Li Wen")).one()
            )
        },
        follow_redirects=True,
    )
    assert "This user is matched with Amara Okafor already" in again.text


def test_a_sheet_is_looked_at_and_stored(lead: FlaskClient, session: Session) -> None:
    template = lead.get("/organisation/sheet/organisation.xlsx")
    assert template.status_code == 200
    unchanged = send(lead, template.data, "organisation.xlsx")
    assert "The sheet says what is known already" in lead.get(unchanged.location).text
    sent = send(
        lead, "Team,Service area,Team manager\nLeaving Care,Care,nobody@example.org\nLeving Care,Care,\n"
    )
    page = lead.get(sent.location).text
    for words in ("Nothing has been kept yet", "No account has the e-mail", "May be Leaving Care"):
        assert words in page
    key = page.split('<select class="govuk-select" id="')[1].split('"')[0]
    care = team_named(session, "Leaving Care")
    answered = lead.post(f"{sent.location}/answers", data={key: str(care.id)})
    page = lead.get(answered.location).text
    assert "Not decided" not in page
    stale = lead.post(f"{sent.location}/store", data={"seen": "x"}, follow_redirects=True)
    assert "Nothing was stored" in stale.text
    stored = lead.post(f"{sent.location}/store", data={"seen": seen_in(page)}, follow_redirects=True)
    assert "Stored: 2 changes" in stored.text
    session.refresh(care)
    assert care.service_area_id is not None
    assert lead.get(sent.location).status_code == 404


def test_a_sheet_that_cannot_be_used_is_refused_at_the_form(lead: FlaskClient, sign_in: SignIn) -> None:
    assert lead.get("/organisation/sheet").status_code == 200
    assert "choose the sheet" in lead.post("/organisation/sheet", data={}).text
    refused = send(lead, "a,b\n1,2\n")
    assert refused.status_code == 422
    assert "download the template" in refused.text
    sent = send(lead, "Team,Service area\nLeaving Care,Care\n")
    assert sign_in(make_user("Admin One", Role.ADMINISTRATOR)).get(sent.location).status_code == 404
    assert "nothing was kept" in lead.post(f"{sent.location}/leave", follow_redirects=True).text
