"""Forms as files on screen: out, in, refused with every fault; and the reviews on a form as a table."""

import csv
import io
from copy import deepcopy

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from qa_app.domain.access import Role
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.exchange.audit_form_files import read_form, write_form
from qa_app.exchange.audit_form_readers import write_any_form
from qa_app.models.audit_forms import AuditFormDraft
from qa_app.models.history import AccessEntry
from tests.builders import make_service_area, make_team, make_user, viewer_of
from tests.builders_reviews import SMALL_FORM, make_cohort, make_form, make_review, submit
from tests.query_counter import count_selects

pytestmark = pytest.mark.database
FORM = AuditForm.from_data(SMALL_FORM)


@pytest.fixture
def lead(session):
    return make_user("QA lead", Role.QA_LEAD)


def send(browser, content, name="visits.xlsx"):
    return browser.post("/forms/workbooks", data={"file": (io.BytesIO(content), name)})


@pytest.mark.parametrize("ending", ["xlsx", "yaml", "json"])
def test_a_version_goes_out_and_comes_in_as_a_draft(session, sign_in, lead, ending):
    make_form()
    session.commit()
    browser = sign_in(lead)
    out = browser.get(f"/forms/visits/versions/1/file.{ending}")
    assert out.status_code == 200
    assert f'filename="visits-version-1.{ending}"' in out.headers["Content-Disposition"]
    answer = send(browser, out.data, f"anything.{ending}")
    assert answer.status_code == 302
    draft = session.scalars(select(AuditFormDraft)).one()
    assert answer.headers["Location"].endswith(f"/forms/drafts/{draft.id}/check")
    assert "Nothing has changed" in browser.get(answer.headers["Location"]).text
    again = browser.get(f"/forms/drafts/{draft.id}/file.{ending}")
    assert again.status_code == 200
    if ending == "yaml":
        assert read_form(again.data, "again.yaml").form == FORM


def test_a_file_takes_the_place_of_what_an_open_draft_holds(session, sign_in, lead):
    make_form()
    session.commit()
    browser = sign_in(lead)
    send(browser, write_form(FORM).encode(), "visits.yaml")
    changed = FORM.model_copy(update={"title": "Visits, anew"})
    assert send(browser, write_any_form(changed, "xlsx")).status_code == 302
    draft = session.scalars(select(AuditFormDraft)).one()
    assert draft.title == "Visits, anew"
    assert "Title of the form" in browser.get(f"/forms/drafts/{draft.id}/check").text


def test_a_new_form_comes_in(session, sign_in, lead):
    browser = sign_in(lead)
    assert send(browser, write_any_form(FORM, "xlsx")).status_code == 302
    draft = session.scalars(select(AuditFormDraft)).one()
    assert (draft.form_key, draft.base_version_id) == ("visits", None)


def test_every_fault_is_told_with_its_cell_and_nothing_is_stored(session, sign_in, lead):
    data = deepcopy(SMALL_FORM)
    data["sections"][0]["questions"][0]["themes"] = ["no_such_theme"]
    browser = sign_in(lead)
    answer = send(browser, write_any_form(AuditForm.from_data(data), "xlsx"))
    assert answer.status_code == 422
    assert "survey!J3" in answer.text
    assert "no_such_theme" in answer.text
    assert session.scalars(select(AuditFormDraft)).all() == []


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "empty.xlsx", "empty"),
        (b"%PDF-1.7 " + b"x" * 200, "form.pdf", "a PDF"),
        (b"form: [", "form.yaml", "not YAML"),
        (b"\x89PNG\r\n\x1a\n", "form.xlsx", "a picture"),
    ],
)
def test_what_is_no_form_is_refused_in_words(session, sign_in, lead, content, name, said):
    answer = send(sign_in(lead), content, name)
    assert answer.status_code == 422
    assert said in answer.text


def test_no_file_is_told(session, sign_in, lead):
    answer = sign_in(lead).post("/forms/workbooks", data={})
    assert answer.status_code == 422
    assert "Choose the form" in answer.text


def test_what_cannot_be_taken_is_listed(session, sign_in, lead):
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        sheet = made.add_worksheet("survey")
        for n, row in enumerate(
            [["type", "name", "label"], ["text", "a", "A?"], ["geopoint", "place", "Where?"]]
        ):
            sheet.write_row(n, 0, row)
    answer = send(sign_in(lead), out.getvalue(), "home visit.xlsx")
    assert answer.status_code == 200
    assert "survey!A3" in answer.text
    assert "a place on a map" in answer.text
    assert session.scalars(select(AuditFormDraft.form_key)).all() == ["home-visit"]


def test_an_unsound_draft_goes_out_once_it_is_put_right(session, sign_in, lead, at):
    from qa_app.services.audit_form_drafts import start_new_form

    draft = start_new_form(viewer_of(lead), "Empty", at=at)
    session.commit()
    assert sign_in(lead).get(f"/forms/drafts/{draft.id}/file.xlsx").status_code == 409


def test_the_reviews_on_a_form_go_out_within_reach_and_are_logged(session, sign_in, lead, at):
    area = make_service_area()
    north, south = make_team("North", area), make_team("South")
    auditor = make_user("Auditor")
    cohort = make_cohort(make_form())
    mine, theirs = make_review(auditor, cohort, north), make_review(auditor, cohort, south)
    for review in (mine, theirs):
        submit(viewer_of(auditor), review, seen="partly", why_not='=HYPERLINK("http://example.org")')
    make_review(auditor, cohort, north)
    head = make_user("Head", Role.HEAD_OF_SERVICE, service_area=area)
    session.commit()

    def rows(user):
        answer = sign_in(user).get("/forms/visits/reviews.csv")
        assert answer.status_code == 200
        return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))[1:]

    assert [row["review"] for row in rows(lead)] == [f"R{mine.id}", f"R{theirs.id}"]
    [one] = rows(head)
    assert (one["review"], one["form_version"], one["team"]) == (f"R{mine.id}", "1", "North")
    assert one["why_not"] == '\'=HYPERLINK("http://example.org")'
    book = sign_in(lead).get("/forms/visits/reviews.xlsx")
    cells = CalamineWorkbook.from_filelike(io.BytesIO(book.data)).get_sheet_by_index(0).to_python()
    assert '=HYPERLINK("http://example.org")' in cells[2]
    assert b"<f>" not in book.data
    assert (
        sorted(session.scalars(select(AccessEntry.what).where(AccessEntry.what == "export")))
        == ["export"] * 3
    )
    assert sign_in(lead).get("/forms/nothing/reviews.csv").status_code == 404
    assert sign_in(lead).get("/forms/visits/reviews.docx").status_code == 404


def test_an_export_and_a_trend_ask_the_database_as_often_for_one_review_as_for_many(session, sign_in, lead):
    auditor, team = make_user("Auditor"), make_team()
    cohort = make_cohort(make_form())

    def asked(address):
        browser = sign_in(lead)
        session.commit()
        with count_selects() as counted:
            assert browser.get(address).status_code == 200
        return len(counted)

    submit(viewer_of(auditor), make_review(auditor, cohort, team))
    addresses = ("/forms/visits/reviews.csv", "/measures/seen_alone", "/measures/", "/forms/visits/cohorts")
    once = [asked(address) for address in addresses]
    for _ in range(8):
        submit(viewer_of(auditor), make_review(auditor, cohort, team))
    assert [asked(address) for address in addresses] == once
