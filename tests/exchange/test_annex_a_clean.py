"""The clean lists give the figures that were counted when they were made, whatever layout they come in."""

import csv
import io
import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from qa_app.domain.caseload import CaseloadExtract, PlanType, cases_by_plan_type
from qa_app.exchange.annex_a.reader import read_caseload
from qa_app.exchange.annex_a.tabs import read_tabs
from qa_app.exchange.uploads import UploadedFile

DATA = Path(__file__).parent.parent / "data" / "annexa"
AS_AT = date(2026, 10, 30)
INPUTS = {
    "borough_clean.xlsx": "borough_clean.xlsx",
    "borough_clean_2019.xlsx": "borough_clean_2019.xlsx",
    "small_clean.xlsx": "small_clean.xlsx",
    "small_clean_csv": "small_clean.xlsx",
}


def files_of(name: str) -> list[UploadedFile]:
    path = DATA / name
    paths = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    return [UploadedFile(one.name, one.read_bytes()) for one in paths]


def truth_of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / f"{INPUTS[name]}.truth.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def extracts() -> dict[str, CaseloadExtract]:
    return {name: read_caseload(files_of(name), AS_AT) for name in INPUTS}


@pytest.mark.parametrize("name", INPUTS)
def test_counts_are_the_truth_of_the_file(name: str, extracts: dict[str, CaseloadExtract]) -> None:
    truth = truth_of(name)
    counts = extracts[name].counts.as_reply()
    assert counts == {key: truth[key] for key in counts}
    assert len(counts) == 13


@pytest.mark.parametrize("name", INPUTS)
def test_clean_lists_have_no_faults(name: str, extracts: dict[str, CaseloadExtract]) -> None:
    assert extracts[name].faults == ()


@pytest.mark.parametrize("name", INPUTS)
def test_plan_types_follow_case_status_and_care_leavers(
    name: str, extracts: dict[str, CaseloadExtract]
) -> None:
    truth = truth_of(name)
    statuses = truth["list6_by_case_status"]
    n_leavers = truth["rows_by_list"]["9"] - truth["on_both_list6_current_and_list9"]
    assert cases_by_plan_type(extracts[name].cases) == {
        PlanType.LOOKED_AFTER: statuses["a) Looked after child"],
        PlanType.CHILD_PROTECTION: statuses["b) Child Protection plan"],
        PlanType.CHILD_IN_NEED: statuses["c) Child in need plan"],
        PlanType.OPEN_ASSESSMENT: statuses["d) Open assessment"],
        PlanType.CARE_LEAVER: n_leavers,
    }


def test_a_csv_set_says_what_its_workbook_says(extracts: dict[str, CaseloadExtract]) -> None:
    assert extracts["small_clean_csv"].cases == extracts["small_clean.xlsx"].cases


def test_references_keep_their_zeros(extracts: dict[str, CaseloadExtract]) -> None:
    assert all(case.child_ref.startswith("00") for case in extracts["small_clean.xlsx"].cases)


def test_what_is_not_kept_is_in_no_case(extracts: dict[str, CaseloadExtract]) -> None:
    kept = {name for case in extracts["borough_clean.xlsx"].cases for name in case.facts}
    assert not kept & {
        "dob",
        "placement_postcode",
        "placement_urn",
        "health_assessment",
        "dental_check",
        "child_id",
    }
    assert {
        "legal_status",
        "cp_latest_category",
        "placement_type",
        "permanence_plan",
        "cl_eligibility",
    } <= kept


def test_a_child_on_several_lists_is_one_case(extracts: dict[str, CaseloadExtract]) -> None:
    cases = extracts["borough_clean.xlsx"].cases
    assert max(Counter(case.child_ref for case in cases).values()) == 1
    both = [
        case for case in cases if {6, 7, 8} <= set(case.lists) and case.plan_type is PlanType.LOOKED_AFTER
    ]
    assert len(both) >= truth_of("borough_clean.xlsx")["cla_also_on_cp_plan"]
    assert all(case.started_on == date.fromisoformat(case.facts["cla_start"]) for case in both)


def test_teams_and_workers_are_named_with_the_cases(extracts: dict[str, CaseloadExtract]) -> None:
    extract = extracts["borough_clean.xlsx"]
    assert len(extract.teams) == extract.counts.teams
    assert len(extract.workers) == extract.counts.workers
    assert {case.team for case in extract.cases if case.team} <= set(extract.teams)
    assert {team for _, team in extract.workers} <= {*extract.teams, None}


def test_the_reply_is_plain_json_without_children(extracts: dict[str, CaseloadExtract]) -> None:
    reply = json.loads(json.dumps(extracts["small_clean.xlsx"].as_reply()))
    assert reply["as_at"] == "2026-10-30"
    assert reply["lists"]["6"] == {
        "tab": "List 6",
        "rows_read": 254,
        "usable": 254,
        "rejected": 0,
        "ignored": 0,
    }
    assert set(reply) == {"as_at", "lists", "counts"}


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8-sig", ","), ("utf-16", ","), ("utf-16-le", "\t"), ("cp1252", ";"), ("utf-8", "|")],
)
def test_csv_files_are_read_in_the_encodings_that_systems_write(encoding: str, delimiter: str) -> None:
    (file,) = [file for file in files_of("small_clean_csv") if file.name.startswith("List 8 ")]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    (tab,) = read_tabs([UploadedFile(file.name, out.getvalue().encode(encoding))])
    (straight,) = read_tabs([file])
    assert tab.rows == straight.rows
