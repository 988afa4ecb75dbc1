"""Infers the day of writing from a full date beside a relative date.

„Täna, 12. mail 2016“ was written that day, „eile, 11. mail 2016“ a day later, „eelmisel, 2015.
aastal“ in 2016 and „käesoleval 2012. aastal“ in 2012.
"""

import re
from collections.abc import Iterator

from indexer.extract.dates.clauses import Clause
from indexer.extract.dates.date_parser import DateSpan
from indexer.extract.dates.relative_dates import RelativePhrase, find_relative, shifted
from search.article import Extracted, PartialDate

_BEFORE_YEAR = re.compile(r"[\s,(]*")
_BEFORE_DAY = re.compile(
    r"[\s,(]*(?:(?:(?:esmas|teisi|kolma|nelja|lau|püha)päeva?l?|reede[l]?|[a-z]+day|"
    r"hommikul|õhtul|pärastlõunal|on)[\s,(]*){0,3}",
    re.IGNORECASE,
)
# In a story these count from what was told before: „Klaster loodi 2008. Järgmisel, 2009. aastal…“
_OF_A_STORY = re.compile(r"eelmi|järgmi|sel|next", re.IGNORECASE)


def writing_dates(clause: Clause, known: PartialDate | None) -> Iterator[Extracted[PartialDate]]:
    """Days of writing implied by ``clause``.

    ``known`` is what the article's address or source tells: it completes a day without year.
    """
    text = clause.sentence.text
    for span in clause.spans:
        if span.year is not None and span.relative is not None:
            yield _found(clause, PartialDate(span.year - span.relative), span.start, span.end)
    for words in find_relative(text):
        after = next((each for each in clause.spans if each.start >= words.end), None)
        if after is None:
            continue
        gap = text[words.end : after.start]
        date = _from_year(clause, words, after, gap) or _from_day(words, after, gap, known)
        if date is not None:
            if clause.sentence.part == "title":
                # „Eile, täna, homme: 13. november 2019“ is a theme and the day of an event.
                date = PartialDate(date.year)
            yield _found(clause, date, words.start, after.end)


def _found(clause: Clause, date: PartialDate, start: int, end: int) -> Extracted[PartialDate]:
    return Extracted(date, "found", (clause.sentence.evidence(start, end),))


def _from_year(
    clause: Clause, words: RelativePhrase, span: DateSpan, gap: str
) -> PartialDate | None:
    if words.unit != "year" or span.year is None or span.precision != "year":
        return None
    if span.last_year is not None or not _BEFORE_YEAR.fullmatch(gap):
        return None
    if _OF_A_STORY.match(clause.sentence.text, words.start):
        verb = clause.verb(span)
        told_ahead = words.offset > 0 and verb is not None and verb.tense == "past"
        if not clause.lead or told_ahead or len(clause.spans) > 1:
            return None
    return PartialDate(span.year - words.offset)


def _from_day(
    words: RelativePhrase, span: DateSpan, gap: str, known: PartialDate | None
) -> PartialDate | None:
    if words.unit == "year" or span.precision != "day" or not _BEFORE_DAY.fullmatch(gap):
        return None
    day = span.date
    if day is None and known is not None:
        day = span.in_year(known.year)
    if day is None:
        return None
    date = shifted(day, words.unit, -words.offset)
    if date is not None and span.last_day is not None:
        return PartialDate(date.year)
    return date
