"""Flags on cases in a browser: a sheet looked at and stored, one child, the kinds."""

import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from qa_app.domain.access import Role
from qa_app.models.accounts import User
from qa_app.models.caseload import CaseFlag
from qa_app.models.organisation import Practitioner
from qa_app.models.sheets import WaitingSheet
from tests.builders import make_user
from tests.builders_caseload import make_case, make_caseload
from tests.builders_flags import child_named, make_flag, make_practitioner

pytestmark = pytest.mark.database
SignIn = Callable[[User], FlaskClient]
SHEET = (
    "Child ID,Flag,Date,IRO,Reason\n0101,Complaint,1/10/2026,,Told\n0102,Complant open,,,\n"
    "0103,IRO,,A Okafor,\n9999,Closing,,,\n0101,Closing,soon,,\n"
)


@pytest.fixture
def lead(session: Session, sign_in: SignIn) -> FlaskClient:
    make_caseload([make_case("0101"), make_case("0102"), make_case("0103", worker="Amara Okafor")])
    return sign_in(make_user("Lead One", Role.QA_LEAD))


def send(browser: FlaskClient, text: str | bytes, mode: str = "add", **more: str) -> TestResponse:
    content = text.encode() if isinstance(text, str) else text
    form: dict[str, object] = {
        "as_at-day": "30",
        "as_at-month": "10",
        "as_at-year": "2026",
        "mode": mode,
        "kind": "",
    }
    return browser.post(
        "/case-flags/upload", data={**form, **more, "file": (io.BytesIO(content), "flags.csv")}
    )


def seen_in(page: str) -> str:
    return page.split('name="seen" value="', 1)[1].split('"', 1)[0]


def n_flags(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(CaseFlag)) or 0


def test_a_sheet_is_looked_at_decided_and_stored(lead: FlaskClient, session: Session) -> None:
    assert "No sheet has been stored" in lead.get("/case-flags").text
    assert lead.get("/case-flags/upload").status_code == 200
    sent = send(lead, SHEET)
    assert sent.status_code == 302
    page = lead.get(sent.location).text
    assert n_flags(session) == 0
    for words in (
        "Nothing has been kept yet",
        "9999",
        "May be Complaint open",
        "May be Amara Okafor",
        "is no date",
    ):
        assert words in page
    keys = [piece.split('"', 1)[0] for piece in page.split('<select class="govuk-select" id="')[1:]]
    kind = next(key for key in keys if key.startswith("kind-"))
    person = next(key for key in keys if key.startswith("person-"))
    officer = session.scalars(select(Practitioner.id).where(Practitioner.name == "Amara Okafor")).one()
    answered = lead.post(
        f"{sent.location}/answers", data={kind: "complaint_open", person: officer, "other": "x"}
    )
    page = lead.get(answered.location).text
    stale = lead.post(f"{sent.location}/store", data={"seen": "stale"}, follow_redirects=True)
    assert "Something changed since you looked" in stale.text
    assert n_flags(session) == 0
    stored = lead.post(f"{sent.location}/store", data={"seen": seen_in(page)}, follow_redirects=True)
    assert "Stored: 3 new flags, 0 ended, 0 unchanged, 2 rows left out." in stored.text
    assert session.scalars(select(CaseFlag.practitioner_id).where(CaseFlag.kind == "reviewing_officer")).one()
    assert lead.get(sent.location).status_code == 404
    assert "0101" in lead.get("/case-flags/lists/complaint_open").text
    assert lead.get("/case-flags/lists/nothing").status_code == 404


def test_a_sheet_that_waits_is_its_senders_alone_and_can_be_left(
    lead: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    sent = send(lead, SHEET)
    other = sign_in(make_user("Lead Two", Role.QA_LEAD))
    assert other.get(sent.location).status_code == 404
    for way in ("store", "leave", "answers"):
        assert other.post(f"{sent.location}/{way}").status_code == 404
    left = lead.post(f"{sent.location}/leave", follow_redirects=True)
    assert "nothing was kept" in left.text
    assert session.scalar(select(func.count()).select_from(WaitingSheet)) == 0


def test_replacing_shows_what_ends_before_it_does(lead: FlaskClient, session: Session) -> None:
    make_flag("0102")
    session.commit()
    sent = send(lead, "Child ID\n0101\n", "replace", kind="complaint_open")
    page = lead.get(sent.location).text
    assert "It is not in the sheet that replaces it." in page
    lead.post(f"{sent.location}/store", data={"seen": seen_in(page)})
    ended = session.scalars(select(CaseFlag).where(CaseFlag.ends_on.is_not(None))).one()
    assert ended.child.ref == "0102"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\nxxxx", "a picture"),
        (b"Name,Age\nA,3\n", "no column for the child"),
        (b"Child ID\n1\n", "which flag it is"),
    ],
)
def test_what_cannot_be_used_is_refused_at_the_form(lead: FlaskClient, content: bytes, words: str) -> None:
    refused = send(lead, content)
    assert refused.status_code == 422
    assert words in refused.text


def test_the_form_is_filled_in_whole(lead: FlaskClient) -> None:
    empty = lead.post("/case-flags/upload", data={})
    assert empty.status_code == 422
    assert "As at: enter the day" in empty.text
    assert send(lead, SHEET, "perhaps").status_code == 422
    later = send(lead, SHEET, **{"as_at-year": "2099"})
    assert "lies in the future" in later.text
    form = {"as_at-day": "30", "as_at-month": "10", "as_at-year": "2026", "mode": "add", "kind": ""}
    assert "choose the sheet to send" in lead.post("/case-flags/upload", data=form).text


def test_a_child_s_flags_are_raised_and_ended_by_hand(lead: FlaskClient, session: Session) -> None:
    officer = make_practitioner("Officer One")
    session.commit()
    found = lead.post("/case-flags/find", data={"ref": " 0101 "})
    child = child_named("0101")
    assert found.location == f"/case-flags/children/{child.id}"
    assert "No flag holds for this child" in lead.get(found.location).text
    form = {
        "kind": "reviewing_officer",
        "starts_on-day": "1",
        "starts_on-month": "11",
        "starts_on-year": "2026",
        "reason": "Told",
        "practitioner": str(officer.id),
    }
    nobody = lead.post(found.location, data={**form, "practitioner": ""})
    assert nobody.status_code == 422
    assert "choose the person from the list" in nobody.text
    assert lead.post(found.location, data={}).status_code == 422
    assert lead.post(found.location, data=form).status_code == 302
    assert "Officer One" in lead.get(found.location).text
    assert lead.post(found.location, data=form).status_code == 409
    flag_id = session.scalars(select(CaseFlag.id)).one()
    ending = f"{found.location}/flags/{flag_id}/end"
    assert lead.get(ending).status_code == 200
    assert lead.get(f"/case-flags/children/{child_named('0102').id}/flags/{flag_id}/end").status_code == 404
    day = {"ends_on-day": "20", "ends_on-month": "11", "ends_on-year": "2026"}
    assert lead.post(ending, data={**day, "end_reason": ""}).status_code == 422
    early = lead.post(ending, data={**day, "ends_on-month": "9", "end_reason": "Left"})
    assert "It began on 01/11/2026" in early.text
    assert lead.post(ending, data={**day, "end_reason": "Left"}).status_code == 302
    assert lead.post(ending, data={**day, "end_reason": "Left"}).status_code == 409
    assert "Flags that have ended" in lead.get(found.location).text


def test_a_reference_that_no_upload_holds_is_said_so(lead: FlaskClient) -> None:
    missing = lead.post("/case-flags/find", data={"ref": "x\x00y"}, follow_redirects=True)
    assert "No upload of the lists holds this reference" in missing.text
    assert lead.get("/case-flags/children/987654").status_code == 404


def test_kinds_are_added_and_set(lead: FlaskClient) -> None:
    added = lead.post(
        "/case-flags/kinds/new", data={"label": "Rapid review", "value_kind": "nothing", "excludes": "y"}
    )
    assert added.status_code == 302
    assert "Rapid review" in lead.get("/case-flags/kinds").text
    taken = lead.post("/case-flags/kinds/new", data={"label": "rapid review", "value_kind": "nothing"})
    assert "means this already" in taken.text
    assert lead.post("/case-flags/kinds/new", data={"label": "A", "value_kind": "odd"}).status_code == 422
    assert 'value="Closing"' in lead.get("/case-flags/kinds/closing").text
    saved = lead.post("/case-flags/kinds/closing", data={"label": "Closing soon now", "is_in_use": "y"})
    assert saved.status_code == 302
    assert "Closing soon now" in lead.get("/case-flags/kinds").text
    assert lead.get("/case-flags/kinds/nothing").status_code == 404
    assert lead.post("/case-flags/kinds/closing", data={"label": ""}).status_code == 422


def test_the_sheet_is_downloaded_with_what_holds_today(lead: FlaskClient, session: Session) -> None:
    make_flag("0101")
    make_flag("0102", "sibling_group", value="=G7")
    session.commit()
    sent = lead.get("/case-flags/sheet.xlsx")
    assert sent.headers["Content-Disposition"] == "attachment; filename=case-flags.xlsx"
    sheet = load_workbook(io.BytesIO(sent.data))["Flags"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[1][:2] == ["0101", "Complaint open"]
    assert rows[2][4] == "=G7"
    assert sheet["E3"].data_type == "s"
