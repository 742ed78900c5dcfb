"""The history in words: labels, values, references, and saves told as one."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.history_reviews import told_together
from qa_app.domain.history_words import (
    DID,
    KINDS,
    ChangeLine,
    Told,
    change_lines,
    did_words,
    kind_words,
    numbered_keys,
    read_reference,
    record_words,
)
from qa_app.domain.keyset import Place, read_place

ROOT = Path(__file__).resolve().parents[2]
AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def recorded() -> dict[str, tuple[str | None, str | None]]:
    """Every call of `history.record` in the program, by place: its action and its kind of record."""
    found = {}
    for path in sorted((ROOT / "qa_app").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_record = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "record"
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "history"
            )
            if is_record and isinstance(node, ast.Call) and len(node.args) >= 3:
                action, kind = (
                    each.value if isinstance(each, ast.Constant) else None for each in node.args[1:3]
                )
                found[f"{path.name}:{node.lineno}"] = (action, kind)
    return found


def test_every_kind_of_change_has_its_words() -> None:
    calls = recorded()
    assert len(calls) > 30
    # An action that is written as words already needs no other ones.
    assert not {
        place: action
        for place, (action, _) in calls.items()
        if action and action not in DID and ("_" in action or "." in action)
    }
    assert not {place: kind for place, (_, kind) in calls.items() if kind and kind not in KINDS}


def test_what_is_not_in_the_list_is_read_from_its_own_name() -> None:
    assert did_words("board.shut_down") == "board: shut down"
    assert kind_words("new_thing").about_children, "what nobody has thought about is not told"


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ({}, {"name": "North"}, [("Name", "", "North")]),
        ({"name": "A"}, {"name": "A"}, []),
        ({"grade": "good"}, {"grade": "requires_improvement"}, [("Grade", "Good", "Requires improvement")]),
        ({"team_id": 4}, {"team_id": 5}, [("Team", "Team North", "number 5")]),
        ({"head_user_id": None}, {"head_user_id": 7}, [("Head of service", "", "Head One")]),
        ({"is": True}, {"is": False}, [("Is", "Yes", "No")]),
        ({"due_on": "2026-11-24"}, {}, [("Due on", "24 November 2026", "")]),
        ({"at": "2026-13-24"}, {}, [("At", "2026-13-24", "")]),
        ({}, {"themes": ["voice", "planning"]}, [("Themes", "", "voice, planning")]),
        ({}, {"sha256": "ab" * 32}, [("SHA-256", "", "abababababab...")]),
        (
            {"a": {"x": 1, "y": 2}},
            {"a": {"x": 1, "y": 3}},
            [("a: y", "2", "3")],
        ),
        ({"review_id": 12}, {}, [("Review", "R12", "")]),
        ({}, {"words": "x" * 700}, [("Words", "", "x" * 597 + "...")]),
    ],
)
def test_changes_in_words(
    before: dict[str, Any], after: dict[str, Any], lines: list[tuple[str, ...]]
) -> None:
    names = {("team_id", 4): "Team North", ("head_user_id", 7): "Head One"}
    assert [(line.label, line.before, line.after) for line in change_lines(before, after, names)] == lines


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)
DETAIL = st.dictionaries(st.text(max_size=12), JSON, max_size=4)


@given(DETAIL, DETAIL)
def test_whatever_was_kept_can_be_told(before: dict[str, Any], after: dict[str, Any]) -> None:
    for line in change_lines(before, after):
        assert line.before != line.after
        assert "None" not in {line.before, line.after}
    assert all(key.endswith("_id") for key, _ in numbered_keys(before, after))


@given(DETAIL)
def test_nothing_changed_is_told_as_nothing(detail: dict[str, Any]) -> None:
    assert change_lines(detail, detail) == ()


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("R1042", ("review", 1042)),
        (" r 12 ", ("review", 12)),
        ("F310", ("finding", 310)),
        ("a57", ("plan_action", 57)),
        ("12", (None, 12)),
        ("X12", None),
        ("R", None),
        ("R12 or 1=1", None),
        ("R١٢", None),
        ("9" * 12, None),
    ],
)
def test_references_as_people_type_them(written: str, found: object) -> None:
    assert read_reference(written) == found


def test_records_are_called_by_their_references() -> None:
    assert record_words("review", 1042) == "Review R1042"
    assert record_words("team", 12) == "Team 12"


def told(minute: int, before: str, after: str, who: str = "A", did: str = "saved answers") -> Told:
    moment = AT + timedelta(minutes=minute)
    return Told(minute, moment, moment, who, did, (ChangeLine("Q", before, after),), "shown")


def test_saves_soon_after_one_another_are_told_as_one() -> None:
    entries = [told(20, "c", "d"), told(10, "b", "c"), told(0, "a", "b")]
    (one,) = told_together(entries, "saved answers")
    assert (one.n, one.at, one.until) == (3, AT, AT + timedelta(minutes=20))
    assert one.changes == (ChangeLine("Q", "a", "d"),)


@pytest.mark.parametrize(
    "older",
    [told(-40, "a", "b"), told(0, "a", "b", who="B"), told(0, "a", "b", did="handed the review in")],
)
def test_what_another_did_or_did_much_earlier_stands_by_itself(older: Told) -> None:
    assert len(told_together([told(5, "b", "c"), older], "saved answers")) == 2


def test_words_typed_and_taken_back_again_leave_no_line() -> None:
    (one,) = told_together([told(1, "b", "a"), told(0, "a", "b")], "saved answers")
    assert one.changes == ()


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001
    st.integers(0, 2**31 - 1),
)
def test_a_place_comes_back_as_it_was_written(moment: datetime, number: int) -> None:
    place = Place(moment.replace(tzinfo=UTC), number)
    assert read_place(str(place)) == place


@given(st.text(max_size=30))
def test_what_is_no_place_is_none(written: str) -> None:
    found = read_place(written)
    assert found is None or read_place(str(found)) == found


@pytest.mark.parametrize("written", ["", "1", "-1-1", "1-", "9" * 30 + "-1", "1-9999999999", "١-١"])
def test_broken_places_lead_nowhere(written: str) -> None:
    assert read_place(written) is None
