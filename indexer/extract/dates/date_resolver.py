"""Selects the publication date of an article: given, from its URL or path, or from its text.

Evidence in the text, in order: a dateline; the day of writing implied by relative dates; scored
dates in sentences. A more precise date in the text completes that of the URL. A day and month
without year is completed only by an event's name with a year or an annual summary in the same
sentence or the title, or by a link with a year. Without evidence the year is unknown.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from indexer.extract.dates.clauses import Clause, Tense, clauses_of
from indexer.extract.dates.date_parser import DateSpan
from indexer.extract.dates.date_scoring import MIN_SCORE, PAST_TENSES, ScoredDate, score_dates
from indexer.extract.dates.datelines import dateline
from indexer.extract.dates.embedded_posts import EmbeddedPost, embedded_posts, latest_post
from indexer.extract.dates.events import completed_year, linked_year, named_events, summary_years
from indexer.extract.dates.relative_dates import RelativePhrase, find_relative_dates, shifted_date
from indexer.extract.dates.url_dates import FIRST_WEB_YEAR, date_in_path, date_in_url
from indexer.extract.dates.year_bounds import YearBounds, year_bounds
from indexer.extract.dates.year_inference import inferred_year
from indexer.text_view import TextView
from search.analysis import ESTONIAN, Analyzer
from search.article import Article, Evidence, Extracted, PartialDate

T = TypeVar("T")
#: A text with more words than this is a retrospective, as is one with scored dates of this many
#: years.
_NEWS_WORDS = 600
_MANY_YEARS = 4
#: Sentences of the title in which an event is looked for.
_TITLE_SENTENCES = 5
#: Candidates at most this far below the best are ranked by tense instead of score.
_NEAR_BEST = 1.0
_EVENT_SCORE = 3.5
_LINK_SCORE = 3.0
#: An embedded post is better evidence than any date of the text.
_POST_SCORE = 8.0
#: News follows within a week: an event after this day may be reported in the next month; one in the
#: next year would name the year.
_LATEST_DAY = 24
_DECEMBER = 12
#: Subtracted for years in a text whose beginning has dates without a year.
_UNDATED_PENALTY = 2.0
#: Added for the same year in the present tense in the lead.
_AGREEMENT_BONUS = 1.0


@dataclass(frozen=True, slots=True)
class PublicationDate:
    """Publication date and year of an article, each None if unknown."""

    published: Extracted[PartialDate] | None
    year: Extracted[int] | None


@dataclass(frozen=True, slots=True)
class _DatedClause:
    """A clause with its scored dates."""

    clause: Clause
    dates: tuple[ScoredDate, ...]

    @property
    def without_year(self) -> list[ScoredDate]:
        """Candidate days without a year."""
        return [
            each
            for each in self.dates
            if each.span.year is None and each.span.day is not None and not each.background
        ]


@dataclass(frozen=True, slots=True)
class _YearCandidate:
    """A candidate year with evidence; ``month`` is that of the reported event, if any."""

    year: int
    score: float
    tense: Tense | None
    evidence: tuple[Evidence, ...]
    month: int | None = None

    @property
    def date(self) -> PartialDate:
        return PartialDate(self.year, self.month)


def find_publication_date(
    article: Article, text_view: TextView, analyzer: Analyzer, latest_year: int
) -> PublicationDate:
    """Resolves the publication date of ``article``, up to ``latest_year``. Given values win."""
    published, year = _given(article.published), _given(article.year)
    if published is not None:
        given_year = year or Extracted(published.value.year, "given", published.evidence)
        return PublicationDate(published, given_year)
    address_date = date_in_url(article.url, latest_year) if article.url else None
    address_date = address_date or date_in_path(article.source, latest_year)
    reference = address_date.value if address_date else PartialDate(year.value) if year else None
    clauses = list(clauses_of(text_view, article.language, analyzer))
    found = dateline(text_view, latest_year, reference) or _writing_date(
        clauses, latest_year, reference
    )
    if address_date is not None:
        found = _most_precise(address_date, found)
    elif found is None and year is None:
        read = analyzer if article.language == ESTONIAN else None
        found = _from_text(clauses, text_view, read, latest_year)
    if year is not None:
        # A given year is no date; a found date that contradicts it is wrong.
        agrees = found is not None and found.value.year == year.value
        return PublicationDate(found if agrees else None, year)
    if found is None:
        return PublicationDate(None, None)
    return PublicationDate(found, Extracted(found.value.year, "found", found.evidence))


def _most_precise(
    address_date: Extracted[PartialDate], found: Extracted[PartialDate] | None
) -> Extracted[PartialDate]:
    """Refines ``address_date`` by a more precise date of the text, unless they contradict."""
    if found is None or not found.value.iso.startswith(address_date.value.iso):
        return address_date
    if found.value == address_date.value:
        return address_date
    return replace(found, evidence=(*found.evidence, *address_date.evidence))


def _writing_date(
    clauses: Sequence[Clause], latest_year: int, reference: PartialDate | None
) -> Extracted[PartialDate] | None:
    """Infers the day of writing from relative dates: the most precise, then the first one."""
    found = (
        each
        for clause in clauses
        for each in writing_dates(clause, reference)
        if FIRST_WEB_YEAR <= each.value.year <= latest_year
    )
    return max(found, key=lambda each: len(each.value.iso), default=None)


def _from_text(
    clauses: Sequence[Clause], text_view: TextView, analyzer: Analyzer | None, latest_year: int
) -> Extracted[PartialDate] | None:
    """Selects the best candidate among the dates of the text, else infers the year.

    Without an ``analyzer`` nothing is inferred.
    """
    posts = list(embedded_posts(text_view))
    of_posts = {each.evidence for each in posts}
    dated = []
    for clause in clauses:
        dates = (each for each in score_dates(clause) if each.evidence not in of_posts)
        dated.append(_DatedClause(clause, tuple(dates)))
    bounds = year_bounds([each for some in dated for each in some.dates], latest_year)
    candidates = [
        *_post_candidates(latest_post(posts, text_view)),
        *_candidates(dated, text_view, latest_year),
        *_bound_candidates(bounds),
    ]
    best = _best([each for each in candidates if each.year in bounds.years])
    if best is not None:
        return Extracted(best.date, "found", best.evidence)
    inferred = inferred_year(text_view, analyzer, bounds.years) if analyzer else None
    if inferred is None:
        return None
    return Extracted(PartialDate(inferred.value), "found", inferred.evidence)


def _candidates(
    dated: Sequence[_DatedClause], text_view: TextView, latest_year: int
) -> Iterator[_YearCandidate]:
    """Candidates from the dates and events of the text."""
    retrospective = _is_retrospective(text_view, dated)
    clauses = [each.clause for each in dated]
    if retrospective:
        # Only the beginning of a retrospective can date it.
        dated = [each for each in dated if each.clause.first]
    yield from _full_date_candidates([each for some in dated for each in some.dates])
    yield from _completed_date_candidates(text_view, dated, latest_year)
    yield from _event_candidates(clauses, retrospective)


def _post_candidates(post: EmbeddedPost | None) -> Iterator[_YearCandidate]:
    """The candidate from the latest embedded post."""
    if post is not None:
        month = _news_month(post.date.month, post.date.day)
        yield _YearCandidate(post.date.year, _POST_SCORE, "past", (post.evidence,), month)


def _bound_candidates(bounds: YearBounds) -> Iterator[_YearCandidate]:
    """The candidate that is the only year within the bounds."""
    if bounds.only is not None:
        yield _YearCandidate(bounds.only, MIN_SCORE, "past", bounds.evidence)


def _full_date_candidates(dates: Sequence[ScoredDate]) -> Iterator[_YearCandidate]:
    """Candidates from dates with a year."""
    dated_lead = any(
        each.span.date is not None and each.span.day and each.lead and each.score >= MIN_SCORE
        for each in dates
    )
    # The beginning has dates without a year: a year further down is another one.
    undated = not dated_lead and any(
        each.span.year is None and not each.background and each.sentence.paragraph <= 2
        for each in dates
    )
    present_years = {
        year
        for each in dates
        if each.lead and each.span.month is None and each.tense == "present"
        for year in (each.span.year, each.span.last_year)
    }
    for each in dates:
        if each.span.year is not None:
            agrees = each.score and each.span.year in present_years
            score = each.score + (_AGREEMENT_BONUS if agrees else 0.0)
            if undated or not (_is_prominent(each) or _is_only_year(each, dates)):
                score -= _UNDATED_PENALTY
            year = each.span.year
            yield _YearCandidate(year, score, each.tense, (each.evidence,), _month_of(each))


def _month_of(date: ScoredDate) -> int | None:
    """Month of publication after a past event on ``date``; None for a future one."""
    span = date.span
    if date.tense not in PAST_TENSES or span.last_year is not None or span.relative is not None:
        return None
    if date.has_future_case and span.last_day is None:
        return None
    return _news_month(span.last_month or span.month, span.last_day or span.day)


def _news_month(month: int | None, day: int | None) -> int | None:
    """Month of the week after ``day``; None if that reaches into the next month."""
    return month if month == _DECEMBER or (day or 0) <= _LATEST_DAY else None


def _is_prominent(date: ScoredDate) -> bool:
    """True for a date in the title, or a past one in the lead."""
    return date.sentence.part == "title" or (date.lead and date.tense != "present")


def _is_only_year(date: ScoredDate, dates: Sequence[ScoredDate]) -> bool:
    """True if the text has no date in another year, except future ones in later years."""
    return all(
        each.span.year == date.span.year
        or (
            each.span.year is not None and each.span.year > (date.span.year or 0) and each.is_future
        )
        for each in dates
    )


def _completed_date_candidates(
    text_view: TextView, dated: Sequence[_DatedClause], latest_year: int
) -> Iterator[_YearCandidate]:
    """Candidates from days completed with the year of an event, a summary or a link."""
    parts = (each.clause for each in dated if each.clause.sentence.part == "title")
    titles = tuple(itertools.islice(parts, _TITLE_SENTENCES))
    title_events = [event for clause in titles for event in named_events(clause)]
    linked = None
    if any(each.without_year for each in dated):
        linked = linked_year(text_view, latest_year)
    for some in dated:
        if not some.without_year:
            continue
        in_lead = some.clause.lead
        naming = (some.clause, *(titles if in_lead else ()))
        events = [*named_events(some.clause), *(title_events if in_lead else ())]
        for each in some.without_year:
            summaries = (event for clause in naming for event in summary_years(clause, each.span))
            for event in (*events, *summaries):
                year = completed_year(some.clause, each.span, event.value)
                if year is not None:
                    evidence = (*event.evidence, each.evidence)
                    yield _YearCandidate(year, _EVENT_SCORE, None, evidence, _month_of(each))
            if linked is not None:
                year = completed_year(some.clause, each.span, linked.value)
                if year is not None:
                    evidence = (*linked.evidence, each.evidence)
                    yield _YearCandidate(year, _LINK_SCORE, None, evidence, _month_of(each))
                # The link dates the first day only; later ones may be in another year.
                linked = None


def _event_candidates(clauses: Sequence[Clause], retrospective: bool) -> Iterator[_YearCandidate]:
    """Candidates from the year of an event in the title or, if past, in the lead.

    An event in the title of a retrospective is no evidence: it may be the occasion for it.
    """
    for clause in clauses:
        if not clause.lead:
            continue
        for event in named_events(clause):
            end = event.evidence[0].end - clause.sentence.start
            span = next((each for each in clause.spans if each.end >= end), None)
            verb = clause.verb(span) if span is not None else None
            is_past = verb is not None and verb.tense in PAST_TENSES
            if is_past or (clause.sentence.part == "title" and not retrospective):
                yield _YearCandidate(event.value, MIN_SCORE, "past", event.evidence)


def _is_retrospective(text_view: TextView, dated: Sequence[_DatedClause]) -> bool:
    """True for a long text, or one that covers many years."""
    words = sum(len(each.tokens) for each in text_view.sentences)
    years = {each.span.year for some in dated for each in some.dates if each.score > 0}
    return words > _NEWS_WORDS or len(years - {None}) >= _MANY_YEARS


def _best(candidates: Sequence[_YearCandidate]) -> _YearCandidate | None:
    """The best candidate, None if no score is high enough."""
    top = max((each.score for each in candidates), default=0.0)
    if top < MIN_SCORE:
        return None
    near = [each for each in candidates if each.score >= max(MIN_SCORE, top - _NEAR_BEST)]
    # An article is newer than what it reports, and older than what it announces.
    past = [each.year for each in near if each.tense in PAST_TENSES]
    untensed = [each.year for each in near if each.tense is None]
    reported = past or untensed
    year = max(reported) if reported else min(each.year for each in near)
    return max((each for each in near if each.year == year), key=lambda each: each.score)


def _given(value: Extracted[T] | None) -> Extracted[T] | None:
    return value if value is not None and value.origin == "given" else None


_GAP_BEFORE_YEAR = re.compile(r"[\s,(]*(?:ehk\s|see on\s|s\.o\.?\s)?")
_GAP_BEFORE_DAY = re.compile(
    r"[\s,(]*(?:(?:(?:esmas|teisi|kolma|nelja|lau|püha)päeva?l?|reede[l]?|[a-z]+day|"
    r"hommikul|õhtul|pärastlõunal|on)[\s,(]*){0,3}",
    re.IGNORECASE,
)
# In a narrative these refer to the date before: „Klaster loodi 2008. Järgmisel, 2009. aastal…“
_NARRATIVE_REFERENCE = re.compile(r"eelmi|järgmi|sel|next", re.IGNORECASE)


def writing_dates(
    clause: Clause, reference: PartialDate | None
) -> Iterator[Extracted[PartialDate]]:
    """Infers days of writing from a full date beside a relative one in ``clause``.

    „Täna, 12. mail 2016“ was written that day, „eile, 11. mail 2016“ a day later, „eelmisel, 2015.
    aastal“ in 2016 and „käesoleval 2012. aastal“ in 2012.

    ``reference``, the date of the article's address or source, completes a day without year.
    """
    text = clause.sentence.text
    for span in clause.spans:
        if span.year is not None and span.relative is not None:
            yield _found(clause, PartialDate(span.year - span.relative), span.start, span.end)
    for words in find_relative_dates(text):
        after = next((each for each in clause.spans if each.start >= words.end), None)
        if after is None:
            continue
        gap = text[words.end : after.start]
        date = _from_year(clause, words, after, gap) or _from_day(words, after, gap, reference)
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
    if span.last_year is not None or not _GAP_BEFORE_YEAR.fullmatch(gap):
        return None
    if _NARRATIVE_REFERENCE.match(clause.sentence.text, words.start):
        verb = clause.verb(span)
        narrative = words.offset > 0 and verb is not None and verb.tense == "past"
        if not clause.lead or narrative or len(clause.spans) > 1:
            return None
    return PartialDate(span.year - words.offset)


def _from_day(
    words: RelativePhrase, span: DateSpan, gap: str, reference: PartialDate | None
) -> PartialDate | None:
    if words.unit == "year" or span.precision != "day" or not _GAP_BEFORE_DAY.fullmatch(gap):
        return None
    day = span.date
    if day is None and reference is not None:
        day = span.in_year(reference.year)
    if day is None:
        return None
    date = shifted_date(day, words.unit, -words.offset)
    if date is not None and span.last_day is not None:
        return PartialDate(date.year)
    return date
