"""The old binary workbook says the same as the new one."""

from datetime import date
from pathlib import Path

import pytest

from qa_app.domain.errors import Invalid
from qa_app.exchange.annex_a.reader import read_caseload
from qa_app.exchange.annex_a.tabs import read_tabs
from qa_app.exchange.uploads import UploadedFile
from tests.xls_file import xls_of

DATA = Path(__file__).parent.parent / "data" / "annexa"
AS_AT = date(2026, 10, 30)


def test_the_same_lists_as_xls_are_read_as_from_xlsx() -> None:
    new = UploadedFile("lists.xlsx", (DATA / "small_clean.xlsx").read_bytes())
    old = UploadedFile("lists.xls", xls_of({tab.name: tab.rows for tab in read_tabs([new])}))
    assert read_caseload([old], AS_AT) == read_caseload([new], AS_AT)


def test_an_xls_with_faults_tells_the_same_of_its_cells() -> None:
    new = UploadedFile("lists.xlsx", (DATA / "small_clean.xlsx").read_bytes())
    tabs = {tab.name: [list(row) for row in tab.rows] for tab in read_tabs([new])}
    name = next(name for name in tabs if "6" in name)
    status = next(
        (r, c) for r, row in enumerate(tabs[name]) for c, cell in enumerate(row) if cell == "Case status"
    )
    tabs[name][status[0] + 1][status[1]] = "Zwölf – odd"
    extract = read_caseload([UploadedFile("lists.xls", xls_of(tabs))], AS_AT)
    (fault,) = [one for one in extract.faults if one.kind == "code_unknown"]
    assert (fault.list_number, fault.row, fault.sent) == (6, status[0] + 2, "Zwölf – odd")


def test_an_xls_with_a_password_is_refused_in_words() -> None:
    locked = UploadedFile("lists.xls", xls_of({"List 6": [["Child Unique ID"]]}, has_password=True))
    with pytest.raises(Invalid, match="password"):
        read_caseload([locked], AS_AT)
