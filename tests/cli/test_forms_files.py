"""`qa forms export`, `import`, `publish` and `score`: forms out of and into a database."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask_migrate import upgrade

from qa_app.cli.forms import forms
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.exchange.audit_form_files import read_form, write_form
from qa_app.factory import create_app
from tests.builders_reviews import SMALL_FORM


@pytest.fixture
def council(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a database of its own, for commands that open one themselves."""
    monkeypatch.setenv("QA_INSTANCE_FOLDER", str(tmp_path))
    monkeypatch.setenv("QA_DATABASE_URL", f"sqlite:///{tmp_path / 'council.sqlite3'}")
    monkeypatch.setenv("QA_SECURE_COOKIES", "false")
    app = create_app()
    with app.app_context():
        upgrade()
    return tmp_path


def run(*arguments: object) -> tuple[int, dict]:
    result = CliRunner().invoke(forms, [*map(str, arguments), "--json"])
    return result.exit_code, json.loads(result.stdout)


def written(folder: Path, **changes: object) -> Path:
    path = folder / "visits.yaml"
    path.write_text(write_form(AuditForm.from_data({**SMALL_FORM, **changes})))
    return path


@pytest.mark.parametrize("ending", ["xlsx", "yaml", "json"])
def test_a_published_form_goes_out_and_is_sound(council: Path, ending: str) -> None:
    assert run("publish", written(council)) == (0, {"forms": [{"form": "visits", "version": 1}]})
    out = council / f"out.{ending}"
    status, said = run("export", "visits", "--out", out)
    assert (status, said["version"], said["bytes"]) == (0, 1, out.stat().st_size)
    status, checked = run("check", out)
    assert status == 0
    assert checked["forms"][0]["form"] == "visits"
    status, taken = run("import", out)
    assert (status, taken["form"], taken["not_taken"]) == (0, "visits", [])
    again, same = run("import", out)
    assert (again, same["draft"]) == (0, taken["draft"])


def test_what_breaks_comparison_is_published_only_when_that_is_said(council: Path) -> None:
    run("publish", written(council))
    data = AuditForm.from_data(SMALL_FORM).to_data()
    data["sections"][0]["questions"][2]["retired"] = True
    path = written(council, sections=data["sections"])
    status, said = run("publish", path)
    assert status == 1
    assert "breaks comparison" in said["error"]
    assert run("publish", path, "--breaking") == (0, {"forms": [{"form": "visits", "version": 2}]})
    assert run("export", "visits", "--out", council / "first.yaml", "--version", 1)[1]["version"] == 1
    first = read_form((council / "first.yaml").read_bytes(), "first.yaml").form
    assert first == AuditForm.from_data(SMALL_FORM)


def test_refusals_are_told_in_words(council: Path) -> None:
    assert "No form 'nothing'" in run("export", "nothing", "--out", council / "a.xlsx")[1]["error"]
    assert "Choose one of these endings" in run("export", "visits", "--out", council / "a.docx")[1]["error"]
    bad = council / "bad.yaml"
    bad.write_text("form: bad\n")
    status, said = run("import", bad)
    assert status == 1
    assert "bad.yaml:1: this form has no 'sections'; add it" in said["error"]
    assert run("score") == (0, {"reviews": 0})
