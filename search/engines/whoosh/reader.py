"""Reading one open generation: search, facet counts, articles and where they match."""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from whoosh.index import FileIndex

from search.analysis import ESTONIAN
from search.analysis.channels import term
from search.article import Article
from search.article_json import article_from_bytes
from search.engines.contract import (
    CompletionKind,
    EngineAnswer,
    FacetCount,
    Occurrence,
    RankedDocument,
)
from search.engines.whoosh.beginnings import Beginnings, names, words
from search.engines.whoosh.columns import BoolArray, read_columns
from search.engines.whoosh.groups import read_groups
from search.engines.whoosh.lexicon import Lexicon
from search.engines.whoosh.likeness import Likeness
from search.engines.whoosh.matching import Match, Matcher, year_mask
from search.engines.whoosh.phrases import decode, phrase_starts, position_keys
from search.engines.whoosh.postings import DocumentArray, PostingsReader, TextField
from search.engines.whoosh.scoring import Scorer, Weights
from search.query.tree import Node, Phrase, Prefix, Word, leaves
from search.request import FACETS, FacetFilter, FacetName, SearchRequest

_CACHE_BYTES = 64 * 1024 * 1024
_CHUNK = 10_000
_MOST_DUPLICATES = 50
_FIELDS: tuple[TextField, ...] = ("title", "body")


class WhooshReader:
    """Keeps the :class:`~search.engines.contract.EngineReader` contract over a Whoosh index."""

    def __init__(self, index: FileIndex, cache_bytes: int = _CACHE_BYTES) -> None:
        self._reader: Any = index.reader()
        self._lock = threading.Lock()
        self._postings = PostingsReader(self._reader, self._lock, cache_bytes)
        self._columns = read_columns(self._reader, self._postings)
        self._groups = read_groups(self._reader, self._columns)
        self._estonian = self._columns.languages.mask(ESTONIAN.__eq__, self._columns.size)
        scorer = Scorer(self._columns, Weights())
        found = replace(self._columns, alive=self._groups.shown)
        self._matcher = Matcher(found, self._postings, scorer)
        self._likeness = Likeness(self._reader, self._lock, self._columns, self._postings, scorer)
        self._beginnings: dict[CompletionKind, Beginnings] = {}
        self._lexicon: Lexicon | None = None
        self._lexicon_lock = threading.Lock()
        self._numbers = {
            article_id: number
            for number, article_id in enumerate(self._columns.ids)
            if self._columns.alive[number]
        }

    @property
    def document_count(self) -> int:
        return len(self._numbers)

    def search(self, node: Node, request: SearchRequest) -> EngineAnswer:
        match = self._matcher.match(node)
        filters = {facet: self._filter_mask(facet, request.filter(facet)) for facet in FACETS}
        passed = np.logical_and.reduce(list(filters.values()))
        full, partial = match.full & passed, match.partial & passed
        facets, without = {}, {}
        for facet in FACETS:
            others = [mask for name, mask in filters.items() if name != facet]
            counted = np.logical_and.reduce(others)
            matched = match.full & counted
            if not full.any() and not matched.any():
                # Nothing holds every word: the facets describe what is shown instead.
                matched = match.partial & counted
            facets[facet] = self._counts(facet, matched, request.filter(facet))
            if request.filter(facet):
                without[facet] = int(np.count_nonzero(match.full & counted))
        return EngineAnswer(
            total=int(np.count_nonzero(full)),
            partial=int(np.count_nonzero(partial)),
            documents=self._page(Match(full, partial, match.scores), request),
            facets=facets,
            without=without,
        )

    def count(self, node: Node, request: SearchRequest) -> int:
        mask = self._matcher.match(node).full
        for facet in FACETS:
            mask = mask & self._filter_mask(facet, request.filter(facet))
        return int(np.count_nonzero(mask))

    def document_frequency(self, term: str) -> int:
        lists = [self._postings.postings(field, term).documents for field in _FIELDS]
        return int(np.count_nonzero(self._columns.alive[np.union1d(*lists)]))

    def folded(self, text: str) -> tuple[str, ...]:
        return self._words().folded(text)

    def similar(self, text: str) -> tuple[str, ...]:
        return self._words().similar(text)

    def reading_counts(self, surface: str, lemmas: Sequence[str]) -> tuple[int, ...]:
        counts = [0] * len(lemmas)
        for field in _FIELDS:
            places = position_keys([self._postings.postings(field, surface)])
            for i, lemma in enumerate(lemmas):
                others = position_keys([self._postings.postings(field, lemma)])
                counts[i] += int(np.count_nonzero(np.isin(places, others, assume_unique=True)))
        return tuple(counts)

    def article(self, number: int) -> Article:
        return article_from_bytes(self._stored(number)["article"])

    def find(self, article_id: str) -> int | None:
        return self._numbers.get(article_id)

    def id_of(self, number: int) -> str:
        """Id of a document, without reading it."""
        return self._columns.ids[number]

    def occurrences(self, number: int, node: Node) -> tuple[Occurrence, ...]:
        stored = self._stored(number)
        found: list[Occurrence] = []
        for field in _FIELDS:
            starts, ends = np.frombuffer(stored[f"{field}_spans"], dtype=np.uint32).reshape(2, -1)
            for leaf, each in enumerate(leaves(node)):
                if field == "body" and each.field == "title":
                    continue
                found += [
                    Occurrence(field, int(starts[at]), int(ends[at]), leaf, text)
                    for text, at in self._positions(number, each, field)
                ]
        order: dict[Literal["title", "body"], int] = {"title": 0, "body": 1}
        return tuple(sorted(found, key=lambda each: (order[each.field], each.start, each.leaf)))

    def duplicates(self, number: int) -> tuple[str, ...]:
        own = self.article(number).url
        addresses = []
        for each in self._groups.others(number)[:_MOST_DUPLICATES]:
            url = self.article(each).url
            addresses.append(url if url and url != own else self._columns.ids[each])
        return tuple(dict.fromkeys(addresses))

    def like(self, number: int, limit: int) -> tuple[RankedDocument, ...]:
        others = self._groups.stands_for != self._groups.stands_for[number]
        lemmas = self._stored(number)["lemmas"]
        return self._likeness.find(number, lemmas, self._groups.shown & others, limit)

    def beginnings(self, kind: CompletionKind, text: str, limit: int) -> tuple[FacetCount, ...]:
        with self._lexicon_lock:
            if kind not in self._beginnings:
                self._beginnings[kind] = self._sorted(kind)
        return self._beginnings[kind].find(text, limit)

    def holding(self, term: str, limit: int) -> tuple[int, ...]:
        lists = [self._postings.postings(field, term).documents for field in _FIELDS]
        documents = np.union1d(*lists)
        documents = documents[self._groups.shown[documents]]
        return tuple(documents[:: max(len(documents) // limit, 1)][:limit].tolist())

    def digests(self) -> Mapping[str, str]:
        digests: dict[str, str] = {}
        with self._lock:
            for leaf, base in self._reader.leaf_readers():
                if leaf.doc_count_all():
                    column = leaf.column_reader("digest")
                    for local in leaf.all_doc_ids():
                        digests[self._columns.ids[base + local]] = column[local].decode()
        return digests

    def article_ids(self) -> Iterable[str]:
        return self._numbers.keys()

    def facet_totals(self, facet: FacetName) -> tuple[FacetCount, ...]:
        return self._counts(facet, self._groups.shown, FacetFilter())

    def language_totals(self) -> tuple[FacetCount, ...]:
        column = self._columns.languages
        return _ordered(column.values, column.counts(self._groups.shown), frozenset())

    def term_count(self) -> int:
        """Number of different terms over all fields."""
        with self._lock:
            return sum(1 for _ in self._reader.all_terms())

    def close(self) -> None:
        with self._lock:
            self._reader.close()

    def _sorted(self, kind: CompletionKind) -> Beginnings:
        if kind == "word":
            return words(self._reader, self._lock)
        if kind == "organisation":
            return names(self.facet_totals("org"))
        titles: Counter[str] = Counter()
        with self._lock:
            for leaf, base in self._reader.leaf_readers():
                if leaf.doc_count_all():
                    column = leaf.column_reader("headline")
                    here = self._groups.shown[base : base + leaf.doc_count_all()]
                    titles.update(column[each].decode() for each in np.flatnonzero(here).tolist())
        return Beginnings((title, title, count) for title, count in titles.items())

    def _words(self) -> Lexicon:
        """The words of this generation, read when first asked for: few searches do."""
        with self._lexicon_lock:
            if self._lexicon is None:
                self._lexicon = Lexicon(
                    text[1:] for field in _FIELDS for text in self._terms(field)
                )
            return self._lexicon

    def _terms(self, field: TextField) -> Iterator[str]:
        """Every term of a field, a piece at a time, so that searches need not wait for all."""
        last: bytes | None = None
        while True:
            with self._lock:
                following = self._reader.terms_from(field, last or b"")
                chunk = [text for name, text in islice(following, _CHUNK) if name == field]
            yield from (text.decode() for text in chunk if text != last)
            if len(chunk) < _CHUNK:
                return
            last = chunk[-1]

    def _positions(
        self, number: int, leaf: Word | Prefix | Phrase, field: TextField
    ) -> list[tuple[str, int]]:
        """Terms and positions by which a document meets one leaf in one field."""
        if isinstance(leaf, Phrase):
            return self._phrase_positions(number, leaf, field)
        if isinstance(leaf, Prefix):
            terms = self._matcher.prefix_terms(leaf, field)
        else:
            terms = [term(each.channel, each.term) for each in leaf.alternatives]
        return [
            (text, int(at))
            for text in terms
            for at in self._postings.postings(field, text).of_document(number)
        ]

    def _phrase_positions(
        self, number: int, leaf: Phrase, field: TextField
    ) -> list[tuple[str, int]]:
        slots = [[each.only(number) for each in slot] for slot in self._matcher.slots(leaf, field)]
        chains = phrase_starts(slots, leaf.slop)
        return [
            (term(word.alternatives[0].channel, word.alternatives[0].term), int(at))
            for word, keys in zip(leaf.words, chains, strict=True)
            for at in np.unique(decode(keys)[1])
        ]

    def _filter_mask(self, facet: FacetName, chosen: FacetFilter) -> BoolArray:
        mask = np.ones(self._columns.size, dtype=bool)
        if chosen.include:
            mask &= self._values_mask(facet, chosen.include)
        if chosen.exclude:
            mask &= ~self._values_mask(facet, chosen.exclude)
        return mask

    def _values_mask(self, facet: FacetName, values: tuple[str, ...]) -> BoolArray:
        column = self._columns.facets[facet]
        if facet == "year":
            return year_mask(column, values, self._columns.size)
        return column.mask(frozenset(values).__contains__, self._columns.size)

    def _counts(
        self, facet: FacetName, mask: BoolArray, chosen: FacetFilter
    ) -> tuple[FacetCount, ...]:
        column = self._columns.facets[facet]
        selected = frozenset((*chosen.include, *chosen.exclude))
        return _ordered(column.values, column.counts(mask), selected)

    def _page(self, match: Match, request: SearchRequest) -> tuple[RankedDocument, ...]:
        start = (request.page - 1) * request.page_size
        end = start + request.page_size
        # Full matches always stand above partial ones, whatever the order within each.
        ordered = [self._order(mask, match, request) for mask in (match.full, match.partial)]
        return tuple(
            RankedDocument(int(number), float(match.scores[number]), bool(match.full[number]))
            for number in np.concatenate(ordered)[start:end]
        )

    def _order(self, mask: BoolArray, match: Match, request: SearchRequest) -> DocumentArray:
        """Documents of ``mask`` as the request wants them.

        Of equals, Estonian ones stand first; then ids decide, so that nothing ever moves.
        """
        documents = np.flatnonzero(mask)
        rank = self._columns.id_rank[documents]
        # Equal sums may differ in the last bit by the order of addition.
        scores = np.round(match.scores[documents], 9)
        foreign = ~self._estonian[documents]
        keys: tuple[npt.NDArray[Any], ...] = (rank, foreign, -scores)
        if request.sort != "relevance":
            published = self._columns.published[documents]
            undated = published == 0
            dates = -published if request.sort == "newest" else published
            keys = (*keys, dates, undated)
        return documents[np.lexsort(keys)]

    def _stored(self, number: int) -> dict[str, Any]:
        with self._lock:
            return dict(self._reader.stored_fields(number))


def _ordered(
    values: tuple[str, ...], counts: DocumentArray, selected: frozenset[str]
) -> tuple[FacetCount, ...]:
    """Values that occur, or are selected, by count and then by name."""
    found = [
        FacetCount(value, int(count))
        for value, count in zip(values, counts, strict=True)
        if count or value in selected
    ]
    missing = selected.difference(each.value for each in found)
    found += [FacetCount(value, 0) for value in missing]
    return tuple(sorted(found, key=lambda each: (-each.count, each.value)))
