"""The rules of every cohort: its month, its size, and who may plan one."""

import re
from datetime import date

from qa_app.domain.access import Permission, Viewer
from qa_app.domain.dates import MONTHS
from qa_app.domain.errors import Invalid, NotAllowed

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


def require_whole_service(viewer: Viewer) -> None:
    """Go on only for somebody who plans cohorts for the whole service: a draw covers all of it.

    Errors: NotAllowed.
    """
    viewer.require(Permission.MANAGE_COHORTS)
    if not viewer.reach(Permission.MANAGE_COHORTS).whole_service:
        raise NotAllowed(
            "A cohort is drawn from the whole service, and your role covers a part of it. Ask a QA lead for the "
            "whole service to draw it."
        )
