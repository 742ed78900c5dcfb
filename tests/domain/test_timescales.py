"""Timescales as plans write them, and what they mean."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_app.domain.timescales import Timescale, TimescaleKind, read_timescale

D = date
DATED = TimescaleKind.DATED


@pytest.mark.parametrize(
    ("written", "starts_on", "ends_on"),
    [
        ("Sep-16", D(2016, 9, 1), D(2016, 9, 30)),
        ("Jun-16", D(2016, 6, 1), D(2016, 6, 30)),
        ("Dec 2016", D(2016, 12, 1), D(2016, 12, 31)),
        ("Sept ’16", D(2016, 9, 1), D(2016, 9, 30)),
        ("Sep - Dec 16", D(2016, 9, 1), D(2016, 12, 31)),
        ("Oct – Dec 16", D(2016, 10, 1), D(2016, 12, 31)),
        ("Sep - Mar 17", D(2016, 9, 1), D(2017, 3, 31)),
        ("Aug - Feb 17", D(2016, 8, 1), D(2017, 2, 28)),
        ("Sep 16 - Mar 17", D(2016, 9, 1), D(2017, 3, 31)),
        ("December 2016 - March 2017", D(2016, 12, 1), D(2017, 3, 31)),
        ("Jan to Mar 2017", D(2017, 1, 1), D(2017, 3, 31)),
        ("1 Sep - 30 Nov 2016", D(2016, 9, 1), D(2016, 11, 30)),
        ("30/09/2016", None, D(2016, 9, 30)),
        ("9.12.16", None, D(2016, 12, 9)),
        ("2016-09-30", None, D(2016, 9, 30)),
        ("31st March 2017", None, D(2017, 3, 31)),
        ("by end of March 2017", None, D(2017, 3, 31)),
        ("Q2 2016/17", D(2016, 7, 1), D(2016, 9, 30)),
        ("Q4 2016-17", D(2017, 1, 1), D(2017, 3, 31)),
        ("Feb 16", D(2016, 2, 1), D(2016, 2, 29)),
        ("Oct 12\nApril 13", D(2012, 10, 1), D(2013, 4, 30)),
    ],
)
def test_a_window_is_read_with_the_month_meaning_its_last_day(
    written: str, starts_on: date | None, ends_on: date
) -> None:
    read = read_timescale(written)
    assert (read.kind, read.window_starts_on, read.window_ends_on) == (DATED, starts_on, ends_on)
    assert read.doubts == ()
    assert read.as_written == " ".join(written.split())


@pytest.mark.parametrize(
    ("written", "kind", "starts_on", "recurs", "review_on"),
    [
        ("Ongoing", TimescaleKind.ONGOING, None, None, None),
        ("on-going", TimescaleKind.ONGOING, None, None, None),
        ("In place", TimescaleKind.IN_PLACE, None, None, None),
        ("From July 2014", TimescaleKind.ONGOING, D(2014, 7, 1), None, None),
        ("July 2014 onwards", TimescaleKind.ONGOING, D(2014, 7, 1), None, None),
        ("Quarterly (review March 2016)", TimescaleKind.RECURRING, None, "quarterly", D(2016, 3, 31)),
        ("Oct 2014 Quarterly", TimescaleKind.RECURRING, D(2014, 10, 1), "quarterly", None),
        ("Annual", TimescaleKind.RECURRING, None, "annual", None),
        ("Six monthly", TimescaleKind.RECURRING, None, "six-monthly", None),
        ("Impact review April 2015", TimescaleKind.REVIEW_ONLY, None, None, D(2015, 4, 30)),
        ("In place. Impact review April 2015", TimescaleKind.IN_PLACE, None, None, D(2015, 4, 30)),
        ("", TimescaleKind.BLANK, None, None, None),
        ("TBC", TimescaleKind.BLANK, None, None, None),
        ("Spring 2017", TimescaleKind.UNREADABLE, None, None, None),
        ("31.2.16", TimescaleKind.UNREADABLE, None, None, None),
        ("may be later", TimescaleKind.UNREADABLE, None, None, None),
    ],
)
def test_what_has_no_end_is_never_due(
    written: str,
    kind: TimescaleKind,
    starts_on: date | None,
    recurs: str | None,
    review_on: date | None,
) -> None:
    read = read_timescale(written)
    assert read.window_ends_on is None
    assert (read.kind, read.window_starts_on, read.recurs, read.review_on) == (
        kind,
        starts_on,
        recurs,
        review_on,
    )


def test_a_review_date_stands_beside_the_due_date() -> None:
    read = read_timescale("Sep-16, impact review April 2017")
    assert (read.window_ends_on, read.review_on) == (D(2016, 9, 30), D(2017, 4, 30))


def test_a_series_with_an_end_has_a_window() -> None:
    read = read_timescale("Monthly from Sep 16 to Mar 17")
    assert (read.recurs, read.window_starts_on, read.window_ends_on) == (
        "monthly",
        D(2016, 9, 1),
        D(2017, 3, 31),
    )


@pytest.mark.parametrize(
    "written",
    [
        "Sep-16 (revised Dec-16)",
        "Ongoing - Dec 16",
        "12/25/2016",
        "Dec 16 - Sep 16",
        "Sep 2016 - Dec",
        "2016",
    ],
)
def test_what_is_uncertain_says_so(written: str) -> None:
    assert read_timescale(written).doubts


def test_a_date_cell_that_a_spreadsheet_made_of_a_month_is_read_as_the_month() -> None:
    unknown = read_timescale(D(2016, 9, 1))
    assert (unknown.window_starts_on, unknown.window_ends_on) == (D(2016, 9, 1), D(2016, 9, 30))
    assert "Sep-16" in unknown.doubts[0]
    month = read_timescale(D(2016, 9, 1), shows_day=False)
    assert (month.as_written, month.window_ends_on, month.doubts) == ("Sep-16", D(2016, 9, 30), ())
    day = read_timescale(D(2016, 9, 1), shows_day=True)
    assert (day.as_written, day.window_ends_on, day.doubts) == ("01/09/2016", D(2016, 9, 1), ())


def test_a_day_that_may_be_a_year_is_doubted() -> None:
    read = read_timescale(D(2016, 9, 16))
    assert read.window_ends_on == D(2016, 9, 16)
    assert "Sep-16" in read.doubts[0]


def test_a_bare_number_is_a_day_count_or_nothing() -> None:
    assert read_timescale(42643.0).window_ends_on == D(2016, 9, 30)
    assert read_timescale(3.5).kind is TimescaleKind.UNREADABLE


def _sound(read: Timescale) -> bool:
    window = (read.window_starts_on, read.window_ends_on)
    return (
        (window[0] is None or window[1] is None or window[0] <= window[1])
        and (read.kind is not DATED or read.window_ends_on is not None)
        and (read.kind is not TimescaleKind.UNREADABLE or bool(read.doubts))
        and (read.window_ends_on is None or read.kind in (DATED, TimescaleKind.RECURRING))
    )


@given(st.text(max_size=60) | st.text(alphabet="0123456789 -/.JanFebMayOctDecq reviwfomtby", max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    assert _sound(read_timescale(text))


@given(st.dates(min_value=D(2000, 1, 1), max_value=D(2059, 12, 31)), st.integers(min_value=1, max_value=11))
def test_any_window_of_months_within_a_year_is_read(last: date, n_months_before: int) -> None:
    first_month = (last.month - 1 - n_months_before) % 12 + 1
    first_year = last.year - (1 if first_month > last.month else 0)
    ends_on = D(last.year, last.month, calendar.monthrange(last.year, last.month)[1])
    for written in (
        f"{calendar.month_abbr[first_month]} - {last:%b %y}",
        f"{calendar.month_name[first_month]} {first_year} to {last:%B %Y}",
    ):
        read = read_timescale(written)
        assert (read.window_starts_on, read.window_ends_on) == (D(first_year, first_month, 1), ends_on)
    assert ends_on + timedelta(days=1) == (ends_on + timedelta(days=1)).replace(day=1)


@given(
    st.dates(min_value=D(2000, 1, 1), max_value=D(2059, 12, 31)),
    st.sampled_from(["%d/%m/%Y", "%d.%m.%y", "%Y-%m-%d", "%d %B %Y"]),
)
def test_any_day_is_read_as_that_day(day: date, form: str) -> None:
    assert read_timescale(day.strftime(form)).window_ends_on == day
