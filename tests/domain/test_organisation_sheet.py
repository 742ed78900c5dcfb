"""A sheet of the organisation: what it changes, what it asks about, and rules that hold for any organisation."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa_app.domain.organisation_sheet import plan_structure
from qa_app.domain.organisation_structure import (
    Account,
    Area,
    Person,
    SheetRow,
    Structure,
    StructurePlan,
    TeamPlace,
)
from qa_app.domain.supervision import circles
from qa_app.exchange.organisation_sheet import organisation_workbook, read_organisation
from qa_app.exchange.uploads import UploadedFile
from tests.builders_flags import csv_sheet, xlsx_sheet

KNOWN = Structure(
    {1: Area(1, "Safeguarding", 1)},
    {1: TeamPlace(1, "Family Support 1", 1, 2), 2: TeamPlace(2, "Family Support 2")},
    {
        1: Person(1, "Amara Okafor", 1, None, 3),
        2: Person(2, "Jo Smith", 1, 1),
        3: Person(3, "Li Wen", 2),
        4: Person(4, "Jo Smith", 2),
    },
    {
        1: Account(1, "Head One", "head@example.org"),
        2: Account(2, "Manager One", "manager@example.org"),
        3: Account(3, "Amara Okafor", "amara@example.org"),
        4: Account(4, "Left One", "left@example.org", False),
    },
)


def planned(text: str, said: dict[str, str] | None = None) -> StructurePlan:
    return plan_structure(read_organisation(csv_sheet(text)).rows, KNOWN, said or {})


def test_a_flat_sheet_says_everything_at_once() -> None:
    plan = planned(
        "Practitioner,Team,Service area,Head of service,Team manager,Supervisor,E-mail\n"
        "Li Wen,Family Support 2,Care,head@example.org,manager@example.org,Amara Okafor,\n"
    )
    assert not plan.faults
    (area,) = plan.changed_areas
    assert (area.name, area.head_id) == ("Care", 1)
    assert plan.teams[2].area_id == area.area_id
    assert plan.teams[2].manager_id == 2
    assert plan.people[3].supervisor_id == 1


def test_a_blank_cell_changes_nothing_and_a_dash_takes_away() -> None:
    assert planned("Team,Service area,Team manager\nFamily Support 1,,\n").is_nothing
    plan = planned("Team,Service area,Team manager\nFamily Support 1,-,nobody\n")
    assert (plan.teams[1].area_id, plan.teams[1].manager_id) == (None, None)


def test_a_name_like_a_known_one_is_asked_about_and_its_rows_stay_out_until_then() -> None:
    text = 'Practitioner,Team\n"Wen, Li",Family Support 2\n'
    plan = planned(text)
    assert plan.is_nothing
    (doubt,) = plan.doubts
    assert doubt.is_open
    assert "Li Wen" in doubt.question
    same = planned(text, {doubt.key: "3"})
    assert same.is_nothing
    assert not same.doubts[0].is_open
    new = planned(text, {doubt.key: "new"})
    assert [one.name for one in new.changed_people] == ["Wen, Li"]


def test_a_team_a_letter_astray_is_asked_about() -> None:
    plan = planned("Team,Service area\nFamly Support 1,Safeguarding\n")
    assert plan.is_nothing
    assert "Family Support 1" in plan.doubts[0].question
    assert [
        one.name for one in planned("Team,Service area\nFamily Support 3,Safeguarding\n").changed_teams
    ] == ["Family Support 3"]


def test_two_of_one_name_are_told_apart_by_their_team_or_asked_about() -> None:
    assert (
        planned("Practitioner,Team,Supervisor\nJo Smith,Family Support 2,Li Wen\n").people[4].supervisor_id
        == 3
    )
    assert planned("Number,Practitioner,Supervisor\nP4,Jo Smith,Li Wen\n").people[4].supervisor_id == 3
    plan = planned("Practitioner,Supervisor\nJo Smith,Li Wen\n")
    assert plan.is_nothing
    assert len(plan.doubts) == 1


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("Amara Okafor,Family Support 1,Jo Smith,", "C", "themselves"),
        ("Li Wen,Family Support 2,Somebody Else,", "C", "Nobody is called"),
        ("Li Wen,Family Support 2,,nobody@example.org", "D", "No account"),
        ("Li Wen,Family Support 2,,amara@example.org", "D", "matched with"),
        ("Li Wen,Family Support 2,,left@example.org", "D", "closed"),
    ],
)
def test_what_cannot_be_taken_is_told_with_its_place(row: str, column: str, words: str) -> None:
    plan = planned(f"Practitioner,Team,Supervisor,E-mail\n{row}\n")
    assert plan.is_nothing
    (fault,) = plan.faults
    assert (fault.row, fault.column) == (2, column)
    assert words in fault.what


def test_rows_that_contradict_one_another_are_told_and_the_first_counts() -> None:
    plan = planned(
        "Team,Team manager\nFamily Support 2,manager@example.org\nFamily Support 2,head@example.org\n"
    )
    assert plan.teams[2].manager_id == 2
    assert "row 2" in plan.faults[0].what


def test_accounts_are_exchanged_in_one_sheet() -> None:
    plan = planned(
        "Practitioner,Team,E-mail\nAmara Okafor,Family Support 1,-\nLi Wen,Family Support 2,amara@example.org\n"
    )
    assert not plan.faults
    assert (plan.people[1].user_id, plan.people[3].user_id) == (None, 3)


NAMES = st.sampled_from(
    [
        "Amara Okafor",
        "Jo Smith",
        "J Smith",
        "Smith, Jo",
        "Li Wen",
        "P12",
        "P3 Jones",
        "=1+1",
        "none",
        "O'Neil",
        "-",
    ]
)


@st.composite
def structures(draw: st.DrawFn) -> Structure:
    """Organisations with alike, odd and repeated names, and sound lines of supervision."""
    accounts = {n: Account(n, f"User {n}", f"user{n}@example.org", draw(st.booleans())) for n in range(1, 5)}
    who = st.none() | st.sampled_from(sorted(accounts))
    names = draw(
        st.lists(st.sampled_from(["North", "South", "Nort", "A", "=A", "None"]), unique=True, max_size=4)
    )
    areas = {n: Area(n, name, draw(who)) for n, name in enumerate(names, start=1)}
    area = st.none() | st.sampled_from(sorted(areas)) if areas else st.none()
    team_names = draw(st.lists(st.sampled_from(["T1", "T2", "Team", "Teem", "-"]), unique=True, max_size=4))
    teams = {
        n: TeamPlace(n, name, draw(area), draw(who), draw(st.booleans()))
        for n, name in enumerate(team_names, start=1)
    }
    team = st.none() | st.sampled_from(sorted(teams)) if teams else st.none()
    people: dict[int, Person] = {}
    taken: set[tuple[str, int]] = set()
    users = draw(st.permutations(sorted(accounts)))
    for n in range(1, draw(st.integers(0, 6)) + 1):
        name, team_id = draw(NAMES), draw(team)
        if team_id is not None and (name, team_id) in taken:
            continue
        taken.add((name, team_id or 0))
        above = draw(st.none() | st.sampled_from(sorted(people))) if people else None
        user = users.pop() if users and draw(st.booleans()) else None
        people[n] = Person(n, name, team_id, above, user, draw(st.booleans()))
    return Structure(areas, teams, people, accounts)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(structures())
def test_the_workbook_that_is_downloaded_changes_nothing_when_it_comes_back(known: Structure) -> None:
    sheet = (
        read_organisation(UploadedFile("o.xlsx", organisation_workbook(known))) if _has_rows(known) else None
    )
    if sheet is None:
        return
    plan = plan_structure(sheet.rows, known, {})
    assert plan.is_nothing
    assert not plan.faults
    assert not sheet.faults
    assert not plan.doubts


def _has_rows(known: Structure) -> bool:
    return bool(known.areas or known.teams or known.people)


CELLS = st.sampled_from(
    [
        *("", "-", "Amara Okafor", "Jo Smith", "Li Wen", "New One", "P1", "P99", "yes", "no", "perhaps"),
        *("Family Support 1", "Family Support 9", "Safeguarding", "Care"),
        *("manager@example.org", "amara@example.org", "x@example.org"),
    ]
)
FIELDS = [
    *("Practitioner", "Number", "Team", "Service area", "Head of service"),
    *("Team manager", "Supervisor", "E-mail", "In use"),
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(CELLS, min_size=9, max_size=9), min_size=1, max_size=5), st.permutations(range(9)))
def test_columns_have_no_order_and_whatever_is_sent_stays_sound(
    rows: list[list[str]], order: list[int]
) -> None:
    plain = read_organisation(xlsx_sheet({"All": [FIELDS, *rows]}))
    turned = read_organisation(
        xlsx_sheet({"All": [[FIELDS[n] for n in order], *([row[n] for n in order] for row in rows)]})
    )
    one, other = (plan_structure(sheet.rows, KNOWN, {}) for sheet in (plain, turned))
    assert (one.areas, one.teams, one.people) == (other.areas, other.teams, other.people)
    assert len(one.faults) == len(other.faults)
    assert set(KNOWN.people) <= set(one.people)
    assert set(KNOWN.teams) <= set(one.teams)
    users = [person.user_id for person in one.people.values() if person.user_id is not None]
    assert len(users) == len(set(users))
    named = [(person.name, person.team_id) for person in one.people.values() if person.team_id is not None]
    assert len(named) == len(set(named))
    assert not circles({person.person_id: person.supervisor_id for person in one.people.values()})


def test_a_day_in_a_cell_of_words_is_words() -> None:
    sheet = read_organisation(xlsx_sheet({"All": [["Team", "Service area"], [date(2026, 1, 2), "Care"]]}))
    assert sheet.rows == (
        SheetRow(
            tab="All", row=2, cells={"team": "2026-01-02", "area": "Care"}, letters={"team": "A", "area": "B"}
        ),
    )
