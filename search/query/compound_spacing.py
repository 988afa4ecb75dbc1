"""Matches compounds however spaced: *rohemajandus*, *rohe majandus*, *rohe-majandus*.

A rewriting step behind the synonyms. Words typed apart may be met by the compound they make, if the
index has it; a typed compound by its pieces, in the forms they have within it: „metsas klaster“ is
no *metsaklaster*. A hyphen is looked through on both sides
(:meth:`search.analysis.Analyzer.written_together`).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from search.analysis import Analyzer
from search.analysis.acronyms import acronym_base
from search.analysis.compounds import last_run, pieces_of
from search.analysis.terms import term
from search.query.ast import (
    Alternative,
    And,
    Choice,
    Node,
    Or,
    Other,
    Phrase,
    Word,
    Words,
    is_exact,
)
from search.query.parser import QueryParser
from search.query.term_statistics import TermStatistics, terms_of

#: Who writes apart what belongs together means the same; the right spelling is still the better.
_APART_WEIGHT = 0.9
_MOST_WORDS = 3
_MOST_PIECES = 5
_SHORTEST = 2
_SHORTEST_UNKNOWN = 3
_LONGEST = 40
#: So many first letters of its last word tell well enough whether a compound can be there.
_TOLD_BY = 3
_NAME = "H"
_RANGE = re.compile(r"\d+-\d+")
_Thing = Word | Phrase | Choice
#: Selects the lemmas of words that are added, all at once.
Refine = Callable[[Sequence[Node]], list[Node]]


@dataclass(frozen=True, slots=True)
class _Run:
    """Neighbouring words from number ``first`` on, written solid."""

    first: int
    words: tuple[Word, ...]
    joined: str


class CompoundSpacing:
    """Adds compound spacing variants to queries, by the statistics of one index state."""

    def __init__(
        self,
        analyzer: Analyzer,
        parser: QueryParser,
        statistics: TermStatistics,
        refine: Refine,
    ) -> None:
        self._analyzer = analyzer
        self._parser = parser
        self._statistics = statistics
        self._refine = refine

    def rewrite(self, node: Node) -> Node:
        """``node`` with its plain words and compounds matched in either spacing."""
        if isinstance(node, Word | Choice):
            return self._spaced([node])[0]
        if isinstance(node, Words):
            found = self._joined(node.children)
            return found[0] if len(found) == 1 else Words(tuple(found))
        if isinstance(node, And | Or):
            alone = [each for each in node.children if isinstance(each, Word | Choice)]
            spaced = iter(self._spaced(alone))
            return type(node)(
                tuple(
                    next(spaced) if isinstance(each, Word | Choice) else self.rewrite(each)
                    for each in node.children
                )
            )
        return node

    def _joined(self, things: Sequence[_Thing]) -> list[_Thing]:
        """``things`` in order, neighbours that form a compound joined."""
        wholes = self._wholes(things)
        found: list[_Thing] = []
        alone: list[int] = []
        at = 0
        while at < len(things):
            count = next((each for each in range(_MOST_WORDS, 1, -1) if (at, each) in wholes), 1)
            if count > 1:
                run = Words(tuple(things[at : at + count]))
                found.append(Choice(run, (Other(wholes[at, count]),)))
            else:
                alone.append(len(found))
                found.append(things[at])
            at += count
        for place, thing in zip(alone, self._spaced([found[at] for at in alone]), strict=True):
            found[place] = thing
        return found

    def _wholes(self, things: Sequence[_Thing]) -> dict[tuple[int, int], Word]:
        """Compounds of the index formed by neighbouring words, by place and number of words."""
        runs = self._possible(list(_runs(things)))
        self._analyzer.look_up([each.joined for each in runs])
        unknown = [each for each in runs if not self._analyzer.certain(each.joined)]
        self._statistics.load([term("surface", each.joined) for each in unknown])
        runs = [each for each in runs if self._is_compound(each)]
        names = {each.joined: self._parser.name(each.joined) for each in runs}
        named = {joined: name for joined, name in names.items() if name is not None}
        refined = dict(zip(named, self._refine(list(named.values())), strict=True))
        wholes = {}
        for each in runs:
            whole = refined.get(each.joined)
            if isinstance(whole, Word) and self._statistics.is_held(whole):
                typed = " ".join(word.text for word in each.words)
                wholes[each.first, len(each.words)] = replace(whole, typed=typed)
        return wholes

    def _possible(self, runs: Sequence[_Run]) -> list[_Run]:
        """Those of ``runs`` that begin like a word of the index: analysing all takes far longer.

        In whatever form, a compound has its first words as they are, and then the last one's.
        """
        begins = {each: self._beginnings(each) for each in runs}
        held = self._statistics.starting(text for each in begins.values() for text in each)
        return [each for each in runs if not held.isdisjoint(begins[each])]

    def _beginnings(self, run: _Run) -> set[str]:
        """How the lemmas of ``run`` written together can begin, and how it does itself."""
        last = run.words[-1].text
        first = run.joined[: -len(last)]
        return {
            first + each.lower()[:_TOLD_BY] for each in (last, *self._analyzer.terms(last).lemmas)
        }

    def _is_compound(self, run: _Run) -> bool:
        """True if ``run`` is a compound of these words, or a word of some text."""
        sizes = [len(each.text) for each in run.words]
        readings = self._analyzer.certain(run.joined)
        if readings:
            bounds = set(accumulate(sizes[:-1]))
            return any(bounds <= set(accumulate(map(len, e.parts[:-1]))) for e in readings)
        return min(sizes) >= _SHORTEST_UNKNOWN and bool(
            self._statistics.document_frequency(term("surface", run.joined))
        )

    def _spaced(self, things: Sequence[_Thing]) -> list[_Thing]:
        """``things`` with compounds also matched by their pieces."""
        typed = [_word_of(each) for each in things]
        apart = [list(self._apart(each)) if each is not None else [] for each in typed]
        pieces = (word for phrases in apart for phrase in phrases for word in phrase.words)
        self._statistics.load(each for word in pieces for each in terms_of(word))
        return [
            self._met(thing, word, phrases)
            for thing, word, phrases in zip(things, typed, apart, strict=True)
        ]

    def _met(self, thing: _Thing, typed: Word | None, apart: Sequence[Phrase]) -> _Thing:
        if isinstance(thing, Phrase):
            whole = self._range([each.text for each in thing.words])
            return Choice(thing, (Other(whole, _APART_WEIGHT),)) if whole else thing
        is_range = typed is not None and _RANGE.fullmatch(typed.text)
        met = (each for each in apart if is_range or self._are_held(each))
        others = tuple(Other(each, _APART_WEIGHT) for each in met)
        if not others:
            return thing
        if isinstance(thing, Choice):
            return replace(thing, others=thing.others + others)
        return Choice(thing, others)

    def _range(self, numbers: Sequence[str]) -> Word | None:
        """„2014–2020“ as it is written with a hyphen."""
        text = "-".join(numbers)
        whole = self._parser.name(text) if _RANGE.fullmatch(text) else None
        is_held = isinstance(whole, Word) and self._statistics.is_held(whole)
        return whole if isinstance(whole, Word) and is_held else None

    def _apart(self, word: Word) -> Iterator[Phrase]:
        """Phrases of a compound's pieces: split in two, and into all of three."""
        if _RANGE.fullmatch(word.text):
            numbers = self._parser.name(word.text.replace("-", " "))
            if isinstance(numbers, Phrase):
                yield numbers
            return
        if not self._analyzer.may_be_compound(word.text):
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
        """Words of a split compound: the last piece in any form, the others as written."""
        if min(map(len, texts)) < _SHORTEST:
            return None
        forms = [each if acronym_base(each) else each.lower() for each in texts[:-1]]
        first = [Word(each, (Alternative("surface", each),), word.field) for each in forms]
        last = Word(texts[-1], (Alternative("lemma", texts[-1]),), word.field)
        return Phrase((*first, last), field=word.field)

    def _are_held(self, phrase: Phrase) -> bool:
        """True if the index holds each word of ``phrase``."""
        return all(map(self._statistics.is_held, phrase.words))


def _runs(things: Sequence[_Thing]) -> Iterator[_Run]:
    """Neighbouring words that may be a compound typed apart, by their letters alone."""
    words = [_word_of(each) for each in things]
    for first in range(len(words)):
        for count in range(_MOST_WORDS, 1, -1):
            run = tuple(
                each
                for each in words[first : first + count]
                if each is not None and each.field == "any" and len(each.text) >= _SHORTEST
            )
            joined = "".join(each.text for each in run).lower()
            if len(run) == count and len(joined) <= _LONGEST and joined.isalpha():
                yield _Run(first, run, joined)


def _word_of(thing: _Thing) -> Word | None:
    """The typed word of ``thing``, unless it was exact, misspelt or several words."""
    word = thing.typed if isinstance(thing, Choice) else thing
    if not isinstance(word, Word) or word.way != "typed" or is_exact(word):
        return None
    return word
