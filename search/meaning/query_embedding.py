"""Embeds queries, with a cache; while the model fails, search is by words alone."""

import logging
from functools import cached_property
from typing import NamedTuple

from search.analysis import ESTONIAN
from search.bounded_cache import BoundedCache
from search.errors import EmbedderUnavailable, KlastriError
from search.meaning.embedder import Embedder, Vectors
from search.meaning.fusion import FLOOR
from search.meaning.query_centring import QueryCentring

#: Size of the cache, of an entry without its vector, and of a letter of its query.
_CACHE_BYTES = 4_000_000
_ENTRY_BYTES, _LETTER_BYTES = 200, 4
_log = logging.getLogger(__name__)


class _Embedded(NamedTuple):
    """The centred vector of a query, and its language."""

    vector: Vectors
    language: str


class QueryEmbedding:
    """Embeds queries; None while the model fails, which is logged once. Safe for threads.

    ``floor`` is the least nearness of articles to be found.
    """

    def __init__(self, embedder: Embedder, floor: float = FLOOR) -> None:
        self.floor = floor
        self._embedder = embedder
        self._has_failed = False
        self._cache: BoundedCache[str, _Embedded] = BoundedCache(
            _CACHE_BYTES,
            lambda text, found: _ENTRY_BYTES + _LETTER_BYTES * len(text) + found.vector.nbytes,
        )

    @property
    def model(self) -> str:
        """Digest of the model."""
        return self._embedder.digest

    def vector(self, query: str) -> Vectors | None:
        """The centred vector (dimensions,) of ``query``, of length 1."""
        found = self._embedded(query)
        return found and found.vector

    def language(self, query: str) -> str:
        """Code of the language of a ``query`` of several words; in doubt, Estonian."""
        found = self._embedded(query)
        return found.language if found else ESTONIAN

    def _embedded(self, query: str) -> _Embedded | None:
        text = " ".join(query.split())
        known = self._cache.get(text)
        if known is not None:
            return known
        try:
            vector = self._embedder.embed_query(text)
            found = _Embedded(self._centring.centred(vector), self._centring.language(vector))
        except EmbedderUnavailable as error:
            self.note(error)
            return None
        self._has_failed = False
        self._cache[text] = found
        return found

    @cached_property
    def _centring(self) -> QueryCentring:
        return QueryCentring(self._embedder.query_means)

    def note(self, error: KlastriError) -> None:
        """Logs, once until it works again, that search is by words alone, and why."""
        if not self._has_failed:
            _log.warning("Nothing is found by meaning now: %s", error)
        self._has_failed = True
