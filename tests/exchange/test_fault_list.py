"""The downloadable list of faults: readable by a spreadsheet, and never an instruction to it."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.caseload import Handling, ImportFault
from qa_app.domain.caseload_asks import asks_of
from qa_app.domain.caseload_faults import FAULT_WORDS, group_faults
from qa_app.exchange.fault_list import HEADINGS, fault_csv


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_fault_is_a_line_with_its_place_and_what_was_done() -> None:
    fault = ImportFault("code_unknown", Handling.FLAG, "List 6", 6, 12, "D", "case_status", "=1+1", None)
    assert rows_of(fault_csv([fault])) == [
        list(HEADINGS),
        [
            "6",
            "List 6",
            "12",
            "D",
            "case status",
            FAULT_WORDS["code_unknown"],
            "'=1+1",
            "",
            Handling.FLAG.label,
        ],
    ]


def test_values_of_columns_that_are_not_kept_are_withheld() -> None:
    fault = ImportFault(
        "date_in_future", Handling.FLAG, "List 6", 6, 3, "C", "dob", "2099-01-01", is_personal=True
    )
    assert rows_of(fault_csv([fault]))[1][6] == "withheld"


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_cell_begins_as_a_formula(sent: str, tab: str) -> None:
    fault = ImportFault("code_unknown", Handling.FLAG, tab, sent=sent)
    for cells in rows_of(fault_csv([fault])):
        assert not [cell for cell in cells if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t"))]


def test_what_to_ask_for_is_one_line_for_each_thing_to_mend() -> None:
    faults = [
        ImportFault("date_in_words", Handling.FLAG, "List 6", 6, 3),
        ImportFault("date_not_understood", Handling.FLAG, "List 7", 7, 3),
        ImportFault("code_variant", Handling.NORMALISE, "List 7", 7, 3),
    ]
    (ask,) = asks_of(group_faults(faults))
    assert (ask.words, ask.lists, ask.n_faults) == (
        "Give a date, or leave the cell empty.",
        (6, 7),
        2,
    )
