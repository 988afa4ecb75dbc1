"""Spelling correction of query words without matches."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from search.analysis import Analyzer
from search.analysis.terms import Channel, term
from search.engines.contract import EngineReader
from search.match_counter import CountMatches
from search.normalisation import searchable
from search.query.ast import Word, lemmas_of
from search.query.interpreter import SpellingCorrections, UnmatchedWords
from search.query.parser import QueryParser
from search.query.term_statistics import TermStatistics, terms_of
from search.request import MAX_QUERY_LENGTH
from search.results import Suggestion

_MAX_SUGGESTIONS = 3
_MAX_SPELLINGS = 3
_EXACT_CHANNELS: tuple[Channel, ...] = ("lemma", "surface")


@dataclass(frozen=True, slots=True)
class CorrectedQuery:
    """A corrected query with ``count`` full matches, and its corrected words."""

    query: str
    count: int
    corrections: SpellingCorrections


def corrected_queries(
    query: str,
    unmatched: UnmatchedWords,
    reader: EngineReader,
    parser: QueryParser,
    analyzer: Analyzer,
    counts: CountMatches,
) -> tuple[CorrectedQuery, ...]:
    """Corrects the ``unmatched`` words of ``query``: corrected queries, likeliest first.

    One may have no full matches.
    """
    query = searchable(query).text  # has the words as the parser has them
    spellings = {
        word.text: _spellings(word, in_phrase, reader, parser, analyzer)
        for word, in_phrase in unmatched
    }
    best = {typed: found[0] for typed, found in spellings.items() if found}
    choices = [best] if best else []
    for typed, found in spellings.items():
        choices += [{**best, typed: other} for other in found[1:]]
    candidates: dict[str, SpellingCorrections] = {}
    for choice in choices[: 2 * _MAX_SUGGESTIONS]:
        corrected = query
        for typed, spelling in choice.items():
            corrected = _replaced(corrected, typed, spelling)
        if corrected != query and len(corrected) <= MAX_QUERY_LENGTH:
            candidates.setdefault(corrected, tuple(choice.items()))
    matches = counts(tuple(candidates)) if candidates else ()
    results = [
        CorrectedQuery(corrected, count, corrections)
        for (corrected, corrections), count in zip(candidates.items(), matches, strict=True)
        if count is not None
    ]
    return tuple(sorted(results, key=lambda each: not each.count)[:_MAX_SUGGESTIONS])


def spelling_suggestions(
    corrected: Iterable[CorrectedQuery], searched: str
) -> Iterator[Suggestion]:
    """Suggestions of ``corrected`` queries with full matches, without the one ``searched``."""
    for each in corrected:
        if each.count and each.query != searched:
            yield Suggestion(each.query, each.query, each.count)


def _spellings(
    word: Word, in_phrase: bool, reader: EngineReader, parser: QueryParser, analyzer: Analyzer
) -> tuple[str, ...]:
    """Words of the index that an unmatched ``word`` may be a misspelling of, most frequent first.

    Of several forms of one word the first.
    """
    text = word.text
    lower = text.lower()
    similar = (*analyzer.spelling(text), *reader.similar(lower))
    candidates: dict[str, Word] = {}
    for spelling in dict.fromkeys(_cased(each, text) for each in similar):
        candidate = parser.word_or_phrase(spelling)
        if isinstance(candidate, Word) and spelling.lower() != lower:
            candidates[spelling] = candidate
    statistics = TermStatistics(reader)
    statistics.load(each for candidate in candidates.values() for each in terms_of(candidate))
    statistics.load(each for spelling in candidates for each in _exact_terms(spelling))
    found: dict[frozenset[str], tuple[int, int, str]] = {}
    for spelling, candidate in candidates.items():
        count = statistics.documents_of(candidate, in_phrase=in_phrase)
        lemmas = frozenset(lemmas_of(candidate))
        if count and lemmas not in found:
            # „Töötja“ is rather the common word *töötaja* than a rare form of the commoner *töö*.
            exact = max(map(statistics.document_frequency, _exact_terms(spelling)))
            found[lemmas] = -exact, -count, spelling
    ordered = sorted(found.values(), key=lambda each: each[:2])
    return tuple(spelling for *_, spelling in ordered[:_MAX_SPELLINGS])


def _exact_terms(spelling: str) -> list[str]:
    """Terms of a word in exactly this spelling."""
    written = spelling if spelling.isupper() else spelling.lower()
    return [term(each, written) for each in _EXACT_CHANNELS]


def _cased(spelling: str, typed: str) -> str:
    """``spelling`` capitalised as typed; an acronym keeps its own case."""
    if spelling.isupper():
        return spelling
    if typed.isupper():
        return spelling.upper()
    return spelling[:1].upper() + spelling[1:] if typed[:1].isupper() else spelling


def _replaced(query: str, typed: str, spelling: str) -> str:
    return re.sub(rf"(?<![\w=]){re.escape(typed)}(?!\w)", lambda _: spelling, query)
