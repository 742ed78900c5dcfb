"""Forms as XLSForm workbooks: out and in again the same, accepted by others, and every fault with its cell."""

import io
import time
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyxform.xls2xform import convert

from qa_app.bundled import bundled_folder
from qa_app.domain.audit_forms.form import AuditForm
from qa_app.domain.conditions import Condition
from qa_app.exchange.audit_form_files import read_form_folder
from qa_app.exchange.uploads import UploadedFile
from qa_app.exchange.xlsform.expressions import Names, NotRead, read_expression
from qa_app.exchange.xlsform.reader import read_workbook
from qa_app.exchange.xlsform.writer import write_workbook
from tests.form_strategies import forms

SHIPPED = [read.form for read in read_form_folder(bundled_folder("audit_templates"))]


def read(content, name="form.xlsx", themes=None):
    return read_workbook(UploadedFile(name, content), themes)


def workbook(**sheets):
    """A workbook from rows of words by the names of its sheets."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as made:
        for name, rows in sheets.items():
            sheet = made.add_worksheet(name)
            for n, row in enumerate(rows):
                sheet.write_row(n, 0, row)
    return out.getvalue()


def changed(form, old, new):
    """A workbook of a form in which one shared word was changed, as somebody would in Excel."""
    source, out = zipfile.ZipFile(io.BytesIO(write_workbook(form))), io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for part in source.namelist():
            content = source.read(part)
            if part == "xl/sharedStrings.xml":
                assert content.count(old.encode()) >= 1
                content = content.replace(old.encode(), new.encode())
            packed.writestr(part, content)
    return out.getvalue()


@pytest.mark.parametrize("form", SHIPPED, ids=lambda form: form.key)
def test_a_shipped_form_goes_out_and_comes_back_the_same(form):
    content = write_workbook(form, "3")
    back = read(content)
    assert back.faults == ()
    assert back.not_taken == ()
    assert back.form == form
    warnings = []
    assert form.key in convert(io.BytesIO(content), warnings=warnings, file_type=".xlsx").xform
    assert warnings == []


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60, deadline=None)
@given(forms())
def test_any_form_goes_out_and_comes_back_the_same_and_pyxform_takes_it(form):
    content = write_workbook(form)
    back = read(content)
    assert back.faults == ()
    assert back.form == form
    assert convert(io.BytesIO(content), file_type=".xlsx").xform


def small(**changes):
    question = {"question": "seen", "text": "Seen?", "type": "yes_no", **changes}
    more = {
        "question": "who",
        "text": "By whom?",
        "type": "choice",
        "choices": [{"choice": "a", "label": "A"}, {"choice": "b", "label": "B"}],
    }
    return AuditForm.from_data(
        {
            "form": "small",
            "title": "Small",
            "cohort_kinds": ["thematic"],
            "subject": "child",
            "sections": [{"section": "s", "title": "S", "questions": [question, more]}],
        }
    )


def test_words_that_look_like_references_or_formulas_stay_words():
    form = small(text="=1+1 is ${seen} or $\u2060{x", guidance="@SUM(A1)")
    content = write_workbook(form)
    assert read(content).form == form
    assert convert(io.BytesIO(content), file_type=".xlsx").xform


def test_a_condition_changed_in_excel_is_read():
    form = AuditForm.from_data(
        {
            **small().to_data(),
            "limits": [{"ceiling": "good", "when": {"question": "seen", "is": "no"}, "because": "Unseen."}],
        }
    )
    back = read(changed(form, "${seen} = 'no'", "${seen} != 'yes' and ${who} = 'b'"))
    assert back.faults == ()
    assert back.form.limits[0].when.model_dump(by_alias=True, exclude_defaults=True) == {
        "all": ({"not": {"question": "seen", "is": "yes"}}, {"question": "who", "is": "b"})
    }


@pytest.mark.parametrize(
    ("old", "new", "cell", "said"),
    [
        ("<t>yes_no</t>", "<t>yesno</t>", "survey!I3", "'yesno' is not an answer type"),
        ("select_one qa-yes_no", "decimal", "survey!I3", "make them agree"),
        ("<t>seen</t>", "<t>who</t>", "survey!B4", "question 'who' is used twice"),
        ("select_one who", "select_one whom", "survey!A4", "the list 'whom' is not in the sheet 'choices'"),
        ("<t>thematic</t>", "<t>themed</t>", "settings!E2", "'themed' is not a value of 'cohort_kinds'"),
        (
            "<t>list_name</t>",
            "<t>list_nam</t>",
            "choices!1",
            "there is no column 'list_name'; is it 'list_nam'?",
        ),
        ("<t>qa_themes</t>", "<t>qa_theme</t>", "survey!J1", "did you mean 'qa_themes'?"),
        ("<t>end_group</t>", "<t>text</t>", "survey!A2", "this group has no end_group"),
        ("<t>Seen?</t>", "<t> </t>", "survey!C3", "'text' is empty"),
    ],
)
def test_a_fault_names_its_cell(old, new, cell, said):
    found = read(changed(small(), old, new))
    assert found.form is None
    assert any(fault.cell == cell and said in fault.what for fault in found.faults), found.faults


def test_what_an_outside_form_uses_that_we_lack_is_listed_with_its_cell():
    content = workbook(
        survey=[
            ["type", "name", "label", "relevant", "constraint", "calculation", "required"],
            ["start", "started", "", "", "", "", ""],
            ["text", "Child Name", "What are the initials?", "", "", "", "yes"],
            ["begin group", "visit", "The visit", "", "", "", ""],
            ["select_one yn", "seen", "Seen?", "", "", "", ""],
            ["integer", "age", "Age?", "${seen} = 'yes'", ". < 19", "", ""],
            ["begin group", "inner", "More", "${Child Name} != ''", "", "", ""],
            ["select_multiple who", "who", "Who was there?", "", "", "", ""],
            ["end group", "", "", "", "", "", ""],
            ["geopoint", "where", "Where?", "", "", "", ""],
            ["begin repeat", "sibling", "Siblings", "", "", "", ""],
            ["text", "sib", "Name", "", "", "", ""],
            ["end repeat", "", "", "", "", "", ""],
            ["calculate", "total", "", "", "", "1+1", ""],
            ["end group", "", "", "", "", "", ""],
        ],
        choices=[
            ["list_name", "name", "label"],
            ["yn", "yes", "Yes"],
            ["yn", "no", "No"],
            ["who", "1", "Mother"],
            ["who", "2", "Father"],
        ],
        settings=[["form_title", "form_id"], ["Home visit", "home_visit"]],
    )
    found = read(content)
    assert found.faults == ()
    assert [question.type for question in found.form.questions.values()] == [
        "short_text", "yes_no", "number", "choices",
    ]  # fmt: skip
    assert found.form.key == "home-visit"
    assert found.form.questions["age"].show_when.is_ == "yes"
    assert found.form.questions["who"].show_when.all_[0].question == "child_name"
    listed = {one.cell: one.what for one in found.not_taken}
    for cell, said in {
        "survey!A2": "notes by itself",
        "survey!B3": "is called 'child_name' here",
        "survey!E6": "a rule for allowed values",
        "survey!A7": "a group inside a group",
        "survey!A10": "a place on a map",
        "survey!A11": "the repeat 'sibling'",
        "survey!A14": "a calculation",
        "choices!B4": "the choice '1' is called 'k_1' here",
        "settings": "taken as a thematic form",
    }.items():
        assert said in listed[cell], listed


NAMES = Names({"a": "yes_no", "n": "number", "m": "choices", "d": "date"}, {"t-held": "t"}, {"grade-s": "s"})


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("${a} = 'yes'", {"question": "a", "is": "yes"}),
        ("'yes' = ${a}", {"question": "a", "is": "yes"}),
        ("3 <= ${n}", {"question": "n", "at_least": 3}),
        (
            "${n} > 2",
            {"all": [{"question": "n", "answered": True}, {"not": {"question": "n", "at_most": 2}}]},
        ),
        ("${d} >= date('2026-01-01')", {"question": "d", "at_least": "2026-01-01"}),
        ("selected(${m}, 'x') or selected(${m}, 'y')", {"question": "m", "is_one_of": ["x", "y"]}),
        (
            "(selected(${m}, 'x')) or (selected(${m}, 'y'))",
            {"any": [{"question": "m", "is": "x"}, {"question": "m", "is": "y"}]},
        ),
        ("selected('x y', ${a})", {"question": "a", "is_one_of": ["x", "y"]}),
        ("${t-held} = 'no'", {"question": "t", "is": "no"}),
        ("${grade-s} = 'good'", {"section": "s", "grade": "good"}),
        (
            "(${grade-s} != '' and not(selected('inadequate', ${grade-s})))",
            {"section": "s", "at_least": "requires_improvement"},
        ),
        ("not(${a} != '')", {"not": {"question": "a", "answered": True}}),
        ("true()", None),
    ],
)
def test_expressions_are_read(text, data):
    assert read_expression(text, NAMES) == data


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("${a} = ", "is missing"),
        ("${a} + 1 = 2", "cannot be read"),
        ("today() > ${d}", "'today' is not known here"),
        ("${a} = ${n}", "a question on one side and a value on the other"),
        ("(" * 60 + "${a} = 'x'" + ")" * 60, "nested too deep"),
        ("${a} = 'x' ${n} = 2", "cannot stand"),
        ("false()", "retire the question"),
        ("${a} = 'x' and true() and true()", "only beside"),
    ],
)
def test_what_cannot_be_a_condition_is_said(text, said):
    with pytest.raises(NotRead, match=None) as error:
        read_expression(text, NAMES)
    assert said in str(error.value)


PIECES = [
    "${a}", "${n}", "${m}", "${grade-s}", ".", "=", "!=", ">=", "<", "'yes'", "'good'", "3", "and", "or", "not(",
    "(", ")", "selected(", ",", "true()", "false()", "date('2026-01-01')", "${a} = 'yes'", "${n} >= 2",
    "selected(${m}, 'x')",
]  # fmt: skip


def swapped(part, content):
    """A workbook in which one part was replaced."""
    source, out = zipfile.ZipFile(io.BytesIO(write_workbook(small()))), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in source.namelist():
            packed.writestr(name, content(source.read(name)) if name == part else source.read(name))
    return out.getvalue()


FIRST = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lambda: swapped(FIRST, lambda xml: b" " * 60_000_000), "form.xlsx"),
        (lambda: b"PK\x03\x04" + b"x" * 10_000_000, "is never more than 2 MB"),
        (lambda: write_workbook(small())[:3000], "form.xlsx cannot be read here"),
        (lambda: b"", "is empty"),
        (lambda: b"%PDF-1.7", "content is a PDF"),
        (
            lambda: swapped(FIRST, lambda xml: b'<!DOCTYPE x [<!ENTITY a "b">]>' + xml),
            "form.xlsx",
        ),
        (
            lambda: swapped(FIRST, lambda xml: xml.replace(b'r="A2"', b'r="A1048576"')),
            "reaches further than row 3,000",
        ),
        (lambda: swapped(FIRST, lambda xml: b"<worksheet><sheetData><row"), "damaged"),
        (lambda: workbook(other=[["a"]]), "no sheet called 'survey'"),
        (lambda: workbook(survey=[["type", "name", "label"]]), "no question in this sheet"),
    ],
    ids=["bomb", "huge", "cut", "empty", "pdf", "entities", "far", "broken", "other", "headings"],
)
def test_hostile_and_broken_workbooks_are_refused_in_words(content, said):
    found = read(content())
    assert found.form is None
    assert any(said in fault.what for fault in found.faults), found.faults


def shipped_seconds():
    """How long the largest shipped form takes to be read, as a measure for this machine."""
    content = max((write_workbook(form) for form in SHIPPED), key=len)
    return min(timed(lambda: read(content)) for _ in range(3))


def timed(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@pytest.mark.parametrize(
    "xml",
    [b"<c " * 3_000_000, b"<c " + b'r="A1" ' * 1_500_000, b"<row " * 2_000_000, b"<c><f" * 1_500_000],
    ids=["open-cells", "one-cell", "open-rows", "formulas"],
)
def test_a_hostile_sheet_takes_no_longer_than_its_size_explains(xml):
    content = swapped(FIRST, lambda _: xml)
    assert timed(lambda: read(content)) < 400 * shipped_seconds() + 2


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join))
def test_any_expression_is_read_or_refused_in_words(text):
    try:
        data = read_expression(text, NAMES)
    except NotRead as refusal:
        data, said = None, str(refusal)
    else:
        said = "read"
    assert said
    assert data is None or Condition.model_validate(data).depth() >= 1


def test_formulas_are_told_with_their_cells():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet = made.add_worksheet("survey")
        sheet.write_row(0, 0, ["type", "name", "label"])
        sheet.write_row(1, 0, ["text", "a", "A"])
        sheet.write_formula("C3", '=HYPERLINK("http://example.org")')
    found = read(out.getvalue())
    assert [fault.cell for fault in found.faults] == ["survey!C3"]


def test_themes_of_a_workbook_are_checked():
    form = small(themes=["voice"])
    [fault] = read(write_workbook(form), themes={"plan"}).faults
    assert fault.cell == "survey!J3"
    assert read(write_workbook(form), themes={"voice"}).form == form


def test_a_copy_saved_by_another_program_reads_the_same(tmp_path: Path):
    import openpyxl

    form = SHIPPED[0]
    (tmp_path / "a.xlsx").write_bytes(write_workbook(form))
    made = openpyxl.load_workbook(tmp_path / "a.xlsx")
    made.save(tmp_path / "b.xlsx")
    assert read((tmp_path / "b.xlsx").read_bytes()).form == form
