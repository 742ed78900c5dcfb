"""n of N for themes: against cases worked by hand, in the viewer's reach, in a fixed number of statements."""

from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role, Viewer
from qa_app.domain.answers import AnswerState
from qa_app.domain.caseload import PlanType
from qa_app.domain.errors import NotAllowed, NotFound
from qa_app.models.accounts import User
from qa_app.models.cohorts import Cohort
from qa_app.models.organisation import Team
from qa_app.models.reviews import Review
from qa_app.models.themes import Theme
from qa_app.queries.themes.counts import ThemeSlice
from qa_app.queries.themes.pages import (
    Having,
    Rate,
    get_theme_list,
    get_theme_page,
    list_theme_findings,
    list_theme_reviews,
)
from qa_app.services.reviews_release import release_reviews
from tests.builders import AT, make_service_area, make_team, make_user, viewer_of
from tests.builders_findings import excused, make_submitted, make_themed_version
from tests.builders_reviews import make_cohort
from tests.query_counter import count_selects

pytestmark = pytest.mark.database
WHOLE = ThemeSlice()
NA, CJ = AnswerState.NOT_APPLICABLE, AnswerState.CANNOT_JUDGE


@dataclass
class Service:
    """A small service: two teams in two areas, a cohort in September and one in November."""

    auditor: User
    north: Team
    south: Team
    september: Cohort
    november: Cohort
    lead: Viewer
    themes: dict[str, int]


@pytest.fixture
def service(session: Session) -> Service:
    version = make_themed_version()
    safeguarding, care = make_service_area("Safeguarding"), make_service_area("Care")
    north, south = make_team("Team North", safeguarding), make_team("Team South", care)
    september, november = make_cohort(version, date(2026, 9, 1)), make_cohort(version, date(2026, 11, 1))
    themes = {theme.key: theme.id for theme in session.scalars(select(Theme))}
    lead = viewer_of(make_user("QA lead", Role.QA_LEAD))
    return Service(make_user(), north, south, september, november, lead, themes)


def test_reviews_put_aside_leave_n_and_the_rest_stays(service: Service) -> None:
    one = service
    make_submitted(one.auditor, one.september, one.north, findings=[("seen", "weakness", ["visits"])])
    make_submitted(one.auditor, one.november, one.north)
    make_submitted(  # one of two questions on visits put aside: still in N
        one.auditor,
        one.november,
        one.south,
        answers=[excused("seen", NA)],
        findings=[("purpose", "strength", ["visits"])],
    )
    make_submitted(  # both put aside: out of N, and its finding is shown apart
        one.auditor,
        one.november,
        one.south,
        answers=[excused("seen", NA), excused("purpose", CJ)],
        findings=[(None, "weakness", ["visits"])],
    )
    make_submitted(
        one.auditor, one.november, one.south, submit=False, findings=[("seen", "weakness", ["visits"])]
    )
    page = get_theme_page(one.lead, one.themes["visits"], WHOLE)
    assert page.total == Rate(3, 1, 1)
    assert page.n_unasked == 1
    assert [(row.label, row.rate) for row in page.by_team] == [
        ("Team North", Rate(2, 1, 0)),
        ("Team South", Rate(1, 0, 1)),
    ]
    assert [(row.label, row.rate) for row in page.by_area] == [
        ("Safeguarding", Rate(2, 1, 0)),
        ("Care", Rate(1, 0, 1)),
    ]
    assert [(row.key, row.rate) for row in page.by_month] == [
        ("2026-09", Rate(1, 1, 0)),
        ("2026-10", Rate()),
        ("2026-11", Rate(2, 0, 1)),
    ]
    assert [(row.key, row.rate) for row in page.by_plan_type] == [("child_protection", Rate(3, 1, 1))]
    assert page.n_findings == len(page.findings) == 3


def test_several_findings_in_a_review_count_it_once(service: Service) -> None:
    one = service
    make_submitted(
        one.auditor,
        one.november,
        one.north,
        findings=[
            ("seen", "weakness", ["visits"]),
            ("purpose", "weakness", ["visits"]),
            ("seen", "strength", ["visits"]),
        ],
    )
    page = get_theme_page(one.lead, one.themes["visits"], WHOLE)
    assert page.total == Rate(1, 1, 1)
    assert page.n_findings == 3


def test_a_theme_counts_with_those_below_it_and_those_merged_into_it(
    service: Service, session: Session
) -> None:
    one = service
    make_submitted(
        one.auditor, one.november, one.north, findings=[("plan_smart", "weakness", ["smart_plans"])]
    )
    make_submitted(
        one.auditor, one.november, one.north, findings=[("plan_smart", "weakness", ["contingency"])]
    )
    assert get_theme_page(one.lead, one.themes["planning"], WHOLE).total == Rate(2, 2, 0)
    assert get_theme_page(one.lead, one.themes["smart_plans"], WHOLE).total == Rate(2, 1, 0)
    asked_never = get_theme_page(one.lead, one.themes["contingency"], WHOLE)
    assert (asked_never.total, asked_never.n_unasked, asked_never.by_month) == (Rate(), 1, ())
    session.get_one(Theme, one.themes["contingency"]).merged_into_id = one.themes["smart_plans"]
    session.flush()
    assert get_theme_page(one.lead, one.themes["smart_plans"], WHOLE).total == Rate(2, 2, 0)
    titles = [row.theme.key for row in get_theme_list(one.lead, WHOLE).rows]
    assert titles == ["planning", "smart_plans", "visits"]


def test_the_list_and_the_pages_say_the_same(service: Service) -> None:
    one = service
    make_submitted(
        one.auditor, one.september, one.north, findings=[("seen", "weakness", ["visits", "smart_plans"])]
    )
    make_submitted(one.auditor, one.november, one.south, answers=[excused("plan_smart", NA)])
    make_submitted(
        one.auditor, one.november, one.south, findings=[("plan_smart", "strength", ["smart_plans"])]
    )
    for chosen in (WHOLE, ThemeSlice(first=date(2026, 11, 1)), ThemeSlice(team_id=one.south.id)):
        for row in get_theme_list(one.lead, chosen).rows:
            page = get_theme_page(one.lead, row.theme.theme_id, chosen)
            assert (row.rate, row.n_findings) == (page.total, page.n_findings), row.theme.key


def test_a_slice_cuts_reviews_and_findings_alike(service: Service) -> None:
    one = service
    looked_after = make_cohort(make_themed_version(), date(2026, 12, 1), PlanType.LOOKED_AFTER)
    weak = [("seen", "weakness", ["visits"])]
    make_submitted(one.auditor, one.september, one.north, findings=weak)
    make_submitted(one.auditor, one.november, one.south, findings=weak)
    make_submitted(one.auditor, looked_after, None, findings=weak, plan_type=PlanType.LOOKED_AFTER)
    area_of_south = one.south.service_area_id
    slices = [
        (ThemeSlice(last=date(2026, 9, 1)), 1),
        (ThemeSlice(first=date(2026, 10, 1), last=date(2026, 11, 1)), 1),
        (ThemeSlice(area_id=area_of_south), 1),
        (ThemeSlice(area_id=0), 1),
        (ThemeSlice(team_id=0), 1),
        (ThemeSlice(plan_type=PlanType.LOOKED_AFTER), 1),
        (ThemeSlice(plan_type=PlanType.LOOKED_AFTER, team_id=one.north.id), 0),
        (WHOLE, 3),
    ]
    for chosen, n in slices:
        page = get_theme_page(one.lead, one.themes["visits"], chosen)
        assert (page.total, page.n_findings) == (Rate(n, n, 0), n), chosen


def test_cases_picked_on_purpose_are_in_no_rate(service: Service, session: Session) -> None:
    one = service
    one.september.counts_in_rates = False
    session.flush()
    make_submitted(one.auditor, one.september, one.north, findings=[("seen", "weakness", ["visits"])])
    assert get_theme_page(one.lead, one.themes["visits"], WHOLE).total == Rate()


def test_the_reviews_behind_each_figure_are_as_many_as_it_says(service: Service) -> None:
    one = service
    make_submitted(one.auditor, one.september, one.north, findings=[("seen", "weakness", ["visits"])])
    make_submitted(one.auditor, one.november, one.north, findings=[("seen", "strength", ["visits"])])
    make_submitted(
        one.auditor,
        one.november,
        one.south,
        answers=[excused("seen", NA), excused("purpose", NA)],
        findings=[("plan_smart", "weakness", ["visits"])],
    )
    visits = one.themes["visits"]
    page = get_theme_page(one.lead, visits, WHOLE)
    behind = {having: list_theme_reviews(one.lead, visits, WHOLE, having) for having in Having}
    assert {having: (found.n_reviews, len(found.rows)) for having, found in behind.items()} == {
        Having.ALL: (page.total.n_reviews, 2),
        Having.WEAKNESS: (page.total.n_weakness, 1),
        Having.STRENGTH: (page.total.n_strength, 1),
        Having.UNASKED: (page.n_unasked, 1),
    }
    assert [len(row.findings) for row in behind[Having.WEAKNESS].rows] == [1]
    listed = list_theme_findings(one.lead, visits, WHOLE)
    assert len(listed.findings) == listed.n_findings == page.n_findings


def test_a_head_of_service_sees_their_part_of_the_same_rows(service: Service, session: Session) -> None:
    one = service
    make_submitted(one.auditor, one.november, one.north, findings=[("seen", "weakness", ["visits"])])
    make_submitted(one.auditor, one.november, one.south, findings=[("seen", "strength", ["visits"])])
    area = one.north.service_area
    head = viewer_of(make_user("Head of service", Role.HEAD_OF_SERVICE, service_area=area))
    manager = viewer_of(make_user("Manager", Role.TEAM_MANAGER, team=one.south))
    visits = one.themes["visits"]
    assert get_theme_page(one.lead, visits, WHOLE).total == Rate(2, 1, 1)
    page = get_theme_page(head, visits, WHOLE)
    assert page.total == Rate(1, 1, 0)
    assert {row.team for row in page.findings} == {"Team North"}
    assert page.options.teams == ((one.north.id, "Team North"),)
    outside = ThemeSlice(team_id=one.south.id)
    assert get_theme_page(head, visits, outside).total == Rate()
    assert get_theme_page(manager, visits, WHOLE).total == Rate(), "nothing of it before the release"
    release_reviews(SYSTEM, session.scalars(select(Review.id)).all(), at=AT)
    assert get_theme_page(manager, visits, WHOLE).total == Rate(1, 0, 1)
    rates = {row.theme.key: row.rate for row in get_theme_list(manager, WHOLE).rows}
    assert rates["visits"] == Rate(1, 0, 1)
    with pytest.raises(NotAllowed):
        get_theme_page(viewer_of(one.auditor), visits, WHOLE)
    with pytest.raises(NotFound):
        get_theme_page(head, 999_999, WHOLE)


def test_as_many_statements_for_many_findings_as_for_one(service: Service) -> None:
    one = service
    sent = []
    for n_more in (1, 9):
        for n in range(n_more):
            team = one.north if n % 2 else one.south
            make_submitted(one.auditor, one.november, team, findings=[("seen", "weakness", ["visits"])] * 3)
        with count_selects() as for_page:
            get_theme_page(one.lead, one.themes["visits"], WHOLE)
        with count_selects() as for_list:
            get_theme_list(one.lead, WHOLE)
        with count_selects() as for_reviews:
            list_theme_reviews(one.lead, one.themes["visits"], WHOLE, Having.WEAKNESS)
        sent.append((len(for_page), len(for_list), len(for_reviews)))
    assert sent[0] == sent[1]
    assert max(sent[0]) <= 6
