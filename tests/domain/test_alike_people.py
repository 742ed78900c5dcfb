"""Names of people and teams that may be one: turned round, shortened, hyphenated, mistyped; and those that are two."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_app.domain.alike_names import name_key, pairs_of_people, pairs_of_teams, people_like, teams_like

WORDS = st.sampled_from(["Amara", "Okafor", "Jo", "Smith", "Jones", "Li", "O'Neil", "van", "Dyk", "J", "Zoë"])
NAMES = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jo Smith", "Smith, Jo"),
        ("Jo Smith", "J Smith"),
        ("J. Smith", "Smith Jo"),
        ("Jo Smith-Jones", "Jo Smith Jones"),
        ("Jo Smith-Jones", "Jo Smith"),
        ("Ms Jo Smith", "Jo Smith"),
        ("Jo Smith (Agency)", "Jo Smith"),
        ("Jo Anne Smith", "Jo Smith"),
        ("Jon Smith", "John Smith"),
        ("Jo O'Neil", "Jo O\u2019Neil"),
    ],
)
def test_one_person_written_twice_is_found_both_ways_round(one: str, other: str) -> None:
    assert people_like(one, [other]) == [other]
    assert people_like(other, [one]) == [one]
    assert pairs_of_people([one, other]) == [tuple(sorted((one, other)))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jo Smith", "Jane Smith"),
        ("Jo Smith", "Jo Jones"),
        ("Worker 1", "Worker 2"),
        ("Worker 4 of 6", "Worker 6 of 4"),
        ("Smith", "Jones"),
        ("Jo Smith", "jo  SMITH"),
    ],
)
def test_two_people_stay_two_and_a_name_is_never_like_itself(one: str, other: str) -> None:
    assert people_like(one, [other]) == []
    assert pairs_of_people([one, other]) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Assesment North", "Assessment North"),
        ("Assessment Team North", "Assessment North"),
        ("CWD", "Children with Disabilities"),
        ("Duty & Assessment", "Duty and Assessment"),
    ],
)
def test_one_team_written_twice_is_found(one: str, other: str) -> None:
    assert teams_like(one, [other]) == [other]
    assert pairs_of_teams([one, other]) == [tuple(sorted((one, other)))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Assessment North", "Assessment South"),
        ("Family Support 1", "Family Support 2"),
        ("Team A", "Team B"),
        ("Leaving Care", "Looked After"),
    ],
)
def test_sister_teams_stay_two(one: str, other: str) -> None:
    assert teams_like(one, [other]) == []
    assert pairs_of_teams([one, other]) == []


@settings(max_examples=150)
@given(NAMES, NAMES)
def test_likeness_has_no_direction_and_spares_the_name_itself(one: str, other: str) -> None:
    assert bool(people_like(one, [other])) == bool(people_like(other, [one]))
    assert name_key(one) not in map(name_key, people_like(one, [one, other, one.upper()]))
