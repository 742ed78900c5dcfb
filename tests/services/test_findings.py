"""Raising a finding: what is copied from the case, who may, and what is refused."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.domain.findings import finding_draft
from qa_app.domain.themes import Taxonomy, ThemeDefinition
from qa_app.models.findings import Finding, FindingTheme
from qa_app.models.history import HistoryEntry
from qa_app.models.themes import Theme
from qa_app.services.findings import raise_finding, withdraw_finding
from qa_app.services.reviews_submission import submit_review
from qa_app.services.taxonomy import load_taxonomy
from tests.builders import make_service_area, make_team, make_user, viewer_of
from tests.builders_findings import THEMES, make_submitted, make_themed_version, make_themes
from tests.builders_reviews import make_cohort, make_review

pytestmark = pytest.mark.database
DRAFT = finding_draft("weakness", "safety_critical", "Not seen for six weeks.", ["visits", "smart_plans"])


def test_a_finding_keeps_where_it_was_found(session: Session, at: datetime) -> None:
    version = make_themed_version()
    area = make_service_area()
    team = make_team("Team North", area)
    auditor = make_user()
    review = make_review(auditor, make_cohort(version), team)
    finding = session.get_one(Finding, raise_finding(viewer_of(auditor), review.id, "seen", DRAFT, at=at))
    assert (finding.section_key, finding.question_key) == ("work", "seen")
    assert (finding.team_id, finding.service_area_id) == (team.id, area.id)
    assert finding.plan_type == "child_protection"
    themes = session.scalars(
        select(Theme.key).join(FindingTheme).where(FindingTheme.finding_id == finding.id).order_by(Theme.key)
    ).all()
    assert themes == ["smart_plans", "visits"]
    entry = session.scalars(select(HistoryEntry).where(HistoryEntry.subject_kind == "finding")).one()
    assert (entry.subject_id, entry.actor_id) == (finding.id, auditor.id)


def test_a_finding_about_the_whole_file_has_no_question(session: Session, at: datetime) -> None:
    make_themes()
    auditor = make_user()
    review = make_review(auditor)
    finding = session.get_one(Finding, raise_finding(viewer_of(auditor), review.id, None, DRAFT, at=at))
    assert finding.question_key is None
    assert finding.section_key is None


def test_what_is_not_there_is_refused(session: Session, at: datetime) -> None:
    version = make_themed_version()
    auditor, other = make_user(), make_user("Auditor Two")
    manager = make_user("Manager", Role.TEAM_MANAGER, team=make_team())
    review = make_review(auditor, make_cohort(version))
    with pytest.raises(NotFound):
        raise_finding(viewer_of(auditor), review.id, "not_on_the_form", DRAFT, at=at)
    with pytest.raises(NotFound):
        raise_finding(viewer_of(other), review.id, "seen", DRAFT, at=at)
    with pytest.raises(NotAllowed):
        raise_finding(viewer_of(manager), review.id, "seen", DRAFT, at=at)
    with pytest.raises(NotAllowed):
        raise_finding(SYSTEM, review.id, "seen", DRAFT, at=at)
    unknown = finding_draft("strength", "minor", "Words.", ["no_such_theme"])
    with pytest.raises(Invalid) as refused:
        raise_finding(viewer_of(auditor), review.id, "seen", unknown, at=at)
    assert refused.value.field == "themes"
    assert session.scalars(select(Finding)).all() == []


def test_a_finding_is_taken_back_until_the_review_is_handed_in(session: Session, at: datetime) -> None:
    auditor, other = make_user(), make_user("Auditor Two")
    review = make_submitted(
        auditor,
        make_cohort(make_themed_version()),
        findings=[("seen", "weakness", ["visits"]), (None, "strength", [])],
        submit=False,
    )
    first, second = session.scalars(select(Finding).order_by(Finding.id)).all()
    with pytest.raises(NotFound):
        withdraw_finding(viewer_of(other), first.id, at=at)
    assert withdraw_finding(viewer_of(auditor), first.id, at=at) == review.id
    assert first.withdrawn_at == at
    with pytest.raises(NotFound):
        withdraw_finding(viewer_of(auditor), first.id, at=at)
    submit_review(viewer_of(auditor), review.id, at=at)
    with pytest.raises(Conflict):
        withdraw_finding(viewer_of(auditor), second.id, at=at)


def test_loading_the_themes_again_changes_only_what_changed(session: Session, at: datetime) -> None:
    first = load_taxonomy(SYSTEM, THEMES, at=at)
    again = load_taxonomy(SYSTEM, THEMES, at=at)
    assert (first.n_added, first.n_changed) == (4, 0)
    assert (again.n_added, again.n_changed, again.n_unchanged) == (0, 0, 4)
    moved = Taxonomy((ThemeDefinition("planning", "Planning and review", "New words."), *THEMES.themes[2:]))
    changed = load_taxonomy(SYSTEM, moved, at=at)
    assert (changed.n_added, changed.n_changed) == (0, 1)
    rows = {theme.key: theme for theme in session.scalars(select(Theme))}
    assert set(rows) == {"planning", "smart_plans", "contingency", "visits"}
    assert rows["planning"].title == "Planning and review"
    assert rows["contingency"].parent_id == rows["planning"].id
    actions = session.scalars(select(HistoryEntry.action).where(HistoryEntry.subject_kind == "theme")).all()
    assert sorted(actions) == ["added"] * 4 + ["changed"]


def test_loading_the_themes_needs_the_right(session: Session, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        load_taxonomy(viewer_of(make_user()), THEMES, at=at)
