"""Files made to hurt: each is refused with a sentence, quickly, without filling the machine, or read as harmless."""

import io
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_app.domain.errors import Invalid
from qa_app.domain.house_words import HouseWords
from qa_app.exchange.annex_a.reader import read_caseload
from qa_app.exchange.plans.reader import read_plan
from qa_app.exchange.uploads import (
    LONGEST_NAME,
    MEGABYTE,
    FileKind,
    UploadedFile,
    check_file,
    clean_name,
    kind_of,
)

SHEET = b"xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MOST_SECONDS, MOST_BYTES = 10.0, 150 * MEGABYTE


def workbook(sheet: bytes = b"<sheetData/>", before: bytes = b"", **more: bytes) -> bytes:
    """A workbook with one tab, put together by hand; `before` stands between declaration and root of the tab."""
    head = b'<?xml version="1.0" encoding="UTF-8"?>'
    types = (
        f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
    )
    relation = (
        '<Relationships xmlns="{0}/relationships">'
        '<Relationship Id="rId1" Type="{1}/{2}" Target="{3}"/></Relationships>'
    )
    parts = {
        "[Content_Types].xml": head + types.encode(),
        "_rels/.rels": head + relation.format(PACKAGE, OFFICE, "officeDocument", "xl/workbook.xml").encode(),
        "xl/workbook.xml": head
        + f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        f'<sheet name="List 1" sheetId="1" r:id="rId1"/></sheets></workbook>'.encode(),
        "xl/_rels/workbook.xml.rels": head
        + relation.format(PACKAGE, OFFICE, "worksheet", "worksheets/sheet1.xml").encode(),
        SHEET.decode(): head + before + f'<worksheet xmlns="{MAIN}">'.encode() + sheet + b"</worksheet>",
        **{name.replace("__", "/"): content for name, content in more.items()},
    }
    return packed(parts)


def packed(parts: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", how) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def zeros(megabytes: int) -> bytes:
    """So much of nothing in a small file."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open(SHEET.decode(), "w", force_zip64=True) as part:
            for _ in range(megabytes):
                part.write(b" " * MEGABYTE)
    return made.getvalue()


def lying_bomb() -> bytes:
    """A part that is a hundred megabytes and says that it is five thousand bytes."""
    row = b'<row r="1"><c r="A1" t="inlineStr"><is><t>' + b"x" * 100_000 + b"</t></is></c></row>"
    sheet = b"<sheetData>" + row * 1000 + b"</sheetData>"
    made = workbook(sheet)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        real = struct.pack("<L", archive.getinfo(SHEET.decode()).file_size)
    return made.replace(real, struct.pack("<L", 5000))


LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>'
)
LAUGHING = b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&d;</t></is></c></row></sheetData>'
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
READS_IT = b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&a;</t></is></c></row></sheetData>'
PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)


def nested(levels: int) -> bytes:
    content = b"a,b\n1,2\n" * 1000
    for _ in range(levels):
        content = packed({"inner.zip": content})
    return content


def doubled() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("xl/workbook.xml", "<workbook>another</workbook>")
    return made.getvalue()


REFUSED: dict[str, Callable[[], tuple[str, bytes]]] = {
    "nothing at all": lambda: ("list.xlsx", b""),
    "nothing but noughts": lambda: ("list.csv", bytes(5000)),
    "a bomb": lambda: ("list.xlsx", zeros(700)),
    "a smaller bomb": lambda: ("list.xlsx", zeros(120)),
    "a bomb that lies about its size": lambda: ("list.xlsx", lying_bomb()),
    "zips within zips": lambda: ("list.zip", nested(6)),
    "a zip called a workbook": lambda: ("list.xlsx", nested(1)),
    "laughter": lambda: ("list.xlsx", workbook(LAUGHING, LAUGHS)),
    "laughter behind a long remark": lambda: (
        "list.xlsx",
        workbook(LAUGHING, b"<!--" + b"a" * 70_000 + b"-->" + LAUGHS),
    ),
    "laughter in another alphabet": lambda: (
        "list.xlsx",
        workbook(xl__sharedStrings_xml=b"", **{"xl__x.xml": LAUGHS.decode().encode("utf-16")}),
    ),
    "a file of the machine asked for": lambda: ("list.xlsx", workbook(READS_IT, OUTSIDE)),
    "a part that leads out": lambda: ("list.xlsx", workbook(**{"..__..__evil.xml": b"<x/>"})),
    "a part with a whole path": lambda: ("list.xlsx", packed({"/xl/workbook.xml": b"<x/>", "xl/a": b""})),
    "a part that is there twice": lambda: ("list.xlsx", doubled()),
    "too many parts": lambda: ("list.xlsx", packed({f"xl/{n}.xml": b"" for n in range(5002)})),
    "a picture called a workbook": lambda: ("list.xlsx", PNG),
    "a picture called a list": lambda: ("list.csv", PNG),
    "a program": lambda: ("list.xlsx", b"MZ" + bytes(range(256)) * 8),
    "a web page": lambda: ("list.csv", b"<!doctype html><script>alert(1)</script>"),
    "a web page called a workbook": lambda: ("list.xls", b"<html><table><tr><td>1</td></tr></table></html>"),
    "a picture that is drawn by code": lambda: (
        "list.csv",
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    ),
    "a PDF": lambda: ("list.xlsx", b"%PDF-1.7\n" + bytes(100)),
    "a PDF with a workbook behind it": lambda: ("list.xlsx", b"%PDF-1.7\n" + workbook()),
    "a picture with a workbook behind it": lambda: ("list.xlsx", b"GIF89a" + workbook()),
    "half a workbook": lambda: ("list.xlsx", workbook()[: len(workbook()) // 2]),
    "a workbook with its middle gone": lambda: ("list.xlsx", workbook()[:200] + workbook()[300:]),
    "an old workbook that is none": lambda: ("list.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    "a Word document": lambda: ("list.docx", packed({"word/document.xml": b"<x/>"})),
}


def try_to_read(name: str, content: bytes) -> Invalid | None:
    """Both readers of spreadsheets. What they refuse they must refuse in words."""
    refusals = []
    for read in (
        lambda file: read_caseload([file], date(2026, 10, 30), HouseWords()),
        lambda file: read_plan(file, as_at=date(2026, 10, 30)),
    ):
        try:
            read(UploadedFile(name, content))
        except Invalid as refused:
            refusals.append(refused)
    return refusals[0] if len(refusals) == 2 else None


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_made_to_hurt_is_refused_in_words(what: str) -> None:
    name, content = REFUSED[what]()
    tracemalloc.start()
    began = time.monotonic()
    try:
        refused = try_to_read(name, content)
    finally:
        took, (_, most) = time.monotonic() - began, tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert refused is not None, "it was read as if it were harmless"
    assert "list." in refused.message or "inner" in refused.message, refused.message
    assert len(refused.message) > 30
    assert took < MOST_SECONDS
    assert most < MOST_BYTES


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\list.xlsx", "list.xlsx"),
        ("..", "file"),
        ("", "file"),
        (".", "file"),
        ("a\x00b\r\nSet-Cookie: x.csv", "abSet-Cookie: x.csv"),
        ("list\u202excod.xlsx", "listxcod.xlsx"),
        ("\ufeffli\u200bst.csv", "list.csv"),
        ("a/", "file"),
    ],
)
def test_names_are_made_fit_to_be_shown(sent: str, shown: str) -> None:
    assert UploadedFile(sent, b"").name == shown


def test_a_very_long_name_keeps_its_ending() -> None:
    name = clean_name("a" * 4000 + ".xlsx")
    assert len(name) <= LONGEST_NAME
    assert name.endswith(".xlsx")


@given(st.text(max_size=200))
def test_any_name_can_be_shown(name: str) -> None:
    shown = clean_name(name)
    assert shown
    assert len(shown) <= LONGEST_NAME
    assert not set(shown) & set("/\\\x00\r\n\t\u202e")
    assert clean_name(shown) == shown


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=600),
    st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF", b"<?xml"]),
)
def test_any_bytes_are_of_some_kind(content: bytes, head: bytes) -> None:
    assert kind_of(head + content) in set(FileKind)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_workbook_with_a_few_bytes_changed_is_read_or_refused_in_words(data: st.DataObject) -> None:
    content = bytearray(workbook())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try_to_read("list.xlsx", bytes(content))


def test_the_workbook_without_harm_is_accepted() -> None:
    assert check_file(UploadedFile("list.xlsx", workbook())) is FileKind.XLSX
    old = packed(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": b'<?xml version="1.0"?><!DOCTYPE manifest:manifest PUBLIC "x" "y"><x/>',
            "content.xml": b"<x/>",
        },
        zipfile.ZIP_STORED,
    )
    assert check_file(UploadedFile("list.ods", old)) is FileKind.ODS
