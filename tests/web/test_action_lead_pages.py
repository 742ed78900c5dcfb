"""Leads and agencies on screen: matched by a person, changed on an action, and what leads say of their actions."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import Role
from qa_app.models.accounts import User
from qa_app.models.improvement import ActionAgency, ActionLead, Agency
from tests.builders import make_user
from tests.builders_improvement import action_of, involve_agency, lead_action, published_plan

pytestmark = pytest.mark.database
SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def improver(sign_in: SignIn) -> FlaskClient:
    """Somebody of the improvement team, signed in."""
    return sign_in(make_user("Improver", Role.IMPROVEMENT_TEAM))


def test_written_leads_are_decided_one_by_one(improver: FlaskClient, session: Session) -> None:
    plan_id = published_plan().plan_id
    lead = make_user("Quality lead", Role.ACTION_LEAD)
    address = improver.get("/plan/people").location
    assert address.endswith(f"/plan/{plan_id}/people")
    page = improver.get(address).text
    assert page.count("Not decided") == 16 + 22
    answer = improver.post(f"{address}/lead", data={"words": "HOS QI", "user": str(lead.id)})
    assert answer.status_code == 303
    page = improver.get(address).text
    assert "Kept: 15 new leads of actions" in page
    assert page.count("Not decided") == 15 + 22
    for data, words in (
        ({"words": "HOS QI"}, "Choose who is meant"),
        ({"words": "No such", "user": str(lead.id)}, "No action of this plan"),
        ({}, "Choose who is meant"),
    ):
        answer = improver.post(f"{address}/lead", data=data)
        assert (answer.status_code, words in answer.text) == (422, True)
    assert improver.post(f"{address}/lead", data={"words": "DCS", "user": "99999"}).status_code == 404


def test_written_agencies_are_named_or_left_aside(improver: FlaskClient, session: Session) -> None:
    plan_id = published_plan().plan_id
    address = f"/plan/{plan_id}/people"
    assert improver.post(f"{address}/agency", data={"words": "Health", "agency": "new"}).status_code == 303
    health = session.scalars(select(Agency)).one()
    assert len(session.scalars(select(ActionAgency)).all()) == 12
    same = improver.post(f"{address}/agency", data={"words": "Health Agencies", "agency": str(health.id)})
    assert same.status_code == 303
    assert improver.post(f"{address}/agency", data={"words": "Health"}).status_code == 422
    aside = {"words": "Members", "kind": "agency"}
    assert improver.post(f"{address}/aside", data=aside).status_code == 303
    assert "Left aside" in improver.get(address).text
    assert improver.post(f"{address}/back", data=aside).status_code == 303
    assert "Left aside" not in improver.get(address).text
    assert improver.post(f"{address}/aside", data={"words": "x", "kind": "else"}).status_code == 422
    assert improver.post(f"{address}/back", data={"words": "x"}).status_code == 422
    assert improver.post("/plan/99999/people/back", data=aside).status_code == 404


def test_leads_and_agencies_of_one_action(improver: FlaskClient, session: Session) -> None:
    action = action_of(published_plan().plan_id, "1.1.1")
    lead = make_user("Quality lead", Role.AUDITOR)
    address = f"/plan/actions/{action.id}"
    answer = improver.post(f"{address}/leads", data={"user": str(lead.id), "kind": "operational"})
    assert answer.status_code == 303
    assert "Has no role that lets them see it" in improver.get(address).text
    assert improver.post(f"{address}/leads", data={"kind": "operational"}).status_code == 422
    assert improver.post(f"{address}/leads", data={"user": str(lead.id)}).status_code == 422
    row = session.scalars(select(ActionLead)).one()
    assert improver.post(f"{address}/leads/{row.id}/remove").status_code == 303
    named = improver.post(f"{address}/agencies", data={"agency": "new", "new_name": "Probation"})
    assert named.status_code == 303
    assert improver.post(f"{address}/agencies", data={"agency": "new"}).status_code == 422
    assert improver.post(f"{address}/agencies", data={}).status_code == 422
    assert "Probation" in improver.get(f"{address}/people").text
    link = session.scalars(select(ActionAgency)).one()
    assert improver.post(f"{address}/agencies/{link.id}/remove").status_code == 303
    assert "No agency is named" in improver.get(f"{address}/people").text


def test_a_lead_says_how_their_action_stands(sign_in: SignIn, session: Session) -> None:
    plan_id = published_plan().plan_id
    mine, other = action_of(plan_id, "2.1.3"), action_of(plan_id, "1.1.1")
    person = make_user("Lead", Role.ACTION_LEAD)
    lead_action(person, mine)
    lead = sign_in(person)
    assert "Say how it stands" in lead.get("/").text
    assert lead.get(f"/plan/actions/{other.id}").status_code == 404
    assert lead.get(f"/plan/actions/{other.id}/update").status_code == 404
    address = f"/plan/actions/{mine.id}/update"
    assert "Last said, as of 30 September 2016" in lead.get(address).text
    day = {"effective_on-day": "1", "effective_on-month": "10", "effective_on-year": "2016"}
    for data, words in (
        ({**day, "status_text": "Begun"}, "Choose the rating"),
        ({**day, "rating": "amber"}, "Say in a few words"),
        ({"rating": "amber", "status_text": "Begun"}, "Enter the day"),
        ({**day, "effective_on-month": "13", "rating": "amber", "status_text": "Begun"}, "month"),
        ({**day, "effective_on-year": "2100", "rating": "amber", "status_text": "Begun"}, "up to today"),
    ):
        answer = lead.post(address, data=data)
        assert (answer.status_code, words in answer.text) == (422, True), words
    answer = lead.post(
        address, data={**day, "rating": "amber", "status_text": "Begun", "progress": "Two of 9."}
    )
    assert answer.status_code == 303
    page = lead.get(answer.location).text
    assert "Two of 9." in page
    assert "Written here" in page
    assert "As at" in lead.get("/plan").text


def test_a_partner_sees_the_actions_of_their_agency_and_no_findings(
    sign_in: SignIn, session: Session
) -> None:
    plan_id = published_plan().plan_id
    named, other = action_of(plan_id, "1.1.1"), action_of(plan_id, "2.1.3")
    involve_agency(named, "Health")
    partner = sign_in(make_user("Partner", Role.PARTNER_AGENCY))
    page = partner.get("/plan").text
    assert f"/plan/actions/{named.id}" in page
    assert f"/plan/actions/{other.id}" not in page
    assert "Documents behind this plan" not in page
    page = partner.get(f"/plan/actions/{named.id}").text
    assert "Findings it answers" not in page
    assert "Say how it stands" not in page
    assert partner.get(f"/plan/actions/{other.id}").status_code == 404
    assert partner.get(f"/plan/actions/{named.id}/update").status_code == 403


def test_without_an_action_of_their_own_they_are_told_so(sign_in: SignIn, session: Session) -> None:
    published_plan()
    for role in (Role.ACTION_LEAD, Role.PARTNER_AGENCY):
        browser = sign_in(make_user("Somebody", role))
        assert "No action of the plan is yours yet" in browser.get("/plan").text
        assert "No action of the plan is yours yet" in browser.get("/").text
