"""Finds datelines: lines such as „Tallinn, 12. mai 2013“ or „Lisatud: 17.02.2012“.

Only the first and last lines of the body can be one, and only if they hold little else: a place, a
name, the name of a section. Dates between them belong to what the article reports.
"""

import re
from collections.abc import Iterator

from indexer.extract.dates.date_parser import DateSpan, find_dates
from indexer.text_view import TextView
from search.article import Extracted, PartialDate

_FIRST_LINES = 5
_LAST_LINES = 3
_LONGEST = 200
# What the line was published by may stand anywhere in it, right before the date.
_PUBLISHED = re.compile(
    r"(?:^|[^\w\s]\s*|\b(?:uudis|artikkel|teade|news)\s(?:on\s)?)"
    r"(?:avalda(?:tud|ti|s)|lisa(?:tud|ti|s)|postita(?:tud|ti|s)|sisesta(?:tud|ti)|ilmu(?:nud|s)|"
    r"toimeta(?:ja|s)|published|posted|опубликовано)(?:\son)?\s*[:|–-]?\s*$",
    re.IGNORECASE,
)
_LABELS = re.compile(
    r"\b(?:avaldatud|avaldati|avaldas|lisatud|lisas|postitatud|postitas|sisestatud|ilmunud|ilmumise|"
    r"kuupäev|peatoimetaja|ajakirjanik|reporter|"
    r"autor|toimetaja|toimetas|kirjutas|kategooria|uudis(?:ed)?|pressiteade|teade|foto|published|"
    r"posted|date|by|author|press release|news|опубликовано|дата|автор|новости)\b",
    re.IGNORECASE,
)
_TIME_WORDS = re.compile(
    r"\b(?:kell|kl|a|aasta|года?|at|\d{1,2}[:.]\d\d|[ETKNRLP](?=[,.\s])|"
    r"(?:esmas|teisi|kolma|nelja)päev\w*|reede\w*|laupäev\w*|pühapäev\w*|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)
_NAME = r"[A-ZÕÄÖÜŠŽА-ЯЁ][\w-]*+"
_NAMES = re.compile(rf"[\W_]*+(?:{_NAME}[\W_]*+){{0,6}}")
_ONE_NAME = re.compile(rf"[\W_]*+(?:{_NAME})?[\W_]*+")
_NOTHING = re.compile(r"[\W_]*")
_LEADING = re.compile(rf"\(?(?:{_NAME}[,/ ]{{1,2}}){{0,3}}")
_AFTER_LEADING = re.compile(r"\)?(?:\s*[-–—:|]\s|\.\s+(?=[A-ZÕÄÖÜŠŽ„“\"]))")
_EVENT_LABEL = re.compile(r"^\W*(?:aeg|toimumisaeg|millal|algus|tähtaeg\w*|when|time)\b", re.I)


def dateline(
    text_view: TextView, latest_year: int, known: PartialDate | None
) -> Extracted[PartialDate] | None:
    """Date of a line that consists of little else; None without such a line.

    ``known`` is what the article's address or source tells: it completes a dateline without year.
    """
    lines = [each for each in re.finditer(r"[^\n]+", text_view.body.text) if each.group().strip()]
    ends = [*lines[:_FIRST_LINES], *lines[max(_FIRST_LINES, len(lines) - _LAST_LINES) :]]
    for find in (_labelled, _bare):
        for line in ends:
            for span, date in find(line.group(), line is lines[0], known):
                if date.year <= latest_year:
                    start = line.start() + span.start
                    evidence = text_view.body.evidence(start, start + len(span.text))
                    return Extracted(date, "found", (evidence,))
    return None


def _labelled(
    text: str, _first: bool, known: PartialDate | None
) -> Iterator[tuple[DateSpan, PartialDate]]:
    for span in find_dates(text[:_LONGEST]):
        date = _date(span, known)
        before = _TIME_WORDS.sub("", text[: span.start])
        if date is not None and date.month is not None and _PUBLISHED.search(before):
            yield span, date


def _bare(
    text: str, first: bool, known: PartialDate | None
) -> Iterator[tuple[DateSpan, PartialDate]]:
    if _EVENT_LABEL.match(text):
        return
    for span in find_dates(text[:_LONGEST]):
        date = _date(span, known)
        if date is None:
            continue
        before, after = text[: span.start], text[span.end :]
        if len(text) > _LONGEST:
            if first and _is_leading(before, after):
                yield span, date
            continue
        rest = _TIME_WORDS.sub(" ", f"{before} {after}")
        bare = _LABELS.sub(" ", rest)
        if date.day is None:
            # A month or year is a line's own only with a label, or as a heading.
            heading = first and date.month is not None and _NOTHING.fullmatch(rest)
            if heading or (bare != rest and _ONE_NAME.fullmatch(bare)):
                yield span, date
        elif (
            _ONE_NAME.fullmatch(bare)
            or (bare != rest and _NAMES.fullmatch(bare))
            or (first and _is_leading(before, after))
        ):
            yield span, date
        elif _NAMES.fullmatch(bare) and span.year is not None:
            # Some name and a day: by whom, or what took place? The year is the same.
            yield span, PartialDate(date.year)


def _is_leading(before: str, after: str) -> bool:
    """True for a dateline before the text: „Tallinn, 12. mai 2013 – Täna …“."""
    place = _TIME_WORDS.sub("", before)
    return bool(_LEADING.fullmatch(place) and _AFTER_LEADING.match(after))


def _date(span: DateSpan, known: PartialDate | None) -> PartialDate | None:
    """The day of ``span``; of a range, which is an event's, only the year."""
    if span.precision == "year" and span.last_year is not None:
        return None
    date = span.date
    if date is None and known is not None and span.day is not None:
        date = span.in_year(known.year)
    if date is None:
        return None
    return date if span.last_day is None else PartialDate(span.last_year or date.year)
