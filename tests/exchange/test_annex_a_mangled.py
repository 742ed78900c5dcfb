"""The same lists in any legitimate shape give the same records; broken ones a sentence, never a traceback."""

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from qa_app.domain.caseload import CaseloadCase, CaseloadExtract
from qa_app.exchange.annex_a.reader import read_caseload
from tests.exchange.mangled_lists import AS_AT, Mangler, as_csv_files, as_workbook, clean_records

# What any legitimate shape may be told about, and nothing else.
HARMLESS = {
    "age_as_text",
    "code_variant",
    "column_missing",
    "column_personal",
    "count_as_text",
    "date_as_number",
    "date_as_number_in_text",
    "date_as_text",
    "date_with_time",
    "extra_column",
    "heading_variant",
    "id_format",
    "row_above_headings",
    "row_blank",
    "row_blank_on_top",
    "row_stamp",
    "row_total",
    "row_note",
    "tab_empty",
    "tab_extra",
    "team_variant",
    "text_kept_as_sent",
    "text_with_odd_spaces",
    "worker_variant",
    "count_not_whole",
}


def plain_cases(extract: CaseloadExtract) -> tuple[CaseloadCase, ...]:
    return tuple(replace(case, as_sent={}) for case in extract.cases)


def plain_extract() -> CaseloadExtract:
    tabs = []
    for number, rows in clean_records().items():
        from qa_app.exchange.annex_a.spec import list_specs

        columns = [one for one in list_specs()[number].columns if one.field in rows[0]]
        body = [[row[one.field] for one in columns] for row in rows]
        tabs.append((f"List {number}", [[one.heading for one in columns], *body]))
    return read_caseload([as_workbook(tabs)], AS_AT)


PLAIN = plain_extract()


def check(extract: CaseloadExtract) -> None:
    assert plain_cases(extract) == plain_cases(PLAIN)
    assert extract.counts == PLAIN.counts
    expected = {fault.kind for fault in PLAIN.faults}
    odd = [fault for fault in extract.faults if fault.kind not in HARMLESS | expected]
    assert not odd


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_any_shape_of_workbook_gives_the_same_records(seed: int) -> None:
    check(
        read_caseload([as_workbook(Mangler(random.Random(seed), is_text=False).tabs(clean_records()))], AS_AT)
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_any_shape_of_csv_gives_the_same_records(seed: int) -> None:
    chance = random.Random(seed)
    check(read_caseload(as_csv_files(Mangler(chance, is_text=True).tabs(clean_records()), chance), AS_AT))
