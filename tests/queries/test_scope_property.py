"""No query tells anybody of a record outside their scope: every query, any viewer, any small council."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Permission, Role
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.caseload import PlanType
from qa_app.domain.cohorts import CohortKind
from qa_app.domain.house_words import NameKind
from qa_app.models.themes import Theme
from qa_app.queries.home import get_home_page
from qa_app.queries.themes.counts import ThemeSlice
from qa_app.queries.themes.pages import get_theme_page
from qa_app.services.audit_forms import publish_form
from qa_app.services.taxonomy import load_taxonomy
from tests.builders_findings import THEMES
from tests.queries.scope_council import AT, FIRST_ID, IMPORT_IDS, Chances, Council, build, chances, telling
from tests.queries.scope_rule import Rule
from tests.queries.scope_walk import (
    TODAY,
    calls,
    gives_a_condition,
    needed,
    public_queries,
    supply_of,
    told,
)

pytestmark = pytest.mark.database

WITHOUT_VIEWER: dict[str, str] = {
    "accounts.get_signed_in": "it finds out who asks",
    "accounts.get_viewer": "it finds out who asks",
    "accounts.get_link_holder": "whoever holds the link asks",
    "accounts.scope_words": "words of ours",
    "audit_form_shelf.n_asked": "a form in the hand",
    "caseload_comparison.rows_by_list": "an upload in the hand",
    "cohorts_auditors.ties_of_users": "for those who allocate, of the people they name",
    "history.names.names_of": "names behind numbers in the hand",
    "history.names.titles_of": "titles of records that the caller may open",
    "home.account_counts": "two counts of accounts",
    "house_words.codes_to_choose": "codes of the guidance",
    "house_words.columns_of": "columns of the guidance",
    "sign_in.why_sign_in_ended": "whoever holds the cookie asks",
    "sign_in.get_address": "the address of whoever signs in",
    "sign_in.get_step_holder": "it finds out who signs in",
    "themes.tree.load_tree": "themes are the same for everybody",
}

CALLS: dict[str, Callable[[Council], list[dict[str, Any]]]] = {
    "answering_actions.list_answering_actions": lambda one: [
        {"finding_ids": one.ids["finding"], "theme_ids": one.theme_ids}
    ],
    "audit_form_publishing.viewer_may_decide": lambda _: [],
    "caseload.get_faults_page": lambda _: [{"import_id": IMPORT_IDS[0], "kind": "", "done": ""}],
    "history.subjects.may_open": lambda _: [],
    "history.timeline.get_timeline": lambda one: [
        {"kind": kind, "subject_id": number} for kind in TIMELINES for number in one.ids[TIMELINES[kind]]
    ],
    "organisation_names.list_merge_choices": lambda one: [
        {"kind": NameKind.TEAM, "row_id": one.ids["team"][0]},
        {"kind": NameKind.WORKER, "row_id": one.ids["practitioner"][0]},
    ],
}
TIMELINES = {
    "review": "review",
    "finding": "finding",
    "plan_action": "action",
    "case_action": "case_action",
    "safeguarding_concern": "concern",
    "team": "team",
    "practitioner": "practitioner",
}

FORM = {
    "form": "walked",
    "title": "Walked",
    "cohort_kinds": [kind.value for kind in CohortKind],
    "subject": "child",
    "plan_types": [plan.value for plan in PlanType],
    "sections": [
        {
            "section": "work",
            "title": "The work",
            "questions": [
                {
                    "question": "seen",
                    "text": "Was the child seen?",
                    "type": "yes_partly_no",
                    "measure": "seen",
                    "themes": ["visits"],
                    "finding": {"when": {"is": "no"}, "as": "weakness"},
                },
                {"question": "why", "text": "Why not?", "type": "long_text"},
            ],
        }
    ],
}


@pytest.fixture
def form(session: Session) -> tuple[int, list[int]]:
    """The form of every review here, and the theme of every finding."""
    load_taxonomy(SYSTEM, THEMES, at=AT)
    version = publish_form(SYSTEM, AuditForm.from_data(FORM), at=AT)
    theme_ids = list(session.scalars(select(Theme.id).where(Theme.key == "visits")))
    session.flush()
    return version.id, theme_ids


def test_the_walk_knows_every_query() -> None:
    unknown = []
    for name, function in public_queries().items():
        if gives_a_condition(function) or name in WITHOUT_VIEWER or name in CALLS:
            continue
        if "viewer" not in function.__annotations__:
            unknown.append(f"{name} takes no viewer")
        unknown += [f"{name}({each})" for each in needed(function) if supply_of(function, each) is None]
    assert not unknown


@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(chance=chances())
def test_no_query_tells_of_a_record_outside_the_viewers_scope(
    session: Session, form: tuple[int, list[int]], chance: Chances
) -> None:
    check(session, form, chance)


@pytest.mark.parametrize("role", list(Role))
def test_no_role_is_told_what_lies_near_and_is_not_for_it(
    session: Session, form: tuple[int, list[int]], role: Role
) -> None:
    check(session, form, telling(role))


def check(session: Session, form: tuple[int, list[int]], chance: Chances) -> None:
    """Build the council, walk all queries as its viewer, and take the council away again."""
    outer = session.begin_nested()
    try:
        council = build(chance, *form)
        leaks = leaks_of(council)
        wrong = wrong_figures(council)
    finally:
        outer.rollback()
        session.expunge_all()
    assert not leaks
    assert not wrong


def leaks_of(council: Council) -> list[tuple[str, str, int]]:
    """Every record that a query told the viewer of, and that they may not know."""
    rule = Rule(council.chances)
    may_know: dict[tuple[str, int], bool] = {}
    found = set()
    for name, function in public_queries().items():
        if gives_a_condition(function) or name in WITHOUT_VIEWER:
            continue
        for arguments in calls(name, function, council, CALLS):
            for kind, record_id in told(function, council.viewer, arguments):
                if (kind, record_id) not in may_know:
                    first = FIRST_ID["review" if kind == "grade" else kind.removesuffix("-id")]
                    may_know[kind, record_id] = rule.may_know(kind, record_id - first)
                if not may_know[kind, record_id]:
                    found.add((name, kind, record_id))
    return sorted(found)


def wrong_figures(council: Council) -> list[str]:
    """Figures that count what the viewer may not read, or leave out what they may."""
    rule, viewer = Rule(council.chances), council.viewer
    handed_in = [facts for facts in council.chances.reviews if facts.state in ("submitted", "released")]

    def reached(*permissions: Permission) -> int:
        return sum(
            (
                rule.over_team(facts.team, *permissions)
                and (facts.state == "released" or not rule.is_tied(facts))
            )
            or (facts.is_own and owns(*permissions))
            for facts in handed_in
        )

    def owns(*permissions: Permission) -> bool:
        return any(viewer.reach(one).own for one in permissions)

    wrong = []
    if viewer.may(Permission.SEE_THEMES):
        page = get_theme_page(viewer, council.theme_ids[0], ThemeSlice())
        n = reached(Permission.SEE_THEMES)
        if (page.total.n_reviews, page.total.n_weakness, page.n_findings) != (n, n, n):
            wrong.append(f"theme page {page.total} {page.n_findings}, expected {n}")
    home = get_home_page(viewer, today=TODAY, at=AT)
    own = viewer.reach(Permission.SEE_FINDINGS).own
    n = sum(
        facts.state != "not_started"
        and (
            (
                facts.state in ("submitted", "released")
                and rule.over_team(facts.team, Permission.SEE_FINDINGS)
                and (facts.state == "released" or not rule.is_tied(facts))
            )
            or (own and facts.is_own)
        )
        for facts in council.chances.reviews
    )
    if home.n_recent_findings is not None and home.n_recent_findings != n:
        wrong.append(f"home page {home.n_recent_findings}, expected {n}")
    return wrong
