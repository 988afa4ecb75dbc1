"""Title and body of an analysed article by the positions of their words.

What finds facets here reads the terms that the index keeps, not the text, so that it does the same
when an article is first indexed and when its facets are formed again.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence, Set
from typing import Literal

from search.article import Article, Evidence
from search.engines.contract import IndexedDocument, IndexedField

TextPart = Literal["title", "body"]
#: Positions by term: channel and word in lower case.
Found = Mapping[str, Sequence[int]]


class AnalysedPart:
    """One part. A sentence is known by its number, a paragraph too: 0 is the title."""

    def __init__(self, name: TextPart, text: str, field: IndexedField) -> None:
        self.name = name
        self.text = text
        self.starts = field.starts
        self.ends = field.ends
        self._field = field
        self._sentences = field.sentences
        self._addresses = frozenset(field.addresses)
        self.paragraphs = self._paragraphs()
        self._terms: dict[str, Sequence[int]] = {}
        for term, positions in field.postings.items():
            low = term.lower()  # an acronym keeps its capitals
            self._terms[low] = [*self._terms[low], *positions] if low in self._terms else positions

    @property
    def words(self) -> int:
        """Number of words; pieces of addresses are none."""
        return self._field.length - len(self._addresses)

    def found(self, terms: Set[str]) -> Found:
        """Which of ``terms`` (with channel, in lower case) the part holds, and where.

        Pieces of addresses are left out.
        """
        return {term: self._places(term) for term in self._terms.keys() & terms}

    def _places(self, term: str) -> Sequence[int]:
        positions = self._terms[term]
        if self._addresses.isdisjoint(positions):
            return positions
        return [each for each in positions if each not in self._addresses]

    def found_in(self, channel: str) -> Found:
        """All terms of one channel, and where they stand."""
        return {term: self._places(term) for term in self._terms if term.startswith(channel)}

    def sentence_of(self, position: int) -> int:
        """The number of the sentence that holds ``position``."""
        return bisect_right(self._sentences, position) - 1

    def position_of(self, offset: int) -> int:
        """The position of the word that holds this character of the text, else the next one."""
        return bisect_right(self.ends, offset)

    def positions(self, sentence: int) -> range:
        """The positions of a sentence."""
        first = self._sentences[sentence]
        is_last = sentence + 1 == len(self._sentences)
        end = len(self.starts) if is_last else self._sentences[sentence + 1]
        while self.starts[end - 1] == self.ends[end - 1]:
            end -= 1  # a gap between paragraphs
        return range(first, end)

    def sentence_text(self, sentence: int) -> str:
        """From the first word of a sentence to its last."""
        places = self.positions(sentence)
        return self.text[self.starts[places[0]] : self.ends[places[-1]]]

    def is_row(self, first: int, last: int) -> bool:
        """Do two positions stand in one sentence?"""
        return last < len(self.starts) and self.sentence_of(first) == self.sentence_of(last)

    def word(self, position: int) -> str:
        """The word as it is written."""
        return self.text[self.starts[position] : self.ends[position]]

    def evidence(self, start: int, end: int) -> Evidence:
        """Evidence for what stands at these characters."""
        return Evidence(self.name, start, end, self.text[start:end])

    def _paragraphs(self) -> Sequence[int]:
        """The paragraph of each sentence."""
        paragraphs: list[int] = []
        for first in self._sentences:
            begins = not first or self.starts[first - 1] == self.ends[first - 1]
            paragraphs.append((paragraphs[-1] if paragraphs else 0) + begins)
        return [0] * len(paragraphs) if self.name == "title" else paragraphs


def parts_of(document: IndexedDocument) -> tuple[AnalysedPart, AnalysedPart]:
    """Title and body of ``document``."""
    article: Article = document.article
    return (
        AnalysedPart("title", article.title, document.title),
        AnalysedPart("body", article.body_text, document.body),
    )
