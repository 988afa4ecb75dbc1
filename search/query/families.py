"""Expands query words by derivational families: *rahastamine* also finds *rahastatakse*.

The rules (:mod:`search.analysis.derivation`) propose words, the index says which of them stand in
articles, and the lexicon vouches for these. What was typed has a family, not what stands
for it; never in a phrase, nor under NOT: nobody asked to lose articles that only speak of something
related.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from search.analysis import Analyzer
from search.analysis.derivation import Relative
from search.analysis.terms import LEMMA, PART
from search.query.ast import And, Family, Node, Or, Word, Words, is_exact, lemmas_of
from search.query.term_statistics import TermStatistics

#: What a word of the family counts beside the word itself.
_FAMILY_WEIGHT = 0.3
#: A query of more words is a pasted text, and says enough by them.
_MOST_WORDS = 20


class Families:
    """Families of the words of one query, whose :meth:`terms` the index is asked for at once."""

    def __init__(self, analyzer: Analyzer, statistics: TermStatistics) -> None:
        self._analyzer = analyzer
        self._statistics = statistics
        self._asked: dict[str, tuple[Relative, ...]] = {}

    def terms(self, words: Sequence[Word]) -> Iterator[str]:
        """Terms whose frequencies :meth:`extend` will ask for; words not given here have none."""
        having = list(filter(_has_family, words))[:_MOST_WORDS]
        lemmas = list(dict.fromkeys(lemma for word in having for lemma in lemmas_of(word)))
        self._analyzer.look_up(lemmas)
        for lemma in lemmas:
            self._asked[lemma] = self._analyzer.relatives(lemma)
            for each in self._asked[lemma]:
                yield LEMMA + each.lemma
                yield PART + each.lemma

    def extend(self, node: Node) -> Node:
        """``node`` with the families of its words, save in phrases and under NOT."""
        if isinstance(node, Word):
            return self._with_family(node)
        if isinstance(node, Words):
            return Words(
                tuple(self._with_family(e) if isinstance(e, Word) else e for e in node.children)
            )
        if isinstance(node, And | Or):
            return type(node)(tuple(map(self.extend, node.children)))
        return node

    def _with_family(self, word: Word) -> Word:
        """``word`` with the relatives of its lemmas that stand in the index."""
        if not _has_family(word):
            return word
        lemmas = lemmas_of(word)
        proposed = {each.lemma: each for lemma in lemmas for each in self._asked.get(lemma, ())}
        count = self._statistics.document_frequency
        held = [
            each
            for lemma, each in proposed.items()
            if lemma not in lemmas and (count(LEMMA + lemma) or count(PART + lemma))
        ]
        if not held:
            return word
        found = self._analyzer.vouched(held)
        if not found:
            return word
        terms = [channel + lemma for lemma in found for channel in (LEMMA, PART)]
        held_terms = tuple(filter(self._statistics.document_frequency, terms))
        return replace(word, family=Family(tuple(found), held_terms, _FAMILY_WEIGHT))


def _has_family(word: Word) -> bool:
    return word.way in ("typed", "spelling") and word.text.isalpha() and not is_exact(word)
