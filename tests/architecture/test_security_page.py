"""The page on security tells the truth: its tests exist, nothing of the standard is left out, and its claims hold."""

import ast
import csv
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`", PAGE)))
PUT_TOGETHER = {"plan_dates.py", "timescales.py", "marks.py", "sheets.py"}
"""Modules that put patterns together from their own tables of constants: looked at by hand."""
PYTHON = sorted((ROOT / "qa_app").rglob("*.py"))
SCRIPTS = sorted(path for path in (ROOT / "qa_app" / "static" / "js").rglob("*.js"))


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("path", "name"), NAMED, ids=str)
def test_every_test_that_is_named_exists(path: str, name: str) -> None:
    assert (ROOT / path).is_file()
    if name:
        assert name in names_in(path)


def rows() -> list[list[str]]:
    """The rows of every table whose first column holds requirements."""
    return [
        [cell.strip() for cell in line.strip("|\n").split("|")]
        for line in PAGE.splitlines()
        if re.match(r"\| \d+\.\d+\.\d+", line)
    ]


def test_every_requirement_of_the_two_levels_is_answered_once() -> None:
    with (ROOT / "tests" / "data" / "asvs_5_0_0_levels.csv").open(encoding="utf-8") as file:
        levels = {row["requirement"]: int(row["level"]) for row in csv.DictReader(file)}
    assert (len(levels), sum(level == 1 for level in levels.values())) == (345, 70)
    answered = [number.strip() for row in rows() for number in row[0].split(",")]
    assert len(set(answered)) == len(answered), sorted(n for n in answered if answered.count(n) > 1)
    assert set(answered) == {number for number, level in levels.items() if level <= 2}


def test_whatever_we_do_has_a_test() -> None:
    shown = [row for row in rows() if len(row) == 3]
    assert len(shown) > 50
    assert not [row[0] for row in shown if "`tests/" not in row[2]]


def calls(path: Path) -> set[str]:
    """The names of what a module calls, as written."""
    return {
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    }


def test_nothing_is_evaluated_started_or_unpickled() -> None:
    forbidden = re.compile(
        r"^(eval|exec|compile|os\.(system|popen|exec\w*|spawn\w*)|pickle\.\w+|marshal\.\w+|shelve\.\w+|"
        r"render_template_string|yaml\.(unsafe_)?load)$"
    )
    starts = {"adapters/front_end_assets.py"}
    wrong = [
        (path.name, name)
        for path in PYTHON
        for name in calls(path)
        if forbidden.match(name)
        or (name.startswith("subprocess.") and str(path.relative_to(ROOT / "qa_app")) not in starts)
    ]
    assert not wrong


def test_no_pattern_is_made_of_what_people_type() -> None:
    """Patterns are constants, or words put together from constants of the module."""
    wrong = []
    for path in PYTHON:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_pattern = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
                and node.func.attr in ("compile", "match", "search", "fullmatch", "sub", "split", "findall")
            )
            is_ours = path.name in PUT_TOGETHER
            if is_pattern and not is_ours and isinstance(node, ast.Call) and names_of(node.args[0]):
                wrong.append((path.name, node.lineno, names_of(node.args[0])))
    assert not wrong


def names_of(pattern: ast.expr) -> set[str]:
    """The names in a pattern that are neither constants by their writing nor guarded by `re.escape`."""
    guarded = {
        id(inner)
        for node in ast.walk(pattern)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.escape"
        for inner in ast.walk(node)
    }
    return {
        node.id
        for node in ast.walk(pattern)
        if isinstance(node, ast.Name)
        and id(node) not in guarded
        and node.id != "re"
        and not node.id.isupper()
        and not node.id.lstrip("_").isupper()
    }


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_build_no_page_from_words(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(
        r"\b(eval|Function)\s*\(|document\.write|insertAdjacentHTML|outerHTML\s*=|__proto__", text
    )
    assert not re.search(r"innerHTML\s*=\s*(?![\"'`]{2})", text)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_keep_nothing_in_the_browser(path: Path) -> None:
    """But for the address of a page of ours that was just saved, until the tab is closed."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\b(localStorage|indexedDB|document\.cookie|caches\.)", text)
    kept = re.findall(r"sessionStorage\.setItem\((.*)\)$", text, re.MULTILINE)
    assert all(re.fullmatch(r"[A-Z]+, new URL\(reply\.url\)\.pathname", what) for what in kept), kept


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_locked_library_has_its_hash(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    locked = [line for line in text.splitlines() if re.match(r"[a-zA-Z0-9]", line)]
    assert len(locked) > 30
    assert not [line.split("==")[0] for line in locked if "==" not in line or "--hash=sha256:" not in line]


def test_only_the_program_is_packaged() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["packages"] == ["qa_app"]
    assert set(wheel["force-include"]) == {"audit_templates", "migrations"}
