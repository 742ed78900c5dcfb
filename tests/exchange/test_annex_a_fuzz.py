"""Broken workbooks: a reading or a sentence, never a traceback, in bounded time and memory."""

import io
import random
import time
import tracemalloc
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_app.domain.errors import Invalid
from qa_app.exchange.annex_a.reader import read_caseload
from qa_app.exchange.caseload_packed import pack_extract, unpack_extract
from qa_app.exchange.fault_list import fault_csv
from qa_app.exchange.uploads import UploadedFile
from tests.exchange.mangled_lists import (
    AS_AT,
    Mangler,
    as_csv_files,
    as_opendocument,
    as_workbook,
    clean_records,
)
from tests.xls_file import xls_of

LONGEST_SECONDS = 20
MOST_MEGABYTES = 300


def small_tabs() -> list[tuple[str, list[list[object]]]]:
    records = {number: rows[:4] for number, rows in clean_records().items()}
    return Mangler(random.Random(1), is_text=False).tabs(records)


XLSX = as_workbook(small_tabs()).content
ODS = as_opendocument(small_tabs()).content
XLS = xls_of(
    {
        name.strip(): [[cell if isinstance(cell, float | int) else str(cell) for cell in row] for row in rows]
        for name, rows in small_tabs()
        if rows
    }
)
CSV = as_csv_files(
    [("List 6", Mangler(random.Random(2), is_text=True).tab(6, clean_records()[6]))], random.Random(3)
)[0].content
WHOLE = {"lists.xlsx": XLSX, "lists.ods": ODS, "lists.xls": XLS, "List 6.csv": CSV}
JUNK = (
    b"",
    b"\x00",
    b"<",
    b">",
    b'"',
    b"&",
    b"&lol;",
    b"9999999999",
    b"-1",
    b"1e308",
    b"NaN",
    b"XFD1048576",
    b"\xff\xfe",
    b"/>",
)


def outcome(file: UploadedFile) -> None:
    """Read a file: either everything that follows works too, or there is a sentence."""
    began = time.monotonic()
    sentence = ""
    try:
        extract = read_caseload([file], AS_AT)
    except Invalid as refused:
        sentence = refused.message
    if sentence:
        assert len(sentence) > 20
        assert sentence.endswith(".")
    else:
        assert unpack_extract(pack_extract(extract)).counts == extract.counts
        assert fault_csv(extract.faults)
    assert time.monotonic() - began < LONGEST_SECONDS


def bytes_broken(content: bytes, chance: random.Random) -> bytes:
    """A file with bytes changed, cut out, doubled, or cut off."""
    broken = bytearray(content)
    for _ in range(chance.randrange(1, 30)):
        at = chance.randrange(len(broken))
        way = chance.randrange(5)
        if way == 0:
            broken[at] = chance.randrange(256)
        elif way == 1:
            del broken[at : at + chance.randrange(1, 200)]
        elif way == 2:
            broken[at:at] = chance.choice(JUNK)
        elif way == 3:
            broken[at:at] = broken[at : at + chance.randrange(1, 200)]
        elif chance.random() < 0.1:
            del broken[at:]
        if not broken:
            return b"\x00"
    return bytes(broken)


def parts_broken(content: bytes, chance: random.Random) -> bytes:
    """A packed file whose parts are broken and packed again, so that the reader gets to see them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        hurt = set(chance.sample(old.namelist(), min(3, len(old.namelist()))))
        for name in old.namelist():
            part = old.read(name)
            if name in hurt and chance.random() < 0.1:
                continue
            new.writestr(name, bytes_broken(part, chance) if name in hurt and part else part)
    return out.getvalue()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.integers(0, 2**32))
def test_broken_bytes_are_read_or_refused_in_words(name: str, seed: int) -> None:
    outcome(UploadedFile(name, bytes_broken(WHOLE[name], random.Random(seed))))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["lists.xlsx", "lists.ods"]), st.integers(0, 2**32))
def test_broken_parts_are_read_or_refused_in_words(name: str, seed: int) -> None:
    outcome(UploadedFile(name, parts_broken(WHOLE[name], random.Random(seed))))


def repacked(change: Callable[[str, bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(XLSX)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return out.getvalue()


def with_cells(cells: bytes) -> bytes:
    """The workbook with other cells in every tab."""
    return repacked(
        lambda name, part: (
            part.replace(b"<sheetData>", b"<sheetData>" + cells, 1) if "worksheets/sheet" in name else part
        )
    )


HURTFUL = {
    "a cell in the last corner": with_cells(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    "a cell far to the right": with_cells(b'<row r="99999"><c r="XFD99999"><v>1</v></c></row>'),
    "the same in single quotes": with_cells(b"<row r='99999'><c r='XFD99999'><v>1</v></c></row>"),
    "a row number that is none": with_cells(b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>'),
    "an entity that grows": repacked(
        lambda name, part: (
            part.replace(
                b"<worksheet", b'<!DOCTYPE w [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]><worksheet', 1
            ).replace(b"<v>", b"<v>&b;")
            if "worksheets/sheet" in name
            else part
        )
    ),
    "shared words that are not there": repacked(
        lambda name, part: b"<sst></sst>" if name.endswith("sharedStrings.xml") else part
    ),
    "a hundred megabytes of nothing": bytes(50 * 1024 * 1024),
    "a hundred thousand columns": ("Child Unique ID," * 100_000 + "\n1,2").encode(),
    "one endless quotation": b'Child Unique ID,Case status,Allocated Team,Allocated Worker\n"'
    + b"x" * 3_000_000,
}


@pytest.mark.parametrize("what", sorted(HURTFUL))
def test_files_made_to_hurt_take_little_time_and_memory(what: str) -> None:
    tracemalloc.start()
    try:
        for name in ("List 6.csv", "lists.xlsx"):
            outcome(UploadedFile(name, HURTFUL[what]))
        assert tracemalloc.get_traced_memory()[1] < MOST_MEGABYTES * 1024 * 1024
    finally:
        tracemalloc.stop()
