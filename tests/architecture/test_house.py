"""The habits of the house, checked: the public says what it does, files keep to one subject, nothing is left open."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sorted((ROOT / "qa_app").rglob("*.py"))
TEMPLATES = sorted((ROOT / "qa_app" / "templates").rglob("*.html"))
LONGEST_FILE, LONGEST_FUNCTION, LONGEST_TEMPLATE = 400, 60, 200
OPEN = re.compile(r"\b(TODO|FIXME|XXX)\b|coming soon|not implemented yet")
ELSEWHERE = re.compile(r"https?://[^\s\"']*(/simple/|/packages/|registry[.-])")
TEXT = {".py", ".html", ".md", ".toml", ".yaml", ".yml", ".js", ".css", ".txt", ".sh", ".ini", ".csv"}


def committed() -> list[Path]:
    """Every file that belongs to the project."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short_and_says_what_it_does(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert text.count("\n") <= LONGEST_FILE
    if path.name == "__init__.py":
        assert not text, "packages' own files stay empty"
        return
    assert ast.get_docstring(tree), "the module says nothing of itself"
    silent = [
        node.name
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not silent
    long = [one.name for one in functions(tree) if (one.end_lineno or 0) - one.lineno > LONGEST_FUNCTION]
    assert not long


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_is_short_and_runs_no_inline_code(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LONGEST_TEMPLATE
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\ssrc=)", text)


def test_nothing_is_left_open_and_no_registry_is_named() -> None:
    wrong = []
    for path in committed():
        if path.suffix not in TEXT or "tests" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        wrong += [f"{path.name}: {found[0]}" for found in OPEN.finditer(text)]
        wrong += [f"{path.name}: {found[0]}" for found in ELSEWHERE.finditer(text)]
    assert not wrong


def test_only_the_clock_knows_the_time() -> None:
    asks = re.compile(r"\b(datetime|date)\.(now|today|utcnow)\(|\btime\.time\(")
    wrong = [
        str(path.relative_to(ROOT))
        for path in PYTHON
        if path.name != "clock.py" and asks.search(path.read_text())
    ]
    assert not wrong
