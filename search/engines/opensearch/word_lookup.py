"""Looks up words of a generation: document frequencies, prefixes, foldings, similar spellings."""

from collections.abc import Mapping, Sequence
from typing import Any

from search.analysis.folding import folded_key
from search.analysis.terms import LEMMA, LETTERS, PREFIXES, SURFACE, Channel
from search.bounded_cache import BoundedCache
from search.engines.contract import TEXT_FIELDS, FacetCount, TextField
from search.engines.fuzzy_lookup import similar_words
from search.engines.opensearch.connection import Connection
from search.engines.opensearch.query_compiler import PrefixMatches
from search.engines.opensearch.server_documents import fetch
from search.engines.opensearch.words_index import (
    MOST_PREFIX_TERMS,
    by_folding,
    word_id,
)
from search.query.ast import Prefix

#: Fields of words that are cached, and the bytes of the caches.
_KNOWN = ("documents", "count", "readings")
_KNOWN_BYTES, _LESS_BYTES = 16_000_000, 4_000_000
_WORD_BYTES, _READING_BYTES = 500, 150
_MOST_FOLDED = 10_000
_SCANNED = 5_000
_FETCHED = 1_000


class WordLookup:
    """Looks up words in the words index of one generation, with caches; safe for threads."""

    def __init__(self, connection: Connection, index: str) -> None:
        self._connection = connection
        self._index = index
        self._known: BoundedCache[str, Mapping[str, Any]] = BoundedCache(
            _KNOWN_BYTES,
            lambda _, word: _WORD_BYTES + _READING_BYTES * len(word.get("readings", ())),
        )
        self._folded: BoundedCache[str, tuple[str, ...]] = BoundedCache(
            _LESS_BYTES, lambda _, words: _WORD_BYTES + _READING_BYTES * len(words)
        )
        self._is_prefix: BoundedCache[str, bool] = BoundedCache(_LESS_BYTES, lambda *_: _WORD_BYTES)

    def known(self, term: str) -> int | None:
        """Document frequency of ``term`` if it is cached, else None."""
        word = self._known.get(term)
        return None if word is None else int(word.get("documents", 0))

    def document_frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Document frequency of each term (with channel) over title and body."""
        return self._numbers(terms, "documents")

    def counts(self, terms: Sequence[str]) -> dict[str, int]:
        """Document frequency of each term in the field where it is greatest."""
        return self._numbers(terms, "count")

    def reading_counts(
        self, readings: Sequence[tuple[str, Sequence[str]]]
    ) -> tuple[tuple[int, ...], ...]:
        """Number of positions at which each form is read as each of its lemmas."""
        forms = list(dict.fromkeys(surface for surface, _ in readings))
        counts = {
            form: each.get("readings", {})
            for form, each in zip(forms, self._sources(forms), strict=True)
        }
        return tuple(
            tuple(int(counts[surface].get(lemma, 0)) for lemma in lemmas)
            for surface, lemmas in readings
        )

    def folded(self, texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """For each text the words that fold to it, but for itself."""
        found = {each: self._folded.get(each) for each in texts}
        missing = [each for each, words in found.items() if words is None]
        by_folding = self._by_folding(missing)
        for text in missing:
            words = tuple(each for each in by_folding.get(text, ()) if each != text)
            self._folded[text] = found[text] = words
        return tuple(found[each] or () for each in texts)

    def similar(self, text: str) -> tuple[str, ...]:
        """Words within one edit of ``text``; diacritics count only if ``text`` has some."""
        return similar_words(text, self._by_folding)

    def starting(self, texts: Sequence[str]) -> tuple[bool, ...]:
        """For each text whether any word is_prefix with it, first letters of names left out."""
        known = {each: self._is_prefix.get(each) for each in texts}
        missing = [each for each, is_prefix in known.items() if is_prefix is None]
        known.update(self._starting(missing) if missing else {})
        return tuple(bool(known[each]) for each in texts)

    def _starting(self, texts: Sequence[str]) -> dict[str, bool]:
        filters = {str(at): {"prefix": {"text": text}} for at, text in enumerate(texts)}
        body = {
            "size": 0,
            "track_total_hits": False,
            "query": {"bool": {"must_not": [{"term": {"channel": LETTERS}}]}},
            "aggs": {"starting": {"filters": {"filters": filters}}},
        }
        buckets = self._connection.search(self._index, body)["aggregations"]["starting"]["buckets"]
        found = {text: buckets[str(at)]["doc_count"] > 0 for at, text in enumerate(texts)}
        self._is_prefix.update(found.items())
        return found

    def prefix(self, node: Prefix) -> dict[TextField, PrefixMatches]:
        """The terms of a prefix in each field."""
        asked = [
            (field, channel + beginning)
            for field in TEXT_FIELDS
            for channel in (LEMMA, SURFACE)
            for beginning in node.beginnings
        ]
        answers = self._connection.multi_search(
            self._index, [_prefix_body(field, text) for field, text in asked]
        )
        terms: dict[TextField, list[str]] = {field: [] for field in TEXT_FIELDS}
        cut = dict.fromkeys(TEXT_FIELDS, False)
        for (field, _), answer in zip(asked, answers, strict=True):
            found = [each["_source"]["term"] for each in answer["hits"]["hits"]]
            terms[field] += found[:MOST_PREFIX_TERMS]
            cut[field] |= len(found) > MOST_PREFIX_TERMS
        return {field: PrefixMatches(tuple(terms[field]), cut[field]) for field in TEXT_FIELDS}

    def complete(self, text: str, limit: int) -> tuple[FacetCount, ...]:
        """Lemmas that begin with ``text``, ignoring case and diacritics, commonest first."""
        body = {
            "size": limit,
            "query": _all_of({"term": {"channel": LEMMA}}, {"prefix": {"key": folded_key(text)}}),
            "sort": [{"count": "desc"}, {"key": "asc"}, {"term": "asc"}],
            "_source": ["text", "count"],
        }
        found = self._connection.search(self._index, body)["hits"]["hits"]
        return tuple(map(_counted, found))

    def vocabulary(self, channel: Channel, least: int) -> tuple[FacetCount, ...]:
        """Words of a channel in at least the given number of documents, commonest first."""
        body: dict[str, Any] = {
            "size": _SCANNED,
            "query": _all_of(
                {"term": {"channel": PREFIXES[channel]}}, {"range": {"count": {"gte": least}}}
            ),
            "sort": [{"count": "desc"}, {"text": "asc"}],
            "_source": ["text", "count"],
        }
        found: list[FacetCount] = []
        while hits := self._connection.search(self._index, body)["hits"]["hits"]:
            found += map(_counted, hits)
            body["search_after"] = hits[-1]["sort"]
        return tuple(found)

    def different(self) -> int:
        """Number of different terms."""
        return int(self._connection.request("GET", f"/{self._index}/_count").body["count"])

    def _by_folding(self, keys: Sequence[str]) -> dict[str, list[str]]:
        if not keys:
            return {}
        body = {
            "size": _MOST_FOLDED,
            "query": _all_of({"terms": {"folded": list(keys)}}),
            "_source": ["text", "folded"],
        }
        hits = self._connection.search(self._index, body)["hits"]["hits"]
        return by_folding(each["_source"] for each in hits)

    def _numbers(self, terms: Sequence[str], name: str) -> dict[str, int]:
        sources = self._sources(terms)
        return {term: int(each.get(name, 0)) for term, each in zip(terms, sources, strict=True)}

    def _sources(self, terms: Sequence[str]) -> list[Mapping[str, Any]]:
        """Cached fields of each term, empty for one that is not in the index."""
        found = {each: self._known.get(each) for each in terms}
        missing = [each for each, word in found.items() if word is None]
        for start in range(0, len(missing), _FETCHED):
            some = missing[start : start + _FETCHED]
            words = fetch(self._connection, self._index, map(word_id, some), _KNOWN)
            for each, word in zip(some, words, strict=True):
                self._known[each] = found[each] = word or {}
        return [found[each] or {} for each in terms]


def _prefix_body(field: str, beginning: str) -> Mapping[str, Any]:
    return {
        "size": MOST_PREFIX_TERMS + 1,
        "query": _all_of({"prefix": {"term": beginning}}, {"range": {field: {"gt": 0}}}),
        "sort": [{"term": "asc"}],
        "_source": ["term"],
    }


def _all_of(*clauses: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"bool": {"filter": list(clauses)}}


def _counted(hit: Mapping[str, Any]) -> FacetCount:
    return FacetCount(hit["_source"]["text"], hit["_source"]["count"])
