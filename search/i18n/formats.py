"""Formats of dates in the languages of the interface."""

import datetime
import functools
from collections.abc import Mapping

from search.article import PartialDate

#: Babel's locale behind each language: a date in English is written as in Europe.
LOCALES = {"et": "et_EE", "en": "en_GB"}
PATTERNS = {
    "et": {"day": "d. MMMM y", "month": "LLLL y", "year": "y"},
    "en": {"day": "d MMMM y", "month": "LLLL y", "year": "y"},
}
#: The year first, as in lists of references.
REVERSED = {
    "et": {"day": "y, d. MMMM", "month": "y, LLLL", "year": "y"},
    "en": {"day": "y, MMMM d", "month": "y, LLLL", "year": "y"},
}


def written_date(
    date: PartialDate, language: str, patterns: Mapping[str, Mapping[str, str]] = PATTERNS
) -> str:
    """Formats a date to its precision: “2. detsember 2016”, “detsember 2016” or “2016”."""
    return _day(date, patterns[language][date.precision], language)


# A page of results holds ten dates, nearly all of them seen before.
@functools.lru_cache(maxsize=8192)
def _day(date: PartialDate, pattern: str, language: str) -> str:
    # Imported here, as the command line does not need it.
    from babel.dates import format_date

    whole = datetime.date(date.year, date.month or 1, date.day or 1)
    return str(format_date(whole, pattern, locale=LOCALES[language]))
