"""What an engine must do, said without naming one.

Documents travel as terms per position; queries as the tree of :mod:`search.query.tree`. Analysis,
parsing, snippets and labels stay outside, so every engine gives the same answers.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol, get_args, overload

from search.analysis.terms import Channel
from search.article import Article, Listing
from search.engines.work import Work
from search.query.tree import Node, Prefix
from search.request import FacetName, SearchRequest

CompletionKind = Literal["word", "organisation", "title"]
#: The fields that hold terms at positions.
TextField = Literal["title", "body"]
TEXT_FIELDS: tuple[TextField, ...] = get_args(TextField)


@dataclass(frozen=True, slots=True)
class IndexedField:
    """One field of a document.

    ``postings`` maps a term with its channel prefix to its ascending positions; ``starts`` and
    ``ends`` give each position's characters in the text (code points), equal where a position
    stands only for a gap; ``length`` counts the words. ``sentences`` are the positions at which a
    sentence begins, ``addresses`` those of pieces of web and mail addresses, both ascending.
    """

    postings: Mapping[str, Sequence[int]]
    starts: Sequence[int]
    ends: Sequence[int]
    length: int
    sentences: Sequence[int] = ()
    addresses: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class IndexedDocument:
    """An enriched article with its terms, ready for any engine.

    ``digest`` identifies the content as the source gave it, so that an unchanged article is known;
    ``signature`` (:mod:`search.duplicates`) its wording, empty where it is like no other.
    ``findings`` is what the indexer keeps for itself, to form the facets again without analysis.
    ``passages`` has the hashes (:mod:`search.boilerplate`) of the passages that speak for an
    organisation of the article; one for which nothing but boilerplate speaks is not shown.
    """

    article: Article
    title: IndexedField
    body: IndexedField
    digest: str
    signature: bytes = b""
    findings: bytes = b""
    passages: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


class Occurrence(NamedTuple):
    """A position of a field that matches leaf number ``leaf`` through ``term`` (with channel)."""

    field: TextField
    start: int
    end: int
    leaf: int
    term: str


@dataclass(frozen=True, slots=True)
class FacetCount:
    """A raw facet value and the articles that have it."""

    value: str
    count: int


class FacetCounts(Sequence[FacetCount]):
    """The values of a facet with their counts, each put together only when it is asked for.

    ``values[codes[i]]`` is the value at place ``i``, and ``counts[i]`` its count.
    """

    __slots__ = ("_codes", "_counts", "_values")

    def __init__(self, values: Sequence[str], codes: list[int], counts: list[int]) -> None:
        self._values = values
        self._codes = codes
        self._counts = counts

    def __len__(self) -> int:
        return len(self._codes)

    @overload
    def __getitem__(self, at: int) -> FacetCount: ...
    @overload
    def __getitem__(self, at: slice) -> "FacetCounts": ...
    def __getitem__(self, at: int | slice) -> "FacetCount | FacetCounts":
        if isinstance(at, slice):
            return FacetCounts(self._values, self._codes[at], self._counts[at])
        return FacetCount(self._values[self._codes[at]], self._counts[at])

    def __iter__(self) -> Iterator[FacetCount]:
        return itertools.starmap(FacetCount, self.pairs())

    def pairs(self) -> Iterator[tuple[str, int]]:
        """Values and counts alone: cheaper for all of many values."""
        return zip(map(self._values.__getitem__, self._codes), self._counts, strict=True)

    def with_values(self, asked: Iterable[str]) -> "FacetCounts":
        """The same and, behind those that occur, the other values of ``asked`` with no count."""
        known = {value for value, _ in self.pairs()}
        missing = sorted(set(asked) - known)
        size = len(self._values)
        codes = [*self._codes, *range(size, size + len(missing))]
        return FacetCounts((*self._values, *missing), codes, self._counts + [0] * len(missing))


@dataclass(frozen=True, slots=True)
class RankedDocument:
    """A document of the answer; ``number`` is valid as long as its reader is."""

    number: int
    score: float
    full: bool


@dataclass(frozen=True, slots=True)
class EngineAnswer:
    """What matched: counts over all, and the documents of the page asked for.

    ``facets`` counts each facet without its own filter; ``without`` counts full matches when the
    filter of a facet is left out, for facets that have one.
    """

    total: int
    partial: int
    documents: tuple[RankedDocument, ...]
    facets: Mapping[FacetName, FacetCounts]
    without: Mapping[FacetName, int]


class StoredReader(Protocol):
    """The articles of a fixed state of an index, safe for several threads."""

    @property
    def document_count(self) -> int: ...

    def article(self, number: int) -> Article: ...

    def listing(self, number: int) -> Listing:
        """What lists show of an article: read in less time."""
        ...

    def find(self, article_id: str) -> int | None:
        """Number of the article with this id."""
        ...

    def digest(self, article_id: str) -> str | None:
        """Content digest of the article with this id."""
        ...

    def digests(self) -> Mapping[str, str]:
        """Content digest of every article by id."""
        ...

    def article_ids(self) -> Iterable[str]: ...

    def document(self, number: int) -> IndexedDocument:
        """All that was added as this document, to be changed and added again."""
        ...

    def close(self) -> None: ...


class EngineReader(StoredReader, Protocol):
    """A fixed state of an index, safe for several threads."""

    def for_query(self, work: Work) -> "EngineReader":
        """The same state for one query, whose reading counts as ``work``.

        What is asked of it raises QueryTooBroad where the query goes beyond its limits.
        """
        ...

    def search(self, node: Node, request: SearchRequest) -> EngineAnswer:
        """Match, rank, count facets, cut out the page."""
        ...

    def count(self, node: Node, request: SearchRequest) -> int:
        """Full matches under the filters of ``request``."""
        ...

    def document_frequency(self, term: str) -> int:
        """Documents that hold ``term`` (with channel prefix) in title or body."""
        ...

    def folded(self, text: str) -> tuple[str, ...]:
        """Words of the index, in any channel, that are ``text`` without their diacritics."""
        ...

    def similar(self, text: str) -> tuple[str, ...]:
        """Words of the index within one edit of ``text``, at most some dozens.

        Diacritics count only if ``text`` has some.
        """
        ...

    def is_cut(self, prefix: Prefix) -> bool:
        """Do more words begin like ``prefix`` than are searched?"""
        ...

    def reading_counts(self, surface: str, lemmas: Sequence[str]) -> tuple[int, ...]:
        """At how many places ``surface`` stands for each of ``lemmas`` (terms with channel)."""
        ...

    def id_of(self, number: int) -> str:
        """Id of a document, without reading it."""
        ...

    def occurrences(self, numbers: Sequence[int], node: Node) -> tuple[tuple[Occurrence, ...], ...]:
        """Where each of the documents meets the leaves of ``node``, in order of its text."""
        ...

    def duplicates(self, number: int) -> tuple[str, ...]:
        """Addresses (url, else id) of the articles that tell the same story, some dozens at most.

        Only one article of such a group is a hit and is counted; each can be opened by its id.
        """
        ...

    def like(self, number: int, limit: int) -> tuple[RankedDocument, ...]:
        """The articles most like this one, with scores up to 1; none of its duplicates."""
        ...

    def beginnings(self, kind: CompletionKind, text: str, limit: int) -> tuple[FacetCount, ...]:
        """Lemmas, organisations or titles that begin with ``text``, with most articles first.

        Case and diacritics do not count; of an organisation any word may begin so.
        """
        ...

    def holding(self, term: str, limit: int) -> tuple[int, ...]:
        """Numbers of articles that hold ``term`` (with channel prefix), spread over all of them."""
        ...

    def vocabulary(self, channel: Channel, least: int) -> Sequence[FacetCount]:
        """Words of a channel that at least so many Estonian articles hold, commonest first."""
        ...

    def facet_totals(self, facet: FacetName) -> tuple[FacetCount, ...]:
        """Values of a facet over the whole index, most frequent first."""
        ...


class EngineWriter(Protocol):
    """Collects changes: nothing shows before :meth:`commit`, nothing stays after :meth:`cancel`."""

    def add(self, document: IndexedDocument) -> None:
        """Add a document. Its id must not be in the index (any more)."""
        ...

    def add_batch(self, batch: bytes) -> None:
        """Add documents that were packed for this engine, in this process or another."""
        ...

    def delete(self, article_id: str) -> None: ...

    def commit(self) -> None: ...

    def cancel(self) -> None: ...
