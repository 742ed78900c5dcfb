from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.cohort_rules import is_too_recent, look_back_rule, month_label, months_before, read_month
from qa_app.domain.errors import Invalid

NOVEMBER = date(2026, 11, 1)
months = st.dates(date(2001, 1, 1), date(2150, 1, 1)).map(lambda day: day.replace(day=1))


def test_a_month_is_read_and_said():
    assert read_month(" 2026-11 ") == NOVEMBER
    assert month_label(NOVEMBER) == "November 2026"


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-00", "11-2026", "1999-12", "2026-11-01"])
def test_what_is_no_month_is_refused_in_words(text):
    with pytest.raises(Invalid, match="such as 2026-11"):
        read_month(text)


@pytest.mark.parametrize(
    ("reviewed", "too_recent"),
    [
        (date(2025, 10, 1), False),
        (date(2025, 11, 1), True),
        (date(2026, 10, 1), True),
        (NOVEMBER, True),
        (date(2026, 12, 1), False),
    ],
)
def test_a_review_of_the_twelve_months_before_keeps_a_child_out(reviewed, too_recent):
    assert is_too_recent(NOVEMBER, reviewed) is too_recent


def test_the_rule_names_its_months():
    assert look_back_rule(NOVEMBER) == (
        "Graded review submitted in a cohort from November 2025 to November 2026"
    )


@given(months, st.integers(0, 60), st.integers(0, 60))
def test_months_add_up(month, first, second):
    assert months_before(months_before(month, first), second) == months_before(month, first + second)
    assert months_before(month, 12) == month.replace(year=month.year - 1)
