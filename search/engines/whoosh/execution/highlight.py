"""Finds the occurrences of a query in documents: characters of their texts, and terms."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from search.analysis.terms import term
from search.engines.contract import TEXT_FIELDS, Occurrence
from search.engines.query_terms import phrase_terms
from search.engines.whoosh.execution.evaluate import Evaluator
from search.engines.whoosh.execution.positions import (
    Budget,
    phrase_places,
    places_of,
    position_keys,
)
from search.engines.whoosh.kernels.interface import Documents, OpenLists
from search.query.ast import Node, Phrase, Prefix, Word, leaves

#: Title and body, as kernels number them.
_TITLE, _BOTH = (0,), (0, 1)


class _LeafTerm(NamedTuple):
    """A term of a leaf of the query, with the fields to look in."""

    leaf: int
    term: str
    fields: tuple[int, ...]


#: Document, field, position, leaf, term, start in the text and length. A page has hundreds, so they
#: are plain tuples.
_Place = tuple[int, int, int, int, str, int, int]


class Highlighter:
    """Finds the occurrences of one query, counted against its budget."""

    def __init__(self, evaluator: Evaluator, lists: OpenLists, budget: Budget) -> None:
        self._evaluator = evaluator
        self._lists = lists
        self._budget = budget

    def find(self, numbers: Sequence[int], node: Node) -> tuple[tuple[Occurrence, ...], ...]:
        """The occurrences in each document, in the order of the text, the title first."""
        documents = np.array(sorted(numbers), dtype=np.int64)
        wanted: list[_LeafTerm] = []
        places: list[_Place] = []
        for number, leaf in enumerate(leaves(node)):
            if isinstance(leaf, Phrase):
                places += self._of_phrase(documents, number, leaf)
            else:
                wanted += self._leaf_terms(number, leaf)
        places += self._of_terms(documents, wanted)
        found: dict[int, list[Occurrence]] = {number: [] for number in numbers}
        places.sort()
        for document, field, _, leaf_number, text, start, length in places:
            occurrence = Occurrence(TEXT_FIELDS[field], start, start + length, leaf_number, text)
            found[document].append(occurrence)
        return tuple(tuple(found[number]) for number in numbers)

    def _leaf_terms(self, number: int, leaf: Word | Prefix) -> Iterator[_LeafTerm]:
        fields = _TITLE if leaf.field == "title" else _BOTH
        if isinstance(leaf, Word):
            for each in (*leaf.alternatives, *leaf.readings):
                yield _LeafTerm(number, term(each.channel, each.term), fields)
            for text in leaf.family.terms if leaf.family else ():
                yield _LeafTerm(number, text, fields)
            return
        for field in fields:
            for text in self._evaluator.prefix_terms(leaf, TEXT_FIELDS[field]):
                yield _LeafTerm(number, text, (field,))

    def _of_terms(self, documents: Documents, wanted: Sequence[_LeafTerm]) -> list[_Place]:
        """The positions of terms, in the order of these."""
        if not len(documents) or not wanted:
            return []
        asked = [(each.term, each.fields) for each in wanted]
        postings, rows = self._lists.positions(asked, documents)
        terms = [(TEXT_FIELDS[field], text) for text, fields in asked for field in fields]
        self._budget.spend(terms, sum(postings))
        leaves_of, texts = [each.leaf for each in wanted], [each.term for each in wanted]
        return [
            (document, field, position, leaves_of[at], texts[at], start, length)
            for document, field, position, start, length, at in rows.tolist()
        ]

    def _of_phrase(self, documents: Documents, leaf: int, phrase: Phrase) -> Iterator[_Place]:
        """The positions of words within whole phrases."""
        words = phrase_terms(phrase)
        for field in _TITLE if phrase.field == "title" else _BOTH:
            wanted = [
                _LeafTerm(number, each, (field,))
                for number, terms in enumerate(words)
                for each in terms
            ]
            offsets: dict[tuple[int, int], tuple[int, int]] = {}
            positions: list[set[tuple[int, int]]] = [set() for _ in words]
            for document, _, position, number, _, start, length in self._of_terms(
                documents, wanted
            ):
                positions[number].add((document, position))
                offsets[document, position] = start, length
            keys = [position_keys(each) for each in positions]
            for terms, found in zip(words, phrase_places(keys, phrase.slop), strict=True):
                for place in places_of(found):
                    yield (place[0], field, place[1], leaf, terms[0], *offsets[place])
