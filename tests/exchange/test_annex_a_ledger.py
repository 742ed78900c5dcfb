"""The workbook with the faults that real extracts have, against the ledger of what should become of each.

Run as a program it prints, by type, how many entries are met: python -m tests.exchange.test_annex_a_ledger
"""

import json
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from qa_app.domain.caseload import CaseloadExtract, ImportFault
from qa_app.domain.caseload_faults import FAULT_WORDS
from qa_app.exchange.annex_a.reader import read_caseload
from qa_app.exchange.uploads import UploadedFile

DATA = Path(__file__).parent.parent / "data" / "annexa"
LEDGER: dict[str, Any] = json.loads((DATA / "small_dirty.ledger.json").read_text("utf-8"))
BY_TYPE: dict[str, list[dict[str, Any]]] = defaultdict(list)
for _entry in LEDGER["ledger"]:
    BY_TYPE[_entry["type"]].append(_entry)

# A number that only looks like a decimal in its cell format comes out right, and there is nothing to tell.
SILENTLY_RIGHT = {"C_COUNT_FLOAT", "C_ID_FORMAT", "C_FORMULA_NO_CACHED_VALUE", "C_MERGED_BODY_CELL"}
SHEET_LEVEL = {
    "S_BLANK_FIRST_COLUMN",
    "S_COLUMN_ORDER",
    "W_SHEET_NAME_VARIANT",
    "W_SHEET_ORDER",
    "S_PHANTOM_ROWS",
    "S_MERGED_TITLE_ROW",
    "C_COMMENT_WITH_NAME",
}


def read_dirty() -> CaseloadExtract:
    file = UploadedFile("small_dirty.xlsx", (DATA / "small_dirty.xlsx").read_bytes())
    return read_caseload([file], date(2026, 10, 30))


def is_met(entry: dict[str, Any], extract: CaseloadExtract) -> bool:
    """Whether one entry of the ledger was handled as it says."""
    at = [place for fault in extract.faults for place in fault.places() if _is_there(place, entry)]
    expected, canonical = entry["expected"], entry["canonical"]
    if entry["type"] in SHEET_LEVEL:
        return entry["list"] is None or entry["list"] in extract.lists
    done = {fault.done.value for fault in at}
    if expected == "normalise":
        told = any(fault.done.value == "normalise" and fault.understood == str(canonical) for fault in at)
        return told or (entry["type"] in SILENTLY_RIGHT and not (done & {"flag", "reject_row"}))
    if expected == "keep_as_text":
        return any(fault.done.value == expected and fault.understood == canonical for fault in at) or not at
    return expected in done


def _is_there(fault: ImportFault, entry: dict[str, Any]) -> bool:
    if entry["list"] is not None and fault.list_number != entry["list"]:
        return False
    if entry.get("row") is not None:
        same_cell = entry.get("column") is None or fault.column == entry["column"]
        return fault.row == entry["row"] and same_cell
    if entry.get("rows"):
        return fault.row in entry["rows"]
    if entry["type"].startswith("W_"):
        return fault.tab == entry["after"]
    if entry["field"] is not None:
        return fault.field == entry["field"]
    return (
        entry["after"] is None
        or fault.sent in (None, entry["after"])
        or fault.sent.startswith(str(entry["after"]))
    )


# In two of the three rows with another date of birth another fault took the reference away as well (it is empty in
# one, "N/A" in the other): nobody can tell whose date it is.
CANNOT_BE_MET = {"F00248", "F00249"}


@pytest.fixture(scope="module")
def dirty() -> CaseloadExtract:
    return read_dirty()


@pytest.mark.parametrize("kind", sorted(BY_TYPE))
def test_every_fault_of_the_ledger_is_handled_as_it_says(kind: str, dirty: CaseloadExtract) -> None:
    unmet = [one["fault_id"] for one in BY_TYPE[kind] if not is_met(one, dirty)]
    assert set(unmet) <= CANNOT_BE_MET


def test_what_cannot_be_met_lacks_its_reference(dirty: CaseloadExtract) -> None:
    for entry in LEDGER["ledger"]:
        if entry["fault_id"] in CANNOT_BE_MET:
            assert entry["child_id"] in ("", "N/A")
            assert not is_met(entry, dirty)


def test_equal_rows_name_each_other(dirty: CaseloadExtract) -> None:
    pairs = {
        (fault.list_number, row)
        for fault in dirty.faults
        if fault.kind == "row_repeated" and fault.sent
        for row in (*fault.rows, int(fault.sent.rsplit(" ", 1)[1]))
    }
    assert {(one["list"], one["row"]) for one in BY_TYPE["R_DUPLICATE_EXACT"]} <= pairs


@pytest.mark.parametrize("number", range(1, 12))
def test_rows_of_a_list_with_faults_are_counted(number: int, dirty: CaseloadExtract) -> None:
    reading, told = dirty.lists[number], LEDGER["lists"][str(number)]
    assert reading.tab == told["sheet"]
    assert reading.rows_read == told["data_rows_in_file"]
    assert reading.rejected == told["rows_without_usable_id"]
    assert reading.ignored == told["duplicate_rows_of_a_child"]
    assert reading.usable == told["distinct_children_or_rows_expected"]
    assert reading.rows_read == reading.usable + reading.rejected + reading.ignored


def test_few_faults_are_told_that_the_ledger_does_not_know(dirty: CaseloadExtract) -> None:
    places = {(one["list"], one.get("row"), one.get("column")) for one in LEDGER["ledger"]}
    rows = {(one["list"], one.get("row")) for one in LEDGER["ledger"] if one.get("column") is None}
    extra = [
        fault
        for fault in dirty.faults_by_place()
        if fault.column
        and fault.done.value in ("flag", "normalise")
        and (fault.list_number, fault.row, fault.column) not in places
        and (fault.list_number, fault.row) not in rows
    ]
    # What is left follows from other faults: a row without a reference leaves a status without its plan.
    assert {fault.kind for fault in extra} <= {
        "status_not_supported",
        "closed_but_open_elsewhere",
        "needed_cell_blank",
        "duplicate_heading",
    }
    assert len(extra) <= 10


def test_names_notes_and_numbers_of_children_are_nowhere(dirty: CaseloadExtract) -> None:
    everything = repr(dirty.cases) + repr([fault.as_withheld() for fault in dirty.faults])
    for personal in ("Testchild", "999 ", "ZZ1", "07700"):
        assert personal not in everything


def test_every_kind_of_fault_has_words(dirty: CaseloadExtract) -> None:
    told = {fault.kind for fault in dirty.faults}
    assert told <= set(FAULT_WORDS)
    assert len(told) > 45


def test_a_hidden_copy_of_a_list_is_not_read(dirty: CaseloadExtract) -> None:
    assert dirty.lists[6].tab == "List6 CIN"
    assert any(fault.tab == "List 6 OLD" and fault.kind == "tab_hidden" for fault in dirty.faults)


def _print_how_many_are_met() -> None:
    extract = read_dirty()
    for kind, entries in sorted(BY_TYPE.items()):
        unmet = [one for one in entries if not is_met(one, extract)]
        sys.stdout.write(f"{kind:32}{len(entries) - len(unmet):4} of {len(entries):3}\n")
        for one in unmet:
            place = {name: one.get(name) for name in ("list", "row", "column", "field", "after", "canonical")}
            sys.stdout.write(f"    {place}\n")
    n_met = sum(is_met(one, extract) for one in LEDGER["ledger"])
    sys.stdout.write(f"{n_met} of {len(LEDGER['ledger'])} entries; {extract.n_faults} faults told\n")


if __name__ == "__main__":
    _print_how_many_are_met()
