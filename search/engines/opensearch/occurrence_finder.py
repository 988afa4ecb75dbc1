"""Finds the occurrences of a query in stored documents: characters of their texts, and terms."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

from search.analysis.terms import term
from search.engines.contract import (
    TEXT_FIELDS,
    IndexedDocument,
    IndexedField,
    Occurrence,
    TextField,
)
from search.engines.query_terms import phrase_terms, text_fields
from search.query.ast import Leaf, Node, Phrase, Prefix, leaves

#: The terms that a prefix is expanded to in a field.
PrefixTerms = Callable[[Prefix, TextField], Sequence[str]]
#: Field, position, leaf and term of a place, so that sorting puts them in the order of the text.
_Place = tuple[int, int, int, str]


class OccurrenceFinder:
    """Finds the leaves of one query in documents."""

    def __init__(self, node: Node, prefix_terms: PrefixTerms) -> None:
        self._leaves = leaves(node)
        self._prefixes = {
            (number, name): prefix_terms(leaf, name)
            for number, leaf in enumerate(self._leaves)
            if isinstance(leaf, Prefix)
            for name in text_fields(leaf.field)
        }

    def find(self, document: IndexedDocument) -> tuple[Occurrence, ...]:
        """The occurrences in a document, in the order of the text, the title first."""
        fields = {"title": document.title, "body": document.body}
        places: list[_Place] = []
        for number, leaf in enumerate(self._leaves):
            for name in text_fields(leaf.field):
                at = TEXT_FIELDS.index(name)
                for position, text in self._places(number, leaf, name, fields[name]):
                    places.append((at, position, number, text))
        return tuple(
            Occurrence(
                TEXT_FIELDS[at],
                fields[TEXT_FIELDS[at]].starts[position],
                fields[TEXT_FIELDS[at]].ends[position],
                number,
                text,
            )
            for at, position, number, text in sorted(places)
        )

    def _places(
        self, number: int, leaf: Leaf, name: TextField, field: IndexedField
    ) -> Iterator[tuple[int, str]]:
        if isinstance(leaf, Phrase):
            yield from _of_phrase(leaf, field)
            return
        if isinstance(leaf, Prefix):
            terms = list(self._prefixes[number, name])
        else:
            alternatives = (*leaf.alternatives, *leaf.readings)
            terms = [term(each.channel, each.term) for each in alternatives]
            terms += leaf.family.terms if leaf.family else ()
        for text in terms:
            for position in field.postings.get(text, ()):
                yield position, text


def _of_phrase(phrase: Phrase, field: IndexedField) -> Iterator[tuple[int, str]]:
    """Positions of words within whole phrases, each with the first term of its word."""
    words = phrase_terms(phrase)
    positions = [
        sorted({at for text in terms for at in field.postings.get(text, ())}) for terms in words
    ]
    reach = phrase.slop + 1
    reached = positions[:1]
    for places in positions[1:]:
        reached.append([at for at in places if _is_behind(at, reached[-1], reach)])
    left = reached[-1:]
    for places in reversed(reached[:-1]):
        # Negated, the positions before a word are those after it.
        following = [-at for at in reversed(left[0])]
        left.insert(0, [at for at in places if _is_behind(-at, following, reach)])
    for terms, places in zip(words, left, strict=True):
        for at in places:
            yield at, terms[0]


def _is_behind(at: int, starts: Sequence[int], most: int) -> bool:
    """Is ``at`` at most ``most`` after one of ``starts``, which ascend?"""
    before = bisect_left(starts, at) - 1
    return before >= 0 and at - starts[before] <= most
