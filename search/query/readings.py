"""Choosing what a typed form means by what it means in the index.

Documents are indexed by the lemmas their context leaves, so the index itself knows how often a
form stands for each of its lemmas: *seas* for *seas* (among) or for *siga* (pig). A query has no
context; its readings are weighed by these counts.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from search.analysis.channels import Channel, term
from search.query.tree import Alternative, Node, Word, with_words

#: A reading stays if the form has it this often …
_KEPT = 0.1
#: … or if its lemma is so rare beside the likely one that it can hardly be in the way …
_RARE = 0.5
#: … and beside a lemma that was typed as such, if it is what the form nearly always means.
_KEPT_BESIDE_LEMMA = 0.7
#: Where context speaks against a lemma, it is still asked for, if that is so seldom beside it.
_MISREAD = 0.34
_MISREAD_WEIGHT = 0.1


class Frequencies(Protocol):
    """What an engine's reader knows of the use of words."""

    def document_frequencies(self, terms: Sequence[str]) -> tuple[int, ...]: ...

    def reading_counts(
        self, readings: Sequence[tuple[str, Sequence[str]]]
    ) -> tuple[tuple[int, ...], ...]:
        """At how many places each surface form stands for each of its lemmas."""
        ...


def choose_readings(node: Node, index: Frequencies) -> Node:
    """``node`` with each word's alternatives cut down to what it is likely to mean."""
    return with_words(node, lambda word, _: _word(word, index))


def _word(word: Word, index: Frequencies) -> Word:
    lemmas = [each.term for each in word.alternatives if each.channel == "lemma"]
    surface = next((e.term for e in word.alternatives if e.channel == "surface"), None)
    if not lemmas or surface is None:
        return word
    kept = _kept(lemmas, word.text.lower(), surface, index) if len(lemmas) > 1 else lemmas
    alternatives = tuple(
        each for each in word.alternatives if each.channel == "surface" or each.term in kept
    )
    frequencies = _frequencies("lemma", [each.term for each in alternatives], index)
    if any(frequencies.values()):
        # Context is misread now and then; such places come last, and only where they are few.
        alternatives += tuple(
            Alternative("reading", lemma, _MISREAD_WEIGHT)
            for lemma, count in _frequencies("reading", list(kept), index).items()
            if 0 < count <= _MISREAD * frequencies.get(lemma, 0)
        )
    elif not any(index.document_frequencies([term(e.channel, e.term) for e in alternatives])):
        # Nobody means it so; perhaps the context was misread where it stands.
        alternatives = word.alternatives + tuple(
            Alternative("reading", lemma, 0.5 / len(lemmas)) for lemma in lemmas
        )
    return replace(word, alternatives=alternatives)


def _kept(lemmas: Sequence[str], typed: str, surface: str, index: Frequencies) -> set[str]:
    asked = (term("surface", surface), [term("lemma", each) for each in lemmas])
    (counts,) = index.reading_counts([asked])
    total = sum(counts)
    typed_is_lemma = lemmas[0] == typed
    if not total:
        # The form is new; what was typed as a lemma means that lemma, if the index has it.
        if typed_is_lemma and any(index.document_frequencies([term("lemma", typed)])):
            return {typed}
        return set(lemmas)
    needed = _KEPT_BESIDE_LEMMA if typed_is_lemma else _KEPT
    kept = {
        lemma
        for lemma, count in zip(lemmas, counts, strict=True)
        if count / total >= needed or (typed_is_lemma and lemma == typed) or lemma.isupper()
    }
    if not kept:
        return set(lemmas)
    if not typed_is_lemma:
        frequency = _frequencies("lemma", lemmas, index)
        common = max(frequency[lemma] for lemma in kept)
        kept.update(lemma for lemma in lemmas if 0 < frequency[lemma] <= _RARE * common)
    return kept


def _frequencies(channel: Channel, texts: Sequence[str], index: Frequencies) -> dict[str, int]:
    """How many documents hold each of ``texts`` as a term of ``channel``."""
    counts = index.document_frequencies([term(channel, each) for each in texts])
    return dict(zip(texts, counts, strict=True))
