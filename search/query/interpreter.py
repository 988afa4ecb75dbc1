"""Interprets queries: parses them and rewrites them by the statistics of an index state.

The steps, each of which looks all words up in one request: lemma selection, missing diacritics,
synonyms, compound spacing, decompounding. Words that still match nothing are left to spelling
correction.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from search.analysis import Analyzer
from search.analysis.acronyms import acronym_base
from search.bounded_cache import BoundedCache
from search.engines.contract import EngineReader
from search.query.ast import (
    And,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Word,
    Words,
    is_exact,
    with_words,
)
from search.query.compound_spacing import CompoundSpacing
from search.query.decompounding import Decompounding
from search.query.diacritics import restore_diacritics
from search.query.lemma_selection import select_lemmas
from search.query.parser import QueryParser
from search.query.synonyms import Thesaurus, expand_synonyms
from search.query.term_statistics import TermStatistics
from search.query_budget import QueryBudget

#: Size of the cache, the longest query in it, and the size of an entry and of each of its terms.
_CACHE_BYTES = 16_000_000
_LONGEST_CACHED = 200
_ENTRY_BYTES, _TERM_BYTES = 3_000, 500
_MOST_UNMATCHED = 8
#: Nearly every shorter word is one letter away from another one.
_SHORTEST_UNMATCHED = 4
_LETTERS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
#: Typed words, each with its corrected spelling.
SpellingCorrections = tuple[tuple[str, str], ...]
#: Words without matches, and whether they are in a phrase.
UnmatchedWords = tuple[tuple[Word, bool], ...]


@dataclass(frozen=True, slots=True)
class Interpretation:
    """The rewritten query tree, and the typed words to be corrected.

    ``unmatched`` are those that no article holds and no lexicon knows, the first few, each once.
    """

    node: Node
    unmatched: UnmatchedWords


@dataclass(frozen=True, slots=True)
class _CacheEntry:
    """An interpretation, the ``thesaurus`` it was made with, and what it spent of the budget."""

    interpretation: Interpretation
    thesaurus: Thesaurus
    terms: frozenset[Hashable]
    cost: int


class _RecordingBudget(QueryBudget):
    """Records spending and passes it on to another budget."""

    def __init__(self, budget: QueryBudget) -> None:
        super().__init__()
        self._budget = budget
        self.spent_terms: set[Hashable] = set()
        self.spent_cost = 0

    def spend(self, terms: Iterable[Hashable], cost: int = 0) -> None:
        looked_up = tuple(terms)
        self.spent_terms.update(looked_up)
        self.spent_cost += cost
        self._budget.spend(looked_up, cost)


class Interpreter:
    """Interprets queries for one open reader, with a cache. Safe for threads."""

    def __init__(
        self,
        reader: EngineReader,
        analyzer: Analyzer,
        parser: QueryParser,
        thesaurus: Callable[[], Thesaurus],
    ) -> None:
        self._reader = reader
        self._analyzer = analyzer
        self._parser = parser
        self._thesaurus = thesaurus
        self._cache: BoundedCache[tuple[str, SpellingCorrections], _CacheEntry] = BoundedCache(
            _CACHE_BYTES, lambda _, entry: _ENTRY_BYTES + _TERM_BYTES * len(entry.terms)
        )

    def interpret(
        self, query: str, budget: QueryBudget, corrections: SpellingCorrections = ()
    ) -> Interpretation:
        """Interprets ``query``; its cost is spent from ``budget``, cached or not.

        ``corrections`` are those that it was made with. Raises QueryTooBroad.
        """
        key, thesaurus = (query, corrections), self._thesaurus()
        known = self._cache.get(key)
        if known is not None and known.thesaurus is thesaurus:
            budget.spend(known.terms, known.cost)
            return known.interpretation
        recording = _RecordingBudget(budget)
        reader = self._reader.for_query(recording)
        found = self._interpret(query, corrections, thesaurus, reader)
        terms = frozenset(recording.spent_terms)
        if len(query) <= _LONGEST_CACHED:
            self._cache[key] = _CacheEntry(found, thesaurus, terms, recording.spent_cost)
        return found

    def prefetch(self, queries: Iterable[str]) -> None:
        """Loads the term statistics of ``queries`` from a remote engine in one batch.

        Its reader caches them; otherwise every step of every query would be a request.
        """
        if self._reader.is_remote:
            new = [each for each in dict.fromkeys(queries) if not self._cache.get((each, ()))]
            if len(new) > 1:
                nodes = tuple(map(self._parser.parse, new))
                self._rewritten(And(nodes), self._thesaurus(), TermStatistics(self._reader))

    def _interpret(
        self,
        query: str,
        corrections: SpellingCorrections,
        thesaurus: Thesaurus,
        reader: EngineReader,
    ) -> Interpretation:
        statistics = TermStatistics(reader)
        parsed = _with_corrections(self._parser.parse(query), corrections)
        node = self._rewritten(parsed, thesaurus, statistics)
        unmatched = tuple(self._unmatched(node, statistics))
        return Interpretation(with_cut_prefixes(node, reader), unmatched)

    def _rewritten(self, node: Node, thesaurus: Thesaurus, statistics: TermStatistics) -> Node:
        def select(nodes: Sequence[Node]) -> list[Node]:
            return select_lemmas(nodes, self._analyzer, statistics) if nodes else []

        (node,) = select([node])
        node = restore_diacritics(
            node, statistics, self._parser, self._analyzer, select, thesaurus.knows
        )
        node = expand_synonyms(node, thesaurus, select)
        node = CompoundSpacing(self._analyzer, self._parser, statistics, select).rewrite(node)
        return Decompounding(self._analyzer, self._parser, statistics, select).rewrite(node)

    def _unmatched(self, node: Node, statistics: TermStatistics) -> Iterator[tuple[Word, bool]]:
        seen: set[str] = set()
        for word, in_phrase in _correctable_words(node):
            if len(seen) == _MOST_UNMATCHED:
                break
            if word.text not in seen and self._is_unmatched(word, in_phrase, statistics):
                seen.add(word.text)
                yield word, in_phrase

    def _is_unmatched(self, word: Word, in_phrase: bool, statistics: TermStatistics) -> bool:
        """True if neither the index nor the lexicon has ``word``."""
        text = word.text
        if len(text) < _SHORTEST_UNMATCHED or not _LETTERS.fullmatch(text):
            return False
        if acronym_base(text) is not None or statistics.is_held(word, in_phrase=in_phrase):
            return False
        return not self._analyzer.is_known(text)


def with_cut_prefixes(node: Node, reader: EngineReader) -> Node:
    """``node`` with those prefixes marked that have more terms than the engine searches."""
    if isinstance(node, Prefix):
        return replace(node, cut=reader.is_cut(node))
    if isinstance(node, And | Or):
        return type(node)(tuple(with_cut_prefixes(each, reader) for each in node.children))
    if isinstance(node, Not):
        return Not(with_cut_prefixes(node.child, reader))
    return node


def _with_corrections(node: Node, corrections: SpellingCorrections) -> Node:
    """``node`` of a corrected query, each corrected word with what was typed."""
    if not corrections:
        return node
    typed = {spelling: word for word, spelling in corrections}

    def change(word: Word, _: bool) -> Word:
        if word.text not in typed or is_exact(word):
            return word
        return replace(word, way="spelling", typed=typed[word.text])

    return with_words(node, change)


def _correctable_words(node: Node) -> Iterator[tuple[Word, bool]]:
    """Typed words that may be misspelt, and whether they are in a phrase.

    Neither exact words nor those that have synonyms.
    """
    if isinstance(node, Word):
        if not is_exact(node):
            yield node, False
    elif isinstance(node, Phrase):
        if not node.exact:
            yield from ((each, True) for each in node.words)
    elif isinstance(node, And | Or | Words):
        for child in node.children:
            yield from _correctable_words(child)
