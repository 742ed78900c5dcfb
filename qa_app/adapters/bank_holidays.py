"""The bank holidays of England, as the government has published them; beyond that, the usual ones."""

from datetime import date
from functools import lru_cache

from qa_app.domain.working_days import bank_holidays_by_rule

YEARS_BEYOND = 30


@lru_cache(maxsize=1)
def england_holidays() -> frozenset[date]:
    """Every bank holiday of England and Wales from 2012 on. Nothing is asked of anybody outside.

    Source: GOV.UK bank holidays, as the package govuk-bank-holidays keeps them.
    """
    from govuk_bank_holidays.bank_holidays import BankHolidays

    published = frozenset(
        each["date"]
        for each in BankHolidays(use_cached_holidays=True).get_holidays(
            division=BankHolidays.ENGLAND_AND_WALES
        )
    )
    last = max(published).year
    beyond = (bank_holidays_by_rule(year) for year in range(last + 1, last + 1 + YEARS_BEYOND))
    return published.union(*beyond)
