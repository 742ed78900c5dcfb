"""The same lists in any legitimate shape give the same records; broken ones a sentence, never a traceback."""

import csv
import io
import random
import zipfile
from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from qa_app.domain.caseload import CaseloadCase, CaseloadExtract
from qa_app.exchange.annex_a.reader import read_caseload
from qa_app.exchange.annex_a.spec import list_specs
from qa_app.exchange.uploads import UploadedFile
from tests.exchange.mangled_lists import (
    AS_AT,
    Mangler,
    as_csv_files,
    as_opendocument,
    as_workbook,
    clean_records,
)

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


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 2**32))
def test_any_shape_of_opendocument_gives_the_same_records(seed: int) -> None:
    tabs = Mangler(random.Random(seed), is_text=False).tabs(clean_records())
    check(read_caseload([as_opendocument(tabs)], AS_AT))


def test_a_workbook_saved_as_strict_open_xml_gives_the_same_records() -> None:
    whole = as_workbook(Mangler(random.Random(5), is_text=False).tabs(clean_records())).content
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name).replace(
                b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                b"http://purl.oclc.org/ooxml/spreadsheetml/main",
            )
            new.writestr(
                name,
                part.replace(
                    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                    b"http://purl.oclc.org/ooxml/officeDocument/relationships",
                ),
            )
    check(read_caseload([UploadedFile("lists.xlsx", out.getvalue())], AS_AT))


def test_short_headings_in_files_that_do_not_say_their_number() -> None:
    files = []
    for number, name in {3: "referrals", 6: "cin", 7: "cp", 8: "cla", 9: "care_leavers"}.items():
        rows = clean_records()[number]
        columns = [one for one in list_specs()[number].columns if one.field in rows[0]]
        out = io.StringIO(newline="")
        writer = csv.writer(out)
        writer.writerow(
            [next((one for one in column.also if " " not in one), column.heading) for column in columns]
        )
        for row in rows:
            writer.writerow([as_iso(row[column.field]) for column in columns])
        files.append(UploadedFile(f"{name}.csv", out.getvalue().encode()))
    check(read_caseload(files, AS_AT))


def as_iso(cell: object) -> str:
    if isinstance(cell, float):
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def test_a_tab_of_notes_beside_its_list_is_passed_over() -> None:
    tabs = Mangler(random.Random(5), is_text=False).tabs(clean_records())
    tabs += [("List 6 notes", [["What we did to the list"]]), ("List 7 (2)", [])]
    check(read_caseload([as_workbook(tabs)], AS_AT))


def test_a_lone_count_below_the_references_is_a_total() -> None:
    rows = clean_records()[6]
    columns = [one for one in list_specs()[6].columns if one.field in rows[0]]
    body = [[row[one.field] for one in columns] for row in rows]
    count = [len(rows), *[""] * (len(columns) - 1)]
    extract = read_caseload(
        [as_workbook([("List 6", [[one.heading for one in columns], *body, count])])], AS_AT
    )
    assert extract.lists[6].usable == len(rows)
    assert "row_total" in {fault.kind for fault in extract.faults}
