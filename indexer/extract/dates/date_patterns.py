"""Regular expressions for written dates, interpreted by ``find_dates``.

Groups: ``day``, ``last`` (day), ``month`` and ``last_month`` in digits, ``name`` (of the month),
``roman`` (month), ``year``, ``lead`` (a year in front), ``yy`` (two digits), ``last_year``,
``short`` (its last two digits), ``decade``, ``rel`` (words such as „eelmise aasta“) and ``this``
(„k.a.“).
"""

import re

from indexer.extract.dates.relative_dates import RELATIVE_YEAR

_FULL = (
    r"jaanuar|veebruar|märts|marts|aprill|mai|juuni|juuli|august|septemb(?:er|r(?=i))|"
    r"oktoob(?:er|r(?=i))|novemb(?:er|r(?=i))|detsemb(?:er|r(?=i))"
)
_SHORT = r"(?:jaan|veebr?|vebr|mär|apr|aug|sept?|okt|nov|dets)(?:\.|(?=,?\s['’]?\d))"
# Case endings of month names; ``kuu`` may stand between (detsembrikuus). A day is on a month
# (mail), from it or until it, but never in it (mais).
_IN = r"(?:i?(?:kuu)?s)"
_CASE = r"(?:i?(?:kuu)?(?:sse|st|le|l|lt|ks|ni|na|ta|ga|d)?|it)"
_DAY_MONTH = rf"(?P<name>(?:{_FULL}){_CASE}|{_SHORT})(?![^\W\d])"
_MONTH = rf"(?P<name>(?:{_FULL})(?:{_IN}|{_CASE})|{_SHORT})(?![^\W\d])"
_DASH = r"\s?[-–—]\s?"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?!\d)"
_BETWEEN = rf"(?:{_DASH}|\s(?:ja|ning|kuni|või)\s|,\s)"
_DAYS = rf"(?P<day>{_DAY})\.?(?:(?:{_BETWEEN}{_DAY}\.?){{0,5}}{_BETWEEN}(?P<last>{_DAY})\.?)?"
_YEAR = r"(?:19|20)\d\d"
_A = r"(?:(?-i:a)\b\.?(?!\w)|aasta\w*)"
_ROMAN = r"(?P<roman>XII|XI|IX|X|VIII|VII|VI|IV|V|III|II|I)"
_NUMBER_MONTH = r"(?:0?[1-9]|1[0-2])"
_TWO_DIGIT_MONTH = r"(?:0[1-9]|1[0-2])"
# 2016 · 2016. · 2016.a. · 2016. a · 2016. aastal · 2016 aasta · '16
_TAIL = (
    rf"(?:(?P<year>{_YEAR})(?!\d)|['’‘](?P<yy>\d\d)(?!\d))"
    rf"(?:\.?\s?{_A}|\.(?=\s*(?-i:[a-zõäöü])))?"
)
_THIS = r"\s(?P<this>[ksm]\.\s?a\b\.?)"
_TIME = r"(?:,?\s(?:kell\s|kl\.?\s)?\d{1,2}[:.]\d\d(?!\d))?"
_REL = rf"(?P<rel>{RELATIVE_YEAR}),?\s"
_LEAD = rf"(?P<lead>{_YEAR})\.?\s?(?:a\b\.?|aasta),?\s"
_START = r"(?<![\w.,/-])(?<!\d:)"

NAMED = re.compile(
    rf"(?<![\w.])(?:{_REL}|{_LEAD})?{_DAYS}\s{{0,2}}{_DAY_MONTH}"
    rf"(?:,?\s{{0,2}}{_TAIL}{_TIME}|{_THIS})?",
    re.IGNORECASE,
)
MONTH_YEAR = re.compile(rf"(?<!\w)(?:{_REL})?{_MONTH}[,\s]\s?{_TAIL}", re.IGNORECASE)
YEAR_MONTH = re.compile(rf"(?<![\w.])(?:{_LEAD}|{_REL}){_MONTH}", re.IGNORECASE)
ROMAN = re.compile(
    rf"{_START}(?P<day>{_DAY})\.(?:{_DASH}(?P<last>{_DAY})\.)?\s?{_ROMAN}\.?\s?(?P<year>{_YEAR})(?!\d)"
)
_FOREIGN = (
    r"(?P<name>(?:January|February|March|April|May|June|July|August|September|October|November|"
    r"December|январ[ьея]|феврал[ьея]|март[еа]?|апрел[ьея]|ма[йея]|июн[ьея]|июл[ьея]|август[еа]?|"
    r"сентябр[ьея]|октябр[ьея]|ноябр[ьея]|декабр[ьея])(?!\w)|"
    r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?(?=.{0,12}\s\d{4}(?!\d)))"
)
_FOREIGN_YEAR = rf"(?:,?\s(?P<year>{_YEAR})(?!\d))"
_TH = r"(?:(?:st|nd|rd|th)\b)?"
DAY_FIRST = re.compile(
    rf"(?<![\w.])(?P<day>{_DAY}){_TH}(?:{_DASH}(?P<last>{_DAY}){_TH})?\s(?:of\s)?{_FOREIGN}"
    rf"{_FOREIGN_YEAR}?"
)
MONTH_FIRST = re.compile(
    rf"(?<!\w){_FOREIGN}\s(?P<day>{_DAY}){_TH}(?:{_DASH}(?P<last>{_DAY}){_TH})?(?!\w)"
    rf"{_FOREIGN_YEAR}?"
)
FOREIGN_MONTH_YEAR = re.compile(rf"(?<!\w){_FOREIGN}{_FOREIGN_YEAR}")
NUMERIC = re.compile(
    rf"{_START}(?P<day>{_DAY})\.?(?:{_DASH}(?P<last>{_DAY})\.)?(?<=\.)\s?(?P<month>{_NUMBER_MONTH})"
    rf"\.\s?(?P<year>{_YEAR})(?!\d)(?:\.?\s?{_A})?{_TIME}"
)
# 01.12.2009-29.11.2010, in one piece because the dash holds it together
NUMERIC_SPAN = re.compile(
    rf"{_START}(?P<day>{_DAY})\.(?P<month>{_NUMBER_MONTH})\.(?P<year>{_YEAR})\.?(?:\s?a\.)?{_DASH}"
    rf"(?P<last>{_DAY})\.(?P<last_month>{_NUMBER_MONTH})\.(?P<last_year>{_YEAR})(?!\d)"
    rf"(?:\.?\s?{_A})?"
)
# 12.05.16 and 12.05.'16
NUMERIC_YY = re.compile(
    rf"{_START}(?P<day>{_DAY})\.(?:{_DASH}(?P<last>{_DAY})\.)?(?P<month>{_TWO_DIGIT_MONTH})"
    rf"\.['’]?(?P<yy>\d\d)(?![\w%€]|[.,:/-]\d)(?:\.?\s?{_A})?{_TIME}"
)
# 12/05/2016 and 12-05-2016, the day first
SEPARATED = re.compile(
    rf"{_START}(?P<day>{_DAY})(?P<sep>[/-])(?P<month>{_NUMBER_MONTH})(?P=sep)(?P<year>{_YEAR})"
    r"(?![\w/-])"
)
# 31.05–02.06, with or without a year behind the second; 27.01.–28.01.2011
NUMERIC_RANGE = re.compile(
    rf"{_START}(?P<day>{_DAY})\.(?P<month>{_TWO_DIGIT_MONTH})\.?{_DASH}"
    rf"(?P<last>{_DAY})\.(?P<last_month>{_TWO_DIGIT_MONTH})(?!\d)"
    rf"(?:\.(?:(?P<year>{_YEAR})|(?P<yy>\d\d)(?![\d.]))?(?!\d))?(?:\s?a\b\.?)?"
)
# 27.01. or 27.-28.01. without a year; the last full stop tells it from a number or a time.
NUMERIC_SHORT = re.compile(
    rf"{_START}(?P<day>{_DAY})\.?(?:{_DASH}(?P<last>{_DAY})\.)?(?<=\.)"
    rf"(?P<month>{_TWO_DIGIT_MONTH})\.(?=\s+[a-zõäöü])"
)
ISO = re.compile(
    rf"(?<![\w./-])(?P<year>{_YEAR})(?P<sep>[-./])(?P<month>{_TWO_DIGIT_MONTH})(?P=sep)"
    r"(?P<day>0[1-9]|[12]\d|3[01])"
    r"(?:[T\s]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?(?![\w-])"
)
ISO_MONTH = re.compile(rf"(?<![\w./-])(?P<year>{_YEAR})-(?P<month>{_TWO_DIGIT_MONTH})(?![\w/-])")
DECADE = re.compile(
    r"(?<![\w.,:/-])(?P<decade>(?:19|20)\d0)(?:\.?\s?aasta(?:te|il)\w*|\.?-?nda(?:te|il)\w*)"
)
#: „aastatel 2010-12“ is no December
YEARS_NAMED = re.compile(
    rf"(?<!\w)aasta(?:te|tel|il|test)\s(?P<year>{_YEAR}){_DASH}(?P<short>\d\d)(?![\w-])"
)
YEARS = re.compile(
    rf"(?<![\w.,:/-])(?P<year>{_YEAR})"
    rf"(?:(?:\.?(?:\s?a\.)?{_DASH}|/)(?:(?P<last_year>{_YEAR})|(?P<short>\d\d)(?!\d)))?(?![\w%€/])"
    rf"(?:\.?\s?{_A})?"
)
#: In order of what they know; an earlier match keeps later ones off its characters.
PATTERNS = (
    ISO,
    NAMED,
    ROMAN,
    NUMERIC_SPAN,
    NUMERIC_RANGE,
    NUMERIC,
    NUMERIC_YY,
    SEPARATED,
    DAY_FIRST,
    MONTH_FIRST,
    NUMERIC_SHORT,
    YEAR_MONTH,
    MONTH_YEAR,
    FOREIGN_MONTH_YEAR,
    DECADE,
    YEARS_NAMED,
    ISO_MONTH,
    YEARS,
)
_ROMAN_NUMBERS = "I II III IV V VI VII VIII IX X XI XII".split()
_MONTH_STARTS = (
    ("jaan", "jan", "янв"),
    ("vee", "veb", "feb", "фев"),
    ("mär", "mar", "мар"),
    ("apr", "апр"),
    ("mai", "may", "май", "мая", "мае"),
    ("juun", "jun", "июн"),
    ("juul", "jul", "июл"),
    ("aug", "авг"),
    ("sep", "сен"),
    ("okt", "oct", "окт"),
    ("nov", "ноя"),
    ("det", "dec", "дек"),
)


def month_number(name: str) -> int:
    """Number 1 to 12 of a month's name in any form. Raises ValueError for other words."""
    word = name.casefold()
    for number, starts in enumerate(_MONTH_STARTS, start=1):
        if word.startswith(starts):
            return number
    raise ValueError(name)


def roman_month(numeral: str) -> int:
    """Number 1 to 12 of a roman numeral I to XII."""
    return _ROMAN_NUMBERS.index(numeral) + 1
