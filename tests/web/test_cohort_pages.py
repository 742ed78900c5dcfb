"""The cohort pages as a QA lead and others use them."""

import json
import re

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.caseload import PlanType
from qa_app.domain.sampling import SelectionRecord
from qa_app.models.cohorts import Cohort, CohortCase
from qa_app.models.history import AccessEntry
from qa_app.models.reviews import Review
from qa_app.services.cohorts_allocation import allocate_cohort
from tests.builders import make_service_area, make_user
from tests.builders_caseload import make_caseload
from tests.builders_cohorts import AT, make_auditor_of, make_cohort, make_form_version, mixed_cases

pytestmark = pytest.mark.database


@pytest.fixture
def lead(session: Session, sign_in):
    return sign_in(make_user("QA lead", Role.QA_LEAD))


def plan_of(upload, version, **changes) -> dict[str, str]:
    asked = {
        "month": "2026-11",
        "caseload_import_id": str(upload.id),
        "size": "10",
        "due_on-day": "30",
        "due_on-month": "11",
        "due_on-year": "2026",
        "seed": "20261101",
    }
    asked |= {f"form_{plan.value}": str(version.id) for plan in PlanType}
    asked |= {"how": "sample", "column_1": "plan_type", "column_2": "", "look_back_months": "12"}
    asked |= {"open_under_weeks": "0", "one_of_a_family": "y", "plan_action_id": "0"}
    return asked | changes


def previewed(lead, asked: dict[str, str], kind: str = "monthly_audit"):
    """The page that a preview gives."""
    return lead.post(f"/cohorts/new?kind={kind}", data={**asked, "act": "preview"})


def drawn(lead, asked: dict[str, str], kind: str = "monthly_audit"):
    """What drawing gives, after the preview that it takes."""
    seen = re.search(r'name="seen"[^>]*value="([^"]*)"', previewed(lead, asked, kind).text)
    data = {**asked, "act": "draw", "seen": seen[1] if seen else ""}
    return lead.post(f"/cohorts/new?kind={kind}", data=data)


@pytest.fixture(autouse=True)
def november(monkeypatch):
    """The pages offer months around today."""
    monkeypatch.setattr("qa_app.clock.today", AT.date)


def count(session: Session, table) -> int:
    return session.scalar(select(func.count()).select_from(table))


def test_without_a_caseload_the_pages_say_what_to_do_first(lead):
    assert "Upload the child-level lists first" in lead.get("/cohorts/").text
    assert "Upload the child-level lists first" in lead.get("/cohorts/new").text


def test_a_lead_previews_draws_allocates_and_reads_the_board(lead, session):
    upload, version = make_caseload(mixed_cases()), make_form_version()
    session.commit()
    empty = lead.get("/cohorts/new")
    assert 'value="53"' in empty.text
    assert "As at 30 October 2026: 50 open cases" in empty.text
    asked = plan_of(upload, version)
    preview = previewed(lead, asked)
    assert preview.status_code == 200
    assert "Would be drawn" in preview.text
    assert "shared among strata by plan type" in preview.text
    assert count(session, Cohort) == 0
    made = drawn(lead, asked)
    assert made.status_code == 302
    board = lead.get(made.location)
    assert "The cohort is drawn" in board.text
    assert "number 1 of 2 in order of lots" in board.text
    for name in ("First auditor", "Second auditor"):
        make_user(name)
    session.commit()
    page = lead.get(f"{made.location}/allocation")
    assert page.text.count(" checked") == 2
    people = [value.split('"')[0] for value in page.text.split('name="auditors" type="checkbox" value="')[1:]]
    given = lead.post(f"{made.location}/allocation", data={"auditors": people}, follow_redirects=True)
    assert "10 cases have an auditor." in given.text
    assert count(session, Review) == 10
    assert "Second auditor" in given.text
    assert "Monthly audit, November 2026" in lead.get("/cohorts/").text


def test_what_is_wrong_with_a_plan_stands_at_its_field(lead, session):
    upload, version = make_caseload(mixed_cases()), make_form_version()
    session.commit()
    for changes, says in [
        ({"size": "none"}, "give a whole number"),
        ({"size": "5000"}, "from 1 to 2000"),
        ({"quota:care_leaver": "11"}, "add up to 11"),
        ({"quota:care_leaver": "-1"}, "Enter a whole number, or leave the box empty"),
        ({"month": "2031-01"}, "Month"),
        ({"due_on-day": "31"}, "that month has fewer days"),
        ({"seed": "two words"}, "without spaces"),
        ({"form_care_leaver": "0"}, "Care leaver: choose the form"),
        ({"caseload_import_id": "x"}, "Caseload to draw from"),
    ]:
        made = drawn(lead, plan_of(upload, version, **changes))
        assert made.status_code == 422, changes
        assert "There is a problem" in made.text
        assert says in made.text, changes
    assert count(session, Cohort) == 0
    assert lead.get("/cohorts/new?kind=gate_audit").status_code == 404


def test_a_preview_refuses_a_due_day_before_the_month(lead, session):
    upload, version = make_caseload(mixed_cases()), make_form_version()
    session.commit()
    preview = previewed(lead, plan_of(upload, version, month="2026-12"))
    assert preview.status_code == 422
    assert "due before the month of the cohort" in preview.text
    assert "Draw this cohort" not in preview.text


def test_a_month_that_has_its_audit_is_not_offered_and_says_so_when_chosen(lead, session):
    upload, version = make_caseload(mixed_cases()), make_form_version()
    session.commit()
    asked = plan_of(upload, version)
    assert "in a monthly audit" not in previewed(lead, asked).text
    assert '<option value="2026-11" selected' in lead.get("/cohorts/new").text
    assert drawn(lead, asked).status_code == 302
    empty = lead.get("/cohorts/new").text
    assert '<option value="2026-12" selected' in empty
    assert 'name="due_on-month" type="text" value="12"' in empty
    again = previewed(lead, asked).text
    assert "November 2026 already has 10 cases in a monthly audit." in again


def test_a_preview_says_what_a_quota_cannot_fill(lead, session):
    upload, version = make_caseload(mixed_cases(2)), make_form_version()
    session.commit()
    asked = plan_of(upload, version, **{"quota:care_leaver": "5"})
    preview = previewed(lead, asked)
    assert (
        "3 of 5 could not be filled: 2 available. A fixed quota is not made up from elsewhere."
        in preview.text
    )
    assert "The cohort will hold 7 cases, not 10." in preview.text


def test_the_selection_page_proves_the_draw_and_its_record_is_a_file(lead, session):
    cohort = make_cohort()
    session.commit()
    page = lead.get(f"/cohorts/{cohort.id}/selection")
    assert "Drawn again just now from this record: the same 10 cases." in page.text
    assert "SHA-256 of the seed" in page.text
    record = lead.get(f"/cohorts/{cohort.id}/selection-record")
    assert record.mimetype == "application/json"
    assert SelectionRecord.from_json(record.text).reproduces()
    assert json.loads(record.text)["seed"] == "20261101"
    seen = session.execute(select(AccessEntry.what, AccessEntry.subject_kind)).all()
    assert set(map(tuple, seen)) == {("view", "cohort"), ("export", "cohort")}


def test_a_case_is_given_by_hand_unless_a_tie_stands_against_it(lead, session):
    cohort = make_cohort()
    first, second = make_user("First auditor"), make_user("Second auditor")
    allocate_cohort(SYSTEM, cohort.id, [first.id], at=AT)
    case = session.scalars(select(CohortCase).order_by(CohortCase.id)).first()
    tied = make_auditor_of(session.get(type(case), case.id).case_record.team.name, "Tied auditor")
    session.commit()
    address = f"/cohorts/{cohort.id}/cases/{case.id}/auditor"
    assert "First auditor" in lead.get(address).text
    refused = lead.post(address, data={"auditor_id": str(tied.id), "reason": "Free this week"})
    assert refused.status_code == 422
    assert "Tied auditor belongs to the case&#39;s team" in refused.text
    assert lead.post(address, data={"auditor_id": str(second.id), "reason": ""}).status_code == 422
    given = lead.post(address, data={"auditor_id": str(second.id), "reason": "Free"}, follow_redirects=True)
    assert "has its auditor" in given.text
    assert session.scalar(select(Review.reviewer_id).where(Review.cohort_case_id == case.id)) == second.id


def test_allocating_to_nobody_is_refused_in_words(lead, session):
    cohort = make_cohort()
    session.commit()
    assert "Nobody holds the role of auditor" in lead.get(f"/cohorts/{cohort.id}/allocation").text
    make_user("First auditor")
    session.commit()
    refused = lead.post(f"/cohorts/{cohort.id}/allocation", data={})
    assert refused.status_code == 422
    assert "Choose at least one auditor" in refused.text


def test_cases_that_nobody_may_take_are_said(lead, session):
    cohort = make_cohort()
    tied = make_auditor_of("Team North", "Tied auditor")
    session.commit()
    page = lead.get(f"/cohorts/{cohort.id}/allocation")
    assert "Not given cases of: Team North" in page.text
    address = f"/cohorts/{cohort.id}/allocation"
    given = lead.post(address, data={"auditors": [str(tied.id)]}, follow_redirects=True)
    assert "could not be given to anybody" in given.text
    assert "The only auditor belongs to the case&#39;s team" in given.text


def test_a_head_of_service_reads_the_board_and_changes_nothing(session, sign_in):
    cohort = make_cohort(size=20)
    area = make_service_area()
    case = session.scalars(select(CohortCase).order_by(CohortCase.id)).first()
    case.case_record.team.service_area_id = area.id
    head = sign_in(make_user("Head", Role.HEAD_OF_SERVICE, service_area=area))
    board = head.get(f"/cohorts/{cohort.id}")
    assert board.status_code == 200
    assert "Allocate cases" not in board.text
    assert "How the cases were drawn" not in board.text
    assert head.get(f"/cohorts/{cohort.id}/selection").status_code == 404
    for address in (
        "/cohorts/new",
        f"/cohorts/{cohort.id}/allocation",
        f"/cohorts/{cohort.id}/cases/1/auditor",
    ):
        assert head.get(address).status_code == 403
        assert head.post(address).status_code == 403


def test_an_auditor_has_no_cohort_pages(session, sign_in):
    cohort = make_cohort()
    auditor = sign_in(make_user())
    for address in ("/cohorts/", f"/cohorts/{cohort.id}", f"/cohorts/{cohort.id}/selection-record"):
        assert auditor.get(address).status_code == 403


def test_a_cohort_that_is_not_there_is_not_found(lead):
    for address in (
        "/cohorts/99",
        "/cohorts/99/selection",
        "/cohorts/99/allocation",
        "/cohorts/99/cases/1/auditor",
    ):
        assert lead.get(address).status_code == 404
