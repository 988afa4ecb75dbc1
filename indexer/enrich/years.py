"""When an article was published: as the source, its address, or its text tells.

The text is asked in this order: a dateline; then dates of what it tells, weighed. Spans of
projects, deadlines, founding dates and years of other events do not date an article. A day and
month without year is completed only by an event's name with a year in the same sentence or by a
link that names one. Without evidence the year stays unknown.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from indexer.enrich.addresses import FIRST_WEB_YEAR, date_in_path, date_in_url, years_in_links
from indexer.enrich.dates import DateSpan, find_dates
from indexer.enrich.passages import Passages, Sentence
from search.analysis import ESTONIAN, Analyzer
from search.article import Article, Evidence, Extracted, PartialDate

T = TypeVar("T")
Tense = Literal["past", "future"]
_PAST = frozenset({"s", "sid", "sin", "sime", "site", "ti"})
_PRESENT = frozenset({"b", "n", "me", "te", "vad", "takse"})
_DATELINE_WORDS = re.compile(
    r"\b(?:avaldatud|avaldati|lisatud|postitatud|sisestatud|kuupäev|uudis(?:ed)?|pressiteade|"
    r"published|posted|date|press release|kell|kl|a|aasta|"
    r"(?:esmas|teisi|kolma|nelja)päev\w*|reede\w*|laupäev\w*|pühapäev\w*)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(r"[\W\d_]*(?:[A-ZÕÄÖÜŠŽ][a-zõäöüšž-]+)?[\W\d_]*")
_LEAD_DATELINE = re.compile(r"(?:[A-ZÕÄÖÜŠŽ][a-zõäöüšž]+,\s)?$")
_AFTER_DATELINE = re.compile(r"\s*(?:[-–—:|]\s|\n)")
_THIS_YEAR = re.compile(
    r"\b(?:käesoleva(?:l|s|ks)?|tänavu(?:se|sel|ne)?|jooksva(?:l)?|this year),?\s*\(?\s*"
    r"(?:aasta\w*,?\s*\(?\s*)?$",
    re.IGNORECASE,
)
_SPAN_BETWEEN = re.compile(r"[\s.,)]*(?:kuni|[-–—]|to|until)[\s.,(]*", re.IGNORECASE)
_UNTIL = re.compile(r"\b(?:kuni|hiljemalt|tähtaeg\w*|tähtajaga|enne|by|until)\W+$", re.IGNORECASE)
_SINCE = re.compile(r"\b(?:alates|since)\W+$", re.IGNORECASE)
_TERMINATIVE = re.compile(r"ni(?:\W|$)")
_FOUNDING = frozenset({"asutama", "sündima", "rajama", "kehtima", "jõustuma", "sõlmima"})
_CALL = frozenset(
    """registreeruma registreerima registreerumine kandideerima taotlema taotlus esitama avaldus
    tähtaeg avatud lahti ootama külastama vaatama osalema""".split()
)
# „Puidumess 2015“, „IFAT 2016“, „EXPO-2017“, but no „Tallinn 2016“ at the start of a list.
_EVENT = re.compile(
    r"(?<!\w)(?P<name>[A-ZÕÄÖÜŠŽ][\w&-]{2,})(?:\s|-|’|')(?P<year>(?:19|20)\d\d)(?![\w.,]\d|\.?\s?a)\b"
)
_NO_EVENTS = frozenset(
    """aasta aastal aastaks aastast aastate aastatel aastaga kokku umbes ligi kuni alates pärast
    enne jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember
    jaanuaris veebruaris märtsis aprillis mais juunis juulis augustis septembris oktoobris
    novembris detsembris kevadel suvel sügisel talvel juba ainuüksi eesti""".split()
)
_NEWS_WORDS = 900
_LEAD_LENGTH = 700
_MANY_YEARS = 4
_ENOUGH = 2.0
_NEAR = 1.0


@dataclass(frozen=True, slots=True)
class When:
    """The publication date and year of an article, each None if unknown."""

    published: Extracted[PartialDate] | None
    year: Extracted[int] | None


@dataclass(frozen=True, slots=True)
class _Told:
    """A date of the text, what it is worth as the article's own, and the tense it is told in."""

    span: DateSpan
    sentence: Sentence
    score: float
    tense: Tense | None


@dataclass(frozen=True, slots=True)
class _Candidate:
    year: int
    score: float
    tense: Tense | None
    evidence: tuple[Evidence, ...]


def find_when(
    article: Article, passages: Passages, language: str, analyzer: Analyzer, latest_year: int
) -> When:
    """The date of ``article``. Given values win; ``latest_year`` is the last possible year."""
    published = _given(article.published)
    year = _given(article.year)
    if published is not None:
        return When(published, year or Extracted(published.value.year, "given", published.evidence))
    found = _from_addresses(article, latest_year) or _from_dateline(passages, latest_year)
    if found is None and year is None:
        best = _from_text(passages, language, analyzer, latest_year)
        if best is not None:
            found = Extracted(PartialDate(best.year), "found", best.evidence)
    if year is not None:
        # A given year is no date; a found date that contradicts it is wrong.
        return When(found if found is not None and found.value.year == year.value else None, year)
    if found is None:
        return When(None, None)
    return When(found, Extracted(found.value.year, "found", found.evidence))


def _from_addresses(article: Article, latest_year: int) -> Extracted[PartialDate] | None:
    if article.url:
        found = date_in_url(article.url, latest_year)
        if found is not None:
            text = article.url[found.start : found.end]
            evidence = Evidence("url", found.start, found.end, text)
            return Extracted(found.date, "found", (evidence,))
    found = date_in_path(article.source, latest_year)
    if found is not None:
        text = article.source[found.start : found.end]
        return Extracted(found.date, "found", (Evidence("path", found.start, found.end, text),))
    return None


def _from_dateline(passages: Passages, latest_year: int) -> Extracted[PartialDate] | None:
    """A line that is nothing but a date, or „Tallinn, 12. mai 2013 – …“ at the beginning."""
    lines = [each for each in re.finditer(r"[^\n]+", passages.body) if each.group().strip()]
    for index in sorted({0, 1, len(lines) - 1, len(lines) - 2} & set(range(len(lines)))):
        line = lines[index]
        text = line.group()
        for span in find_dates(text[:200]):
            if span.year is None or span.year > latest_year or span.last_year is not None:
                continue
            rest = text[: span.start] + " " + text[span.end :]
            bare = _DATELINE_WORDS.sub(" ", rest)
            labelled = bare != rest
            alone = _PLACE.fullmatch(bare) and (span.precision == "day" or labelled)
            leading = (
                index == 0
                and span.precision == "day"
                and _LEAD_DATELINE.fullmatch(text[: span.start])
                and _AFTER_DATELINE.match(text, span.end)
            )
            if alone or leading:
                start = line.start() + span.start
                evidence = passages.evidence("body", start, start + len(span.text))
                assert span.date is not None  # noqa: S101 - it has a year
                return Extracted(span.date, "found", (evidence,))
    return None


def _from_text(
    passages: Passages, language: str, analyzer: Analyzer, latest_year: int
) -> _Candidate | None:
    told = [
        each
        for sentence in passages.sentences
        for each in _told(sentence, analyzer if language == ESTONIAN else None)
    ]
    undated = [each for each in told if each.span.precision == "day-month" and each.score > 0]
    dated_lead = any(
        each.span.year is not None and _is_lead(each.sentence) and each.score >= _ENOUGH
        for each in told
    )
    if not dated_lead and any(each.sentence.paragraph <= 2 for each in undated):
        # The story is told without its year, so a year named further down is another one.
        told = [replace(each, score=each.score - 2) if each.span.year else each for each in told]
    if _is_retrospect(passages, told):
        told = [each for each in told if _is_lead(each.sentence)]
    candidates = [
        _Candidate(each.span.year, each.score, each.tense, (_evidence(passages, each),))
        for each in told
        if each.span.year is not None
    ]
    candidates += _completed(passages, undated, latest_year)
    named = {
        year
        for each in told
        if _is_lead(each.sentence) and each.span.precision == "year"
        for year in (each.span.year, each.span.last_year)
    }
    # What the beginning of the article names too is likelier than what stands alone.
    candidates = [
        replace(each, score=each.score + 1.0) if each.score and each.year in named else each
        for each in candidates
    ]
    return _best([each for each in candidates if FIRST_WEB_YEAR <= each.year <= latest_year])


def _is_lead(sentence: Sentence) -> bool:
    """Does it stand in the title or where the body begins? A first paragraph may be endless."""
    return sentence.paragraph == 0 or (sentence.paragraph == 1 and sentence.start < _LEAD_LENGTH)


def _is_retrospect(passages: Passages, told: list[_Told]) -> bool:
    """A long text, or one that tells of many years: only its beginning can date it."""
    words = sum(len(each.tokens) for each in passages.sentences)
    years = {each.span.year for each in told if each.score > 0 and each.span.year is not None}
    return words > _NEWS_WORDS or len(years) >= _MANY_YEARS


def _best(candidates: list[_Candidate]) -> _Candidate | None:
    top = max((each.score for each in candidates), default=0.0)
    if top < _ENOUGH:
        return None
    near = [each for each in candidates if each.score >= max(_ENOUGH, top - _NEAR)]
    # The report is younger than all it tells, and older than what it announces.
    past = [each for each in near if each.tense == "past"]
    if past:
        year = max(each.year for each in past)
    else:
        untensed = [each for each in near if each.tense is None]
        year = max(each.year for each in untensed) if untensed else min(each.year for each in near)
    return max((each for each in near if each.year == year), key=lambda each: each.score)


def _completed(passages: Passages, undated: list[_Told], latest_year: int) -> Iterator[_Candidate]:
    """Candidates from a day and month that an event's name or a link completes."""
    if not undated:
        return
    title_events = [each for each in passages.sentences if each.part == "title"]
    for each in undated:
        lead = _is_lead(each.sentence)
        for sentence in [each.sentence, *(title_events if lead else [])]:
            for match in _EVENT.finditer(sentence.text):
                year = int(match.group("year"))
                if match.group("name").casefold() in _NO_EVENTS:
                    continue
                if each.span.in_year(year) is not None:
                    start, end = match.span()
                    event = passages.evidence(
                        sentence.part, sentence.start + start, sentence.start + end
                    )
                    yield _Candidate(year, 3.5, None, (event, _evidence(passages, each)))
    links = list(years_in_links(passages.body, latest_year))
    if len({year for year, _, _ in links}) == 1:
        year, start, end = links[0]
        first = undated[0]
        if first.span.in_year(year) is not None:
            link = passages.evidence("body", start, end)
            yield _Candidate(year, 3.0, None, (link, _evidence(passages, first)))


def _told(sentence: Sentence, analyzer: Analyzer | None) -> Iterator[_Told]:
    spans = find_dates(sentence.text)
    if not spans:
        return
    lemmas = _verb_lemmas(sentence, analyzer)
    verbs = _tenses(sentence, analyzer)
    for index, span in enumerate(spans):
        before = sentence.text[max(0, span.start - 40) : span.start]
        tense = _nearest(verbs, sentence.start + span.start)
        score = _score(sentence, span, before, tense, lemmas)
        if _in_long_span(sentence.text, spans, index):
            score = 0.0
        yield _Told(span, sentence, score, tense)


def _score(
    sentence: Sentence, span: DateSpan, before: str, tense: Tense | None, lemmas: frozenset[str]
) -> float:
    lead = _is_lead(sentence)
    if span.year is not None and _THIS_YEAR.search(before):
        return 6.0
    if span.last_year is not None or span.precision == "year":
        return 0.0
    if _SINCE.search(before):
        # „Alates 1. märtsist 2018 kannab liit uut nime“ is news; elsewhere it is the past.
        return 3.0 if lead and tense == "future" and span.precision == "day" else 0.0
    until = _UNTIL.search(before) or (span.last_day is None and _TERMINATIVE.search(span.text))
    if until and span.year is not None:
        return 2.0 if lemmas & _CALL and span.precision == "day" else 0.0
    if lemmas & _FOUNDING and not lead:
        return 0.0
    if span.precision == "month":
        return (2.0 if lead else 1.0) if tense is not None else 0.0
    return (4.0 if lead else 3.0) - (tense == "future" and not lead)


def _in_long_span(text: str, spans: Sequence[DateSpan], index: int) -> bool:
    """Is it an end of „01.12.2009 kuni 29.11.2010“, more than a month?"""
    for first, second in ((index - 1, index), (index, index + 1)):
        if first < 0 or second >= len(spans):
            continue
        a, b = spans[first], spans[second]
        if not _SPAN_BETWEEN.fullmatch(text, a.end, b.start):
            continue
        if a.month is None or b.month is None:
            return True
        year_a, year_b = a.year or b.year or 0, b.year or a.year or 0
        if (year_b - year_a) * 12 + b.month - a.month > 1:
            return True
    return False


def _verb_lemmas(sentence: Sentence, analyzer: Analyzer | None) -> frozenset[str]:
    if analyzer is None:
        return frozenset()
    return frozenset(
        lemma
        for token in sentence.tokens
        if token.kind == "word"
        for lemma in analyzer.terms(token.text).lemmas
    )


def _tenses(sentence: Sentence, analyzer: Analyzer | None) -> list[tuple[int, Tense]]:
    """Finite verbs of the sentence whose tense is certain, by offset."""
    if analyzer is None:
        return []
    found: list[tuple[int, Tense]] = []
    for token in sentence.tokens:
        readings = analyzer.readings(token.text) if token.kind == "word" else ()
        if readings and all(each.pos == "V" for each in readings):
            forms = {each.form for each in readings}
            if forms <= _PAST:
                found.append((token.start, "past"))
            elif forms <= _PRESENT:
                found.append((token.start, "future"))
    return found


def _nearest(verbs: list[tuple[int, Tense]], offset: int) -> Tense | None:
    return min(verbs, key=lambda verb: abs(verb[0] - offset))[1] if verbs else None


def _evidence(passages: Passages, told: _Told) -> Evidence:
    start = told.sentence.start + told.span.start
    return passages.evidence(told.sentence.part, start, start + len(told.span.text))


def _given(value: Extracted[T] | None) -> Extracted[T] | None:
    return value if value is not None and value.origin == "given" else None
