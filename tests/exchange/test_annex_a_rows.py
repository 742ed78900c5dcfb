"""Whole rows: names brought together, lists checked against each other, odd shapes of files."""

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import date
from xml.sax.saxutils import escape

from hypothesis import given, settings
from hypothesis import strategies as st

from qa_app.domain.caseload import CaseloadExtract, PlanType
from qa_app.domain.errors import Invalid
from qa_app.exchange.annex_a.reader import read_caseload
from qa_app.exchange.annex_a.spec import list_specs
from qa_app.exchange.uploads import UploadedFile

AS_AT = date(2026, 10, 30)


def csv_file(number: int, rows: Sequence[dict[str, str] | Sequence[str]]) -> UploadedFile:
    columns = list_specs()[number].columns
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column.heading for column in columns])
    for row in rows:
        writer.writerow([row.get(one.field, "") for one in columns] if isinstance(row, dict) else row)
    return UploadedFile(f"List {number}.csv", out.getvalue().encode("utf-8-sig"))


def case(child: str, status: str = "c) Child in need plan", **other: str) -> dict[str, str]:
    row = {
        "child_id": child,
        "gender": "a) Male",
        "ethnicity": "a) WBRI",
        "dob": "01/02/2015",
        "age": "11",
        "disability": "b) No",
        "cin_start": "05/01/2026",
        "need_code": "N1 - Abuse or neglect",
        "case_status": status,
        "team": "Family Team",
        "worker": "Worker One",
    }
    return row | other


def plan(child: str, **other: str) -> dict[str, str]:
    row = case(child)
    row |= {"cp_start": "06/01/2026", "cp_initial_category": "a) Neglect", "cp_latest_category": "a) Neglect"}
    return row | {"epo_or_police_6m": "b) No", "cp_previous_plans": "0"} | other


def read(*files: UploadedFile) -> CaseloadExtract:
    return read_caseload(files, AS_AT)


def kinds(extract: CaseloadExtract) -> list[str]:
    return [fault.kind for fault in extract.faults]


def test_one_team_in_several_spellings_is_one_team() -> None:
    spellings = ["Family Team"] * 3 + ["FAMILY TEAM", " family  team"]
    extract = read(csv_file(6, [case(str(n + 1), team=team) for n, team in enumerate(spellings)]))
    assert extract.teams == ("Family Team",)
    assert sorted(set(kinds(extract))) == ["team_variant", "text_with_odd_spaces"]
    assert {fault.understood for fault in extract.faults if fault.kind == "team_variant"} == {"Family Team"}


def test_a_slip_in_a_team_name_is_told_and_sister_teams_are_not() -> None:
    names = (
        ["Assessment Team 1"] * 8
        + ["Assessment Team 2", "Assesment Team 1", "Family Tm"]
        + ["Family Team"] * 8
    )
    extract = read(csv_file(6, [case(str(n + 1), team=team) for n, team in enumerate(names)]))
    told = {fault.sent for fault in extract.faults if fault.kind == "team_may_be_another"}
    assert told == {"Assesment Team 1", "Family Tm"}


def test_a_worker_who_is_nobody_leaves_the_case_without_one() -> None:
    extract = read(
        csv_file(6, [case("1", worker="Unallocated"), case("2", worker="LEFT - W One"), case("3")])
    )
    assert [one.worker for one in extract.cases] == [None, None, "Worker One"]
    assert kinds(extract) == ["worker_unallocated", "worker_unallocated"]


def test_a_worker_turned_round_or_with_a_note_is_told() -> None:
    workers = ["Ada Example"] * 3 + ["EXAMPLE, Ada", "Ada Example (Agency)", "Ada Other"]
    extract = read(csv_file(6, [case(str(n + 1), worker=worker) for n, worker in enumerate(workers)]))
    told = {fault.sent for fault in extract.faults if fault.kind == "worker_may_be_another"}
    assert told == {"EXAMPLE, Ada", "Ada Example (Agency)"}


def test_an_open_plan_ranks_before_the_case_status_and_an_ended_one_does_not() -> None:
    cases = csv_file(
        6, [case("1"), case("2"), case("3"), case("4", "e) Closed episode", cin_closed="01/10/2026")]
    )
    plans = csv_file(
        7,
        [
            plan("1"),
            plan("2", cp_end="01/09/2026"),
            plan("3", cp_end="01/01/2025"),
            plan("4", cp_end="01/09/2026"),
        ],
    )
    extract = read(cases, plans)
    assert [one.plan_type for one in extract.cases] == [
        PlanType.CHILD_PROTECTION,
        PlanType.CHILD_IN_NEED,
        PlanType.CHILD_IN_NEED,
        None,
    ]
    # An end before the start cannot be true, and still says that the plan ended.
    assert (extract.counts.list7_open, extract.counts.list7_ended) == (1, 3)
    assert kinds(extract) == ["date_end_before_start"]


def test_lists_that_contradict_each_other_are_told_at_the_row() -> None:
    cases = csv_file(6, [case("1", "b) Child Protection plan"), case("2", "e) Closed episode")])
    extract = read(cases, csv_file(7, [plan("2", dob="01/03/2015"), plan("3")]))
    told = {(fault.list_number, fault.row, fault.kind) for fault in extract.faults}
    assert told == {
        (6, 2, "status_not_supported"),
        (6, 3, "closed_without_date"),
        (6, 3, "closed_but_open_elsewhere"),
        (7, 2, "date_of_birth_differs"),
        (7, 3, "protection_plan_not_on_list_6"),
    }
    differs = next(fault for fault in extract.faults if fault.kind == "date_of_birth_differs")
    assert differs.sent == "2015-03-01"
    assert differs.as_withheld().sent == "withheld"


def test_a_child_on_two_rows_is_one_case_with_the_first_row() -> None:
    extract = read(csv_file(6, [case("1"), case("1"), case("1", worker="Worker Two")]))
    assert [one.worker for one in extract.cases] == ["Worker One"]
    assert [(fault.row, fault.kind, fault.field) for fault in extract.faults] == [
        (2, "row_repeated", None),
        (3, "row_repeated", None),
        (4, "row_repeated_differently", "worker"),
    ]
    assert (extract.lists[6].usable, extract.lists[6].ignored) == (1, 2)


def test_an_age_that_is_missing_is_worked_out() -> None:
    births = {"1": "31/10/2015", "2": "30/10/2015", "3": "01/01/2027", "4": ""}
    rows = [case(child, dob=born, age="") for child, born in births.items()]
    extract = read(csv_file(6, rows))
    assert [(one.age, one.is_unborn) for one in extract.cases] == [
        (10, False),
        (11, False),
        (None, True),
        (None, False),
    ]
    assert kinds(extract) == ["age_worked_out"] * 3 + ["needed_cell_blank"]


def test_an_opendocument_workbook_is_read() -> None:
    rows = list(csv.reader(io.StringIO(csv_file(6, [case("0042")]).content.decode("utf-8-sig"))))
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<office:document-content{names} office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="List_6">{cells}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("META-INF/manifest.xml", "<manifest/>")
        packed.writestr("content.xml", content)
    extract = read(UploadedFile("lists.ods", out.getvalue()))
    assert [one.child_ref for one in extract.cases] == ["0042"]


CELLS = st.text(max_size=12) | st.sampled_from(
    ["1", "Total", "N/A", "01/02/2026", "e) Closed episode", "#REF!", "-1"]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=16), max_size=6))
def test_any_rows_are_read_or_refused_and_none_is_lost(rows: list[list[str]]) -> None:
    try:
        extract = read(csv_file(6, rows), csv_file(7, rows))
    except Invalid:  # no row with a usable reference
        return
    for reading in extract.lists.values():
        assert reading.rows_read == reading.usable + reading.rejected + reading.ignored
        assert reading.rows_read <= len(rows)
    assert len({one.child_ref for one in extract.cases}) == len(extract.cases)
