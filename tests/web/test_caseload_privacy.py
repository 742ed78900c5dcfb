"""Nothing that is not needed is stored: the whole database file and every log line are searched after an upload."""

import io
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from qa_app import clock
from qa_app.config import Settings
from qa_app.domain.access import SYSTEM, Grant, Role, ScopeKind
from qa_app.exchange.annex_a.spec import list_specs
from qa_app.extensions import db, own_transaction
from qa_app.factory import create_app
from qa_app.models.tables import metadata
from qa_app.services import accounts

pytestmark = pytest.mark.database

BORN, OTHER_BIRTHDAY = date(2013, 7, 19), date(2012, 3, 17)
HEALTH, DENTAL = date(2026, 4, 23), date(2026, 5, 14)
DAYS = (BORN, OTHER_BIRTHDAY, HEALTH, DENTAL)
PLANTED_WORDS = (
    "Plantedforename",
    "Plantedsurname",
    "ZZ9 9XQ",
    "ZZ99XQ",
    "SC987651",
    "999 888 7771",
    "Planted Street",
    "plantednote",
    "plantedcomment",
    "plantedhidden",
    "plantedtitle",
)


def planted_workbook() -> bytes:
    """Lists 6 to 8 with a name, a birthday, a postcode, a URN and health dates wherever one may stand."""
    packed = io.BytesIO()
    workbook = xlsxwriter.Workbook(packed, {"in_memory": True})
    day = workbook.add_format({"num_format": "dd/mm/yyyy"})
    for number in (6, 7, 8):
        sheet = workbook.add_worksheet(f"List {number}")
        sheet.write(0, 0, "Prepared for plantedtitle")
        headings = [column.heading for column in list_specs()[number].columns]
        headings += ["Forename", "Surname", "NHS Number", "Home address"]
        sheet.write_row(1, 0, headings)
        # As a date, as words, as words that cannot be read, as a number, twice for one child, and without a reference.
        births: list[object] = [
            BORN,
            "19/07/2013",
            "19/07/2013x",
            41474,
            OTHER_BIRTHDAY,
            "2013-07-19 09:00",
            BORN,
        ]
        references: list[object] = [101, 102, 103, 104, 101, 105, ""]
        for at, (reference, born) in enumerate(zip(references, births, strict=True), 2):
            for across, heading in enumerate(headings):
                cell = cell_for(number, heading, reference, born)
                if isinstance(cell, date):
                    sheet.write_datetime(at, across, datetime.combine(cell, datetime.min.time()), day)
                else:
                    sheet.write(at, across, cell)
        sheet.write(12, 0, "See plantednote about Plantedforename")
        sheet.write_comment(2, 0, "plantedcomment")
    hidden = workbook.add_worksheet("List 9")
    hidden.write(0, 0, "plantedhidden")
    hidden.hide()
    workbook.close()
    return packed.getvalue()


def cell_for(number: int, heading: str, reference: object, born: object) -> object:
    """One cell of a row."""
    field = {column.heading: column.field for column in list_specs()[number].columns}.get(heading)
    values = {
        "Forename": "Plantedforename",
        "Surname": "Plantedsurname",
        "NHS Number": "999 888 7771",
        "Home address": "1 Planted Street",
        "child_id": reference,
        "dob": born,
        "case_status": "a) Looked after child",
        "team": "Family Team",
        "worker": "Worker One",
        "health_assessment": HEALTH,
        "dental_check": "14/05/2026",
        "placement_postcode": "ZZ9 9XQ" if reference != 102 else "ZZ99XQ, Planted Street",
        "placement_urn": "SC987651",
        "last_seen": date(2026, 9, 1),
    }
    return values.get(field or heading, "")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Flask]:
    """The app on a database file of its own."""
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'site.sqlite3'}",
        secret_key="test",
        secure_cookies=False,
        instance_folder=tmp_path,
    )
    app = create_app(settings)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    with app.app_context():
        metadata.create_all(db.engine)
        yield app
        db.session.remove()
        db.engine.dispose()


def signed_in(app: Flask) -> FlaskClient:
    """A browser of the QA lead."""
    user = accounts.add_user(
        SYSTEM,
        email="lead@council.example",
        name="QA lead",
        password="a long walk to the sea",
        grants=[Grant(Role.QA_LEAD, ScopeKind.WHOLE_SERVICE, None)],
        at=clock.now(),
    )
    db.session.commit()
    user_id = user.id
    db.session.rollback()
    with own_transaction() as own:
        token = accounts.start_session(own, user_id, browser="test", at=clock.now())
    browser = app.test_client()
    with browser.session_transaction() as cookie:
        cookie["_user_id"] = token
    return browser


def found_in(content: bytes) -> set[str]:
    """What of the planted things stands in some bytes, in any way a program would write it."""
    wanted = {words: words for words in PLANTED_WORDS}
    for one in DAYS:
        for words in (one.isoformat(), f"{one:%d/%m/%Y}", f"{one:%Y%m%d}", f"{one.day} {one:%B %Y}"):
            wanted[words] = one.isoformat()
    seen = {what for words, what in wanted.items() if words.encode() in content}
    return seen | {what for words, what in wanted.items() if words.encode("utf-16-le") in content}


def test_nothing_that_is_not_needed_is_stored_or_logged(
    site: Flask, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    browser = signed_in(site)
    assert found_in(b"... Plantedforename 2013-07-19") == {"Plantedforename", "2013-07-19"}
    sent = browser.post(
        "/caseload/imports/new",
        data={
            "as_at-day": "30",
            "as_at-month": "10",
            "as_at-year": "2026",
            "files": [(io.BytesIO(planted_workbook()), "Plantedforename Plantedsurname.xlsx")],
        },
    )
    assert sent.status_code == 303, sent.text
    db.session.rollback()
    (reading,) = db.session.scalars(text("SELECT reading FROM waiting_upload"))
    waiting = zlib.decompress(reading)
    assert b"101" in waiting
    assert found_in(waiting) == set()
    db.session.rollback()
    pages = browser.get(sent.location).text + browser.get(f"{sent.location}/faults.csv").text
    assert found_in(pages.encode()) == set()
    stored = browser.post(f"{sent.location}/store")
    assert stored.status_code == 303
    assert browser.get(stored.location).status_code == 200
    db.session.rollback()
    assert db.session.scalar(text("SELECT count(*) FROM case_record")) == 5
    assert db.session.scalar(text("SELECT count(*) FROM import_fault")) > 5
    db.session.remove()
    db.engine.dispose()
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"Worker One" in everything
    assert found_in(everything) == set()
    said = capfd.readouterr()
    assert found_in((said.out + said.err + caplog.text).encode()) == set()
