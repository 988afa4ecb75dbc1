"""Interface of the kernels, numpy and compiled: flat arrays in and out.

``TermLists(tables, size)`` opens the posting lists of a generation of ``size`` documents, one
:class:`~search.engines.whoosh.segment.term_dictionary.SegmentTables` for each segment. Documents
are numbered over all segments; fields are 0 for the title and 1 for the body; terms have their
channel prefix. ``postings`` of a result are the lengths of the lists of each requested term,
including deleted documents. Blocks of a file are compared with their sums before they are first
read; lengths and places are checked when a list is opened, documents when they are used. Everything
is thread-safe.
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
    """Terms scored as one, with a ``weight``: one way in which a document matches a word.

    A document that holds any of the first ``matching`` terms matches; the others only score.
    """

    terms: tuple[str, ...]
    weight: float = 1.0
    matching: int = 0
    title_only: bool = False


class Bm25f(NamedTuple):
    """Parameters of BM25F: living documents, and factors of counts by length in each document.

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
    """Matches of a phrase: ``documents``, ascending, with ``counts``, of which ``early`` ones."""

    postings: list[int]
    documents: Documents
    counts: Documents
    early: Documents


class NearMatches(NamedTuple):
    """Matches of two words near each other: ``documents``, ascending."""

    postings: list[int]
    documents: Documents


class FacetRows(NamedTuple):
    """Facet codes by document.

    ``rows[n]`` has those of document ``n``, padded with the number of codes; ``more`` are
    documents, ascending, each with one further code of ``more_codes``. ``by_name`` are all codes in
    the order of their values' names. All codes have been checked by the caller.
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
        """Document frequency of each term over title and body, among ``alive`` (None: all).

        And a row for each term with the numbers of its postings in title and body.
        """
        ...

    def read(self, field: int, term: str) -> Postings:
        """All postings of a term, none if it does not occur."""
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

        A document matches if it matches a group in each of the first ``joint`` steps; groups of
        later steps only add to scores. With several steps, ``scores`` of documents that do not
        match are undefined; documents not in ``among`` may be left out. Both arrays are undefined
        after an error.
        """
        ...

    def phrase(self, words: Sequence[Sequence[str]], field: int, slop: int) -> PhraseMatches:
        """Matches of a phrase, each word any of some terms, with ``slop`` positions between."""
        ...

    def proximity(
        self, words: tuple[Sequence[str], Sequence[str]], distance: int, among: Mask
    ) -> NearMatches:
        """Documents of ``among`` with two words at most ``distance`` apart in the body.

        At the same position they are one word, and do not count.
        """
        ...

    def shared_positions(
        self, readings: Sequence[tuple[str, Sequence[str]]]
    ) -> tuple[list[list[int]], list[int]]:
        """For each term and others: the number of positions that it shares with each.

        The postings are those of each term and then of its others, in order.
        """
        ...

    def positions(
        self, terms: Sequence[tuple[str, Sequence[int]]], documents: Documents
    ) -> tuple[list[int], Documents]:
        """Positions of each term in its fields of ``documents``, which ascend.

        The number of postings of each term, and rows of document, field, position, its start in the
        text and its length (code points), and the index of the term in ``terms``.
        """
        ...


class Kernels(Protocol):
    """A module of kernels."""

    NAME: str

    def TermLists(self, tables: Sequence[Any], size: int) -> OpenLists:  # noqa: N802 - a class
        """Open the lists of a generation. Raises CorruptList where arrays do not fit each other."""
        ...

    def collect(self, mask: Mask) -> Documents:
        """The documents in ``mask``, ascending."""
        ...

    def facet_counts(self, facet: FacetRows, documents: Documents) -> Documents:
        """The count of each code over ``documents``, which ascend."""
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
