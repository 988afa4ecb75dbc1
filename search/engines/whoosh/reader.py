"""Reading one open generation: search, facet counts, articles and where they match."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.index import FileIndex

from search.analysis import ESTONIAN
from search.analysis.terms import Channel
from search.article import Article, Listing
from search.engines.budget import QueryBudget
from search.engines.contract import (
    TEXT_FIELDS,
    CompletionKind,
    DocumentKey,
    EngineAnswer,
    FacetCount,
    IndexedDocument,
    Occurrence,
    RankedDocument,
)
from search.engines.whoosh.answers.answering import Answering
from search.engines.whoosh.answers.beginnings import Names, Titles
from search.engines.whoosh.answers.columns import columns_of
from search.engines.whoosh.answers.counts import Counts
from search.engines.whoosh.answers.freshness import lifts
from search.engines.whoosh.answers.groups import groups_of
from search.engines.whoosh.answers.impacts import Impacts
from search.engines.whoosh.answers.later import Later
from search.engines.whoosh.answers.lexicon import Lexicon
from search.engines.whoosh.answers.likeness import Likeness, common_lemmas
from search.engines.whoosh.answers.locating import Locator
from search.engines.whoosh.answers.matching import Matcher
from search.engines.whoosh.answers.ranking import Ranking
from search.engines.whoosh.answers.scoring import Scorer, Weights
from search.engines.whoosh.answers.spots import Spots
from search.engines.whoosh.answers.tallies import Tally
from search.engines.whoosh.native.functions import Library
from search.engines.whoosh.postings.lists import PostingLists, PostingsReader
from search.engines.whoosh.postings.metered import MeteredPostings
from search.engines.whoosh.postings.nearness import Nearness
from search.engines.whoosh.postings.phrases import common, position_keys
from search.engines.whoosh.postings.phrasing import Phrases
from search.engines.whoosh.storage.articles import StoredArticles
from search.engines.whoosh.storage.snapshot import Snapshot
from search.query.ast import Node, Prefix
from search.request import FACETS, FacetName, SearchRequest

_CACHE_BYTES = 64 * 1024 * 1024
_MOST_DUPLICATES = 50
_REMEMBERED = 20_000


class WhooshReader:
    """Keeps the :class:`~search.engines.contract.EngineReader` contract over a Whoosh index.

    ``freshness`` (0 to 1) is how much more the newest article counts, see :func:`lifts`. A
    ``library`` gives the same answers faster.
    """

    def __init__(
        self,
        index: FileIndex,
        freshness: float = 0.0,
        cache_bytes: int = _CACHE_BYTES,
        library: Library | None = None,
    ) -> None:
        self._snapshot = snapshot = Snapshot(Path(index.storage.folder))
        self._words = snapshot.words()
        self._columns = columns_of(snapshot)
        self._groups = groups_of(snapshot)
        self._reader: Any = index.reader()
        self._lock = threading.Lock()
        self._shared = PostingsReader(self._reader, self._lock, cache_bytes, library)
        self._postings: PostingLists = self._shared
        self._articles = StoredArticles(snapshot)
        self._spots = Spots(self._articles, library)
        self._estonian = self._columns.languages.mask(ESTONIAN.__eq__, self._columns.size)
        self._scorer = scorer = Scorer(self._columns, Weights())
        impacts, nearness = Impacts(self._shared, scorer), Nearness(self._shared)
        phrases = Phrases(self._shared)
        found = (scorer, impacts, nearness, phrases, self._shared.cache, library)
        self._matcher = Matcher(self._columns, self._shared, *found)
        self._counts = Counts(self._shared, self._columns.alive)
        self._answering = Answering(
            self._columns,
            self._groups,
            lifts(self._columns.published, self._columns.alive, freshness),
            Ranking(self._columns, self._estonian, library),
            self._shared.cache,
            library,
        )
        self._frequencies: dict[str, int] = {}
        self._likeness = Likeness(self._columns, self._shared, scorer)
        self._lexicon = Lexicon(self._words)
        self._names: Later[Names] = Later()

    @property
    def document_count(self) -> int:
        return int(np.count_nonzero(self._columns.alive))

    def for_query(self, budget: QueryBudget) -> "WhooshReader":
        view = object.__new__(type(self))  # in a fraction of the time that copying takes
        view.__dict__.update(self.__dict__)
        view._postings = MeteredPostings(self._shared, budget)
        view._matcher = self._matcher.reading(view._postings)
        view._frequencies = {}
        return view

    def search(
        self, node: Node, request: SearchRequest, facets: Sequence[FacetName] = FACETS
    ) -> EngineAnswer:
        return self._answering.answer(self._matcher.match(node), request, facets)

    def count(self, node: Node, request: SearchRequest) -> int:
        return self._answering.count(self._matcher.match(node), request)

    def facet_pivot(
        self, node: Node, request: SearchRequest, rows: FacetName, columns: FacetName
    ) -> dict[str, dict[str, int]]:
        return self._answering.pivot(self._matcher.match(node), request, rows, columns)

    def document_frequencies(self, terms: Sequence[str]) -> tuple[int, ...]:
        return tuple(map(self._document_frequency, terms))

    def _document_frequency(self, term: str) -> int:
        known = self._frequencies.get(term)  # understanding a query asks for it time and again
        if known is None:
            known = self._counts.of(term, self._postings)
            if len(self._frequencies) < _REMEMBERED:
                self._frequencies[term] = known
        return known

    def is_cut(self, prefix: Prefix) -> bool:
        return self._matcher.is_cut(prefix)

    def folded(self, texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        return tuple(map(self._lexicon.folded, texts))

    def similar(self, text: str) -> tuple[str, ...]:
        return self._lexicon.similar(text)

    def reading_counts(
        self, readings: Sequence[tuple[str, Sequence[str]]]
    ) -> tuple[tuple[int, ...], ...]:
        return tuple(self._reading_counts(surface, lemmas) for surface, lemmas in readings)

    def _reading_counts(self, surface: str, lemmas: Sequence[str]) -> tuple[int, ...]:
        counts = [0] * len(lemmas)
        for field in TEXT_FIELDS:
            found = self._postings.postings(field, surface)
            places = position_keys([found])
            for i, lemma in enumerate(lemmas):
                there = self._postings.postings(field, lemma).only(found.documents)
                counts[i] += len(common(places, position_keys([there])))
        return tuple(counts)

    def article(self, key: DocumentKey) -> Article:
        return self._articles.article(key)

    def listings(self, keys: Sequence[DocumentKey]) -> tuple[Listing, ...]:
        return tuple(self._articles.listing(int(key)) for key in keys)

    def document(self, key: DocumentKey) -> IndexedDocument:
        return self._articles.document(key)

    def find(self, article_id: str) -> DocumentKey | None:
        return self._articles.find(article_id)

    def ids(self, keys: Sequence[DocumentKey]) -> tuple[str, ...]:
        return tuple(self._columns.ids[int(key)] for key in keys)

    def occurrences(
        self, keys: Sequence[DocumentKey], node: Node
    ) -> tuple[tuple[Occurrence, ...], ...]:
        locator = Locator(self._matcher, self._shared, self._postings, self._spots)
        return locator.find([int(key) for key in keys], node)

    def duplicates(self, key: DocumentKey) -> tuple[str, ...]:
        number = int(key)
        if not self._groups.grouped[number]:
            return ()
        own = self.article(number).url
        addresses = []
        for each in self._groups.others(number)[:_MOST_DUPLICATES]:
            url = self.article(each).url
            addresses.append(url if url and url != own else self._columns.ids[each])
        return tuple(dict.fromkeys(addresses))

    def more_like_this(self, key: DocumentKey, limit: int) -> tuple[RankedDocument, ...]:
        number = int(key)
        others = self._groups.stands_for != self._groups.stands_for[number]
        lemmas = common_lemmas(self.document(number))
        return self._likeness.find(number, lemmas, self._groups.shown & others, limit)

    def complete(self, kind: CompletionKind, text: str, limit: int) -> tuple[FacetCount, ...]:
        if kind == "word":
            return self._words.beginnings(text, limit)
        if kind == "title":
            return Titles(self._snapshot.parts, self._groups.shown).find(text, limit)
        return self._names.get(self._all_names).find(text, limit)

    def sample(self, term: str, limit: int) -> tuple[DocumentKey, ...]:
        lists = [self._postings.postings(field, term).documents for field in TEXT_FIELDS]
        documents = np.union1d(*lists)
        documents = documents[self._groups.shown[documents]]
        return tuple(documents[:: max(len(documents) // limit, 1)][:limit].tolist())

    def digest(self, article_id: str) -> str | None:
        return self._articles.digest(article_id)

    def digests(self) -> Mapping[str, str]:
        return self._articles.digests()

    def article_ids(self) -> Iterable[str]:
        return self._articles.article_ids()

    def facet_totals(self, facet: FacetName) -> tuple[FacetCount, ...]:
        return tuple(self._answering.totals(facet))

    def vocabulary(self, channel: Channel, least: int) -> tuple[FacetCount, ...]:
        counts = self._words.counts(channel, least)
        found = (FacetCount(text, count) for text, count in counts.items())
        return tuple(sorted(found, key=lambda each: (-each.count, each.value)))

    def language_totals(self) -> tuple[FacetCount, ...]:
        column = self._columns.languages
        tally = Tally.of(column, self._columns.size)
        counts = tally.counts(np.flatnonzero(self._columns.alive), self._groups)
        return tuple(tally.ordered(counts, frozenset()))

    def term_count(self) -> int:
        """Number of different terms of titles and bodies."""
        return self._words.different()

    def close(self) -> None:
        with self._lock:
            self._reader.close()
        self._articles.close()

    def _all_names(self) -> Names:
        counts = self._answering.counts("org")
        return Names(self._snapshot.table("org").values, self._snapshot.names(), counts)
