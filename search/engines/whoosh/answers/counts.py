"""How many documents hold a term: understanding a query asks for dozens of such counts."""

from dataclasses import dataclass

import numpy as np

from search.engines.whoosh.answers.columns import BoolArray
from search.engines.whoosh.postings.lists import PostingLists, PostingsReader
from search.engines.whoosh.postings.phrases import common


@dataclass(frozen=True, slots=True)
class _Count:
    documents: int

    @property
    def size(self) -> int:
        """Bytes held in memory, about."""
        return 300


class Counts:
    """Counts the living documents of terms in title or body; one per open generation."""

    def __init__(self, shared: PostingsReader, alive: BoolArray) -> None:
        self._shared = shared
        self._alive = None if alive.all() else alive

    def of(self, term: str, lists: PostingLists) -> int:
        """Documents that hold ``term`` (with channel prefix); ``lists`` count what that takes."""
        title, body = lists.count("title", term), lists.count("body", term)
        # The dictionary knows it, unless documents have it in both fields or are deleted.
        if self._alive is None and not (title and body):
            return title + body
        key = ("count", term)
        found = self._shared.cache.get(key, _Count)
        if found is None:
            found = self._shared.cache.put(key, _Count(self._living(term)))
        return found.documents

    def _living(self, term: str) -> int:
        title = self._shared.postings("title", term).documents
        body = self._shared.postings("body", term).documents
        both = common(title, body)
        if self._alive is None:
            return len(title) + len(body) - len(both)
        counts = [int(np.count_nonzero(self._alive[each])) for each in (title, body, both)]
        return counts[0] + counts[1] - counts[2]
