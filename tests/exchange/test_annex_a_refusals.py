"""What cannot be taken as a caseload is refused in a sentence that says what, where and what to do."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.errors import Invalid
from qa_app.exchange.annex_a.reader import read_caseload
from qa_app.exchange.annex_a.spec import list_specs
from qa_app.exchange.uploads import FileKind, UploadedFile, check_file, kind_of, sha256_of

DATA = Path(__file__).parent.parent / "data" / "annexa"
AS_AT = date(2026, 10, 30)
HEADINGS = {number: [column.heading for column in spec.columns] for number, spec in list_specs().items()}
CASE = ["101", "a) Male", "a) WBRI", date(2015, 1, 1), 11, "b) No", date(2026, 1, 5), "N1 - Abuse or neglect"]
LIST_6_ROW = [*CASE, date(2026, 10, 1), None, None, "c) Child in need plan", "Team One", "A Worker"]


def workbook(tabs: dict[str, Sequence[Sequence[object]]], hidden: Sequence[str] = ()) -> UploadedFile:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in tabs.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        if name in hidden:
            sheet.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return UploadedFile("lists.xlsx", out.getvalue())


def refusal(*files: UploadedFile) -> str:
    with pytest.raises(Invalid) as refused:
        read_caseload(files, AS_AT)
    assert refused.value.field == "file"
    return refused.value.message


def list_6(*, without: str = "", also: Sequence[str] = ()) -> list[list[object]]:
    kept = [index for index, heading in enumerate(HEADINGS[6]) if heading != without]
    return [[*(HEADINGS[6][index] for index in kept), *also], [LIST_6_ROW[index] for index in kept]]


def test_a_list_made_here_is_read() -> None:
    extract = read_caseload([workbook({"List 6": list_6()})], AS_AT)
    assert [case.child_ref for case in extract.cases] == ["101"]
    assert extract.counts.current_children_list6 == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("plan.pdf", b"%PDF-1.7 lists", "a PDF"),
        ("lists.xlsx", b"\x89PNG\r\n\x1a\n....", "a picture"),
        ("lists.xls", b"<html><body><table><tr><td>1</td></tr></table>", "a web page"),
        ("lists.xlsx", b"Child Unique ID,Gender\n1,a) Male\n", "plain text or CSV"),
        ("lists.csv", b"", "empty"),
        ("lists.csv", b" \r\n\n", "empty"),
        ("lists.bin", bytes(range(256)) * 20, "of a kind that we do not know"),
        ("lists.xlsx", b"PK\x03\x04 and then nothing", "of a kind that we do not know"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_named(name: str, content: bytes, words: str) -> None:
    message = refusal(UploadedFile(name, content))
    assert words in message
    assert name in message


def test_no_file_is_asked_for() -> None:
    assert "Choose the workbook" in refusal()


def test_a_password_is_told_and_what_to_do() -> None:
    ole = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 600
        + "EncryptedPackage".encode("utf-16-le")
        + b"\0" * 600
    )
    message = refusal(UploadedFile("lists.xlsx", ole))
    assert "password" in message
    assert "save a copy without a password" in message


def test_a_damaged_workbook_is_told() -> None:
    whole = (DATA / "small_clean.xlsx").read_bytes()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as good, zipfile.ZipFile(out, "w") as bad:
        for part in good.namelist():
            words = good.read(part)
            bad.writestr(part, words[: len(words) // 2] if part.endswith("sheet6.xml") else words)
    assert "damaged" in refusal(UploadedFile("lists.xlsx", out.getvalue()))
    assert "lists.xlsx" in refusal(UploadedFile("lists.xlsx", whole[: len(whole) // 2]))


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"<workbook/>")
        with packed.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(70):
                part.write(b"0" * 10_000_000)
    message = refusal(UploadedFile("lists.xlsx", out.getvalue()))
    assert "would unpack to" in message


def test_cells_far_out_are_refused_before_they_fill_the_machine() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "List 6"
    for row in list_6():
        book.worksheets[0].append(row)
    book.worksheets[0]["XFD1048576"] = "x"
    out = io.BytesIO()
    book.save(out)
    assert "further out than any list" in refusal(UploadedFile("lists.xlsx", out.getvalue()))


def test_repeated_cells_of_an_opendocument_file_are_refused_before_they_are_spread() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr(
            "content.xml",
            '<table:table table:name="List 6"><table:table-row table:number-rows-repeated="1000000">'
            '<table:table-cell table:number-columns-repeated="16000" office:value-type="float"/>'
            "</table:table-row></table:table>",
        )
    assert "further out than any list" in refusal(UploadedFile("lists.ods", out.getvalue()))


def test_a_workbook_without_lists_says_what_was_looked_for() -> None:
    message = refusal(workbook({"Budget": [["Cost centre", "Amount"], ["A1", 5]]}))
    assert "No child-level list was found in 'Budget'" in message


def test_list_6_missing_says_which_lists_are_there() -> None:
    message = refusal(workbook({"List 1": [HEADINGS[1]], "List 9": [HEADINGS[9]]}))
    assert "List 6 (Children in Need) is missing" in message
    assert "List 1 (tab 'List 1'), List 9 (tab 'List 9')" in message


def test_a_needed_column_missing_names_tab_row_heading_and_the_nearest() -> None:
    rows = [["OFFICIAL"], *list_6(without="Case status", also=["Status of the case"])]
    message = refusal(workbook({"List 6": rows}))
    assert "Tab 'List 6', row 2" in message
    assert "'Case status'" in message
    assert "nearest heading there is" in message


def test_list_6_in_a_hidden_tab_only_is_not_taken() -> None:
    message = refusal(workbook({"List 1": [HEADINGS[1]], "List 6": list_6()}, hidden=["List 6"]))
    assert "hidden tab" in message


def test_two_tabs_of_one_list_are_not_guessed_between() -> None:
    message = refusal(workbook({"List 6": list_6(), "List 6 (2)": list_6()}))
    assert "'List 6' and 'List 6 (2)' both look like List 6" in message


def test_list_6_without_headings_or_children_is_told() -> None:
    assert "no row holds the headings of List 6" in refusal(workbook({"List 6": [LIST_6_ROW] * 3}))
    assert "no row with a usable Child Unique ID" in refusal(workbook({"List 6": [HEADINGS[6]]}))


def test_the_send_annex_a_is_recognised() -> None:
    headings = ["Unique ID", "UPN", "ULN", "Gender", "Date of Birth", "EHC plan start date"]
    message = refusal(workbook({"List_1": [headings, ["1", "A1"]], "List_2": [headings]}))
    assert "SEND" in message


def test_a_list_of_events_without_references_is_left_out_and_told() -> None:
    extract = read_caseload([workbook({"List 6": list_6(), "List 1": [HEADINGS[1][1:]]})], AS_AT)
    assert 1 not in extract.lists
    assert [fault.kind for fault in extract.faults if fault.list_number == 1] == ["list_without_id"]


def test_a_tab_is_known_by_its_headings_where_its_name_does_not_tell() -> None:
    extract = read_caseload([workbook({"CIN today": list_6(), "Notes": [["remember"]]})], AS_AT)
    assert extract.lists[6].tab == "CIN today"
    assert [(fault.tab, fault.kind) for fault in extract.faults] == [("Notes", "tab_extra")]


def test_list_1_is_not_list_10_or_11() -> None:
    tabs = {"List 10": [HEADINGS[10]], "List 11": [HEADINGS[11]], "List 1": [HEADINGS[1]], "List 6": list_6()}
    extract = read_caseload([workbook(tabs)], AS_AT)
    assert {number: reading.tab for number, reading in extract.lists.items()} == {
        1: "List 1",
        6: "List 6",
        10: "List 10",
        11: "List 11",
    }


@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.xlsx", "a.xls", "a.ods", "a.txt", "a"]))
def test_any_bytes_are_read_or_refused_in_words(content: bytes, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_caseload([UploadedFile(name, content)], AS_AT)
    assert refused.value.message.endswith(".")


@given(
    st.permutations(
        ["List 6 - Children in Need.csv", "List 7 - Child protection.csv", "List 1 - Contacts.csv"]
    )
)
def test_what_was_sent_has_one_hash_in_any_order(names: list[str]) -> None:
    files = [UploadedFile(name, (DATA / "small_clean_csv" / name).read_bytes()) for name in names]
    assert sha256_of(files) == sha256_of(sorted(files, key=lambda file: file.name))
    assert sha256_of(files[:1]) == sha256_of([UploadedFile("other.csv", files[0].content)])
    assert sha256_of(files[:2]) != sha256_of(files)


def test_kinds_are_told_from_content_not_from_names() -> None:
    assert kind_of((DATA / "small_clean.xlsx").read_bytes()) is FileKind.XLSX
    assert kind_of("Zoë,1\n".encode("utf-16")) is FileKind.CSV
    assert (
        check_file(UploadedFile("C:\\lists\\a.xlsx", (DATA / "small_clean.xlsx").read_bytes()))
        is FileKind.XLSX
    )
    assert UploadedFile("C:\\lists\\a.xlsx", b"").name == "a.xlsx"
