"""Contract of a search engine: index, readers, writer, and exchanged data.

An engine stores documents and answers queries over them. Documents travel as terms per position;
queries as the tree of :mod:`search.query.ast`. Analysis, parsing, snippets and labels are outside,
so every engine gives the same answers; ``docs/scoring.md`` specifies scoring.
:mod:`search.engines.registry` lists the engines.
"""

import contextlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple, Protocol, get_args, overload

import numpy as np
import numpy.typing as npt

from search.analysis.terms import Channel
from search.article import Article, Extracted, Listing
from search.query.ast import Node, Prefix
from search.query_budget import QueryBudget
from search.request import FACETS, FacetName, SearchRequest
from search.run_record import RunRecord

CompletionKind = Literal["word", "organisation", "title"]
#: The fields that hold terms at positions.
TextField = Literal["title", "body"]
TEXT_FIELDS: tuple[TextField, ...] = get_args(TextField)
#: A document's key in an engine: valid as long as the reader that gave it, opaque to all others.
DocumentKey = int | str


@dataclass(frozen=True, slots=True)
class IndexedField:
    """One field of a document: postings, offsets and lengths.

    ``postings`` maps a term with its channel prefix to its ascending positions; ``starts`` and
    ``ends`` give each position's characters in the text (code points), equal where a position is
    only a gap; ``length`` counts the words. ``sentences`` are the positions at which a
    sentence begins, ``addresses`` those of pieces of web and mail addresses, both ascending.
    """

    postings: Mapping[str, Sequence[int]]
    starts: Sequence[int]
    ends: Sequence[int]
    length: int
    sentences: Sequence[int] = ()
    addresses: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class NameEvidence:
    """Evidence in an article on names of organisations, for decisions over the whole index.

    ``maybe`` are organisations of the article where another one proves their names; ``proven``
    names that it proves; ``aliases`` short names with the names they are introduced for;
    ``settled`` names that are shown unchanged, independent of other articles. The decision rules
    are in :mod:`search.organisation_names`.
    """

    maybe: tuple[Extracted[str], ...] = ()
    proven: tuple[str, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    settled: tuple[str, ...] = ()


NO_EVIDENCE = NameEvidence()


@dataclass(frozen=True, slots=True)
class IndexedDocument:
    """An article with its facets and terms, ready for any engine.

    ``digest`` identifies the content as given by the source, to recognise an unchanged article;
    ``signature`` (:mod:`search.near_duplicates.minhash`) its wording, empty if it cannot have
    near-duplicates. ``findings`` are data of the indexer, to form the facets again without
    analysis. ``passages`` has the hashes (:mod:`search.near_duplicates.boilerplate`) of the
    passages that name an organisation of the article; one named in boilerplate only is not shown.
    """

    article: Article
    title: IndexedField
    body: IndexedField
    digest: str
    signature: bytes = b""
    findings: bytes = b""
    passages: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    naming: NameEvidence = NO_EVIDENCE


class Occurrence(NamedTuple):
    """A match in a field: position, number of the query leaf, term (with channel)."""

    field: TextField
    start: int
    end: int
    leaf: int
    term: str


@dataclass(frozen=True, slots=True)
class FacetCount:
    """A facet value and its number of articles."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class MeaningQuery:
    """A query vector, for hybrid search by words and by passages.

    ``vector`` (dimensions,), centred and of length 1, is of the model with the digest ``model``;
    ``weight`` is the share of nearness in scores. To be found by meaning alone a document must be
    as near as ``floor`` and match ``certain``, if any.
    """

    model: str
    vector: npt.NDArray[np.float32]
    floor: float
    weight: float
    certain: Node | None = None


@dataclass(frozen=True, slots=True)
class NearestPassage:
    """The passage of a document nearest to a query: characters of its body, and how near (≤ 1)."""

    start: int
    end: int
    nearness: float


@dataclass(frozen=True, slots=True)
class PassageVector:
    """A passage: characters of the body, digest (16 bytes) of its text, vector of length 1."""

    start: int
    end: int
    digest: bytes
    vector: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ArticleVectors:
    """The passages of the article with ``id`` whose content has ``digest``."""

    id: str
    digest: str
    passages: tuple[PassageVector, ...]


class StoredDocument(NamedTuple):
    """A document as it was added, with its vectors of ``model``, None if it has none."""

    document: IndexedDocument
    model: str = ""
    vectors: ArticleVectors | None = None


@dataclass(frozen=True, slots=True)
class VectorStatus:
    """How many of ``articles`` have vectors, passages and bytes of these, and damaged files."""

    articles: int
    done: int
    passages: int
    size: int = 0
    problems: tuple[str, ...] = ()


class FacetCounts(Sequence[FacetCount]):
    """Facet values with their counts, materialised only when asked for.

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
        """Values and counts as plain pairs: cheaper where many values are read."""
        return zip(map(self._values.__getitem__, self._codes), self._counts, strict=True)

    def with_values(self, asked: Iterable[str]) -> "FacetCounts":
        """The counts, followed by the values of ``asked`` that do not occur, counted 0."""
        known = {value for value, _ in self.pairs()}
        missing = sorted(set(asked) - known)
        size = len(self._values)
        codes = [*self._codes, *range(size, size + len(missing))]
        return FacetCounts((*self._values, *missing), codes, self._counts + [0] * len(missing))


@dataclass(frozen=True, slots=True)
class RankedDocument:
    """A matching document with its score; ``near`` if it was found by meaning alone."""

    key: DocumentKey
    score: float
    full: bool
    near: bool = False


@dataclass(frozen=True, slots=True)
class EngineAnswer:
    """The result of a search: counts over all matches, and the documents of one page.

    ``facets`` counts each facet that was asked for without its own filter, years and months without
    any filter on dates; ``without`` counts full matches when the filter of a facet is left out, for
    facets asked for that have one. ``near`` counts what was found by meaning alone.
    """

    total: int
    partial: int
    documents: tuple[RankedDocument, ...]
    facets: Mapping[FacetName, FacetCounts]
    without: Mapping[FacetName, int]
    near: int = 0


@dataclass(frozen=True, slots=True)
class CountQuery:
    """A query whose full matches under the filters of ``request`` are counted.

    ``is_searched_next`` if most likely its search follows, so that both may be prepared.
    """

    node: Node
    request: SearchRequest
    budget: QueryBudget
    is_searched_next: bool = False


class StoredReader(Protocol):
    """Reads the stored articles of one generation. Safe for several threads.

    Every method raises IndexDamaged where a file is not as it was written.
    """

    @property
    def document_count(self) -> int: ...
    def article(self, key: DocumentKey) -> Article: ...

    def find(self, article_id: str) -> DocumentKey | None:
        """Key of the article with this id."""

    def digest(self, article_id: str) -> str | None:
        """Content digest of the article with this id."""

    def digests(self) -> Mapping[str, str]:
        """Content digest of every article by id."""

    def article_ids(self) -> Iterable[str]: ...

    def document(self, key: DocumentKey) -> IndexedDocument:
        """The whole stored document, to be changed and added again."""

    def vector_status(self, model: str) -> VectorStatus:
        """How much has vectors of ``model``."""

    def without_vectors(self, model: str) -> Sequence[str]:
        """Ids of the articles that have no vectors of ``model``, last added first."""

    def known_vectors(
        self, model: str, digests: Sequence[bytes]
    ) -> Mapping[bytes, npt.NDArray[np.float32]]:
        """Vectors of passages that were embedded before, by the digests of their texts."""

    def close(self) -> None: ...


class EngineReader(StoredReader, Protocol):
    """Searches one generation. Safe for several threads.

    Requests that are announced (``next_search``, ``if_unmatched``) may be prepared at once.
    """

    @property
    def generation(self) -> str:
        """Name of the generation that is open."""

    @property
    def is_remote(self) -> bool:
        """Is each query a request to another machine, so that batching saves time?"""

    def for_query(self, budget: QueryBudget) -> "EngineReader":
        """A reader of the same generation whose work counts against ``budget``.

        Its methods raise QueryTooBroad where the query goes beyond its limits.
        """

    def search(
        self,
        node: Node,
        request: SearchRequest,
        facets: Sequence[FacetName] = FACETS,
        meaning: MeaningQuery | None = None,
        if_unmatched: Callable[[], Sequence[CountQuery]] | None = None,
    ) -> EngineAnswer:
        """Matches, ranks (by ``meaning``, too), and counts ``facets``; others cost nothing.

        ``if_unmatched`` gives what is counted next where nothing matches fully.
        """

    def nearest_passages(
        self, keys: Sequence[DocumentKey], meaning: MeaningQuery
    ) -> tuple[NearestPassage | None, ...]:
        """The nearest passage of each document, None for one without vectors."""

    def counts(
        self, queries: Sequence[CountQuery], next_search: CountQuery | None = None
    ) -> tuple[int | None, ...]:
        """Number of full matches of each query, None for one that is too broad; at once."""

    def news(
        self,
        node: Node,
        request: SearchRequest,
        fresh: Sequence[DocumentKey],
        meaning: MeaningQuery | None = None,
    ) -> tuple[RankedDocument, ...]:
        """Full matches among ``fresh`` under the filters of ``request``, last added first.

        One of each cluster of near-duplicates, and none if it has a full match outside of
        ``fresh``. With ``meaning`` what is near enough, too.
        """

    def facet_pivot(
        self, node: Node, request: SearchRequest, rows: FacetName, columns: FacetName
    ) -> Mapping[str, Mapping[str, int]]:
        """The facet ``columns`` of :meth:`search`, counted for each value of ``rows`` by itself.

        Only the filter of ``columns`` is left out; pairs that never occur are absent.
        """

    def document_frequencies(self, terms: Sequence[str]) -> tuple[int, ...]:
        """Document frequency of each of ``terms`` (with channel) over all fields."""

    def reading_counts(
        self, readings: Sequence[tuple[str, Sequence[str]]]
    ) -> tuple[tuple[int, ...], ...]:
        """For each surface form (with channel) its positions as each of its lemmas, counted."""

    def folded(self, texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """For each text the words of the index, in any channel, that fold to it."""

    def starting(self, texts: Sequence[str]) -> tuple[bool, ...]:
        """For each text whether any word of the index, or part of a compound, begins with it."""

    def similar(self, text: str) -> tuple[str, ...]:
        """Fuzzy lookup: words of the index within edit distance 1, at most some dozens.

        Diacritics count only if ``text`` has some.
        """

    def is_cut(self, prefix: Prefix) -> bool:
        """True if more words begin with ``prefix`` than are searched."""

    def listings(self, keys: Sequence[DocumentKey]) -> tuple[Listing, ...]:
        """The fields that result lists show; faster than reading whole articles."""

    def ids(self, keys: Sequence[DocumentKey]) -> tuple[str, ...]:
        """Ids of documents, without reading the stored articles."""

    def occurrences(
        self, keys: Sequence[DocumentKey], node: Node
    ) -> tuple[tuple[Occurrence, ...], ...]:
        """Occurrences of the leaves of ``node`` in each document, in text order."""

    def duplicates(self, keys: Sequence[DocumentKey]) -> tuple[tuple[str, ...], ...]:
        """For each document addresses (url, else id) of some dozens of near-duplicates."""

    def more_like_this(
        self, key: DocumentKey, limit: int, model: str = ""
    ) -> tuple[RankedDocument, ...]:
        """Most similar articles, without duplicates; with a ``model`` by its vectors, too."""

    def complete(self, kind: CompletionKind, text: str, limit: int) -> tuple[FacetCount, ...]:
        """Lemmas, organisations or titles that begin with ``text``, with most articles first.

        Case and diacritics do not count; any word of an organisation or a title may begin so.
        """

    def samples(
        self, asked: Sequence[tuple[str, int]], next_search: CountQuery | None = None
    ) -> tuple[tuple[DocumentKey, ...], ...]:
        """For each term (with channel) a limited number of articles with it, evenly spread."""

    def vocabulary(self, channel: Channel, least: int) -> Sequence[FacetCount]:
        """Words of a channel in at least ``least`` Estonian articles, most frequent first."""

    def facet_totals(self, facet: FacetName) -> tuple[FacetCount, ...]:
        """Values of a facet over the whole index, most frequent first."""

    def other_names(self) -> Mapping[str, str]:
        """Names by which organisations are known, but not shown, each with the one that is shown.

        They are those that articles use, and those that articles list (:class:`KnownAs`).
        """

    def term_count(self) -> int:
        """Number of different terms of titles and bodies."""


#: Packs documents for a writer, in any process; a KlastriError it raises is not caused by a
#: document.
Pack = Callable[[Sequence[IndexedDocument]], bytes]


class EngineWriter(Protocol):
    """Collects changes to the index, until :meth:`commit` or :meth:`cancel`."""

    def packing(self) -> Pack:
        """The function that packs documents; with a server it may write them, each once."""

    def add(self, document: IndexedDocument) -> None:
        """Add a document. Its id must not be in the index (any more)."""

    def add_stored(self, stored: StoredDocument) -> None:
        """Add a document of another index with its vectors."""

    def add_packed(self, packed: bytes) -> None:
        """Add documents that :meth:`packing` has packed; packing alone adds none."""

    def delete(self, article_id: str) -> None: ...
    def commit(self) -> None: ...
    def cancel(self) -> None: ...


@dataclass(frozen=True, slots=True)
class GenerationFacts:
    """Facts from the manifest of a generation, known without opening it.

    ``built`` is ISO 8601, ``size`` in bytes; ``sources`` are paths as given. ``rules`` is a digest
    of what formed the facets, ``findings`` of the code that extracted them, empty if it varies.
    """

    name: str
    articles: int
    built: str
    size: int
    sources: tuple[str, ...]
    fingerprint: str
    rules: str = ""
    findings: str = ""


#: Makes the record of a run from the number of articles, called last by a build.
Record = Callable[[int], RunRecord]


class Index(Protocol):
    """An index as a whole: its generations, one of them live.

    A change makes a new generation, which goes live atomically or not at all; open readers keep the
    generation they opened.
    """

    def current(self) -> str | None:
        """Name of the live generation, None if nothing names one; cheap enough for every request.

        That generation may be unreadable.
        """

    def names(self) -> tuple[str, ...]:
        """Names of all complete generations, oldest first."""

    def fallbacks(self) -> Sequence[str]:
        """Generations to answer from while the live one cannot be read, in the order to be tried.

        Damage of one is detected when it is opened.
        """

    def generation(self, name: str | None = None) -> GenerationFacts:
        """Facts of a generation, the live one unless named. Raises NoIndex or IndexDamaged."""

    def record(self) -> RunRecord | None:
        """Run record of the live generation, None if it has none.

        Raises NoIndex or IndexDamaged.
        """

    def open(
        self, fingerprint: str | None = None, freshness: float = 0.0, name: str | None = None
    ) -> EngineReader:
        """Opens a generation for searching, the live one unless named.

        ``freshness`` (0 to 1) boosts recent articles.

        Raises NoIndex, IndexDamaged, or IndexMismatch if it was built in another way than
        ``fingerprint`` says.
        """

    def open_stored(self, fingerprint: str | None = None) -> StoredReader:
        """Opens only the stored articles of the live generation, which is faster.

        Raises as :meth:`open` does.
        """

    def stored_articles(self, name: str | None = None) -> Iterator[tuple[Article, str]]:
        """Every stored article of a generation, the live one unless named, with its digest.

        Fingerprints are ignored.

        Raises NoIndex, IndexMismatch or IndexDamaged.
        """

    def stored_documents(self) -> Iterator[StoredDocument]:
        """Every document of the live generation, with vectors of the model that most have some of.

        Raises NoIndex, IndexMismatch or IndexDamaged.
        """

    def build(
        self,
        sources: Sequence[str],
        fingerprint: str,
        built: datetime,
        rules: str = "",
        findings: str = "",
        record: Record | None = None,
    ) -> contextlib.AbstractContextManager[EngineWriter]:
        """Writes a whole new generation, live after the block ends without an error.

        Raises IndexLocked.
        """

    def extend(
        self,
        sources: Sequence[str],
        fingerprint: str,
        built: datetime,
        rules: str | None = None,
        findings: str | None = None,
        record: Record | None = None,
    ) -> contextlib.AbstractContextManager[EngineWriter]:
        """Writes a generation based on the live one, whose ``fingerprint`` must be equal.

        Where nothing was changed, ``rules`` neither (None for those before), none is made.
        ``findings`` is None for as before. Nothing is built on what has changed since it was
        written. Raises NoIndex, IndexDamaged, IndexMismatch or IndexLocked.
        """

    def add_vectors(self, model: str, batch: Sequence[ArticleVectors]) -> str | None:
        """Adds vectors to the live generation, in a generation that takes its place; its name.

        ``rollback`` goes to the one before that. Articles that are gone or have changed are left
        out, vectors of other models and damaged ones go; None where nothing changes. Raises
        NoIndex, IndexDamaged, IndexMismatch or IndexLocked.
        """

    def verify(
        self, fingerprint: str | None = None, name: str | None = None, *, vectors: bool = True
    ) -> list[str]:
        """Verifies a generation, the live one unless named: its every byte, or what words need.

        Returns a sentence for each problem. Raises NoIndex, IndexDamaged, or IndexMismatch if it
        was built in another way than ``fingerprint`` says.
        """

    def rollback(self) -> str:
        """Makes the newest sound generation before the live one live again; returns its name.

        Raises NoIndex, IndexLocked, NoPreviousGeneration or NoSoundGeneration.
        """

    def backup(self, destination: Path) -> GenerationFacts:
        """Copies the live generation to ``destination``, which must be empty or not there.

        It is verified, and appears when it is whole; writers and readers go on. Raises NoIndex,
        IndexDamaged, BackupExists, IndexLocked.
        """

    def restore(self, backup: Path, fingerprint: str | None = None) -> str:
        """Makes a backup the live generation, after verifying it; returns its name here.

        The generation before is kept. Raises BackupUnusable, IndexLocked.
        """
