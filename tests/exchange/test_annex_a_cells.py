"""Single cells: dates, references, numbers, codes, names, and what is made of each way to write them."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.caseload import Handling
from qa_app.exchange.annex_a.cells import DateRule, read_date, read_id, read_integer, read_text
from qa_app.exchange.annex_a.codes import code_reader, without_letter
from qa_app.exchange.annex_a.marks import column_index, column_letters
from qa_app.exchange.annex_a.spec import code_sets

AS_AT = datetime.date(2026, 10, 30)
RULE = DateRule(AS_AT)
SOME_DATES = st.dates(datetime.date(1999, 1, 1), AS_AT)


@given(
    SOME_DATES,
    st.sampled_from(["%d/%m/%Y", "%Y-%m-%d", "%d-%b-%y", "%d %B %Y", "%d.%m.%y", "%Y-%m-%d 00:00:00"]),
)
def test_a_date_in_words_is_the_date(day: datetime.date, form: str) -> None:
    reading = read_date(day.strftime(form), RULE, is_text=False)
    assert (reading.value, reading.done) == (day, Handling.NORMALISE)


@given(SOME_DATES)
def test_a_date_is_understood_from_its_serial_number(day: datetime.date) -> None:
    number = (day - datetime.date(1899, 12, 30)).days
    assert read_date(float(number), RULE, is_text=False).value == day
    assert read_date(str(number), RULE, is_text=True).value == day


@given(SOME_DATES)
def test_plain_dates_are_no_fault(day: datetime.date) -> None:
    assert read_date(day, RULE, is_text=False).kind is None
    assert read_date(day.strftime("%d/%m/%Y"), RULE, is_text=True).kind is None


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("31/02/2026", "date_not_real"),
        ("10/15/2026", "date_month_first"),
        ("17/02/0026", "date_year_not_possible"),
        ("TBC", "date_in_words"),
        ("01/01/1900", "date_placeholder"),
        (datetime.date(2062, 3, 14), "date_in_future"),
        (datetime.date(1970, 1, 1), "date_too_long_ago"),
        ("12/2026", "date_not_understood"),
        (float("nan"), "date_not_understood"),
        (True, "date_not_understood"),
    ],
)
def test_a_date_that_cannot_be_true_is_flagged_and_left_empty(cell: str, kind: str) -> None:
    reading = read_date(cell, RULE, is_text=False)
    assert (reading.value, reading.kind, reading.done) == (None, kind, Handling.FLAG)


def test_an_expected_birth_may_lie_ahead() -> None:
    assert (
        read_date(datetime.date(2027, 1, 7), DateRule(AS_AT, may_be_ahead=True), is_text=False).kind is None
    )


@pytest.mark.parametrize(
    ("cell", "reference"),
    [
        (391790.0, "391790"),
        ("00391790", "00391790"),
        (" 5 ", "5"),
        ("9193918.0", "9193918"),
        ("'42", "42"),
        ("W-7", "W-7"),
    ],
)
def test_references_are_kept_as_they_are_but_for_the_spreadsheet(cell: str | float, reference: str) -> None:
    assert read_id(cell, ids_are_numbers=False).value == reference


@pytest.mark.parametrize(
    "cell", ["", "N/A", "1.61E+07", 1.5, -3.0, float("inf"), True, "#REF!", "x" * 65, AS_AT]
)
def test_a_row_without_a_reference_is_not_used(cell: str | float) -> None:
    reading = read_id(cell, ids_are_numbers=True)
    assert reading.value is None
    assert reading.done is Handling.REJECT_ROW


@pytest.mark.parametrize(
    ("cell", "value", "kind"),
    [
        (3.0, 3, None),
        ("3", 3, "age_as_text"),
        (3.9, 3, "age_with_decimals"),
        ("14.38", 14, "age_with_decimals"),
        ("Unborn", -1, "age_in_words"),
        (-1.0, -1, None),
        (-2.0, None, "age_not_possible"),
        ("1 or 2", None, "age_not_a_number"),
    ],
)
def test_ages(cell: str | float, value: int | None, kind: str | None) -> None:
    reading = read_integer(cell, is_age=True, is_text=False)
    assert (reading.value, reading.kind) == (value, kind)


def test_half_a_placement_is_not_guessed() -> None:
    assert read_integer(1.5, is_age=False, is_text=False).value is None
    assert read_integer(-1.0, is_age=False, is_text=False).value is None


EVERY_CODE = [(name, one.code) for name, codes in code_sets().items() for one in codes]


@pytest.mark.parametrize(("name", "code"), EVERY_CODE)
def test_every_code_is_itself_in_any_case(name: str, code: str) -> None:
    assert code_reader(name).read(code).kind is None
    for variant in (code.upper(), f" {code.lower()}", code.replace("’", "'")):
        assert code_reader(name).read(variant).value == code


@pytest.mark.parametrize(
    "name", [name for name, codes in code_sets().items() if any(one.dfe for one in codes)]
)
def test_every_national_code_is_enough(name: str) -> None:
    for one in code_sets()[name]:
        if one.dfe:
            assert code_reader(name).read(one.dfe).value == one.code


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("yn", "a) No"),
        ("yn", "a"),
        ("yn", "Maybe"),
        ("yn", "0 - Yes"),
        ("gender", "2 - Male"),
        ("source", "Individual"),
        ("legal", "E1 Placement order AND C2 Full care order"),
        ("legal", "Code 'C1' is not mapped"),
        ("placement", "P9"),
        ("need", "#MULTIVALUE"),
        ("abuse", "YNNN"),
    ],
)
def test_what_could_mean_two_things_is_not_guessed(name: str, sent: str) -> None:
    reading = code_reader(name).read(sent)
    assert (reading.value, reading.done) == (None, Handling.FLAG)


@pytest.mark.parametrize(
    ("name", "sent", "code"),
    [
        ("legal", "CLA - C2 - Care Order", "C2: FCO"),
        ("placement", "U4 Long term fostering", "d) U4: Foster placement - long term"),
        ("need", "N2 - Childâ€™s disability", "N2 - Child’s disability"),
        ("case_status", "LAC", "a) Looked after child"),
        ("ynu", True, "a) Yes"),
        ("source", 4.0, "m) 4: Housing"),
    ],
)
def test_other_ways_to_write_a_code(name: str, sent: str, code: str) -> None:
    assert code_reader(name).read(sent).value == code


@given(st.sampled_from(list(code_sets())), st.text() | st.floats() | st.booleans())
def test_no_cell_breaks_a_code_reader(name: str, cell: str | float) -> None:
    value = code_reader(name).read(cell).value
    assert value is None or value in {one.code for one in code_sets()[name]}


def test_a_letter_that_only_orders_is_left_out() -> None:
    assert without_letter("a) Neglect") == "Neglect"
    assert without_letter("zz) T4: Temporary placement") == "T4: Temporary placement"
    assert without_letter("C2: FCO") == "C2: FCO"


@given(st.text())
def test_words_are_kept_without_control_characters(words: str) -> None:
    value = read_text(words).value
    assert value is None or not any(ord(letter) < 32 and letter not in "\t\n" for letter in str(value))


@pytest.mark.parametrize(
    "words", ["=1+1", "@SUM(1)", "<script>", "{{7*7}}", "Line one\nLine two", "a\u200bb", "\t=1"]
)
def test_words_that_could_act_are_kept_inert_and_told(words: str) -> None:
    reading = read_text(words)
    assert (reading.value, reading.done) == (words, Handling.KEEP_AS_TEXT)


def test_long_words_are_not_kept() -> None:
    assert read_text("Team " * 100).kind == "text_too_long"


@given(st.integers(0, 20_000))
def test_column_letters_and_numbers_are_each_others_inverse(index: int) -> None:
    assert column_index(column_letters(index)) == index


def test_column_letters() -> None:
    assert [column_letters(index) for index in (0, 25, 26, 33, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AH",
        "ZZ",
        "AAA",
    ]
