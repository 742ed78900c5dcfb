"""Names made one and taken apart: everything recorded follows, goes back, and nothing is lost on the way."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from qa_app.domain.house_words import NameKind, NameVerdict
from qa_app.extensions import db
from qa_app.models.caseload import CaseFlag, CaseRecord, NameDoubtRow
from qa_app.models.organisation import NameMerge, Practitioner, Team
from qa_app.models.tables import metadata
from qa_app.queries.organisation import get_organisation_page, get_team
from qa_app.queries.organisation_names import get_names_page, list_merge_choices
from qa_app.queries.organisation_people import get_practitioner_page, get_practitioners_page
from qa_app.services.organisation import (
    add_practitioner,
    add_team,
    match_practitioner,
    name_supervisor,
    place_team,
    set_in_use,
)
from qa_app.services.organisation_merges import decide_doubt, merge_names, preview_merge, take_apart
from tests.builders import make_service_area, make_user, viewer_of
from tests.builders_caseload import make_case, make_caseload
from tests.builders_flags import make_flag, make_practitioner

pytestmark = pytest.mark.database
TODAY = date(2026, 11, 24)
TEAM, WORKER = NameKind.TEAM, NameKind.WORKER


def cases() -> list[Any]:
    return [
        make_case("1", team="Assessment North", worker="Amara Okafor"),
        make_case("2", team="Assessment North", worker="Jo Smith"),
        make_case("3", team="Assesment North", worker="Okafor, Amara"),
        make_case("4", team="Assesment North", worker="Jo Smith"),
        make_case("5", team="Leaving Care", worker="Li Wen"),
    ]


@pytest.fixture(autouse=True)
def lists(session: Session) -> None:
    make_caseload(cases())


def team(name: str) -> Team:
    return db.session.scalars(select(Team).where(Team.name == name)).one()


def person(name: str) -> Practitioner:
    return db.session.scalars(select(Practitioner).where(Practitioner.name == name)).one()


def children_by_team() -> dict[str, int]:
    return {one.name: one.n_children for one in get_organisation_page(SYSTEM).teams if one.n_children}


def picture() -> dict[str, list[tuple[Any, ...]]]:
    """Every row that points at a team or a practitioner, and those themselves."""
    db.session.flush()
    shown = {}
    for name, table in metadata.tables.items():
        targets = {key.target_fullname for column in table.columns for key in column.foreign_keys}
        if name in ("team", "practitioner") or targets & {"team.id", "practitioner.id"}:
            shown[name] = sorted(map(tuple, db.session.execute(select(table)).all()), key=repr)
    return shown


def test_a_merged_team_s_children_follow_and_come_back(session: Session, at: datetime) -> None:
    assert children_by_team() == {"Assessment North": 2, "Assesment North": 2, "Leaving Care": 1}
    before = picture()
    preview = preview_merge(SYSTEM, TEAM, team("Assesment North").id, team("Assessment North").id)
    assert dict(preview.moves)["cases in the lists"] == 2
    assert picture() == before
    merge = merge_names(
        SYSTEM, TEAM, team("Assesment North").id, team("Assessment North").id, "A slip in the lists", at=at
    )
    assert children_by_team() == {"Assessment North": 4, "Leaving Care": 1}
    assert get_team(SYSTEM, team("Assesment North").id).merged_into_id == team("Assessment North").id
    take_apart(SYSTEM, merge.id, at=at)
    assert picture() == before
    with pytest.raises(Conflict):
        take_apart(SYSTEM, merge.id, at=at)


@pytest.mark.parametrize("into", ["Assessment North", "Leaving Care"])
def test_everybody_of_a_merged_team_works_in_the_other_one(session: Session, at: datetime, into: str) -> None:
    gone, stays = team("Assesment North"), team(into)
    for n in range(6):
        make_practitioner(f"Worker {n}", gone.id)
    expected = session.scalar(
        select(func.count()).select_from(Practitioner).where(Practitioner.team_id.in_((gone.id, stays.id)))
    )
    merge_names(SYSTEM, TEAM, gone.id, stays.id, "A slip", at=at)
    by_team = dict(
        session.execute(select(Practitioner.team_id, func.count()).group_by(Practitioner.team_id)).all()
    )
    assert by_team.get(gone.id, 0) == 0
    assert by_team[stays.id] == expected


def test_the_next_upload_follows_a_merge(session: Session, at: datetime) -> None:
    merge_names(SYSTEM, TEAM, team("Assesment North").id, team("Assessment North").id, "A slip", at=at)
    merge_names(SYSTEM, WORKER, person("Okafor, Amara").id, person("Amara Okafor").id, "Turned round", at=at)
    make_caseload(cases(), date(2026, 11, 20), "b" * 64)
    assert children_by_team() == {"Assessment North": 4, "Leaving Care": 1}
    assert session.scalar(select(func.count()).select_from(Team)) == 3
    n = session.scalar(
        select(func.count())
        .select_from(CaseRecord)
        .where(CaseRecord.practitioner_id == person("Amara Okafor").id)
    )
    assert n == 4


def test_what_the_other_name_knows_is_taken_over_and_given_back(session: Session, at: datetime) -> None:
    area, manager, user = make_service_area(), make_user("Manager One", None), make_user("Amara Okafor", None)
    one, other = person("Okafor, Amara"), person("Amara Okafor")
    place_team(SYSTEM, team("Assesment North").id, area.id, manager.id, at=at)
    match_practitioner(SYSTEM, one.id, one.team_id, user.id, at=at)
    name_supervisor(SYSTEM, person("Li Wen").id, one.id, at=at)
    make_flag("5", "reviewing_officer", practitioner_id=one.id)
    session.flush()
    before = picture()
    people = merge_names(SYSTEM, WORKER, one.id, other.id, "Turned round", at=at)
    teams = merge_names(
        SYSTEM, TEAM, team("Assesment North").id, team("Assessment North").id, "A slip", at=at
    )
    stays = team("Assessment North")
    assert (stays.service_area_id, stays.manager_user_id) == (area.id, manager.id)
    assert (other.user_id, person("Li Wen").supervisor_id) == (user.id, other.id)
    assert session.scalars(select(CaseFlag.practitioner_id)).one() == other.id
    take_apart(SYSTEM, teams.id, at=at)
    take_apart(SYSTEM, people.id, at=at)
    assert picture() == before


def test_what_somebody_changed_since_stays_changed(session: Session, at: datetime) -> None:
    merge = merge_names(
        SYSTEM, TEAM, team("Assesment North").id, team("Assessment North").id, "A slip", at=at
    )
    moved = person("Okafor, Amara")
    assert moved.team_id == team("Assessment North").id
    match_practitioner(SYSTEM, moved.id, team("Leaving Care").id, None, at=at)
    take_apart(SYSTEM, merge.id, at=at)
    assert person("Okafor, Amara").team_id == team("Leaving Care").id


def test_namesakes_of_two_teams_become_one_with_them(session: Session, at: datetime) -> None:
    gone, stays = team("Assesment North"), team("Assessment North")
    # The one that the lists gave stands in the team of the slip; their namesake has the case of the other.
    assert person("Jo Smith").team_id == gone.id
    twin = make_practitioner("Jo Smith", stays.id)
    case = session.scalars(select(CaseRecord).where(CaseRecord.team_id == stays.id).limit(1)).one()
    case.practitioner_id = twin.id
    before = picture()
    assert len(preview_merge(SYSTEM, TEAM, gone.id, stays.id).together) == 1
    merge = merge_names(SYSTEM, TEAM, gone.id, stays.id, "A slip", at=at)
    assert session.scalar(select(func.count()).select_from(NameMerge)) == 2
    part = session.scalars(select(NameMerge).where(NameMerge.part_of_id == merge.id)).one()
    with pytest.raises(Conflict):
        take_apart(SYSTEM, part.id, at=at)
    take_apart(SYSTEM, merge.id, at=at)
    assert picture() == before


def test_merges_are_taken_apart_from_the_last_one_back(session: Session, at: datetime) -> None:
    north, slip, third = (
        team("Assessment North"),
        team("Assesment North"),
        add_team(SYSTEM, "Asessment North", at=at),
    )
    first = merge_names(SYSTEM, TEAM, third.id, slip.id, "A slip", at=at)
    second = merge_names(SYSTEM, TEAM, slip.id, north.id, "A slip", at=at)
    with pytest.raises(Conflict):
        take_apart(SYSTEM, first.id, at=at)
    for wrong in (slip.id, third.id):
        with pytest.raises(Conflict):
            merge_names(SYSTEM, TEAM, north.id, wrong, "Back", at=at)
    take_apart(SYSTEM, second.id, at=at)
    take_apart(SYSTEM, first.id, at=at)
    assert not session.scalars(select(Team.id).where(Team.merged_into_id.is_not(None))).all()


def test_two_who_are_two_users_or_would_supervise_themselves_stay_two(session: Session, at: datetime) -> None:
    one, other, third = person("Okafor, Amara"), person("Amara Okafor"), person("Li Wen")
    match_practitioner(SYSTEM, one.id, one.team_id, make_user("User One", None).id, at=at)
    match_practitioner(SYSTEM, other.id, other.team_id, make_user("User Two", None).id, at=at)
    with pytest.raises(Invalid) as refused:
        merge_names(SYSTEM, WORKER, one.id, other.id, "Turned round", at=at)
    assert "User One" in refused.value.message
    match_practitioner(SYSTEM, one.id, one.team_id, None, at=at)
    name_supervisor(SYSTEM, one.id, third.id, at=at)
    name_supervisor(SYSTEM, third.id, other.id, at=at)
    with pytest.raises(Invalid):
        merge_names(SYSTEM, WORKER, one.id, other.id, "Turned round", at=at)
    for reason in ("", " ", "x" * 1001):
        with pytest.raises(Invalid):
            merge_names(SYSTEM, WORKER, one.id, third.id, reason, at=at)
    with pytest.raises(Invalid):
        merge_names(SYSTEM, WORKER, one.id, one.id, "The same", at=at)
    with pytest.raises(NotFound):
        merge_names(SYSTEM, WORKER, one.id, 987_654, "Nobody", at=at)


def test_whoever_supervised_the_other_name_is_nobody_s_own_supervisor(session: Session, at: datetime) -> None:
    one, other = person("Okafor, Amara"), person("Amara Okafor")
    name_supervisor(SYSTEM, other.id, one.id, at=at)
    before = picture()
    merge = merge_names(SYSTEM, WORKER, one.id, other.id, "Turned round", at=at)
    assert person("Amara Okafor").supervisor_id is None
    take_apart(SYSTEM, merge.id, at=at)
    assert picture() == before


def test_names_in_doubt_are_one_list_and_what_is_said_stays_said(session: Session, at: datetime) -> None:
    page = get_names_page(SYSTEM, TODAY)
    assert {(pair.kind, frozenset({pair.rare.name, pair.common.name})) for pair in page.pairs} == {
        (TEAM, frozenset({"Assesment North", "Assessment North"})),
        (WORKER, frozenset({"Amara Okafor", "Okafor, Amara"})),
    }
    decide_doubt(SYSTEM, TEAM, "Assessment North", "Assesment North", NameVerdict.DIFFERENT, at=at)
    merge_names(SYSTEM, WORKER, person("Okafor, Amara").id, person("Amara Okafor").id, "One", at=at)
    page = get_names_page(SYSTEM, TODAY)
    assert page.n_pairs == 0
    assert [one.name for one in page.decided] == ["Assessment North"]
    assert [one.from_name for one in page.merges] == ["Okafor, Amara"]
    verdicts = dict(session.execute(select(NameDoubtRow.name, NameDoubtRow.verdict)).all())
    assert verdicts["Okafor, Amara"] is NameVerdict.SAME
    take_apart(SYSTEM, page.merges[0].merge_id, at=at)
    assert get_names_page(SYSTEM, TODAY).n_pairs == 0


def test_one_name_in_two_teams_is_asked_about_and_told_apart_by_the_team(
    session: Session, at: datetime
) -> None:
    make_practitioner("Li Wen", team("Assessment North").id)
    pair = next(one for one in get_names_page(SYSTEM, TODAY).pairs if one.why == "One name in two teams")
    decide_doubt(SYSTEM, WORKER, pair.rare.label, pair.common.label, NameVerdict.DIFFERENT, at=at)
    assert "One name in two teams" not in {one.why for one in get_names_page(SYSTEM, TODAY).pairs}


def test_names_alike_come_first_where_one_is_chosen(session: Session) -> None:
    own, others = list_merge_choices(SYSTEM, WORKER, person("Okafor, Amara").id)
    assert own.n_children == 1
    assert others[0].name == "Amara Okafor"


def test_hidden_ones_stay_recorded_and_leave_the_lists(session: Session, at: datetime) -> None:
    with pytest.raises(Conflict):
        set_in_use(SYSTEM, TEAM, team("Leaving Care").id, False, at=at)
    old = add_team(SYSTEM, "Old Team", at=at)
    set_in_use(SYSTEM, TEAM, old.id, False, at=at)
    page = get_organisation_page(SYSTEM)
    assert [one.name for one in page.hidden] == ["Old Team"]
    assert "Old Team" not in {one.name for one in page.teams}
    set_in_use(SYSTEM, TEAM, old.id, True, at=at)
    assert not get_organisation_page(SYSTEM).hidden
    gone = add_practitioner(SYSTEM, "Gone One", None, at=at)
    set_in_use(SYSTEM, WORKER, gone.id, False, at=at)
    assert "Gone One" not in {one.name for one in get_practitioners_page(SYSTEM).practitioners}
    assert {one.name for one in get_practitioners_page(SYSTEM, shown="hidden").practitioners} == {"Gone One"}


def test_a_way_through_the_teams_is_told(session: Session, at: datetime) -> None:
    moved = [make_case("5", team="Assessment North", worker="Li Wen")]
    make_caseload(moved, date(2026, 11, 20), "b" * 64)
    page = get_practitioner_page(SYSTEM, person("Li Wen").id, TODAY)
    assert [(one.team, one.moved) for one in page.teams] == [
        ("Assessment North", True),
        ("Leaving Care", False),
    ]


def test_supervision_never_comes_round(session: Session, at: datetime) -> None:
    one, two, three = person("Li Wen"), person("Amara Okafor"), person("Okafor, Amara")
    name_supervisor(SYSTEM, one.id, two.id, at=at)
    name_supervisor(SYSTEM, two.id, three.id, at=at)
    for above in (one.id, three.id):
        with pytest.raises(Invalid):
            name_supervisor(SYSTEM, three.id, above, at=at)
    name_supervisor(SYSTEM, two.id, None, at=at)
    assert name_supervisor(SYSTEM, three.id, one.id, at=at).supervisor_id == one.id


def test_only_organisers_of_the_whole_service_merge(session: Session, at: datetime) -> None:
    viewer = viewer_of(make_user("Manager One", Role.TEAM_MANAGER, team=team("Leaving Care")))
    for wrong in (
        lambda: get_names_page(viewer, TODAY),
        lambda: merge_names(viewer, TEAM, 1, 2, "Why", at=at),
        lambda: take_apart(viewer, 1, at=at),
        lambda: set_in_use(viewer, TEAM, 1, False, at=at),
        lambda: add_team(viewer, "New", at=at),
    ):
        with pytest.raises(NotAllowed):
            wrong()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(st.sampled_from([TEAM, WORKER]), st.integers(0, 5), st.integers(0, 5)), max_size=5))
def test_any_merges_taken_apart_backwards_leave_everything_as_it_was(
    session: Session, at: datetime, wishes: list[tuple[NameKind, int, int]]
) -> None:
    before = picture()
    done: list[int] = []
    for kind, one, other in wishes:
        rows = db.session.scalars(
            select(Team if kind is TEAM else Practitioner).order_by("id")  # type: ignore[arg-type]
        ).all()
        try:
            done.append(
                merge_names(
                    SYSTEM, kind, rows[one % len(rows)].id, rows[other % len(rows)].id, "One", at=at
                ).id
            )
        except (Conflict, Invalid):
            continue
    for merge_id in reversed(done):
        take_apart(SYSTEM, merge_id, at=at)
    assert picture() == before
