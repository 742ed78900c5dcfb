"""`qa plan`: the replies that other programs rely on."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qa_app.cli.plan import plan
from qa_app.extensions import db
from qa_app.factory import create_app
from qa_app.models.tables import metadata
from tests.builders_improvement import PUBLISHED, plan_file

pytestmark = pytest.mark.database
Run = Callable[..., Result]
AS_AT = ("--as-at", "2016-09-30")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command on an empty database of its own."""
    monkeypatch.setenv("QA_DATABASE_URL", f"sqlite:///{tmp_path / 'qa.sqlite3'}")
    monkeypatch.setenv("QA_SECRET_KEY", "test")
    app = create_app()
    with app.app_context():
        metadata.create_all(db.engine)
        db.session.remove()
        db.engine.dispose()

    def give(*words: str) -> Result:
        return CliRunner().invoke(plan, list(words))

    return give


def test_the_published_plan_gives_its_figures(run: Run) -> None:
    """Source: appendix 2 of the monitoring report May to September 2016, rows counted by hand."""
    result = run("import", str(PUBLISHED), *AS_AT, "--json")
    assert result.exit_code == 0, result.stderr
    reply = json.loads(result.stdout)
    assert (reply["as_at"], reply["risks"], len(reply["actions"])) == ("2016-09-30", 0, 69)
    action = next(one for one in reply["actions"] if one["ref"] == "2.6.6")
    expected = {
        "ref_as_written": "2.6.6",
        "priority": "2",
        "strategic_lead": "HOS QI",
        "operational_lead": None,
        "agencies": "N/A",
        "timescale_as_written": "Sep - Nov 16",
        "window_starts_on": "2016-09-01",
        "window_ends_on": "2016-11-30",
        "recurs": None,
        "status_text": "Completed G",
        "declared_rating": "green",
        "doubts": [],
    }
    assert {key: action[key] for key in expected} == expected

    summary = json.loads(run("summary", *AS_AT, "--base", "published window ended", "--json").stdout)
    total = summary["total"]
    assert summary["base"] == "published window ended"
    assert [total[key] for key in ("actions", "due", "not_due", "completed_early", "ongoing")] == [
        69,
        61,
        8,
        1,
        0,
    ]
    assert total["ratings"] == {"green": 28, "amber": 34, "red": 7, "white": 0, "unrated": 0}
    assert total["due_ratings"] == {"green": 27, "amber": 27, "red": 7, "white": 0, "unrated": 0}
    assert [one["actions"] for one in summary["priorities"]] == [4, 10, 3, 9, 11, 1, 1, 19, 1, 10]
    assert [one["due"] for one in summary["priorities"]] == [4, 6, 3, 6, 11, 1, 1, 19, 1, 9]

    exceptions = json.loads(run("exceptions", *AS_AT, "--json").stdout)
    assert (exceptions["due"], exceptions["red"]) == (61, 7)
    assert [(one["priority"], one["red"]) for one in exceptions["priorities"] if one["red"]] == [
        ("2", 2),
        ("5", 2),
        ("7", 1),
        ("8", 2),
    ]
    assert exceptions["actions"][0] == {
        "ref": "2.1.3",
        "priority": "2",
        "timescale_as_written": "Sep-16",
        "window_ends_on": "2016-09-30",
        "lead": "HOS QI",
        "agencies": "BSCB Chair and Members",
        "text": "Include an objective in each front-line team manager's and HOS's appraisal to ensure full "
        "compliance with the new audit schedule.",
        "status_text": "Not started R",
        "rating": "red",
    }
    assert "61 due" in run("summary", *AS_AT).stdout
    assert "7 of 61 actions due are red" in run("exceptions", *AS_AT).stdout


def test_a_second_import_updates_and_a_third_is_refused(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_bytes(plan_file().content)
    assert run("import", str(file), *AS_AT).exit_code == 0
    file.write_bytes(plan_file("Sep-16,1,1.1,Review the tool,DCS,N/A,Completed G").content)
    again = run("import", str(file), "--as-at", "2016-12-31", "--json")
    reply = json.loads(again.stdout)
    assert (reply["new"], reply["updated"], reply["left_out"]) == (0, 1, 2)
    refused = run("import", str(file), "--as-at", "2016-12-31", "--json")
    assert refused.exit_code == 1
    assert "already" in json.loads(refused.stdout)["error"]
    assert json.loads(run("exceptions", *AS_AT, "--json").stdout)["red"] == 1
    assert json.loads(run("exceptions", "--as-at", "2016-12-31", "--json").stdout)["red"] == 0


def test_a_mapping_gives_words_their_colour(run: Run, tmp_path: Path) -> None:
    file, mapping = tmp_path / "plan.csv", tmp_path / "mapping.json"
    file.write_text("Thing,Action,Date,Where\n1.1,Do,Sep-16,In progress\n", encoding="utf-8")
    refused = run("import", str(file), *AS_AT, "--json")
    assert refused.exit_code == 1
    assert "no column was found" in json.loads(refused.stdout)["error"]
    columns = {"ref": "Thing", "status": "Where"}
    mapping.write_text(
        json.dumps({"columns": columns, "ratings": {"in progress": "amber"}}), encoding="utf-8"
    )
    result = run("import", str(file), *AS_AT, "--mapping", str(mapping), "--json")
    assert json.loads(result.stdout)["actions"][0]["declared_rating"] == "amber"


@pytest.mark.parametrize(
    "words",
    [
        ("summary", *AS_AT, "--json"),
        ("exceptions", *AS_AT, "--json"),
        ("summary", *AS_AT, "--base", "something else", "--json"),
        ("import", str(PUBLISHED), "--as-at", "2099-01-01", "--json"),
        ("import", str(PUBLISHED), *AS_AT, "--into", "77", "--json"),
    ],
)
def test_what_cannot_be_done_is_an_error_in_words(run: Run, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert list(json.loads(result.stdout)) == ["error"]


def test_wrong_usage_ends_with_two(run: Run) -> None:
    assert run("summary", "--as-at", "yesterday").exit_code == 2
    assert run("import", "no-such-file.csv", *AS_AT).exit_code == 2
