"""The structure of the council: who may change what, and whose cases are whose own."""

from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qa_app.domain.access import SYSTEM, Role
from qa_app.domain.errors import Invalid, NotAllowed, NotFound
from qa_app.models.history import HistoryEntry
from qa_app.models.organisation import Practitioner
from qa_app.queries.cohorts_auditors import ties_of_users
from qa_app.queries.organisation import get_organisation_page, get_team
from qa_app.queries.organisation_people import get_practitioner, get_practitioners_page
from qa_app.services.organisation import (
    add_service_area,
    change_service_area,
    match_practitioner,
    place_team,
)
from tests.builders import make_service_area, make_team, make_user, viewer_of
from tests.query_counter import count_selects

pytestmark = pytest.mark.database


def make_practitioner(
    session: Session, at: datetime, name: str = "Worker One", team_id: int | None = None
) -> Practitioner:
    person = Practitioner(name=name, team_id=team_id, created_at=at)
    session.add(person)
    session.flush()
    return person


def n_entries(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(HistoryEntry)) or 0


def test_a_team_is_placed_and_the_change_is_kept(session: Session, at: datetime) -> None:
    head, manager = make_user("Head One", None), make_user("Manager One", None)
    area = add_service_area(SYSTEM, "  Children   in need ", head.id, at=at)
    team = make_team()
    before = n_entries(session)
    place_team(SYSTEM, team.id, area.id, manager.id, at=at)
    place_team(SYSTEM, team.id, area.id, manager.id, at=at)
    assert n_entries(session) == before + 1
    line = get_team(SYSTEM, team.id)
    assert (line.area, line.manager, line.head) == ("Children in need", "Manager One", "Head One")


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "SAFEGUARDING"])
def test_a_service_area_needs_a_name_of_its_own(session: Session, at: datetime, name: str) -> None:
    make_service_area("Safeguarding")
    with pytest.raises(Invalid) as refused:
        add_service_area(SYSTEM, name, at=at)
    assert refused.value.field == "name"


def test_a_service_area_may_keep_its_name_when_its_head_changes(session: Session, at: datetime) -> None:
    area = make_service_area("Safeguarding")
    head = make_user("Head One", None)
    assert change_service_area(SYSTEM, area.id, "Safeguarding", head.id, at=at).head_user_id == head.id
    with pytest.raises(NotFound):
        change_service_area(SYSTEM, area.id + 1, "Other", None, at=at)


def test_people_who_left_are_not_named(session: Session, at: datetime) -> None:
    left = make_user("Left One", None)
    left.is_active = False
    team = make_team()
    for user_id in (left.id, 987_654):
        with pytest.raises(Invalid):
            place_team(SYSTEM, team.id, None, user_id, at=at)
    with pytest.raises(Invalid):
        place_team(SYSTEM, team.id, 987_654, None, at=at)


def test_a_user_is_one_practitioner_only(session: Session, at: datetime) -> None:
    team, user = make_team(), make_user()
    one, two = make_practitioner(session, at, "Worker One"), make_practitioner(session, at, "Worker Two")
    match_practitioner(SYSTEM, one.id, team.id, user.id, at=at)
    with pytest.raises(Invalid) as refused:
        match_practitioner(SYSTEM, two.id, team.id, user.id, at=at)
    assert "Worker One" in refused.value.message
    match_practitioner(SYSTEM, one.id, team.id, None, at=at)
    assert match_practitioner(SYSTEM, two.id, team.id, user.id, at=at).user_id == user.id


def test_one_name_stands_in_a_team_once(session: Session, at: datetime) -> None:
    team = make_team()
    make_practitioner(session, at, "Worker One", team.id)
    other = make_practitioner(session, at, "Worker One")
    with pytest.raises(Invalid) as refused:
        match_practitioner(SYSTEM, other.id, team.id, None, at=at)
    assert refused.value.field == "team"


def test_own_teams_are_those_one_works_in_manages_or_heads(session: Session, at: datetime) -> None:
    worker, manager, head, stranger = (make_user(f"Person {n}", None) for n in range(4))
    area = add_service_area(SYSTEM, "Area", head.id, at=at)
    north, south = make_team("North", area), make_team("South", area)
    place_team(SYSTEM, south.id, area.id, manager.id, at=at)
    person = make_practitioner(session, at)
    match_practitioner(SYSTEM, person.id, north.id, worker.id, at=at)
    session.flush()
    everybody = {worker.id, manager.id, head.id, stranger.id}
    ties = ties_of_users(everybody)
    assert {user_id: set(ties.get(user_id, {})) for user_id in everybody} == {
        worker.id: {north.id},
        manager.id: {south.id},
        head.id: {north.id, south.id},
        stranger.id: set(),
    }
    assert not any(ties_of_users(set()).values())


def test_a_manager_sees_the_own_team_and_its_people_only(session: Session, at: datetime) -> None:
    area = make_service_area()
    north, south = make_team("North", area), make_team("South")
    make_practitioner(session, at, "Worker One", north.id)
    make_practitioner(session, at, "Worker Two", south.id)
    make_practitioner(session, at, "Worker Three")
    manager = viewer_of(make_user("Manager One", Role.TEAM_MANAGER, team=north))
    page = get_organisation_page(manager)
    assert [team.name for team in page.teams] == ["North"]
    assert [one.name for one in page.areas] == [area.name]
    assert (page.n_practitioners, page.may_change) == (1, False)
    assert [one.name for one in get_practitioners_page(manager).practitioners] == ["Worker One"]
    assert get_practitioners_page(manager, team_id=south.id).practitioners == ()
    everyone = get_organisation_page(SYSTEM)
    assert ([team.name for team in everyone.teams], everyone.n_practitioners) == (["South", "North"], 3)
    for wrong in (
        lambda: get_team(manager, north.id),
        lambda: place_team(manager, north.id, None, None, at=at),
    ):
        with pytest.raises(NotAllowed):
            wrong()


def test_practitioners_are_filtered_by_team_and_match(session: Session, at: datetime) -> None:
    north, user = make_team("North"), make_user()
    one = make_practitioner(session, at, "Worker One", north.id)
    make_practitioner(session, at, "Worker Two", north.id)
    make_practitioner(session, at, "Worker Three")
    match_practitioner(SYSTEM, one.id, north.id, user.id, at=at)
    session.flush()
    names = lambda **given: [line.name for line in get_practitioners_page(SYSTEM, **given).practitioners]  # noqa: E731
    assert names() == ["Worker One", "Worker Three", "Worker Two"]
    assert names(team_id=north.id, matched="unknown") == ["Worker Two"]
    assert names(matched="known") == ["Worker One"]
    assert names(matched="nonsense", page=99) == names()
    with pytest.raises(NotFound):
        get_practitioner(SYSTEM, 987_654)


@pytest.mark.parametrize("n", [1, 50])
def test_the_page_takes_as_many_statements_for_one_team_as_for_fifty(session: Session, n: int) -> None:
    area = make_service_area()
    for number in range(n):
        make_team(f"Team {number}", area)
    with count_selects() as selects:
        assert len(get_organisation_page(SYSTEM).teams) == n
    assert len(selects) == 4
