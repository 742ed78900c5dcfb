"""`qa forms check` passes the shipped forms and lists every planted fault."""

import json
from pathlib import Path

from click.testing import CliRunner

from qa_app.cli.forms import forms

BAD_FORMS = Path(__file__).parent.parent / "data" / "bad_forms"
EXPECTED = json.loads((BAD_FORMS.parent / "bad_forms_expected.json").read_text())
"""For each planted file its faults: the line or cell, and words of what is said. An empty list is a sound form."""


def run(*arguments):
    result = CliRunner().invoke(forms, ["check", *map(str, arguments), "--json"])
    return result.exit_code, {one["file"]: one for one in json.loads(result.stdout)["forms"]}


def test_the_shipped_forms_are_sound():
    status, found = run()
    assert status == 0
    case_forms = {"assessment", "care-leaver", "child-in-need", "child-protection", "children-looked-after"}
    assert {one["form"] for one in found.values()} >= case_forms
    assert all(one["faults"] == [] and one["questions"] >= 3 for one in found.values())
    assert all(one["questions"] >= 30 for one in found.values() if one["form"] in case_forms)


def test_every_planted_fault_is_listed_with_its_line_or_cell_and_nothing_else():
    status, found = run(BAD_FORMS)
    assert status == 1
    assert set(found) == set(EXPECTED)
    assert len(found) >= 30
    for name, expected in EXPECTED.items():
        told = [(fault.get("cell", fault["line"]), fault["what"]) for fault in found[name]["faults"]]
        assert len(told) == len(expected), (name, told)
        for (place, words), (where, what) in zip(expected, told, strict=True):
            assert place == where, (name, told)
            assert words in what, (name, told)


def test_one_file_can_be_checked_alone():
    status, found = run(BAD_FORMS / "dangling.yaml")
    assert status == 1
    assert set(found) == {"dangling.yaml"}


def test_the_words_name_file_and_line():
    result = CliRunner().invoke(forms, ["check", str(BAD_FORMS / "misspelt.yaml")])
    assert "misspelt.yaml:2: 'titel' is not a key of a form; did you mean 'title'?" in result.output


def test_a_folder_without_forms_says_so(tmp_path):
    result = CliRunner().invoke(forms, ["check", str(tmp_path)])
    assert result.exit_code == 1
    assert "There is no form here" in result.output


def test_publishing_refuses_unsound_forms_before_anything_is_opened():
    result = CliRunner().invoke(forms, ["publish", str(BAD_FORMS), "--json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"].startswith("Nothing was published. anchors.yaml:2:")
