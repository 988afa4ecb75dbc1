"""Restores missing diacritics in words without matches: *jaatmekaitlus* for *jäätmekäitlus*.

Only a word that no article holds is replaced, and only by words of the index. A word typed with an
õ, ä, ö or ü is left alone: that keyboard has the letters.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from search.analysis import Analyzer
from search.analysis.folding import fold
from search.query.ast import Alternative, Node, Word, is_exact, typed_words, with_words
from search.query.lemma_selection import LemmaSelector
from search.query.parser import QueryParser
from search.query.term_statistics import TermStatistics, terms_of

_MAX_WORDS = 5
#: Looking spellings up is slow; a query of more unmatched words is in no known language.
_MAX_SPELLED = 8
#: Of the less frequent words of the same folding.
_OTHER_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Words of the index that fold to each unmatched word."""

    texts: dict[str, tuple[str, ...]]
    words: dict[str, Word]


def restore_diacritics(
    node: Node,
    statistics: TermStatistics,
    parser: QueryParser,
    analyzer: Analyzer,
    select: LemmaSelector,
    is_exempt: Callable[[Word], bool],
) -> Node:
    """``node`` with its unmatched words replaced by index words that fold to them.

    The spell checker may know a form that the index only has in another inflection. Words for which
    ``is_exempt`` holds are left alone.
    """

    def is_unmatched(word: Word, in_phrase: bool) -> bool:
        if is_exact(word) or fold(word.text) != word.text:
            return False
        return not statistics.is_held(word, in_phrase=in_phrase) and not is_exempt(word)

    unmatched = [word for word, in_phrase in typed_words(node) if is_unmatched(word, in_phrase)]
    if not unmatched:
        return node
    candidates = _candidates(unmatched, statistics, parser, analyzer, select)

    def change(word: Word, in_phrase: bool) -> Word:
        if not is_unmatched(word, in_phrase):
            return word
        restored = _restored(word, candidates, statistics, in_phrase)
        return replace(word, alternatives=_merged(restored), way="folded") if restored else word

    return with_words(node, change)


def _candidates(
    unmatched: Sequence[Word],
    statistics: TermStatistics,
    parser: QueryParser,
    analyzer: Analyzer,
    select: LemmaSelector,
) -> _Candidates:
    terms = {
        word.text: dict.fromkeys(each.term for each in word.alternatives) for word in unmatched
    }
    keys = list(dict.fromkeys(term for each in terms.values() for term in each))
    folded = dict(zip(keys, statistics.folded(keys), strict=True))
    spelt = {
        text: [each for each in analyzer.spelling(text) if fold(each) == text]
        for text in list(terms)[:_MAX_SPELLED]
    }
    texts = {
        text: tuple(
            dict.fromkeys((*(e for term in own for e in folded[term]), *spelt.get(text, ())))
        )
        for text, own in terms.items()
    }
    nodes = {each: parser.word_or_phrase(each) for found in texts.values() for each in found}
    parsed = {text: node for text, node in nodes.items() if isinstance(node, Word)}
    selected = zip(parsed, select(list(parsed.values())), strict=True)
    words = {text: each for text, each in selected if isinstance(each, Word)}
    statistics.load(each for word in words.values() for each in terms_of(word))
    return _Candidates(texts, words)


def _restored(
    word: Word, candidates: _Candidates, statistics: TermStatistics, in_phrase: bool
) -> list[Word]:
    """Index words that fold to ``word`` or a lemma of it, most frequent first."""
    words = [candidates.words.get(each) for each in candidates.texts[word.text]]
    found = [
        (-count, each)
        for each in words
        if each is not None and (count := statistics.documents_of(each, in_phrase=in_phrase))
    ]
    return [each for _, each in sorted(found, key=lambda pair: pair[0])[:_MAX_WORDS]]


def _merged(words: Sequence[Word]) -> tuple[Alternative, ...]:
    """Alternatives of all of ``words``, all but the first with less weight."""
    merged: dict[tuple[str, str], Alternative] = {}
    for i, word in enumerate(words):
        for each in word.alternatives:
            weight = each.weight * (_OTHER_WEIGHT if i else 1.0)
            key = (each.channel, each.term)
            if key not in merged or merged[key].weight < weight:
                merged[key] = replace(each, weight=weight)
    return tuple(merged.values())
