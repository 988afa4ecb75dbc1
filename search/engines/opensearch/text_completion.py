"""Completes names of organisations and titles from the beginnings of their words."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, Protocol

from search.analysis.folding import folded_key
from search.engines.contract import FacetCount
from search.engines.opensearch.connection import Connection
from search.engines.opensearch.document_packing import HEADLINE_BREAK, title_words
from search.engines.opensearch.term_scoring import Clause
from search.request import FacetName

_OPENING = "„“”\"'(«»"
#: Minimum of typed letters of a word within a title.
_SHORTEST_WITHIN = 3
_MOST_EXPANSIONS = 1000


class FacetTotals(Protocol):
    """Counts the values of facets over a whole index."""

    def facet_totals(self, facet: FacetName) -> tuple[FacetCount, ...]: ...


class TextCompletion:
    """Completes organisations and titles of one generation; safe for threads."""

    def __init__(self, connection: Connection, index: str, totals: FacetTotals) -> None:
        self._connection = connection
        self._index = index
        self._totals = totals

    def organisations(self, text: str, limit: int) -> tuple[FacetCount, ...]:
        """At most ``limit`` names with a word that begins with ``text``, the commonest first."""
        begin = folded_key(text)
        found = [each for key, each in self._names if key.startswith(begin)]
        found.sort(key=lambda each: -each.count)
        return tuple(islice(dict.fromkeys(found), limit))

    def titles(self, text: str, limit: int) -> tuple[FacetCount, ...]:
        """At most ``limit`` titles that begin with ``text``, then those with such a word within."""
        beginning: Clause = {"prefix": {"headline": folded_key(text)}}
        bodies = [self._counting({"filter": [beginning]}, limit)]
        words = title_words(text)
        if len(words) >= _SHORTEST_WITHIN:
            phrase = {"query": words, "max_expansions": _MOST_EXPANSIONS}
            within: Clause = {"match_phrase_prefix": {"title_words": phrase}}
            bodies.append(self._counting({"filter": [within], "must_not": [beginning]}, limit))
        answers = self._connection.multi_search(self._index, bodies)
        return tuple(itertools.chain.from_iterable(map(_titles, answers)))[:limit]

    def _counting(self, clauses: Clause, limit: int) -> dict[str, Any]:
        """Search that counts titles, the commonest first, and near-duplicates once."""
        shown = {"bool": {**clauses, "filter": [*clauses["filter"], {"term": {"cluster_rank": 0}}]}}
        order = [{"_count": "desc"}, {"_key": "asc"}]
        terms = {"field": "headline", "size": limit, "shard_size": 10_000, "order": order}
        return {
            "size": 0,
            "track_total_hits": False,
            "query": shown,
            "aggs": {"titles": {"terms": terms}},
        }

    @cached_property
    def _names(self) -> Sequence[tuple[str, FacetCount]]:
        """All names by their completion keys from each of their words on, in order."""
        return sorted(
            ((key, each) for each in self._totals.facet_totals("org") for key in _keys(each.value)),
            key=lambda pair: (pair[0], pair[1].value),
        )


def _titles(answer: Mapping[str, Any]) -> Iterator[FacetCount]:
    for each in answer["aggregations"]["titles"]["buckets"]:
        yield FacetCount(each["key"].partition(HEADLINE_BREAK)[2], each["doc_count"])


def _keys(name: str) -> list[str]:
    pieces = [piece.lstrip(_OPENING) for piece in name.split()]
    return [folded_key(" ".join(pieces[at:])) for at in range(len(pieces))]
