"""From a finding and a theme down to the plan actions that answer them."""

from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import Role
from qa_app.models.findings import Finding
from qa_app.models.themes import Theme
from qa_app.queries.answering_actions import list_answering_actions
from qa_app.queries.themes.counts import ThemeSlice
from qa_app.queries.themes.pages import get_theme_list
from qa_app.services.improvement_links import link_finding, link_theme, unlink_theme
from tests.builders import make_team, make_user, viewer_of
from tests.builders_findings import make_submitted, make_themed_version
from tests.builders_improvement import action_of, keep_plan, plan_file
from tests.builders_reviews import make_cohort
from tests.query_counter import count_selects

pytestmark = pytest.mark.database


def test_the_line_goes_down_to_the_plan_and_is_shown_on_both_pages(
    session: Session, sign_in, at: datetime
) -> None:
    make_submitted(
        make_user(),
        make_cohort(make_themed_version()),
        make_team(),
        findings=[("seen", "weakness", ["visits"])],
    )
    finding = session.scalars(select(Finding)).one()
    visits = session.scalars(select(Theme).where(Theme.key == "visits")).one()
    plan_id = keep_plan(plan_file()).plan_id
    red, green = action_of(plan_id, "1.1"), action_of(plan_id, "1.2")
    user = make_user("Improvement", Role.IMPROVEMENT_TEAM)
    viewer = viewer_of(user)
    link_finding(viewer, red.id, finding.id, "It asks for better visits.", at=at)
    theme_link = link_theme(viewer, green.id, visits.id, "Training is about visits.", at=at)
    with count_selects() as sent:
        found = list_answering_actions(viewer, finding_ids=[finding.id], theme_ids=[visits.id])
    assert len(sent) == 1
    assert [(one.plan_ref, one.rating, one.through, one.reason) for one in found] == [
        ("1.1", "red", "finding", "It asks for better visits."),
        ("1.2", "green", "theme", "Training is about visits."),
    ]
    browser: FlaskClient = sign_in(user)
    page = browser.get(f"/findings/{finding.id}").get_data(as_text=True)
    assert f'href="/plan/actions/{red.id}"' in page
    assert f'href="/plan/actions/{green.id}"' in page
    assert "Theme: Visits" in page
    page = browser.get(f"/themes/{visits.id}").get_data(as_text=True)
    assert f'href="/plan/actions/{green.id}"' in page
    assert f'href="/plan/actions/{red.id}"' not in page
    n_actions = {row.theme.key: row.n_actions for row in get_theme_list(viewer, ThemeSlice()).rows}
    assert n_actions == {"planning": 0, "smart_plans": 0, "contingency": 0, "visits": 1}
    unlink_theme(viewer, green.id, theme_link.id, at=at)
    assert list_answering_actions(viewer, theme_ids=[visits.id]) == ()


def test_somebody_who_may_not_see_the_plan_gets_no_actions(session: Session, at: datetime) -> None:
    make_themed_version()
    visits = session.scalars(select(Theme).where(Theme.key == "visits")).one()
    action = action_of(keep_plan(plan_file()).plan_id, "1.1")
    link_theme(
        viewer_of(make_user("Improvement", Role.IMPROVEMENT_TEAM)), action.id, visits.id, "Why.", at=at
    )
    assert list_answering_actions(viewer_of(make_user()), theme_ids=[visits.id]) == ()
