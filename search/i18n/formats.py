"""Formats of dates in the languages of the interface."""

import datetime
import functools

from search.article import PartialDate

#: Babel's locale behind each language: a date in English is written as in Europe.
LOCALES = {"et": "et_EE", "en": "en_GB"}
PATTERNS = {
    "et": {"day": "d. MMMM y", "month": "LLLL y", "year": "y"},
    "en": {"day": "d MMMM y", "month": "LLLL y", "year": "y"},
}


# A page of results holds ten dates, nearly all of them seen before.
@functools.lru_cache(maxsize=8192)
def written_date(date: PartialDate, language: str) -> str:
    """“2. detsember 2016”, “detsember 2016” or “2016”, as far as the date is known."""
    # What answers on the command line writes no date so, and need not load this.
    from babel.dates import format_date

    whole = datetime.date(date.year, date.month or 1, date.day or 1)
    return str(format_date(whole, PATTERNS[language][date.precision], locale=LOCALES[language]))
