"""When an article was published: as the source, its address, or its text tells.

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
from indexer.extract.dates.date_scoring import ENOUGH, REPORTED, Told, told_dates
from indexer.extract.dates.datelines import dateline
from indexer.extract.dates.events import Named, completed, linked_year, named_events, summed_up
from indexer.extract.dates.url_dates import FIRST_WEB_YEAR, date_in_path, date_in_url
from indexer.extract.dates.writing_date import pointed_dates
from indexer.extract.text_view import Passages
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
class When:
    """The publication date and year of an article, each None if unknown."""

    published: Extracted[PartialDate] | None
    year: Extracted[int] | None


@dataclass(frozen=True, slots=True)
class _Story:
    """A sentence and the dates it tells."""

    clause: Clause
    told: tuple[Told, ...]

    @property
    def undated(self) -> list[Told]:
        """Days without year that may be the article's own."""
        return [
            each
            for each in self.told
            if each.span.year is None and each.span.day is not None and not each.background
        ]


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
    located = _from_addresses(article, latest_year)
    known = located.value if located else PartialDate(year.value) if year else None
    clauses = list(clauses_of(passages, language, analyzer))
    found = dateline(passages, latest_year, known) or _pointed(
        clauses, passages, latest_year, known
    )
    if located is not None:
        found = _refined(located, found)
    elif found is None and year is None:
        found = _from_text(clauses, passages, latest_year)
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


def _refined(
    located: Extracted[PartialDate], told: Extracted[PartialDate] | None
) -> Extracted[PartialDate]:
    """``located``, or what the text tells more precisely; the address wins a contradiction."""
    if told is None or not told.value.iso.startswith(located.value.iso):
        return located
    if told.value == located.value:
        return located
    return replace(told, evidence=(*told.evidence, *located.evidence))


def _pointed(
    clauses: list[Clause], passages: Passages, latest_year: int, known: PartialDate | None
) -> Extracted[PartialDate] | None:
    """The day of writing that the text points at: the most precise, then the first one."""
    found = [
        (each.date, clause, each)
        for clause in clauses
        for each in pointed_dates(clause, known)
        if FIRST_WEB_YEAR <= each.date.year <= latest_year
    ]
    if not found:
        return None
    date, clause, pointed = max(found, key=lambda each: len(each[0].iso))
    start = clause.sentence.start
    evidence = passages.evidence(clause.sentence.part, start + pointed.start, start + pointed.end)
    return Extracted(date, "found", (evidence,))


def _from_text(
    clauses: list[Clause], passages: Passages, latest_year: int
) -> Extracted[PartialDate] | None:
    stories = [_Story(clause, tuple(told_dates(clause))) for clause in clauses]
    retrospect = _is_retrospect(passages, stories)
    if retrospect:
        # Only its beginning can date it.
        stories = [each for each in stories if each.clause.first]
    told = [each for story in stories for each in story.told]
    candidates = [
        *_dated(passages, told),
        *_completed(passages, stories, latest_year),
        *_took_part(passages, clauses, retrospect),
    ]
    oldest = max(FIRST_WEB_YEAR, _newest_past(told, latest_year))
    best = _best([each for each in candidates if oldest <= each.year <= latest_year])
    return Extracted(PartialDate(best.year), "found", best.evidence) if best else None


def _dated(passages: Passages, told: list[Told]) -> Iterator[_Candidate]:
    """Candidates from dates that are told with their year."""
    dated_lead = any(
        each.span.date is not None and each.span.day and each.lead and each.score >= ENOUGH
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
            yield _Candidate(each.span.year, score, each.tense, (each.evidence(passages),))


def _completed(passages: Passages, stories: list[_Story], latest_year: int) -> Iterator[_Candidate]:
    """Candidates from a day and month that an event's name, a summary or a link completes."""
    titles = [each.clause for each in stories if each.clause.sentence.part == "title"]
    linked = None
    if any(each.undated for each in stories):
        linked = linked_year(passages, latest_year)
    for story in stories:
        naming = (story.clause, *(titles if story.clause.lead else ()))
        events = [(clause, event) for clause in naming for event in named_events(clause)]
        for each in story.undated:
            day = each.evidence(passages)
            sums = ((clause, event) for clause in naming for event in summed_up(clause, each.span))
            for clause, event in (*events, *sums):
                year = completed(story.clause, each.span, event.year)
                if year is not None:
                    name = _event_evidence(passages, clause, event)
                    yield _Candidate(year, _EVENT_SCORE, None, (name, day))
            if linked is not None:
                year = completed(story.clause, each.span, linked[0])
                if year is not None:
                    yield _Candidate(year, _LINK_SCORE, None, (linked[1], day))
                # The link is of what is told first; what follows may be of another year.
                linked = None


def _took_part(passages: Passages, clauses: list[Clause], retrospect: bool) -> Iterator[_Candidate]:
    """Candidates from a year's event that the title names or the beginning tells of as past.

    The event in the title of a retrospect may be only what it looks back from.
    """
    for clause in clauses:
        if not clause.lead:
            continue
        for event in named_events(clause):
            span = next((each for each in clause.spans if each.end >= event.end), None)
            verb = clause.verb(span) if span is not None else None
            reported = verb is not None and verb.tense in REPORTED
            if reported or (clause.sentence.part == "title" and not retrospect):
                name = _event_evidence(passages, clause, event)
                yield _Candidate(event.year, ENOUGH, "past", (name,))


def _event_evidence(passages: Passages, clause: Clause, event: Named) -> Evidence:
    start = clause.sentence.start
    return passages.evidence(clause.sentence.part, start + event.start, start + event.end)


def _is_retrospect(passages: Passages, stories: list[_Story]) -> bool:
    """A long text, or one that tells of many years."""
    words = sum(len(each.tokens) for each in passages.sentences)
    years = {each.span.year for story in stories for each in story.told if each.score > 0}
    return words > _NEWS_WORDS or len(years - {None}) >= _MANY_YEARS


def _newest_past(told: list[Told], latest_year: int) -> int:
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


def _best(candidates: list[_Candidate]) -> _Candidate | None:
    top = max((each.score for each in candidates), default=0.0)
    if top < ENOUGH:
        return None
    near = [each for each in candidates if each.score >= max(ENOUGH, top - _NEAR)]
    # The report is younger than all it tells, and older than what it announces.
    past = [each for each in near if each.tense in REPORTED]
    if past:
        year = max(each.year for each in past)
    else:
        untensed = [each for each in near if each.tense is None]
        year = max(each.year for each in untensed) if untensed else min(each.year for each in near)
    return max((each for each in near if each.year == year), key=lambda each: each.score)


def _given(value: Extracted[T] | None) -> Extracted[T] | None:
    return value if value is not None and value.origin == "given" else None
