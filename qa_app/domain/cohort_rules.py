"""The rules of a monthly audit cohort: its month, its size, and who was reviewed too recently to be drawn."""

import re
from datetime import date

from qa_app.domain.dates import MONTHS
from qa_app.domain.errors import Invalid

DEFAULT_SIZE = 53
"""The size of the first monthly cohort of the borough that this system was first built for.

Source: London Borough of Bromley, monitoring report of May to September 2016 (cohort of October 2016).
"""
LARGEST_SIZE = 2000
LOOK_BACK_MONTHS = 12
_MONTH = re.compile(r"(\d{4})-(\d{2})")


def read_month(text: str) -> date:
    """The first day of a month written as 2026-11.

    Errors: Invalid when there is no such month.
    """
    match = _MONTH.fullmatch(text.strip())
    if match is None or not 1 <= int(match[2]) <= 12 or not 2000 <= int(match[1]) <= 2199:
        raise Invalid("month", "Enter the month of the cohort as year and month, such as 2026-11.")
    return date(int(match[1]), int(match[2]), 1)


def month_label(month: date) -> str:
    """A month in words: November 2026."""
    return f"{MONTHS[month.month - 1]} {month.year}"


def months_before(month: date, n_months: int) -> date:
    """The first day of the month that lies so many months earlier."""
    year, index = divmod(month.year * 12 + month.month - 1 - n_months, 12)
    return date(year, index + 1, 1)


def look_back_from(month: date) -> date:
    """The first cohort month whose reviews keep a child out of this month's cohort."""
    return months_before(month, LOOK_BACK_MONTHS)


def look_back_rule(month: date) -> str:
    """The exclusion of children reviewed recently, as a rule in words; it is the exclusion's reason too.

    Source: look-back of 12 months, Kirklees audit framework (see the exclusion step of the audit cycle).
    """
    return (
        f"Graded review submitted in a cohort from {month_label(look_back_from(month))} "
        f"to {month_label(month)}"
    )


def is_too_recent(month: date, reviewed_month: date) -> bool:
    """Whether a submitted graded review of that cohort month keeps a child out of this month's cohort.

    The cohort's own month counts: a second cohort in a month does not take the same child again.
    """
    return look_back_from(month) <= reviewed_month <= month
