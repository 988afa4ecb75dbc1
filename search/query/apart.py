"""Compounds however they are spaced: *rohemajandus*, *rohe majandus*, *rohe-majandus*.

A rewriting step behind the synonyms. Words typed apart may be met by the compound they make, if the
index has it; a typed compound by its pieces, in the forms they have within it: „metsas klaster“ is
no *metsaklaster*. A hyphen is looked through on both sides
(:meth:`search.analysis.Analyzer.written_together`).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from search.analysis import Analyzer
from search.analysis.acronyms import acronym_base
from search.analysis.channels import Channel, term
from search.analysis.compounds import last_run, pieces_of
from search.analysis.stems import likely_language, stem
from search.query.folded import Vocabulary, documents_of, is_exact
from search.query.parser import QueryParser
from search.query.tree import Alternative, And, Choice, Node, Or, Other, Phrase, Word, Words
from search.query.tree import with_words as _with_words

#: Who writes apart what belongs together means the same; the right spelling is still the better.
_APART_WEIGHT = 0.9
_PART_WEIGHT = 0.25
#: Only articles in other languages have stems, which must not lift them above Estonian ones.
_STEM_WEIGHT = 0.05
_MOST_WORDS = 3
_MOST_PIECES = 5
_SHORTEST = 2
_SHORTEST_UNKNOWN = 3
_LONGEST = 40
_NAME = "H"
_RANGE = re.compile(r"\d+-\d+")
Refine = Callable[[Node], Node]


def other_forms(node: Node, analyzer: Analyzer, index: Vocabulary) -> Node:
    """``node`` with words asked for without their hyphen, too, and by their foreign stems."""

    def change(word: Word, _: bool) -> Word:
        if is_exact(word):
            return word
        known = {(each.channel, each.term) for each in word.alternatives}
        added: list[tuple[Channel, str, float]] = []
        for joined in analyzer.written_together(word.text):
            added += [("lemma", joined, 1.0), ("part", joined, _PART_WEIGHT)]
        low = word.text.lower()
        if acronym_base(word.text) is None:
            added += [("stem", each, _STEM_WEIGHT) for each in stem(low, likely_language(low))]
        found = tuple(
            Alternative(*each)
            for each in added
            if each[:2] not in known and any(index.document_frequencies([term(*each[:2])]))
        )
        return replace(word, alternatives=word.alternatives + found) if found else word

    return _with_words(node, change)


class Spacing:
    """Rewrites queries for one state of an index."""

    def __init__(
        self, analyzer: Analyzer, parser: QueryParser, index: Vocabulary, refine: Refine
    ) -> None:
        self._analyzer = analyzer
        self._parser = parser
        self._index = index
        self._refine = refine

    def rewrite(self, node: Node) -> Node:
        """``node`` with its plain words and compounds met in either way of writing."""
        if isinstance(node, Word | Choice):
            return self._thing(node)
        if isinstance(node, Words):
            found = tuple(self._joined(node.children))
            return found[0] if len(found) == 1 else Words(found)
        if isinstance(node, And | Or):
            return type(node)(tuple(map(self.rewrite, node.children)))
        return node

    def _thing(self, thing: Word | Phrase | Choice) -> Word | Phrase | Choice:
        """A compound, met by its pieces, too."""
        if isinstance(thing, Phrase):
            whole = self._range([each.text for each in thing.words])
            return Choice(thing, (Other(whole, _APART_WEIGHT),)) if whole else thing
        typed = _word_of(thing)
        phrases = tuple(self._apart(typed)) if typed is not None else ()
        others = tuple(Other(each, _APART_WEIGHT) for each in phrases)
        if not others:
            return thing
        if isinstance(thing, Choice):
            return replace(thing, others=thing.others + others)
        return Choice(thing, others)

    def _range(self, numbers: Sequence[str]) -> Word | None:
        """„2014–2020“ as it is with a hyphen."""
        text = "-".join(numbers)
        whole = self._parser.name(text) if _RANGE.fullmatch(text) else None
        return whole if isinstance(whole, Word) and documents_of(whole, self._index) else None

    def _joined(self, things: Sequence[Word | Phrase | Choice]) -> Iterator[Word | Phrase | Choice]:
        """``things`` in order; neighbours that make up a compound, as one."""
        at = 0
        while at < len(things):
            for count in range(min(_MOST_WORDS, len(things) - at), 1, -1):
                run = tuple(things[at : at + count])
                whole = self._together([_word_of(each) for each in run])
                if whole is not None:
                    yield Choice(Words(run), (Other(whole),))
                    break
            else:
                count = 1
                yield self._thing(things[at])
            at += count

    def _together(self, words: Sequence[Word | None]) -> Word | None:
        """The compound that ``words`` make, if the index has it."""
        texts = [each.text.lower() for each in words if each is not None and each.field == "any"]
        joined = "".join(texts)
        if len(texts) < len(words) or len(joined) > _LONGEST or not joined.isalpha():
            return None
        if min(map(len, texts)) < _SHORTEST:
            return None
        readings = self._analyzer.certain(joined)
        if readings:
            bounds = set(accumulate(map(len, texts[:-1])))
            if not any(bounds <= set(accumulate(map(len, e.parts[:-1]))) for e in readings):
                return None
        elif min(map(len, texts)) < _SHORTEST_UNKNOWN or not self._holds("surface", joined):
            return None
        name = self._parser.name(joined)
        whole = self._refine(name) if name is not None else None
        if not isinstance(whole, Word) or not documents_of(whole, self._index):
            return None
        return replace(whole, typed=" ".join(each.text for each in words if each is not None))

    def _apart(self, word: Word) -> Iterator[Phrase]:
        """The pieces of a compound next to each other: in two, and all of three."""
        if _RANGE.fullmatch(word.text):
            numbers = self._parser.name(word.text.replace("-", " "))
            if isinstance(numbers, Phrase):
                yield numbers
            return
        lemmas = {each.term for each in word.alternatives if each.channel == "lemma"}
        readings = self._analyzer.certain(word.text) or self._analyzer.certain(word.text.lower())
        seen = set()
        for reading in readings:
            pieces = pieces_of(reading.parts)
            if reading.pos == _NAME or reading.lemma.lower() not in lemmas:
                continue
            if reading.lemma in seen or not 1 < len(pieces) <= _MOST_PIECES:
                continue
            seen.add(reading.lemma)
            cuts = [(each,) for each in range(1, len(pieces))]
            for cut in [*cuts, *([(1, 2)] if len(pieces) == 3 else [])]:
                first = ["".join(pieces[a:b]) for a, b in pairwise((0, *cut))]
                tail = "".join(pieces[cut[-1] :])
                tail = last_run(reading.lemma, pieces[: cut[-1]], tail).lower()
                phrase = self._pieces([*first, tail], word)
                if phrase is not None:
                    yield phrase

    def _pieces(self, texts: Sequence[str], word: Word) -> Phrase | None:
        """All but the last piece as they stand in the compound, the last one in any form."""
        if min(map(len, texts)) < _SHORTEST:
            return None
        forms = [each if acronym_base(each) else each.lower() for each in texts[:-1]]
        if not self._holds("lemma", texts[-1]):
            return None
        if not all(self._holds("surface", each) for each in forms):
            return None
        first = [Word(each, (Alternative("surface", each),), word.field) for each in forms]
        last = Word(texts[-1], (Alternative("lemma", texts[-1]),), word.field)
        return Phrase((*first, last), field=word.field)

    def _holds(self, channel: Channel, text: str) -> bool:
        return any(self._index.document_frequencies([term(channel, text)]))


def _word_of(thing: Word | Phrase | Choice) -> Word | None:
    """The word that was typed for ``thing``, unless it was exact, misspelt or several."""
    word = thing.typed if isinstance(thing, Choice) else thing
    if not isinstance(word, Word) or word.way != "typed" or is_exact(word):
        return None
    return word
