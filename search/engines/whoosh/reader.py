"""Reading one open generation: search, facet counts, articles and where they match."""

import copy
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
from whoosh.index import FileIndex

from search.analysis import ESTONIAN
from search.analysis.channels import Channel, term
from search.article import Article
from search.article_json import article_from_bytes
from search.boilerplate import value_hash
from search.engines.contract import (
    CompletionKind,
    EngineAnswer,
    FacetCount,
    IndexedDocument,
    Occurrence,
    RankedDocument,
)
from search.engines.whoosh.beginnings import Beginnings, names, words
from search.engines.whoosh.columns import BoolArray, read_columns
from search.engines.whoosh.documents import Documents
from search.engines.whoosh.freshness import lifts
from search.engines.whoosh.groups import read_groups
from search.engines.whoosh.later import Later
from search.engines.whoosh.lexicon import Lexicon
from search.engines.whoosh.likeness import Likeness, common_lemmas
from search.engines.whoosh.matching import Match, Matcher, year_mask
from search.engines.whoosh.metered import MeteredPostings
from search.engines.whoosh.passages import read_hidden, without_hidden
from search.engines.whoosh.phrases import decode, phrase_places, position_keys
from search.engines.whoosh.postings import (
    DocumentArray,
    PositionArray,
    PostingLists,
    PostingsReader,
    TextField,
)
from search.engines.whoosh.scoring import Scorer, Weights
from search.engines.whoosh.vocabulary import word_counts
from search.engines.work import Work
from search.query.tree import Node, Phrase, Prefix, Word, leaves
from search.request import FACETS, FacetFilter, FacetName, SearchRequest

_CACHE_BYTES = 64 * 1024 * 1024
_CHUNK = 10_000
_MOST_DUPLICATES = 50
_REMEMBERED = 20_000
_FIELDS: tuple[TextField, ...] = ("title", "body")


class WhooshReader:
    """Keeps the :class:`~search.engines.contract.EngineReader` contract over a Whoosh index.

    ``freshness`` (0 to 1) is how much more the newest article counts, see :func:`lifts`.
    """

    def __init__(
        self, index: FileIndex, freshness: float = 0.0, cache_bytes: int = _CACHE_BYTES
    ) -> None:
        self._reader: Any = index.reader()
        self._lock = threading.Lock()
        self._shared = PostingsReader(self._reader, self._lock, cache_bytes)
        self._postings: PostingLists = self._shared
        self._columns = read_columns(self._reader, self._shared)
        self._groups = read_groups(self._reader, self._columns)
        self._hidden = read_hidden(self._reader, self._columns, self._groups)
        self._columns = without_hidden(self._columns, self._hidden)
        self._documents = Documents(self._reader, self._lock)
        self._estonian = self._columns.languages.mask(ESTONIAN.__eq__, self._columns.size)
        self._scorer = scorer = Scorer(self._columns, Weights())
        self._matcher = Matcher(self._columns, self._postings, scorer)
        self._lifts = lifts(self._columns.published, self._columns.alive, freshness)
        self._frequencies: dict[str, int] = {}
        self._likeness = Likeness(self._reader, self._lock, self._columns, self._shared, scorer)
        self._lexicon: Later[Lexicon] = Later()
        self._beginnings: dict[CompletionKind, Later[Beginnings]] = {
            kind: Later() for kind in get_args(CompletionKind)
        }
        self._numbers = {
            article_id: number
            for number, article_id in enumerate(self._columns.ids)
            if self._columns.alive[number]
        }

    @property
    def document_count(self) -> int:
        return len(self._numbers)

    def for_query(self, work: Work) -> "WhooshReader":
        view = copy.copy(self)
        view._postings = MeteredPostings(self._shared, work)
        view._matcher = Matcher(self._columns, view._postings, self._scorer)
        view._frequencies = {}
        return view

    def search(self, node: Node, request: SearchRequest) -> EngineAnswer:
        match = self._matcher.match(node)
        match = replace(match, scores=match.scores * self._lifts)
        filters = {facet: self._filter_mask(facet, request.filter(facet)) for facet in FACETS}
        passed = np.logical_and.reduce(list(filters.values()))
        full, partial = self._groups.one_each(
            match.full & passed, match.partial & passed, match.scores
        )
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
                without[facet] = self._groups.total(match.full & counted)
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
        return self._groups.total(mask)

    def document_frequency(self, term: str) -> int:
        known = self._frequencies.get(term)  # understanding a query asks for it time and again
        if known is None:
            lists = [self._postings.postings(field, term).documents for field in _FIELDS]
            known = int(np.count_nonzero(self._columns.alive[np.union1d(*lists)]))
            if len(self._frequencies) < _REMEMBERED:
                self._frequencies[term] = known
        return known

    def is_cut(self, prefix: Prefix) -> bool:
        return self._matcher.is_cut(prefix)

    def folded(self, text: str) -> tuple[str, ...]:
        return self._lexicon.get(self._all_words).folded(text)

    def similar(self, text: str) -> tuple[str, ...]:
        return self._lexicon.get(self._all_words).similar(text)

    def reading_counts(self, surface: str, lemmas: Sequence[str]) -> tuple[int, ...]:
        counts = [0] * len(lemmas)
        for field in _FIELDS:
            places = position_keys([self._postings.postings(field, surface)])
            for i, lemma in enumerate(lemmas):
                others = position_keys([self._postings.postings(field, lemma)])
                counts[i] += int(np.count_nonzero(np.isin(places, others, assume_unique=True)))
        return tuple(counts)

    def article(self, number: int) -> Article:
        article = article_from_bytes(self._stored(number)["article"])
        hidden = self._hidden.get(number)
        if hidden is None:
            return article
        shown = (each for each in article.organisations if value_hash(each.value) not in hidden)
        return replace(article, organisations=tuple(shown))

    def document(self, number: int) -> IndexedDocument:
        return self._documents.read(number)

    def find(self, article_id: str) -> int | None:
        return self._numbers.get(article_id)

    def id_of(self, number: int) -> str:
        """Id of a document, without reading it."""
        return self._columns.ids[number]

    def occurrences(self, numbers: Sequence[int], node: Node) -> tuple[tuple[Occurrence, ...], ...]:
        spans = {number: self._spans(number) for number in numbers}
        found: dict[int, list[Occurrence]] = {number: [] for number in numbers}
        for leaf, each in enumerate(leaves(node)):
            for field in _FIELDS[:1] if each.field == "title" else _FIELDS:
                for number, text, positions in self._places(sorted(spans), each, field):
                    starts, ends = spans[number][field]
                    found[number] += [
                        Occurrence(field, int(starts[at]), int(ends[at]), leaf, text)
                        for at in positions
                    ]
        order: dict[Literal["title", "body"], int] = {"title": 0, "body": 1}
        for each_found in found.values():
            each_found.sort(key=lambda each: (order[each.field], each.start, each.leaf))
        return tuple(tuple(found[number]) for number in numbers)

    def duplicates(self, number: int) -> tuple[str, ...]:
        own = self.article(number).url
        addresses = []
        for each in self._groups.others(number)[:_MOST_DUPLICATES]:
            url = self.article(each).url
            addresses.append(url if url and url != own else self._columns.ids[each])
        return tuple(dict.fromkeys(addresses))

    def like(self, number: int, limit: int) -> tuple[RankedDocument, ...]:
        others = self._groups.stands_for != self._groups.stands_for[number]
        lemmas = common_lemmas(self._documents.read(number))
        return self._likeness.find(number, lemmas, self._groups.shown & others, limit)

    def beginnings(self, kind: CompletionKind, text: str, limit: int) -> tuple[FacetCount, ...]:
        return self._beginnings[kind].get(lambda: self._sorted(kind)).find(text, limit)

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
        return self._counts(facet, self._columns.alive, FacetFilter())

    def vocabulary(self, channel: Channel, least: int) -> tuple[FacetCount, ...]:
        counts = word_counts(self._reader, self._lock, channel)
        found = (FacetCount(text, count) for text, count in counts.items() if count >= least)
        return tuple(sorted(found, key=lambda each: (-each.count, each.value)))

    def language_totals(self) -> tuple[FacetCount, ...]:
        column = self._columns.languages
        return _ordered(
            column.values, self._groups.counts(column, self._columns.alive), frozenset()
        )

    def term_count(self) -> int:
        """Number of different terms over all fields."""
        with self._lock:
            return sum(1 for _ in self._reader.all_terms())

    def close(self) -> None:
        with self._lock:
            self._documents.close()
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

    def _all_words(self) -> Lexicon:
        return Lexicon(text[1:] for field in _FIELDS for text in self._terms(field))

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

    def _places(
        self, numbers: Sequence[int], leaf: Word | Prefix | Phrase, field: TextField
    ) -> Iterator[tuple[int, str, PositionArray | DocumentArray]]:
        """Documents that meet one leaf in one field, by which term and at which positions."""
        if isinstance(leaf, Phrase):
            yield from self._phrase_places(numbers, leaf, field)
            return
        if isinstance(leaf, Prefix):
            terms = self._matcher.prefix_terms(leaf, field)
        else:
            terms = [term(each.channel, each.term) for each in leaf.alternatives]
        for text in terms:
            for number, positions in self._postings.postings(field, text).of_documents(numbers):
                yield number, text, positions

    def _phrase_places(
        self, numbers: Sequence[int], leaf: Phrase, field: TextField
    ) -> Iterator[tuple[int, str, DocumentArray]]:
        slots = [[each.only(numbers) for each in slot] for slot in self._matcher.slots(leaf, field)]
        for word, keys in zip(leaf.words, phrase_places(slots, leaf.slop), strict=True):
            documents, positions = decode(keys)
            text = term(word.alternatives[0].channel, word.alternatives[0].term)
            for number in np.unique(documents).tolist():
                yield number, text, positions[documents == number]

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
        return _ordered(column.values, self._groups.counts(column, mask), selected)

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
            dates = published if request.sort == "oldest" else -published
            keys = (*keys, dates, undated)
        if request.sort == "added":
            keys = (*keys, -self._columns.added[documents])
        return documents[np.lexsort(keys)]

    def _spans(self, number: int) -> dict[TextField, npt.NDArray[np.uint32]]:
        """Where each position of a document begins and ends in its text, by field."""
        stored = self._stored(number)
        return {
            field: np.frombuffer(stored[f"{field}_spans"], dtype=np.uint32).reshape(2, -1)
            for field in _FIELDS
        }

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
