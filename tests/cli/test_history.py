"""`qa history`: verified with and without anchors, the head of the chain, erasing by order."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from qa_app.cli import context
from qa_app.cli import history as command
from qa_app.domain.access import SYSTEM
from qa_app.domain.errors import QaError
from qa_app.extensions import _reading_only
from qa_app.services import history
from qa_app.services.history_check import HistoryCheck
from qa_app.services.history_seal import seal_history

pytestmark = pytest.mark.database
KEYS = ("entries", "sealed", "unsealed", "oldest_unsealed_seconds", "erased", "head", "faults")


@pytest.fixture(autouse=True)
def inside_the_test(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands work in the test's own transaction."""

    @contextmanager
    def database(as_json: bool = False) -> Iterator[None]:
        try:
            yield
        except QaError as refusal:
            context.refuse(refusal.message, as_json)

    monkeypatch.setattr(command, "database", database)


@pytest.fixture
def entry_id(session: Session, at: datetime) -> int:
    """One sealed entry."""
    made = history.record(SYSTEM, "changed", "theme", 1, at=at, after={"words": "something"})
    while seal_history(session()):  # type: ignore[operator]
        pass
    return made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command.history, list(arguments))


def answer(*arguments: str) -> dict[str, Any]:
    ran = run(*arguments, "--json")
    read: dict[str, Any] = json.loads(ran.stdout)
    return read


def test_verify_prints_what_other_programs_rely_on(entry_id: int) -> None:
    said = answer("verify")
    assert set(KEYS) <= set(said)
    assert (said["entries"], said["sealed"], said["unsealed"], said["faults"]) == (1, 1, 0, [])
    assert len(said["head"]) == 64


def test_the_head_is_an_anchor_that_stands(entry_id: int) -> None:
    head = run("head").stdout.strip()
    assert head == f"{answer('head')['seq']}:{answer('head')['hash']}"
    ran = run("verify", "--anchor", head)
    assert ran.exit_code == 0
    assert "Nothing was altered, and the anchors stand." in ran.stdout


def test_an_anchor_that_does_not_stand_ends_with_status_1(entry_id: int) -> None:
    beyond = f"99:{'a' * 64}"
    ran = run("verify", "--anchor", beyond)
    assert ran.exit_code == 1
    assert "its end was taken away" in ran.stdout
    other = f"1:{'a' * 64}"
    assert run("verify", "--anchor", other).exit_code == 1


def test_what_is_no_anchor_is_wrong_usage() -> None:
    ran = run("verify", "--anchor", "nonsense")
    assert ran.exit_code == 2
    assert "qa history head" in ran.output


def test_words_are_erased_by_order(entry_id: int, session: Session) -> None:
    assert answer("erase", str(entry_id), "--reason", "Ordered by the data protection officer") == {
        "erased": entry_id
    }
    said = answer("verify")
    assert (said["erased"], said["faults"]) == (1, [])
    again = run("erase", str(entry_id), "--reason", "Again", "--json")
    assert again.exit_code == 1
    assert "erased already" in json.loads(again.stdout)["error"]


def test_nobody_who_writes_waits_for_the_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def walk(*_: object, **__: object) -> HistoryCheck:
        asked.append(_reading_only.get())
        return HistoryCheck(0, 0, 0, 0, 0, "")

    monkeypatch.setattr(command, "check_history", walk)
    assert run("verify").exit_code == 0
    assert asked == [True]


def test_faults_are_told_and_end_with_status_1(monkeypatch: pytest.MonkeyPatch) -> None:
    found = HistoryCheck(3, 3, 0, 0, 0, "a" * 64, 3, ["Entry 2, sealed as 2, is gone."])
    monkeypatch.setattr(command, "check_history", lambda *_args, **_more: found)
    ran = run("verify")
    assert ran.exit_code == 1
    assert "Entry 2, sealed as 2, is gone." in ran.stdout
    assert run("verify", "--json").exit_code == 1
