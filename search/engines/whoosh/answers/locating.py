"""Where documents meet a query: characters of their texts, and by which term."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from search.analysis.terms import term
from search.engines.contract import TEXT_FIELDS, Occurrence
from search.engines.whoosh.answers.matching import Matcher
from search.engines.whoosh.answers.sought import phrase_terms
from search.engines.whoosh.answers.spots import Spots
from search.engines.whoosh.native.lists import Asked
from search.engines.whoosh.native.spans import NativeSpans
from search.engines.whoosh.postings.lists import Looked, PostingLists, PostingsReader
from search.engines.whoosh.postings.phrases import SHIFT, decode, phrase_places
from search.query.ast import Node, Phrase, Prefix, Word, leaves

#: A document, a field of it (by number) and a position there that meets a leaf by a term.
_Place = tuple[int, int, int, int, str]
#: The same, and where that begins in the text and how long it is there.
_Located = tuple[int, int, int, int, str, int, int]


class _Wanted(NamedTuple):
    """A term that speaks for a leaf of the query in some fields (by number)."""

    leaf: int
    term: str
    fields: tuple[int, ...]

    @property
    def looked(self) -> Iterator[Looked]:
        return ((TEXT_FIELDS[each], self.term) for each in self.fields)


class Locator:
    """Finds the places of one query in documents; ``lists`` count what is gone through."""

    def __init__(
        self, matcher: Matcher, shared: PostingsReader, lists: PostingLists, spots: Spots
    ) -> None:
        self._matcher = matcher
        self._shared = shared
        self._lists = lists
        self._spots = spots

    def find(self, numbers: Sequence[int], node: Node) -> tuple[tuple[Occurrence, ...], ...]:
        """Where each of the documents meets ``node``, in the order of the text, the title first."""
        wanted: list[_Wanted] = []
        places: list[_Place] = []
        ordered = sorted(numbers)
        for number, leaf in enumerate(leaves(node)):
            if isinstance(leaf, Phrase):
                places += self._of_phrase(ordered, number, leaf)
            else:
                wanted += self._wanted(number, leaf)
        located = [*self._located(places), *self._terms_located(ordered, wanted)]
        found: dict[int, list[Occurrence]] = defaultdict(list)
        for document, field, _, number, text, start, length in sorted(located):
            occurrence = Occurrence(TEXT_FIELDS[field], start, start + length, number, text)
            found[document].append(occurrence)
        return tuple(tuple(found[number]) for number in numbers)

    def _wanted(self, number: int, leaf: Word | Prefix) -> Iterator[_Wanted]:
        fields = (0,) if leaf.field == "title" else (0, 1)
        if isinstance(leaf, Word):
            for each in leaf.alternatives:
                yield _Wanted(number, term(each.channel, each.term), fields)
            return
        for field in fields:
            for text in self._matcher.prefix_terms(leaf, TEXT_FIELDS[field]):
                yield _Wanted(number, text, (field,))

    def _terms_located(
        self, numbers: Sequence[int], wanted: Sequence[_Wanted]
    ) -> Iterable[_Located]:
        placed = self._placed(numbers, wanted, self._spots.native())
        if placed is None:
            return self._located(list(self._of_terms(numbers, wanted)))
        return [
            (document, field, position, *wanted[term][:2], start, length)
            for document, field, position, start, length, term in placed
        ]

    def _of_terms(self, numbers: Sequence[int], wanted: Sequence[_Wanted]) -> Iterator[_Place]:
        placed = self._placed(numbers, wanted)
        if placed is not None:
            for document, field, position, _, _, place in placed:
                leaf, text, _ = wanted[place]
                yield document, field, position, leaf, text
            return
        for leaf, text, fields in wanted:
            for field in fields:
                held = self._lists.postings(TEXT_FIELDS[field], text)
                for number, positions in held.of_documents(numbers):
                    for position in positions.tolist():
                        yield number, field, position, leaf, text

    def _placed(
        self,
        numbers: Sequence[int],
        wanted: Sequence[_Wanted],
        spans: NativeSpans | None = None,
    ) -> list[list[int]] | None:
        """The places as the library finds them; None if it does not."""
        if not numbers or not wanted:
            return []
        native = self._shared.native
        if native is None:
            return None
        asked = [Asked(each.term, sum(1 << field for field in each.fields)) for each in wanted]
        found = native.places(asked, np.array(numbers, dtype=np.int64), spans)
        if found is None:
            return None
        looked = tuple(each for some in wanted for each in some.looked)
        self._lists.note(looked, sum(found.postings))
        rows: list[list[int]] = found.rows.tolist()
        return rows

    def _of_phrase(self, numbers: Sequence[int], leaf: int, phrase: Phrase) -> Iterator[_Place]:
        words = phrase_terms(phrase)
        for field in (0,) if phrase.field == "title" else (0, 1):
            wanted = [
                _Wanted(place, each, (field,))
                for place, terms in enumerate(words)
                for each in terms
            ]
            held: list[set[int]] = [set() for _ in words]
            for number, _, position, place, _ in self._of_terms(numbers, wanted):
                held[place].add(number << SHIFT | position)
            keys = [np.array(sorted(some), dtype=np.int64) for some in held]
            for terms, found in zip(words, phrase_places(keys, phrase.slop), strict=True):
                for number, position in zip(*map(np.ndarray.tolist, decode(found)), strict=True):
                    yield number, field, position, leaf, terms[0]

    def _located(self, places: Sequence[_Place]) -> Iterator[_Located]:
        ordered = sorted(places)
        spans = self._spots.spans([place[:3] for place in ordered]) if ordered else ()
        for place, span in zip(ordered, spans, strict=True):
            yield (*place, *span)
