"""Telling on screen what spellings mean and which names are one."""

import csv
import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import Role
from qa_app.models.accounts import User
from qa_app.models.caseload import CodeSpelling, ImportFaultRow
from tests.builders import make_user
from tests.exchange.test_annex_a_rows import case, csv_file

pytestmark = pytest.mark.database
TEAMS = ["Family Team"] * 5 + ["Famly Team"]
MEANS = "c) Child in need plan"


@pytest.fixture
def lead(session: Session, sign_in: Callable[[User], FlaskClient]) -> FlaskClient:
    return sign_in(make_user("Lead One", Role.QA_LEAD))


def upload(browser: FlaskClient, day: str) -> str:
    rows = [case(str(n + 1), team=team) for n, team in enumerate(TEAMS)]
    rows[0]["case_status"] = "<b>Step Down"
    file = csv_file(6, rows)
    form = {"as_at-day": day, "as_at-month": "10", "as_at-year": "2026"}
    sent = browser.post(
        "/caseload/imports/new", data={**form, "files": [(io.BytesIO(file.content), file.name)]}
    )
    stored = browser.post(f"{sent.location}/store", data={"accepts_falls": "y"})
    assert stored.status_code == 303, stored.text
    return stored.location


def test_a_value_is_told_once_and_the_next_upload_understands_it(lead: FlaskClient, session: Session) -> None:
    assert "Nothing has been uploaded." in lead.get("/caseload/words").text
    upload(lead, "30")
    page = lead.get("/caseload/words")
    assert "&lt;b&gt;Step Down" in page.text
    fault_id = session.scalars(select(ImportFaultRow.id).where(ImportFaultRow.kind == "code_unknown")).one()
    address = f"/caseload/words/codes/{fault_id}"
    assert "Case status" in lead.get(address).text
    assert lead.post(address, data={"code": "anything"}).status_code == 422
    assert lead.post(address, data={}).status_code == 422
    told = lead.post(address, data={"code": MEANS}, follow_redirects=True)
    assert "from the next upload on" in told.text
    assert "every value was understood or told" in told.text
    again = upload(lead, "31")
    rows = csv.DictReader(io.StringIO(lead.get(again + "/faults.csv").text.removeprefix("\ufeff")))
    assert [row["Understood as"] for row in rows if row["Field"] == "case status"] == [MEANS]
    spelling_id = session.scalars(select(CodeSpelling.id)).one()
    gone = lead.post(f"/caseload/words/spellings/{spelling_id}/forget", follow_redirects=True)
    assert "no longer read in a way of its own" in gone.text
    assert session.scalars(select(CodeSpelling)).all() == []


def test_a_value_that_was_told_meanwhile_is_refused_in_words(lead: FlaskClient, session: Session) -> None:
    upload(lead, "30")
    fault_id = session.scalars(select(ImportFaultRow.id).where(ImportFaultRow.kind == "code_unknown")).one()
    lead.post(f"/caseload/words/codes/{fault_id}", data={"code": MEANS})
    again = lead.post(f"/caseload/words/codes/{fault_id}", data={"code": "e) Closed episode"})
    assert again.status_code == 409
    assert "told already" in again.text


def test_what_is_no_unknown_value_is_not_found(lead: FlaskClient, session: Session) -> None:
    upload(lead, "30")
    other = session.scalars(
        select(ImportFaultRow.id).where(ImportFaultRow.kind == "team_may_be_another")
    ).one()
    for wrong in (other, 987654):
        assert lead.get(f"/caseload/words/codes/{wrong}").status_code == 404
