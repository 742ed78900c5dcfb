"""`qa caseload flags` and `qa organisation`: what other programs may rely on."""

import json
from collections.abc import Callable
from pathlib import Path

import flask_migrate
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from qa_app.bundled import bundled_folder
from qa_app.cli.main import main
from qa_app.config import Settings
from qa_app.extensions import db
from qa_app.factory import create_app
from qa_app.models.caseload import CaseFlag
from qa_app.models.organisation import Team
from tests.builders_caseload import make_case, make_caseload

pytestmark = pytest.mark.database
Run = Callable[..., Result]
FLAGS = (
    "Child ID,Flag,Date\n0101,Complaint,1/10/2026\n0102,Complant open,\n9999,Closing,\n0101,Closing,soon\n"
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Commands on a database of their own with two children, from a folder of their own."""
    monkeypatch.setenv("QA_INSTANCE_FOLDER", str(tmp_path))
    monkeypatch.setenv("QA_DATABASE_URL", f"sqlite:///{tmp_path / 'cli.sqlite3'}")
    monkeypatch.chdir(tmp_path)
    app = create_app(Settings())
    with app.app_context():
        flask_migrate.upgrade(directory=str(bundled_folder("migrations")))
        make_caseload([make_case("0101"), make_case("0102")])
        db.session.commit()
        db.engine.dispose()

    def command(*words: str) -> Result:
        return CliRunner().invoke(main, list(words))

    return command


def n_rows(table: type) -> int:
    app = create_app(Settings())
    with app.app_context():
        n = db.session.scalar(select(func.count()).select_from(table))
        db.session.remove()
        db.engine.dispose()
    return n or 0


def test_flags_are_read_and_everything_odd_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "flags.csv").write_text(FLAGS)
    dry = run("caseload", "flags", "flags.csv", "--as-at", "2026-10-30", "--dry-run", "--json")
    assert dry.exit_code == 0, dry.output
    assert n_rows(CaseFlag) == 0
    done = run("caseload", "flags", "flags.csv", "--as-at", "2026-10-30", "--json")
    reply = json.loads(done.stdout)
    assert {
        key: reply[key] for key in ("as_at", "replaces", "stored", "rows", "new", "ended", "unchanged")
    } == {
        "as_at": "2026-10-30",
        "replaces": False,
        "stored": True,
        "rows": 4,
        "new": 1,
        "ended": 0,
        "unchanged": 0,
    }
    assert reply["kinds"] == ["Complaint open"]
    assert reply["unknown_children"] == [4]
    assert [one["row"] for one in reply["left_out"]] == [3]
    assert [one["words"] for one in reply["doubts"]] == ["Complant open"]
    assert [(one["row"], one["column"]) for one in reply["faults"]] == [(5, "C")]
    assert {**json.loads(dry.stdout), "stored": True} == reply
    assert n_rows(CaseFlag) == 1
    (tmp_path / "later.csv").write_text("Child ID\n0102\n")
    words = (
        "caseload",
        "flags",
        "later.csv",
        "--as-at",
        "2026-11-20",
        "--kind",
        "Complaint open",
        "--replace",
    )
    said = run(*words)
    assert "1 new, 1 ended" in said.stdout


def test_an_organisation_goes_out_and_comes_back_and_is_filled_in(run: Run, tmp_path: Path) -> None:
    assert run("organisation", "export", "--out", "o.xlsx").exit_code == 0
    same = json.loads(run("organisation", "import", "o.xlsx", "--json").stdout)
    assert (same["changes"], same["faults"], same["doubts"]) == ([], [], [])
    (tmp_path / "o.csv").write_text(
        "Team,Service area,Team manager\nTeam North,Care,x@example.org\nNew Team,Care,\n"
    )
    dry = json.loads(run("organisation", "import", "o.csv", "--dry-run", "--json").stdout)
    assert (dry["stored"], n_rows(Team)) == (False, 1)
    done = json.loads(run("organisation", "import", "o.csv", "--json").stdout)
    assert {**dry, "stored": True} == done
    assert (done["service_areas"], done["teams"], done["practitioners"]) == (1, 2, 0)
    assert [(one["row"], one["column"]) for one in done["faults"]] == [(2, "C")]
    assert n_rows(Team) == 2
    assert "0 changes" in run("organisation", "import", "o.csv").stdout


@pytest.mark.parametrize(
    ("words", "content"),
    [
        (("caseload", "flags", "--as-at", "2026-10-30"), b"Name\nA\n"),
        (("caseload", "flags", "--as-at", "2026-10-30"), b"\x89PNG\r\n\x1a\n"),
        (("caseload", "flags", "--as-at", "2099-10-30"), FLAGS.encode()),
        (("organisation", "import"), b"Name\nA\n"),
        (("organisation", "import"), b""),
    ],
)
def test_a_refusal_is_one_object_and_status_1(
    run: Run, tmp_path: Path, words: tuple[str, ...], content: bytes
) -> None:
    (tmp_path / "sheet.csv").write_bytes(content)
    refused = run(*words[:2], "sheet.csv", *words[2:], "--json")
    assert refused.exit_code == 1
    assert list(json.loads(refused.stdout)) == ["error"]


def test_wrong_usage_is_status_2(run: Run) -> None:
    assert run("caseload", "flags").exit_code == 2
    assert run("organisation", "import", "nothing.xlsx").exit_code == 2
