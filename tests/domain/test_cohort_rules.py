from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.cohort_rules import month_label, months_before, read_month
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


@given(months, st.integers(0, 60), st.integers(0, 60))
def test_months_add_up(month, first, second):
    assert months_before(months_before(month, first), second) == months_before(month, first + second)
    assert months_before(month, 12) == month.replace(year=month.year - 1)
