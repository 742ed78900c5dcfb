"""Form files: every fault at once, each with its line, and round trips without loss."""

import time

import pytest
from hypothesis import HealthCheck, given, settings

from qa_app.bundled import bundled_folder
from qa_app.exchange.audit_form_files import read_form, read_form_folder, write_form
from qa_app.exchange.yaml_lines import read_yaml
from tests.form_strategies import forms

GOOD = """\
form: visits
title: Visits
cohort_kinds: [monthly_audit]
subject: child
sections:
  - section: voice
    title: Voice
    questions:
      - question: seen_alone
        text: Was the child seen alone?
        type: yes_partly_no
        themes: [voice]
      - question: why_not
        text: Why not?
        type: long_text
        show_when: {question: seen_alone, is_one_of: [no, partly]}
"""


def faults(text, themes=None):
    return [(one.line, one.what) for one in read_form(text.encode(), "visits.yaml", themes).faults]


def test_a_good_form_is_read():
    read = read_form(GOOD.encode(), "visits.yaml", {"voice"})
    assert read.faults == ()
    assert read.n_questions == 2
    assert read.form.questions["why_not"].show_when.is_one_of == ("no", "partly")


@pytest.mark.parametrize(
    ("was", "becomes", "line", "said"),
    [
        ("title: Voice", "titel: Voice", 7, "did you mean 'title'?"),
        ("text: Why not?", "guidance: x", 13, "this question has no 'text'; add it"),
        ("question: seen_alone, is", "question: seen, is", 16, "question 'seen', which is not on this form"),
        ("[no, partly]", "[no, perhaps]", 16, "'perhaps' is not among its answers: yes, partly, no"),
        ("is_one_of: [no, partly]", "at_least: no", 16, "cannot be compared with at_least"),
        ("is_one_of: [no, partly]", "is: no, answered: true", 16, "exactly one comparison"),
        ("type: long_text", "type: long_txt", 15, "'long_txt' is not an answer type"),
        ("question: why_not", "question: seen_alone", 13, "question 'seen_alone' is used twice"),
        ("title: Visits", "title: Visits\ntitle: Again", 3, "'title' stands twice here, first on line 2"),
        ("subject: child", "subject: &c child", 4, "'&c' names a part"),
        ("subject: child", "subject: *c", 4, "'*c' points to another part"),
        ("subject: child", "subject: !!str child", 4, "the tag"),
        ("subject: child", "subject: [child", 5, "not YAML"),
        (
            "themes: [voice]",
            "themes: [visits]",
            12,
            "theme 'visits' of question 'seen_alone' is not in the theme list",
        ),
        ("themes: [voice]", "show_when: {question: why_not, answered: true}", 12, "round in a circle"),
        ("type: long_text", "type: choice", 13, "needs at least two choices"),
        ("themes: [voice]", "required: yes", 12, "'required' must be true or false"),
        ("text: Why not?", "text: 5", 14, "must be words"),
    ],
)
def test_a_fault_names_its_line(was, becomes, line, said):
    assert GOOD.count(was) == 1
    found = faults(GOOD.replace(was, becomes), {"voice"})
    assert any(n == line and said in what for n, what in found), found


def test_limits_look_at_what_is_there():
    limits = "limits:\n  - {ceiling: good, when: {section: vioce, grade: good}, because: x}\n"
    assert faults(GOOD + limits) == [
        (18, "the condition looks at section 'vioce', which is not on this form")
    ]
    limits = "limits:\n  - {ceiling: good, when: {section: voice, grade: good}, because: x}\n"
    [(line, what)] = faults(GOOD + limits)
    assert line == 18
    assert "not graded" in what


def test_all_faults_are_told_at_once():
    text = (
        GOOD.replace("title: Voice", "titel: Voice")
        .replace("long_text", "long_txt")
        .replace("child\n", "chld\n")
    )
    assert sorted({line for line, _ in faults(text)}) == [4, 6, 7, 15]


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60, deadline=None)
@given(forms())
def test_what_is_written_reads_back_the_same(form):
    text = write_form(form)
    read = read_form(text.encode(), "any.yaml")
    assert read.faults == ()
    assert read.form == form
    assert write_form(read.form) == text


@pytest.mark.parametrize(
    "hostile",
    [
        b"a: " + b"[" * 5_000 + b"]" * 5_000,
        b"a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        b"".join(b"k%d: &k%d [%s]\n" % (n, n, b", ".join([b"*k%d" % (n - 1)] * 9)) for n in range(1, 12)),
        b"form: x\nsections:\n" + b"  - section: s\n    questions: []\n" * 20_000,
        b"x" * 10_000_000,
        b"- a\n" * 200_000,
        b"\xff\xfe\x00",
        b"",
        b"a: b: c",
        b"? [x]\n: y\n",
        b"---\na: 1\n---\nb: 2\n",
        b"\x00",
    ],
    ids=[
        "deep",
        "aliases",
        "laughs",
        "sections",
        "huge",
        "long",
        "not-utf8",
        "empty",
        "not-yaml",
        "odd-key",
        "two",
        "null",
    ],
)
def test_hostile_files_are_refused_quickly(hostile):
    largest = max((path.read_bytes() for path in bundled_folder("audit_templates").glob("*.yaml")), key=len)
    began = time.perf_counter()
    assert read_form(largest, "good.yaml").form is not None
    usual = time.perf_counter() - began
    began = time.perf_counter()
    read = read_form(hostile, "bad.yaml")
    assert read.form is None
    assert read.faults
    assert time.perf_counter() - began < 30 * usual + 1


def test_plain_words_stay_words():
    document = read_yaml(b"a: no\nb: 12:30\nc: 'true'\nd: true\ne: 5\nf: 1.5\ng:\nh: 007\n")
    assert document.data == {
        "a": "no", "b": "12:30", "c": "true", "d": True, "e": 5, "f": 1.5, "g": None, "h": "007",
    }  # fmt: skip
    assert document.line_of(("f",)) == 6


def test_forms_are_checked_against_one_another(tmp_path):
    (tmp_path / "a.yaml").write_text(GOOD.replace("themes: [voice]", "measure: seen"))
    other = GOOD.replace("type: yes_partly_no", "type: yes_no").replace("no, partly", "no")
    (tmp_path / "b.yaml").write_text(
        other.replace("form: visits", "form: more").replace("themes: [voice]", "measure: seen")
    )
    (tmp_path / "c.yaml").write_text(GOOD)
    (tmp_path / "themes.yaml").write_text("themes: []\n")
    a, b, c = read_form_folder(tmp_path)
    assert a.faults == ()
    assert [fault.line for fault in b.faults] == [12]
    assert "a measure" in b.faults[0].what or "measure 'seen'" in b.faults[0].what
    assert [(fault.line, fault.what) for fault in c.faults] == [
        (1, "form 'visits' is in a.yaml too; give each form its own key")
    ]
