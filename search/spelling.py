"""Spelling correction of query words without matches."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from search.analysis import Analyzer
from search.analysis.terms import Channel, term
from search.engines.contract import EngineReader
from search.match_counter import Counts
from search.normalisation import searchable
from search.query.ast import Word
from search.query.interpreter import Respelt
from search.query.parser import QueryParser
from search.query.term_statistics import TermStatistics, terms_of
from search.request import MAX_QUERY_LENGTH
from search.results import Suggestion

_MAX_SUGGESTIONS = 3
_MAX_SPELLINGS = 3
_SO_SPELT: tuple[Channel, ...] = ("lemma", "surface")


@dataclass(frozen=True, slots=True)
class Respelling:
    """A corrected query with ``count`` full matches, and its corrected words."""

    query: str
    count: int
    respelt: Respelt


def respell(
    query: str,
    unmet: Sequence[tuple[Word, bool]],
    reader: EngineReader,
    parser: QueryParser,
    analyzer: Analyzer,
    counts: Counts,
) -> tuple[Respelling, ...]:
    """Corrected queries for the unmatched words of ``query``, likeliest first.

    ``unmet`` are these words and whether they stand in a phrase, see
    :class:`search.query.interpreter.Interpretation`. A respelling may find nothing in full.
    """
    query = searchable(query).text  # in which the words are found as the parser has them
    spellings = {
        word.text: _spellings(word, in_phrase, reader, parser, analyzer)
        for word, in_phrase in unmet
    }
    best = {typed: found[0] for typed, found in spellings.items() if found}
    choices = [best] if best else []
    for typed, found in spellings.items():
        choices += [{**best, typed: other} for other in found[1:]]
    asked: dict[str, Respelt] = {}
    for choice in choices[: 2 * _MAX_SUGGESTIONS]:
        respelt = query
        for typed, spelling in choice.items():
            respelt = _replaced(respelt, typed, spelling)
        if respelt != query and len(respelt) <= MAX_QUERY_LENGTH:
            asked.setdefault(respelt, tuple(choice.items()))
    found_fully = counts(tuple(asked)) if asked else ()
    respellings = [
        Respelling(respelt, count, words)
        for (respelt, words), count in zip(asked.items(), found_fully, strict=True)
        if count is not None
    ]
    return tuple(sorted(respellings, key=lambda each: not each.count)[:_MAX_SUGGESTIONS])


def suggestions_of(respellings: Iterable[Respelling], searched: str) -> Iterator[Suggestion]:
    """Those that find something, but for the one that was ``searched``."""
    for each in respellings:
        if each.count and each.query != searched:
            yield Suggestion(each.query, each.query, each.count)


def _spellings(
    word: Word, in_phrase: bool, reader: EngineReader, parser: QueryParser, analyzer: Analyzer
) -> tuple[str, ...]:
    """Index words that an unmatched ``word`` may be meant for, most frequent first.

    Forms of one word are suggested once.
    """
    text = word.text
    lower = text.lower()
    likely = (*analyzer.spelling(text), *reader.similar(lower))
    names: dict[str, Word] = {}
    for spelling in dict.fromkeys(_cased(each, text) for each in likely):
        named = parser.name(spelling)
        if isinstance(named, Word) and spelling.lower() != lower:
            names[spelling] = named
    statistics = TermStatistics(reader)
    statistics.load(each for named in names.values() for each in terms_of(named))
    statistics.load(each for spelling in names for each in _terms_spelt(spelling))
    found: dict[frozenset[str], tuple[int, int, str]] = {}
    for spelling, named in names.items():
        count = statistics.documents_of(named, in_phrase=in_phrase)
        lemmas = frozenset(each.term for each in named.alternatives if each.channel == "lemma")
        if count and lemmas not in found:
            # „Töötja“ is rather the common word *töötaja* than a rare form of the commoner *töö*.
            so_spelt = max(map(statistics.document_frequency, _terms_spelt(spelling)))
            found[lemmas] = -so_spelt, -count, spelling
    ordered = sorted(found.values(), key=lambda each: each[:2])
    return tuple(spelling for *_, spelling in ordered[:_MAX_SPELLINGS])


def _terms_spelt(spelling: str) -> list[str]:
    """Surface terms of a word in exactly this spelling."""
    written = spelling if spelling.isupper() else spelling.lower()
    return [term(each, written) for each in _SO_SPELT]


def _cased(spelling: str, typed: str) -> str:
    """``spelling`` capitalised as typed; an acronym keeps its own case."""
    if spelling.isupper():
        return spelling
    if typed.isupper():
        return spelling.upper()
    return spelling[:1].upper() + spelling[1:] if typed[:1].isupper() else spelling


def _replaced(query: str, typed: str, spelling: str) -> str:
    return re.sub(rf"(?<![\w=]){re.escape(typed)}(?!\w)", lambda _: spelling, query)
