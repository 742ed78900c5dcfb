"""Uploading the lists in a browser, and reading what was made of them."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from qa_app.domain.access import Role
from qa_app.models.accounts import User
from qa_app.models.caseload import CaseloadImport
from qa_app.models.history import AccessEntry
from tests.builders import make_user
from tests.builders_caseload import make_case, make_caseload

pytestmark = pytest.mark.database
DATA = Path(__file__).parent.parent / "data" / "annexa"
SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def lead(session: Session, sign_in: SignIn) -> FlaskClient:
    return sign_in(make_user("Lead One", Role.QA_LEAD))


def send(browser: FlaskClient, *names: str, day: tuple[str, str, str] = ("30", "10", "2026")) -> TestResponse:
    form: dict[str, object] = dict(zip(("as_at-day", "as_at-month", "as_at-year"), day, strict=True))
    form["files"] = [(io.BytesIO((DATA / name).read_bytes()), Path(name).name) for name in names]
    return browser.post("/caseload/imports/new", data=form)


def n_imports(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(CaseloadImport)) or 0


def test_the_lists_are_uploaded_and_what_was_read_is_shown(lead: FlaskClient, session: Session) -> None:
    assert "Nothing has been uploaded" in lead.get("/caseload").text
    assert lead.get("/caseload/imports/new").status_code == 200
    sent = send(lead, "small_clean.xlsx")
    assert sent.status_code == 302
    page = lead.get(sent.location).text
    assert "Caseload as at 30 October 2026" in page
    assert "The lists were read: 200 open cases to draw from. No faults." in page
    for words in (
        "188",
        "200",
        "772",
        "254",
        "6. Children in Need",
        "c) Child in need plan",
        "d) Eligible child",
    ):
        assert words in page
    assert "52% (104 of 200)" in page
    assert "Nothing: every row and cell was as the lists ask." in page
    assert "Lead One" in lead.get("/caseload").text


def test_a_csv_set_is_sent_as_several_files(lead: FlaskClient, session: Session) -> None:
    names = sorted(f"small_clean_csv/{path.name}" for path in (DATA / "small_clean_csv").glob("*.csv"))
    sent = send(lead, *names)
    assert sent.status_code == 302
    assert "52% (104 of 200)" in lead.get(sent.location).text


def test_faults_are_gathered_and_each_place_can_be_read(lead: FlaskClient, session: Session) -> None:
    shown = lead.get(send(lead, "small_dirty.xlsx").location)
    assert "A date after the as-at date" in shown.text
    address = shown.request.path + "/faults/date_in_future/flag"
    assert address in shown.text
    page = lead.get(address).text
    assert "List6 CIN" in page
    assert "2062-03-14" in page
    assert session.scalars(select(AccessEntry.subject_kind)).all() == ["caseload_import"]
    births = lead.get(shown.request.path + "/faults/date_of_birth_differs/flag").text
    assert "withheld" in births
    assert lead.get(shown.request.path + "/faults/code_variant/normalise?page=99").status_code == 200
    assert "What to ask the performance team to mend" in shown.text
    assert "/caseload/words" in shown.text
    sheet = lead.get(shown.request.path + "/faults.csv")
    assert "attachment; filename=caseload-faults-2026-10-30.csv" in sheet.headers["Content-Disposition"]
    assert "List6 CIN" in sheet.text
    assert "Testchild" not in sheet.text
    for wrong in ("no_such_kind/flag", "date_in_future/no_such_way", "tab_empty/flag"):
        assert lead.get(f"{shown.request.path}/faults/{wrong}").status_code == 404


def test_the_same_upload_again_is_refused_in_words(lead: FlaskClient, session: Session) -> None:
    send(lead, "small_clean.xlsx")
    again = send(lead, "small_clean.xlsx")
    assert again.status_code == 409
    assert "These files were uploaded on" in again.text
    assert n_imports(session) == 1


@pytest.mark.parametrize(
    ("names", "day", "words"),
    [
        (["small_clean.xlsx.truth.json"], ("30", "10", "2026"), "No child-level list was found"),
        ([], ("30", "10", "2026"), "No file was chosen"),
        (["small_clean.xlsx"], ("30", "10", "2062"), "lies in the future"),
        (["small_clean.xlsx"], ("31", "2", "2026"), "fewer days"),
        (["small_clean.xlsx"], ("", "", ""), "enter the day the lists were taken"),
        (
            ["small_clean_csv/List 1 - Contacts.csv"],
            ("30", "10", "2026"),
            "List 6 (Children in Need) is missing",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_at_the_form(
    lead: FlaskClient, session: Session, names: list[str], day: tuple[str, str, str], words: str
) -> None:
    sent = send(lead, *names, day=day)
    assert sent.status_code == 422
    assert words in sent.text
    assert n_imports(session) == 0


ROLES = [
    role
    for role in Role
    if role is not Role.QA_LEAD and role not in (Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE)
]


@pytest.mark.parametrize("role", [role for role in ROLES if role is not Role.PARTNER_AGENCY])
def test_nobody_else_sees_or_sends_a_caseload(session: Session, sign_in: SignIn, role: Role) -> None:
    stored = make_caseload([make_case("1")])
    browser = sign_in(make_user("Person One", role))
    for address in ("/caseload", "/caseload/imports/new", f"/caseload/imports/{stored.id}"):
        assert browser.get(address).status_code == 403
    assert send(browser, "small_clean.xlsx").status_code == 403
    assert n_imports(session) == 1


def test_an_import_that_is_not_there_is_not_found(lead: FlaskClient) -> None:
    assert lead.get("/caseload/imports/987654").status_code == 404


def test_a_number_too_large_for_a_database_is_not_found(lead: FlaskClient) -> None:
    assert lead.get(f"/caseload/imports/{10**30}").status_code == 404
