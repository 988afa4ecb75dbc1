"""Matches compounds written closed, open or hyphenated: *rohemajandus*, *rohe majandus*.

A rewriting step behind the synonyms. Neighbouring words also match the closed compound they form,
if the index has it; a typed compound also matches its pieces, in the forms they have within it:
„metsas klaster“ is no *metsaklaster*. Hyphens are ignored on both sides
(:meth:`search.analysis.Analyzer.dehyphenated`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from search.analysis import Analyzer
from search.analysis.acronyms import acronym_base
from search.analysis.compounds import pieces_of, splits
from search.analysis.morphology import PROPER_NOUN
from search.analysis.terms import term
from search.query.ast import (
    Alternative,
    And,
    Choice,
    Clause,
    Node,
    Or,
    Other,
    Phrase,
    Word,
    Words,
    is_exact,
    lemmas_of,
)
from search.query.lemma_selection import LemmaSelector
from search.query.parser import QueryParser
from search.query.term_statistics import TermStatistics, terms_of

#: Of the open spelling beside the right, closed one.
_OPEN_WEIGHT = 0.9
_MOST_WORDS = 3
_MOST_PIECES = 5
_SHORTEST = 2
_SHORTEST_UNKNOWN = 3
_LONGEST = 40
#: First letters of a compound's last word that the prefix check includes.
_PREFIX_LETTERS = 3
_RANGE = re.compile(r"\d+-\d+")


@dataclass(frozen=True, slots=True)
class _Shingle:
    """Neighbouring ``words`` from number ``first`` on, and their closed spelling."""

    first: int
    words: tuple[Word, ...]
    joined: str


class CompoundSpacing:
    """Adds closed and open spellings of compounds to queries, by the statistics of one index."""

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
        """``node`` with its plain words and compounds matched in either spelling."""
        if isinstance(node, Word | Choice):
            return self._with_open([node])[0]
        if isinstance(node, Words):
            found = self._with_closed(node.children)
            return found[0] if len(found) == 1 else Words(tuple(found))
        if isinstance(node, And | Or):
            single = [each for each in node.children if isinstance(each, Word | Choice)]
            rewritten = iter(self._with_open(single))
            return type(node)(
                tuple(
                    next(rewritten) if isinstance(each, Word | Choice) else self.rewrite(each)
                    for each in node.children
                )
            )
        return node

    def _with_closed(self, clauses: Sequence[Clause]) -> list[Clause]:
        """``clauses`` in order, neighbours that form a compound joined, others spelt open, too."""
        closed = self._closed_compounds(clauses)
        found: list[Clause] = []
        single: list[int] = []
        at = 0
        while at < len(clauses):
            count = next((each for each in range(_MOST_WORDS, 1, -1) if (at, each) in closed), 1)
            if count > 1:
                typed = Words(tuple(clauses[at : at + count]))
                found.append(Choice(typed, (Other(closed[at, count]),)))
            else:
                single.append(len(found))
                found.append(clauses[at])
            at += count
        for place, clause in zip(
            single, self._with_open([found[at] for at in single]), strict=True
        ):
            found[place] = clause
        return found

    def _closed_compounds(self, clauses: Sequence[Clause]) -> dict[tuple[int, int], Word]:
        """Compounds of the index formed by neighbouring words, by place and number of words."""
        shingles = self._with_known_prefix(list(_shingles(clauses)))
        self._analyzer.warm_lexicon([each.joined for each in shingles])
        unknown = [each for each in shingles if not self._analyzer.is_known(each.joined)]
        self._statistics.load([term("surface", each.joined) for each in unknown])
        shingles = [each for each in shingles if self._is_compound(each)]
        parsed = {each.joined: self._parser.word_or_phrase(each.joined) for each in shingles}
        nodes = {joined: node for joined, node in parsed.items() if node is not None}
        selected = dict(zip(nodes, self._select(list(nodes.values())), strict=True))
        compounds = {}
        for each in shingles:
            compound = selected.get(each.joined)
            if isinstance(compound, Word) and self._statistics.is_held(compound):
                typed = " ".join(word.text for word in each.words)
                compounds[each.first, len(each.words)] = replace(compound, typed=typed)
        return compounds

    def _with_known_prefix(self, shingles: Sequence[_Shingle]) -> list[_Shingle]:
        """Those that begin like a word of the index: analysing all takes far longer.

        Only the last word of a compound is inflected.
        """
        prefixes = {each: self._prefixes(each) for each in shingles}
        held = self._statistics.starting(text for each in prefixes.values() for text in each)
        return [each for each in shingles if not held.isdisjoint(prefixes[each])]

    def _prefixes(self, shingle: _Shingle) -> set[str]:
        """Prefixes of the closed compound and of its possible lemmas."""
        last = shingle.words[-1].text
        first = shingle.joined[: -len(last)]
        forms = (last, *self._analyzer.terms(last).lemmas)
        return {first + each.lower()[:_PREFIX_LETTERS] for each in forms}

    def _is_compound(self, shingle: _Shingle) -> bool:
        """True if the lexicon splits it into these words, or else if some text has it."""
        sizes = [len(each.text) for each in shingle.words]
        readings = self._analyzer.lexicon_readings(shingle.joined)
        if readings:
            bounds = set(accumulate(sizes[:-1]))
            return any(bounds <= set(accumulate(map(len, e.parts[:-1]))) for e in readings)
        return min(sizes) >= _SHORTEST_UNKNOWN and bool(
            self._statistics.document_frequency(term("surface", shingle.joined))
        )

    def _with_open(self, clauses: Sequence[Clause]) -> list[Clause]:
        """``clauses`` with compounds also matched by their open spellings."""
        words = [_typed_word(each) for each in clauses]
        phrases = [list(self._open_spellings(each)) if each is not None else [] for each in words]
        pieces = (word for found in phrases for phrase in found for word in phrase.words)
        self._statistics.load(each for word in pieces for each in terms_of(word))
        return [
            self._with_phrases(clause, word, found)
            for clause, word, found in zip(clauses, words, phrases, strict=True)
        ]

    def _with_phrases(
        self, clause: Clause, typed: Word | None, phrases: Sequence[Phrase]
    ) -> Clause:
        """``clause`` with those of ``phrases`` that the index may hold, or with its range."""
        if isinstance(clause, Phrase):
            whole = self._hyphenated_range([each.text for each in clause.words])
            return Choice(clause, (Other(whole, _OPEN_WEIGHT),)) if whole else clause
        is_range = typed is not None and _RANGE.fullmatch(typed.text)
        held = (
            each for each in phrases if is_range or all(map(self._statistics.is_held, each.words))
        )
        others = tuple(Other(each, _OPEN_WEIGHT) for each in held)
        if not others:
            return clause
        if isinstance(clause, Choice):
            return replace(clause, others=clause.others + others)
        return Choice(clause, others)

    def _hyphenated_range(self, numbers: Sequence[str]) -> Word | None:
        """The word *2014-2020* for a phrase of two numbers, if the index has it."""
        text = "-".join(numbers)
        whole = self._parser.word_or_phrase(text) if _RANGE.fullmatch(text) else None
        is_held = isinstance(whole, Word) and self._statistics.is_held(whole)
        return whole if isinstance(whole, Word) and is_held else None

    def _open_spellings(self, word: Word) -> Iterator[Phrase]:
        """Phrases of a compound's pieces: split in two, and into all of three."""
        if _RANGE.fullmatch(word.text):
            numbers = self._parser.word_or_phrase(word.text.replace("-", " "))
            if isinstance(numbers, Phrase):
                yield numbers
            return
        if not self._analyzer.may_be_compound(word.text):
            return
        lexicon_readings = self._analyzer.lexicon_readings
        lemmas = lemmas_of(word)
        seen = set()
        for reading in lexicon_readings(word.text) or lexicon_readings(word.text.lower()):
            pieces = pieces_of(reading.parts)
            if reading.pos == PROPER_NOUN or reading.lemma.lower() not in lemmas:
                continue
            if reading.lemma in seen or not 1 < len(pieces) <= _MOST_PIECES:
                continue
            seen.add(reading.lemma)
            for first, last in splits(reading.lemma, pieces):
                if min(map(len, (*first, last))) >= _SHORTEST:
                    yield _open_phrase(first, last, word)


def _open_phrase(first: Sequence[str], last: str, word: Word) -> Phrase:
    """Phrase of the pieces of ``word``: the last one in any form, the others as written."""
    forms = [each if acronym_base(each) else each.lower() for each in first]
    words = [Word(each, (Alternative("surface", each),), word.field) for each in forms]
    return Phrase((*words, Word(last, (Alternative("lemma", last),), word.field)), field=word.field)


def _shingles(clauses: Sequence[Clause]) -> Iterator[_Shingle]:
    """Neighbouring words whose letters allow a compound."""
    words = [_typed_word(each) for each in clauses]
    for first in range(len(words)):
        for count in range(_MOST_WORDS, 1, -1):
            found = tuple(
                each
                for each in words[first : first + count]
                if each is not None and each.field == "any" and len(each.text) >= _SHORTEST
            )
            joined = "".join(each.text for each in found).lower()
            if len(found) == count and len(joined) <= _LONGEST and joined.isalpha():
                yield _Shingle(first, found, joined)


def _typed_word(clause: Clause) -> Word | None:
    """The typed word of ``clause``, unless it is exact, misspelt or several words."""
    word = clause.typed if isinstance(clause, Choice) else clause
    if not isinstance(word, Word) or word.way != "typed" or is_exact(word):
        return None
    return word
