"""Reading improvement plans from the files that councils keep them in."""

import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_app.domain.errors import Invalid
from qa_app.domain.plan_records import PlanDocument, PlanMapping, Rating
from qa_app.domain.plan_tally import RatingCounts, line_of, report_exceptions, tally_plan
from qa_app.domain.timescales import TimescaleKind
from qa_app.exchange.plans.mappings import read_mapping
from qa_app.exchange.plans.reader import read_plan
from qa_app.exchange.uploads import UploadedFile

PLAN = Path(__file__).parents[1] / "data" / "plans" / "improvement_plan_q2_2016.csv"
AS_AT = date(2016, 9, 30)
HEADINGS = "Timescale,Plan Priority,ID,Key Action,Lead,Agency Involvement,Status (RAG)"


def read(text: str, mapping: PlanMapping | None = None, encoding: str = "utf-8") -> PlanDocument:
    """Read a plan from the text of a CSV."""
    return read_plan(UploadedFile("plan.csv", text.encode(encoding)), AS_AT, mapping)


def workbook(rows: Sequence[Sequence[object]], month_cells: Sequence[str] = ()) -> UploadedFile:
    """A workbook of one tab; `month_cells` are shown as month and year only."""
    book = openpyxl.Workbook()
    tab = book.active
    assert tab is not None
    tab.title = "Plan"
    for row in rows:
        tab.append(list(row))
    for cell in month_cells:
        tab[cell].number_format = "mmm-yy"
    packed = io.BytesIO()
    book.save(packed)
    return UploadedFile("plan.xlsx", packed.getvalue())


@pytest.fixture(scope="module")
def published() -> PlanDocument:
    """The published monitoring report of 2016, as rows."""
    return read_plan(UploadedFile(PLAN.name, PLAN.read_bytes()), AS_AT)


def test_the_published_plan_gives_the_figures_counted_by_hand(published: PlanDocument) -> None:
    """Source: appendix 2 of the monitoring report May to September 2016, rows counted by hand."""
    tally = tally_plan([line_of(action) for action in published.actions], AS_AT)
    assert [one.priority for one in tally.priorities] == [str(n) for n in range(1, 11)]
    assert [one.tally.actions for one in tally.priorities] == [4, 10, 3, 9, 11, 1, 1, 19, 1, 10]
    assert [one.tally.due for one in tally.priorities] == [4, 6, 3, 6, 11, 1, 1, 19, 1, 9]
    total = tally.total
    assert (total.actions, total.due, total.not_due, total.completed_early, total.ongoing) == (
        69,
        61,
        8,
        1,
        0,
    )
    assert total.ratings == RatingCounts(green=28, amber=34, red=7)
    assert total.due_ratings == RatingCounts(green=27, amber=27, red=7)


def test_the_published_plans_exceptions_are_its_seven_red_rows(published: PlanDocument) -> None:
    report = report_exceptions([line_of(action) for action in published.actions], AS_AT)
    assert (report.red, report.due) == (7, 61)
    assert [line.ref for line in report.red_actions] == [
        "2.1.3",
        "2.1.4",
        "5.3.3",
        "5.3.5",
        "7.4.1",
        "8.5.3",
        "8.7.3",
    ]
    assert [line.ref for line in report.completed_early] == ["2.6.6"]


def test_the_published_plan_leaves_no_doubt_and_loses_no_word(published: PlanDocument) -> None:
    assert published.title == "Improvement plan Q2 2016"
    assert published.doubts == ()
    assert [action.ref for action in published.actions if action.doubts] == []
    first = published.actions[0]
    assert (first.ref, first.priority, first.strategic_lead, first.operational_lead) == (
        "1.1.1",
        "1",
        "CEX",
        None,
    )
    assert first.text.startswith("Review and refine the DCS role, job description")
    capacity = next(action for action in published.actions if action.ref == "1.2.1")
    assert [part.letter for part in capacity.parts] == list("abcdef")
    assert capacity.status_text == "Partially completed (a - e done) 83% A"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_every_encoding_that_excel_writes_is_read(encoding: str) -> None:
    text = f"{HEADINGS}\r\nOct – Dec 16,1,1.1,“Moving on” course,DCS,N/A,A\r\n"
    document = read(text, encoding=encoding)
    assert document.actions[0].text == "“Moving on” course"
    assert document.actions[0].timescale.window_ends_on == date(2016, 12, 31)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    text = f"{HEADINGS}\nSep-16,1,1.1,Do this; and that,DCS,N/A,Completed G".replace(",", delimiter)
    if delimiter == ";":
        text = text.replace("Do this; and that", '"Do this; and that"')
    assert read(text).actions[0].text == "Do this; and that"


def test_headings_again_and_lines_of_priorities_are_no_actions() -> None:
    rows = [
        HEADINGS,
        "Priority 1 - Leadership,,,,,,",
        "Sep-16,,1.1,First,DCS,N/A,G",
        HEADINGS,
        ",,,,,,",
        "Priority 2: Oversight,,,,,,",
        "Sep-16,,2.1,Second,DCS,N/A,A",
        "Source: the council,,,,,,",
    ]
    document = read("\n".join(rows))
    assert [(one.ref, one.priority, one.priority_title) for one in document.actions] == [
        ("1.1", "1", "Leadership"),
        ("2.1", "2", "Oversight"),
    ]
    assert (document.n_rows_read, document.n_rows_skipped) == (6, 4)
    assert len(document.doubts) == 1
    assert document.doubts[0].startswith("Row 8: left out")


def test_columns_are_found_by_heading_in_any_order_below_a_title() -> None:
    rows = [
        ["Improvement plan, version 17", None, None, None, None, None],
        [],
        ["Current Status", "When?", "Who?", "What?", "NOS", "Colour of paper"],
        ["On track. The panel met. A", "9.12.16", "HOS QI", "Review the tool", "1.1", "blue"],
    ]
    document = read_plan(workbook(rows), AS_AT)
    action = document.actions[0]
    assert (action.ref, action.text, action.strategic_lead) == ("1.1", "Review the tool", "HOS QI")
    assert action.timescale.window_ends_on == date(2016, 12, 9)
    assert action.declared_rating is Rating.AMBER
    assert document.columns_not_used == ("Colour of paper",)
    assert (action.sheet, action.row) == ("Plan", 4)


def test_strategic_and_operational_leads_are_kept_apart() -> None:
    document = read(
        "Ref,Action,Strategic lead,Operational lead,Timescale,RAG\n1.1,Do,DCS,HOS QI,Sep-16,Green\n"
    )
    action = document.actions[0]
    assert (action.strategic_lead, action.operational_lead, action.lead) == ("DCS", "HOS QI", "DCS; HOS QI")


def test_a_status_in_words_and_its_colour_beside_are_read_together() -> None:
    document = read("No.,Action,Date,RAG,Status\n1.1,Do,Sep-16,A,In progress\n")
    assert (document.actions[0].status_text, document.actions[0].declared_rating) == (
        "In progress A",
        Rating.AMBER,
    )


def test_numbers_that_repeat_are_made_unique_beside_the_number_as_written() -> None:
    document = read("No.,Action,Date,RAG\n5.1,One,Sep-16,A\n5.1,Two,Sep-16,G\n2.,Three,Sep-16,R\n")
    assert [(one.ref, one.ref_as_written) for one in document.actions] == [
        ("5.1", "5.1"),
        ("5.1 (2)", "5.1"),
        ("2", "2."),
    ]
    assert "more than once" in document.actions[1].doubts[0]


def test_what_a_workbook_makes_of_months_and_numbers_is_undone_and_said() -> None:
    rows = [
        ["ID", "Key Action", "Timescale", "RAG"],
        ["1.1.1", "Month", date(2016, 9, 1), "A"],
        ["1.1.2", "Day", date(2016, 9, 1), "A"],
        [date(2002, 1, 2), "Number as a date", "Sep-16", "A"],
        [2.1, "Number as a decimal", "Sep-16", "A"],
        [3, "Whole number", "Sep-16", "A"],
    ]
    document = read_plan(workbook(rows, month_cells=["C2"]), AS_AT)
    month, day, dated, decimal, whole = document.actions
    assert (month.timescale.as_written, month.timescale.window_ends_on) == ("Sep-16", date(2016, 9, 30))
    assert month.doubts == ()
    assert day.timescale.window_ends_on == date(2016, 9, 1)
    assert (dated.ref, bool(dated.doubts)) == ("2.1.2", True)
    assert (decimal.ref, bool(decimal.doubts)) == ("2.1", True)
    assert (whole.ref, whole.priority) == ("3", "3")


def test_a_priority_that_means_urgency_is_not_the_plans_priority() -> None:
    document = read("No.,Priority,Action,Date,RAG\n4.1,High,One,Sep-16,A\n5.1,Low,Two,Sep-16,G\n")
    assert [action.priority for action in document.actions] == ["4", "5"]
    assert "urgent" in document.doubts[0]


def test_ongoing_blank_and_unreadable_timescales_are_kept_with_their_words() -> None:
    document = read("No.,Action,Date,RAG\n1.1,A,Ongoing,A\n1.2,B,,A\n1.3,C,When we can,A\n")
    assert [action.timescale.kind for action in document.actions] == [
        TimescaleKind.ONGOING,
        TimescaleKind.BLANK,
        TimescaleKind.UNREADABLE,
    ]
    assert document.actions[2].timescale.as_written == "When we can"


def test_a_mapping_names_columns_and_gives_words_their_colour() -> None:
    text = "Thing,Action,Date,Where we are\n1.1,Do,Sep-16,In progress\n"
    with pytest.raises(Invalid):
        read(text)
    mapping = PlanMapping(
        columns={"ref": "Thing", "status": "Where we are"}, ratings={"in progress": Rating.AMBER}
    )
    action = read(text, mapping).actions[0]
    assert (action.ref, action.declared_rating) == ("1.1", Rating.AMBER)


def test_a_mapping_can_say_that_there_is_no_such_column() -> None:
    document = read(
        "Action,Date\nDo,Sep-16\nDo more,Sep-16\n", PlanMapping(columns={"ref": None, "status": None})
    )
    assert [action.ref for action in document.actions] == ["unnumbered 1", "unnumbered 2"]
    assert [action.declared_rating for action in document.actions] == [None, None]


def test_a_mapping_file_is_read_or_refused_in_words() -> None:
    told = b'{"columns": {"ref": "No.", "status": null}, "ratings": {"In  progress.": "amber"}}'
    mapping = read_mapping(UploadedFile("mapping.json", told))
    assert mapping.columns == {"ref": "No.", "status": None}
    assert mapping.ratings == {"in progress": Rating.AMBER}
    for wrong, words in [
        (b"not json", "not JSON"),
        (b"[]", "columns"),
        (b'{"columns": {"colour": "x"}}', "colour"),
        (b'{"columns": {"ref": 3}}', "heading in quotes"),
        (b'{"ratings": {"done": "purple"}}', "green"),
        (b"\xff\xfe\x00", "not JSON"),
    ]:
        with pytest.raises(Invalid, match=words):
            read_mapping(UploadedFile("mapping.json", wrong))


@pytest.mark.parametrize("heading", ["Key Action", "Timescale", "ID", "Status (RAG)"])
def test_a_needed_column_that_is_not_there_is_named_with_its_place(heading: str) -> None:
    text = f"{HEADINGS.replace(heading, 'Something')}\nSep-16,1,1.1,Do,DCS,N/A,G\n"
    with pytest.raises(Invalid) as refused:
        read(text)
    words = refused.value.message
    assert "plan.csv, row 1: no column was found" in words
    assert "“Something”" in words
    assert "send it again" in words


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (UploadedFile("plan.csv", b"a,b\n1,2\n"), "no row of headings"),
        (UploadedFile("plan.csv", b""), "empty"),
        (UploadedFile("plan.csv", f"{HEADINGS}\n".encode()), "no action below them"),
        (UploadedFile("plan.xlsx", b"\x89PNG\r\n\x1a\n" + b"0" * 50), "picture"),
        (UploadedFile("plan.xlsx", b"PK\x03\x04" + b"0" * 50), "plan.xlsx"),
        (UploadedFile("plan.pdf", b"%PDF-1.7\n" + b"0" * 50), "PDF"),
    ],
)
def test_a_file_that_is_no_plan_is_refused_in_words(file: UploadedFile, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        read_plan(file, AS_AT)


def test_hidden_tabs_and_tabs_of_other_things_are_not_read_and_said() -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(workbook([["No", "Action", "Date", "RAG"], [1, "Do", "Sep-16", "G"]]).content)
    )
    book.create_sheet("Key").append(["Green", "complete"])
    hidden = book.create_sheet("Old plan")
    hidden.append(["No", "Action", "Date", "RAG"])
    hidden.append([2, "Old", "Sep-15", "R"])
    hidden.sheet_state = "hidden"
    packed = io.BytesIO()
    book.save(packed)
    document = read_plan(UploadedFile("plan.xlsx", packed.getvalue()), AS_AT)
    assert [action.text for action in document.actions] == ["Do"]
    assert document.doubts == (
        "Hidden tabs are not read: “Old plan”.",
        "Tabs without the columns of a plan are not read: “Key”.",
    )


@settings(max_examples=60)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"{HEADINGS}\n{text}".encode()))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    try:
        document = read_plan(UploadedFile("plan.csv", content), AS_AT)
    except Invalid:
        return  # refused in words: that is what should happen to most of these
    assert document.actions
