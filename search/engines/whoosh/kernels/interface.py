"""What kernels give and take: flat arrays, the same in the numpy and in the compiled module.

``TermLists(tables, size)`` opens the posting lists of a generation of ``size`` documents, one
:class:`~search.engines.whoosh.segment.term_dictionary.SegmentTables` for each segment. Documents
are numbered over all segments; fields are 0 for the title and 1 for the body; terms have their
channel prefix. ``postings`` of an answer are those in the lists of each term asked for, deleted
documents among them. Blocks of a file are compared with their sums before they are first read,
lengths and places are checked where a list is opened, documents wherever one is used. Everything
is safe for threads.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

Documents = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float64]
#: Unsigned, of any width.
Numbers = npt.NDArray[Any]


class CorruptList(ValueError):
    """A term or a posting list in a file is not as it was written, or cannot be one."""


def decoded_terms(terms: Iterable[bytes]) -> tuple[str, ...]:
    """Terms of a file as text. Raises CorruptList where one is no UTF-8."""
    try:
        return tuple(each.decode() for each in terms)
    except UnicodeDecodeError:
        raise CorruptList("a term is no text") from None


class TermGroup(NamedTuple):
    """Terms scored as if they were one, with a ``weight``: one way in which a document has a word.

    A document that holds any of the first ``matching`` terms matches; the others only score.
    """

    terms: tuple[str, ...]
    weight: float = 1.0
    matching: int = 0
    title_only: bool = False


class Bm25f(NamedTuple):
    """What BM25F needs: documents alive, gains of a count in title and body of each document.

    A posting counts ``(count + early_boost * early) * body_gain`` in a body and
    ``count * title_gain`` in a title.
    """

    alive: int
    title_gain: npt.NDArray[np.float32]
    body_gain: npt.NDArray[np.float32]
    k1: float
    early_boost: float


class Postings(NamedTuple):
    """The postings of a term in one field: ``counts[i]`` positions of each of ``documents``.

    ``documents`` ascend; ``early[i]`` of the positions are the first ones of the field;
    ``positions`` are those of all documents, flat.
    """

    documents: Documents
    counts: Numbers
    early: Numbers
    positions: Numbers


class PrefixTerms(NamedTuple):
    """The first terms of a field with a prefix, in order, and all their ``documents``.

    ``postings`` have all of them together; there are more terms if ``is_cut``.
    """

    terms: tuple[str, ...]
    documents: Documents
    postings: int
    is_cut: bool


class PhraseMatches(NamedTuple):
    """``documents`` that hold a phrase, ascending: at ``counts`` places, ``early`` ones of them."""

    postings: list[int]
    documents: Documents
    counts: Documents
    early: Documents


class NearMatches(NamedTuple):
    """``documents`` in which two words are near each other, ascending."""

    postings: list[int]
    documents: Documents


class FacetRows(NamedTuple):
    """The codes of each document in one facet.

    ``rows[n]`` has those of document ``n``, filled up with the number of codes there are; ``more``
    are documents, ascending, that have one of ``more_codes`` beside. ``by_name`` are all codes in
    the order of their values' names. All codes are checked by whoever makes this.
    """

    rows: npt.NDArray[np.int32]
    more: Documents
    more_codes: Documents
    by_name: Documents


class OpenLists(Protocol):
    """The posting lists of an open generation. Whatever reads a list raises CorruptList."""

    def document_frequencies(
        self, terms: Sequence[str], alive: Mask | None
    ) -> tuple[Documents, Documents]:
        """How many documents of ``alive`` (None: all) hold each term in title or body; and a row
        for each term of its postings in title and body."""
        ...

    def read(self, field: int, term: str) -> Postings:
        """All postings of a term, none if it is nowhere."""
        ...

    def prefix(self, field: int, prefix: str, limit: int) -> PrefixTerms:
        """The first ``limit`` terms with a prefix."""
        ...

    def has_prefixes(self, prefixes: Sequence[str]) -> list[bool]:
        """Does any term begin with each of ``prefixes``?"""
        ...

    def score(
        self,
        bm25f: Bm25f,
        steps: Sequence[Sequence[TermGroup]],
        scores: Scores,
        matches: Mask,
        *,
        joint: int = 1,
        among: Mask | None = None,
    ) -> list[int]:
        """Add BM25F scores of term groups to ``scores``, set ``matches``; postings of each term.

        A document matches if it matches a group in each of the first ``joint`` steps; groups of a
        step behind these only add to scores. ``scores`` of documents that do not match are of no
        use where there are several steps; documents that are not ``among`` those asked about may
        be left out. Both arrays are of no use after an error.
        """
        ...

    def phrase(self, words: Sequence[Sequence[str]], field: int, slop: int) -> PhraseMatches:
        """Where one of the terms of each word stands after one of the word before, with at most
        ``slop`` positions between."""
        ...

    def proximity(
        self, words: tuple[Sequence[str], Sequence[str]], distance: int, among: Mask
    ) -> NearMatches:
        """In which bodies of ``among`` two words stand at most ``distance`` positions apart.

        What stands at the very same position is one word.
        """
        ...

    def shared_positions(
        self, readings: Sequence[tuple[str, Sequence[str]]]
    ) -> tuple[list[list[int]], list[int]]:
        """For each term and others: at how many positions of a document it stands with each.

        The postings are those of each term and then of its others, in order.
        """
        ...

    def positions(
        self, terms: Sequence[tuple[str, Sequence[int]]], documents: Documents
    ) -> tuple[list[int], Documents]:
        """Where each term stands in its fields of ``documents``, which ascend.

        Postings of each term, and rows of document, field, position, where that starts in the text
        and its length (code points), and the place of the term among ``terms``.
        """
        ...


class Kernels(Protocol):
    """One of the two modules."""

    NAME: str

    def TermLists(self, tables: Sequence[Any], size: int) -> OpenLists:  # noqa: N802 - a class
        """Open the lists of a generation. Raises CorruptList where arrays do not fit each other."""
        ...

    def collect(self, mask: Mask) -> Documents:
        """The documents in ``mask``, ascending."""
        ...

    def facet_counts(self, facet: FacetRows, documents: Documents) -> Documents:
        """How many of ``documents``, which ascend, have each code."""
        ...

    def facet_order(self, facet: FacetRows, counts: Documents) -> tuple[Documents, Documents]:
        """The codes that occur, by descending count and then by name, and their counts."""
        ...

    def top(
        self, documents: Documents, scores: Scores, ties: Documents, decimals: int, most: int
    ) -> Documents:
        """The first ``most`` of ``documents`` by scores, rounded, and then by the least of ties.

        ``scores`` and ``ties`` are of all documents.
        """
        ...
