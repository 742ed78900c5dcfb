"""Who leads which action, which agencies it involves, and that each sees and updates only their own."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qa_app.domain.access import Permission, Role, Viewer
from qa_app.domain.errors import Invalid, NotAllowed, NotFound
from qa_app.domain.plan_people import LeadKind, WordsKind, alike, written_names
from qa_app.domain.plan_records import Rating
from qa_app.models.findings import Finding
from qa_app.models.improvement import ActionLead, ActionUpdate
from qa_app.queries import improvement as plans
from qa_app.queries.answering_actions import list_answering_actions
from qa_app.queries.improvement_actions import get_action_sheet
from qa_app.queries.plan_people import (
    get_action_people,
    get_action_to_update,
    get_people_page,
    list_led_actions,
)
from qa_app.services import improvement_agencies, improvement_leads, improvement_links
from qa_app.services.improvement_updates import Said, update_action
from tests.builders import make_service_area, make_team, make_user, viewer_of
from tests.builders_findings import make_submitted, make_themed_version
from tests.builders_improvement import (
    SEPTEMBER,
    action_of,
    involve_agency,
    keep_plan,
    lead_action,
    plan_file,
    published_plan,
)
from tests.builders_reviews import make_cohort

database = pytest.mark.database
TODAY = date(2026, 11, 24)
GREEN = Said(date(2016, 9, 30), Rating.GREEN, "Done", "All of it.")


def improver() -> Viewer:
    """Somebody of the improvement team."""
    return viewer_of(make_user("Improver", Role.IMPROVEMENT_TEAM))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (None, ()),
        ("N/A", ()),
        ("HOS QI", ("HOS QI",)),
        ("ADCSC / HOS QI", ("ADCSC", "HOS QI")),
        ("DCOs, HO LS", ("DCOs", "HO LS")),
        ("HOS S&CP", ("HOS S&CP",)),
        ("Police LBB (Education) Schools\nHealth", ("Police LBB", "Education", "Schools", "Health")),
        ("BSCB Chair and Members", ("BSCB Chair", "Members")),
        ("Health; health", ("Health",)),
        ("DCS AD Housing HOS C&R", ("DCS AD Housing HOS C&R",)),
    ],
)
def test_a_cell_of_the_plan_is_taken_apart_into_names(text: str | None, names: tuple[str, ...]) -> None:
    assert written_names(text) == names


@given(st.text(max_size=60))
def test_any_text_gives_names_without_blanks_and_each_once(text: str) -> None:
    names = written_names(text)
    assert all(name == name.strip() and name for name in names)
    assert len({name.casefold() for name in names}) == len(names)


def test_a_name_is_proposed_only_where_one_alone_is_alike() -> None:
    known = [(1, "Health"), (2, "Housing"), (3, "Police")]
    assert alike("Health Agencies", known) == 1
    assert alike("police", known) == 3
    assert alike("Schools", known) is None
    assert alike("Health and Housing", known) is None
    assert alike("", known) is None


@database
def test_a_lead_sees_and_updates_the_actions_they_lead_and_no_other(session: Session, at: datetime) -> None:
    plan_id = published_plan().plan_id
    mine, other = action_of(plan_id, "1.1.1"), action_of(plan_id, "1.2.1")
    lead = viewer_of(person := make_user("Lead", Role.ACTION_LEAD))
    assert plans.list_plans(lead) == ()
    lead_action(person, mine)
    sheet = plans.get_plan_sheet(lead, plan_id)
    assert [line.ref for line in sheet.lines] == ["1.1.1"]
    assert (sheet.is_whole, sheet.tally.total.actions, sheet.imports) == (False, 1, ())
    assert [row.n_actions for row in plans.list_plans(lead)] == [1]
    assert get_action_sheet(lead, mine.id, SEPTEMBER).may_update
    update_action(lead, mine.id, GREEN, today=TODAY, at=at)
    for refused in (
        lambda: get_action_sheet(lead, other.id, SEPTEMBER),
        lambda: get_action_to_update(lead, other.id),
        lambda: update_action(lead, other.id, GREEN, today=TODAY, at=at),
    ):
        with pytest.raises(NotFound):
            refused()
    with pytest.raises(NotAllowed):
        improvement_leads.assign_lead(lead, other.id, person.id, LeadKind.OPERATIONAL, at=at)


@database
def test_who_leads_no_longer_sees_no_longer(session: Session, at: datetime) -> None:
    plan_id = published_plan().plan_id
    action = action_of(plan_id, "1.1.1")
    lead = viewer_of(person := make_user("Lead", Role.ACTION_LEAD))
    row = improvement_leads.assign_lead(improver(), action.id, person.id, LeadKind.STRATEGIC, at=at)
    assert improvement_leads.assign_lead(improver(), action.id, person.id, LeadKind.STRATEGIC, at=at) is row
    improvement_leads.remove_lead(improver(), action.id, row.id, at=at)
    improvement_leads.remove_lead(improver(), action.id, row.id, at=at)
    with pytest.raises(NotFound):
        get_action_sheet(lead, action.id, SEPTEMBER)
    assert session.scalar(select(func.count(ActionLead.id))) == 1
    with pytest.raises(NotFound):
        improvement_leads.remove_lead(improver(), action.id, 999_999, at=at)


@database
def test_an_agency_sees_the_actions_that_name_it_and_nothing_that_rests_on_reviews(
    session: Session, at: datetime
) -> None:
    plan_id = published_plan().plan_id
    named, other = action_of(plan_id, "1.1.1"), action_of(plan_id, "1.2.1")
    involve_agency(named, "Health")
    involve_agency(other, "Police")
    make_submitted(
        make_user("Auditor"),
        make_cohort(make_themed_version()),
        make_team(),
        findings=[("plan_smart", "weakness", ["smart_plans"])],
    )
    found = session.scalars(select(Finding)).first()
    assert found is not None
    improvement_links.link_finding(improver(), named.id, found.id, "A child waited.", at=at)
    partner = viewer_of(make_user("Partner", Role.PARTNER_AGENCY))
    assert [line.ref for line in plans.get_plan_sheet(partner, plan_id).lines] == ["1.1.1"]
    sheet = get_action_sheet(partner, named.id, SEPTEMBER)
    assert (sheet.findings, sheet.themes, sheet.n_findings_unseen) == ((), (), 0)
    assert (sheet.shows_links, sheet.may_update, sheet.may_link) == (False, False, False)
    with pytest.raises(NotFound):
        get_action_sheet(partner, other.id, SEPTEMBER)
    with pytest.raises(NotAllowed):
        update_action(partner, named.id, GREEN, today=TODAY, at=at)
    assert list_answering_actions(partner, finding_ids=[found.id]) == ()
    assert list_answering_actions(improver(), finding_ids=[found.id])[0].action_id == named.id
    link_id = get_action_people(improver(), named.id).agencies[0][0]
    improvement_agencies.remove_agency(improver(), named.id, link_id, at=at)
    with pytest.raises(NotFound):
        get_action_sheet(partner, named.id, SEPTEMBER)
    assert plans.list_plans(partner) == ()


@database
def test_heads_of_service_read_the_whole_plan_and_update_what_they_lead(
    session: Session, at: datetime
) -> None:
    plan_id = published_plan().plan_id
    action = action_of(plan_id, "1.1.1")
    person = make_user("Head", Role.HEAD_OF_SERVICE, service_area=make_service_area())
    head = viewer_of(person)
    assert len(plans.get_plan_sheet(head, plan_id).lines) == 69
    assert not get_action_sheet(head, action.id, SEPTEMBER).may_update
    with pytest.raises(NotFound):
        update_action(head, action.id, GREEN, today=TODAY, at=at)
    lead_action(person, action)
    assert get_action_sheet(head, action.id, SEPTEMBER).may_update
    update_action(head, action.id, GREEN, today=TODAY, at=at)


@database
def test_written_leads_are_matched_by_a_person_and_never_by_themselves(
    session: Session, at: datetime
) -> None:
    plan_id = published_plan().plan_id
    viewer = improver()
    head = make_user("Head of quality", Role.ACTION_LEAD)
    page = get_people_page(viewer, plan_id)
    quality = next(name for name in page.leads if name.words == "HOS QI")
    assert (quality.meant, quality.proposed_id) == ((), None)
    assert quality.n_open == quality.n_actions > 5
    n_new = improvement_leads.assign_written_lead(viewer, plan_id, "hos qi", head.id, at=at)
    assert n_new == quality.n_actions
    assert improvement_leads.assign_written_lead(viewer, plan_id, "HOS QI", head.id, at=at) == 0
    after = get_people_page(viewer, plan_id)
    matched = next(name for name in after.leads if name.words == "HOS QI")
    assert (matched.n_open, matched.meant, matched.proposed_id) == (0, ("Head of quality",), head.id)
    assert after.n_without_lead < page.n_without_lead
    with pytest.raises(Invalid, match="No action"):
        improvement_leads.assign_written_lead(viewer, plan_id, "Nobody so named", head.id, at=at)
    with pytest.raises(Invalid, match="No action"):
        improvement_leads.assign_written_lead(viewer, plan_id, "", head.id, at=at)
    head.is_active = False
    session.flush()
    with pytest.raises(Invalid, match="closed"):
        improvement_leads.assign_written_lead(viewer, plan_id, "DCS", head.id, at=at)


@database
def test_written_agencies_are_matched_or_set_aside(session: Session, at: datetime) -> None:
    plan_id = published_plan().plan_id
    viewer = improver()
    health = improvement_agencies.add_agency(viewer, "Health", at=at)
    assert improvement_agencies.add_agency(viewer, " health ", at=at) is health
    page = get_people_page(viewer, plan_id)
    assert next(name for name in page.agencies if name.words == "Health Agencies").proposed_id == health.id
    n_new = improvement_agencies.name_written_agency(viewer, plan_id, "Health", health.id, at=at)
    assert n_new == 12
    assert improvement_agencies.name_written_agency(viewer, plan_id, "Health", health.id, at=at) == 0
    improvement_leads.set_words_aside(viewer, plan_id, WordsKind.AGENCY, "Members", at=at)
    improvement_leads.set_words_aside(viewer, plan_id, WordsKind.AGENCY, "Members", at=at)
    aside = [name.words for name in get_people_page(viewer, plan_id).agencies if name.is_aside]
    assert aside == ["Members"]
    improvement_leads.bring_back(viewer, plan_id, WordsKind.AGENCY, "Members")
    assert not [name for name in get_people_page(viewer, plan_id).agencies if name.is_aside]
    with pytest.raises(Invalid):
        improvement_leads.set_words_aside(viewer, plan_id, WordsKind.AGENCY, " \x00 ", at=at)
    with pytest.raises(NotFound):
        get_people_page(viewer, 999_999)


@database
def test_an_update_is_another_dated_step_and_the_same_said_twice_is_one(
    session: Session, at: datetime
) -> None:
    plan_id = keep_plan(plan_file()).plan_id
    action = action_of(plan_id, "1.1")
    lead = viewer_of(person := make_user("Lead", Role.ACTION_LEAD))
    lead_action(person, action)
    said = Said(date(2016, 10, 5), Rating.AMBER, "Begun", "First\n\n second  line\x00")
    update_action(lead, action.id, said, today=TODAY, at=at)
    update_action(lead, action.id, said, today=TODAY, at=at + timedelta(minutes=1))
    n = session.scalar(select(func.count(ActionUpdate.id)).where(ActionUpdate.plan_import_id.is_(None)))
    assert n == 1
    sheet = get_action_sheet(lead, action.id, date(2016, 10, 5))
    assert (sheet.rating, sheet.status_text, sheet.story[0].source) == (Rating.AMBER, "Begun", "Written here")
    assert get_action_sheet(lead, action.id, SEPTEMBER).rating is Rating.RED
    assert plans.list_plans(lead)[0].as_at == date(2016, 10, 5)
    assert [one.ref for one in list_led_actions(lead, TODAY)] == ["1.1"]
    update_action(lead, action.id, Said(TODAY, Rating.GREEN, "Done", ""), today=TODAY, at=at)
    assert list_led_actions(lead, TODAY) == ()


@database
@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Said(None, Rating.RED, "x", ""), "effective_on"),
        (Said(date(2026, 11, 25), Rating.RED, "x", ""), "effective_on"),
        (Said(TODAY, None, "x", ""), "rating"),
        (Said(TODAY, Rating.RED, " ", ""), "status_text"),
        (Said(TODAY, Rating.RED, "x" * 301, ""), "status_text"),
        (Said(TODAY, Rating.RED, "x", "y" * 4001), "progress"),
    ],
)
def test_an_update_says_at_which_field_something_is_wrong(
    session: Session, at: datetime, said: Said, field: str
) -> None:
    action = action_of(keep_plan(plan_file()).plan_id, "1.1")
    with pytest.raises(Invalid) as refused:
        update_action(improver(), action.id, said, today=TODAY, at=at)
    assert refused.value.field == field


@database
def test_nobody_reaches_the_plan_through_an_odd_grant(session: Session) -> None:
    for role in (Role.ACTION_LEAD, Role.PARTNER_AGENCY):
        viewer = viewer_of(make_user("Somebody", role))
        assert not viewer.plan_reach(Permission.SEE_PLAN).whole_plan
        assert not viewer.plan_reach(Permission.MANAGE_PLAN).whole_plan
