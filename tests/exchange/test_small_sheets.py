"""Sheets that councils fill in: found by heading in any order, dates in any form, and files that are none at all."""

import io
import random
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa_app.domain.errors import Invalid
from qa_app.exchange.case_flags.reader import read_flags
from qa_app.exchange.case_flags.template import FlagRow, flags_workbook
from qa_app.exchange.organisation_sheet import read_organisation
from qa_app.exchange.small_sheets import day_of, text_of
from qa_app.exchange.uploads import UploadedFile
from tests.builders_flags import csv_sheet, xlsx_sheet

WORDS = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_categories=("C",)), min_size=1, max_size=12
).filter(lambda words: bool(words.strip()))


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("30/10/2026", date(2026, 10, 30)),
        ("30.10.26", date(2026, 10, 30)),
        ("2026-10-30", date(2026, 10, 30)),
        ("2026-10-30 00:00:00", date(2026, 10, 30)),
        ("30th October 2026", date(2026, 10, 30)),
        ("30 Oct 2026", date(2026, 10, 30)),
        (datetime.fromisoformat("2026-10-30 14:05"), date(2026, 10, 30)),
        (date(2026, 10, 30), date(2026, 10, 30)),
        (46325.0, date(2026, 10, 30)),
        ("46325", date(2026, 10, 30)),
        ("  ", None),
        (None, None),
    ],
)
def test_a_day_is_read_in_any_form(cell: object, day: date | None) -> None:
    assert day_of(cell) == day  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "cell", ["soon", "31/02/2026", "10/30/2026", "1", 3.5, True, "0001-01-01", date(1805, 1, 1)]
)
def test_what_is_no_day_is_refused(cell: object) -> None:
    with pytest.raises(ValueError):
        day_of(cell)  # type: ignore[arg-type]


def test_words_lose_what_cannot_be_seen() -> None:
    assert text_of("  a\u200b\x00b\n c ") == "ab c"
    assert text_of(12345.0) == "12345"
    assert text_of(None) == ""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_file_is_read_however_it_was_written(encoding: str, delimiter: str) -> None:
    rows = [["Date", "Flag", "Child ID", "Notes"], ["01/10/2026", "Complaint", "0012", "Zoë asked"]]
    text = "\r\n".join(delimiter.join(row) for row in rows) + "\r\n"
    sheet = read_flags(UploadedFile("flags.csv", text.encode(encoding)))
    (flag,) = sheet.flags
    assert (flag.child_ref, flag.kind, flag.starts_on) == ("0012", "Complaint", date(2026, 10, 1))
    assert flag.reason == "Zoë asked"


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(range(6)), st.booleans())
def test_columns_have_no_order(order: list[int], title: bool) -> None:
    columns = [
        ("Child ID", "Case number"),
        ("Flag", "Marker"),
        ("Start date", "Date"),
        ("Officer", "IRO"),
        ("Reason", "Notes"),
        ("Something else", "More"),
    ]
    cells = ["77", "IRO", date(2026, 10, 1), "Officer One", "Agreed", "x"]
    heading = [columns[place][place % 2] for place in order]
    above: list[list[object]] = [["Flags of October"], []] if title else []
    sheet = read_flags(xlsx_sheet({"Anything": [*above, heading, [cells[place] for place in order]]}))
    (flag,) = sheet.flags
    assert (flag.child_ref, flag.kind, flag.value, flag.reason) == ("77", "IRO", "Officer One", "Agreed")
    assert flag.starts_on == date(2026, 10, 1)
    assert not sheet.faults
    assert len(sheet.unused) == 1


def test_every_fault_is_told_with_its_row_and_column() -> None:
    sheet = read_flags(
        csv_sheet(
            "Child ID,Flag,Date,End date\n1,Complaint,soon,\n,Complaint,,\n3,,,\n4,Closing,2/10/2026,1/10/2026\n"
        )
    )
    assert not sheet.flags
    assert [(one.row, one.column) for one in sheet.faults] == [(2, "C"), (3, "A"), (4, "B"), (5, "D")]
    assert sheet.n_rows == 4


def test_a_list_of_one_kind_needs_no_column_for_it() -> None:
    with pytest.raises(Invalid) as refused:
        read_flags(csv_sheet("Child ID,Date\n1,1/10/2026\n"))
    assert "which flag" in refused.value.message
    assert (
        read_flags(csv_sheet("Child ID,Date\n1,1/10/2026\n"), "Complaint open").flags[0].kind
        == "Complaint open"
    )
    with pytest.raises(Invalid) as refused:
        read_flags(csv_sheet("Flag,Date\nClosing,1/10/2026\n"))
    assert "Child ID" in refused.value.message


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(WORDS, WORDS, st.dates(date(2000, 1, 1), date(2050, 1, 1))), max_size=6))
def test_the_sheet_that_is_downloaded_is_read_back(rows: list[tuple[str, str, date]]) -> None:
    written = [FlagRow(ref, "Closing", day, None, "", "", reason) for ref, reason, day in rows]
    content = flags_workbook(written, [("Closing", "Nothing more")])
    sheet = read_flags(UploadedFile("flags.xlsx", content))
    assert not sheet.faults
    assert [(one.child_ref, one.reason, one.starts_on) for one in sheet.flags] == [
        (" ".join(ref.split()), " ".join(reason.split()), day) for ref, reason, day in rows
    ]


def test_formulas_are_never_written() -> None:
    content = flags_workbook([FlagRow("=1+1", "@x", date(2026, 1, 1), None, "+a", "-b", "=HYPERLINK()")], [])
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert b"<f>" not in packed.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"%PDF-1.7",
        b"PK\x03\x04nothing",
        b"\x00" * 4096,
        b"no headings at all\n1\n2\n",
        b"\xff\xfe",
    ],
)
def test_what_is_no_sheet_is_refused_in_words(content: bytes) -> None:
    for read in (read_flags, read_organisation):
        with pytest.raises(Invalid) as refused:
            read(UploadedFile("sheet.xlsx" if content.startswith(b"PK") else "sheet.csv", content))
        assert refused.value.message.endswith((".", "csv, ods, xls, xlsx."))


def read_or_told(read: Callable[[UploadedFile], object], file: UploadedFile) -> object:
    """What was read, or the sentence that refuses it."""
    try:
        return read(file)
    except Invalid as refused:
        return refused.message


@pytest.mark.parametrize("seed", range(40))
def test_a_mangled_sheet_is_a_sentence_or_a_reading_and_never_a_traceback(seed: int) -> None:
    lots = random.Random(seed)
    content = bytearray(flags_workbook([FlagRow("1", "Closing", date(2026, 1, 1), None, "", "", "x")], []))
    for _ in range(lots.choice([1, 3, 20])):
        content[lots.randrange(len(content))] = lots.randrange(256)
    if lots.random() < 0.3:
        content = content[: lots.randrange(len(content))]
    for read in (read_flags, read_organisation):
        assert read_or_told(read, UploadedFile("sheet.xlsx", bytes(content)))


@settings(max_examples=80)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_sentence_or_a_reading(content: bytes) -> None:
    for read in (read_flags, read_organisation):
        assert read_or_told(read, UploadedFile("sheet.csv", content))
