"""Finds years of events, annual summaries and links, which complete days without a year.

„Puidumess 2015“ is an event, „Natura 2000“, „Excel 2010“ and „Tartu 2024“ are not: an event's name
contains or is next to a word for an event, or is an acronym of something people take part in.
"""

import re
from collections.abc import Iterator
from datetime import date

from indexer.extract.dates.clauses import Clause
from indexer.extract.dates.date_parser import DateSpan
from indexer.extract.dates.relative_dates import weekday_before
from indexer.extract.dates.url_dates import years_in_links
from indexer.text_view import TextView
from search.article import Extracted, PartialDate

# „Puidumess 2015“, „IFAT 2016“, „EXPO-2017“, „suvepäevad 2015“
_NAMED = re.compile(
    r"(?<!\w)(?P<name>[^\W\d][\w&-]{2,40})(?:[“”\"»]?\s|-|’|')(?P<year>(?:19|20)\d\d)"
    r"(?![\w.,]\d|\.?\s?a(?:asta|\b)|\s?[-–—/]\s?\d)\b"
)
# „konverents „Tark puit 2016““, „konkurss „Parim trepp“ 2018“, „„Aasta uks 2017“ konkursil“
_BEFORE_QUOTED = re.compile(r"([^\W\d]\w*)\s[„“”\"«][^„“”\"«»]{0,60}[“”\"»]?\s?$")
_AFTER_QUOTED = re.compile(r"[“”\"»]\s([^\W\d]\w*)")
_YEAR_OF = re.compile(r"(?<!\w)(?P<year>(?:19|20)\d\d)\.?\s?(?:a\.|aasta)\s(?P<name>[^\W\d]\w+)")
_EVENT = re.compile(
    r"\w*(?:mess|näitus|konkurs|konkurss|koosolek|konverents|seminar|foorum|festival|laat|kongress|sümpoosion|võistlus|"
    r"päev|nädal|laager|forum|fair|conference|summit|congress|expo|days|week|festival)"
    r"(?:i|e|a|u|d|il|el|al|us|ud|se|sel|id|is|es|as|ad|adel|itel|idel|ile|ele|ale|iga|ega|aga|t)?",
    re.IGNORECASE,
)
_PREPARED = re.compile(r"(?:messi|näituse|konverentsi|foorumi|festivali|laada|päeva)ks\b", re.I)
_PREPARING = frozenset(
    """valmistuma ettevalmistus ettevalmistama registreeruma registreerumine pakkuma kandideerima
    taotlema plaanima kavandama""".split()
)
_TAKING_PART = frozenset("käima osalema külastama toimuma väisama esinema".split())
# Names of programmes, plans and products; their year is a target or a version.
_NO_EVENTS = frozenset(
    """natura horisont horizon euroopa europe eesti estonia agenda visioon strateegia arengukava
    programm windows office excel word life interreg erasmus tallinn tartu""".split()
)
_EARLIER = re.compile(r"\b(?:eelmi\w+|varas\w+|möödunud|mullu\w*|earlier|previous|last)\b", re.I)
_SUMMARY = re.compile(
    r"kokkuvõt\w*[^.]{0,20}?\b(?P<year>(?:19|20)\d\d)\b|\b(?P<before>(?:19|20)\d\d)\.?\s?"
    r"(?:a\.|aasta)\s(?:kokkuvõt|tegemis|tulemus)\w*",
    re.IGNORECASE,
)
_LAST_MONTHS = (11, 12)
_FIRST_MONTHS = (1, 2, 3)
_AROUND_LINK = 60
_LONGEST = 60


def named_events(clause: Clause) -> Iterator[Extracted[int]]:
    """Finds years in names of events of ``clause`` that take or took place: „Puidumess 2015“."""
    text = clause.sentence.text
    if _PREPARED.search(text) or clause.lemmas & _PREPARING:
        return
    for match in _NAMED.finditer(text):
        if _is_event(clause, match):
            yield _year_of(clause, match, int(match.group("year")))
    for match in _YEAR_OF.finditer(text):
        # „2016. aasta suvepäevad toimuvad 5. augustil“, but no other sentence about them.
        if _EVENT.fullmatch(match.group("name")) and clause.lemmas & {"toimuma"}:
            yield _year_of(clause, match, int(match.group("year")))


def summary_years(clause: Clause, span: DateSpan) -> Iterator[Extracted[int]]:
    """Year of the day ``span`` of an annual summary: the summarised one, or early in the next."""
    match = _SUMMARY.search(clause.sentence.text)
    if match is None:
        return
    year = int(match.group("year") or match.group("before"))
    if span.month in _LAST_MONTHS:
        yield _year_of(clause, match, year)
    elif span.month in _FIRST_MONTHS:
        yield _year_of(clause, match, year + 1)


def _year_of(clause: Clause, match: re.Match[str], year: int) -> Extracted[int]:
    return Extracted(year, "found", (clause.sentence.evidence(*match.span()),))


def _is_event(clause: Clause, match: re.Match[str]) -> bool:
    name = match.group("name")
    if name.casefold() in _NO_EVENTS:
        return False
    if _EVENT.fullmatch(name):
        return True
    if _is_quoted_event(clause.sentence.text, match):
        return True
    if not name[0].isupper():
        return False
    before, after = _words_around(clause, match)
    if before is not None and _EVENT.fullmatch(before):
        return True
    follows = after is not None and bool(_EVENT.fullmatch(after))
    if name.isupper():
        return follows or bool(clause.lemmas & _TAKING_PART)
    # „Wood Forum Riga 2024 konverentsil“, but not „Tartu 2024 konverentsil“
    return follows and before is not None and before[0].isupper()


def _is_quoted_event(text: str, match: re.Match[str]) -> bool:
    """True if a word for an event is next to the quoted name that ends in the year."""
    before = _BEFORE_QUOTED.search(text[: match.start("year")][-2 * _LONGEST :])
    after = _AFTER_QUOTED.match(text, match.end())
    return any(found is not None and _EVENT.fullmatch(found.group(1)) for found in (before, after))


def _words_around(clause: Clause, match: re.Match[str]) -> tuple[str | None, str | None]:
    text = clause.sentence.text
    before = re.search(r"([^\W\d]\w*)[\s„“\"]+$", text[: match.start()][-_LONGEST:])
    after = re.match(r"[“”\"]?\s([^\W\d]\w*)", text[match.end() :])
    return (before.group(1) if before else None, after.group(1) if after else None)


def linked_year(text_view: TextView, latest_year: int) -> Extracted[int] | None:
    """Year of the links in the body, if they agree and name no earlier event."""
    links = [
        Extracted(year, "found", (text_view.body.evidence(start, end),))
        for year, start, end in years_in_links(text_view.body.text, latest_year)
        if not _EARLIER.search(text_view.body.text, max(0, start - _AROUND_LINK), start)
    ]
    return links[0] if len({each.value for each in links}) == 1 else None


def completed_year(clause: Clause, span: DateSpan, year: int) -> int | None:
    """Year of writing if the day ``span``, which has no year, is in ``year``.

    None if there is no such day, or the weekday written before it contradicts.
    """
    day = PartialDate(year, span.month, span.day)
    written = year - (span.relative or 0)
    if span.in_year(written) != day:
        return None
    weekday = weekday_before(clause.sentence.text, span.start)
    if weekday is not None and weekday != _weekday(day):
        return None
    return written


def _weekday(day: PartialDate) -> int:
    return date(day.year, day.month or 1, day.day or 1).weekday()
