"""Model of an article's text: paragraphs, sentences and tokens, split once for all extractors.

Built when an article is analysed, or from the terms of a stored document without analysis; facets
formed from either are the same.
"""

import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeVar

from search.analysis import Token, sentence_spans
from search.article import Evidence, Part
from search.engines.contract import IndexedDocument, IndexedField, TextField

#: Longer sentences are split, which bounds the cost of rules within a sentence.
LONGEST_SENTENCE = 200
#: Positions by term: channel and word in lower case.
TermPositions = Mapping[str, Sequence[int]]
#: Part of an article, with start and end offsets in it.
TextRange = tuple[TextField, int, int]


class InText(Protocol):
    """Protocol: a range ``start``..``end`` of a part."""

    @property
    def part(self) -> Part: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


InTextT = TypeVar("InTextT", bound=InText)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence at ``start``..``end`` of a part; its tokens have offsets in the part.

    ``paragraph`` is 0 for the title and counts from 1 in the body. A sentence has tokens.
    """

    part: TextField
    paragraph: int
    start: int
    end: int
    text: str
    tokens: tuple[Token, ...]

    def evidence(self, start: int, end: int) -> Evidence:
        """Evidence for these characters of the sentence."""
        text = self.text[start:end]
        return Evidence(self.part, self.start + start, self.start + end, text)


class PartView:
    """Title or body of an article: sentences by number, tokens and terms by position."""

    def __init__(
        self, name: TextField, text: str, field: IndexedField, sentences: Sequence[Sentence] = ()
    ) -> None:
        self.name = name
        self.text = text
        self.starts = field.starts
        self.ends = field.ends
        self.sentences = sentences
        self._field = field
        self._first_positions = field.sentences

    @property
    def words(self) -> int:
        """Number of words, without pieces of addresses."""
        return self._field.length - len(self._field.addresses)

    @cached_property
    def paragraphs(self) -> Sequence[int]:
        """The paragraph of each sentence, from 1; 0 in the title."""
        found: list[int] = []
        for first in self._first_positions:
            begins = not first or self._is_gap(first - 1)
            found.append((found[-1] if found else 0) + begins)
        return [0] * len(found) if self.name == "title" else found

    def positions_of(self, terms: Set[str]) -> TermPositions:
        """Positions of any of ``terms`` (with channel, in lower case) in the part.

        Pieces of addresses are left out.
        """
        return {term: self._outside_addresses(term) for term in self._terms.keys() & terms}

    def channel_positions(self, channel: str) -> TermPositions:
        """Positions of all terms of one channel, without pieces of addresses."""
        found = (term for term in self._terms if term.startswith(channel))
        return {term: self._outside_addresses(term) for term in found}

    def sentence_of(self, position: int) -> int:
        """Number of the sentence at ``position``."""
        return bisect_right(self._first_positions, position) - 1

    def position_of(self, offset: int) -> int:
        """Position of the word at this character offset, else of the next one."""
        return bisect_right(self.ends, offset)

    def sentence_positions(self, sentence: int) -> range:
        """Positions of a sentence."""
        first, *following = self._first_positions[sentence : sentence + 2]
        end = following[0] if following else len(self.starts)
        while self._is_gap(end - 1):
            end -= 1
        return range(first, end)

    def sentence_text(self, sentence: int) -> str:
        """Text of a sentence from its first to its last word."""
        positions = self.sentence_positions(sentence)
        return self.text[self.starts[positions[0]] : self.ends[positions[-1]]]

    def in_one_sentence(self, first: int, last: int) -> bool:
        """True if two positions are in one sentence."""
        return last < len(self.starts) and self.sentence_of(first) == self.sentence_of(last)

    def word(self, position: int) -> str:
        """The word at a position as written."""
        return self.text[self.starts[position] : self.ends[position]]

    def evidence(self, start: int, end: int) -> Evidence:
        """Evidence for this range of characters."""
        return Evidence(self.name, start, end, self.text[start:end])

    def _is_gap(self, position: int) -> bool:
        """True for a position left free between paragraphs."""
        return self.starts[position] == self.ends[position]

    @cached_property
    def _terms(self) -> TermPositions:
        postings = self._field.postings
        # Acronyms keep their capitals. One call for all terms: no term contains a newline.
        lows = "\n".join(postings).lower().split("\n") if postings else []
        terms: dict[str, Sequence[int]] = dict(zip(lows, postings.values(), strict=True))
        if len(terms) < len(postings):
            terms = {}
            for low, positions in zip(lows, postings.values(), strict=True):
                terms[low] = [*terms[low], *positions] if low in terms else positions
        return terms

    @cached_property
    def _addresses(self) -> frozenset[int]:
        return frozenset(self._field.addresses)

    def _outside_addresses(self, term: str) -> Sequence[int]:
        positions = self._terms[term]
        if self._addresses.isdisjoint(positions):
            return positions
        return [each for each in positions if each not in self._addresses]


@dataclass(frozen=True, slots=True)
class TextView:
    """Title and body of an article; without sentences if made from a stored document."""

    title: PartView
    body: PartView

    @property
    def parts(self) -> tuple[PartView, PartView]:
        """Title and body."""
        return self.title, self.body

    @property
    def sentences(self) -> Iterator[Sentence]:
        """All sentences in order, the title's first."""
        yield from self.title.sentences
        yield from self.body.sentences

    def part(self, name: Part) -> PartView:
        """The part of this name."""
        return self.title if name == "title" else self.body


def text_view_of(
    document: IndexedDocument, title: Sequence[Sentence] = (), body: Sequence[Sentence] = ()
) -> TextView:
    """Builds the text view of ``document``, with the sentences of its parts if known."""
    article = document.article
    return TextView(
        PartView("title", article.title, document.title, title),
        PartView("body", article.body_text, document.body, body),
    )


def split_sentences(
    part: TextField, paragraph: int, text: str, offset: int, tokens: Sequence[Token]
) -> Iterator[Sentence]:
    """Splits a paragraph at ``offset`` of its part into sentences.

    Offsets of its ``tokens`` count in the part.
    """
    at = 0
    for start, end in sentence_spans(text):
        first = at
        while at < len(tokens) and tokens[at].start < offset + end:
            at += 1
        for begin in range(first, at, LONGEST_SENTENCE):
            stop = min(begin + LONGEST_SENTENCE, at)
            left = tokens[begin].start if begin > first else offset + start
            right = tokens[stop].start if stop < at else offset + end
            piece = text[left - offset : right - offset]
            yield Sentence(part, paragraph, left, right, piece, tuple(tokens[begin:stop]))


def without_overlaps(found: Iterable[InTextT]) -> list[InTextT]:
    """Selects the longest of overlapping ranges, in text order; of equal ones the first."""
    kept: list[InTextT] = []
    taken: dict[Part, set[int]] = {"title": set(), "body": set()}
    for each in sorted(found, key=lambda each: (each.start - each.end, each.start)):
        span = range(each.start, each.end)
        if taken[each.part].isdisjoint(span):
            taken[each.part].update(span)
            kept.append(each)
    return sorted(kept, key=lambda each: (each.part == "body", each.start))


def in_ranges(part: Part, start: int, ranges: Sequence[TextRange]) -> bool:
    """True if ``start`` of ``part`` lies in one of the sorted ``ranges``."""
    at = bisect_right(ranges, (part, start, sys.maxsize)) - 1
    return at >= 0 and ranges[at][0] == part and start < ranges[at][2]
