"""Finds datelines: lines such as „Tallinn, 12. mai 2013“ or „Lisatud: 17.02.2012“.

Only the first and last lines of the body can be datelines, and only if they contain little else: a
place, a name, the name of a section.
"""

import re
from collections.abc import Iterator

from indexer.extract.dates.date_parser import DateSpan, find_dates
from indexer.text_view import TextView
from search.article import Extracted, PartialDate

_FIRST_LINES = 5
_LAST_LINES = 3
_LONGEST = 200
# A label of publication right before the date, anywhere in the line.
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
    text_view: TextView, latest_year: int, reference: PartialDate | None
) -> Extracted[PartialDate] | None:
    """Finds the date of the dateline; None without one.

    ``reference``, the date of the article's address or source, completes a dateline without year.
    """
    lines = [each for each in re.finditer(r"[^\n]+", text_view.body.text) if each.group().strip()]
    ends = [*lines[:_FIRST_LINES], *lines[max(_FIRST_LINES, len(lines) - _LAST_LINES) :]]
    for find in (_labelled_dates, _bare_dates):
        for line in ends:
            for span, date in find(line.group(), line is lines[0], reference):
                if date.year <= latest_year:
                    start = line.start() + span.start
                    evidence = text_view.body.evidence(start, start + len(span.text))
                    return Extracted(date, "found", (evidence,))
    return None


def _labelled_dates(
    text: str, _first: bool, reference: PartialDate | None
) -> Iterator[tuple[DateSpan, PartialDate]]:
    for span in find_dates(text[:_LONGEST]):
        date = _date(span, reference)
        before = _TIME_WORDS.sub("", text[: span.start])
        if date is not None and date.month is not None and _PUBLISHED.search(before):
            yield span, date


def _bare_dates(
    text: str, first: bool, reference: PartialDate | None
) -> Iterator[tuple[DateSpan, PartialDate]]:
    if _EVENT_LABEL.match(text):
        return
    for span in find_dates(text[:_LONGEST]):
        date = _date(span, reference)
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
            # A month or year alone is a dateline only with a label, or as a heading.
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
            # A name and a day: a byline or an event? The year is the same.
            yield span, PartialDate(date.year)


def _is_leading(before: str, after: str) -> bool:
    """True for a dateline before the text: „Tallinn, 12. mai 2013 – Täna …“."""
    place = _TIME_WORDS.sub("", before)
    return bool(_LEADING.fullmatch(place) and _AFTER_LEADING.match(after))


def _date(span: DateSpan, reference: PartialDate | None) -> PartialDate | None:
    """The date of ``span``; of a range, which is that of an event, only the year."""
    if span.precision == "year" and span.last_year is not None:
        return None
    date = span.date
    if date is None and reference is not None and span.day is not None:
        date = span.in_year(reference.year)
    if date is None:
        return None
    return date if span.last_day is None else PartialDate(span.last_year or date.year)
