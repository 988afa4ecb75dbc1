"""Decompounds rare query words: *internetipettused* also finds *internet* with *pettus*, in part.

The last rewriting step. A compound that hardly any article holds is also searched by its parts: an
article that holds all of them, in any form, is a partial match, the better the nearer they are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from search.analysis import Analyzer
from search.analysis.compounds import MIN_PART_LENGTH, pieces_of, splits
from search.analysis.morphology import PROPER_NOUN, Reading
from search.analysis.terms import term
from search.query.ast import (
    And,
    Apart,
    Choice,
    Clause,
    Node,
    Or,
    Word,
    Words,
    is_exact,
    lemmas_of,
    map_clauses,
)
from search.query.lemma_selection import LemmaSelector
from search.query.parser import QueryParser
from search.query.term_statistics import TermStatistics, terms_of

#: A compound in this number of articles is not rare.
_RARE = 5
_WEIGHT = 0.5
_MOST_PIECES = 4
#: Lemmas of the parts of a compound, in order.
_Split = tuple[str, ...]


class Decompounding:
    """Adds the parts of rare compounds to queries, by the statistics of one index."""

    def __init__(
        self,
        analyzer: Analyzer,
        parser: QueryParser,
        statistics: TermStatistics,
        select: LemmaSelector,
    ) -> None:
        self._analyzer = analyzer
        self._parser = parser
        self._statistics = statistics
        self._select = select

    def rewrite(self, node: Node) -> Node:
        """``node`` with its rare compounds also matched in part by their parts."""
        candidates = ((each, tuple(self._splits(each))) for each in _plain_words(node))
        split_words = {word: ways for word, ways in candidates if ways}
        if not split_words:
            return node
        texts = dict.fromkeys(
            part for ways in split_words.values() for split in ways for part in split
        )
        parts = self._parts(list(texts))
        apart: dict[Word, Apart] = {}
        for word, ways in split_words.items():
            held = [[parts[e] for e in each] for each in ways if parts.keys() >= {*each}]
            best = self._best(held)
            if best is not None:
                typed = word.typed or word.text
                apart[word] = Apart(
                    tuple(replace(each, way="apart", typed=typed) for each in best), _WEIGHT
                )
        return map_clauses(node, lambda each: _with_parts(each, apart)) if apart else node

    def _splits(self, word: Word) -> Iterator[_Split]:
        """The ways to split a rare compound; none of another word."""
        lemmas = lemmas_of(word)
        # The frequencies of lemmas and families are loaded already.
        terms = [term("lemma", each) for each in lemmas]
        terms += word.family.terms if word.family else ()
        if any(self._statistics.document_frequency(each) >= _RARE for each in terms):
            return
        if not self._analyzer.may_be_compound(word.text):
            return
        for reading in self._readings(word.text):
            pieces = pieces_of(reading.parts)
            is_selected = reading.pos != PROPER_NOUN and reading.lemma.lower() in lemmas
            if is_selected and 1 < len(pieces) <= _MOST_PIECES:
                for first, last in splits(reading.lemma, pieces):
                    for each in product(*map(self._analyzer.piece_lemmas, first), (last,)):
                        if min(map(len, each)) >= MIN_PART_LENGTH:
                            yield each

    def _readings(self, text: str) -> Sequence[Reading]:
        low = text.lower()
        return self._analyzer.lexicon_readings(low) or self._analyzer.readings(low)

    def _parts(self, texts: Sequence[str]) -> dict[str, Word]:
        """The parts that the index holds, as words."""
        self._parser.warm(texts)
        parsed = {
            e: node for e in texts if isinstance(node := self._parser.word_or_phrase(e), Word)
        }
        selected = zip(parsed, self._select(list(parsed.values())), strict=True) if parsed else ()
        words = {text: each for text, each in selected if isinstance(each, Word)}
        self._statistics.load(each for word in words.values() for each in terms_of(word))
        return {text: each for text, each in words.items() if self._statistics.is_held(each)}

    def _best(self, ways: Sequence[Sequence[Word]]) -> Sequence[Word] | None:
        """The split into fewest parts; of these, the one with the most frequent rarest part."""
        counts = self._statistics.documents_of
        return min(ways, key=lambda each: (len(each), -min(map(counts, each))), default=None)


def _plain_words(node: Node) -> Iterator[Word]:
    """Typed words that may be rewritten: not exact, not in a phrase, not under NOT."""
    if isinstance(node, Choice):
        node = node.typed
    if isinstance(node, Word) and node.way in ("typed", "spelling") and not is_exact(node):
        yield node
    elif isinstance(node, And | Or | Words):
        for child in node.children:
            yield from _plain_words(child)


def _with_parts(clause: Clause, apart: Mapping[Word, Apart]) -> Clause:
    typed = clause.typed if isinstance(clause, Choice) else clause
    if not isinstance(typed, Word) or typed not in apart:
        return clause
    others = clause.others if isinstance(clause, Choice) else ()
    return Choice(typed, others, apart[typed])
