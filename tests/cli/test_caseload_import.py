"""`qa caseload import`: the reply that other programs rely on."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from qa_app.cli.caseload import caseload
from qa_app.extensions import db
from qa_app.factory import create_app
from qa_app.models.tables import metadata

pytestmark = pytest.mark.database
DATA = Path(__file__).parent.parent / "data" / "annexa"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command on an empty database of its own."""
    monkeypatch.setenv("QA_DATABASE_URL", f"sqlite:///{tmp_path / 'qa.sqlite3'}")
    monkeypatch.setenv("QA_SECRET_KEY", "test")
    app = create_app()
    with app.app_context():
        metadata.create_all(db.engine)
        db.session.remove()
        db.engine.dispose()

    def give(path: Path, *options: str) -> Result:
        return CliRunner().invoke(caseload, ["import", str(path), "--as-at", "2026-10-30", *options])

    return give


@pytest.mark.parametrize(
    ("name", "truth"),
    [
        ("borough_clean.xlsx", "borough_clean.xlsx"),
        ("borough_clean_2019.xlsx", "borough_clean_2019.xlsx"),
        ("small_clean.xlsx", "small_clean.xlsx"),
        ("small_clean_csv", "small_clean.xlsx"),
    ],
)
def test_the_reply_has_the_true_figures(run: Any, name: str, truth: str) -> None:
    result = run(DATA / name, "--json")
    assert result.exit_code == 0
    reply = json.loads(result.stdout)
    true = json.loads((DATA / f"{truth}.truth.json").read_text("utf-8"))
    assert reply["as_at"] == "2026-10-30"
    assert reply["counts"] == {key: true[key] for key in reply["counts"]}
    assert {number: one["usable"] for number, one in reply["lists"].items()} == true["rows_by_list"]
    assert reply["faults"] == []


def test_the_faults_of_the_reply_have_their_place(run: Any) -> None:
    reply = json.loads(run(DATA / "small_dirty.xlsx", "--json").stdout)
    expected = {
        "list": 3,
        "tab": "list 3",
        "row": 169,
        "column": "D",
        "field": "dob",
        "type": "date_as_text",
        "sent": "22/08/2011",
        "understood": "2011-08-22",
        "done": "normalise",
    }
    assert expected in reply["faults"]


def test_a_second_time_is_refused_with_status_1(run: Any) -> None:
    assert run(DATA / "small_clean.xlsx").exit_code == 0
    again = run(DATA / "small_clean.xlsx", "--json")
    assert again.exit_code == 1
    assert "were uploaded on" in json.loads(again.stdout)["error"]


def test_what_is_no_caseload_is_refused_with_status_1(run: Any, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for path in (DATA / "small_clean.xlsx.truth.json", empty):
        result = run(path, "--json")
        assert result.exit_code == 1
        assert list(json.loads(result.stdout)) == ["error"]


def test_a_database_without_tables_is_told_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QA_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    monkeypatch.setenv("QA_SECRET_KEY", "test")
    options = ["import", str(DATA / "small_clean.xlsx"), "--as-at", "2026-10-30", "--json"]
    result = CliRunner().invoke(caseload, options)
    assert result.exit_code == 1
    assert "qa db upgrade" in json.loads(result.stdout)["error"]


def test_wrong_usage_has_status_2(run: Any) -> None:
    assert run(DATA / "no_such_file.xlsx").exit_code == 2
    assert CliRunner().invoke(caseload, ["import", str(DATA / "small_clean.xlsx")]).exit_code == 2
    assert CliRunner().invoke(caseload, ["import", "--help"]).exit_code == 0


def test_words_for_people_tell_lists_plans_and_faults(run: Any) -> None:
    told = run(DATA / "small_dirty.xlsx").stdout
    assert "List  6 (List6 CIN): 255 rows, 249 usable, 2 rejected, 4 repeated" in told
    assert "Looked after child:" in told
    assert "A date after the as-at date (left empty or as it is, worth a look)" in told


def test_a_list_that_fell_by_a_fifth_is_refused_with_what_was_read(run: Any) -> None:
    assert run(DATA / "borough_clean.xlsx").exit_code == 0
    refused = run(DATA / "small_clean.xlsx", "--json")
    assert refused.exit_code == 1
    reply = json.loads(refused.stdout)
    assert "List 6 had 3,403 rows and has 254 now" in reply["error"]
    assert "--accept-falls" in reply["error"]
    assert reply["counts"]["current_children_list6"] == 188
    assert run(DATA / "small_clean.xlsx", "--json", "--accept-falls").exit_code == 0


def test_the_lists_may_come_in_a_zip_file(run: Any, tmp_path: Path) -> None:
    packed = tmp_path / "lists.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in (DATA / "small_clean_csv").glob("*.csv"):
            archive.write(path, f"lists/{path.name}")
    reply = json.loads(run(packed, "--json").stdout)
    assert reply["counts"]["current_children_list6"] == 188
