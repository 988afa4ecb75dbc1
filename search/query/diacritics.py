"""Restores missing diacritics in words without matches: *jaatmekaitlus* for *jäätmekäitlus*.

Only a word that no article holds is read so, and only into words that the index holds. Whoever
types an õ, ä, ö or ü has the letters, and means them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from search.analysis import Analyzer
from search.analysis.folding import fold
from search.query.ast import Alternative, Node, Word, is_exact, typed_words, with_words
from search.query.parser import QueryParser
from search.query.term_statistics import TermStatistics, terms_of

_MAX_WORDS = 5
#: The speller takes its time; who types more unmet words than this wrote in no known language.
_MAX_SPELLED = 8
#: What a less frequent word of the same folding counts.
_OTHER_WEIGHT = 0.5
#: Selects the lemmas of words that are added, all at once.
Refine = Callable[[Sequence[Node]], list[Node]]


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Words of the index that each unmatched word may stand for."""

    texts: dict[str, tuple[str, ...]]
    words: dict[str, Word]


def restore_diacritics(
    node: Node,
    statistics: TermStatistics,
    parser: QueryParser,
    analyzer: Analyzer,
    refine: Refine,
    spare: Callable[[Word], bool],
) -> Node:
    """``node`` with its unmatched words replaced by index words that fold to them.

    The speller may know a form that the index only has in another inflection. Words for which
    ``spare`` holds are left alone.
    """

    def is_unmet(word: Word, in_phrase: bool) -> bool:
        if is_exact(word) or fold(word.text) != word.text:
            return False
        return not statistics.is_held(word, in_phrase=in_phrase) and not spare(word)

    unmet = [word for word, in_phrase in typed_words(node) if is_unmet(word, in_phrase)]
    if not unmet:
        return node
    candidates = _candidates(unmet, statistics, parser, analyzer, refine)

    def change(word: Word, in_phrase: bool) -> Word:
        if not is_unmet(word, in_phrase):
            return word
        meant = _meant(word, candidates, statistics, in_phrase)
        return replace(word, alternatives=_merged(meant), way="folded") if meant else word

    return with_words(node, change)


def _candidates(
    unmet: Sequence[Word],
    statistics: TermStatistics,
    parser: QueryParser,
    analyzer: Analyzer,
    refine: Refine,
) -> _Candidates:
    keys = {word.text: dict.fromkeys(each.term for each in word.alternatives) for word in unmet}
    asked = list(dict.fromkeys(key for each in keys.values() for key in each))
    folded = dict(zip(asked, statistics.folded(asked), strict=True))
    spelt = {
        text: [each for each in analyzer.spelling(text) if fold(each) == text]
        for text in list(keys)[:_MAX_SPELLED]
    }
    texts = {
        text: tuple(dict.fromkeys((*(e for key in own for e in folded[key]), *spelt.get(text, ()))))
        for text, own in keys.items()
    }
    names = {
        each: parser.name(each) for each in dict.fromkeys(e for o in texts.values() for e in o)
    }
    named = {text: name for text, name in names.items() if isinstance(name, Word)}
    refined = zip(named, refine(list(named.values())), strict=True)
    words = {text: each for text, each in refined if isinstance(each, Word)}
    statistics.load(each for word in words.values() for each in terms_of(word))
    return _Candidates(texts, words)


def _meant(
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


def _merged(meant: Sequence[Word]) -> tuple[Alternative, ...]:
    """Alternatives of all of ``meant``, all but the first with less weight."""
    merged: dict[tuple[str, str], Alternative] = {}
    for i, word in enumerate(meant):
        for each in word.alternatives:
            weight = each.weight * (_OTHER_WEIGHT if i else 1.0)
            key = (each.channel, each.term)
            if key not in merged or merged[key].weight < weight:
                merged[key] = replace(each, weight=weight)
    return tuple(merged.values())
