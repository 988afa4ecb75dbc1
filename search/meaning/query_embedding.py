"""Embeds queries, with a cache; words answer alone while the model fails."""

import logging
from functools import cached_property
from typing import NamedTuple

from search.analysis import ESTONIAN
from search.bounded_cache import BoundedCache
from search.errors import EmbedderUnavailable, KlastriError
from search.meaning.embedder import Embedder, Vectors
from search.meaning.fusion import FLOOR
from search.meaning.query_centring import QueryCentring

_REMEMBERED_BYTES = 4_000_000
#: Bytes of an entry beside its vector, of four for a letter of the query.
_BYTES, _LETTER_BYTES = 200, 4
_log = logging.getLogger(__name__)


class _Embedded(NamedTuple):
    """The centred vector of a query, and its language."""

    vector: Vectors
    language: str


class QueryEmbedding:
    """Gives the vectors of queries; None where the model fails, which the log says once.

    Safe for threads. ``floor`` is the least nearness of what is found.
    """

    def __init__(self, embedder: Embedder, floor: float = FLOOR) -> None:
        self.floor = floor
        self._embedder = embedder
        self._has_failed = False
        self._remembered: BoundedCache[str, _Embedded] = BoundedCache(
            _REMEMBERED_BYTES,
            lambda text, found: _BYTES + _LETTER_BYTES * len(text) + found.vector.nbytes,
        )

    @property
    def model(self) -> str:
        """Digest of the model."""
        return self._embedder.digest

    def vector(self, query: str) -> Vectors | None:
        """The vector (dimensions,) of ``query``, of length 1, without what queries share."""
        found = self._embedded(query)
        return found and found.vector

    def language(self, query: str) -> str:
        """Code of the language of a ``query`` of several words; in doubt, Estonian."""
        found = self._embedded(query)
        return found.language if found else ESTONIAN

    def _embedded(self, query: str) -> _Embedded | None:
        text = " ".join(query.split())
        known = self._remembered.get(text)
        if known is not None:
            return known
        try:
            vector = self._embedder.embed_query(text)
            found = _Embedded(self._centring.centred(vector), self._centring.language(vector))
        except EmbedderUnavailable as error:
            self.note(error)
            return None
        self._has_failed = False
        self._remembered[text] = found
        return found

    @cached_property
    def _centring(self) -> QueryCentring:
        return QueryCentring(self._embedder.query_means)

    def note(self, error: KlastriError) -> None:
        """Says in the log that words answer alone, and why, until it works again."""
        if not self._has_failed:
            _log.warning("Nothing is found by meaning now: %s", error)
        self._has_failed = True
