"""How often a theme comes up, by slice and by month: counts of reviews. A rate keeps its n and its N."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

CELL_COUNTS = ("n_reviews", "n_weakness", "n_strength")
"""Per cell: reviews that were asked about the theme, and those of them with a weakness, with a strength."""


def rates_by(cells: "pd.DataFrame", *columns: str) -> "pd.DataFrame":
    """Counts for each value of the columns, the most reviews with a weakness first.

    Columns: those given, then n_reviews, n_weakness, n_strength. A value without reviews has no row.
    """
    wanted = [*columns, *CELL_COUNTS]
    if cells.empty:
        return cells.reindex(columns=wanted)
    summed = cells.groupby(list(columns), as_index=False, dropna=False, sort=True)[list(CELL_COUNTS)].sum()
    order = summed.assign(_share=summed["n_weakness"] / summed["n_reviews"].where(summed["n_reviews"] > 0))
    order = order.sort_values(
        ["n_weakness", "_share", *columns], ascending=[False, False, *[True] * len(columns)], kind="stable"
    )
    return order[wanted].reset_index(drop=True)


def rates_by_month(cells: "pd.DataFrame", first: str, last: str) -> "pd.DataFrame":
    """Counts for every month from the first to the last, months without a review included.

    Columns: month (YYYY-MM), n_reviews, n_weakness, n_strength.
    """
    import pandas as pd

    months = months_between(first, last)
    if cells.empty:
        counts = pd.DataFrame(0, index=pd.Index(months, name="month"), columns=list(CELL_COUNTS))
        return counts.reset_index()
    summed = cells.groupby("month")[list(CELL_COUNTS)].sum()
    filled = summed.reindex(months, fill_value=0).astype("int64")
    return filled.rename_axis("month").reset_index()


def totals(cells: "pd.DataFrame") -> tuple[int, int, int]:
    """Reviews asked, those with a weakness, those with a strength: over all cells."""
    if cells.empty:
        return 0, 0, 0
    n_reviews, n_weakness, n_strength = (int(cells[column].sum()) for column in CELL_COUNTS)
    return n_reviews, n_weakness, n_strength


def months_between(first: str, last: str) -> list[str]:
    """Every month from the first to the last, as YYYY-MM; none when the last comes before the first."""
    year, month = (int(part) for part in first.split("-"))
    months = []
    while (step := f"{year:04d}-{month:02d}") <= last:
        months.append(step)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return months
