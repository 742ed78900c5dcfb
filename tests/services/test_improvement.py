"""Keeping an improvement plan, bringing it up to date, and linking what it answers."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Permission, Role, Viewer
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.domain.plan_people import LeadKind
from qa_app.domain.plan_records import Rating
from qa_app.domain.plan_tally import RatingCounts, Standing
from qa_app.models.findings import Finding
from qa_app.models.history import HistoryEntry
from qa_app.models.improvement import ActionUpdate, FindingLink, PlanAction, PlanUpload
from qa_app.models.reviews import Review
from qa_app.models.themes import Theme
from qa_app.queries import improvement as plans
from qa_app.queries.answering_actions import list_answering_actions
from qa_app.queries.improvement_actions import get_action_sheet
from qa_app.services import improvement, improvement_links
from qa_app.services.improvement_leads import assign_lead
from tests.builders import make_team, make_user, viewer_of
from tests.builders_findings import make_submitted, make_themed_version
from tests.builders_improvement import (
    SEPTEMBER,
    action_of,
    keep_plan,
    plan_file,
    published_plan,
)
from tests.builders_reviews import make_cohort
from tests.query_counter import count_selects

pytestmark = pytest.mark.database
DECEMBER = date(2016, 12, 31)


def team_viewer() -> Viewer:
    """Somebody of the improvement team."""
    return viewer_of(make_user("Improver", Role.IMPROVEMENT_TEAM))


def make_finding(team_name: str = "Team North", *, submit: bool = True) -> Finding:
    """A weakness about visits, on one answer of a review."""
    cohort = make_cohort(make_themed_version())
    review = make_submitted(
        make_user("Auditor"),
        cohort,
        make_team(team_name),
        findings=[("seen", "weakness", ["visits"])],
        submit=submit,
    )
    from qa_app.extensions import db

    return db.session.scalars(select(Finding).where(Finding.review_id == review.id)).one()


def test_the_published_plan_is_kept_with_its_figures(session: Session) -> None:
    """Source: appendix 2 of the monitoring report May to September 2016, rows counted by hand."""
    outcome = published_plan()
    assert (outcome.n_new, outcome.n_updated) == (69, 0)
    tally = plans.get_plan_tally(SYSTEM, outcome.plan_id, SEPTEMBER)
    assert [one.tally.actions for one in tally.priorities] == [4, 10, 3, 9, 11, 1, 1, 19, 1, 10]
    assert [one.tally.due for one in tally.priorities] == [4, 6, 3, 6, 11, 1, 1, 19, 1, 9]
    assert tally.total.ratings == RatingCounts(green=28, amber=34, red=7)
    assert tally.total.due_ratings == RatingCounts(green=27, amber=27, red=7)
    report = plans.get_exception_sheet(SYSTEM, outcome.plan_id, SEPTEMBER).report
    assert (report.red, report.due, len(report.not_due), len(report.completed_early)) == (7, 61, 7, 1)
    assert [line.ref for line in report.red_actions][:2] == ["2.1.3", "2.1.4"]


def test_any_date_can_be_asked_for_and_later_updates_never_change_it(session: Session) -> None:
    plan_id = keep_plan(plan_file()).plan_id
    newer = plan_file(
        "Sep-16,1,1.1,Review the tool,DCS,N/A,Completed G",
        "Oct - Dec 16,1,1.2,Train everybody,HOS QI,Health,Completed G",
        "Jan-17,2,2.1,A new action,DCS,N/A,A",
    )
    outcome = keep_plan(newer, DECEMBER, plan_id)
    assert (outcome.n_new, outcome.n_updated, outcome.n_left_out) == (1, 1, 1)

    then = {line.ref: line.rating for line in plans.get_plan_sheet(SYSTEM, plan_id, SEPTEMBER).lines}
    now = {line.ref: line.rating for line in plans.get_plan_sheet(SYSTEM, plan_id, DECEMBER).lines}
    before = {line.ref: line.rating for line in plans.get_plan_sheet(SYSTEM, plan_id, date(2016, 1, 1)).lines}
    assert then == {"1.1": Rating.RED, "1.2": Rating.GREEN, "2.1": None, "10.1": Rating.AMBER}
    assert now == {"1.1": Rating.GREEN, "1.2": Rating.GREEN, "2.1": Rating.AMBER, "10.1": Rating.AMBER}
    assert set(before.values()) == {None}

    sheet = get_action_sheet(SYSTEM, action_of(plan_id, "1.1").id, DECEMBER)
    assert [(one.effective_on, one.status_text) for one in sheet.story] == [
        (DECEMBER, "Completed G"),
        (SEPTEMBER, "Not started R"),
    ]
    assert (sheet.rating, sheet.standing) == (Rating.GREEN, Standing.DUE)
    assert session.scalar(select(func.count(ActionUpdate.id))) == 5


def test_an_older_copy_sent_late_does_not_hide_the_newer_one(session: Session) -> None:
    plan_id = keep_plan(plan_file()).plan_id
    keep_plan(plan_file("Sep-16,1,1.1,Review the tool,DCS,N/A,A"), date(2016, 6, 30), plan_id)
    lines = {line.ref: line.rating for line in plans.get_plan_sheet(SYSTEM, plan_id).lines}
    assert lines["1.1"] is Rating.RED
    june = {line.ref: line.rating for line in plans.get_plan_sheet(SYSTEM, plan_id, date(2016, 6, 30)).lines}
    assert june["1.1"] is Rating.AMBER


def test_the_timescale_first_published_stays(session: Session) -> None:
    plan_id = keep_plan(plan_file()).plan_id
    keep_plan(plan_file("Mar-17,1,1.1,Other words,DCS,N/A,Not started R"), DECEMBER, plan_id)
    action = action_of(plan_id, "1.1")
    assert (action.words, action.window_ends_on) == ("Review the tool", SEPTEMBER)


def test_the_same_document_twice_is_refused_in_words(session: Session) -> None:
    outcome = keep_plan(plan_file())
    for plan_id in (None, outcome.plan_id):
        with pytest.raises(Conflict, match="imported on 24 November 2026 already, as at 30 September 2016"):
            keep_plan(plan_file(), plan_id=plan_id)
    assert session.scalar(select(func.count(PlanAction.id))) == 3


def test_a_new_plan_needs_a_title_of_its_own(session: Session) -> None:
    keep_plan(plan_file())
    with pytest.raises(Conflict, match="There is a plan called “Small plan” already"):
        keep_plan(plan_file("Sep-16,1,1.1,Another,DCS,N/A,G"))
    assert improvement.plan_titled(SYSTEM, "small PLAN") is not None


def test_only_the_improvement_team_imports_and_links(session: Session) -> None:
    auditor = viewer_of(make_user("Auditor", Role.AUDITOR))
    head = viewer_of(make_user("Head", Role.DIRECTOR))
    outcome = keep_plan(plan_file())
    at = datetime.fromisoformat("2026-11-24T10:00:00+00:00")
    for viewer in (auditor, head):
        with pytest.raises(NotAllowed):
            improvement.keep_upload(viewer, "plan.csv", b"x", SEPTEMBER, None, at=at)
        with pytest.raises(NotAllowed):
            improvement_links.link_theme(viewer, action_of(outcome.plan_id, "1.1").id, 1, "Because.", at=at)
    with pytest.raises(NotAllowed):
        plans.get_plan_sheet(auditor, outcome.plan_id)
    assert plans.get_plan_sheet(head, outcome.plan_id).may_import is False


def test_documents_that_nobody_decided_on_go_after_a_day(session: Session, at: datetime) -> None:
    viewer = team_viewer()
    improvement.keep_upload(viewer, "old.csv", b"1", SEPTEMBER, None, at=at - timedelta(days=2))
    new = improvement.keep_upload(viewer, "new.csv", b"2", SEPTEMBER, None, at=at).id
    assert session.scalars(select(PlanUpload.file_name)).all() == ["new.csv"]
    improvement.drop_upload(viewer, new)
    with pytest.raises(NotFound):
        plans.get_upload(viewer, new)


def test_a_finding_is_linked_with_a_reason_and_followed_both_ways(session: Session, at: datetime) -> None:
    action = action_of(keep_plan(plan_file()).plan_id, "1.1")
    finding = make_finding()
    viewer = team_viewer()
    link = improvement_links.link_finding(viewer, action.id, finding.id, " It answers\nit. ", at=at)
    again = improvement_links.link_finding(viewer, action.id, finding.id, "Another reason", at=at)
    assert again.id == link.id

    down = get_action_sheet(viewer, action.id, SEPTEMBER).findings
    assert [(one.ref, one.reason, one.linked_by) for one in down] == [
        (f"F{finding.id}", "It answers it.", "Improver")
    ]
    assert (down[0].question_text, down[0].answer_words) == ("Is seen right?", "Yes")
    up = list_answering_actions(viewer, finding_ids=[finding.id])
    assert [(one.action_id, one.plan_ref, one.rating) for one in up] == [(action.id, "1.1", Rating.RED)]
    actions = session.scalars(select(HistoryEntry.action).where(HistoryEntry.subject_kind == "finding")).all()
    assert actions.count("action.linked") == 1

    improvement_links.unlink_finding(viewer, action.id, link.id, at=at)
    improvement_links.unlink_finding(viewer, action.id, link.id, at=at)
    assert list_answering_actions(viewer, finding_ids=[finding.id]) == ()
    assert get_action_sheet(viewer, action.id, SEPTEMBER).findings == ()
    assert session.scalars(select(FindingLink.reason)).all() == ["It answers it."]
    assert improvement_links.link_finding(viewer, action.id, finding.id, "Again", at=at).id != link.id


def test_a_theme_is_linked_and_counted(session: Session, at: datetime) -> None:
    action = action_of(keep_plan(plan_file()).plan_id, "1.1")
    finding = make_finding()
    assert finding.id
    theme_id = session.scalars(select(Theme.id).where(Theme.key == "visits")).one()
    viewer = team_viewer()
    link = improvement_links.link_theme(viewer, action.id, theme_id, "It is what visits need.", at=at)
    assert improvement_links.link_theme(viewer, action.id, theme_id, "x", at=at).id == link.id
    themes = get_action_sheet(viewer, action.id, SEPTEMBER).themes
    assert [(one.title, one.n_findings, one.reason) for one in themes] == [
        ("Visits", 1, "It is what visits need.")
    ]
    up = list_answering_actions(viewer, theme_ids=[theme_id])
    assert [(one.action_id, one.through) for one in up] == [(action.id, "theme")]
    improvement_links.unlink_theme(viewer, action.id, link.id, at=at)
    assert list_answering_actions(viewer, theme_ids=[theme_id]) == ()


def test_nothing_is_linked_without_a_reason_or_out_of_reach(session: Session, at: datetime) -> None:
    action = action_of(keep_plan(plan_file()).plan_id, "1.1")
    finding = make_finding(submit=False)
    viewer = team_viewer()
    with pytest.raises(NotFound):
        improvement_links.link_finding(viewer, action.id, finding.id, "Not yet handed in.", at=at)
    with pytest.raises(NotFound):
        improvement_links.link_finding(viewer, 999_999, finding.id, "No such action.", at=at)
    theme_id = session.scalars(select(Theme.id).limit(1)).one()
    with pytest.raises(Invalid) as refused:
        improvement_links.link_theme(viewer, action.id, theme_id, " \n ", at=at)
    assert refused.value.field == "reason"


def test_a_linked_finding_of_another_team_is_counted_and_not_shown(session: Session, at: datetime) -> None:
    action = action_of(keep_plan(plan_file()).plan_id, "1.1")
    finding = make_finding("Team North")
    improvement_links.link_finding(team_viewer(), action.id, finding.id, "Because.", at=at)
    lead = viewer_of(make_user("Lead", Role.ACTION_LEAD))
    assert lead.user_id is not None
    assign_lead(team_viewer(), action.id, lead.user_id, LeadKind.OPERATIONAL, at=at)
    sheet = get_action_sheet(lead, action.id, SEPTEMBER)
    assert (sheet.findings, sheet.n_findings_unseen, sheet.may_link) == ((), 1, False)
    assert get_action_sheet(team_viewer(), action.id, SEPTEMBER).n_findings_unseen == 0
    assert not lead.may(Permission.SEE_FINDINGS)


def test_pages_take_as_many_questions_for_three_actions_as_for_sixty_nine(session: Session) -> None:
    small = keep_plan(plan_file()).plan_id
    large = published_plan().plan_id
    asked = []
    for plan_id in (small, large):
        session.expire_all()
        with count_selects() as selects:
            plans.get_plan_sheet(SYSTEM, plan_id, SEPTEMBER)
            plans.get_exception_sheet(SYSTEM, plan_id, SEPTEMBER)
        asked.append(len(selects))
    assert asked[0] == asked[1] <= 10


def test_an_action_that_does_not_exist_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        get_action_sheet(SYSTEM, 999_999, SEPTEMBER)
    with pytest.raises(NotFound):
        plans.choose_plan(SYSTEM, None)
    assert plans.is_any_plan(SYSTEM) is False
    assert session.scalar(select(func.count(Review.id))) == 0


def test_two_people_who_link_at_once_make_one_link(
    session: Session, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    action = action_of(keep_plan(plan_file()).plan_id, "1.1")
    finding = make_finding()
    viewer = team_viewer()
    improvement_links.link_finding(viewer, action.id, finding.id, "First.", at=at)
    asked = session.scalar

    def not_yet_there(statement: Any, *args: Any, **kwargs: Any) -> Any:
        return None if "finding_link" in str(statement) else asked(statement, *args, **kwargs)

    monkeypatch.setattr(improvement_links.db.session, "scalar", not_yet_there)
    with pytest.raises(Conflict, match="Somebody has just made this link"):
        improvement_links.link_finding(viewer, action.id, finding.id, "Second.", at=at)
    assert session.scalars(select(FindingLink.reason)).all() == ["First."]
