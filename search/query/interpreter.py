"""Interprets queries: parses them and rewrites them by the statistics of an index state.

The steps, each of which asks the index once for all words: lemma selection, missing diacritics,
synonyms, compound spacing, decomposition. Words that no step could meet are left to the spelling
suggestions.
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
from search.query.decomposition import Decomposition
from search.query.diacritics import restore_diacritics
from search.query.lemma_selection import refine_words
from search.query.parser import QueryParser
from search.query.synonyms import Thesaurus, expand_synonyms
from search.query.term_statistics import TermStatistics
from search.query_budget import QueryBudget

#: Bytes of the interpretations that are remembered, of queries that are no longer than this, and
#: bytes of one, by the terms that were looked up for it.
_REMEMBERED_BYTES = 16_000_000
_LONGEST_REMEMBERED = 200
_BYTES, _TERM_BYTES = 3_000, 500
_MOST_UNMET = 8
#: Nearly everything is one letter away from a shorter word.
_SHORTEST_UNMET = 4
_LETTERS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
#: What was typed, and what it was respelt as.
Respelt = tuple[tuple[str, str], ...]
#: Words that nothing meets, and whether they stand in a phrase.
Unmet = tuple[tuple[Word, bool], ...]


@dataclass(frozen=True, slots=True)
class Interpretation:
    """The interpreted query tree and what was changed in it.

    ``unmet`` are words that were typed, that no article holds and no lexicon knows, each once and
    at most some, with whether they stand in a phrase.
    """

    node: Node
    unmet: Unmet


@dataclass(frozen=True, slots=True)
class _Remembered:
    """A cached interpretation, the ``thesaurus`` it was made with, and its cost."""

    interpretation: Interpretation
    thesaurus: Thesaurus
    terms: frozenset[Hashable]
    cost: int


class _RecordingBudget(QueryBudget):
    """A budget that passes spending on to another one and records it."""

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
        self._remembered: BoundedCache[tuple[str, Respelt], _Remembered] = BoundedCache(
            _REMEMBERED_BYTES, lambda _, found: _BYTES + _TERM_BYTES * len(found.terms)
        )

    def interpret(self, query: str, budget: QueryBudget, respelt: Respelt = ()) -> Interpretation:
        """Interprets ``query``; its cost is spent from ``budget``, cached or not.

        ``respelt`` says which words of it stand for others that were typed. Raises QueryTooBroad.
        """
        key, thesaurus = (query, respelt), self._thesaurus()
        known = self._remembered.get(key)
        if known is not None and known.thesaurus is thesaurus:
            budget.spend(known.terms, known.cost)
            return known.interpretation
        recording = _RecordingBudget(budget)
        found = self._interpret(query, respelt, thesaurus, self._reader.for_query(recording))
        terms = frozenset(recording.spent_terms)
        if len(query) <= _LONGEST_REMEMBERED:
            self._remembered[key] = _Remembered(found, thesaurus, terms, recording.spent_cost)
        return found

    def prepare(self, queries: Iterable[str]) -> None:
        """Asks a remote engine at once for the words of ``queries`` that will be interpreted.

        It remembers them; for each query by itself every step would be a request.
        """
        if self._reader.is_remote:
            new = [each for each in dict.fromkeys(queries) if not self._remembered.get((each, ()))]
            if len(new) > 1:
                nodes = tuple(map(self._parser.parse, new))
                self._rewritten(And(nodes), self._thesaurus(), TermStatistics(self._reader))

    def _interpret(
        self, query: str, respelt: Respelt, thesaurus: Thesaurus, reader: EngineReader
    ) -> Interpretation:
        statistics = TermStatistics(reader)
        parsed = _as_respelt(self._parser.parse(query), respelt)
        node = self._rewritten(parsed, thesaurus, statistics)
        unmet = tuple(self._unmet(node, statistics))
        return Interpretation(with_cut_prefixes(node, reader), unmet)

    def _rewritten(self, node: Node, thesaurus: Thesaurus, statistics: TermStatistics) -> Node:
        def refine(nodes: Sequence[Node]) -> list[Node]:
            return refine_words(nodes, self._analyzer, statistics) if nodes else []

        (node,) = refine([node])
        node = restore_diacritics(
            node, statistics, self._parser, self._analyzer, refine, thesaurus.knows
        )
        node = expand_synonyms(node, thesaurus, refine)
        node = CompoundSpacing(self._analyzer, self._parser, statistics, refine).rewrite(node)
        return Decomposition(self._analyzer, self._parser, statistics, refine).rewrite(node)

    def _unmet(self, node: Node, statistics: TermStatistics) -> Iterator[tuple[Word, bool]]:
        seen: set[str] = set()
        for word, in_phrase in _respellable(node):
            if len(seen) == _MOST_UNMET:
                break
            if word.text not in seen and self._is_unmet(word, in_phrase, statistics):
                seen.add(word.text)
                yield word, in_phrase

    def _is_unmet(self, word: Word, in_phrase: bool, statistics: TermStatistics) -> bool:
        """True if ``word`` is neither in the index nor in the lexicon."""
        text = word.text
        if len(text) < _SHORTEST_UNMET or not _LETTERS.fullmatch(text):
            return False
        if acronym_base(text) is not None or statistics.is_held(word, in_phrase=in_phrase):
            return False
        return not self._analyzer.is_known(text)


def with_cut_prefixes(node: Node, reader: EngineReader) -> Node:
    """``node`` with prefixes marked that are searched only in part."""
    if isinstance(node, Prefix):
        return replace(node, cut=reader.is_cut(node))
    if isinstance(node, And | Or):
        return type(node)(tuple(with_cut_prefixes(each, reader) for each in node.children))
    if isinstance(node, Not):
        return Not(with_cut_prefixes(node.child, reader))
    return node


def _as_respelt(node: Node, respelt: Respelt) -> Node:
    """``node`` of a respelt query, each respelt word keeping what was typed."""
    if not respelt:
        return node
    typed = {spelling: word for word, spelling in respelt}

    def change(word: Word, _: bool) -> Word:
        if word.text not in typed or is_exact(word):
            return word
        return replace(word, way="spelling", typed=typed[word.text])

    return with_words(node, change)


def _respellable(node: Node) -> Iterator[tuple[Word, bool]]:
    """Typed words that may be misspelt, and whether they stand in a phrase.

    What was typed with ``=`` is meant as it is, and names in the synonyms are right.
    """
    if isinstance(node, Word):
        if not is_exact(node):
            yield node, False
    elif isinstance(node, Phrase):
        if not node.exact:
            yield from ((each, True) for each in node.words)
    elif isinstance(node, And | Or | Words):
        for child in node.children:
            yield from _respellable(child)
