"""Finds the publication date of an article: given, in its address, or in its text.

What the text says of the same date more precisely completes the address. The text is asked in
this order: a dateline; the day of writing as it points at it; then dates of what it tells, weighed.
Spans of projects, deadlines, founding dates, laws and years of other events do not date an article.
A day and month without year is completed only by an event's name with a year or a summary of one in
the same sentence or the title, or by a link that names one. Without evidence the year is unknown.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from indexer.extract.dates.clauses import Clause, Tense, clauses_of
from indexer.extract.dates.date_scoring import MIN_SCORE, PAST_TENSES, ScoredDate, score_dates
from indexer.extract.dates.datelines import dateline
from indexer.extract.dates.events import EventYear, completed, linked_year, named_events, summed_up
from indexer.extract.dates.url_dates import FIRST_WEB_YEAR, date_in_path, date_in_url
from indexer.extract.dates.writing_date import writing_dates
from indexer.text_view import TextView
from search.analysis import Analyzer
from search.article import Article, Evidence, Extracted, PartialDate

T = TypeVar("T")
_NEWS_WORDS = 600
_MANY_YEARS = 4
_NEAR = 1.0
_EVENT_SCORE = 3.5
_LINK_SCORE = 3.0
_UNDATED_STORY = 2.0
_AGREED = 1.0


@dataclass(frozen=True, slots=True)
class PublicationDate:
    """The publication date and year of an article, each None if unknown."""

    published: Extracted[PartialDate] | None
    year: Extracted[int] | None


@dataclass(frozen=True, slots=True)
class _DatedClause:
    """A sentence and the dates it tells."""

    clause: Clause
    told: tuple[ScoredDate, ...]

    @property
    def undated(self) -> list[ScoredDate]:
        """Days without year that may be the article's own."""
        return [
            each
            for each in self.told
            if each.span.year is None and each.span.day is not None and not each.background
        ]


@dataclass(frozen=True, slots=True)
class _YearCandidate:
    year: int
    score: float
    tense: Tense | None
    evidence: tuple[Evidence, ...]


def find_publication_date(
    article: Article, text_view: TextView, analyzer: Analyzer, latest_year: int
) -> PublicationDate:
    """The date of ``article``. Given values win; ``latest_year`` is the last possible year."""
    published = _given(article.published)
    year = _given(article.year)
    if published is not None:
        return PublicationDate(
            published, year or Extracted(published.value.year, "given", published.evidence)
        )
    located = _from_addresses(article, latest_year)
    known = located.value if located else PartialDate(year.value) if year else None
    clauses = list(clauses_of(text_view, article.language, analyzer))
    found = dateline(text_view, latest_year, known) or _from_writing_date(
        clauses, text_view, latest_year, known
    )
    if located is not None:
        found = _most_precise(located, found)
    elif found is None and year is None:
        found = _from_text(clauses, text_view, latest_year)
    if year is not None:
        # A given year is no date; a found date that contradicts it is wrong.
        return PublicationDate(
            found if found is not None and found.value.year == year.value else None, year
        )
    if found is None:
        return PublicationDate(None, None)
    return PublicationDate(found, Extracted(found.value.year, "found", found.evidence))


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


def _most_precise(
    located: Extracted[PartialDate], told: Extracted[PartialDate] | None
) -> Extracted[PartialDate]:
    """``located``, or what the text tells more precisely; the address wins a contradiction."""
    if told is None or not told.value.iso.startswith(located.value.iso):
        return located
    if told.value == located.value:
        return located
    return replace(told, evidence=(*told.evidence, *located.evidence))


def _from_writing_date(
    clauses: list[Clause], text_view: TextView, latest_year: int, known: PartialDate | None
) -> Extracted[PartialDate] | None:
    """The day of writing that the text points at: the most precise, then the first one."""
    found = [
        (each.date, clause, each)
        for clause in clauses
        for each in writing_dates(clause, known)
        if FIRST_WEB_YEAR <= each.date.year <= latest_year
    ]
    if not found:
        return None
    date, clause, pointed = max(found, key=lambda each: len(each[0].iso))
    start = clause.sentence.start
    evidence = text_view.part(clause.sentence.part).evidence(
        start + pointed.start, start + pointed.end
    )
    return Extracted(date, "found", (evidence,))


def _from_text(
    clauses: list[Clause], text_view: TextView, latest_year: int
) -> Extracted[PartialDate] | None:
    stories = [_DatedClause(clause, tuple(score_dates(clause))) for clause in clauses]
    retrospect = _is_retrospective(text_view, stories)
    if retrospect:
        # Only its beginning can date it.
        stories = [each for each in stories if each.clause.first]
    told = [each for story in stories for each in story.told]
    candidates = [
        *_full_date_candidates(text_view, told),
        *_completed_candidates(text_view, stories, latest_year),
        *_event_candidates(text_view, clauses, retrospect),
    ]
    oldest = max(FIRST_WEB_YEAR, _latest_past_year(told, latest_year))
    best = _best([each for each in candidates if oldest <= each.year <= latest_year])
    return Extracted(PartialDate(best.year), "found", best.evidence) if best else None


def _full_date_candidates(text_view: TextView, told: list[ScoredDate]) -> Iterator[_YearCandidate]:
    """Candidates from dates that are told with their year."""
    dated_lead = any(
        each.span.date is not None and each.span.day and each.lead and each.score >= MIN_SCORE
        for each in told
    )
    # A story told without its year: a year named further down is another one.
    undated = not dated_lead and any(
        each.span.year is None and not each.background and each.sentence.paragraph <= 2
        for each in told
    )
    named = {
        year
        for each in told
        if each.lead and each.span.month is None and each.tense == "present"
        for year in (each.span.year, each.span.last_year)
    }
    for each in told:
        if each.span.year is not None:
            # What the beginning tells of that year's present or plans agrees with it.
            agreed = _AGREED if each.score and each.span.year in named else 0.0
            score = each.score + agreed - (_UNDATED_STORY if undated else 0.0)
            yield _YearCandidate(each.span.year, score, each.tense, (each.evidence(text_view),))


def _completed_candidates(
    text_view: TextView, stories: list[_DatedClause], latest_year: int
) -> Iterator[_YearCandidate]:
    """Candidates from a day and month that an event's name, a summary or a link completes."""
    titles = [each.clause for each in stories if each.clause.sentence.part == "title"]
    linked = None
    if any(each.undated for each in stories):
        linked = linked_year(text_view, latest_year)
    for story in stories:
        naming = (story.clause, *(titles if story.clause.lead else ()))
        events = [(clause, event) for clause in naming for event in named_events(clause)]
        for each in story.undated:
            day = each.evidence(text_view)
            sums = ((clause, event) for clause in naming for event in summed_up(clause, each.span))
            for clause, event in (*events, *sums):
                year = completed(story.clause, each.span, event.year)
                if year is not None:
                    name = _event_evidence(text_view, clause, event)
                    yield _YearCandidate(year, _EVENT_SCORE, None, (name, day))
            if linked is not None:
                year = completed(story.clause, each.span, linked[0])
                if year is not None:
                    yield _YearCandidate(year, _LINK_SCORE, None, (linked[1], day))
                # The link is of what is told first; what follows may be of another year.
                linked = None


def _event_candidates(
    text_view: TextView, clauses: list[Clause], retrospect: bool
) -> Iterator[_YearCandidate]:
    """Candidates from a year's event that the title names or the beginning tells of as past.

    The event in the title of a retrospect may be only what it looks back from.
    """
    for clause in clauses:
        if not clause.lead:
            continue
        for event in named_events(clause):
            span = next((each for each in clause.spans if each.end >= event.end), None)
            verb = clause.verb(span) if span is not None else None
            reported = verb is not None and verb.tense in PAST_TENSES
            if reported or (clause.sentence.part == "title" and not retrospect):
                name = _event_evidence(text_view, clause, event)
                yield _YearCandidate(event.year, MIN_SCORE, "past", (name,))


def _event_evidence(text_view: TextView, clause: Clause, event: EventYear) -> Evidence:
    start = clause.sentence.start
    return text_view.part(clause.sentence.part).evidence(start + event.start, start + event.end)


def _is_retrospective(text_view: TextView, stories: list[_DatedClause]) -> bool:
    """A long text, or one that tells of many years."""
    words = sum(len(each.tokens) for each in text_view.sentences)
    years = {each.span.year for story in stories for each in story.told if each.score > 0}
    return words > _NEWS_WORDS or len(years - {None}) >= _MANY_YEARS


def _latest_past_year(told: list[ScoredDate], latest_year: int) -> int:
    """The latest year that is told as past, or 0: the text was not written before it."""
    years = [
        each.span.year
        for each in told
        if each.tense == "past"
        and each.span.year is not None
        and each.span.year <= latest_year
        and each.span.last_year is None
        and "aasta" in each.span.text
        and not each.span.text.endswith(("ks", "ni"))
    ]
    return max(years, default=0)


def _best(candidates: list[_YearCandidate]) -> _YearCandidate | None:
    top = max((each.score for each in candidates), default=0.0)
    if top < MIN_SCORE:
        return None
    near = [each for each in candidates if each.score >= max(MIN_SCORE, top - _NEAR)]
    # The report is younger than all it tells, and older than what it announces.
    past = [each for each in near if each.tense in PAST_TENSES]
    if past:
        year = max(each.year for each in past)
    else:
        untensed = [each for each in near if each.tense is None]
        year = max(each.year for each in untensed) if untensed else min(each.year for each in near)
    return max((each for each in near if each.year == year), key=lambda each: each.score)


def _given(value: Extracted[T] | None) -> Extracted[T] | None:
    return value if value is not None and value.origin == "given" else None
