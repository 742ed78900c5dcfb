"""Counts of a theme by slice and by month: a table worked by hand, and parts that sum to the whole."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from qa_app.analysis.trends import months_between, rates_by, rates_by_month, totals

COLUMNS = ["team", "area", "month", "n_reviews", "n_weakness", "n_strength"]
BY_HAND = pd.DataFrame(
    [
        ("North", "Safeguarding", "2026-09", 4, 2, 1),
        ("North", "Safeguarding", "2026-11", 6, 3, 0),
        ("South", "Safeguarding", "2026-11", 5, 5, 2),
        ("Care", "Care", "2026-11", 10, 0, 4),
    ],
    columns=COLUMNS,
)


def test_by_team_as_worked_by_hand() -> None:
    rates = rates_by(BY_HAND, "team")
    assert rates.to_dict("split")["data"] == [
        ["South", 5, 5, 2],  # as many as North, of fewer reviews
        ["North", 10, 5, 1],
        ["Care", 10, 0, 4],
    ]


def test_by_month_shows_the_month_without_a_review() -> None:
    months = rates_by_month(BY_HAND, "2026-09", "2026-12")
    assert months.to_dict("split")["data"] == [
        ["2026-09", 4, 2, 1],
        ["2026-10", 0, 0, 0],
        ["2026-11", 21, 8, 6],
        ["2026-12", 0, 0, 0],
    ]


def test_nothing_at_all_gives_no_slices_and_empty_months() -> None:
    empty = pd.DataFrame(columns=COLUMNS)
    assert rates_by(empty, "team").empty
    assert rates_by_month(empty, "2026-12", "2027-01")["n_reviews"].tolist() == [0, 0]
    assert totals(empty) == (0, 0, 0)


def test_months_cross_the_year() -> None:
    assert months_between("2026-11", "2027-02") == ["2026-11", "2026-12", "2027-01", "2027-02"]
    assert months_between("2026-11", "2026-10") == []


@st.composite
def cells(draw: st.DrawFn) -> pd.DataFrame:
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["North", "South", None]),
                st.sampled_from(["Safeguarding", "Care"]),
                st.sampled_from(months_between("2026-09", "2026-12")),
                st.integers(0, 9),
                st.integers(0, 9),
                st.integers(0, 9),
            ),
            max_size=12,
        )
    )
    kept = [(*row[:3], row[3], min(row[4], row[3]), min(row[5], row[3])) for row in rows]
    return pd.DataFrame(kept, columns=COLUMNS)


@given(cells())
def test_the_parts_sum_to_the_whole(given_cells: pd.DataFrame) -> None:
    whole = totals(given_cells)
    for part in (
        rates_by(given_cells, "team"),
        rates_by(given_cells, "team", "area"),
        rates_by_month(given_cells, "2026-09", "2026-12"),
    ):
        assert totals(part) == whole
        assert (part["n_weakness"] <= part["n_reviews"]).all()
