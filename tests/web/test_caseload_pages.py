"""Uploading the lists in a browser, and reading what was made of them."""

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from qa_app.domain.access import Role
from qa_app.domain.caseload import PlanType
from qa_app.models.accounts import User
from qa_app.models.caseload import CaseloadImport, CaseRecord, Child
from qa_app.models.history import AccessEntry
from qa_app.models.waiting_uploads import WaitingUpload
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


def send_and_store(browser: FlaskClient, *names: str, **kept: tuple[str, str, str]) -> TestResponse:
    waiting = send(browser, *names, **kept)
    assert waiting.status_code == 303, waiting.text
    return browser.post(f"{waiting.location}/store", data={"accepts_falls": "y"})


def n_imports(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(CaseloadImport)) or 0


def test_the_lists_are_uploaded_and_what_was_read_is_shown(lead: FlaskClient, session: Session) -> None:
    assert "Nothing has been uploaded" in lead.get("/caseload").text
    assert lead.get("/caseload/imports/new").status_code == 200
    waiting = send(lead, "small_clean.xlsx")
    assert waiting.status_code == 303
    seen = lead.get(waiting.location).text
    assert "What was read, as at 30 October 2026" in seen
    assert "Nothing is stored until you say so" in seen
    assert "There is no earlier import to compare with." in seen
    assert n_imports(session) == 0
    assert waiting.location in lead.get("/caseload").text
    sent = lead.post(f"{waiting.location}/store")
    assert sent.status_code == 303
    page = lead.get(sent.location).text
    assert "Caseload as at 30 October 2026" in page
    assert "The lists are stored: 200 open cases to draw from." in page
    assert lead.get(waiting.location).status_code == 404
    assert lead.post(f"{waiting.location}/store").status_code == 404
    assert n_imports(session) == 1
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
    sent = send_and_store(lead, *names)
    assert sent.status_code == 303
    assert "52% (104 of 200)" in lead.get(sent.location).text


def test_faults_are_gathered_and_each_place_can_be_read(lead: FlaskClient, session: Session) -> None:
    shown = lead.get(send_and_store(lead, "small_dirty.xlsx").location)
    assert "A date after the as-at date" in shown.text
    address = shown.request.path + "/faults/date_in_future/flag"
    assert address in shown.text
    page = lead.get(address).text
    assert "List6 CIN" in page
    assert "2062-03-14" in page
    assert "caseload_import" in session.scalars(select(AccessEntry.subject_kind)).all()
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
    send_and_store(lead, "small_clean.xlsx")
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


def test_a_list_that_fell_by_a_fifth_is_stored_on_somebodys_word_only(
    lead: FlaskClient, session: Session
) -> None:
    send_and_store(lead, "small_clean.xlsx", day=("29", "10", "2026"))
    waiting = send(lead, "small_clean_csv/List 6 - Children in Need.csv").location
    page = lead.get(waiting).text
    assert "List 1 had 667 rows and has 0" in page
    refused = lead.post(f"{waiting}/store")
    assert refused.status_code == 422
    assert "List 7 had 27 rows and has 0 now" in refused.text
    assert n_imports(session) == 1
    assert lead.post(f"{waiting}/store", data={"accepts_falls": "y"}).status_code == 303
    assert n_imports(session) == 2


def test_what_waits_can_be_thrown_away_and_is_its_senders_alone(
    lead: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    waiting = send(lead, "small_dirty.xlsx").location
    other = sign_in(make_user("Lead Two", Role.QA_LEAD))
    for address in (waiting, f"{waiting}/faults.csv", f"{waiting}/faults.xlsx"):
        assert other.get(address).status_code == 404
        assert lead.get(address).status_code == 200
    assert lead.get(f"{waiting}/faults.pdf").status_code == 404
    for way in ("store", "discard"):
        assert other.post(f"{waiting}/{way}").status_code == 404
    assert lead.post(f"{waiting}/discard").status_code == 303
    assert lead.get(waiting).status_code == 404
    assert session.scalar(select(func.count()).select_from(WaitingUpload)) == 0
    assert n_imports(session) == 0


def test_the_same_files_under_another_day_are_warned_of(lead: FlaskClient, session: Session) -> None:
    send_and_store(lead, "small_clean.xlsx")
    waiting = send(lead, "small_clean.xlsx", day=("31", "10", "2026"))
    assert "stored for another day already: 30 October 2026" in lead.get(waiting.location).text


def test_references_that_lost_their_zeros_are_warned_of(lead: FlaskClient, session: Session) -> None:
    send_and_store(lead, "small_clean.xlsx", day=("29", "10", "2026"))
    ref = session.scalars(select(Child.ref).join(CaseRecord).where(CaseRecord.plan_type.is_not(None))).first()
    assert ref is not None
    assert ref.startswith("0")
    headings = "Child Unique ID,Case status,Allocated Team,Allocated Worker"
    lists = f"{headings}\n{ref.lstrip('0')},c) Child in need plan,Team North,Worker One\n"
    form = {"as_at-day": "30", "as_at-month": "10", "as_at-year": "2026"}
    sent = lead.post(
        "/caseload/imports/new", data={**form, "files": [(io.BytesIO(lists.encode()), "List 6.csv")]}
    )
    assert (
        "1 reference not the same as on 29 October 2026, but for zeros in front"
        in lead.get(sent.location).text
    )


def test_an_import_is_compared_with_the_one_before(lead: FlaskClient, session: Session) -> None:
    first = make_caseload(
        [make_case("A1"), make_case("A2"), make_case("A3", team="Team South"), make_case("A4", None)],
        date(2026, 9, 30),
    )
    second = make_caseload(
        [
            make_case("A1", PlanType.CHILD_PROTECTION),
            make_case("A3", worker="Worker Two"),
            make_case("A4"),
            make_case("=A5"),
        ],
        sha256="b" * 64,
    )
    session.commit()
    assert "first import" in lead.get(f"/caseload/imports/{first.id}/comparison").text
    assert lead.get(f"/caseload/imports/{first.id}/comparison.csv").status_code == 404
    address = f"/caseload/imports/{second.id}/comparison"
    page = lead.get(address).text
    for words in ("50% (2 of 4)", "33% (1 of 3)", "50% (1 of 2)", "30 September 2026"):
        assert words in page
    assert "=A5" in page
    assert "A4" in page
    assert "Team South" in lead.get(f"{address}?change=team").text
    assert "Worker Two" in lead.get(f"{address}?change=worker&page=7").text
    assert lead.get(f"{address}?change=nothing").status_code == 404
    rows = lead.get(f"{address}.csv").text.splitlines()
    assert len(rows) == 1 + 5
    assert any(row.startswith("'=A5,New since then") for row in rows)


def test_a_child_is_found_by_reference_and_read_as_sent(lead: FlaskClient, session: Session) -> None:
    shown = send_and_store(lead, "small_dirty.xlsx").location
    record = next(
        one for one in session.scalars(select(CaseRecord)) if one.as_sent.get("disability") == "Maybe"
    )
    ref = session.get_one(Child, record.child_id).ref
    assert lead.get("/caseload/children").status_code == 200
    found = lead.post("/caseload/children", data={"ref": f" {ref} "})
    assert found.status_code == 303
    assert ref not in found.location
    page = lead.get(found.location).text
    assert "Maybe" in page
    assert "Not understood, left empty" in page
    assert lead.get(f"{found.location}?import={shown.rsplit('/', 1)[1]}").status_code == 200
    assert lead.get(f"{found.location}?import=999999").status_code == 404
    assert lead.post("/caseload/children", data={"ref": "nobody"}).status_code == 422
    assert lead.get("/caseload/children/999999").status_code == 404


def test_an_import_that_is_not_there_is_not_found(lead: FlaskClient) -> None:
    assert lead.get("/caseload/imports/987654").status_code == 404


def test_a_number_too_large_for_a_database_is_not_found(lead: FlaskClient) -> None:
    assert lead.get(f"/caseload/imports/{10**30}").status_code == 404
