"""A last resort for words typed without Estonian letters: *jaatmekaitlus* for *jäätmekäitlus*.

Only a word that no article holds is read so, and only into words that the index holds. Whoever
types an õ, ä, ö or ü has the letters, and means them.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from search.analysis.channels import term
from search.analysis.folding import fold
from search.query.parser import QueryParser
from search.query.tree import Alternative, Node, Word, with_words

_MAX_WORDS = 5
#: The speller takes its time; who types more unmet words than this wrote in no known language.
_MAX_SPELLED = 8
#: What a less frequent word of the same folding counts.
_OTHER_WEIGHT = 0.5
Refine = Callable[[Node], Node]


class Vocabulary(Protocol):
    """What an engine's reader knows of the words it holds."""

    def document_frequencies(self, terms: Sequence[str]) -> tuple[int, ...]: ...

    def folded(self, texts: Sequence[str]) -> tuple[tuple[str, ...], ...]: ...


def documents_of(word: Word, index: Vocabulary, *, in_phrase: bool = False) -> int:
    """Documents that hold the commonest alternative of ``word``; phrases know no parts."""
    terms = [
        term(each.channel, each.term)
        for each in word.alternatives
        if not (in_phrase and each.channel == "part")
    ]
    return max(index.document_frequencies(terms), default=0)


def is_exact(word: Word) -> bool:
    """Was ``word`` typed with ``=``?"""
    return not any(each.channel == "lemma" for each in word.alternatives)


def unfold(
    node: Node,
    index: Vocabulary,
    parser: QueryParser,
    refine: Refine,
    spelling: Callable[[str], tuple[str, ...]],
    spare: Callable[[Word], bool],
) -> Node:
    """``node`` with its unmet words read as words of the index that look so without diacritics.

    ``spelling`` may know a form that the index only has in another inflection; ``refine`` prepares
    the words that are added; those for which ``spare`` holds are left alone.
    """

    spelt: dict[str, tuple[str, ...]] = {}

    def change(word: Word, in_phrase: bool) -> Word:
        if is_exact(word) or fold(word.text) != word.text or spare(word):
            return word
        if documents_of(word, index, in_phrase=in_phrase):
            return word
        if len(spelt) < _MAX_SPELLED and word.text not in spelt:
            spelt[word.text] = spelling(word.text)
        known = [each for each in spelt.get(word.text, ()) if fold(each) == word.text]
        meant = _meant(word, known, index, parser, refine, in_phrase)
        if not meant:
            return word
        alternatives: dict[tuple[str, str], Alternative] = {}
        for i, each in enumerate(meant):
            for alternative in each.alternatives:
                weight = alternative.weight * (_OTHER_WEIGHT if i else 1.0)
                key = (alternative.channel, alternative.term)
                if key not in alternatives or alternatives[key].weight < weight:
                    alternatives[key] = replace(alternative, weight=weight)
        return replace(word, alternatives=tuple(alternatives.values()), way="folded")

    return with_words(node, change)


def _meant(
    word: Word,
    known: list[str],
    index: Vocabulary,
    parser: QueryParser,
    refine: Refine,
    in_phrase: bool,
) -> list[Word]:
    """Words of the index that ``word`` or a lemma of it may be, the commonest first."""
    keys = list(dict.fromkeys(each.term for each in word.alternatives))
    texts = dict.fromkeys((*(text for found in index.folded(keys) for text in found), *known))
    found = []
    for text in texts:
        named = parser.name(text)
        refined = refine(named) if named is not None else None
        if isinstance(refined, Word):
            count = documents_of(refined, index, in_phrase=in_phrase)
            if count:
                found.append((-count, refined))
    return [each for _, each in sorted(found, key=lambda pair: pair[0])[:_MAX_WORDS]]
