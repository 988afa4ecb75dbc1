"""Expands query words by derivational families: *rahastamine* also finds *rahastatakse*.

The rules (:mod:`search.analysis.derivation`) propose words; those that the index holds and the
lexicon confirms are added. Only typed words are expanded, not their synonyms; none in a phrase, nor
under NOT, which would exclude articles about something related.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from search.analysis import Analyzer
from search.analysis.derivation import Relative
from search.analysis.terms import LEMMA, PART
from search.query.ast import Family, Node, Word, is_exact, lemmas_of, map_clauses
from search.query.term_statistics import TermStatistics

#: Of a derived word beside the typed one.
_FAMILY_WEIGHT = 0.3
#: Longer queries are pasted texts, and need no expansion.
_MOST_WORDS = 20


class Families:
    """Derivational families of the words of one query, looked up by :meth:`terms` in one batch."""

    def __init__(self, analyzer: Analyzer, statistics: TermStatistics) -> None:
        self._analyzer = analyzer
        self._statistics = statistics
        self._relatives: dict[str, tuple[Relative, ...]] = {}

    def terms(self, words: Sequence[Word]) -> Iterator[str]:
        """Terms whose frequencies :meth:`extend` needs; only ``words`` get families."""
        expanded = list(filter(_has_family, words))[:_MOST_WORDS]
        lemmas = list(dict.fromkeys(lemma for word in expanded for lemma in lemmas_of(word)))
        self._analyzer.warm_lexicon(lemmas)
        for lemma in lemmas:
            self._relatives[lemma] = self._analyzer.relatives(lemma)
            for each in self._relatives[lemma]:
                yield LEMMA + each.lemma
                yield PART + each.lemma

    def extend(self, node: Node) -> Node:
        """``node`` with the families of its words, except in phrases and under NOT."""
        return map_clauses(
            node, lambda each: self._with_family(each) if isinstance(each, Word) else each
        )

    def _with_family(self, word: Word) -> Word:
        """``word`` with the derived words that the index holds."""
        if not _has_family(word):
            return word
        lemmas = lemmas_of(word)
        proposed = {each.lemma: each for lemma in lemmas for each in self._relatives.get(lemma, ())}
        count = self._statistics.document_frequency
        held = [
            each
            for lemma, each in proposed.items()
            if lemma not in lemmas and (count(LEMMA + lemma) or count(PART + lemma))
        ]
        found = self._analyzer.confirmed(held) if held else ()
        if not found:
            return word
        terms = [channel + lemma for lemma in found for channel in (LEMMA, PART)]
        held_terms = tuple(filter(self._statistics.document_frequency, terms))
        return replace(word, family=Family(tuple(found), held_terms, _FAMILY_WEIGHT))


def _has_family(word: Word) -> bool:
    return word.way in ("typed", "spelling") and word.text.isalpha() and not is_exact(word)
